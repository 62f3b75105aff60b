// All keys of a cluster, page by page, with a cursor that another process could go on from.
//
//   06_scan valkey://127.0.0.1:7000
#include <exception>
#include <iostream>
#include <string>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;

namespace {

void fill(vk::cluster& cluster) {
    vk::pipeline batch;
    for (int i = 0; i < 1000; ++i) batch.add(set("scan:" + std::to_string(i), "v"));
    cluster.execute(batch).throw_first_error();
    cluster.execute(hset("scan-hash", {{"one", "1"}, {"two", "2"}}));
}

int count_all(vk::cluster& cluster) {
    int keys = 0;
    for (const std::string& key : vk::scan(cluster, {.match = "scan:*", .unique = true})) keys += key.empty() ? 0 : 1;
    return keys;
}

// Each page by a client of its own, as if each were another process: the cursor is all they share.
int count_in_parts(const std::string& url) {
    int keys = 0;
    std::string cursor = "0";
    do {
        vk::cluster cluster{url};
        auto scan = vk::scan(cluster, {.match = "scan:*", .count = 200, .cursor = cursor});
        if (auto page = scan.next_page()) keys += static_cast<int>(page->size());
        cursor = scan.cursor();
    } while (cursor != "0");
    return keys;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 06_scan URL\n";
        return 2;
    }
    try {
        vk::cluster cluster{argv[1]};
        fill(cluster);
        std::cout << count_all(cluster) << " keys\n";
        std::cout << count_in_parts(argv[1]) << " keys in parts\n";
        for (const auto& [field, value] : vk::hscan(cluster, "scan-hash")) std::cout << field << " = " << value << '\n';
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
