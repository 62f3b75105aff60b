// A short key for each slot, to ask for a slot by.
#pragma once

#include <cstdint>
#include <string>

namespace valkeyxx::routing {

/// A decimal number whose slot this is; requires slot < slot_count. The first call takes some 10 ms, and 64 KiB for
/// good. Thread-safe.
std::string slot_tag(std::uint16_t slot);

}  // namespace valkeyxx::routing
