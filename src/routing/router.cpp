#include "routing/router.hpp"

#include <algorithm>

namespace valkeyxx::routing {

router::router(std::uint64_t seed) : random_{seed} {
    shard_of_.fill(nobody);
}

node_id router::intern(const endpoint& at) {
    const auto [entry, added] = ids_.try_emplace(at, static_cast<node_id>(endpoints_.size()));
    if (added) {
        endpoints_.push_back(at);
        cluster_ids_.emplace_back();
    }
    return entry->second;
}

std::uint16_t router::shard_with_primary(node_id node) {
    const auto found = std::find_if(shards_.begin(), shards_.end(), [&](const group& s) { return s.primary == node; });
    if (found != shards_.end()) return static_cast<std::uint16_t>(found - shards_.begin());
    // More shards than slots by far: somebody makes nodes up. The slot has no owner until the next topology.
    if (shards_.size() >= nobody) return nobody;
    shards_.push_back({.primary = node, .replicas = {}});
    return static_cast<std::uint16_t>(shards_.size() - 1);
}

void router::adopt(const shard_map& map, std::uint32_t asked) {
    // What later MOVEDs said, before the shards they speak of are replaced.
    std::vector<std::pair<std::uint16_t, node_id>> newer;
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) {
        if (moved_at_[slot] > asked) newer.emplace_back(slot, primary(slot));
    }

    const auto intern_node = [this](const node_info& node) {
        const node_id id = intern(node.address);
        cluster_ids_[id] = node.id;
        return id;
    };
    shards_.clear();
    shard_of_.fill(nobody);
    for (const shard_info& info : map.shards()) {
        const auto index = static_cast<std::uint16_t>(shards_.size());
        group& added = shards_.emplace_back();
        added.primary = intern_node(info.primary);
        for (const node_info& replica : info.replicas) added.replicas.push_back(intern_node(replica));
        for (const slot_range& range : info.slots) {
            std::fill(shard_of_.begin() + range.first, shard_of_.begin() + range.last + 1, index);
        }
    }
    for (const auto& [slot, node] : newer) {
        if (node != no_node && primary(slot) != node) shard_of_[slot] = shard_with_primary(node);
    }
    ready_ = true;
}

void router::moved(std::uint16_t slot, node_id to) {
    ++tick_;
    moved_at_[slot] = tick_;
    if (shard_of_[slot] != nobody) {
        group& current = shards_[shard_of_[slot]];
        if (current.primary == to) return;
        const auto promoted = std::find(current.replicas.begin(), current.replicas.end(), to);
        if (promoted != current.replicas.end()) {
            std::swap(current.primary, *promoted);
            // The promotion is news of every slot of the shard: an older map must not undo it for any of them.
            for (std::uint16_t other = 0; other < slot_count; ++other) {
                if (shard_of_[other] == shard_of_[slot]) moved_at_[other] = tick_;
            }
            return;
        }
    }
    shard_of_[slot] = shard_with_primary(to);
}

bool router::serves(node_id node) const noexcept {
    return std::any_of(shards_.begin(), shards_.end(), [node](const group& s) {
        return s.primary == node || std::find(s.replicas.begin(), s.replicas.end(), node) != s.replicas.end();
    });
}

std::vector<node_id> router::members() const {
    std::vector<node_id> all;
    for (const group& s : shards_) {
        all.push_back(s.primary);
        all.insert(all.end(), s.replicas.begin(), s.replicas.end());
    }
    return all;
}

node_id router::any_primary() noexcept {
    // Shards that a MOVED has emptied of their slots are still primaries of something else, or gone: skip none, since a
    // dead one shows when it is connected to, and the next refresh forgets it.
    if (shards_.empty()) return no_node;
    return shards_[next_any_++ % shards_.size()].primary;
}

shard_map router::snapshot() const {
    std::vector<shard_info> infos(shards_.size());
    const auto describe = [this](node_id id) { return node_info{.id = cluster_ids_[id], .address = endpoints_[id]}; };
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        infos[i].primary = describe(shards_[i].primary);
        for (node_id replica : shards_[i].replicas) infos[i].replicas.push_back(describe(replica));
    }
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) {
        if (shard_of_[slot] == nobody) continue;
        auto& ranges = infos[shard_of_[slot]].slots;
        if (!ranges.empty() && ranges.back().last + 1 == slot) {
            ranges.back().last = slot;
        } else {
            ranges.push_back({slot, slot});
        }
    }
    std::erase_if(infos, [](const shard_info& s) { return s.slots.empty(); });
    return shard_map{std::move(infos)};
}

}  // namespace valkeyxx::routing
