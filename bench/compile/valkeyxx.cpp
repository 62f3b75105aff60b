// Everything at once.
#include <iostream>

#include <valkeyxx/valkeyxx.hpp>

int main() {
    using namespace valkeyxx::commands;
    valkeyxx::cluster cluster{"valkey://127.0.0.1:7000"};
    cluster.execute(set("greeting", "hello"));
    std::cout << cluster.execute(get("greeting")).value_or("nothing") << '\n';
}
