// Commands of the group "pubsub", but for those that subscribe: these would change the connection that all share.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// Sends a message to all who have subscribed to the channel, or to a pattern that it matches, anywhere in the cluster.
/// Returns how many there were at the node that answers. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/publish
[[nodiscard]] inline command<std::int64_t> publish(std::string_view channel, std::string_view message) {
    return command<std::int64_t>{std::in_place, command_id::publish, std::array{channel, message},
                                 encoded_command::keys::none};
}

/// Sends a message to all who have subscribed to the channel of a shard; it has a slot, as a key has. Returns how many
/// there were at that shard's primary. Not repeated when its reply is lost. Source: https://valkey.io/commands/spublish
[[nodiscard]] inline command<std::int64_t> spublish(std::string_view channel, std::string_view message) {
    return command<std::int64_t>{std::in_place, command_id::spublish, std::array{channel, message},
                                 encoded_command::keys::first};
}

/// The channels, of those that match a glob pattern, to which somebody has subscribed at the node that answers.
/// Source: https://valkey.io/commands/pubsub-channels
[[nodiscard]] inline command<std::vector<std::string>> pubsub_channels(std::string_view pattern = "*") {
    return command<std::vector<std::string>>{std::in_place, command_id::pubsub_channels, std::array{pattern},
                                             encoded_command::keys::none};
}

/// How many patterns somebody has subscribed to at the node that answers.
/// Source: https://valkey.io/commands/pubsub-numpat
[[nodiscard]] inline command<std::int64_t> pubsub_numpat() {
    return command<std::int64_t>{std::in_place, command_id::pubsub_numpat, std::span<const std::string_view>{},
                                 encoded_command::keys::none};
}

/// How many have subscribed to each of the channels at the node that answers; patterns do not count.
/// Source: https://valkey.io/commands/pubsub-numsub
[[nodiscard]] inline command<std::vector<std::pair<std::string, std::int64_t>>> pubsub_numsub(const strings& channels) {
    return command<std::vector<std::pair<std::string, std::int64_t>>>{std::in_place, command_id::pubsub_numsub,
                                                                      channels.view(), encoded_command::keys::none};
}
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::pair<std::string, std::int64_t>>> pubsub_numsub(std::string_view channel,
                                                                                       const More&... more) {
    return pubsub_numsub(strings{channel, std::string_view{more}...});
}

/// As pubsub_channels, for the channels of the node's own shard.
/// Source: https://valkey.io/commands/pubsub-shardchannels
[[nodiscard]] inline command<std::vector<std::string>> pubsub_shardchannels(std::string_view pattern = "*") {
    return command<std::vector<std::string>>{std::in_place, command_id::pubsub_shardchannels, std::array{pattern},
                                             encoded_command::keys::none};
}

/// As pubsub_numsub, for the channels of the node's own shard.
/// Source: https://valkey.io/commands/pubsub-shardnumsub
[[nodiscard]] inline command<std::vector<std::pair<std::string, std::int64_t>>> pubsub_shardnumsub(
    const strings& channels) {
    return command<std::vector<std::pair<std::string, std::int64_t>>>{std::in_place, command_id::pubsub_shardnumsub,
                                                                      channels.view(), encoded_command::keys::none};
}
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::pair<std::string, std::int64_t>>> pubsub_shardnumsub(std::string_view channel,
                                                                                            const More&... more) {
    return pubsub_shardnumsub(strings{channel, std::string_view{more}...});
}

}  // namespace valkeyxx::commands
