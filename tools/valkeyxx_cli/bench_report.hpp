// The numbers of a benchmark, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include <valkeyxx/stats.hpp>

#include "valkeyxx_cli/bench_tally.hpp"

namespace valkeyxx::cli {

struct bench_report {
    bench_tally tally{};
    std::chrono::nanoseconds lasted{};  ///< from the start to the last outcome
    std::chrono::nanoseconds cpu{};     ///< of the whole program
    std::chrono::nanoseconds longest_gap{};
    std::vector<bench_gaps::shard_gap> gaps_by_shard{};
    stats work{};  ///< of the client, while it was measured
    std::uint64_t reconnects = 0;
    bool prepared = true;  ///< false: not all values that GET was to find could be set
};

/// One line.
std::string to_json(const bench_plan& plan, const bench_report& report);
/// A table.
std::string to_text(const bench_plan& plan, const bench_report& report);

}  // namespace valkeyxx::cli
