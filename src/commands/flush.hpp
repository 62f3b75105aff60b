// The word for a flush_mode.
#pragma once

#include "commands/arguments.hpp"

#include <valkeyxx/commands/flush_mode.hpp>

namespace valkeyxx::detail {

inline arguments flush_arguments(commands::flush_mode mode) {
    arguments args;
    args.when(mode == commands::flush_mode::sync, "SYNC").when(mode == commands::flush_mode::async, "ASYNC");
    return args;
}

}  // namespace valkeyxx::detail
