// What is different between two topologies.
//
//   void topology_replaced(const vk::shard_map& before, const vk::shard_map& now) override {
//       for (const auto& p : vk::compare(before, now).promoted) page(p.now.text() + " has taken over");
//   }
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx {

/// The way from one topology to another. Nodes are told apart by their addresses. A value; all lists are in ascending
/// order.
struct topology_change {
    /// A node that was a replica is a primary.
    struct promotion {
        endpoint now = {};                    ///< the new primary
        std::optional<endpoint> before = {};  ///< whose replica it was
        bool operator==(const promotion&) const = default;
    };
    /// Slots are served by another node, or by none, and not because a replica has taken over from its primary.
    struct move {
        slot_range slots = {};
        std::optional<endpoint> from = {};  ///< nullopt: nobody served them
        std::optional<endpoint> to = {};    ///< nullopt: nobody serves them
        bool operator==(const move&) const = default;
    };

    std::vector<endpoint> came = {};       ///< nodes that were not there
    std::vector<endpoint> left = {};       ///< nodes that are there no more
    std::vector<promotion> promoted = {};  ///< replicas that have become primaries
    std::vector<endpoint> demoted = {};    ///< primaries that have become replicas
    std::vector<move> moved = {};          ///< each range as long as possible

    /// Nothing of this has happened. Replicas may have changed shards, or something about a node that is not its place.
    [[nodiscard]] bool empty() const noexcept {
        return came.empty() && left.empty() && promoted.empty() && demoted.empty() && moved.empty();
    }
    /// How many slots `moved` has.
    [[nodiscard]] std::size_t moved_slots() const noexcept;

    bool operator==(const topology_change&) const = default;
};

/// In time proportional to the number of slots and nodes.
topology_change compare(const shard_map& before, const shard_map& now);

}  // namespace valkeyxx
