// Runs a program to its end, as a shell would, and looks at all that comes out of it.
#pragma once

#include <chrono>
#include <ostream>
#include <string>

#include "support/spawner.hpp"

namespace valkeyxx::testing {

struct program_result {
    int exit_code = 0;  ///< minus the signal's number if one ended it
    std::string out;    ///< stdout
    std::string err;    ///< stderr

    bool operator==(const program_result&) const = default;
};

std::ostream& operator<<(std::ostream& to, const program_result& result);

enum class stdout_is { pipe, terminal, full_disk };

/// Runs argv[0], found by PATH unless it has a slash, without input. `environment` holds NAME=VALUE settings on top of
/// this program's own. On a terminal lines end in '\n' alone. Throws std::system_error if it cannot be run, and kills
/// it and throws std::runtime_error when it takes longer than `limit` (stretched).
program_result run_program(const arguments& argv, stdout_is kind = stdout_is::pipe, const arguments& environment = {},
                           std::chrono::milliseconds limit = std::chrono::seconds{20});

}  // namespace valkeyxx::testing
