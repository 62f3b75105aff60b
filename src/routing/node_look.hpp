// What a node says of itself before and after a part of its keys is scanned: which process it is, and which slots it
// has for good.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/slot_set.hpp"

#include <valkeyxx/command.hpp>
#include <valkeyxx/commands/cluster_admin.hpp>
#include <valkeyxx/result.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::routing {

/// How a node goes through its keys.
enum class scan_order : std::uint8_t {
    mixed,    ///< the keys of all slots together: nothing is complete before the end
    by_slot,  ///< one slot after the other; the slot is in the low 14 bits of the cursor (since Valkey 8.0)
    tagged,   ///< so too, by CLUSTERSCAN, whose cursors have a hash tag of the slot (since Valkey 9.1)
};

/// A node that is to be asked.
struct scan_node {
    endpoint at{};
    bool by_cluster = false;  ///< `at` is what the cluster calls it: it is not in the topology

    bool operator==(const scan_node&) const = default;
};

struct node_look {
    std::string process{};
    std::uint64_t epoch = 0;
    bool ready = true;   ///< it is a primary that sees the cluster working
    slot_set owned{};    ///< slots that are its own by its own view
    slot_set leaving{};  ///< those of them whose keys are being moved away
    scan_order order = scan_order::mixed;
    std::string id{};
    std::vector<commands::cluster_node> nodes{};  ///< the cluster as it sees it

    /// The id of the node that a leaving slot goes to; empty if it does not leave.
    [[nodiscard]] std::string target_of(std::uint16_t slot) const;
    /// The node that it says serves the slot; nullptr if none.
    [[nodiscard]] const commands::cluster_node* owner_of(std::uint16_t slot) const;
    [[nodiscard]] const commands::cluster_node* self() const;
};

/// The questions, in their order: CLUSTER NODES, CLUSTER INFO, INFO; of one server the last alone.
std::vector<encoded_command> look_questions(bool one_server);

/// Reads the answers as they come, in the order of the questions.
class look_reader {
  public:
    explicit look_reader(bool one_server) : one_server_{one_server} {}

    /// Error `unexpected_reply`: it cannot be understood.
    result<void> take(std::size_t question, reply_view reply);
    /// Requires that all have been taken.
    node_look look() && { return std::move(look_); }

  private:
    result<void> take_nodes(reply_view reply);

    bool one_server_;
    node_look look_;
};

/// Where to reach a node of CLUSTER NODES: as the topology says, or where the cluster says. nullopt: nowhere.
std::optional<scan_node> reach(const commands::cluster_node& node, const shard_map& map);

}  // namespace valkeyxx::routing
