// Commands of the group "server"; those about users are in acl.hpp.
//
// Most of them ask or order one node: the default one, or the one that is named by a target such as on(node). Where the
// server's documentation says that all nodes are meant (CONFIG SET, FLUSHALL, SLOWLOG GET ...) all of them get it.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/commands/flush_mode.hpp>
#include <valkeyxx/commands/time_to_live.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

// --- keys ------------------------------------------------------------------------------------------------------------

/// How many keys the primaries hold. Source: https://valkey.io/commands/dbsize
[[nodiscard]] inline command<std::int64_t> dbsize() {
    return command<std::int64_t>{std::in_place, command_id::dbsize, std::span<const std::string_view>{},
                                 encoded_command::keys::none};
}

/// Removes all keys of all databases. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/flushall
[[nodiscard]] command<void> flushall(flush_mode mode = flush_mode::by_config);

/// Removes all keys of the database. Not repeated when its reply is lost. Source: https://valkey.io/commands/flushdb
[[nodiscard]] command<void> flushdb(flush_mode mode = flush_mode::by_config);

/// Exchanges two databases. Not repeated when its reply is lost. Errors: ERR for a server of a cluster, which has only
/// one. Source: https://valkey.io/commands/swapdb
[[nodiscard]] command<void> swapdb(std::int64_t one, std::int64_t other);

// --- what a server tells of itself -----------------------------------------------------------------------------------

/// What the node that answers tells of itself, as lines `name:value` under `# headings`.
/// Source: https://valkey.io/commands/info
[[nodiscard]] inline command<std::string> info() {
    return command<std::string>{std::in_place, command_id::info, std::span<const std::string_view>{},
                                encoded_command::keys::none};
}

/// The same, only these sections: "server", "clients", "memory", ..., or "all", "default", "everything".
/// Source: https://valkey.io/commands/info
[[nodiscard]] inline command<std::string> info(const strings& sections) {
    return command<std::string>{std::in_place, command_id::info, sections.view(), encoded_command::keys::none};
}
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::string> info(std::string_view section, const More&... more) {
    return info(strings{section, std::string_view{more}...});
}

/// A moment by a server's clock.
using server_time = std::chrono::sys_time<std::chrono::microseconds>;

/// What the clock of the node that answers says. Source: https://valkey.io/commands/time
[[nodiscard]] command<server_time> time();

/// When the node that answers last saved its data, to the second. Source: https://valkey.io/commands/lastsave
[[nodiscard]] command<server_time> lastsave();

/// Whether a server is a primary, and what of.
enum class server_role : std::uint8_t { primary, replica, sentinel };

/// A replica as its primary sees it.
struct attached_replica {
    std::string host;
    std::uint16_t port = 0;
    std::int64_t offset = 0;  ///< up to where it has acknowledged what the primary wrote
};

/// What ROLE tells.
struct role_info {
    server_role role = server_role::primary;
    std::int64_t offset = 0;                      ///< in what is replicated; a replica without a link has -1
    std::vector<attached_replica> replicas = {};  ///< of a primary
    std::string primary_host = {};                ///< of a replica
    std::uint16_t primary_port = 0;
    std::string link = {};                        ///< of a replica: "connect", "connecting", "sync", "connected" ...
    std::vector<std::string> primary_names = {};  ///< of a sentinel: what it watches
};

/// Which role the node that answers has. Source: https://valkey.io/commands/role
[[nodiscard]] command<role_info> role();

/// Options of LOLWUT.
struct lolwut_options {
    std::optional<std::int64_t> version = {};       ///< of the server whose picture it shall be
    std::span<const std::int64_t> parameters = {};  ///< of the picture; must live until the command is made
};

/// A picture made of characters, and the server's version. Source: https://valkey.io/commands/lolwut
[[nodiscard]] command<std::string> lolwut(lolwut_options options = {});

// --- configuration ---------------------------------------------------------------------------------------------------

/// The settings of the node that answers whose names match one of these glob patterns, with their values.
/// Example: `config_get("maxmemory", "save*")`. Source: https://valkey.io/commands/config-get
[[nodiscard]] command<std::unordered_map<std::string, std::string>> config_get(const strings& patterns);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::unordered_map<std::string, std::string>> config_get(std::string_view pattern,
                                                                               const More&... more) {
    return config_get(strings{pattern, std::string_view{more}...});
}

/// Changes settings on all nodes: on each of them all or, if one cannot be, none. Errors: ERR.
/// Example: `config_set({{"maxmemory", "1gb"}, {"maxmemory-policy", "allkeys-lru"}})`
/// Source: https://valkey.io/commands/config-set
[[nodiscard]] command<void> config_set(const string_pairs& settings);
[[nodiscard]] inline command<void> config_set(std::string_view setting, std::string_view to) {
    return config_set({{setting, to}});
}

/// Sets the counters that INFO shows to zero, on all nodes. Source: https://valkey.io/commands/config-resetstat
[[nodiscard]] command<void> config_resetstat();

/// Writes the settings into the configuration files of all nodes. Errors: ERR if a server has none.
/// Source: https://valkey.io/commands/config-rewrite
[[nodiscard]] command<void> config_rewrite();

// --- data on disk ----------------------------------------------------------------------------------------------------

/// Saves the data of the node that answers, which answers nobody else meanwhile. Not repeated when its reply is lost.
/// Errors: ERR while it saves in the background. Source: https://valkey.io/commands/save
[[nodiscard]] command<void> save();

/// What BGSAVE does while the server's append-only file is rewritten.
enum class bgsave_when : std::uint8_t {
    now,       ///< the error ERR
    possible,  ///< it saves later
};

/// Begins to save the data of the node that answers in the background; returns what the server says of it. Not repeated
/// when its reply is lost. Errors: ERR while it saves already. Source: https://valkey.io/commands/bgsave
[[nodiscard]] command<std::string> bgsave(bgsave_when when = bgsave_when::now);

/// BGSAVE with CANCEL: ends what saves in the background, or shall do so; returns what the server says of it. Not
/// repeated when its reply is lost. Errors: ERR if there is nothing to end. Since Valkey 8.1.
/// Source: https://valkey.io/commands/bgsave
[[nodiscard]] command<std::string> bgsave_cancel();

/// Begins to rewrite the append-only file of the node that answers in the background, now or as soon as it can; returns
/// what the server says of it. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/bgrewriteaof
[[nodiscard]] command<std::string> bgrewriteaof();

// --- replication -----------------------------------------------------------------------------------------------------

/// Makes the node that answers a replica of another server: its own data go. Not repeated when its reply is lost.
/// Errors: ERR for a server of a cluster (see cluster_replicate). Source: https://valkey.io/commands/replicaof
[[nodiscard]] command<void> replicaof(std::string_view host, std::uint16_t port);

/// Makes the node that answers a primary, with the data it has. Not repeated when its reply is lost. Errors: ERR for a
/// server of a cluster. Source: https://valkey.io/commands/replicaof
[[nodiscard]] command<void> replicaof_no_one();

/// Deprecated in favour of replicaof. Source: https://valkey.io/commands/slaveof
[[nodiscard]] command<void> slaveof(std::string_view host, std::uint16_t port);
/// Deprecated in favour of replicaof_no_one. Source: https://valkey.io/commands/slaveof
[[nodiscard]] command<void> slaveof_no_one();

// --- slow commands and latency ---------------------------------------------------------------------------------------

/// A command that took long.
struct slowlog_entry {
    std::int64_t id = 0;  ///< never given twice while the server runs
    std::chrono::sys_seconds at{};
    std::chrono::microseconds duration{0};
    std::vector<std::string> command = {};  ///< its words, long ones and those beyond some number cut off
    std::string addr = {};                  ///< of the client, "host:port"
    std::string client_name = {};
};

/// The last commands that took longer than the setting `slowlog-log-slower-than`, at most `count` of each node, with
/// nullopt all. Source: https://valkey.io/commands/slowlog-get
[[nodiscard]] command<std::vector<slowlog_entry>> slowlog_get(std::optional<std::int64_t> count = 10);

/// How many entries the slow logs of all nodes have. Source: https://valkey.io/commands/slowlog-len
[[nodiscard]] command<std::int64_t> slowlog_len();

/// Empties the slow logs of all nodes. Source: https://valkey.io/commands/slowlog-reset
[[nodiscard]] command<void> slowlog_reset();

/// One of the logs of commands that stood out.
enum class commandlog : std::uint8_t {
    slow,           ///< took longer than the setting `commandlog-execution-slower-than`, as slowlog_get has them
    large_request,  ///< had more bytes than the setting `commandlog-request-larger-than`
    large_reply,    ///< had a reply of more bytes than the setting `commandlog-reply-larger-than`
};

/// A command that stood out.
struct commandlog_entry {
    std::int64_t id = 0;  ///< never given twice while the server runs
    std::chrono::sys_seconds at{};
    std::int64_t amount = 0;                ///< how many microseconds it took, or how many bytes it had
    std::vector<std::string> command = {};  ///< its words, long ones and those beyond some number cut off
    std::string addr = {};                  ///< of the client, "host:port"
    std::string client_name = {};
};

/// The last commands of a log, at most `count` of each node, with nullopt all. Since Valkey 8.1.
/// Source: https://valkey.io/commands/commandlog-get
[[nodiscard]] command<std::vector<commandlog_entry>> commandlog_get(commandlog which,
                                                                    std::optional<std::int64_t> count = 10);

/// How many entries a log of all nodes has. Since Valkey 8.1. Source: https://valkey.io/commands/commandlog-len
[[nodiscard]] command<std::int64_t> commandlog_len(commandlog which);

/// Empties a log of all nodes. Since Valkey 8.1. Source: https://valkey.io/commands/commandlog-reset
[[nodiscard]] command<void> commandlog_reset(commandlog which);

/// How long the server took for something at one time.
struct latency_sample {
    std::chrono::sys_seconds at{};
    std::chrono::milliseconds took{0};
};

/// The last time of an event that took longer than the setting `latency-monitor-threshold`.
struct latency_event {
    std::string event = {};  ///< "command", "fork", ...
    latency_sample last = {};
    std::chrono::milliseconds most{0};  ///< since the last latency_reset
};

/// How long the runs of a command took.
struct latency_histogram_of {
    std::int64_t calls = 0;
    /// Each with the number of runs that took so long at most.
    std::vector<std::pair<std::chrono::microseconds, std::int64_t>> buckets = {};
};

/// The events of the node that answers. Source: https://valkey.io/commands/latency-latest
[[nodiscard]] command<std::vector<latency_event>> latency_latest();

/// Up to 160 times of an event, the oldest first. Source: https://valkey.io/commands/latency-history
[[nodiscard]] command<std::vector<latency_sample>> latency_history(std::string_view event);

/// How the times of commands are spread, for all commands or these; those that never ran are not there.
/// Example: `latency_histogram({"get", "config|set"})`. Source: https://valkey.io/commands/latency-histogram
[[nodiscard]] command<std::map<std::string, latency_histogram_of>> latency_histogram(const strings& names = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::map<std::string, latency_histogram_of>> latency_histogram(std::string_view name,
                                                                                     const More&... more) {
    return latency_histogram(strings{name, std::string_view{more}...});
}

/// The times of an event as a picture made of characters. Errors: ERR if there are none.
/// Source: https://valkey.io/commands/latency-graph
[[nodiscard]] command<std::string> latency_graph(std::string_view event);

/// What the server makes of its latencies, for people. Source: https://valkey.io/commands/latency-doctor
[[nodiscard]] command<std::string> latency_doctor();

/// Forgets the times of all events, or of these, on all nodes; returns how many events were forgotten. Not repeated
/// when its reply is lost. Source: https://valkey.io/commands/latency-reset
[[nodiscard]] command<std::int64_t> latency_reset(const strings& events = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> latency_reset(std::string_view event, const More&... more) {
    return latency_reset(strings{event, std::string_view{more}...});
}

// --- memory ----------------------------------------------------------------------------------------------------------

/// Options of MEMORY USAGE.
struct memory_usage_options {
    std::optional<std::int64_t> samples = 5;  ///< so many elements stand for all; nullopt: every one is measured
};

/// About how many bytes a key takes with its value; nullopt if there is no such key.
/// Source: https://valkey.io/commands/memory-usage
[[nodiscard]] command<std::optional<std::int64_t>> memory_usage(std::string_view key,
                                                                memory_usage_options options = {});

/// Where the memory of the node that answers went, by name: "peak.allocated", "keys.count", ... Numbers, but for
/// "db.0" and the like, which are maps. Source: https://valkey.io/commands/memory-stats
[[nodiscard]] command<std::unordered_map<std::string, value>> memory_stats();

/// What the server makes of its memory, for people. Source: https://valkey.io/commands/memory-doctor
[[nodiscard]] command<std::string> memory_doctor();

/// What the allocator tells. Source: https://valkey.io/commands/memory-malloc-stats
[[nodiscard]] command<std::string> memory_malloc_stats();

/// Asks the allocators of all primaries to give back what they can. Source: https://valkey.io/commands/memory-purge
[[nodiscard]] command<void> memory_purge();

// --- modules ---------------------------------------------------------------------------------------------------------

/// A module that is loaded.
struct loaded_module {
    std::string name = {};
    std::int64_t version = 0;
    std::string path = {};
    std::vector<std::string> args = {};
};

/// The modules of the node that answers. Source: https://valkey.io/commands/module-list
[[nodiscard]] command<std::vector<loaded_module>> module_list();

/// Loads a module into the node that answers, from a file of that node's. Not repeated when its reply is lost. Errors:
/// ERR if it cannot, or may not (the setting `enable-module-command`). Source: https://valkey.io/commands/module-load
[[nodiscard]] command<void> module_load(std::string_view path, const strings& args = {});

/// The same with settings of the module's. Source: https://valkey.io/commands/module-loadex
[[nodiscard]] command<void> module_loadex(std::string_view path, const string_pairs& settings,
                                          const strings& args = {});

/// Unloads a module of the node that answers. Not repeated when its reply is lost. Errors: ERR if there is none, or if
/// it cannot be. Source: https://valkey.io/commands/module-unload
[[nodiscard]] command<void> module_unload(std::string_view name);

// --- commands --------------------------------------------------------------------------------------------------------

/// What a server knows of one of its commands: https://valkey.io/commands/command
struct command_entry {
    std::string name = {};                     ///< in lower case; "client|list" for a subcommand
    std::int64_t arity = 0;                    ///< words with the name; negative: so many at least
    std::vector<std::string> flags = {};       ///< "readonly", "fast", ...
    std::int64_t first_key = 0;                ///< 0: it has no keys, or they have to be searched
    std::int64_t last_key = 0;                 ///< negative: from the end
    std::int64_t key_step = 0;                 ///< from one key to the next
    std::vector<std::string> categories = {};  ///< for access control: "@read", ...
    std::vector<std::string> tips = {};        ///< "request_policy:all_shards", ...
    std::vector<value> key_specs = {};
    std::vector<command_entry> subcommands = {};
};

/// What the documentation in the server says of a command: https://valkey.io/commands/command-docs
struct command_doc {
    std::string summary = {};
    std::string since = {};
    std::string group = {};
    std::string complexity = {};
    std::string module = {};
    std::vector<std::string> flags = {};  ///< "deprecated", "syscmd"
    std::string deprecated_since = {};
    std::string replaced_by = {};
    std::vector<std::pair<std::string, std::string>> history = {};  ///< versions with what they changed
    value arguments = {};
    std::vector<std::pair<std::string, command_doc>> subcommands = {};
};

/// How many commands the server knows. Source: https://valkey.io/commands/command-count
[[nodiscard]] command<std::int64_t> command_count();

/// What the server knows of these commands ("get", "client|list"), or of all; nullopt for each that it does not know.
/// Source: https://valkey.io/commands/command-info
[[nodiscard]] command<std::vector<std::optional<command_entry>>> command_info(const strings& names = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<command_entry>>> command_info(std::string_view name,
                                                                              const More&... more) {
    return command_info(strings{name, std::string_view{more}...});
}

/// The documentation of these commands, or of all; without those that the server does not know.
/// Source: https://valkey.io/commands/command-docs
[[nodiscard]] command<std::map<std::string, command_doc>> command_docs(const strings& names = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::map<std::string, command_doc>> command_docs(std::string_view name, const More&... more) {
    return command_docs(strings{name, std::string_view{more}...});
}

/// Options of COMMAND LIST: give one of them at most.
struct command_list_options {
    std::string_view module = {};    ///< only commands of this module
    std::string_view category = {};  ///< only commands of this category of access control: "read"
    std::string_view pattern = {};   ///< only commands whose names match this glob pattern
};

/// The names of the server's commands. Error `invalid_argument`: there is more than one condition.
/// Source: https://valkey.io/commands/command-list
[[nodiscard]] command<std::vector<std::string>> command_list(command_list_options options = {});

/// Which words of a command are keys. Errors: ERR if the command has none, or cannot be right.
/// Example: `command_getkeys({"mset", "a", "1", "b", "2"})`. Source: https://valkey.io/commands/command-getkeys
[[nodiscard]] command<std::vector<std::string>> command_getkeys(const strings& words);

/// The same, each key with what the command does with it: "RO", "access", ...
/// Source: https://valkey.io/commands/command-getkeysandflags
[[nodiscard]] command<std::vector<std::pair<std::string, std::vector<std::string>>>> command_getkeysandflags(
    const strings& words);

}  // namespace valkeyxx::commands

namespace valkeyxx {

/// From TIME's two numbers, or from LASTSAVE's one.
template <>
struct reply_to<commands::server_time> {
    static result<commands::server_time> from(reply_view v);
};
template <>
struct reply_to<commands::attached_replica> {
    static result<commands::attached_replica> from(reply_view v);
};
template <>
struct reply_to<commands::role_info> {
    static result<commands::role_info> from(reply_view v);
};
template <>
struct reply_to<commands::slowlog_entry> {
    static result<commands::slowlog_entry> from(reply_view v);
};
template <>
struct reply_to<commands::commandlog_entry> {
    static result<commands::commandlog_entry> from(reply_view v);
};
template <>
struct reply_to<commands::latency_sample> {
    static result<commands::latency_sample> from(reply_view v);
};
template <>
struct reply_to<commands::latency_event> {
    static result<commands::latency_event> from(reply_view v);
};
template <>
struct reply_to<commands::latency_histogram_of> {
    static result<commands::latency_histogram_of> from(reply_view v);
};
template <>
struct reply_to<commands::loaded_module> {
    static result<commands::loaded_module> from(reply_view v);
};
template <>
struct reply_to<commands::command_entry> {
    static result<commands::command_entry> from(reply_view v);
};
template <>
struct reply_to<commands::command_doc> {
    static result<commands::command_doc> from(reply_view v);
};

}  // namespace valkeyxx
