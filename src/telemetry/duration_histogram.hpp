// How long things took, in buckets that never change: those of a Prometheus histogram.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace valkeyxx::telemetry {

class duration_histogram {
  public:
    /// Upper ends of the buckets, which belong to them; the last bucket, for what is longer, has none.
    static constexpr std::array<std::chrono::nanoseconds, 17> bounds{
        std::chrono::microseconds{50},  std::chrono::microseconds{100}, std::chrono::microseconds{250},
        std::chrono::microseconds{500}, std::chrono::milliseconds{1},   std::chrono::microseconds{2500},
        std::chrono::milliseconds{5},   std::chrono::milliseconds{10},  std::chrono::milliseconds{25},
        std::chrono::milliseconds{50},  std::chrono::milliseconds{100}, std::chrono::milliseconds{250},
        std::chrono::milliseconds{500}, std::chrono::seconds{1},        std::chrono::milliseconds{2500},
        std::chrono::seconds{5},        std::chrono::seconds{10},
    };
    using counts = std::array<std::uint64_t, bounds.size() + 1>;

    void add(std::chrono::nanoseconds took) noexcept {
        const auto* const bucket = std::lower_bound(bounds.begin(), bounds.end(), took);
        ++counts_[static_cast<std::size_t>(bucket - bounds.begin())];
        sum_ += took;
    }
    duration_histogram& operator+=(const duration_histogram& other) noexcept {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        sum_ += other.sum_;
        return *this;
    }

    /// How many fell into each bucket, and into none before it.
    [[nodiscard]] const counts& buckets() const noexcept { return counts_; }
    [[nodiscard]] std::chrono::nanoseconds sum() const noexcept { return sum_; }
    [[nodiscard]] std::uint64_t count() const noexcept {
        std::uint64_t all = 0;
        for (const std::uint64_t n : counts_) all += n;
        return all;
    }

  private:
    counts counts_{};
    std::chrono::nanoseconds sum_{};
};

}  // namespace valkeyxx::telemetry
