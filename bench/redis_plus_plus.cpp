// redis-plus-plus: its sync clients and pipelines. Its async client needs libuv and a build of its own, and has no
// driver.
#include <sw/redis++/redis++.h>

#include <string>

#include "registry.hpp"

namespace valkeyxx::bench {
namespace {

namespace sw = ::sw::redis;

sw::ConnectionOptions to_port(std::uint16_t port) {
    sw::ConnectionOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    return options;
}

template <class Client>
void run_sync(job& j) {
    Client client(to_port(j.ports().front()));
    j.clock.start();
    while (j.clock.running()) {
        const std::uint32_t key = j.pick();
        if (j.what.writes) {
            if (!client.set(j.keys.key(key), j.keys.value(key))) j.wrong_reply(key);
        } else {
            const auto value = client.get(j.keys.key(key));
            if (!value || !j.keys.holds(key, *value)) j.wrong_reply(key);
        }
        j.clock.completed(1);
    }
    j.clock.stop();
}

/// A pipeline belongs to one node, so over a cluster the user groups by hand and waits for one node after the other:
/// exec() both sends and receives.
void run_pipelines(job& j) {
    std::vector<sw::Redis> clients;
    for (const std::uint16_t port : j.ports()) clients.emplace_back(to_port(port));
    std::vector<sw::Pipeline> pipelines;
    for (sw::Redis& client : clients) pipelines.push_back(client.pipeline());
    std::vector<std::vector<std::uint32_t>> keys(pipelines.size());

    j.clock.start();
    while (j.clock.running()) {
        for (auto& list : keys) list.clear();
        for (std::size_t i = 0; i < j.what.width; ++i) {
            const std::uint32_t key = j.pick();
            const std::size_t node = j.node_of(key);
            pipelines[node].get(j.keys.key(key));
            keys[node].push_back(key);
        }
        for (std::size_t node = 0; node < pipelines.size(); ++node) {
            if (keys[node].empty()) continue;
            auto replies = pipelines[node].exec();
            for (std::size_t i = 0; i < keys[node].size(); ++i) {
                const auto value = replies.get<sw::OptionalString>(i);
                if (!value || !j.keys.holds(keys[node][i], *value)) j.wrong_reply(keys[node][i]);
            }
        }
        j.clock.completed(j.what.width);
    }
    j.clock.stop();
}

const peer_version version{"redis++", VALKEYXX_BENCH_REDISPP_VERSION};
const registration sync_scenarios{"redis++", {"get16", "set16", "get1k"}, run_sync<sw::Redis>};
const registration cluster_sync{"redis++", {"cget16"}, run_sync<sw::RedisCluster>};
const registration pipelines{"redis++", {"pipe100", "pipe1000", "pipe1000_1k", "cpipe1000"}, run_pipelines};

}  // namespace
}  // namespace valkeyxx::bench
