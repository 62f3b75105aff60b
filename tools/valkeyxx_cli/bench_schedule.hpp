// When the next operation is due, for all threads of a benchmark, and when there are no more.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "valkeyxx_cli/bench_plan.hpp"

namespace valkeyxx::cli {

/// Thread-safe.
class bench_schedule {
  public:
    explicit bench_schedule(const bench_plan& plan);

    /// Before the first claim.
    void start(bench_clock::time_point now);

    /// `count` operations that are due at the same time. Their latency counts from then, however late they start.
    struct turn {
        bench_clock::time_point due;
        std::uint64_t count = 0;
    };

    /// The next operations, at most `wanted`: due now if there is no rate, else perhaps later. nullopt: it is over.
    std::optional<turn> claim(std::uint64_t wanted, bench_clock::time_point now);
    /// Sleeps until then; false if it is over before.
    bool wait_until(bench_clock::time_point due);

    /// No claim from then on.
    void stop(bench_clock::time_point at);
    /// When no more operations were (or will be) started; the end of all time as long as nobody knows.
    [[nodiscard]] bench_clock::time_point end() const { return bench_clock::time_point{end_.load()}; }
    /// Operations that the rate made due before the end, and that nobody had the time to start.
    [[nodiscard]] std::uint64_t missed(bench_clock::time_point end) const;

  private:
    [[nodiscard]] bench_clock::time_point due_time(std::uint64_t ticket) const;

    const std::uint64_t requests_;
    const double rate_;
    const std::chrono::nanoseconds time_;
    bench_clock::time_point start_{};
    std::atomic<bench_clock::duration> end_{bench_clock::duration::max()};
    std::atomic<std::uint64_t> claimed_{0};
    std::atomic<std::uint64_t> started_{0};
    std::mutex mutex_;
    std::condition_variable stopped_;
};

}  // namespace valkeyxx::cli
