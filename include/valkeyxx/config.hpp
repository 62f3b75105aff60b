// Everything that can be set, each with a default that needs no thought.
//
//   vk::config c{.seeds = {{"10.0.0.1", 6379}, {"10.0.0.2", 6379}}};
//   c.command_timeout = 2s;
//   vk::cluster cluster{c};
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/cache.hpp>
#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/result.hpp>
#include <valkeyxx/tls.hpp>

namespace valkeyxx {

class credential_source;
class observer;
class sentinel_link;

/// When a command whose reply was lost may be sent once more.
enum class repeat_policy : std::uint8_t {
    /// Only commands that change nothing, or nothing more when run twice (GET, SET k v, EXPIRE ...). Others fail with
    /// `connection_lost` and `may_have_run()`.
    at_most_once,
    /// Any command: a counter may count twice.
    at_least_once,
};

/// By which connections messages of Pub/Sub come.
enum class push_connection : std::uint8_t {
    own,     ///< of their own, one to each node that is needed
    shared,  ///< those of the commands, where they speak RESP3; a flood of messages then delays replies
};

/// What happens to a command that is one too many.
enum class full_policy : std::uint8_t {
    fail,  ///< it fails at once with `queue_full`: who can do without it learns so soonest
    wait,  ///< it waits for room, in the order of the calls, as long as its deadline allows
};

/// Who answers commands that only read. Replicas lag behind their primary: what was just written may not be there yet.
/// A replica that is down, still loading, or cut off from its primary is left out until it is well again; if no node
/// that may answer is well, another one of the shard does, the primary at last. Writes always go to the primary.
enum class read_from : std::uint8_t {
    primary,         ///< the primary alone: reads see what was written
    prefer_replica,  ///< the replicas in turn; the primary if there is none
    round_robin,     ///< replicas and primary in turn
    random,          ///< replicas and primary at random
    lowest_latency,  ///< whichever answers soonest
    same_zone,       ///< a replica, else the primary, of config::availability_zone; else the replicas in turn
};

/// How a client reaches its cluster and what it does when something fails. A plain aggregate; copied by the client,
/// together with pointers to what clients may share: observer, credential sources, link to sentinels.
struct config {
    /// Nodes to ask for the topology at first; one that answers is enough. At least one; of a client of one server,
    /// that server; with `service`, sentinels. URL: valkey://host:port,host:port
    std::vector<endpoint> seeds = {};

    /// The service whose primary is to be found by asking sentinels; empty: there are none, `seeds` are the servers
    /// themselves. URL: valkey+sentinel://sentinel,sentinel/service
    std::string service = {};
    /// The ACL user of the sentinels, which have users and passwords of their own; empty: their default user. URL:
    /// sentinel_username
    std::string sentinel_username = {};
    /// Empty: no authentication at the sentinels. Appears in no error, log or metric. URL: sentinel_password
    std::string sentinel_password = {};
    /// Asked for the user and password of the sentinels, instead of the two above; none by default.
    std::shared_ptr<credential_source> sentinel_credentials = {};
    /// A sentinel that knows of fewer others is not believed, since it may be cut off from them. URL:
    /// min_other_sentinels
    std::int64_t min_other_sentinels = 0;
    /// Listen to what sentinels announce, so that a failover is followed at once. It takes RESP3. Without, they are
    /// asked once a second. URL: sentinel_events=yes|no
    bool sentinel_events = true;
    /// Ask the sentinels, and listen to them, by connections that other clients use, too; nullptr: by connections of
    /// the client's own. What is said here of how to reach sentinels is then only needed there. See sentinel_link.hpp.
    std::shared_ptr<sentinel_link> shared_sentinels = {};

    /// The ACL user; empty: the server's default user. URL: valkey://user:password@...
    std::string username = {};
    /// Empty: no authentication. Appears in no error, log or metric. URL: valkey://user:password@...
    std::string password = {};
    /// Asked for user and password by each connection that is made, and again when they have changed, instead of the
    /// two above; none by default. See credentials.hpp.
    std::shared_ptr<credential_source> credentials = {};
    /// Encryption, and who is trusted; off by default. URL: valkeys://, and the options that start with `tls_`
    tls_options tls = {};
    /// The same for connections to sentinels; nullopt: as `tls` says. URL: sentinel_tls=no leaves them unencrypted
    std::optional<tls_options> sentinel_tls = {};

    /// The numbered database. Clusters have others than 0 since Valkey 9, if their `cluster-databases` says so; where
    /// there is none of this number, no command runs, and its error has what the server says about SELECT. URL:
    /// valkey://host:port/2
    int database = 0;
    /// Shown by CLIENT LIST; empty: none. URL: client_name
    std::string client_name = {};
    /// Ask servers to spare these connections when they close others for want of memory (`CLIENT NO-EVICT on`). A
    /// server that does not know it, or a user who may not, does without. URL: no_evict=yes|no
    bool no_evict = false;
    /// Commands leave no trace at how long ago, or how often, a key was used (`CLIENT NO-TOUCH on`, since 7.2), so that
    /// a job that looks at everything does not keep it in memory. A server that does not know it, or a user who may
    /// not, does without. URL: no_touch=yes|no
    bool no_touch = false;
    /// 3: RESP3, or RESP2 where the server does not know it. 2: RESP2. URL: protocol
    int protocol = 3;

    /// For one connection: name resolution, TCP and the handshake together. From 1 ms. URL: connect_timeout
    std::chrono::milliseconds connect_timeout{1000};
    /// A connection on which nothing has come for this long is asked by the kernel whether the peer is still there, and
    /// again after each third of it; three questions without an answer end it (or one, once `tcp_user_timeout` has
    /// passed as well). In whole seconds, rounded up. 0: TCP keepalive stays off, unless the system says otherwise.
    /// Linux: tcp(7), TCP_KEEPIDLE. URL: tcp_keepalive
    std::chrono::milliseconds tcp_keepalive{15'000};
    /// A connection whose peer has not taken what was sent for this long, and for `command_timeout`, is given up by the
    /// kernel. 0: the system's own time, some 15 minutes. Linux: tcp(7), TCP_USER_TIMEOUT. URL: tcp_user_timeout
    std::chrono::milliseconds tcp_user_timeout{10'000};
    /// For one command, from the call to its result: connecting, queueing, redirects and retries included. From 1 ms.
    /// URL: command_timeout
    std::chrono::milliseconds command_timeout{5000};
    /// Commands that wait at the server for others (BLPOP ...), too, end after `command_timeout`. By default the time
    /// that they may wait is added to it, and those that wait without end have no deadline. URL: limit_blocking=yes|no
    bool limit_blocking = false;
    /// MOVED and ASK that one command follows in a row before it fails with `too_many_redirects`. URL: max_redirects
    int max_redirects = 16;
    /// What happens to a command whose reply is lost. URL: repeat=at_most_once|at_least_once
    repeat_policy repeat = repeat_policy::at_most_once;
    /// Times that one command is tried again after it was rejected or lost; the deadline usually ends it sooner. Then
    /// it fails with the last reason. URL: max_retries
    int max_retries = 1000;
    /// Commands that may be under way in one client; what happens to more says `when_full`. URL: max_in_flight
    std::size_t max_in_flight = 100'000;
    /// Bytes, as they are sent, of the commands that may be under way in one client, so that what waits for a node that
    /// has stopped does not fill the memory; one command may always be. Those that have ended at their deadline count
    /// for as long as they still have to be sent. At least 1. URL: max_bytes_in_flight
    std::size_t max_bytes_in_flight = 1'073'741'824;
    /// What happens to commands beyond those two limits, or the two below. URL: when_full=fail|wait
    full_policy when_full = full_policy::fail;
    /// Commands that may be under way to one shard, so that a dead one cannot take the room of the others; those whose
    /// deadline has passed count until the shard has answered. 0: half of max_in_flight, or all of it where there is
    /// one shard only. URL: max_in_flight_per_shard
    std::size_t max_in_flight_per_shard = 0;
    /// Their bytes; one command may always be under way to a shard. 0: half of max_bytes_in_flight, or all of it where
    /// there is one shard only. URL: max_bytes_in_flight_per_shard
    std::size_t max_bytes_in_flight_per_shard = 0;
    /// Connections that commands which wait for other clients (BLPOP, XREAD BLOCK ...) and sessions may have for
    /// themselves at one node; what would need one more waits for one to become free, as long as its deadline allows.
    /// At least 1. URL: max_exclusive_connections
    std::size_t max_exclusive_connections = 256;
    /// A node that leaves its oldest command unanswered, and says nothing else, for this long is suspected: the others
    /// are asked whether it was replaced, and reads go elsewhere. Found out after up to twice that. URL: suspect_after
    std::chrono::milliseconds suspect_after{350};
    /// An asynchronous client asks its connections to a node with a PING when nothing was asked of them for this long;
    /// one that is not answered within `connect_timeout` is replaced before a command needs it. 0: never. (Between the
    /// calls of a synchronous client nothing happens; the system's keepalive looks after its connections.) URL:
    /// ping_interval
    std::chrono::milliseconds ping_interval{10'000};

    /// Who answers commands that only read. URL: read_from=primary|prefer_replica|...
    read_from reads = read_from::primary;
    /// Where this client runs, for `read_from::same_zone`; servers have it as their `availability-zone`. URL:
    /// availability_zone
    std::string availability_zone = {};

    /// Which replies are kept, and how long; off by default. URL: cache=yes, and the options that start with `cache_`
    cache_options cache = {};

    /// Topology refreshes start at least so far apart (and up to half as much again, at random). URL: refresh_interval
    std::chrono::milliseconds refresh_interval{350};
    /// Refresh also without a reason, this far apart; 0: only when something points to a change, and every 5 s if
    /// `reads` is not `primary`, since nothing else tells of replicas that come back. It happens while the client's
    /// loop is turned. URL: refresh_every
    std::chrono::milliseconds refresh_every{0};
    /// Accept only topologies in which every slot is served. Without one yet, commands end with `no_topology`; later
    /// they go on with the one that there was. URL: require_full_coverage=yes|no
    bool require_full_coverage = false;
    /// Ask nodes that the cluster names for the topology, besides the seeds. Seeds are never forgotten. URL:
    /// dynamic_seeds=yes|no
    bool dynamic_seeds = true;
    /// Where to reach what the cluster calls by this address: behind NAT, in containers, through tunnels. Applied to
    /// every address that a node names: in topologies, MOVED and ASK. Must give the same answer each time; runs while
    /// the client holds its lock and must not call the client or throw. None by default.
    std::function<endpoint(const endpoint&)> address_remap = {};
    /// Applies `address_remap` to the seeds as well. URL: remap_seeds=yes|no
    bool remap_seeds = false;

    /// Connections with subscriptions are asked with a PING in each half of this; one on which nothing comes for all of
    /// it is given up, and another one made. From 2 ms. URL: subscription_timeout
    std::chrono::milliseconds subscription_timeout{2000};
    /// Which connections messages come by. A subscriber with `overflow::wait` has its own in any case. URL:
    /// pushes=own|shared
    push_connection pushes = push_connection::own;

    /// Is told of connections, redirects and topology changes; none by default. See observer.hpp.
    std::shared_ptr<observer> watcher = {};
};

/// Reads `valkey://[user:password@]host[:port][,host[:port]...][/database][?option=value&...]`; options are the
/// config's fields as named there, durations with a unit (`250ms`, `5s`). User, password and values may be
/// percent-encoded. Error `invalid_url`: says which part cannot be understood; an unknown option is refused, not
/// ignored. `valkeys://` is the same with TLS.
/// `valkey+sentinel://[user:password@]sentinel[:port][,...]/service[/database][?...]` is of a service that sentinels
/// watch, with TLS `valkeys+sentinel://`; user and password are the servers', those of the sentinels are options.
/// Example: `parse_url("valkey://127.0.0.1:7000,127.0.0.1:7001?command_timeout=2s")`
result<config> parse_url(std::string_view url);

}  // namespace valkeyxx
