// A time in two bytes; not for users.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace valkeyxx::detail {

/// Exact up to four seconds, then too short by a thousandth at most, up to 139 years. Negative times are zero.
class brief_time {
  public:
    constexpr brief_time() noexcept = default;
    constexpr explicit brief_time(std::chrono::milliseconds time) noexcept {
        std::int64_t rest = std::clamp<std::int64_t>(time.count(), 0, longest);
        std::uint32_t fours = 0;
        for (; rest > most; rest /= 4) ++fours;
        bits_ = static_cast<std::uint16_t>(fours << 12U | static_cast<std::uint32_t>(rest));
    }
    constexpr explicit operator std::chrono::milliseconds() const noexcept {
        return std::chrono::milliseconds{std::int64_t{bits_ & most} << (bits_ >> 12U) * 2};
    }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return bits_ == 0; }

  private:
    static constexpr std::int64_t most = 0xFFF;
    static constexpr std::int64_t longest = most << 30U;

    std::uint16_t bits_ = 0;
};

}  // namespace valkeyxx::detail
