// CRC16 by carry-less multiplication. A message is a polynomial; its CRC is message * x^16 modulo P. Multiplying what
// stands far to the left by (x^n modulo P) brings it near without changing the remainder, sixteen bytes at a time. Zero
// bytes on the left change nothing, since the initial value is 0.
#include "command/crc16.hpp"

#if defined(__x86_64__)

#    include <immintrin.h>
#    include <cstring>

namespace valkeyxx::detail {
namespace {

// x^n modulo P.
constexpr long long power(int n) {
    unsigned value = 1;
    for (; n > 0; --n) value = (value & 0x8000U) != 0 ? ((value << 1) ^ 0x1021U) & 0xFFFFU : value << 1;
    return value;
}

inline std::uint64_t load_8(const char* p) noexcept {
    std::uint64_t n = 0;
    std::memcpy(&n, p, sizeof n);
    return __builtin_bswap64(n);
}

inline std::uint64_t load_4(const char* p) noexcept {
    std::uint32_t n = 0;
    std::memcpy(&n, p, sizeof n);
    return __builtin_bswap32(n);
}

__attribute__((target("pclmul,sse4.1"))) inline __m128i multiply(std::uint64_t a, long long b) noexcept {
    return _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(a)), _mm_cvtsi64_si128(b), 0);
}

__attribute__((target("pclmul,sse4.1"))) inline std::uint64_t low(__m128i v) noexcept {
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(v));
}

__attribute__((target("pclmul,sse4.1"))) inline std::uint64_t high(__m128i v) noexcept {
    return static_cast<std::uint64_t>(_mm_extract_epi64(v, 1));
}

}  // namespace

const bool can_multiply = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");

__attribute__((target("pclmul,sse4.1"))) std::uint16_t crc16_multiplied(std::string_view bytes) noexcept {
    const char* p = bytes.data();
    std::size_t n = bytes.size();
    // left:right is a number of 128 bits. It begins with the odd bytes at the front, so that whole blocks follow.
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    const std::size_t first = n % 16 == 0 && n != 0 ? 16 : n % 16;
    if (first >= 8) {
        right = load_8(p + first - 8);
        if (first > 8) left = load_8(p) >> (8 * (16 - first));
    } else if (first >= 4) {
        right = load_4(p) << (8 * (first - 4)) | load_4(p + first - 4);  // what is loaded twice is the same in both
    } else {
        for (std::size_t i = 0; i < first; ++i) right = right << 8U | static_cast<unsigned char>(p[i]);
    }
    for (p += first, n -= first; n != 0; p += 16, n -= 16) {
        const __m128i moved = _mm_xor_si128(multiply(left, power(192)), multiply(right, power(128)));
        left = high(moved) ^ load_8(p);
        right = low(moved) ^ load_8(p + 8);
    }
    // From 128 bits, times x^16, down to 80, 64 and 48; the tables do the rest.
    const __m128i eighty = _mm_xor_si128(multiply(left, power(80)), multiply(right, power(16)));
    const std::uint64_t sixty_four = low(multiply(high(eighty), power(64))) ^ low(eighty);
    const std::uint64_t forty_eight = low(multiply(sixty_four >> 32U, power(32))) ^ (sixty_four & 0xFFFFFFFFU);
    return static_cast<std::uint16_t>(crc_table[3][forty_eight >> 40U] ^ crc_table[2][forty_eight >> 32U & 0xFFU] ^
                                      crc_table[1][forty_eight >> 24U & 0xFFU] ^
                                      crc_table[0][forty_eight >> 16U & 0xFFU] ^ (forty_eight & 0xFFFFU));
}

}  // namespace valkeyxx::detail

#else

namespace valkeyxx::detail {

const bool can_multiply = false;

std::uint16_t crc16_multiplied(std::string_view bytes) noexcept {
    return crc16_sliced(bytes);
}

}  // namespace valkeyxx::detail

#endif
