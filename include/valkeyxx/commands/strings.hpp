// Commands of the group "string".
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>

namespace valkeyxx::commands {

/// Under which condition SET writes.
enum class set_if : std::uint8_t { always, exists, does_not_exist };

/// Options of SET.
struct set_options {
    /// Writes only if the key exists, or only if it does not. Such a SET is not repeated when its reply is lost.
    set_if condition = set_if::always;
    /// How long the value lives, from 1 ms; 0: for good. Fractions of a millisecond are cut off.
    std::chrono::milliseconds expiry{0};
    /// Leaves the time to live of an existing key as it is; not together with `expiry`.
    bool keep_ttl = false;
};

/// The value of a key; nullopt if there is no such key. Errors: WRONGTYPE if it is not a string.
/// Source: https://valkey.io/commands/get
[[nodiscard]] inline command<std::optional<std::string>> get(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::get, key};
}

/// Sets a key, replacing any value, type and (unless `keep_ttl`) time to live. False if `condition` did not hold.
/// Example: `set("k", "v", {.condition = set_if::does_not_exist, .expiry = 10s})`
/// Source: https://valkey.io/commands/set
[[nodiscard]] command<bool> set(std::string_view key, std::string_view value, set_options options);
[[nodiscard]] inline command<bool> set(std::string_view key, std::string_view value) {
    return command<bool>{std::in_place, command_id::set, std::array{key, value}, encoded_command::keys::first};
}

/// Adds one to the integer at a key (0 if there is none) and returns the sum. Not repeated when its reply is lost.
/// Errors: ERR if the value is not an integer or would overflow. Source: https://valkey.io/commands/incr
[[nodiscard]] inline command<std::int64_t> incr(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::incr, key};
}

/// As incr, with any summand. Source: https://valkey.io/commands/incrby
[[nodiscard]] command<std::int64_t> incrby(std::string_view key, std::int64_t summand);

/// The values of several keys of one slot, in order; nullopt for each that does not exist or is not a string.
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/mget
[[nodiscard]] inline command<std::vector<std::optional<std::string>>> mget(std::span<const std::string_view> keys) {
    return command<std::vector<std::optional<std::string>>>{std::in_place, command_id::mget, keys,
                                                            encoded_command::keys::all};
}
template <std::convertible_to<std::string_view>... Keys>
[[nodiscard]] command<std::vector<std::optional<std::string>>> mget(std::string_view key, const Keys&... more) {
    return mget(std::array<std::string_view, 1 + sizeof...(Keys)>{key, std::string_view{more}...});
}

/// Sets several keys of one slot at once: `{key, value, key, value, ...}`; requires an even number.
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/mset
[[nodiscard]] inline command<bool> mset(std::span<const std::string_view> keys_and_values) {
    return command<bool>{std::in_place, command_id::mset, keys_and_values, encoded_command::keys::every_other};
}

}  // namespace valkeyxx::commands
