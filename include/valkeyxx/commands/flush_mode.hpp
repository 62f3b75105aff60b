// How FLUSHALL, FLUSHDB, SCRIPT FLUSH and FUNCTION FLUSH give memory back.
#pragma once

#include <cstdint>

namespace valkeyxx::commands {

/// Either way nothing is there any more when the reply comes; what takes time is giving the memory back.
enum class flush_mode : std::uint8_t {
    by_config,  ///< as the server is configured: lazyfree-lazy-user-flush
    sync,       ///< before the reply, and the server answers nobody meanwhile
    async,      ///< in the background
};

}  // namespace valkeyxx::commands
