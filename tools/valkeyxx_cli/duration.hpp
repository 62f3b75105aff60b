// Durations as people write them on a command line.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace valkeyxx::cli {

/// "250ms", "5s" or "2m", from 1 ms to 1000 hours; nullopt for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace valkeyxx::cli
