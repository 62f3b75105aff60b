// Ties the fixtures to GoogleTest: servers show their logs when a test has failed.
#pragma once

namespace valkeyxx::testing {

/// Call once, after InitGoogleTest and before any server starts.
void watch_for_failures();

}  // namespace valkeyxx::testing
