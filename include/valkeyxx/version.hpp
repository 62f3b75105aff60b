// The library's version. The build reads it from here.
#pragma once

#include <string_view>

namespace valkeyxx {

/// Major.minor.patch, by the rules of semantic versioning.
inline constexpr std::string_view version = "0.1.0";

}  // namespace valkeyxx
