#include <valkeyxx/topology_change.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace valkeyxx {
namespace {

// Where each node is: in whose shard, and whether it leads it.
struct place {
    const endpoint* primary = nullptr;
    bool leads = false;
};
using places = std::map<endpoint, place>;

places places_in(const shard_map& map) {
    places all;
    for (const shard_info& shard : map.shards()) {
        for (const node_info& replica : shard.replicas) all.emplace(replica.address, place{&shard.primary.address});
    }
    for (const shard_info& shard : map.shards()) {
        all.insert_or_assign(shard.primary.address, place{&shard.primary.address, true});
    }
    return all;
}

const endpoint* owner_in(const shard_map& map, std::uint16_t slot) {
    const shard_info* const shard = map.shard_of(slot);
    return shard == nullptr ? nullptr : &shard->primary.address;
}

bool same(const endpoint* a, const endpoint* b) {
    return a == b || (a != nullptr && b != nullptr && *a == *b);
}

std::optional<endpoint> copy_of(const endpoint* e) {
    return e == nullptr ? std::nullopt : std::optional{*e};
}

// One slot's way from its owner to another one; both null: it has stayed, or went to an heir.
struct way {
    const endpoint* from = nullptr;
    const endpoint* to = nullptr;
    [[nodiscard]] bool stayed() const { return from == nullptr && to == nullptr; }
};

way way_of(std::uint16_t slot, const shard_map& before, const shard_map& now, const places& were) {
    const endpoint* const from = owner_in(before, slot);
    const endpoint* const to = owner_in(now, slot);
    if (same(from, to)) return {};
    if (from != nullptr && to != nullptr) {
        const auto heir = were.find(*to);
        if (heir != were.end() && !heir->second.leads && *heir->second.primary == *from) return {};
    }
    return {from, to};
}

void compare_nodes(const places& were, const places& are, topology_change& out) {
    for (const auto& [node, is] : are) {
        const auto was = were.find(node);
        if (was == were.end()) {
            out.came.push_back(node);
        } else if (is.leads && !was->second.leads) {
            out.promoted.push_back({.now = node, .before = *was->second.primary});
        } else if (!is.leads && was->second.leads) {
            out.demoted.push_back(node);
        }
    }
    for (const auto& [node, was] : were) {
        if (!are.contains(node)) out.left.push_back(node);
    }
}

}  // namespace

std::size_t topology_change::moved_slots() const noexcept {
    std::size_t count = 0;
    for (const move& m : moved) count += m.slots.last - m.slots.first + 1U;
    return count;
}

topology_change compare(const shard_map& before, const shard_map& now) {
    topology_change out;
    const places were = places_in(before);
    compare_nodes(were, places_in(now), out);
    way last;
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) {
        const way w = way_of(slot, before, now, were);
        if (!w.stayed()) {
            if (!last.stayed() && same(w.from, last.from) && same(w.to, last.to)) {
                out.moved.back().slots.last = slot;
            } else {
                out.moved.push_back({{slot, slot}, copy_of(w.from), copy_of(w.to)});
            }
        }
        last = w;
    }
    return out;
}

}  // namespace valkeyxx
