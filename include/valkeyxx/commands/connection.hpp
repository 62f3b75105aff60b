// Commands of the group "connection".
#pragma once

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>

namespace valkeyxx::commands {

/// Asks a node whether it is there. Returns "PONG". Source: https://valkey.io/commands/ping
[[nodiscard]] inline command<std::string> ping() {
    return command<std::string>{std::in_place, command_id::ping, std::span<const std::string_view>{},
                                encoded_command::keys::none};
}

/// Asks a node to say the same. Returns the message. Source: https://valkey.io/commands/echo
[[nodiscard]] inline command<std::string> echo(std::string_view message) {
    return command<std::string>{std::in_place, command_id::echo, std::array{message}, encoded_command::keys::none};
}

}  // namespace valkeyxx::commands
