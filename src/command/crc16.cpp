#include "command/crc16.hpp"

namespace valkeyxx::detail {
namespace {

constexpr auto make_tables() {
    std::array<std::array<std::uint16_t, 256>, 4> tables{};
    for (unsigned b = 0; b < 256; ++b) {
        unsigned crc = b << 8;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? (crc << 1) ^ 0x1021U : crc << 1;
        tables[0][b] = static_cast<std::uint16_t>(crc);
    }
    for (std::size_t k = 1; k < tables.size(); ++k) {
        for (std::size_t b = 0; b < 256; ++b) {
            const unsigned previous = tables[k - 1][b];
            tables[k][b] = static_cast<std::uint16_t>((previous << 8) ^ tables[0][previous >> 8]);
        }
    }
    return tables;
}

constexpr unsigned byte(char c) {
    return static_cast<unsigned char>(c);
}

}  // namespace

constexpr std::array<std::array<std::uint16_t, 256>, 4> crc_table = make_tables();

// Four independent look-ups instead of a chain of four; 2 KiB of tables stay in the first-level cache.
std::uint16_t crc16_sliced(std::string_view bytes) noexcept {
    unsigned crc = 0;
    const char* p = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 4; left -= 4, p += 4) {
        crc = static_cast<unsigned>(crc_table[3][(crc >> 8) ^ byte(p[0])]) ^ crc_table[2][(crc & 0xFFU) ^ byte(p[1])] ^
              crc_table[1][byte(p[2])] ^ crc_table[0][byte(p[3])];
    }
    for (; left != 0; --left, ++p) crc = ((crc << 8) & 0xFFFFU) ^ crc_table[0][(crc >> 8) ^ byte(*p)];
    return static_cast<std::uint16_t>(crc);
}

}  // namespace valkeyxx::detail
