// How long to wait before the next of several attempts. Decorrelated jitter: at random from the first delay to three
// times the last one, so that those who failed together do not come back together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/random.hpp"

namespace valkeyxx::routing {

/// @param last  the delay before; anything less than `first`: there was none
/// @return from `first` to `longest`; requires that it is not less
template <class Duration>
Duration decorrelated(Duration last, Duration first, Duration longest, base::random& dice) noexcept {
    const Duration high = std::max(first, std::min(std::max(last, first) * 3, longest));
    return Duration{static_cast<typename Duration::rep>(
        dice.between(static_cast<std::uint64_t>(first.count()), static_cast<std::uint64_t>(high.count())))};
}

/// The delays of one who tries again and again.
class backoff {
  public:
    using duration = std::chrono::steady_clock::duration;

    constexpr backoff(duration first, duration longest) noexcept : first_{first}, longest_{longest} {}

    duration next(base::random& dice) noexcept { return last_ = decorrelated(last_, first_, longest_, dice); }
    /// It has gone well: the next one is a first one.
    void reset() noexcept { last_ = {}; }

  private:
    duration first_;
    duration longest_;
    duration last_{};
};

}  // namespace valkeyxx::routing
