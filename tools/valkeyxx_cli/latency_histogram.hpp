// How long operations took, in buckets narrow enough (at most 1.6 % of the value) for any percentile.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace valkeyxx::cli {

/// Log-linear: each doubling is divided into 64 buckets of equal width; below 128 ns each nanosecond has its own. A
/// value of 30 KB, without allocations.
class latency_histogram {
  public:
    void add(std::chrono::nanoseconds took, std::uint64_t times = 1) noexcept {
        const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
        counts_[index_of(ns)] += times;
        total_ += times;
        max_ = std::max(max_, ns);
    }

    void add(const latency_histogram& other) noexcept {
        for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
        total_ += other.total_;
        max_ = std::max(max_, other.max_);
    }

    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
    [[nodiscard]] std::chrono::nanoseconds max() const noexcept { return std::chrono::nanoseconds{max_}; }

    /// What `fraction` (0 to 1) of all took at most: the upper end of its bucket. 0 if there are none.
    [[nodiscard]] std::chrono::nanoseconds percentile(double fraction) const noexcept {
        if (total_ == 0) return std::chrono::nanoseconds{0};
        const auto wanted = std::max(std::ceil(fraction * static_cast<double>(total_)), 1.0);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets; ++i) {
            seen += counts_[i];
            if (static_cast<double>(seen) >= wanted) return std::chrono::nanoseconds{std::min(upper_end(i), max_)};
        }
        return max();
    }

  private:
    static constexpr unsigned bits = 6;  // of each doubling's buckets
    static constexpr std::size_t per_doubling = std::size_t{1} << bits;
    static constexpr std::size_t doublings = 65 - bits;
    static constexpr std::size_t buckets = doublings * per_doubling;

    static constexpr std::size_t index_of(std::uint64_t ns) noexcept {
        if (ns < 2 * per_doubling) return ns;
        const auto shift = static_cast<unsigned>(std::bit_width(ns)) - bits - 1;
        return shift * per_doubling + (ns >> shift);
    }

    static constexpr std::uint64_t upper_end(std::size_t index) noexcept {
        if (index < 2 * per_doubling) return index;
        const auto shift = index / per_doubling - 1;
        return ((index - shift * per_doubling + 1) << shift) - 1;
    }

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t total_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace valkeyxx::cli
