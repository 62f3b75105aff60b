// Where a command goes if not where its keys or the server's tips lead it.
//
//   cluster.execute(config_get("maxmemory"), on(node));              // one node, and no other
//   cluster.execute(get("user:1"), on_primary());                    // whatever config::read_from says
//   for (auto& [node, keys] : cluster.execute_each(dbsize(), on_all_nodes())) ...
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/result.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx {

/// A node, or a set of nodes, for one command. A value; made by the functions below. Thread-safe to read.
class target {
  public:
    enum class where : std::uint8_t {
        by_command,    ///< by its keys; without keys as the server's tips say, or to the default node
        primary,       ///< as by_command, but reads go to the primary too
        slot,          ///< the primary of `slot`
        random_node,   ///< any primary or replica
        default_node,  ///< see cluster::default_node
        node,          ///< the one in `nodes`
        some_nodes,    ///< those in `nodes`
        all_nodes,
        all_primaries,
        all_replicas,
    };

    explicit target(where to, std::uint16_t slot = 0, std::vector<endpoint> nodes = {})
        : to_{to}, slot_{slot}, nodes_{std::move(nodes)} {}

    [[nodiscard]] where to() const noexcept { return to_; }
    [[nodiscard]] std::uint16_t slot() const noexcept { return slot_; }
    [[nodiscard]] const std::vector<endpoint>& nodes() const noexcept { return nodes_; }
    /// Whether it may mean more than one node.
    [[nodiscard]] bool many() const noexcept { return to_ >= where::some_nodes; }

  private:
    where to_;
    std::uint16_t slot_;
    std::vector<endpoint> nodes_;
};

/// This node of the cluster and no other: it is not sent on when the node answers MOVED, which is then the result.
/// Error `unknown_node`: the topology does not name it.
[[nodiscard]] inline target on(endpoint node) {
    return target{target::where::node, 0, {std::move(node)}};
}
[[nodiscard]] inline target on(const node_info& node) {
    return on(node.address);
}
/// These nodes, each on its own.
[[nodiscard]] inline target on(std::vector<endpoint> nodes) {
    return target{target::where::some_nodes, 0, std::move(nodes)};
}
/// The primary that serves a slot; requires slot < slot_count.
[[nodiscard]] inline target on_slot(std::uint16_t slot) {
    return target{target::where::slot, slot};
}
/// The primary, also for a command that config::read_from would send to a replica: it reads what was written last.
[[nodiscard]] inline target on_primary() {
    return target{target::where::primary};
}
[[nodiscard]] inline target on_default_node() {
    return target{target::where::default_node};
}
[[nodiscard]] inline target on_random_node() {
    return target{target::where::random_node};
}
[[nodiscard]] inline target on_all_nodes() {
    return target{target::where::all_nodes};
}
[[nodiscard]] inline target on_all_primaries() {
    return target{target::where::all_primaries};
}
[[nodiscard]] inline target on_all_replicas() {
    return target{target::where::all_replicas};
}

/// What one node said to a command for several: see `execute_each`.
template <class R>
struct node_result {
    endpoint node;
    result<R> reply;
};

}  // namespace valkeyxx
