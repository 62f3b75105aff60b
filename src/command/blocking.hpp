// How long a command may wait at the server for other clients, by its own arguments.
//
//   blocking_time(info_of(command_id::blpop), words)       // BLPOP k 2.5: 2500 ms; BLPOP k 0: max(), for ever
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "command/table.hpp"

namespace valkeyxx {

/// nullopt: it does not wait (XREAD without BLOCK, or a command that never does). `max()`: without end, or nobody knows
/// (a module's command). Arguments that the server will refuse give nullopt. `words[0]` is the command's name.
std::optional<std::chrono::milliseconds> blocking_time(const listed_command& command,
                                                       std::span<const std::string_view> words) noexcept;

}  // namespace valkeyxx
