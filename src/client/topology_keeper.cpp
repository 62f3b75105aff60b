#include "client/topology_keeper.hpp"

#include <algorithm>

#include "client/engine.hpp"
#include "command/table.hpp"
#include "topology/cluster_reply.hpp"

#include <valkeyxx/observer.hpp>

namespace valkeyxx::client {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view question = "*2\r\n$7\r\nCLUSTER\r\n$5\r\nSLOTS\r\n";
constexpr auto patience = 100ms;  // a node that is slower than this gets company
constexpr auto longest_question = 1000ms;

}  // namespace

// One CLUSTER SLOTS to one node.
class topology_keeper::probe final : public request {
  public:
    probe(topology_keeper& keeper, routing::node_id node, io::time_point deadline, std::uint64_t refresh)
        : request{keeper.engine_, false}, keeper_{keeper}, node_{node}, refresh_{refresh} {
        set_command(question, {.info = &info_of(command_id::cluster_slots)});
        pin(node);
        set_deadline(deadline);
    }

    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] routing::node_id node() const noexcept { return node_; }
    [[nodiscard]] std::uint64_t refresh() const noexcept { return refresh_; }

    void on_reply(reply_view reply) noexcept override {
        done_ = true;
        keeper_.answered(*this, reply);
    }
    void on_error(error why) noexcept override {
        done_ = true;
        keeper_.failed(*this, why);
    }

  private:
    topology_keeper& keeper_;
    routing::node_id node_;
    std::uint64_t refresh_;
    bool done_ = false;
};

topology_keeper::topology_keeper(engine& e)
    : engine_{e}, policy_{std::chrono::duration_cast<io::clock::duration>(e.settings().refresh_interval)} {
    for (const endpoint& seed : e.settings().seeds) seeds_.push_back(e.router().intern(seed));
}

topology_keeper::~topology_keeper() = default;

void topology_keeper::want(io::time_point now) {
    if (stopped_) return;
    if (policy_.want(now, engine_.router().random())) {
        start(now);
    } else if (const auto due = policy_.next()) {
        engine_.timers().add(*this, *due);
    }
}

void topology_keeper::start(io::time_point now) {
    auto& router = engine_.router();
    std::erase_if(probes_, [](const auto& p) { return p->done(); });
    ++refresh_;
    ++engine_.counters().refreshes;
    asked_at_ = router.tick();
    problems_.clear();
    worst_ = errc::no_topology;
    open_ = 0;

    candidates_ = router.members();
    for (routing::node_id seed : seeds_) {
        if (std::find(candidates_.begin(), candidates_.end(), seed) == candidates_.end()) candidates_.push_back(seed);
    }
    for (std::size_t i = candidates_.size(); i > 1; --i) {
        std::swap(candidates_[i - 1], candidates_[router.random().below(i)]);
    }
    // Those we are connected to answer soonest: they are asked first, that is, stand last.
    std::stable_partition(candidates_.begin(), candidates_.end(),
                          [this](routing::node_id n) { return !engine_.connection_to(n).ready(); });
    ask_next(now);
}

void topology_keeper::ask_next(io::time_point now) {
    const routing::node_id next = candidates_.back();
    candidates_.pop_back();
    ++open_;
    const auto limit = std::min<io::clock::duration>(engine_.settings().connect_timeout, longest_question);
    probes_.push_back(std::make_unique<probe>(*this, next, now + limit, refresh_));
    engine_.timers().add(*this, now + patience);
    engine_.ask(*probes_.back());
}

void topology_keeper::answered(probe& p, reply_view reply) {
    if (p.refresh() != refresh_ || !policy_.running()) return;
    auto map = topology::read_cluster_slots(reply, engine_.router().at(p.node()).host);
    if (!map) {
        failed(p, map.error());
        return;
    }
    if (map->covered_slots() == 0) {
        failed(p, error{errc::no_topology, "it knows of no node that serves slots"});
        return;
    }
    --open_;
    engine_.router().adopt(*map, asked_at_);
    finish();
    engine_.map_changed();
}

void topology_keeper::failed(probe& p, const error& why) {
    if (p.refresh() != refresh_ || !policy_.running() || stopped_) return;
    --open_;
    const endpoint& at = engine_.router().at(p.node());
    if (const auto& watcher = engine_.settings().watcher) watcher->refresh_failed(at, why);
    if (why.text().find("cluster support disabled") != std::string::npos) worst_ = errc::not_a_cluster;
    problems_ += (problems_.empty() ? "" : "; ") + at.text() + ": " + why.text();
    if (!candidates_.empty()) {
        ask_next(io::clock::now());
    } else if (open_ == 0) {
        give_up();
    }
}

void topology_keeper::give_up() {
    const std::string text = worst_ == errc::not_a_cluster
                                 ? "the server does not run in cluster mode (" + problems_ + ")"
                                 : "no node could tell the cluster's topology (" + problems_ + ")";
    const bool never_had_one = !engine_.router().ready();
    finish();
    // With an older map, commands go on trying with it until their deadline, and ask for a new one as they do.
    if (never_had_one) engine_.no_map(error{worst_, text});
}

void topology_keeper::finish() noexcept {
    policy_.done();
    candidates_.clear();
    timer_queue::remove(*this);
    if (const auto due = policy_.next()) engine_.timers().add(*this, *due);
}

void topology_keeper::on_due(io::time_point now) noexcept {
    if (!policy_.running()) {
        want(now);
    } else if (!candidates_.empty()) {
        ask_next(now);
    }
}

void topology_keeper::stop() noexcept {
    stopped_ = true;
    timer_queue::remove(*this);
}

}  // namespace valkeyxx::client
