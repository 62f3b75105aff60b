// Which slot a glob pattern can match keys of only, if it is so.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace valkeyxx::routing {

/// The slot of every key that matches: the pattern has a hash tag before the first special character ("{user}:*"), or
/// no special character at all. nullopt: matching keys may be of any slot.
std::optional<std::uint16_t> slot_of_pattern(std::string_view glob) noexcept;

}  // namespace valkeyxx::routing
