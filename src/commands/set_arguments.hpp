// The options that SET, MSETEX and HSETEX have in common.
#pragma once

#include <valkeyxx/commands/set_if.hpp>

#include "commands/arguments.hpp"
#include "commands/unix_time.hpp"

namespace valkeyxx::detail {

inline void add_condition(arguments& args, commands::set_if condition) {
    args.when(condition == commands::set_if::exists, "XX");
    args.when(condition == commands::set_if::does_not_exist, "NX");
}

/// Of options with `expiry`, `keep_ttl` and `expire_at`.
template <class Options>
void add_expiry(arguments& args, const Options& options) {
    if (options.expiry) args << "PX" << options.expiry->count();
    if (options.expire_at) args << "PXAT" << unix_milliseconds(*options.expire_at);
    args.when(options.keep_ttl, "KEEPTTL");
}

}  // namespace valkeyxx::detail
