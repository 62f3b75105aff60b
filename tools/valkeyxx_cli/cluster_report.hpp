// How a cluster is: every node that its nodes know of, and whether each answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <valkeyxx/cluster.hpp>

namespace valkeyxx::cli {

struct node_report {
    std::string id{};
    endpoint address{};
    bool is_primary = false;
    std::optional<std::size_t> shard{};  ///< in the order of slots; nullopt: of a shard without slots
    std::vector<slot_range> slots{};     ///< of primaries
    bool is_up = false;
    // Only of those that are up.
    std::string availability_zone{};       ///< empty: it has none
    std::optional<std::int64_t> offset{};  ///< of replication, in bytes: what it has written or received
    std::string link{};                    ///< of a replica to its primary: "up", "down"
};

struct cluster_report {
    std::vector<node_report> nodes{};  ///< by shard, primaries first; those without a shard last
    std::size_t covered_slots = 0;
    std::vector<std::string> problems{};  ///< what could not be found out, in sentences
};

/// Asks every node. `settings` are those of the client; throws `exception` if no node tells the topology.
cluster_report look_at(cluster& client, const config& settings);

/// One line.
std::string to_json(const cluster_report& report);
/// A table, with each replica's lag.
std::string to_text(const cluster_report& report);

}  // namespace valkeyxx::cli
