// Everything that can be set, each with a default that needs no thought.
//
//   vk::config c{.seeds = {{"10.0.0.1", 6379}, {"10.0.0.2", 6379}}};
//   c.command_timeout = 2s;
//   vk::cluster cluster{c};
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/result.hpp>

namespace valkeyxx {

class observer;

/// When a command whose reply was lost may be sent once more.
enum class repeat_policy : std::uint8_t {
    /// Only commands that change nothing, or nothing more when run twice (GET, SET k v, EXPIRE ...). Others fail with
    /// `connection_lost` and `may_have_run()`.
    at_most_once,
    /// Any command: a counter may count twice.
    at_least_once,
};

/// How a client reaches its cluster and what it does when something fails. A plain aggregate; copied by the client.
struct config {
    /// Nodes to ask for the topology at first; one that answers is enough. At least one.
    std::vector<endpoint> seeds = {};

    /// The ACL user; empty: the server's default user. URL: valkey://user:password@...
    std::string username = {};
    /// Empty: no authentication. Appears in no error, log or metric.
    std::string password = {};
    /// Shown by CLIENT LIST; empty: none. URL: client_name
    std::string client_name = {};
    /// 3: RESP3, or RESP2 where the server does not know it. 2: RESP2. URL: protocol
    int protocol = 3;

    /// For one connection: name resolution, TCP and the handshake together. From 1 ms. URL: connect_timeout
    std::chrono::milliseconds connect_timeout{1000};
    /// For one command, from the call to its result: connecting, queueing, redirects and retries included. From 1 ms.
    /// URL: command_timeout
    std::chrono::milliseconds command_timeout{5000};
    /// MOVED and ASK that one command follows in a row before it fails with `too_many_redirects`. URL: max_redirects
    int max_redirects = 16;
    /// What happens to a command whose reply is lost. URL: repeat=at_most_once|at_least_once
    repeat_policy repeat = repeat_policy::at_most_once;
    /// Topology refreshes start at least so far apart (and up to half as much again, at random). URL: refresh_interval
    std::chrono::milliseconds refresh_interval{200};
    /// Commands that may be under way in one client; more fail at once with `queue_full`. URL: max_in_flight
    std::size_t max_in_flight = 100'000;

    /// Is told of connections, redirects and topology changes; none by default. See observer.hpp.
    std::shared_ptr<observer> watcher = {};
};

/// Reads `valkey://[user:password@]host[:port][,host[:port]...][/][?option=value&...]`; options are the config's fields
/// as named there, durations with a unit (`250ms`, `5s`). User, password and values may be percent-encoded. Error
/// `invalid_url`: says which part cannot be understood; an unknown option is refused, not ignored. Example:
/// `parse_url("valkey://127.0.0.1:7000,127.0.0.1:7001?command_timeout=2s")`
result<config> parse_url(std::string_view url);

}  // namespace valkeyxx
