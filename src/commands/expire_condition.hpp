// The condition of EXPIRE and its like.
#pragma once

#include <valkeyxx/commands/time_to_live.hpp>

#include "commands/arguments.hpp"

namespace valkeyxx::detail {

inline void add_condition(arguments& args, commands::expire_if condition) {
    using enum commands::expire_if;
    args.when(condition == has_none, "NX");
    args.when(condition == has_one, "XX");
    args.when(condition == longer, "GT");
    args.when(condition == shorter, "LT");
}

}  // namespace valkeyxx::detail
