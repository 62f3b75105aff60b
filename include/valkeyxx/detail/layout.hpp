// What kind of servers a client talks to.
#pragma once

#include <cstdint>

namespace valkeyxx::detail {

enum class layout : std::uint8_t {
    one_server,  ///< which gets every command
    service,     ///< one primary and its replicas, which sentinels watch
    sentinels,   ///< the sentinels themselves, one of which gets every command
    cluster,     ///< each command goes to the node of its key
};

}  // namespace valkeyxx::detail
