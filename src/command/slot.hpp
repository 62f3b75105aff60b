// From a key to its hash slot.
#pragma once

#include <cstdint>
#include <string_view>

#include <valkeyxx/slot.hpp>

namespace valkeyxx::detail {

/// CRC16 as the cluster specification has it: XMODEM (polynomial 0x1021, initial value 0, not reflected).
std::uint16_t crc16(std::string_view bytes) noexcept;

}  // namespace valkeyxx::detail
