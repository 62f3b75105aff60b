// What must hold for the demo to pass.
#pragma once

#include <stdexcept>
#include <string>

namespace valkeyxx::demo {

/// Ends the demo as failed, with `otherwise` as the reason, unless the fact holds.
inline void require(bool fact, const std::string& otherwise) {
    if (!fact) throw std::runtime_error{otherwise};
}

}  // namespace valkeyxx::demo
