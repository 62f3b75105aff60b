// Under which condition SET, MSETEX and HSETEX write.
#pragma once

#include <cstdint>

namespace valkeyxx::commands {

/// Whether what is to be set must be there already.
enum class set_if : std::uint8_t { always, exists, does_not_exist };

}  // namespace valkeyxx::commands
