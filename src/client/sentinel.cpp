#include <valkeyxx/sentinel.hpp>

#include <string>
#include <utility>

namespace valkeyxx {
namespace {

// Sentinels have no replicas of their own.
config of_sentinels(config settings) {
    settings.reads = read_from::primary;
    settings.service.clear();
    return settings;
}

config with_service(config settings, std::string_view service) {
    if (!service.empty()) settings.service = service;
    if (settings.service.empty()) {
        throw exception{error{errc::invalid_argument, "no service is named, neither here nor by config::service"}};
    }
    return settings;
}

config of_primary(const config& settings, std::string_view service) {
    config c = with_service(settings, service);
    c.reads = read_from::primary;
    return c;
}

config of_replicas(const config& settings, std::string_view service) {
    config c = with_service(settings, service);
    if (c.reads == read_from::primary) c.reads = read_from::prefer_replica;
    return c;
}

}  // namespace

sentinel::sentinel(std::string_view url) : sentinel{parse_url(url).value()} {}
sentinel::sentinel(config settings)
    : client{of_sentinels(settings), detail::layout::sentinels}, settings_{std::move(settings)} {}

client sentinel::primary(std::string_view service) const {
    return client{of_primary(settings_, service)};
}

client sentinel::replica(std::string_view service) const {
    return client{of_replicas(settings_, service)};
}

result<endpoint> sentinel::try_find_primary(std::string_view service) const {
    client follower{of_primary(settings_, service)};
    const auto there = follower.try_execute(raw("ECHO", "there"));
    const auto map = follower.topology();
    // What the server thinks of us (a password, say) does not change where it is.
    if (map->shards().empty()) return there ? error{errc::no_topology, "the primary has just left"} : there.error();
    return map->shards().front().primary.address;
}

result<std::vector<endpoint>> sentinel::try_find_replicas(std::string_view service) {
    const auto all = try_execute(commands::sentinel_replicas(with_service(settings_, service).service));
    if (!all) return all.error();
    std::vector<endpoint> up;
    for (const auto& replica : *all) {
        const auto& flags = replica.flags;
        if (!flags.s_down && !flags.o_down && !flags.disconnected && replica.announced) up.push_back(replica.address);
    }
    return up;
}

async_sentinel::async_sentinel(std::string_view url) : async_sentinel{parse_url(url).value()} {}
async_sentinel::async_sentinel(config settings)
    : async_client{of_sentinels(settings), detail::layout::sentinels}, settings_{std::move(settings)} {}
async_sentinel::async_sentinel(boost::asio::io_context& loop, config settings)
    : async_client{loop, of_sentinels(settings), detail::layout::sentinels},
      settings_{std::move(settings)},
      loop_{&loop} {}

async_client async_sentinel::follow(config settings) const {
    return loop_ != nullptr ? async_client{*loop_, std::move(settings)} : async_client{std::move(settings)};
}

async_client async_sentinel::primary(std::string_view service) const {
    return follow(of_primary(settings_, service));
}

async_client async_sentinel::replica(std::string_view service) const {
    return follow(of_replicas(settings_, service));
}

}  // namespace valkeyxx
