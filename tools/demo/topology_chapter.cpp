// Chapter: one seed tells the rest.
#include "demo/chapters.hpp"
#include "demo/require.hpp"

namespace valkeyxx::demo {

namespace {

std::string slots_of(const shard_info& shard) {
    std::string text;
    for (const auto& range : shard.slots) {
        text += (text.empty() ? "" : ",") + std::to_string(range.first) + "-" + std::to_string(range.last);
    }
    return text;
}

std::string replicas_of(const shard_info& shard) {
    std::string text;
    for (const auto& replica : shard.replicas) text += (text.empty() ? "" : " ") + replica.address.text();
    return text;
}

}  // namespace

void find_topology(narrator& out, const std::string& seed, cluster& client) {
    out.chapter("One seed is enough");
    const auto from = std::chrono::steady_clock::now();
    client.connect();
    out.tell("connected with " + seed + " in " + to_text(std::chrono::steady_clock::now() - from) +
             "; it told the rest:");

    const auto map = client.topology();
    std::vector<std::vector<std::string>> rows{{"slots", "primary", "replica"}};
    for (const auto& shard : map->shards()) {
        rows.push_back({slots_of(shard), shard.primary.address.text(), replicas_of(shard)});
    }
    out.table(rows);
    require(map->shards().size() == 3 && map->nodes().size() == 6,
            "the topology has " + counted(map->shards().size(), "shard") + " and " +
                counted(map->nodes().size(), "node") + " instead of 3 and 6");
    require(map->covered_slots() == slot_count, "only " + std::to_string(map->covered_slots()) + " slots are served");
}

}  // namespace valkeyxx::demo
