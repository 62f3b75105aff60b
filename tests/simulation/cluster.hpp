// The cluster as a whole: news from node to node, the detection of failures, elections, and what an operator does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node.hpp"

namespace valkeyxx::simulation {

class cluster {
  public:
    explicit cluster(world& w);

    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] node& at(int index) noexcept { return *nodes_[static_cast<std::size_t>(index)]; }
    [[nodiscard]] const node& at(int index) const noexcept { return *nodes_[static_cast<std::size_t>(index)]; }
    /// The primary that a majority follows; nobody while a shard has none.
    [[nodiscard]] int primary_of_shard(std::size_t n) const noexcept { return shards_[n].primary; }
    [[nodiscard]] std::size_t shards() const noexcept { return shards_.size(); }
    /// Who owns the chunk: of those who claim it, the one with the newest epoch.
    [[nodiscard]] int owner(chunk_index c) const noexcept;

    /// Begins the regular work, which goes on until the run ends.
    void start();
    /// All nodes run, agree and serve.
    [[nodiscard]] bool settled() const { return unsettled().empty(); }
    /// Why not; empty: it has.
    [[nodiscard]] std::string unsettled() const;

    // What can happen to it.
    void restart(node& n, bool elsewhere);
    /// Ends every partition.
    void join();
    void cut_client(node& n, bool cut);
    /// The replica takes over; false if it cannot.
    bool promote(node& replica, bool with_all_data);
    /// Moves a chunk to another primary, key by key; false if this is not possible now.
    bool migrate(chunk_index c, int to, duration each_key);
    /// Names resolve to where the nodes are now.
    void publish_names(bool seeds_too = true);

    [[nodiscard]] bool data_was_lost() const noexcept { return data_was_lost_; }
    void note_data_loss() noexcept { data_was_lost_ = true; }

  private:
    struct shard {
        int primary = nobody;
        time_point missed_since{};  // the epoch: it is not missed
        duration patience{};        // from the failure to the election
    };

    void build();
    void tick();
    void replicate();
    void count_majorities();
    void detect();
    void elect();
    void pass_on();
    void tell(node& to, const claim& news, bool again = false);
    void follow(node& n, int primary);
    [[nodiscard]] bool reach(const node& a, const node& b) const noexcept;
    [[nodiscard]] bool with_majority(const node& n) const noexcept;
    void step_migration(chunk_index c, int from, int to, std::size_t next_key, duration each_key);
    void finish_migration(chunk_index c, node& from, node& to);
    void give_up_migration(chunk_index c, node& from, node& to);
    place fresh_place();

    world& world_;
    std::vector<std::unique_ptr<node>> nodes_;
    std::vector<shard> shards_;
    std::vector<time_point> absent_since_;
    std::vector<std::size_t> primaries_in_group_;
    std::uint32_t last_epoch_ = 0;
    std::uint32_t places_ = 0;
    std::vector<bool> has_news_;
    bool calm_ = true;
    bool data_was_lost_ = false;
};

}  // namespace valkeyxx::simulation
