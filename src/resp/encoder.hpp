// Commands to bytes: an array of bulk strings, which is all that clients ever send.
//
//   append_command(out, std::array<std::string_view, 2>{"GET", "k"});   // "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
//
// Those who know a command's shape beforehand reserve its size and write through the put_ functions instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "resp/number.hpp"

namespace valkeyxx::resp {

/// Bytes of a header such as "*3\r\n".
constexpr std::size_t count_size(std::uint64_t n) noexcept {
    return 1 + decimal_size(n) + 2;
}

/// Bytes of a bulk string of `length` bytes, with its header and end.
constexpr std::size_t bulk_size(std::size_t length) noexcept {
    return count_size(length) + length + 2;
}

/// Bytes of a whole command.
std::size_t command_size(std::span<const std::string_view> args) noexcept;

/// Writes "\r\n" and returns the end.
inline char* put_line_end(char* out) noexcept {
    *out++ = '\r';
    *out++ = '\n';
    return out;
}

/// Writes a header: `type`, the digits of `n`, the line end; returns the end. Needs `count_size(n)` bytes.
inline char* put_count(char* out, char type, std::uint64_t n) noexcept {
    *out++ = type;
    return put_line_end(put_decimal(out, n));
}

/// Writes a bulk string and returns the end. Needs `bulk_size(text.size())` bytes.
inline char* put_bulk(char* out, std::string_view text) noexcept {
    out = put_count(out, '$', text.size());
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    return put_line_end(out + text.size());
}

/// Writes a whole command and returns the end. Needs `command_size(args)` bytes.
char* put_command(char* out, std::span<const std::string_view> args) noexcept;

/// Appends a whole command to `out`; the arguments may hold any bytes. `out` grows once.
void append_command(std::string& out, std::span<const std::string_view> args);

}  // namespace valkeyxx::resp
