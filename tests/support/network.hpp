// A loopback of our own for each test program, and ports on it that nobody else uses.
#pragma once

#include <cstdint>

namespace valkeyxx::testing {

/// Moves this program into a network namespace of its own: any number of test programs then run side by side on the
/// same ports. Call it first in main(), before any thread exists (only the calling thread moves).
/// @return false when that is not permitted (not root) or VALKEYXX_NO_NETNS is set; ports are then shared out by
/// next_port()
bool isolate_network();

bool is_network_isolated();

/// A free TCP port from 22000 up, below the range the kernel gives to outgoing connections. Never the same one twice
/// unless all have been handed out. Thread-safe.
std::uint16_t next_port();

}  // namespace valkeyxx::testing
