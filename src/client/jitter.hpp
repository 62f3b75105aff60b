// A time at random, for faces that have no engine's dice at hand: so that those who disturb each other come apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "base/random.hpp"

namespace valkeyxx::clients {

/// From `low` to `high`, both included; requires low <= high. Thread-safe.
template <class Duration>
Duration jitter(Duration low, Duration high) {
    thread_local base::random dice{std::random_device{}()};
    return Duration{static_cast<typename Duration::rep>(
        dice.between(static_cast<std::uint64_t>(low.count()), static_cast<std::uint64_t>(high.count())))};
}

}  // namespace valkeyxx::clients
