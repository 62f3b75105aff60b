// The synchronous client: commands as values, replies as plain C++ types.
//
//   01_sync valkey://127.0.0.1:7000
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;
using namespace std::chrono_literals;

namespace {

void greet(const std::string& url) {
    vk::cluster cluster{url};  // any node of the cluster will do; connects when first used

    cluster.execute(set("user:1", "ada", {.expiry = 10min}));
    std::optional<std::string> name = cluster.execute(get("user:1"));  // no value: there is no such key
    cluster.execute(hset("user:1:profile", "born", "1815", "city", "London"));
    auto profile = cluster.execute(hgetall("user:1:profile"));  // an unordered_map
    std::cout << name.value_or("nobody") << ", born " << profile["born"] << '\n';

    // Commands without a builder of their own: by their words, and with the type that is wanted.
    cluster.execute(vk::raw<void>("DEL", "user:1:tags"));
    cluster.execute(vk::raw<std::int64_t>("RPUSH", "user:1:tags", "poet", "programmer"));
    auto tags = cluster.execute(vk::raw<std::vector<std::string>>("LRANGE", "user:1:tags", "0", "-1"));
    for (const std::string& tag : tags) std::cout << "tag " << tag << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 01_sync URL\n";
        return 2;
    }
    try {
        greet(argv[1]);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
