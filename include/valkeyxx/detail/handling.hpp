// What is special about how a request is sent; not for users.
#pragma once

#include <cstdint>

namespace valkeyxx {

enum class handling : std::uint8_t {
    ordinary,     ///< on a connection that all share
    blocks,       ///< may wait at the server for other clients: on a connection of its own
    binds,        ///< changes the state of its connection (WATCH, SELECT): only in a session
    breaks,       ///< its replies are not one for each request (SUBSCRIBE, MONITOR): not as a command
    script,       ///< its bytes are EVAL with the script, followed by the script's SHA1 digest
    transaction,  ///< its bytes are MULTI, commands and EXEC; the last reply counts
    cached,       ///< its reply may come from the client's cache, and is kept there
    uncacheable,  ///< it should be, and cannot: refused
};

}  // namespace valkeyxx
