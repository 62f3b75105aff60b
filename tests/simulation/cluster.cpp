// The regular work: replication, detection of failures, elections, and news.
#include "cluster.hpp"

#include <algorithm>

#include "world.hpp"

namespace valkeyxx::simulation {
namespace {

using namespace std::chrono_literals;

constexpr auto soonest_election = 20ms;  // after the failure has been noticed
constexpr auto latest_election = 600ms;

}  // namespace

cluster::cluster(world& w) : world_{w} {
    build();
}

place cluster::fresh_place() {
    const std::uint32_t n = places_++;
    return {.ip = (10U << 24U) + 256 + n + n / 250 * 6, .port = 6379};
}

void cluster::build() {
    const plan& p = world_.settings;
    const std::size_t count = p.shards * (1 + p.replicas);
    const std::size_t chunks = world_.keys.chunks().size();
    for (std::size_t i = 0; i < count; ++i) {
        nodes_.push_back(std::make_unique<node>(world_, static_cast<int>(i), fresh_place()));
    }
    shards_.resize(p.shards);
    absent_since_.resize(count);
    has_news_.assign(count, false);
    view all{count, chunks};
    for (std::size_t i = 0; i < count; ++i) {
        node& n = *nodes_[i];
        n.shard = static_cast<int>(i % p.shards);
        n.primary = i < p.shards ? nobody : n.shard;
        n.epoch = i < p.shards ? ++last_epoch_ : 0;
        claim word{.node = n.index(), .version = 1, .epoch = n.epoch, .primary = n.primary, .at = n.at, .chunks = {}};
        if (i < p.shards) {
            // Neighbouring chunks belong together mostly, as after a cluster is made, but not always.
            for (std::size_t c = i * chunks / p.shards; c < (i + 1) * chunks / p.shards; ++c) {
                word.chunks.push_back(static_cast<chunk_index>(c));
            }
            shards_[i].primary = n.index();
        }
        all.learn(word);
    }
    for (const auto& n : nodes_) {
        n->sees = all;
        n->lag = world_.random.between(duration{0}, p.replication_lag);
        n->linked = !n->is_primary();
        if (n->is_primary()) continue;
        n->source = n->primary;
    }
    publish_names();
}

void cluster::start() {
    world_.time.after(world_.settings.gossip, [this] {
        tick();
        start();
    });
}

void cluster::tick() {
    replicate();
    detect();
    elect();
    pass_on();
}

bool cluster::reach(const node& a, const node& b) const noexcept {
    return a.runs() && b.runs() && a.group == b.group;
}

void cluster::replicate() {
    for (const auto& n : nodes_) {
        if (n->is_primary()) continue;
        const node& from = at(n->primary);
        n->linked = reach(*n, from) && from.is_primary();
        if (n->linked && !n->loading()) n->catch_up(from);
    }
}

void cluster::count_majorities() {
    primaries_in_group_.assign(primaries_in_group_.size(), 0);
    for (const shard& s : shards_) {
        if (s.primary == nobody || !at(s.primary).runs()) continue;
        const auto group = static_cast<std::size_t>(at(s.primary).group);
        if (group >= primaries_in_group_.size()) primaries_in_group_.resize(group + 1);
        ++primaries_in_group_[group];
    }
}

bool cluster::with_majority(const node& n) const noexcept {
    const auto group = static_cast<std::size_t>(n.group);
    return n.runs() && group < primaries_in_group_.size() && 2 * primaries_in_group_[group] > shards_.size();
}

void cluster::detect() {
    count_majorities();
    const auto now = scheduler::now();
    const bool somebody_decides = std::any_of(primaries_in_group_.begin(), primaries_in_group_.end(),
                                              [this](std::size_t n) { return 2 * n > shards_.size(); });
    calm_ = true;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        node& n = *nodes_[i];
        time_point& since = absent_since_[i];
        if (with_majority(n)) {
            since = {};
            if (n.isolated) {
                n.isolated = false;
                n.ready_again = now + world_.random.between(duration{0}, world_.settings.node_timeout);
            }
            continue;
        }
        calm_ = false;
        if (since == time_point{}) since = now;
        if (now - since < world_.settings.node_timeout) continue;
        n.isolated = n.isolated || n.runs();
        if (!somebody_decides) continue;
        for (const auto& other : nodes_) {
            if (with_majority(*other) && !other->view_frozen && world_.random.percent(world_.settings.gossip_percent)) {
                other->sees.set_failed(n.index(), true);
            }
        }
    }
    for (const auto& n : nodes_) {
        if (!n->runs() || n->view_frozen) continue;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const auto index = static_cast<int>(i);
            if (n->sees.of(index).failed && reach(*n, at(index)) && absent_since_[i] == time_point{}) {
                n->sees.set_failed(index, false);
            }
        }
    }
}

void cluster::elect() {
    const auto now = scheduler::now();
    for (shard& s : shards_) {
        if (s.primary == nobody) continue;
        const auto since = absent_since_[static_cast<std::size_t>(s.primary)];
        if (since == time_point{}) {
            s.patience = {};
            continue;
        }
        if (s.patience == duration{}) {
            s.patience = world_.settings.node_timeout +
                         world_.random.between(duration{soonest_election}, duration{latest_election});
        }
        if (now - since < s.patience) continue;
        node* best = nullptr;
        for (const auto& n : nodes_) {
            if (n->primary != s.primary || !with_majority(*n) || n->loading() || n->view_frozen) continue;
            if (best == nullptr || n->position > best->position) best = n.get();
        }
        if (best != nullptr) promote(*best, false);
    }
}

void cluster::pass_on() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (!has_news_[i] || !nodes_[i]->runs()) continue;
        const claim news = nodes_[i]->word();
        bool all_know = true;
        for (const auto& other : nodes_) {
            if (other->index() == news.node || other->sees.of(news.node).version >= news.version) continue;
            const bool arrives = reach(*other, at(news.node)) && !other->view_frozen &&
                                 world_.random.percent(world_.settings.gossip_percent);
            if (arrives) tell(*other, news);
            all_know = all_know && arrives;
        }
        // While it was told, it may itself have changed.
        has_news_[i] = !all_know || nodes_[i]->version != news.version;
    }
    for (const auto& n : nodes_) {
        if (!n->runs() || n->view_frozen || !n->sees.wonders()) continue;
        for (const auto& other : nodes_) {
            if (other != n && reach(*n, *other)) tell(*n, other->word(), true);
        }
    }
}

void cluster::tell(node& to, const claim& news, bool again) {
    const bool had_chunks = to.is_primary() && to.sees.chunks_of(to.index()) != 0;
    const bool leader_had_chunks = !to.is_primary() && to.sees.chunks_of(to.primary) != 0;
    if (!to.sees.learn(news, again)) return;
    std::erase_if(to.migrating, [&](const auto& m) { return to.sees.owner(m.first) != to.index(); });
    // Its own chunks, or its primary's, have all gone to somebody else: it follows that one.
    if (had_chunks && to.sees.chunks_of(to.index()) == 0) {
        follow(to, news.node);
    } else if (leader_had_chunks && news.node != to.primary && to.sees.chunks_of(to.primary) == 0) {
        follow(to, news.node);
    } else if (!to.is_primary() && news.node == to.primary && news.primary != nobody && news.primary != to.index()) {
        follow(to, news.primary);
    }
}

void cluster::follow(node& n, int primary) {
    for (shard& s : shards_) {
        if (s.primary == n.index()) s.primary = nobody;  // not replaced, but gone to another shard
    }
    world_.log([&] { return n.name() + " becomes a replica of " + at(primary).name(); });
    n.primary = primary;
    n.shard = at(primary).shard;
    n.migrating.clear();
    n.importing.clear();
    n.source = nobody;
    ++n.version;
    n.sees.learn(n.word());
    has_news_[static_cast<std::size_t>(n.index())] = true;
}

int cluster::owner(chunk_index c) const noexcept {
    int best = nobody;
    for (const auto& n : nodes_) {
        if (!n->is_primary() || n->sees.owner(c) != n->index()) continue;
        if (best == nobody || n->epoch > at(best).epoch) best = n->index();
    }
    return best;
}

std::string cluster::unsettled() const {
    if (!calm_) return "nodes are missed";
    if (std::find(has_news_.begin(), has_news_.end(), true) != has_news_.end()) return "there is news";
    for (const auto& n : nodes_) {
        const char* what = !n->runs()                                          ? "does not run"
                           : n->loading()                                      ? "loads"
                           : n->cluster_down()                                 ? "takes the cluster for down"
                           : n->cut || n->group != 0                           ? "is cut off"
                           : n->view_frozen || !n->lies.empty()                ? "does not tell the truth"
                           : !n->migrating.empty() || !n->importing.empty()    ? "moves slots"
                           : n->sees.owners() != nodes_.front()->sees.owners() ? "sees other owners"
                                                                               : nullptr;
        if (what != nullptr) return n->name() + " " + what;
    }
    return {};
}

}  // namespace valkeyxx::simulation
