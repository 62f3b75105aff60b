// Failures by kind, for those who count them.
#pragma once

#include <string>

#include <valkeyxx/error.hpp>

namespace valkeyxx::cli {

/// "timed_out", "server_error:WRONGTYPE", ...
std::string kind_of(const error& e);

}  // namespace valkeyxx::cli
