// Failures: as values or as exceptions, and what each one allows the caller to conclude.
//
//   05_errors valkey://127.0.0.1:7000
#include <chrono>
#include <exception>
#include <iostream>
#include <string>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;
using namespace std::chrono_literals;

namespace {

std::string conclusion(const vk::error& e) {
    switch (e.executed()) {
        case vk::executed::no:
            return "it did not run, repeating it is safe";
        case vk::executed::unknown:
            return "it may have run, look before you repeat it";
        case vk::executed::yes:
            return "the server has answered, repeating it does not help";
    }
    return {};
}

void show(const vk::error& e) {
    std::cout << e.code().message() << ": " << conclusion(e) << '\n';
}

void as_values(vk::cluster& cluster) {
    cluster.execute(set("user:5", "barbara"));

    if (auto count = cluster.try_execute(incr("user:5")); !count) {
        std::cout << count.error().server_code() << " from the server: " << count.error().text() << '\n';
        show(count.error());
    }
    // The slots are known before anything is sent.
    if (auto both = cluster.try_execute(mget("user:5", "user:6")); !both) show(both.error());
}

void as_exceptions(vk::config settings) {
    settings.command_timeout = 100ms;
    vk::cluster cluster{settings};
    try {
        // WAIT needs 99 replicas to answer and gives up after ten seconds; the deadline comes first.
        cluster.execute(vk::raw("WAIT", "99", "10000"));
    } catch (const vk::exception& late) {
        if (late.error() == vk::errc::timed_out) show(late.error());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 05_errors URL\n";
        return 2;
    }
    try {
        const vk::config settings = vk::parse_url(argv[1]).value();
        vk::cluster cluster{settings};
        as_values(cluster);
        as_exceptions(settings);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
