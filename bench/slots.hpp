// Which node of the benchmark's cluster serves a key; for peers that leave routing to their user.
#pragma once

#include <cstdint>
#include <string_view>

namespace valkeyxx::bench {

inline constexpr std::size_t cluster_nodes = 3;

/// The slot of a key without a hash tag. Byte by byte, as a user would write it by hand: not a speed record.
std::uint16_t slot_of(std::string_view key);

/// The index of the primary that serves the slot, in the layout that the runner gives its cluster.
constexpr std::size_t owner_of(std::uint16_t slot) {
    return slot <= 5460 ? 0 : slot <= 10922 ? 1 : 2;
}

}  // namespace valkeyxx::bench
