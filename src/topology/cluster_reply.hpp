// The reply to CLUSTER SLOTS, read as untrusted input.
#pragma once

#include <string_view>

#include <valkeyxx/result.hpp>
#include <valkeyxx/shard_map.hpp>
#include <valkeyxx/value.hpp>

namespace valkeyxx::topology {

/// Builds the map that a node's answer to CLUSTER SLOTS describes.
///
/// A node whose host is empty or null is reached at `asked_host`, the host that the question went to; one whose host is
/// "?" does not know its own name yet and is left out (as a replica) or leaves its slots uncovered (as a primary).
/// Fields that newer servers append are ignored. Ranges with the same primary are one shard. Error `no_topology`: the
/// answer has another shape, a slot or port out of range, or two primaries for one slot. Source:
/// https://valkey.io/commands/cluster-slots
result<shard_map> read_cluster_slots(reply_view reply, std::string_view asked_host);

}  // namespace valkeyxx::topology
