// Where the valkey-server program is on this machine.
#pragma once

#include <optional>
#include <string>

namespace valkeyxx::testing {

/// VALKEY_BIN_DIR/valkey-server if that variable is set; else valkey-server from PATH; else valkey-check-rdb of the
/// tools package, which is the same program: the name it is called by decides what it does, so call it valkey-server.
/// @return an absolute path. Throws std::runtime_error saying what is missing.
std::string server_binary();

/// VALKEY_NEWER_BIN_DIR/valkey-server if that variable is set: a server of a version that not everybody has, for tests
/// that are skipped without it. Throws as server_binary() does.
std::optional<std::string> newer_server_binary();

}  // namespace valkeyxx::testing
