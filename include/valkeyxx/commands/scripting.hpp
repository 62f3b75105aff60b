// Commands of the group "scripting".
//
//   auto n = cluster.execute(eval<std::int64_t>("return redis.call('INCRBY', KEYS[1], ARGV[1])", {"hits"}, {"2"}));
//
// Which keys a script uses must be among its `keys`, all of one slot: they decide which node runs it. Errors of all
// that runs a script: what the script itself fails with; BUSY while another one runs for too long.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/commands/flush_mode.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::detail {

/// What runs scripts and functions: NAME WHAT numkeys key ... argument ...
encoded_command script_call(command_id id, std::string_view what, const strings& keys, const strings& args);

}  // namespace valkeyxx::detail

namespace valkeyxx::commands {

/// Runs a script in Lua and returns what it returns, as an `R`. Not repeated when its reply is lost. Scripts that are
/// made anew for each call fill the server's memory: pass what differs as keys and arguments.
/// Source: https://valkey.io/commands/eval
template <class R = value>
[[nodiscard]] command<R> eval(std::string_view script, const strings& keys = {}, const strings& args = {}) {
    return command<R>{valkeyxx::detail::script_call(command_id::eval, script, keys, args)};
}

/// As eval, for a script that only reads: replicas may run it, and it is repeated when its reply is lost. Errors: ERR
/// if it writes. Source: https://valkey.io/commands/eval_ro
template <class R = value>
[[nodiscard]] command<R> eval_ro(std::string_view script, const strings& keys = {}, const strings& args = {}) {
    return command<R>{valkeyxx::detail::script_call(command_id::eval_ro, script, keys, args)};
}

/// As eval, for a script that the server knows already, by its SHA1 digest in hexadecimal. Errors: NOSCRIPT if the
/// server does not know it: nothing has run then. Source: https://valkey.io/commands/evalsha
template <class R = value>
[[nodiscard]] command<R> evalsha(std::string_view sha1, const strings& keys = {}, const strings& args = {}) {
    return command<R>{valkeyxx::detail::script_call(command_id::evalsha, sha1, keys, args)};
}

/// As evalsha, for a script that only reads: see eval_ro. Source: https://valkey.io/commands/evalsha_ro
template <class R = value>
[[nodiscard]] command<R> evalsha_ro(std::string_view sha1, const strings& keys = {}, const strings& args = {}) {
    return command<R>{valkeyxx::detail::script_call(command_id::evalsha_ro, sha1, keys, args)};
}

/// Runs a function of a library and returns what it returns, as an `R`. Not repeated when its reply is lost. Errors:
/// ERR if there is no such function. Source: https://valkey.io/commands/fcall
template <class R = value>
[[nodiscard]] command<R> fcall(std::string_view function, const strings& keys = {}, const strings& args = {}) {
    return command<R>{valkeyxx::detail::script_call(command_id::fcall, function, keys, args)};
}

/// As fcall, for a function with the flag `no-writes`: see eval_ro. Source: https://valkey.io/commands/fcall_ro
template <class R = value>
[[nodiscard]] command<R> fcall_ro(std::string_view function, const strings& keys = {}, const strings& args = {}) {
    return command<R>{valkeyxx::detail::script_call(command_id::fcall_ro, function, keys, args)};
}

/// Lets all nodes know a script, without running it; returns its SHA1 digest for evalsha. Errors: ERR if it does not
/// compile. Source: https://valkey.io/commands/script-load
[[nodiscard]] command<std::string> script_load(std::string_view script);

/// Whether each script is known, by its SHA1 digest; in a cluster: whether all shards know it.
/// Source: https://valkey.io/commands/script-exists
[[nodiscard]] command<std::vector<bool>> script_exists(const strings& sha1s);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<bool>> script_exists(std::string_view sha1, const More&... more) {
    return script_exists(strings{sha1, std::string_view{more}...});
}

/// The text of a script by its SHA1 digest. Errors: NOSCRIPT if the node that answers does not know it.
/// Source: https://valkey.io/commands/script-show
[[nodiscard]] command<std::string> script_show(std::string_view sha1);

/// Makes all nodes forget all scripts. Source: https://valkey.io/commands/script-flush
[[nodiscard]] command<void> script_flush(flush_mode mode = flush_mode::by_config);

/// Ends the script that runs, if it has not written yet. Not repeated when its reply is lost. Errors: NOTBUSY if none
/// runs; UNKILLABLE if it has written. Source: https://valkey.io/commands/script-kill
[[nodiscard]] command<void> script_kill();

/// Options of FUNCTION LOAD.
struct function_load_options {
    bool replace = false;  ///< takes the place of a library of the same name; otherwise that is an error
};

/// Loads a library of functions to all primaries (and so their replicas); returns its name. Its code begins with a line
/// such as `#!lua name=mylib`. Not repeated when its reply is lost. Errors: ERR if it does not compile, or a library or
/// a function of that name is there. Source: https://valkey.io/commands/function-load
[[nodiscard]] command<std::string> function_load(std::string_view code, function_load_options options = {});

/// Removes a library with its functions from all primaries. Not repeated when its reply is lost. Errors: ERR if there
/// is none of that name. Source: https://valkey.io/commands/function-delete
[[nodiscard]] command<void> function_delete(std::string_view library);

/// Removes all libraries from all primaries. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/function-flush
[[nodiscard]] command<void> function_flush(flush_mode mode = flush_mode::by_config);

/// All libraries in the server's own format, for function_restore. Source: https://valkey.io/commands/function-dump
[[nodiscard]] command<std::string> function_dump();

/// What becomes of the libraries that are there when others are restored.
enum class function_restore_policy : std::uint8_t {
    append,   ///< they stay; error ERR if one of the same name is restored
    flush,    ///< they go
    replace,  ///< they stay, except those of the same name
};

/// Loads what function_dump gave to all primaries. Not repeated when its reply is lost. Errors: ERR if it is not such a
/// thing, or for a name that is there. Source: https://valkey.io/commands/function-restore
[[nodiscard]] command<void> function_restore(std::string_view dumped,
                                             function_restore_policy policy = function_restore_policy::append);

/// Ends the function that runs, if it has not written yet. Not repeated when its reply is lost. Errors: NOTBUSY if none
/// runs; UNKILLABLE if it has written. Source: https://valkey.io/commands/function-kill
[[nodiscard]] command<void> function_kill();

/// One function of a library.
struct library_function {
    std::string name = {};
    std::optional<std::string> description = {};
    std::vector<std::string> flags = {};  ///< such as "no-writes"
};

/// One library.
struct function_library {
    std::string name = {};
    std::string engine = {};  ///< "LUA"
    std::vector<library_function> functions = {};
    std::optional<std::string> code = {};  ///< if it was asked for
};

/// Options of FUNCTION LIST.
struct function_list_options {
    std::string_view library = {};  ///< a glob pattern; empty: all
    bool with_code = false;
};

/// The libraries of the node that answers. Source: https://valkey.io/commands/function-list
[[nodiscard]] command<std::vector<function_library>> function_list(function_list_options options = {});

/// A function that runs at this moment.
struct running_function {
    std::string name = {};
    std::vector<std::string> command = {};  ///< the words it was called with
    std::chrono::milliseconds duration{0};
};

/// What an engine has.
struct function_engine {
    std::int64_t libraries = 0;
    std::int64_t functions = 0;
};

/// What FUNCTION STATS tells.
struct function_statistics {
    std::optional<running_function> running = {};  ///< nullopt: none
    std::map<std::string, function_engine> engines = {};
};

/// The functions of the node that answers, and whether one runs. Source: https://valkey.io/commands/function-stats
[[nodiscard]] command<function_statistics> function_stats();

}  // namespace valkeyxx::commands

namespace valkeyxx {

template <>
struct reply_to<commands::library_function> {
    static result<commands::library_function> from(reply_view v);
};
template <>
struct reply_to<commands::function_library> {
    static result<commands::function_library> from(reply_view v);
};
template <>
struct reply_to<commands::running_function> {
    static result<commands::running_function> from(reply_view v);
};
template <>
struct reply_to<commands::function_engine> {
    static result<commands::function_engine> from(reply_view v);
};
template <>
struct reply_to<commands::function_statistics> {
    static result<commands::function_statistics> from(reply_view v);
};

}  // namespace valkeyxx
