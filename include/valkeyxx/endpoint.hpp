// Where a node listens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace valkeyxx {

/// A host (a name or an IP address, IPv6 without brackets) and a TCP port. A value.
struct endpoint {
    std::string host;
    std::uint16_t port = 6379;

    /// "host:port"; an IPv6 address stands in brackets.
    [[nodiscard]] std::string text() const;

    bool operator==(const endpoint&) const = default;
    auto operator<=>(const endpoint&) const = default;
};

/// Reads "host:port" as servers write it: split at the last colon, since they write IPv6 addresses without brackets
/// ("::1:7000"); brackets are understood too. The host may be empty. nullopt without a port from 1 to 65535.
std::optional<endpoint> parse_endpoint(std::string_view text);

}  // namespace valkeyxx

template <>
struct std::hash<valkeyxx::endpoint> {
    std::size_t operator()(const valkeyxx::endpoint& e) const noexcept {
        return std::hash<std::string>{}(e.host) * 31 + e.port;
    }
};
