// Servers that sentinels watch: clients that follow the primary, wherever it goes.
//
//   07_sentinel valkey+sentinel://127.0.0.1:26379/mymaster
#include <exception>
#include <iostream>
#include <optional>
#include <string>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;

namespace {

void follow(const std::string& url) {
    vk::sentinel watch{url};
    vk::client primary = watch.primary();  // follows it over any number of failovers
    vk::client replica = watch.replica();  // reads from the replicas in turn, which may lag behind

    primary.execute(set("user:6", "hopper"));
    std::cout << "the primary has " << primary.execute(get("user:6")).value_or("nothing") << '\n';
    const std::optional<std::string> lagging = replica.execute(get("user:6"));
    if (lagging && *lagging != "hopper") std::cout << "a replica has " << *lagging << '\n';

    // Whatever sentinels understand; one that does not answer is replaced by the next.
    for (const auto& service : watch.execute(sentinel_masters())) {
        std::cout << service.name << " has " << service.replicas << " replica(s), quorum " << service.quorum << '\n';
    }
    if (watch.find_primary() == primary.topology()->shards().front().primary.address) {
        std::cout << "and the client is where the sentinels say\n";
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 07_sentinel URL\n";
        return 2;
    }
    try {
        follow(argv[1]);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
