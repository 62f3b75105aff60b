// What a client has done so far.
#pragma once

#include <cstdint>

namespace valkeyxx {

/// Counters since the client was made. A value: a copy taken at one moment.
struct stats {
    std::uint64_t commands = 0;     ///< commands that were started
    std::uint64_t moved = 0;        ///< MOVED (of single servers: REDIRECT) followed
    std::uint64_t ask = 0;          ///< ASK redirects followed
    std::uint64_t retries = 0;      ///< waits for another try: rejected, or lost without having run
    std::uint64_t refreshes = 0;    ///< topologies asked for
    std::uint64_t connects = 0;     ///< connections that became ready
    std::uint64_t disconnects = 0;  ///< connections that broke or could not be made
};

}  // namespace valkeyxx
