// What a benchmark is to do.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace valkeyxx::cli {

using bench_clock = std::chrono::steady_clock;

enum class bench_mode : std::uint8_t { sync, pipeline, async };
enum class bench_command : std::uint8_t { get, set, incr, mix };

struct bench_plan {
    bench_mode mode = bench_mode::sync;
    bench_command command = bench_command::mix;
    int clients = 4;
    int depth = 16;
    int pipeline = 100;
    std::uint64_t keys = 10'000;
    std::size_t size = 64;
    std::chrono::nanoseconds time = std::chrono::seconds{10};
    std::uint64_t requests = 0;  ///< not 0: that many, however long it takes
    double rate = 0;             ///< operations per second; 0: as many as go
    std::string prefix = "bench:";
    bool by_shard = false;  ///< watch each shard's gaps too

    /// Commands that can be under way at a time.
    [[nodiscard]] std::size_t width() const {
        const int each = mode == bench_mode::sync ? 1 : mode == bench_mode::pipeline ? pipeline : depth;
        return static_cast<std::size_t>(clients) * static_cast<std::size_t>(each);
    }
};

}  // namespace valkeyxx::cli
