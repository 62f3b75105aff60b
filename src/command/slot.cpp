#include <valkeyxx/slot.hpp>

#include <cstring>

#include "command/crc16.hpp"

namespace valkeyxx {
namespace {

// Inlined into key_slot(), which every command goes through.
inline std::string_view tag_of(std::string_view key) noexcept {
    if (key.empty()) return key;
    const auto* open = static_cast<const char*>(std::memchr(key.data(), '{', key.size()));
    if (open == nullptr) [[likely]]
        return key;
    const auto start = static_cast<std::size_t>(open - key.data()) + 1;
    const auto close = key.find('}', start);
    if (close == std::string_view::npos || close == start) return key;
    return key.substr(start, close - start);
}

}  // namespace

std::string_view hash_tag(std::string_view key) noexcept {
    return tag_of(key);
}

std::uint16_t key_slot(std::string_view key) noexcept {
    return static_cast<std::uint16_t>(detail::crc16(tag_of(key)) & (slot_count - 1U));
}

}  // namespace valkeyxx
