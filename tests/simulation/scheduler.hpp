// Virtual time: a queue of what happens when. Time passes only from one event to the next.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "task.hpp"

namespace valkeyxx::simulation {

using duration = std::chrono::steady_clock::duration;
using time_point = std::chrono::steady_clock::time_point;

/// One at a time in each thread: now() is the time of the one that was made last.
class scheduler {
  public:
    /// Not at the clock's epoch: a default time point lies in the past, as it does on any computer.
    static constexpr time_point start{std::chrono::seconds{1000}};

    scheduler() noexcept { now_ = start; }

    [[nodiscard]] static time_point now() noexcept { return now_; }
    [[nodiscard]] static duration elapsed() noexcept { return now_ - start; }

    /// Runs `work` at that time, after everything that was asked for earlier and is due at the same time.
    void at(time_point when, task<> work);
    void after(duration delay, task<> work) { at(now_ + delay, std::move(work)); }

    /// Runs the next event if it is due by then; else lets the time pass and returns false.
    bool step(time_point until);
    /// Drops everything that is still to come.
    void clear() noexcept;

    [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
    /// Events since time last moved on by a millisecond: one that grows without end is a loop.
    [[nodiscard]] std::uint64_t events_at_once() const noexcept { return events_ - before_; }

  private:
    struct entry {
        time_point when;
        std::uint64_t order;
        std::uint32_t place;
    };
    static bool later(const entry& a, const entry& b) noexcept {
        return a.when != b.when ? a.when > b.when : a.order > b.order;
    }

    static inline thread_local time_point now_ = start;

    std::vector<entry> heap_;
    std::vector<task<>> work_;
    std::vector<std::uint32_t> free_;
    std::uint64_t order_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t before_ = 0;
    time_point counted_from_ = start;
};

}  // namespace valkeyxx::simulation
