// What sentinels announce, read as untrusted input: a hint that it is worth while to ask them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/value.hpp>

namespace valkeyxx::topology {

/// The channels worth listening to. Source: https://valkey.io/topics/sentinel (Pub/Sub messages)
constexpr std::array<std::string_view, 9> sentinel_channels{
    "+switch-master", "+promoted-slave",    "+config-update-from", "+slave", "+sdown", "-sdown",
    "+reboot",        "+slave-reconf-done", "+convert-to-slave",
};

struct sentinel_event {
    enum class kind : std::uint8_t {
        none,      ///< another service, or nothing that is understood
        switched,  ///< the service has another primary, or will in a moment
        changed,   ///< something about its servers
    };
    enum kind kind = kind::none;
    std::optional<endpoint> primary = {};  ///< switched: the new one, if it is named

    bool operator==(const sentinel_event&) const = default;
};

/// @param push  what came on the connection: "message", channel, text
sentinel_event read_sentinel_event(reply_view push, std::string_view service);

}  // namespace valkeyxx::topology
