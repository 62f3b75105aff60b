// The only way a fixture waits: ask again and again until something holds or the time is up.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string_view>

namespace valkeyxx::testing {

/// Thrown by a predicate that knows waiting longer is pointless (a server that died does not come up): it passes
/// through.
struct give_up : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// By how much all time limits are stretched: VALKEYXX_TEST_TIME_FACTOR from the environment (sanitizers, slow
/// machines), else 1.
double time_factor();

std::chrono::milliseconds stretched(std::chrono::milliseconds limit);

/// Returns as soon as `done` returns true. A throwing predicate counts as "not yet".
/// Throws std::runtime_error naming `what` and the last error seen once `limit` (stretched) is over.
void poll_until(std::string_view what, const std::function<bool()>& done,
                std::chrono::milliseconds limit = std::chrono::seconds{15});

}  // namespace valkeyxx::testing
