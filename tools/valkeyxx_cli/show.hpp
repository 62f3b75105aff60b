// A reply on stdout, byte for byte as valkey-cli would write it, or as JSON.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <valkeyxx/target.hpp>
#include <valkeyxx/value.hpp>

namespace valkeyxx::cli {

enum class format : std::uint8_t {
    terminal,  ///< `1) "a"`, `(integer) 3`
    raw,       ///< strings as their bytes, one entry a line
    json,      ///< one line
};

/// What valkey-cli takes when nobody says: `terminal` if stdout is one, else `raw`.
format default_format();

/// With the end of line. `words` is the command: the reports of some (INFO, CLUSTER NODES, ...) are text for people,
/// which is never quoted.
std::string shown(reply_view reply, std::span<const std::string_view> words, format how);

/// The replies of several nodes: each below a line with its node's address, without those that failed; or one line of
/// JSON, {"HOST:PORT": reply, ...}, where a failure is {"error": "why"}.
std::string shown(std::span<const node_result<value>> replies, std::span<const std::string_view> words, format how);

/// Throws std::system_error when stdout does not take everything.
void write_result(std::string_view text);

}  // namespace valkeyxx::cli
