// A whole number and its unit.
#include "valkeyxx_cli/duration.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace valkeyxx::cli {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    using namespace std::chrono_literals;
    const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
    const auto unit = text.substr(digits.size());
    const auto factor = unit == "ms" ? 1ms : unit == "s" ? 1000ms : unit == "m" ? 60'000ms : 0ms;
    constexpr auto longest = std::chrono::milliseconds{1000h};

    std::int64_t n = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    if (failure != std::errc{} || factor == 0ms || n < 1 || n > longest / factor) return std::nullopt;
    return n * factor;
}

}  // namespace valkeyxx::cli
