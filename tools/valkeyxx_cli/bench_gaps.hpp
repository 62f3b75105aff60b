// How long nothing succeeded, at most.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <valkeyxx/shard_map.hpp>

#include "valkeyxx_cli/bench_plan.hpp"

namespace valkeyxx::cli {

/// The longest time between neighbouring successes of all threads. Thread-safe.
class success_gap {
  public:
    void start(bench_clock::time_point at) noexcept { last_ = at.time_since_epoch().count(); }

    void success(bench_clock::time_point at) noexcept {
        const auto now = at.time_since_epoch().count();
        auto before = last_.load(std::memory_order_relaxed);
        while (before < now) {
            if (last_.compare_exchange_weak(before, now, std::memory_order_relaxed)) return widen(now - before);
        }
    }

    [[nodiscard]] std::chrono::nanoseconds longest() const noexcept { return bench_clock::duration{longest_.load()}; }

  private:
    void widen(std::int64_t gap) noexcept {
        auto before = longest_.load(std::memory_order_relaxed);
        while (before < gap && !longest_.compare_exchange_weak(before, gap, std::memory_order_relaxed)) {
        }
    }

    std::atomic<std::int64_t> last_{0};
    std::atomic<std::int64_t> longest_{0};
};

/// Over all, and if asked for each shard as the slots are shared out at the start. Thread-safe.
class bench_gaps {
  public:
    /// Without a map: only over all.
    explicit bench_gaps(const shard_map* map);

    void start(bench_clock::time_point at) noexcept;
    void success(std::string_view key, bench_clock::time_point at) noexcept {
        all_.success(at);
        if (!shards_.empty()) success_in_shard(key, at);
    }
    /// The time from the last success to the end is a gap too.
    void end(bench_clock::time_point at) noexcept;

    [[nodiscard]] std::chrono::nanoseconds longest() const noexcept { return all_.longest(); }

    struct shard_gap {
        std::string slots;  ///< "0-5460", "0-99 200-299"
        std::chrono::nanoseconds longest;
    };
    /// Of the shards that had a success, or could have had one: in the order of their slots.
    [[nodiscard]] std::vector<shard_gap> by_shard() const;

  private:
    struct shard {
        std::string slots;
        success_gap gap{};
    };

    void success_in_shard(std::string_view key, bench_clock::time_point at) noexcept;

    success_gap all_;
    std::vector<std::unique_ptr<shard>> shards_;
    std::vector<shard*> of_slot_;
};

}  // namespace valkeyxx::cli
