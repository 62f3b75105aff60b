// Points in time as the server takes them.
#pragma once

#include <chrono>
#include <cstdint>

namespace valkeyxx::detail {

/// Milliseconds since 1970. Fractions are cut off towards the past, also before 1970.
inline std::int64_t unix_milliseconds(std::chrono::system_clock::time_point t) {
    return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

}  // namespace valkeyxx::detail
