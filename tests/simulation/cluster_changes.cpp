// What can happen to the cluster: restarts, partitions, failovers, migrations.
#include "cluster.hpp"

#include <algorithm>

#include "world.hpp"

namespace valkeyxx::simulation {
namespace {

using namespace std::chrono_literals;

}  // namespace

void cluster::publish_names(bool seeds_too) {
    std::vector<address> seeds;
    for (const auto& n : nodes_) {
        world_.net.name(n->name(), {n->at.on_network()});
        if (seeds.size() < 3) seeds.push_back(n->at.on_network());
    }
    if (seeds_too) world_.net.name("seed.sim", std::move(seeds));
}

void cluster::restart(node& n, bool elsewhere) {
    const auto now = scheduler::now();
    n.loading_until = now + world_.random.between(duration{0}, duration{300ms});
    n.ready_again = now + world_.random.between(duration{0}, world_.settings.node_timeout);
    n.migrating.clear();
    n.importing.clear();
    n.start_at(elsewhere ? fresh_place() : n.at);
    if (!elsewhere) return;
    ++n.version;
    n.sees.learn(n.word());
    has_news_[static_cast<std::size_t>(n.index())] = true;
    const auto delay = world_.random.between(duration{0}, duration{500ms});
    world_.time.after(delay, [this] { publish_names(); });
}

void cluster::join() {
    for (const auto& n : nodes_) n->group = 0;
    world_.log([] { return std::string{"all nodes reach each other again"}; });
}

void cluster::cut_client(node& n, bool cut) {
    if (n.cut == cut) return;
    n.cut = cut;
    world_.log([&] { return n.name() + (cut ? " is cut off from the client" : " is back for the client"); });
    if (!cut) world_.net.resume(n);
}

bool cluster::promote(node& replica, bool with_all_data) {
    const int before = replica.primary;
    if (before == nobody || !replica.runs()) return false;
    if (with_all_data) {
        if (!reach(replica, at(before)) || !at(before).is_primary() || replica.loading()) return false;
        replica.catch_up(at(before), true);
        replica.loading_until = {};
    } else {
        data_was_lost_ = true;
    }
    world_.log([&] { return replica.name() + " takes over from " + at(before).name(); });
    shards_[static_cast<std::size_t>(replica.shard)] = {.primary = replica.index(), .missed_since = {}, .patience = {}};
    replica.primary = nobody;
    replica.linked = false;
    replica.epoch = ++last_epoch_;
    ++replica.version;
    ++replica.log_number;
    replica.log.clear();
    claim word = replica.word();
    for (std::size_t c = 0; c < replica.sees.owners().size(); ++c) {
        if (replica.sees.owners()[c] != before) continue;
        word.chunks.push_back(static_cast<chunk_index>(c));
        // It has not heard that the chunk has moved on.
        if (owner(static_cast<chunk_index>(c)) != before) data_was_lost_ = true;
    }
    replica.sees.learn(word);
    has_news_[static_cast<std::size_t>(replica.index())] = true;
    // It has paused its clients for this, and hears of it first.
    if (with_all_data) tell(at(before), replica.word());
    return true;
}

bool cluster::migrate(chunk_index c, int to, duration each_key) {
    const int from = owner(c);
    if (from == nobody || from == to || !at(to).is_primary()) return false;
    node& source = at(from);
    node& target = at(to);
    if (!reach(source, target) || source.migrating.contains(c) || target.importing.contains(c)) return false;
    if (source.sees.chunks_of(from) <= source.migrating.size() + 1) return false;  // a primary keeps one
    source.migrating[c] = to;
    target.importing[c] = from;
    world_.log([&] {
        return "chunk " + std::to_string(c) + " begins to move from " + source.name() + " to " + target.name();
    });
    world_.time.after(each_key, [this, c, from, to, each_key] { step_migration(c, from, to, 0, each_key); });
    return true;
}

void cluster::step_migration(chunk_index c, int from, int to, std::size_t next_key, duration each_key) {
    node& source = at(from);
    node& target = at(to);
    const bool intact = source.migrating.contains(c) && target.importing.contains(c) && source.is_primary() &&
                        target.is_primary() && source.sees.owner(c) == from;
    if (!intact) {
        give_up_migration(c, source, target);
        return;
    }
    const auto& keys = world_.keys.chunks()[c].keys;
    if (reach(source, target)) {
        // Whoever is about to be told that a chunk has gone must not claim it once more with a newer epoch.
        if (next_key == keys.size() && target.handing_over != 0) {
            world_.time.after(
                1ms, [this, c, from, to, next_key, each_key] { step_migration(c, from, to, next_key, each_key); });
            return;
        }
        if (next_key == keys.size()) {
            finish_migration(c, source, target);
            return;
        }
        const std::size_t k = keys[next_key];
        if (!source.read(k).empty()) {
            target.write(k, source.read(k));
            source.write(k, {});
        }
        ++next_key;
    }
    world_.time.after(each_key,
                      [this, c, from, to, next_key, each_key] { step_migration(c, from, to, next_key, each_key); });
}

void cluster::finish_migration(chunk_index c, node& from, node& to) {
    // Keys that were made at the source after their turn cannot be: there, a missing key is asked for at the target.
    to.importing.erase(c);
    to.epoch = ++last_epoch_;
    ++to.version;
    claim word = to.word();
    word.chunks.push_back(c);
    to.sees.learn(word);
    has_news_[static_cast<std::size_t>(to.index())] = true;
    world_.log([&] { return "chunk " + std::to_string(c) + " has moved to " + to.name(); });
    // The operator tells the source next; until then it goes on sending clients with ASK.
    ++from.handing_over;
    world_.time.after(world_.random.between(duration{0}, duration{20ms}), [this, c, source = &from, target = &to] {
        --source->handing_over;
        if (!source->runs() || !source->is_primary() || source->sees.owner(c) != source->index()) return;
        source->migrating.erase(c);
        source->sees.set_owner(c, target->index());
        ++source->version;
        has_news_[static_cast<std::size_t>(source->index())] = true;
        tell(*source, target->word());
    });
}

void cluster::give_up_migration(chunk_index c, node& from, node& to) {
    world_.log([&] { return "chunk " + std::to_string(c) + " stays: a failover came between"; });
    from.migrating.erase(c);
    to.importing.erase(c);
    data_was_lost_ = true;  // what had moved already
}

}  // namespace valkeyxx::simulation
