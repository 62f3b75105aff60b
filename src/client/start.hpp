// What the faces share besides the engine.
#pragma once

#include <optional>
#include <string_view>

#include <valkeyxx/config.hpp>

namespace valkeyxx::client {

class engine;

/// The same configuration; throws `exception` with `invalid_argument` if it cannot be right.
config checked(config settings);

/// The primary that serves a key as far as the engine knows. Requires the engine's lock.
std::optional<endpoint> primary_of(engine& e, std::string_view key);

}  // namespace valkeyxx::client
