// What a glob pattern says about all that it can match.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace valkeyxx::routing {

/// The slot of every key that matches: the pattern has a hash tag before the first special character ("{user}:*"), or
/// no special character at all. nullopt: matching keys may be of any slot.
std::optional<std::uint16_t> slot_of_pattern(std::string_view glob) noexcept;

/// Whether it can match the channel of a keyspace notification at all: those begin with "__keyspace@" or "__keyevent@".
bool may_match_notifications(std::string_view glob) noexcept;

}  // namespace valkeyxx::routing
