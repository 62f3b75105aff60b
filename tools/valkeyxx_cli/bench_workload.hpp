// Which commands a benchmark runs, with which keys and values, and whether the replies are right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "valkeyxx_cli/bench_plan.hpp"

namespace valkeyxx::cli {

struct bench_operation {
    enum class kind : std::uint8_t { get, set, incr } what = kind::get;
    std::uint64_t number = 0;  ///< of its key, below bench_plan::keys
};

/// Draws operations, the same ones for the same seed. For one thread.
class bench_dice {
  public:
    bench_dice(const bench_plan& plan, std::uint64_t seed);
    bench_operation next() noexcept;

  private:
    std::uint64_t draw() noexcept;

    bench_command command_;
    std::uint64_t keys_;
    std::uint64_t state_;
};

/// Makes keys and values, and knows what must come back. For one thread: the views it returns are good until the next
/// call of the same name.
class bench_workload {
  public:
    explicit bench_workload(const bench_plan& plan);

    std::string_view key(const bench_operation& operation);
    /// What SET writes: `size` letters that follow from the key and their number.
    std::string_view value(std::string_view key);

    /// Whether a reply can be what the benchmark wrote (with any --size).
    [[nodiscard]] static bool is_right(std::string_view key, const std::optional<std::string>& got);
    [[nodiscard]] static bool is_right(std::string_view /*key*/, bool set) { return set; }
    [[nodiscard]] static bool is_right(std::string_view /*key*/, std::int64_t count) { return count > 0; }

  private:
    std::string values_prefix_;
    std::string counters_prefix_;
    std::size_t size_;
    std::string key_;
    std::string value_;
};

}  // namespace valkeyxx::cli
