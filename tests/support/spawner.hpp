// Starts child processes that die with this program, however it ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace valkeyxx::testing {

using arguments = std::vector<std::string>;

struct child_options {
    arguments argv;      ///< argv[0] is an absolute path
    std::string output;  ///< file that takes stdout and stderr, appended to
    std::string folder;  ///< working folder
};

/// Forks and runs a program. The child gets SIGKILL when this process ends, has no descriptors but 0-2, and is in a
/// process group of its own: Ctrl-C at the terminal is for this program, which then stops its children itself. Throws
/// std::system_error when the program cannot be run. Thread-safe.
pid_t spawn(const child_options& child);

}  // namespace valkeyxx::testing
