// The asynchronous client with callbacks, on a thread of its own: nobody waits until all is done.
//
//   02_async_callback valkey://127.0.0.1:7000
#include <exception>
#include <iostream>
#include <latch>
#include <optional>
#include <string>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;

namespace {

constexpr int users = 100;

std::string key_of(int user) {
    return "visitor:" + std::to_string(user);
}

void write_and_read_back(const std::string& url) {
    // Before the client, so that it outlives the client's thread, which counts it down.
    std::latch open{users};
    int right = 0;  // only callbacks touch it, and they all run on that one thread

    vk::async_cluster cluster{url};
    for (int user = 0; user < users; ++user) {
        cluster.execute(set(key_of(user), "here"), [&, user](const vk::result<bool>& written) {
            if (!written) {
                std::cerr << written.error().message() << '\n';
                open.count_down();
                return;
            }
            // A callback may start the next command.
            cluster.execute(get(key_of(user)), [&](const vk::result<std::optional<std::string>>& found) {
                if (found && *found == "here") ++right;
                open.count_down();
            });
        });
    }
    open.wait();
    std::cout << right << " of " << users << " values written and read back\n";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 02_async_callback URL\n";
        return 2;
    }
    try {
        write_and_read_back(argv[1]);
    } catch (const std::exception& failure) {  // a wrong URL; what fails later is told to the callbacks
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
