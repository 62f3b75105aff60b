// What the faces share besides the engine.
#pragma once

#include <optional>
#include <string_view>

#include <valkeyxx/config.hpp>
#include <valkeyxx/detail/layout.hpp>

namespace valkeyxx::clients {

class engine;

/// The same configuration; throws `exception` with `invalid_argument` if it cannot be right.
config checked(config settings, detail::layout servers);

/// Of a client that is no cluster: one server, or a service that sentinels watch.
detail::layout layout_for(const config& settings) noexcept;

/// The primary that serves a key as far as the engine knows. Requires the engine's lock.
std::optional<endpoint> primary_of(engine& e, std::string_view key);

/// Where commands without keys go; nullopt while there is no topology. Requires the engine's lock.
std::optional<endpoint> default_node_of(engine& e);
/// False if the node is not part of the topology. Requires the engine's lock.
bool set_default_node_of(engine& e, const endpoint& node);

}  // namespace valkeyxx::clients
