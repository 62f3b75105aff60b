// What a client has done so far, and what it is doing at each of its nodes.
//
//   for (const vk::node_stats& n : cluster.node_statistics()) std::cout << n.node.text() << ' ' << n.in_flight << '\n';
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <valkeyxx/endpoint.hpp>

namespace valkeyxx {

/// Counters since the client was made. A value: a copy taken at one moment.
struct stats {
    std::uint64_t commands = 0;     ///< commands that were started
    std::uint64_t moved = 0;        ///< MOVED (of single servers: REDIRECT) followed
    std::uint64_t ask = 0;          ///< ASK redirects followed
    std::uint64_t retries = 0;      ///< waits for another try: rejected, or lost without having run
    std::uint64_t refreshes = 0;    ///< topologies asked for
    std::uint64_t connects = 0;     ///< connections that became ready
    std::uint64_t disconnects = 0;  ///< connections that broke or could not be made
    std::uint64_t under_way = 0;    ///< no counter: commands that have not ended yet, at this moment
    /// No counter: commands that are to be started when there is room for them, in the client or at their shard, at
    /// this moment (see `full_policy::wait`). They are not under way yet.
    std::uint64_t waiting_for_room = 0;
};

/// What a node is to a client.
enum class node_role : std::uint8_t {
    none,      ///< neither: it has left, or is a seed whose name is not the cluster's own
    primary,   ///< in the topology as it stands
    replica,   ///< in the topology as it stands
    sentinel,  ///< it is asked who the primary is
};

/// "none", "primary", "replica", "sentinel".
std::string_view to_string(node_role role) noexcept;

/// One node as a client sees it. Levels are those of one moment, counters count since the client was made. A value.
struct node_stats {
    endpoint node = {};  ///< how it is reached
    node_role role = node_role::none;
    /// Level: connections that are ready, those for reads from replicas, of sessions and of subscriptions included.
    std::size_t connections = 0;
    std::size_t connecting = 0;  ///< level: connections that are being made
    /// Level: requests that are written, or about to be, and have no reply yet; those whose caller has given up and the
    /// client's own questions included.
    std::size_t in_flight = 0;
    /// Level: requests that wait for a connection to the node, for their next try there, or for room (see
    /// `full_policy::wait`).
    std::size_t queued = 0;
    /// Level: bytes that the network has not taken yet. If it stays above 0, the node does not read, or the way to it
    /// is too narrow.
    std::size_t queued_bytes = 0;
    std::uint64_t commands = 0;  ///< requests written to it, retries and the client's own questions included
    /// Error replies of it, redirects included, and requests that were lost with a connection to it or waited for one
    /// in vain.
    std::uint64_t errors = 0;
    std::uint64_t reconnects = 0;  ///< connections that took the place of earlier ones
    bool suspected = false;        ///< it leaves its oldest command unanswered (see config::suspect_after)
};

}  // namespace valkeyxx
