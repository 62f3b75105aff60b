// Commands of the group "hash".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>

namespace valkeyxx::commands {

/// Sets fields of a hash: `hset(key, field, value, field, value, ...)`. Returns how many of the fields are new.
/// Source: https://valkey.io/commands/hset
template <std::convertible_to<std::string_view>... More>
    requires(sizeof...(More) % 2 == 0)
[[nodiscard]] command<std::int64_t> hset(std::string_view key, std::string_view field, std::string_view value,
                                         const More&... more) {
    return command<std::int64_t>{
        std::in_place, command_id::hset,
        std::array<std::string_view, 3 + sizeof...(More)>{key, field, value, std::string_view{more}...},
        encoded_command::keys::first};
}

/// The value of one field; nullopt if there is no such field or key. Source: https://valkey.io/commands/hget
[[nodiscard]] inline command<std::optional<std::string>> hget(std::string_view key, std::string_view field) {
    return command<std::optional<std::string>>{std::in_place, command_id::hget, std::array{key, field},
                                               encoded_command::keys::first};
}

/// All fields with their values; empty if there is no such key. Source: https://valkey.io/commands/hgetall
[[nodiscard]] inline command<std::unordered_map<std::string, std::string>> hgetall(std::string_view key) {
    return command<std::unordered_map<std::string, std::string>>{std::in_place, command_id::hgetall, key};
}

}  // namespace valkeyxx::commands
