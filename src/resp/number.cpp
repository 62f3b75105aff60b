// Numbers to text and back, on top of <charconv>.
#include "resp/number.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace valkeyxx::resp {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// `word` is in lower case and has letters only.
bool equals_ignoring_case(std::string_view text, std::string_view word) noexcept {
    if (text.size() != word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if ((text[i] | 0x20) != word[i]) return false;
    }
    return true;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
    // from_chars knows '-' only; after a '+' there must not be another sign.
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    std::int64_t n = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return n;
}

std::optional<double> parse_real(std::string_view text) noexcept {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    double number = 0;
    if (is_digit(text.front()) || text.front() == '.') {
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    } else if (equals_ignoring_case(text, "inf")) {
        number = std::numeric_limits<double>::infinity();
    } else if (equals_ignoring_case(text, "nan")) {
        number = std::numeric_limits<double>::quiet_NaN();
    } else {
        return std::nullopt;
    }
    return negative ? -number : number;
}

char* put_long_decimal(char* out, std::uint64_t n) noexcept {
    char* const end = out + decimal_size(n);
    char* at = end;
    for (; n >= 10; n /= 10) *--at = static_cast<char>('0' + n % 10);
    *--at = static_cast<char>('0' + n);
    return end;
}

char* put_integer(char* out, std::int64_t n) noexcept {
    auto magnitude = static_cast<std::uint64_t>(n);
    if (n < 0) {
        *out++ = '-';
        magnitude = 0 - magnitude;  // also right for the smallest integer, whose negative does not fit
    }
    return put_decimal(out, magnitude);
}

char* put_real(char* out, double number) noexcept {
    // A NaN's sign means nothing, and the wire knows one spelling.
    if (std::isnan(number)) number = std::numeric_limits<double>::quiet_NaN();
    return std::to_chars(out, out + max_real_size, number).ptr;
}

std::string format(std::int64_t n) {
    char text[max_integer_size];
    return {text, put_integer(text, n)};
}

std::string format(double number) {
    char text[max_real_size];
    return {text, put_real(text, number)};
}

}  // namespace valkeyxx::resp
