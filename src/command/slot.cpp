#include "command/slot.hpp"

#include <array>
#include <cstring>

namespace valkeyxx {
namespace {

using table = std::array<std::uint16_t, 256>;

// Slicing by 4: tables_[k][b] is the CRC of byte b followed by k zero bytes, so that four bytes are folded in with four
// independent look-ups instead of a chain of four. 2 KiB of tables stay in the first-level cache.
constexpr std::array<table, 4> make_tables() {
    std::array<table, 4> tables{};
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

constexpr auto tables = make_tables();

constexpr unsigned byte(char c) {
    return static_cast<unsigned char>(c);
}

}  // namespace

namespace detail {

std::uint16_t crc16(std::string_view bytes) noexcept {
    unsigned crc = 0;
    const char* p = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 4; left -= 4, p += 4) {
        crc = static_cast<unsigned>(tables[3][(crc >> 8) ^ byte(p[0])]) ^ tables[2][(crc & 0xFFU) ^ byte(p[1])] ^
              tables[1][byte(p[2])] ^ tables[0][byte(p[3])];
    }
    for (; left != 0; --left, ++p) crc = ((crc << 8) & 0xFFFFU) ^ tables[0][(crc >> 8) ^ byte(*p)];
    return static_cast<std::uint16_t>(crc);
}

}  // namespace detail

std::string_view hash_tag(std::string_view key) noexcept {
    if (key.empty()) return key;
    const auto* open = static_cast<const char*>(std::memchr(key.data(), '{', key.size()));
    if (open == nullptr) return key;
    const auto start = static_cast<std::size_t>(open - key.data()) + 1;
    const auto close = key.find('}', start);
    if (close == std::string_view::npos || close == start) return key;
    return key.substr(start, close - start);
}

std::uint16_t key_slot(std::string_view key) noexcept {
    return static_cast<std::uint16_t>(detail::crc16(hash_tag(key)) & (slot_count - 1U));
}

}  // namespace valkeyxx
