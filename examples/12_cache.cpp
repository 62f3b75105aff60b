// Replies that the client keeps.
//
//   12_cache valkey://127.0.0.1:7000
#include <chrono>
#include <exception>
#include <iostream>
#include <optional>
#include <string>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace std::chrono_literals;
using namespace vk::commands;

namespace {

void read_often(const std::string& url) {
    vk::config settings = vk::parse_url(url).value();
    settings.cache.enabled = true;
    vk::cluster cluster{settings};

    cluster.execute(set("user:10", "ada"));
    for (int i = 0; i < 1000; ++i) {
        const std::optional<std::string> name = cluster.execute(get("user:10").cached(30s));
        if (name != "ada") std::cout << "who is " << name.value_or("nobody") << "?\n";
    }
    const vk::cache_stats done = cluster.cache_statistics();
    std::cout << done.hits << " of " << done.hits + done.misses << " came from memory\n";

    vk::cluster other{url};
    other.execute(set("user:10", "grace"));
    while (cluster.execute(get("user:10").cached(30s)) != "grace") {
    }
    std::cout << "and the news of a change came\n";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "give the URL of a cluster\n";
        return 2;
    }
    try {
        read_often(argv[1]);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
