// What a command does to its connection, by its own arguments: whether it is bound to it, and how long it may wait at
// the server for other clients.
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

/// How the request is to be sent: what the table says of the command, or `ordinary` if its words say that this one
/// needs nothing special (XREAD without BLOCK, HELLO without arguments).
handling handling_of(const listed_command& command, std::span<const std::string_view> words) noexcept;

}  // namespace valkeyxx
