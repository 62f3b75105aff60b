// The server that the command table's tests ask: one for all tests of a program, standalone.
#pragma once

#include <string>

#include "support/server.hpp"

namespace valkeyxx::testing {

inline valkey_server& table_server() {
    static valkey_server the_server;
    static const bool up = (the_server.wait(), true);
    static_cast<void>(up);
    return the_server;
}

/// "8.0.1", or "unknown".
inline std::string version_of(const valkey_server& server) {
    const std::string info = server.admin()({"INFO", "server"});
    const std::string field = "valkey_version:";
    const auto begin = info.find(field);
    return begin == std::string::npos
               ? "unknown"
               : info.substr(begin + field.size(), info.find_first_of("\r\n", begin) - begin - field.size());
}

inline std::string table_server_version() {
    return version_of(table_server());
}

}  // namespace valkeyxx::testing
