// Durations as BLPOP and its like take them: seconds, with the milliseconds as a fraction.
#pragma once

#include <chrono>

namespace valkeyxx::detail {

/// Exact to the millisecond for whatever is less than 200,000 years.
inline double seconds(std::chrono::milliseconds duration) noexcept {
    return std::chrono::duration<double>{duration}.count();
}

}  // namespace valkeyxx::detail
