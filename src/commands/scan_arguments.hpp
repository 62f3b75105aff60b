// The arguments that HSCAN, SSCAN and ZSCAN have in common.
#pragma once

#include <valkeyxx/commands/scan_step.hpp>

#include "commands/arguments.hpp"

namespace valkeyxx::detail {

inline arguments scan_arguments(std::string_view key, std::uint64_t cursor, commands::element_scan_options options) {
    constexpr commands::element_scan_options as_the_server{};
    arguments args{key, cursor};
    if (options.match != as_the_server.match) args << "MATCH" << options.match;
    if (options.count != as_the_server.count) args << "COUNT" << options.count;
    return args;
}

}  // namespace valkeyxx::detail
