// A cluster as a scan sees it: nodes with their own beliefs, hash seeds and cursors, slots that move, nodes that die.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "routing/node_look.hpp"
#include "support/wire.hpp"

#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::testing {

class scan_model {
  public:
    static constexpr int slots = 48;  // of those the model has; the others are not looked at

    scan_model(std::uint64_t seed, int nodes, std::vector<routing::scan_order> orders);

    /// One thing happens, or nothing.
    void happen();
    /// Every migration that can be is finished; what was dead is replaced.
    void calm_down(bool leave_migrations);
    void begin_migration(int slot, int to);
    void move_key(int slot);

    /// The answer of the node at this address to a request, as bytes in RESP. nullopt: nobody answers.
    std::optional<std::string> answer(const endpoint& at, const std::vector<std::string_view>& words);
    /// What a command on the slot leads to: its primary is there, and the client's map is right.
    void find_owner();
    std::shared_ptr<const shard_map> map() const { return map_; }
    /// The client learns of what has changed, perhaps.
    void refresh_map();

    const std::set<std::string>& lasting() const { return lasting_; }
    bool ever_had(const std::string& key) const { return lasting_.contains(key) || passing_.contains(key); }

  private:
    /// Found by an `int`, as all in the model is.
    template <class T>
    struct numbered : std::vector<T> {
        using std::vector<T>::vector;
        T& operator[](int i) { return std::vector<T>::operator[](static_cast<std::size_t>(i)); }
        const T& operator[](int i) const { return std::vector<T>::operator[](static_cast<std::size_t>(i)); }
    };

    struct node {
        std::string id{};
        endpoint at{};
        std::string process{};
        std::uint64_t epoch = 0;
        std::uint32_t seed = 0;
        routing::scan_order order = routing::scan_order::by_slot;
        bool up = true;
        bool primary = true;
        numbered<int> belief{};  // who serves each slot
        std::map<int, int> migrating{};
        std::map<int, int> importing{};
        std::map<int, std::set<std::string>> keys{};
    };

    int roll(int bound) { return static_cast<int>(dice_() % static_cast<std::uint64_t>(bound)); }
    int add_node(routing::scan_order order);
    bool serves(int n) const { return nodes_[n].up && nodes_[n].primary; }
    void start_some_migration();
    void go_on_with_some_migration();
    void finish(int slot);
    void move_whole_slot();
    void fail_over(int n, bool stays);
    void restart(int n);
    void bump(int n);
    void change_passing_keys();
    std::uint32_t hash(const node& n, const std::string& key) const;
    std::string nodes_text(int viewer) const;
    std::string scan(node& n, std::uint64_t cursor, std::uint64_t count, std::optional<int> last_slot);
    std::string scan_mixed(node& n, std::uint64_t cursor, std::uint64_t count);
    std::string cluster_scan(int n, std::string_view cursor, std::uint64_t count);
    std::string page(std::string next, const std::vector<std::string>& keys) const;

    std::mt19937_64 dice_;
    numbered<node> nodes_;
    numbered<int> owner_;
    numbered<std::function<void()>> news_;  // that somebody has not heard yet
    std::set<std::string> lasting_;
    std::set<std::string> passing_;
    std::shared_ptr<const shard_map> map_;
    std::uint64_t max_epoch_ = 0;
    std::map<int, int> moves_;  // of each slot
    int started_ = 0;
};

}  // namespace valkeyxx::testing
