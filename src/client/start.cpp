#include "client/start.hpp"

#include <algorithm>
#include <string>

#include "client/engine.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::clients {
namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw exception{error{errc::invalid_argument, what}};
}

// What only one of the layouts can do.
void check_layout(const config& settings, detail::layout servers) {
    if (servers == detail::layout::cluster) {
        if (!settings.service.empty()) {
            refuse("config::service names a service that sentinels watch: for those there is valkeyxx::client");
        }
        return;
    }
    if (servers != detail::layout::one_server) return;
    if (settings.seeds.size() > 1) {
        refuse("a client of one server is given " + std::to_string(settings.seeds.size()) +
               " addresses: for a cluster there is valkeyxx::cluster");
    }
    if (settings.reads != read_from::primary) {
        refuse("config::reads asks for replicas, which a client of one server does not know");
    }
}

// More than that, added to a time, may be no time at all.
constexpr std::chrono::hours longest_duration{24 * 365};

void check_duration(const std::string& name, std::chrono::milliseconds value, std::chrono::milliseconds least) {
    if (value < least) refuse("config::" + name + " is less than " + std::to_string(least.count()) + " ms");
    if (value > longest_duration) refuse("config::" + name + " is more than a year");
}

}  // namespace

config checked(config settings, detail::layout servers) {
    using namespace std::chrono_literals;
    if (settings.seeds.empty()) refuse("the configuration names no node to start from (config::seeds)");
    if (settings.database < 0) refuse("config::database is negative");
    check_layout(settings, servers);
    for (const endpoint& seed : settings.seeds) {
        if (seed.host.starts_with('/')) refuse("servers are not reached through Unix sockets: " + seed.host);
        if (seed.host.empty()) refuse("a seed has no host");
        if (seed.port == 0) refuse("seed " + seed.host + " has no port");
    }
    if (settings.protocol != 2 && settings.protocol != 3) refuse("config::protocol is neither 2 nor 3");
    if (settings.credentials && !(settings.username.empty() && settings.password.empty())) {
        refuse("there is config::credentials, and a user or password besides");
    }
    if (settings.sentinel_credentials && !(settings.sentinel_username.empty() && settings.sentinel_password.empty())) {
        refuse("there is config::sentinel_credentials, and a user or password of the sentinels besides");
    }
    if (settings.password.empty() && !settings.username.empty()) refuse("a username without a password");
    check_duration("connect_timeout", settings.connect_timeout, 1ms);
    check_duration("command_timeout", settings.command_timeout, 1ms);
    check_duration("refresh_interval", settings.refresh_interval, 1ms);
    check_duration("refresh_every", settings.refresh_every, 0ms);
    check_duration("suspect_after", settings.suspect_after, 1ms);
    check_duration("ping_interval", settings.ping_interval, 0ms);
    check_duration("subscription_timeout", settings.subscription_timeout, 2ms);
    // What fits into the kernel's own numbers: TCP_KEEPIDLE takes at most 32767 s.
    if (settings.tcp_keepalive < 0ms) refuse("config::tcp_keepalive is negative");
    if (settings.tcp_keepalive > 32767s) refuse("config::tcp_keepalive is more than 32767 s");
    if (settings.tcp_user_timeout < 0ms) refuse("config::tcp_user_timeout is negative");
    if (settings.tcp_user_timeout > 24h) refuse("config::tcp_user_timeout is more than 24 h");
    if (settings.max_retries < 0) refuse("config::max_retries is negative");
    if (settings.reads == read_from::same_zone && settings.availability_zone.empty()) {
        refuse("read_from::same_zone needs config::availability_zone");
    }
    if (settings.sentinel_password.empty() && !settings.sentinel_username.empty()) {
        refuse("a username of the sentinels without a password");
    }
    if (settings.min_other_sentinels < 0) refuse("config::min_other_sentinels is negative");
    if (settings.max_redirects < 0) refuse("config::max_redirects is negative");
    if (settings.max_in_flight == 0) refuse("config::max_in_flight is 0");
    if (settings.max_bytes_in_flight == 0) refuse("config::max_bytes_in_flight is 0");
    if (settings.max_exclusive_connections == 0) refuse("config::max_exclusive_connections is 0");
    if (settings.cache.longest_ttl < 1ms) refuse("cache_options::longest_ttl is less than 1 ms");
    check_duration("cache.max_silence", settings.cache.max_silence, 2ms);
    // Where there is one shard there are no others to keep room for.
    const std::size_t shares = servers == detail::layout::cluster ? 2 : 1;
    if (settings.max_in_flight_per_shard == 0) {
        settings.max_in_flight_per_shard = std::max<std::size_t>(settings.max_in_flight / shares, 1);
    }
    if (settings.max_bytes_in_flight_per_shard == 0) {
        settings.max_bytes_in_flight_per_shard = std::max<std::size_t>(settings.max_bytes_in_flight / shares, 1);
    }
    return settings;
}

detail::layout layout_for(const config& settings) noexcept {
    return settings.service.empty() ? detail::layout::one_server : detail::layout::service;
}

std::optional<endpoint> primary_of(engine& e, std::string_view key) {
    if (e.inherited()) return std::nullopt;
    const auto node = e.router().primary(key_slot(key));
    if (node == routing::no_node) return std::nullopt;
    return e.router().at(node);
}

std::optional<endpoint> default_node_of(engine& e) {
    if (e.inherited()) return std::nullopt;
    const auto node = e.router().default_node();
    if (node == routing::no_node) return std::nullopt;
    return e.router().at(node);
}

bool set_default_node_of(engine& e, const endpoint& node) {
    const auto found = e.inherited() ? routing::no_node : e.router().member_at(node);
    if (found == routing::no_node) return false;
    e.router().set_default_node(found);
    return true;
}

}  // namespace valkeyxx::clients
