// One measurement from the first connection to the numbers.
#pragma once

#include <valkeyxx/config.hpp>

#include "valkeyxx_cli/bench_report.hpp"

namespace valkeyxx::cli {

/// Connects, sets the values that GET will find, and measures; what is odd is told on stderr. Returns early after
/// SIGINT, SIGTERM or SIGHUP. To be called while the program has one thread. Throws valkeyxx::exception if there is no
/// topology to be had.
bench_report measure(const bench_plan& plan, config settings);

}  // namespace valkeyxx::cli
