// Whether the test program has failed so far, as told by whoever runs the tests; servers then show their logs.
#pragma once

#include <functional>
#include <string>

namespace valkeyxx::testing {

/// Set once, before any server starts. Without it nothing counts as failed.
void set_failure_hook(std::function<bool()> has_failed);

bool has_failed();

/// Shows the end of a server's log on stderr, and copies the whole file to the folder named by VALKEYXX_TEST_LOGS if
/// set.
void report_log(const std::string& server_name, const std::string& log_path, const std::string& tail);

}  // namespace valkeyxx::testing
