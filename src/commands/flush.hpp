// The word for a flush_mode.
#pragma once

#include "commands/arguments.hpp"

#include <valkeyxx/commands/flush_mode.hpp>

namespace valkeyxx::detail {

inline void add_flush_mode(arguments& args, commands::flush_mode mode) {
    args.when(mode == commands::flush_mode::sync, "SYNC").when(mode == commands::flush_mode::async, "ASYNC");
}

inline arguments flush_arguments(commands::flush_mode mode) {
    arguments args;
    add_flush_mode(args, mode);
    return args;
}

}  // namespace valkeyxx::detail
