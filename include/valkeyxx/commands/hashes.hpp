// Commands of the group "hash".
//
//   cluster.execute(hset("user:1", {{"name", "ada"}, {"born", "1815"}}));
//   auto values = cluster.execute(hmget("user:1", "name", "city"));  // nullopt for each that is not there
//
// Since Valkey 9.0 each field may have a time to live.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/commands/scan_step.hpp>
#include <valkeyxx/commands/set_if.hpp>
#include <valkeyxx/commands/time_to_live.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// Sets fields of a hash, which is made if there is none: `hset(key, field, value, field, value, ...)`. Returns how
/// many of the fields are new. Not repeated when its reply is lost, since the number would be another. Source:
/// https://valkey.io/commands/hset
template <std::convertible_to<std::string_view>... More>
    requires(sizeof...(More) % 2 == 0)
[[nodiscard]] command<std::int64_t> hset(std::string_view key, std::string_view field, std::string_view value,
                                         const More&... more) {
    return command<std::int64_t>{
        std::in_place, command_id::hset,
        std::array<std::string_view, 3 + sizeof...(More)>{key, field, value, std::string_view{more}...},
        encoded_command::keys::first};
}
/// The same for a list or map of fields with their values. Example: `hset("user:1", {{"name", "ada"}})`
[[nodiscard]] command<std::int64_t> hset(std::string_view key, const string_pairs& fields);

/// Sets a field only if it is not there; false, and nothing is changed, if it is. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/hsetnx
[[nodiscard]] inline command<bool> hsetnx(std::string_view key, std::string_view field, std::string_view value) {
    return command<bool>{std::in_place, command_id::hsetnx, std::array{key, field, value},
                         encoded_command::keys::first};
}

/// Sets fields of a hash. Deprecated in favour of hset, which also tells how many are new.
/// Source: https://valkey.io/commands/hmset
[[nodiscard]] command<void> hmset(std::string_view key, const string_pairs& fields);

/// The value of one field; nullopt if there is no such field or key. Source: https://valkey.io/commands/hget
[[nodiscard]] inline command<std::optional<std::string>> hget(std::string_view key, std::string_view field) {
    return command<std::optional<std::string>>{std::in_place, command_id::hget, std::array{key, field},
                                               encoded_command::keys::first};
}

/// The values of several fields, in order; nullopt for each that is not there, for all if there is no such key.
/// Source: https://valkey.io/commands/hmget
[[nodiscard]] command<std::vector<std::optional<std::string>>> hmget(std::string_view key, const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<std::string>>> hmget(std::string_view key, std::string_view field,
                                                                     const More&... more) {
    return hmget(key, strings{field, std::string_view{more}...});
}

/// All fields with their values; empty if there is no such key. Source: https://valkey.io/commands/hgetall
[[nodiscard]] inline command<std::unordered_map<std::string, std::string>> hgetall(std::string_view key) {
    return command<std::unordered_map<std::string, std::string>>{std::in_place, command_id::hgetall, key};
}

/// The names of all fields, in no order; empty if there is no such key. Source: https://valkey.io/commands/hkeys
[[nodiscard]] inline command<std::vector<std::string>> hkeys(std::string_view key) {
    return command<std::vector<std::string>>{std::in_place, command_id::hkeys, key};
}

/// The values of all fields, in no order; empty if there is no such key. Source: https://valkey.io/commands/hvals
[[nodiscard]] inline command<std::vector<std::string>> hvals(std::string_view key) {
    return command<std::vector<std::string>>{std::in_place, command_id::hvals, key};
}

/// How many fields there are; 0 if there is no such key. Source: https://valkey.io/commands/hlen
[[nodiscard]] inline command<std::int64_t> hlen(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::hlen, key};
}

/// How many bytes the value of a field has; 0 if there is no such field or key.
/// Source: https://valkey.io/commands/hstrlen
[[nodiscard]] inline command<std::int64_t> hstrlen(std::string_view key, std::string_view field) {
    return command<std::int64_t>{std::in_place, command_id::hstrlen, std::array{key, field},
                                 encoded_command::keys::first};
}

/// Whether a field is there. Source: https://valkey.io/commands/hexists
[[nodiscard]] inline command<bool> hexists(std::string_view key, std::string_view field) {
    return command<bool>{std::in_place, command_id::hexists, std::array{key, field}, encoded_command::keys::first};
}

/// Removes fields; returns how many of them there were. The key goes with its last field. Not repeated when its reply
/// is lost. Source: https://valkey.io/commands/hdel
[[nodiscard]] command<std::int64_t> hdel(std::string_view key, const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> hdel(std::string_view key, std::string_view field, const More&... more) {
    return hdel(key, strings{field, std::string_view{more}...});
}

/// Adds to the integer in a field (0 if it is not there) and returns the sum. Not repeated when its reply is lost.
/// Errors: ERR if the value is not an integer or would overflow. Source: https://valkey.io/commands/hincrby
[[nodiscard]] command<std::int64_t> hincrby(std::string_view key, std::string_view field, std::int64_t summand);

/// Adds to the number in a field (0 if it is not there) and returns the sum. Not repeated when its reply is lost.
/// Errors: ERR if the value is not a number, or if the sum is infinite or not a number.
/// Source: https://valkey.io/commands/hincrbyfloat
[[nodiscard]] command<double> hincrbyfloat(std::string_view key, std::string_view field, double summand);

/// The name of a random field; nullopt if there is no such key. Source: https://valkey.io/commands/hrandfield
[[nodiscard]] inline command<std::optional<std::string>> hrandfield(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::hrandfield, key};
}

/// The names of random fields; empty if there is no such key.
/// @param count  up to so many different ones; if negative, exactly -count, some perhaps more than once
/// Source: https://valkey.io/commands/hrandfield
[[nodiscard]] command<std::vector<std::string>> hrandfield(std::string_view key, std::int64_t count);

/// As hrandfield with a count, with the values. Source: https://valkey.io/commands/hrandfield
[[nodiscard]] command<std::vector<std::pair<std::string, std::string>>> hrandfield_with_values(std::string_view key,
                                                                                               std::int64_t count);

/// One step through the fields and values of a hash, from cursor 0 until it is 0 again.
/// Source: https://valkey.io/commands/hscan
[[nodiscard]] command<scan_step<std::pair<std::string, std::string>>> hscan(std::string_view key, std::uint64_t cursor,
                                                                            element_scan_options options = {});

/// As hscan, with NOVALUES: only the names of the fields. Source: https://valkey.io/commands/hscan
[[nodiscard]] command<scan_step<std::string>> hscan_fields(std::string_view key, std::uint64_t cursor,
                                                           element_scan_options options = {});

// --- fields with a time to live --------------------------------------------------------------------------------------

/// What HEXPIRE and its like did with one field.
enum class hexpired : std::int8_t {
    no_field = -2,  ///< there is no such field or key
    not_met = 0,    ///< the condition did not hold
    done = 1,       ///< its life ends as was asked for
    removed = 2,    ///< it is gone, since that time has passed
};

/// Gives fields a time to live, from 1 ms (they go at once, if it is 0); what was done with each, in order. Sends
/// HPEXPIRE. Since Valkey 9.0. Example: `hexpire("k", 10s, {"a", "b"}, expire_if::has_none)`
/// Source: https://valkey.io/commands/hpexpire
[[nodiscard]] command<std::vector<hexpired>> hexpire(std::string_view key, std::chrono::milliseconds lifetime,
                                                     const strings& fields, expire_if condition = expire_if::always);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<hexpired>> hexpire(std::string_view key, std::chrono::milliseconds lifetime,
                                                     std::string_view field, const More&... more) {
    return hexpire(key, lifetime, strings{field, std::string_view{more}...});
}
/// The same as hexpire. Since Valkey 9.0. Source: https://valkey.io/commands/hpexpire
[[nodiscard]] inline command<std::vector<hexpired>> hpexpire(std::string_view key, std::chrono::milliseconds lifetime,
                                                             const strings& fields,
                                                             expire_if condition = expire_if::always) {
    return hexpire(key, lifetime, fields.view(), condition);
}
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<hexpired>> hpexpire(std::string_view key, std::chrono::milliseconds lifetime,
                                                      std::string_view field, const More&... more) {
    return hexpire(key, lifetime, strings{field, std::string_view{more}...});
}

/// Sets when the life of fields ends, by the server's clock; at once, if it has passed. Fractions of a millisecond are
/// cut off. Sends HPEXPIREAT. Since Valkey 9.0. Source: https://valkey.io/commands/hpexpireat
[[nodiscard]] command<std::vector<hexpired>> hexpireat(std::string_view key, std::chrono::system_clock::time_point at,
                                                       const strings& fields, expire_if condition = expire_if::always);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<hexpired>> hexpireat(std::string_view key, std::chrono::system_clock::time_point at,
                                                       std::string_view field, const More&... more) {
    return hexpireat(key, at, strings{field, std::string_view{more}...});
}
/// The same as hexpireat. Since Valkey 9.0. Source: https://valkey.io/commands/hpexpireat
[[nodiscard]] inline command<std::vector<hexpired>> hpexpireat(std::string_view key,
                                                               std::chrono::system_clock::time_point at,
                                                               const strings& fields,
                                                               expire_if condition = expire_if::always) {
    return hexpireat(key, at, fields.view(), condition);
}
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<hexpired>> hpexpireat(std::string_view key, std::chrono::system_clock::time_point at,
                                                        std::string_view field, const More&... more) {
    return hexpireat(key, at, strings{field, std::string_view{more}...});
}

/// What HPERSIST did with one field.
enum class hpersisted : std::int8_t {
    no_field = -2,  ///< there is no such field or key
    not_met = -1,   ///< it lives for good already
    done = 1,       ///< it lives for good from now on
};

/// Lets fields live for good; what was done with each, in order. Not repeated when its reply is lost. Since Valkey 9.0.
/// Source: https://valkey.io/commands/hpersist
[[nodiscard]] command<std::vector<hpersisted>> hpersist(std::string_view key, const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<hpersisted>> hpersist(std::string_view key, std::string_view field,
                                                        const More&... more) {
    return hpersist(key, strings{field, std::string_view{more}...});
}

/// How long fields still live, in seconds, rounded, in order. Since Valkey 9.0.
/// Source: https://valkey.io/commands/httl
[[nodiscard]] command<std::vector<time_to_live<std::chrono::seconds>>> httl(std::string_view key,
                                                                            const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<time_to_live<std::chrono::seconds>>> httl(std::string_view key,
                                                                            std::string_view field,
                                                                            const More&... more) {
    return httl(key, strings{field, std::string_view{more}...});
}

/// How long fields still live, in milliseconds, in order. Since Valkey 9.0. Source: https://valkey.io/commands/hpttl
[[nodiscard]] command<std::vector<time_to_live<std::chrono::milliseconds>>> hpttl(std::string_view key,
                                                                                  const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<time_to_live<std::chrono::milliseconds>>> hpttl(std::string_view key,
                                                                                  std::string_view field,
                                                                                  const More&... more) {
    return hpttl(key, strings{field, std::string_view{more}...});
}

/// When the life of fields ends, to the second, rounded, in order. Since Valkey 9.0.
/// Source: https://valkey.io/commands/hexpiretime
[[nodiscard]] command<std::vector<end_of_life<std::chrono::sys_seconds>>> hexpiretime(std::string_view key,
                                                                                      const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<end_of_life<std::chrono::sys_seconds>>> hexpiretime(std::string_view key,
                                                                                      std::string_view field,
                                                                                      const More&... more) {
    return hexpiretime(key, strings{field, std::string_view{more}...});
}

/// When the life of fields ends, to the millisecond, in order. Since Valkey 9.0.
/// Source: https://valkey.io/commands/hpexpiretime
[[nodiscard]] command<std::vector<end_of_life<std::chrono::sys_time<std::chrono::milliseconds>>>> hpexpiretime(
    std::string_view key, const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<end_of_life<std::chrono::sys_time<std::chrono::milliseconds>>>> hpexpiretime(
    std::string_view key, std::string_view field, const More&... more) {
    return hpexpiretime(key, strings{field, std::string_view{more}...});
}

/// The values of fields, which live from now on as long as this, from 1 ms; nullopt for each that is not there. Since
/// Valkey 9.0. Source: https://valkey.io/commands/hgetex
[[nodiscard]] command<std::vector<std::optional<std::string>>> hgetex(std::string_view key,
                                                                      std::chrono::milliseconds expiry,
                                                                      const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<std::string>>> hgetex(std::string_view key,
                                                                      std::chrono::milliseconds expiry,
                                                                      std::string_view field, const More&... more) {
    return hgetex(key, expiry, strings{field, std::string_view{more}...});
}
/// The same with the time at which the fields' life ends, by the server's clock; at once, if it has passed. Fractions
/// of a millisecond are cut off. Not repeated when its reply is lost. Source: https://valkey.io/commands/hgetex
[[nodiscard]] command<std::vector<std::optional<std::string>>> hgetex(std::string_view key,
                                                                      std::chrono::system_clock::time_point expire_at,
                                                                      const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<std::string>>> hgetex(std::string_view key,
                                                                      std::chrono::system_clock::time_point expire_at,
                                                                      std::string_view field, const More&... more) {
    return hgetex(key, expire_at, strings{field, std::string_view{more}...});
}
/// HGETEX with PERSIST: the values of fields, which live for good from now on; nullopt for each that is not there.
/// Since Valkey 9.0. Source: https://valkey.io/commands/hgetex
[[nodiscard]] command<std::vector<std::optional<std::string>>> hgetex_persist(std::string_view key,
                                                                              const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<std::string>>> hgetex_persist(std::string_view key,
                                                                              std::string_view field,
                                                                              const More&... more) {
    return hgetex_persist(key, strings{field, std::string_view{more}...});
}

/// Options of HSETEX. `expiry`, `keep_ttl` and `expire_at` exclude each other; the server refuses two of them.
struct hsetex_options {
    /// Writes only if the key exists, or only if it does not.
    set_if condition = set_if::always;
    /// Writes only if all of the fields exist, or only if none does. With either condition a HSETEX is not repeated
    /// when its reply is lost.
    set_if field_condition = set_if::always;
    /// How long the fields live, from 1 ms; by default for good.
    std::optional<std::chrono::milliseconds> expiry = {};
    /// Leaves the times to live of existing fields as they are.
    bool keep_ttl = false;
    /// When the fields' life ends, by the server's clock. Fractions of a millisecond are cut off.
    std::optional<std::chrono::system_clock::time_point> expire_at = {};
};

/// Sets fields of a hash, which is made if there is none; false, and nothing is set, if a condition did not hold. Since
/// Valkey 9.0. Example: `hsetex("user:1", {{"token", "x"}}, {.expiry = 10min})`
/// Source: https://valkey.io/commands/hsetex
[[nodiscard]] command<bool> hsetex(std::string_view key, const string_pairs& fields, hsetex_options options = {});

/// The values of fields, which are removed; nullopt for each that is not there. The key goes with its last field. Not
/// repeated when its reply is lost. Since Valkey 9.1. Source: https://valkey.io/commands/hgetdel
[[nodiscard]] command<std::vector<std::optional<std::string>>> hgetdel(std::string_view key, const strings& fields);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<std::string>>> hgetdel(std::string_view key, std::string_view field,
                                                                       const More&... more) {
    return hgetdel(key, strings{field, std::string_view{more}...});
}

}  // namespace valkeyxx::commands

namespace valkeyxx {

template <>
struct reply_to<commands::hexpired> {
    static result<commands::hexpired> from(reply_view v);
};
template <>
struct reply_to<commands::hpersisted> {
    static result<commands::hpersisted> from(reply_view v);
};

}  // namespace valkeyxx
