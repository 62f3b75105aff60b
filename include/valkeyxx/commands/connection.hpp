// Commands of the group "connection", but for those that change the connection that all share.
//
// "The client's own connection" is the one by which it asks the node: it may be another one after a while.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>

namespace valkeyxx::commands {

/// Asks a node whether it is there. Returns "PONG". Source: https://valkey.io/commands/ping
[[nodiscard]] inline command<std::string> ping() {
    return command<std::string>{std::in_place, command_id::ping, std::span<const std::string_view>{},
                                encoded_command::keys::none};
}

/// The same with an answer of one's own. Returns the message. Source: https://valkey.io/commands/ping
[[nodiscard]] inline command<std::string> ping(std::string_view message) {
    return command<std::string>{std::in_place, command_id::ping, std::array{message}, encoded_command::keys::none};
}

/// Asks a node to say the same. Returns the message. Source: https://valkey.io/commands/echo
[[nodiscard]] inline command<std::string> echo(std::string_view message) {
    return command<std::string>{std::in_place, command_id::echo, std::array{message}, encoded_command::keys::none};
}

/// The name of the client's own connection; nullopt if it has none. Source: https://valkey.io/commands/client-getname
[[nodiscard]] command<std::optional<std::string>> client_getname();

/// The number of the client's own connection, which is never given twice while the server runs.
/// Source: https://valkey.io/commands/client-id
[[nodiscard]] command<std::int64_t> client_id();

/// To which connection its own one sends invalidation messages; 0: to itself, -1: there are none.
/// Source: https://valkey.io/commands/client-getredir
[[nodiscard]] command<std::int64_t> client_getredir();

/// What CLIENT TRACKINGINFO tells.
struct tracking_info {
    std::vector<std::string> flags = {};     ///< "off", or "on" with what else there is
    std::int64_t redirect = -1;              ///< as client_getredir
    std::vector<std::string> prefixes = {};  ///< of keys that are tracked in the broadcasting mode
};

/// How the server tracks keys for the client's own connection. Source: https://valkey.io/commands/client-trackinginfo
[[nodiscard]] command<tracking_info> client_trackinginfo();

/// A connection of a server's, by the names that the server gives to its fields. Numbers that the server does not tell
/// are 0, texts empty.
struct connected_client {
    std::int64_t id = 0;
    std::string addr = {};   ///< of the peer, "host:port"
    std::string laddr = {};  ///< of the server
    std::int64_t fd = 0;
    std::string name = {};
    std::chrono::seconds age{0};
    std::chrono::seconds idle{0};
    std::string flags = {};  ///< a letter each: https://valkey.io/commands/client-list
    std::string capa = {};   ///< what the client can, a letter each
    std::int64_t db = 0;
    std::int64_t sub = 0;     ///< subscriptions of channels
    std::int64_t psub = 0;    ///< of patterns
    std::int64_t ssub = 0;    ///< of channels of shards
    std::int64_t multi = -1;  ///< commands in its transaction; -1: it is not in one
    std::int64_t watch = 0;
    std::int64_t qbuf = 0;  ///< bytes in the buffer for requests
    std::int64_t qbuf_free = 0;
    std::int64_t argv_mem = 0;
    std::int64_t multi_mem = 0;
    std::int64_t obl = 0;  ///< bytes in the buffer for replies
    std::int64_t oll = 0;  ///< replies that are queued behind it
    std::int64_t omem = 0;
    std::int64_t tot_mem = 0;
    std::string events = {};
    std::string cmd = {};  ///< the last command
    std::string user = {};
    std::int64_t redir = -1;  ///< as client_getredir
    std::int64_t resp = 0;    ///< the version of the protocol
    std::string lib_name = {};
    std::string lib_ver = {};
    std::int64_t tot_net_in = 0;
    std::int64_t tot_net_out = 0;
    std::int64_t tot_cmds = 0;
};

/// What is connected to a server.
enum class client_type : std::uint8_t { any, normal, primary, replica, pubsub };

/// Which connections CLIENT LIST tells of and CLIENT KILL ends: those of which all is true that is given here. Servers
/// before Valkey 9.0 know less of it: for CLIENT LIST only one of `type` and `ids`, and for CLIENT KILL all down to
/// `older_than`, with one id.
struct client_filter {
    client_type type = client_type::any;
    std::span<const std::int64_t> ids = {};  ///< any of these; must live until the command is made
    std::string_view user = {};
    std::string_view addr = {};                           ///< of the peer, "host:port"
    std::string_view laddr = {};                          ///< of the server
    std::optional<std::chrono::seconds> older_than = {};  ///< connected for longer than that
    std::optional<std::chrono::seconds> idle = {};        ///< for so long at least
    std::string_view name = {};
    std::string_view flags = {};  ///< all of these letters: https://valkey.io/commands/client-list
    std::string_view lib_name = {};
    std::string_view lib_ver = {};
    std::optional<std::int64_t> db = {};
    std::string_view capa = {};  ///< all of these letters
    std::string_view ip = {};    ///< of the peer
};

/// Options of CLIENT LIST.
struct client_list_options {
    client_filter except = {};  ///< not those of which any of this is true; without `older_than` and `idle`
};

/// The connections of the node that answers. Example: `client_list({.type = client_type::pubsub})`
/// Error `invalid_argument`: `except` has `older_than` or `idle`. Source: https://valkey.io/commands/client-list
[[nodiscard]] command<std::vector<connected_client>> client_list(client_filter which = {},
                                                                 client_list_options options = {});

/// The client's own connection. Source: https://valkey.io/commands/client-info
[[nodiscard]] command<connected_client> client_info();

/// Options of CLIENT KILL.
struct client_kill_options {
    client_filter except = {};  ///< as for client_list
    bool spare_own = true;      ///< the client's own connection stays
};

/// Ends connections of the node that answers; returns how many. Not repeated when its reply is lost.
/// Example: `client_kill({.user = "eve"})`. Error `invalid_argument`: there is no condition at all, or `except` has
/// `older_than` or `idle`. Source: https://valkey.io/commands/client-kill
[[nodiscard]] command<std::int64_t> client_kill(client_filter which, client_kill_options options = {});

/// What CLIENT PAUSE holds back.
enum class client_pause_of : std::uint8_t { all, writes };

/// The node that answers holds back the commands of all clients for a while, those of this one included. Not repeated
/// when its reply is lost. Source: https://valkey.io/commands/client-pause
[[nodiscard]] command<void> client_pause(std::chrono::milliseconds how_long,
                                         client_pause_of what = client_pause_of::all);

/// Ends a pause of writes at the node that answers; a pause of all holds this command back, too. Not repeated when its
/// reply is lost. Source: https://valkey.io/commands/client-unpause
[[nodiscard]] command<void> client_unpause();

/// What a connection gets that is freed from a blocking command.
enum class client_unblock_as : std::uint8_t {
    timeout,  ///< the reply as if its time were over
    error,    ///< the error UNBLOCKED
};

/// Frees a connection that waits in a blocking command; false if that number does not wait at the node that answers.
/// Not repeated when its reply is lost. Source: https://valkey.io/commands/client-unblock
[[nodiscard]] command<bool> client_unblock(std::int64_t id, client_unblock_as how = client_unblock_as::timeout);

}  // namespace valkeyxx::commands

namespace valkeyxx {

template <>
struct reply_to<commands::tracking_info> {
    static result<commands::tracking_info> from(reply_view v);
};
template <>
struct reply_to<commands::connected_client> {
    static result<commands::connected_client> from(reply_view v);
};
template <>
struct reply_to<std::vector<commands::connected_client>> {
    static result<std::vector<commands::connected_client>> from(reply_view v);
};

}  // namespace valkeyxx
