// Commands of the group "generic": on keys of any type.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>

namespace valkeyxx::commands {

/// Removes keys of one slot; returns how many there were. Not repeated when its reply is lost, since the number would
/// be another. Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/del
[[nodiscard]] inline command<std::int64_t> del(std::span<const std::string_view> keys) {
    return command<std::int64_t>{std::in_place, command_id::del, keys, encoded_command::keys::all};
}
template <std::convertible_to<std::string_view>... Keys>
[[nodiscard]] command<std::int64_t> del(std::string_view key, const Keys&... more) {
    return del(std::array<std::string_view, 1 + sizeof...(Keys)>{key, std::string_view{more}...});
}

/// How many of the keys (of one slot) exist; one that is named twice counts twice.
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/exists
[[nodiscard]] inline command<std::int64_t> exists(std::span<const std::string_view> keys) {
    return command<std::int64_t>{std::in_place, command_id::exists, keys, encoded_command::keys::all};
}
template <std::convertible_to<std::string_view>... Keys>
[[nodiscard]] command<std::int64_t> exists(std::string_view key, const Keys&... more) {
    return exists(std::array<std::string_view, 1 + sizeof...(Keys)>{key, std::string_view{more}...});
}

/// Gives a key a time to live, from 1 ms (at once, if not positive). False if there is no such key.
/// Source: https://valkey.io/commands/pexpire
[[nodiscard]] command<bool> expire(std::string_view key, std::chrono::milliseconds time_to_live);

/// The time to live of a key in milliseconds; -1: it lives for good, -2: there is no such key.
/// Source: https://valkey.io/commands/pttl
[[nodiscard]] inline command<std::int64_t> pttl(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::pttl, key};
}

}  // namespace valkeyxx::commands
