#include <iostream>

#include <sw/redis++/redis++.h>

int main() {
    sw::redis::RedisCluster cluster{"tcp://127.0.0.1:7000"};
    cluster.set("greeting", "hello");
    std::cout << cluster.get("greeting").value_or("nothing") << '\n';
}
