// Decides which of many records that are alike are written.
//
//   const auto verdict = limiter.offer(key, now);
//   if (verdict.write) write(record, verdict.left_out);
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace valkeyxx::telemetry {

class log_limiter {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    struct verdict {
        bool write = true;
        std::uint64_t left_out = 0;  ///< of those that are alike, since the last one that was written
    };
    struct omission {
        std::string key;
        std::uint64_t count = 0;
    };

    /// @param burst  how many of each key are written in a period; 0: all
    log_limiter(std::size_t burst, std::chrono::steady_clock::duration period) : burst_{burst}, period_{period} {}

    verdict offer(std::string_view key, time_point now);
    /// What was left out and is not told yet, of keys whose period is over; forgets these keys.
    std::vector<omission> take_over(time_point now);
    /// The same of all keys.
    std::vector<omission> take_all();

  private:
    struct entry {
        time_point since;
        std::size_t written = 0;
        std::uint64_t left_out = 0;
    };
    // More keys than these at once and the rest is limited together.
    static constexpr std::size_t most_keys = 1024;

    std::size_t burst_;
    std::chrono::steady_clock::duration period_;
    std::map<std::string, entry, std::less<>> entries_;
    time_point next_look_{};
};

}  // namespace valkeyxx::telemetry
