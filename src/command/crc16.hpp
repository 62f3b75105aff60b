// CRC16 as the cluster specification has it: XMODEM (polynomial 0x1021, initial value 0, not reflected).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace valkeyxx::detail {

/// By tables, four bytes at a time.
std::uint16_t crc16_sliced(std::string_view bytes) noexcept;

/// Whether crc16_multiplied() may be called: the processor multiplies without carries (x86-64's PCLMULQDQ). False until
/// the library's static initialisation, and then for good as it is.
extern const bool can_multiply;

/// By carry-less multiplication, sixteen bytes at a time.
std::uint16_t crc16_multiplied(std::string_view bytes) noexcept;

/// crc_table[k][b]: the CRC of byte b followed by k zero bytes, which is b * x^(16 + 8k) modulo the polynomial.
extern const std::array<std::array<std::uint16_t, 256>, 4> crc_table;

/// By the fastest way this processor has.
inline std::uint16_t crc16(std::string_view bytes) noexcept {
    return can_multiply ? crc16_multiplied(bytes) : crc16_sliced(bytes);
}

}  // namespace valkeyxx::detail
