// How the routing room names a node: a small number, never used for another endpoint as long as its client lives.
#pragma once

#include <cstdint>

namespace valkeyxx::routing {

using node_id = std::uint32_t;
inline constexpr node_id no_node = 0xFFFFFFFF;

}  // namespace valkeyxx::routing
