// Commands of the groups "server" and "cluster" that ask one node about itself.
#pragma once

#include <cstdint>
#include <string>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>

namespace valkeyxx::commands {

/// How many keys the node that answers holds. Source: https://valkey.io/commands/dbsize
[[nodiscard]] inline command<std::int64_t> dbsize() {
    return command<std::int64_t>{std::in_place, command_id::dbsize, std::span<const std::string_view>{},
                                 encoded_command::keys::none};
}

/// What the node that answers tells of itself, as lines `name:value` under `# headings`.
/// Source: https://valkey.io/commands/info
[[nodiscard]] inline command<std::string> info() {
    return command<std::string>{std::in_place, command_id::info, std::span<const std::string_view>{},
                                encoded_command::keys::none};
}

/// How the node that answers sees its cluster, as lines `name:value`. Source: https://valkey.io/commands/cluster-info
[[nodiscard]] inline command<std::string> cluster_info() {
    return command<std::string>{std::in_place, command_id::cluster_info, std::span<const std::string_view>{},
                                encoded_command::keys::none};
}

}  // namespace valkeyxx::commands
