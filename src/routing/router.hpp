// Which node serves a slot now: the last topology, mended by each MOVED since.
//
//   router r{seed};
//   r.adopt(map, r.tick());                    // from CLUSTER SLOTS
//   r.moved(866, r.intern({"10.0.0.7", 7001})); // from a MOVED
//   node_id n = r.primary(866);
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "routing/node_id.hpp"

#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::routing {

class router {
  public:
    explicit router(std::uint64_t seed);

    /// The id of the node at an endpoint, which is added if it is not known yet.
    node_id intern(const endpoint& at);
    [[nodiscard]] const endpoint& at(node_id node) const noexcept { return endpoints_[node]; }
    /// How many ids have been given out: they are 0 to this - 1.
    [[nodiscard]] std::size_t known_nodes() const noexcept { return endpoints_.size(); }

    /// A moment in the router's own time: it passes with each `moved`.
    [[nodiscard]] std::uint32_t tick() const noexcept { return tick_; }

    /// Takes over a topology that was asked for at `asked`: slots that have moved since keep what the MOVED said.
    void adopt(const shard_map& map, std::uint32_t asked);

    /// A node said that `slot` is served by `to`. If `to` is a replica of the slot's shard, that was a failover: the
    /// whole shard has a new primary. Else it is a migration: the one slot has moved.
    void moved(std::uint16_t slot, node_id to);

    /// The primary that serves the slot, `no_node` if nobody is known to; requires slot < slot_count.
    [[nodiscard]] node_id primary(std::uint16_t slot) const noexcept {
        const auto index = shard_of_[slot];
        return index == nobody ? no_node : shards_[index].primary;
    }
    /// Whether the node is a primary or a replica of the map as it stands.
    [[nodiscard]] bool serves(node_id node) const noexcept;
    /// Every node of the map as it stands.
    [[nodiscard]] std::vector<node_id> members() const;
    /// Some primary, a different one each time; `no_node` if none is known.
    node_id any_primary() noexcept;
    /// True once a topology has been adopted.
    [[nodiscard]] bool ready() const noexcept { return ready_; }

    /// The map as it stands, with each MOVED worked in.
    [[nodiscard]] shard_map snapshot() const;

    base::random& random() noexcept { return random_; }

  private:
    static constexpr std::uint16_t nobody = 0xFFFF;

    struct group {
        node_id primary = no_node;
        std::vector<node_id> replicas;
    };

    std::uint16_t shard_with_primary(node_id node);

    std::vector<endpoint> endpoints_;
    std::unordered_map<endpoint, node_id> ids_;
    std::vector<std::string> cluster_ids_;  // by node_id: the cluster's own name of the node, if known
    std::vector<group> shards_;
    std::array<std::uint16_t, slot_count> shard_of_{};
    std::array<std::uint32_t, slot_count> moved_at_{};  // tick of the last MOVED of each slot
    std::uint32_t tick_ = 0;
    std::size_t next_any_ = 0;
    bool ready_ = false;
    base::random random_;
};

}  // namespace valkeyxx::routing
