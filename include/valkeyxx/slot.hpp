// Hash slots: the unit in which a cluster shares out its keys.
#pragma once

#include <cstdint>
#include <string_view>

namespace valkeyxx {

/// How many hash slots a cluster has.
inline constexpr std::uint16_t slot_count = 16384;

/// The part of a key that is hashed: what stands between the first '{' and the first '}' after it, if that is not
/// empty; else the whole key. Source: https://valkey.io/topics/cluster-spec (Hash tags).
std::string_view hash_tag(std::string_view key) noexcept;

/// The slot of a key, 0 to 16383: CRC16 (XMODEM) of its hash tag, modulo 16384. Any bytes are a key, also none.
/// Source: https://valkey.io/topics/cluster-spec (Key distribution model).
std::uint16_t key_slot(std::string_view key) noexcept;

}  // namespace valkeyxx
