// The order in which people look for a slot.
#include "valkeyxx_cli/slots.hpp"

#include <algorithm>

namespace valkeyxx::cli {

std::vector<const shard_info*> in_slot_order(const shard_map& map) {
    std::vector<const shard_info*> all;
    for (const shard_info& one : map.shards()) all.push_back(&one);
    const auto first_slot = [](const shard_info* s) { return s->slots.empty() ? slot_count : s->slots.front().first; };
    std::stable_sort(all.begin(), all.end(), [&](auto* a, auto* b) { return first_slot(a) < first_slot(b); });
    return all;
}

std::string slots_text(std::span<const slot_range> slots) {
    std::string all;
    for (const slot_range& range : slots) {
        if (!all.empty()) all += ' ';
        all += std::to_string(range.first);
        if (range.last != range.first) all += "-" + std::to_string(range.last);
    }
    return all.empty() ? "-" : all;
}

}  // namespace valkeyxx::cli
