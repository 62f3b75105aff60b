// Where a simulated process listens: an IPv4 address and a port.
#pragma once

#include <cstdint>
#include <string>

#include "network.hpp"

namespace valkeyxx::simulation {

struct place {
    std::uint32_t ip = 0;
    std::uint16_t port = 0;

    bool operator==(const place&) const = default;

    [[nodiscard]] std::string host() const { return boost::asio::ip::make_address_v4(ip).to_string(); }
    [[nodiscard]] address on_network() const { return {boost::asio::ip::make_address_v4(ip), port}; }
    [[nodiscard]] std::string text() const { return host() + ":" + std::to_string(port); }
};

/// An address where no machine is.
inline constexpr place nowhere{.ip = (10U << 24U) + (250U << 16U) + 1, .port = 6379};

}  // namespace valkeyxx::simulation
