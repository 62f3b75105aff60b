// CRC16 (XMODEM) by a table of 256 entries.
#include "slots.hpp"

#include <array>

namespace valkeyxx::bench {
namespace {

constexpr std::array<std::uint16_t, 256> make_table() {
    std::array<std::uint16_t, 256> table{};
    for (unsigned i = 0; i < 256; ++i) {
        unsigned crc = i << 8;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) ? (crc << 1) ^ 0x1021U : crc << 1;
        table[i] = static_cast<std::uint16_t>(crc);
    }
    return table;
}

constexpr auto table = make_table();

}  // namespace

std::uint16_t slot_of(std::string_view key) {
    std::uint16_t crc = 0;
    for (const char c : key) {
        const unsigned index = (crc >> 8) ^ static_cast<unsigned char>(c);
        crc = static_cast<std::uint16_t>((crc << 8) ^ table[index]);
    }
    return crc & 16383;
}

}  // namespace valkeyxx::bench
