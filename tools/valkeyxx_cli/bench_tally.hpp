// What became of a benchmark's operations.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <valkeyxx/result.hpp>

#include "valkeyxx_cli/bench_gaps.hpp"
#include "valkeyxx_cli/bench_schedule.hpp"
#include "valkeyxx_cli/bench_workload.hpp"
#include "valkeyxx_cli/latency_histogram.hpp"

namespace valkeyxx::cli {

/// A value: one for each thread, added up at the end.
struct bench_tally {
    struct failures {
        std::uint64_t count = 0;
        std::string example{};  ///< the first one's message
    };

    std::uint64_t ops = 0;  ///< with success
    std::uint64_t incr_acknowledged = 0;
    std::uint64_t errors = 0;
    std::uint64_t may_have_run = 0;
    std::map<std::string, failures> by_kind{};
    latency_histogram latency{};  ///< of ops
    bench_clock::time_point last_outcome{};

    void add(const bench_tally& other);
    void add_error(const std::string& kind, const std::string& example, bool may_have_run);
};

/// Judges one thread's outcomes.
class bench_scorer {
  public:
    bench_scorer(const bench_schedule& schedule, bench_gaps& gaps) : schedule_{schedule}, gaps_{gaps} {}

    /// `due`: when the operation was to start.
    template <class R>
    void take(const bench_operation& operation, std::string_view key, const result<R>& outcome,
              bench_clock::time_point due, bench_clock::time_point now) {
        tally_.last_outcome = now;
        if (!outcome) return failed(outcome.error());
        if (!bench_workload::is_right(key, *outcome)) return wrong_value(key);
        succeeded(operation, key, due, now);
    }

    [[nodiscard]] const bench_tally& tally() const { return tally_; }

  private:
    void succeeded(const bench_operation& operation, std::string_view key, bench_clock::time_point due,
                   bench_clock::time_point now);
    void failed(const error& why);
    void wrong_value(std::string_view key);

    const bench_schedule& schedule_;
    bench_gaps& gaps_;
    bench_tally tally_;
};

}  // namespace valkeyxx::cli
