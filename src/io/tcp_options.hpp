// How the kernel is to find out that a peer is gone.
#pragma once

#include <chrono>

namespace valkeyxx::io {

struct tcp_options {
    std::chrono::milliseconds keepalive{};     ///< idle for so long: the peer is asked; 0: never
    std::chrono::milliseconds user_timeout{};  ///< what was sent may stay unacknowledged for so long; 0: the system's
};

/// Sets them at a connected socket, and that small writes leave at once. What the system does not know is left out:
/// the connection works without.
void tune(int socket, const tcp_options& how) noexcept;

}  // namespace valkeyxx::io
