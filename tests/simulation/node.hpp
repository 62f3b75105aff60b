// One simulated server process: its connections, its data, what it believes, and what is wrong with it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "listener.hpp"
#include "place.hpp"
#include "view.hpp"

namespace valkeyxx::simulation {

struct world;

enum class process : std::uint8_t {
    up,
    stopped,  ///< as by SIGSTOP: the kernel still takes connections and bytes
    frozen,   ///< the whole machine: nothing answers, and all goes on when it thaws
    down,     ///< no process: connections are refused
    off,      ///< no machine: silence
};

/// A write, for the replicas.
struct change {
    time_point when;
    std::size_t key;
    std::string value;
};

class node final : public listener {
  public:
    node(world& w, int index, place at);

    [[nodiscard]] int index() const noexcept { return index_; }
    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    [[nodiscard]] std::string name() const;
    [[nodiscard]] std::string zone() const { return index_ % 2 == 0 ? "zone-a" : "zone-b"; }
    [[nodiscard]] bool is_primary() const noexcept { return primary == nobody; }
    [[nodiscard]] bool runs() const noexcept { return state_ == process::up; }
    [[nodiscard]] process state() const noexcept { return state_; }
    [[nodiscard]] bool loading() const noexcept { return scheduler::now() < loading_until; }
    /// It takes no commands for its slots: it is alone, or has just come back, or slots are uncovered.
    [[nodiscard]] bool cluster_down() const;
    [[nodiscard]] claim word() const;

    // listener
    [[nodiscard]] door at_the_door() const noexcept override;
    [[nodiscard]] bool cut_off() const noexcept override { return cut; }
    duration latency() noexcept override;
    void accepted(const std::shared_ptr<link>& from) override;
    void heard(link& from) override;

    /// What happens to the process. A process that ends loses its connections.
    void become(process p);
    void start_at(place at);
    /// Closes every connection.
    void drop_clients();

    // Data.
    void write(std::size_t key, std::string value);
    [[nodiscard]] const std::string& read(std::size_t key) const { return data[key]; }
    /// As a replica: takes in what its primary has sent by now, or, `all`, has ever written.
    void catch_up(const node& from, bool all = false);

    // What the cluster keeps here; plain, for it is the one that changes them.
    place at;
    view sees;
    int primary = nobody;  ///< whose replica; nobody: it is a primary
    int shard = 0;
    std::uint32_t version = 1;
    std::uint32_t epoch = 0;
    int group = 0;  ///< nodes of different groups do not reach each other
    bool cut = false;
    bool refuses = false;   ///< it takes the cluster for down, for no reason that others know
    bool isolated = false;  ///< it has missed the majority for too long
    time_point ready_again{};
    time_point loading_until{};
    bool view_frozen = false;
    std::map<chunk_index, int> lies;  ///< where it sends commands for a chunk, whatever is true; nobody: nowhere
    std::map<chunk_index, int> migrating;
    std::map<chunk_index, int> importing;
    int handing_over = 0;  ///< chunks that are another one's already, of which this one has not been told

    std::vector<std::string> data;  ///< by key; empty: there is none
    std::vector<change> log;
    std::uint32_t log_number = 0;  ///< of this log: a new one begins with a promotion
    int source = nobody;           ///< replica: whose data it holds
    std::uint32_t source_log = 0;
    std::size_t position = 0;  ///< in its log
    duration lag{};
    bool linked = false;

    duration slowness{};  ///< of each command
    duration distance{};  ///< of the way to it, in addition

    // Of CLUSTER SLOTS, whose text may be long: what it was made from, and the text.
    std::uint64_t slots_revision = 0;
    std::string slots_text;

  private:
    void serve(link& from);

    world& world_;
    int index_;
    std::string id_;
    process state_ = process::up;
    std::vector<std::shared_ptr<link>> links_;
    time_point busy_until_{};
    std::string out_;
};

}  // namespace valkeyxx::simulation
