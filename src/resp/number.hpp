// Numbers as the wire spells them: decimal digits to values and back, independent of the locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace valkeyxx::resp {

/// The integer that the whole of `text` spells: an optional sign, then digits. None if it is anything else or does not
/// fit.
std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

/// The number that the whole of `text` spells: decimal, with or without a fraction or an exponent, or "inf" or "nan" in
/// any case, each with an optional sign. None if it is anything else or out of a double's range.
std::optional<double> parse_real(std::string_view text) noexcept;

/// Bytes that suffice for `put_integer` and `put_decimal`.
inline constexpr std::size_t max_integer_size = 20;
/// Bytes that suffice for `put_real`.
inline constexpr std::size_t max_real_size = 32;

/// The number of digits of `n`.
constexpr std::size_t decimal_size(std::uint64_t n) noexcept {
    std::size_t digits = 1;
    for (; n >= 10'000; n /= 10'000) digits += 4;
    return digits + (n >= 10) + (n >= 100) + (n >= 1000);
}

/// Writes `n` of three or more digits; see `put_decimal`.
char* put_long_decimal(char* out, std::uint64_t n) noexcept;

/// Writes the digits of `n` and returns the end. Inline for one and two digits, which most lengths and counts have.
inline char* put_decimal(char* out, std::uint64_t n) noexcept {
    if (n >= 100) return put_long_decimal(out, n);
    if (n >= 10) {
        *out++ = static_cast<char>('0' + n / 10);
        n %= 10;
    }
    *out++ = static_cast<char>('0' + n);
    return out;
}

/// Writes `n` with a '-' if it is negative and returns the end.
char* put_integer(char* out, std::int64_t n) noexcept;

/// Writes the shortest text that `parse_real` reads as exactly `number` ("inf", "-inf" and "nan" included); returns the
/// end.
char* put_real(char* out, double number) noexcept;

/// The text of `put_integer`.
std::string format(std::int64_t n);
/// The text of `put_real`.
std::string format(double number);

}  // namespace valkeyxx::resp
