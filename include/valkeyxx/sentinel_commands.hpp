// Commands that sentinels understand, for a `sentinel` or a `client` of one sentinel.
//
//   vk::sentinel watch{"valkey+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster"};
//   for (const auto& replica : watch.execute(sentinel_replicas("mymaster"))) std::cout << replica.address.text() <<
//   '\n';
//
// Servers that are no sentinels answer all of them with ERR. Source of all: https://valkey.io/topics/sentinel
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/endpoint.hpp>

namespace valkeyxx {

namespace commands {

/// What a sentinel thinks of a server or of another sentinel, from its comma-separated `flags`.
struct sentinel_flags {
    bool primary = false;       ///< `master`: it is a service's primary
    bool replica = false;       ///< `slave`
    bool s_down = false;        ///< this sentinel has had no valid answer from it for `down_after`
    bool o_down = false;        ///< enough sentinels say the same
    bool disconnected = false;  ///< this sentinel has no connection to it at the moment
    bool failover = false;      ///< `failover_in_progress`: the primary is being replaced, by this sentinel
};

/// A service: its primary, as one sentinel sees it.
struct sentinel_primary {
    std::string name = {};  ///< of the service
    endpoint address = {};  ///< of the primary; while it is being replaced, still of the old one
    std::string id = {};    ///< the server's run id; empty if the sentinel has not learned it
    sentinel_flags flags = {};
    std::uint64_t epoch = 0;  ///< `config-epoch`: grows with each failover; the greater one is the newer one
    std::int64_t replicas = 0;
    std::int64_t other_sentinels = 0;
    std::int64_t quorum = 0;  ///< sentinels that must find the primary down before it is replaced
    std::chrono::milliseconds down_after{0};
    std::chrono::milliseconds last_answer{0};  ///< `last-ok-ping-reply`: how long ago
};

/// A replica of a service, as one sentinel sees it.
struct sentinel_replica {
    endpoint address = {};
    std::string id = {};
    sentinel_flags flags = {};
    bool linked = false;          ///< its link to the primary stands
    endpoint primary = {};        ///< whose replica it says it is
    std::int64_t priority = 100;  ///< 0: never to be promoted
    std::int64_t offset = 0;      ///< how far it has come in the stream of writes
    bool announced = true;        ///< `replica-announced`: clients may be told of it
};

/// Another sentinel that watches the same service.
struct sentinel_peer {
    endpoint address = {};
    std::string id = {};
    sentinel_flags flags = {};
};

/// All services that the sentinel watches.
[[nodiscard]] command<std::vector<sentinel_primary>> sentinel_masters();
/// One service. Errors: ERR if it is not watched.
[[nodiscard]] command<sentinel_primary> sentinel_master(std::string_view service);
/// The replicas of a service, also those that are down. Errors: ERR if the service is not watched.
[[nodiscard]] command<std::vector<sentinel_replica>> sentinel_replicas(std::string_view service);
/// The other sentinels that watch the service. Errors: ERR if it is not watched.
[[nodiscard]] command<std::vector<sentinel_peer>> sentinel_sentinels(std::string_view service);
/// Where the primary is; in the middle of a failover the new one as soon as it is promoted. nullopt: the service is not
/// watched.
[[nodiscard]] command<std::optional<endpoint>> sentinel_get_master_addr_by_name(std::string_view service);
/// The sentinel's own id.
[[nodiscard]] command<std::string> sentinel_myid();
/// Whether the sentinels could replace the primary now: a sentence that starts with OK. Errors: NOQUORUM says why not.
[[nodiscard]] command<std::string> sentinel_ckquorum(std::string_view service);

/// Replaces the primary without asking the other sentinels. It has only begun when this returns. Errors: NOGOODSLAVE,
/// INPROG.
[[nodiscard]] command<void> sentinel_failover(std::string_view service);
/// Watches another service from now on. Errors: ERR if the name is taken or the host unknown.
[[nodiscard]] command<void> sentinel_monitor(std::string_view service, const endpoint& primary, std::int64_t quorum);
/// Watches a service no longer.
[[nodiscard]] command<void> sentinel_remove(std::string_view service);
/// Forgets what was learned of the services whose names match (replicas, sentinels, failovers); how many there were.
[[nodiscard]] command<std::int64_t> sentinel_reset(std::string_view pattern);
/// Changes an option of a service. Example: `sentinel_set("mymaster", "quorum", "2")`
[[nodiscard]] command<void> sentinel_set(std::string_view service, std::string_view option, std::string_view value);
/// Writes the configuration file anew.
[[nodiscard]] command<void> sentinel_flushconfig();
/// Options of the sentinel itself whose names match.
[[nodiscard]] command<std::unordered_map<std::string, std::string>> sentinel_config_get(std::string_view pattern);
[[nodiscard]] command<void> sentinel_config_set(std::string_view option, std::string_view value);
/// What the sentinel has kept of INFO from the primary and the replicas, as it came.
[[nodiscard]] command<value> sentinel_info_cache(std::string_view service);
/// Scripts that wait or run, as they come.
[[nodiscard]] command<value> sentinel_pending_scripts();
/// For tests: the sentinel ends at that point of the next failover it leads, such as "crash-after-election".
[[nodiscard]] command<void> sentinel_simulate_failure(std::string_view when);

}  // namespace commands

template <>
struct reply_to<commands::sentinel_primary> {
    static result<commands::sentinel_primary> from(reply_view v);
};
template <>
struct reply_to<commands::sentinel_replica> {
    static result<commands::sentinel_replica> from(reply_view v);
};
template <>
struct reply_to<commands::sentinel_peer> {
    static result<commands::sentinel_peer> from(reply_view v);
};
/// A pair of host and port. Error `unexpected_reply` unless the port is from 0 to 65535.
template <>
struct reply_to<endpoint> {
    static result<endpoint> from(reply_view v);
};

}  // namespace valkeyxx
