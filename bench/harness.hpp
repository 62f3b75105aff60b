// What every driver measures with: the clock, a latency histogram, and the figures of one run as a line of JSON.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace valkeyxx::bench {

/// Ends the program with a message. Not an exception: drivers call it from callbacks that C libraries call.
[[noreturn]] void die(std::string_view what);

/// Nanoseconds of the monotonic clock.
std::uint64_t now();

/// Latencies in buckets of at most 1/64 relative width, so that adding one costs a few instructions and no memory.
class histogram {
  public:
    void add(std::uint64_t nanoseconds);
    /// The latency in microseconds that the fraction `p` of all entries do not exceed; 0 if there are none.
    double percentile(double p) const;

  private:
    static constexpr std::size_t steps = 64;      // buckets for each power of two
    static constexpr std::size_t doublings = 36;  // up to 2^41 ns, more than half an hour
    std::array<std::uint32_t, steps * doublings> counts_{};
    std::uint64_t entries_ = 0;
};

/// When a run ends: after a number of operations if `operations` is set, else after `seconds`.
struct limits {
    double seconds = 1.0;
    std::uint64_t operations = 0;
};

/// One run. A driver connects, calls start(), works while running(), and calls stop() before it disconnects.
class measurement {
  public:
    explicit measurement(limits until) : until_(until) {}

    void start();
    void stop();
    bool running() const { return until_.operations ? operations_ < until_.operations : last_ < deadline_; }

    /// `count` operations began together at the previous completed() (or start()) and are done now.
    void completed(std::uint64_t count);

    /// One operation of many in flight is done, without a look at the clock.
    void completed_untimed() { ++operations_; }
    /// The same for an operation that began at `began`.
    void completed_since(std::uint64_t began);

    const limits& until() const { return until_; }
    /// The time start(), completed() or completed_since() saw last.
    std::uint64_t last() const { return last_; }

    /// The result of a stopped run.
    std::string json(std::string_view client, std::string_view scenario) const;

  private:
    struct usage {
        double user = 0;    // microseconds, all threads of the process
        double system = 0;  // microseconds
        std::uint64_t allocations = 0;
    };
    static usage usage_now();

    limits until_;
    std::uint64_t operations_ = 0;
    std::uint64_t began_ = 0;
    std::uint64_t deadline_ = 0;
    std::uint64_t last_ = 0;
    std::uint64_t ended_ = 0;
    usage before_;
    usage after_;
    histogram latencies_;
};

}  // namespace valkeyxx::bench
