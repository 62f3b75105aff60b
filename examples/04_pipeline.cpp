// A pipeline: many commands in one go over all nodes, each with its own typed result.
//
//   04_pipeline valkey://127.0.0.1:7000
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;

namespace {

void fill(vk::cluster& cluster) {
    vk::pipeline batch;
    for (int i = 0; i < 1000; ++i) batch.add(set("square:" + std::to_string(i), std::to_string(i * i)));
    const vk::pipeline_result done = cluster.execute(batch);  // one write for each node
    done.throw_first_error();
    std::cout << done.size() << " keys written\n";
}

void mixed_types(vk::cluster& cluster) {
    vk::pipeline batch;
    batch.add(del("pipeline:hits"));
    const auto hits = batch.add(incr("pipeline:hits"));
    const auto square = batch.add(get("square:12").as<std::int64_t>());
    const auto wrong = batch.add(vk::raw<std::int64_t>("LPUSH", "square:12", "x"));

    const vk::pipeline_result done = cluster.execute(batch);
    std::cout << "hits " << done[hits].value() << ", square " << done[square].value() << '\n';
    // One failure does not touch the others.
    if (!done[wrong]) std::cout << "refused: " << done[wrong].error().server_code() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 04_pipeline URL\n";
        return 2;
    }
    try {
        vk::cluster cluster{argv[1]};
        fill(cluster);
        mixed_types(cluster);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
