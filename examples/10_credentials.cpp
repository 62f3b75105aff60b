// A password that changes while clients are connected: nothing fails, nothing connects anew.
//   10_credentials valkey://127.0.0.1:7000
#include <iostream>
#include <memory>
#include <string>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 10_credentials valkey://host:port\n";
        return 2;
    }
    try {
        vk::config c = vk::parse_url(argv[1]).value();
        vk::cluster admin{c};
        const auto set_passwords = [&admin](const char* change) {
            admin.execute(vk::raw("ACL", "SETUSER", "app", "on", "~*", "+@all", change), vk::on_all_primaries());
        };
        set_passwords(">monday");

        std::string password = "monday";
        const auto source = std::make_shared<vk::credential_source>([&password](const vk::endpoint&, auto answer) {
            answer(vk::credentials{.username = "app", .password = password});
        });
        c.credentials = source;
        vk::cluster cluster{c};
        cluster.execute(set("who", cluster.execute(acl_whoami())));

        set_passwords(">tuesday");  // both are right for a while
        password = "tuesday";
        source->changed();
        cluster.execute(set("who", cluster.execute(acl_whoami())));
        set_passwords("<monday");

        std::cout << cluster.execute(get("who")).value_or("nobody") << " was interrupted "
                  << cluster.statistics().disconnects << " times\n";
    } catch (const vk::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
