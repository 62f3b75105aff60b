#include "routing/router.hpp"

#include <algorithm>
#include <utility>

namespace valkeyxx::routing {
namespace {

// Ids are never taken back. A cluster has at most 1000 nodes or so; restarts with new addresses add some over the
// years.
constexpr std::size_t most_nodes = 50'000;

}  // namespace

router::router(std::uint64_t seed, remap how) : remap_{std::move(how)}, random_{seed} {
    shard_of_.fill(nobody);
}

node_id router::intern(const endpoint& at) {
    const auto [entry, added] = ids_.try_emplace(at, static_cast<node_id>(nodes_.size()));
    if (added) nodes_.push_back({.at = at, .announced_host = at.host});
    return entry->second;
}

node_id router::named(const endpoint& by_cluster) {
    const endpoint at = remap_ ? remap_(by_cluster) : by_cluster;
    if (nodes_.size() >= most_nodes && !ids_.contains(at)) return no_node;
    const node_id id = intern(at);
    nodes_[id].announced_host = by_cluster.host;
    return id;
}

node_id router::member_at(const endpoint& at) const noexcept {
    const auto found = ids_.find(at);
    return found != ids_.end() && serves(found->second) ? found->second : no_node;
}

std::uint16_t router::shard_with_primary(node_id node) {
    if (nodes_[node].role == role::primary) return nodes_[node].shard;
    // More shards than slots by far: somebody makes nodes up. The slot has no owner until the next topology.
    if (shards_.size() >= nobody) return nobody;
    if (nodes_[node].role == role::replica) std::erase(shards_[nodes_[node].shard].replicas, node);
    const auto index = add_shard(node);
    enlist(index);
    return index;
}

std::uint16_t router::add_shard(node_id primary) {
    heads_.push_back(primary);
    shards_.emplace_back();
    return static_cast<std::uint16_t>(shards_.size() - 1);
}

// Writes down at its nodes what they are in a shard.
void router::enlist(std::uint16_t shard) {
    const group& g = shards_[shard];
    const auto note = [&](node_id id, enum role as) {
        nodes_[id].role = as;
        nodes_[id].shard = shard;
    };
    for (node_id replica : g.replicas) note(replica, role::replica);
    note(heads_[shard], role::primary);
}

bool router::adopt(const shard_map& map, std::uint32_t asked) {
    // What later MOVEDs said, before the shards they speak of are replaced.
    std::vector<std::pair<std::uint16_t, node_id>> newer;
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) {
        if (moved_at_[slot] > asked) newer.emplace_back(slot, primary(slot));
    }

    const bool default_led = default_ != no_node && is_primary(default_);
    const auto heads_before = std::exchange(heads_, {});
    const auto before = std::exchange(shards_, {});
    for (member& n : nodes_) {
        n.role = role::none;
        n.shard = nobody;
    }
    const auto add = [this](const node_info& info) {
        const node_id id = named(info.address);
        if (id != no_node) {
            nodes_[id].cluster_id = info.id;
            if (!info.availability_zone.empty()) nodes_[id].zone = info.availability_zone;
        }
        return id;
    };
    shard_of_.fill(nobody);
    for (const shard_info& info : map.shards()) {
        const node_id primary = add(info.primary);
        if (primary == no_node) continue;
        const auto index = add_shard(primary);
        group& added = shards_[index];
        for (const node_info& replica : info.replicas) {
            const node_id id = add(replica);
            if (id != no_node && nodes_[id].role == role::none && id != primary) added.replicas.push_back(id);
        }
        // Each client begins its turns somewhere else.
        added.next_reader = static_cast<std::uint32_t>(random_.below(added.replicas.size() + 1));
        enlist(index);
        if (!info.slots.empty()) added.some_slot = info.slots.front().first;
        for (const slot_range& range : info.slots) {
            std::fill(shard_of_.begin() + range.first, shard_of_.begin() + range.last + 1, index);
        }
    }
    const bool confirmed = std::all_of(newer.begin(), newer.end(),
                                       [this](const auto& moved) { return primary(moved.first) == moved.second; });
    for (const auto& [slot, node] : newer) {
        if (node != no_node) give(slot, node);
    }
    for (std::size_t i = 0; i < before.size(); ++i) note_successor(heads_before[i], before[i]);
    if (default_led && !is_primary(default_)) default_ = head_of(default_);
    ready_ = true;
    return confirmed;
}

// A node that has failed is not in the topology any more. Who still has something for its shard shall find it.
void router::note_successor(node_id old_head, const group& old) {
    const node_id head = primary(old.some_slot);
    const bool heir =
        head == old_head || std::find(old.replicas.begin(), old.replicas.end(), head) != old.replicas.end();
    const auto note = [&](node_id id) {
        if (!serves(id)) nodes_[id].successor = heir ? head : no_node;
    };
    note(old_head);
    std::for_each(old.replicas.begin(), old.replicas.end(), note);
}

void router::give(std::uint16_t slot, node_id to) {
    const auto shard = shard_of_[slot];
    if (shard != nobody) {
        if (heads_[shard] == to) return;
        if (nodes_[to].role == role::replica && nodes_[to].shard == shard) {
            promote(shard, to);
            return;
        }
    }
    const bool new_shard = nodes_[to].role != role::primary;
    shard_of_[slot] = shard_with_primary(to);
    if (new_shard && shard_of_[slot] != nobody) shards_[shard_of_[slot]].some_slot = slot;
}

void router::promote(std::uint16_t shard, node_id replica) {
    group& g = shards_[shard];
    const auto place = std::find(g.replicas.begin(), g.replicas.end(), replica);
    if (default_ == heads_[shard]) default_ = replica;
    std::swap(heads_[shard], *place);
    enlist(shard);
    // The promotion is news of every slot of the shard: an older map must not undo it for any of them.
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) {
        if (shard_of_[slot] == shard) moved_at_[slot] = tick_;
    }
}

void router::moved(std::uint16_t slot, node_id to) {
    ++tick_;
    moved_at_[slot] = tick_;
    give(slot, to);
}

void router::redirected(node_id to) {
    if (heads_.size() != 1 || heads_[0] == to) return;
    if (nodes_[to].role != role::replica) {
        shards_[0].replicas.push_back(to);
        enlist(0);
    }
    ++tick_;
    promote(0, to);
}

bool router::promoted(node_id replica) {
    if (nodes_[replica].role != role::replica) return false;
    ++tick_;
    promote(nodes_[replica].shard, replica);
    return true;
}

node_id router::head_of(node_id node) const noexcept {
    // A successor may have left as well, and a node may come back: look a few steps ahead, not round and round.
    for (int steps = 0; steps < 4 && node != no_node; ++steps) {
        if (nodes_[node].role != role::none) return heads_[nodes_[node].shard];
        node = nodes_[node].successor;
    }
    return no_node;
}

std::span<const node_id> router::heirs_of(node_id primary) const noexcept {
    if (nodes_[primary].role != role::primary) return {};
    return shards_[nodes_[primary].shard].replicas;
}

std::vector<node_id> router::primaries() const {
    return heads_;
}

std::vector<node_id> router::replicas() const {
    std::vector<node_id> all;
    for (const group& g : shards_) all.insert(all.end(), g.replicas.begin(), g.replicas.end());
    return all;
}

std::vector<node_id> router::members() const {
    auto all = primaries();
    const auto more = replicas();
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

node_id router::random_primary() noexcept {
    return heads_.empty() ? no_node : heads_[random_.below(heads_.size())];
}

node_id router::random_member() noexcept {
    if (shards_.empty()) return no_node;
    std::size_t total = 0;
    for (const group& g : shards_) total += 1 + g.replicas.size();
    auto at = random_.below(total);
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        const auto& replicas = shards_[i].replicas;
        if (at == 0) return heads_[i];
        if (at <= replicas.size()) return replicas[at - 1];
        at -= 1 + replicas.size();
    }
    return no_node;
}

node_id router::default_node() noexcept {
    // Not the first of the map for every client: commands without keys would all go to one node.
    if (default_ == no_node || !serves(default_)) default_ = random_primary();
    return default_;
}

void router::replace_default_node(node_id failed) noexcept {
    if (default_ != failed || heads_.size() < 2) return;
    const auto start = random_.below(heads_.size());
    for (std::size_t i = 0; i < heads_.size(); ++i) {
        default_ = heads_[(start + i) % heads_.size()];
        if (default_ != failed) return;
    }
}

template <class Good>
node_id router::next_reader(std::uint16_t shard, bool with_primary, Good good) {
    group& g = shards_[shard];
    const auto count = static_cast<std::uint32_t>(g.replicas.size()) + (with_primary ? 1 : 0);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto turn = g.next_reader++ % count;
        const node_id node = turn < g.replicas.size() ? g.replicas[turn] : heads_[shard];
        if (good(nodes_[node])) return node;
    }
    return no_node;
}

node_id router::quickest(std::uint16_t shard) const noexcept {
    // One that has not been measured yet is worth a try: the watch will know it soon.
    node_id best = nodes_[heads_[shard]].how == health::well ? heads_[shard] : no_node;
    for (node_id replica : shards_[shard].replicas) {
        if (nodes_[replica].how != health::well) continue;
        if (best == no_node || nodes_[replica].latency < nodes_[best].latency) best = replica;
    }
    return best;
}

// By the policy alone, among those that are well; `no_node` if none of those it allows is.
node_id router::chosen_reader(std::uint16_t shard, read_from how) {
    const node_id head = heads_[shard];
    const auto any = [](const member& n) { return n.how == health::well; };
    const auto near = [this](const member& n) { return n.how == health::well && n.zone == own_zone_; };
    switch (how) {
        case read_from::primary:
            return head;
        case read_from::prefer_replica:
            return next_reader(shard, false, any);
        case read_from::round_robin:
            return next_reader(shard, true, any);
        case read_from::random:
            shards_[shard].next_reader = static_cast<std::uint32_t>(random_.below(shards_[shard].replicas.size() + 1));
            return next_reader(shard, true, any);
        case read_from::lowest_latency:
            return quickest(shard);
        case read_from::same_zone:
            if (const node_id replica = next_reader(shard, false, near); replica != no_node) return replica;
            if (near(nodes_[head])) return head;
            return next_reader(shard, false, any);
    }
    return no_node;
}

node_id router::reader(std::uint16_t slot, read_from how) {
    const auto shard = shard_of_[slot];
    if (shard == nobody) return no_node;
    const node_id head = heads_[shard];
    const node_id chosen = chosen_reader(shard, how);
    if (chosen != no_node || nodes_[head].how != health::silent) return chosen != no_node ? chosen : head;
    // The primary is gone, and so its replicas are cut off. They have what it had.
    const node_id left = next_reader(shard, false, [](const member& n) { return n.how == health::cut_off; });
    return left != no_node ? left : head;
}

shard_map router::snapshot() const {
    std::vector<shard_info> infos(shards_.size());
    const auto describe = [this](node_id id) {
        const member& n = nodes_[id];
        return node_info{.id = n.cluster_id, .address = n.at, .availability_zone = n.zone};
    };
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        infos[i].primary = describe(heads_[i]);
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
