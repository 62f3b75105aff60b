// How nodes speak of each other in a cluster behind NAT, and where the client reaches what they speak of.
#pragma once

#include <string_view>

#include <valkeyxx/endpoint.hpp>

namespace valkeyxx::simulation {

inline constexpr std::string_view outside_hosts = "10.";
inline constexpr std::string_view inside_hosts = "172.";
inline constexpr std::string_view outside_names = ".sim";
inline constexpr std::string_view inside_names = ".inside";
inline constexpr std::uint16_t inside_ports = 1000;  ///< more than the outside ones

/// By which address nodes call the one that is reached there.
inline endpoint announced(endpoint reached) {
    if (reached.host.starts_with(outside_hosts)) {
        reached.host.replace(0, outside_hosts.size(), inside_hosts);
    } else if (reached.host.ends_with(outside_names)) {
        reached.host.replace(reached.host.size() - outside_names.size(), outside_names.size(), inside_names);
    }
    reached.port = static_cast<std::uint16_t>(reached.port + inside_ports);
    return reached;
}

/// The way back. What is no address of the inside stays as it is.
inline endpoint reached_at(const endpoint& named) {
    endpoint at = named;
    if (at.host.starts_with(inside_hosts)) {
        at.host.replace(0, inside_hosts.size(), outside_hosts);
    } else if (at.host.ends_with(inside_names)) {
        at.host.replace(at.host.size() - inside_names.size(), inside_names.size(), outside_names);
    } else {
        return at;
    }
    at.port = static_cast<std::uint16_t>(at.port - inside_ports);
    return at;
}

}  // namespace valkeyxx::simulation
