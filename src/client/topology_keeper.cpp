#include "client/topology_keeper.hpp"

#include <algorithm>

#include "client/engine.hpp"
#include "command/table.hpp"
#include "topology/cluster_reply.hpp"

#include <valkeyxx/observer.hpp>

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view slots_question = "*2\r\n$7\r\nCLUSTER\r\n$5\r\nSLOTS\r\n";
constexpr std::string_view info_question = "*2\r\n$7\r\nCLUSTER\r\n$4\r\nINFO\r\n";
constexpr auto patience = 100ms;  // a node that is slower than this gets company
constexpr auto longest_question = 1000ms;
constexpr int most_doublings = 5;  // of the pause between refreshes that fail at every node
// Nodes leave a replica that is down out of their topology, and nothing happens to a client when it is back.
constexpr auto replicas_come_back_within = 5s;

}  // namespace

// CLUSTER INFO and CLUSTER SLOTS to one node, in this order on one connection: when the slots come, the facts are
// known.
class topology_keeper::probe final {
  public:
    probe(topology_keeper& keeper, routing::node_id node, std::uint64_t refresh)
        : keeper_{keeper}, node_{node}, refresh_{refresh}, info_{*this, true}, slots_{*this, false} {}

    void ask(io::time_point deadline) {
        engine& e = keeper_.engine_;
        for (question* q : {&info_, &slots_}) {
            q->set_deadline(deadline);
            e.ask(*q);
        }
    }

    [[nodiscard]] bool done() const noexcept { return info_.done() && slots_.done(); }
    [[nodiscard]] routing::node_id node() const noexcept { return node_; }
    [[nodiscard]] std::uint64_t refresh() const noexcept { return refresh_; }
    [[nodiscard]] const std::optional<topology::cluster_facts>& facts() const noexcept { return facts_; }

  private:
    class question final : public request {
      public:
        question(probe& of, bool info) : request{of.keeper_.engine_, false}, of_{of}, is_info_{info} {
            set_command(info ? info_question : slots_question,
                        {.info = &info_of(info ? command_id::cluster_info : command_id::cluster_slots)});
            pin(of.node_);
        }
        [[nodiscard]] bool done() const noexcept { return done_; }

        void on_reply(reply_view reply) noexcept override {
            done_ = true;
            if (is_info_) {
                of_.facts_ = topology::read_cluster_info(reply);
            } else {
                of_.keeper_.answered(of_, reply);
            }
        }
        void on_error(error why) noexcept override {
            done_ = true;
            // Without the facts, which a user may not be allowed to read, the slots will do.
            if (!is_info_) of_.keeper_.failed(of_, why);
        }

      private:
        probe& of_;
        bool is_info_;
        bool done_ = false;
    };

    topology_keeper& keeper_;
    routing::node_id node_;
    std::uint64_t refresh_;
    std::optional<topology::cluster_facts> facts_;
    question info_;
    question slots_;
};

topology_keeper::topology_keeper(engine& e)
    : engine_{e}, policy_{std::chrono::duration_cast<io::clock::duration>(e.settings().refresh_interval)} {
    for (const endpoint& seed : e.settings().seeds) {
        seeds_.push_back(e.settings().remap_seeds ? e.router().named(seed) : e.router().intern(seed));
    }
}

topology_keeper::~topology_keeper() = default;

void topology_keeper::want(io::time_point now, routing::node_id informed, reason why) {
    if (stopped_) return;
    if (informed != routing::no_node) informed_ = informed;
    if (policy_.want(now, engine_.router().random(), why)) {
        start(now);
    } else if (const auto due = policy_.next()) {
        engine_.timers().add(*this, *due);
    }
}

void topology_keeper::start(io::time_point now) {
    std::erase_if(probes_, [](const auto& p) { return p->done(); });
    ++refresh_;
    engine_.refresh_started();
    asked_at_ = engine_.router().tick();
    ballot_ = topology::ballot{epoch_, adopted_.covered_slots() == 0 ? nullptr : &adopted_};
    problems_.clear();
    worst_ = errc::no_topology;
    server_code_.clear();
    open_ = 0;
    candidates_ = by_preference();
    ask_next(now);
}

// Whom to ask, the best one last.
std::vector<routing::node_id> topology_keeper::by_preference() {
    auto& router = engine_.router();
    std::vector<routing::node_id> all;
    if (engine_.settings().dynamic_seeds) all = router.members();
    for (routing::node_id seed : seeds_) {
        if (std::find(all.begin(), all.end(), seed) == all.end()) all.push_back(seed);
    }
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[router.random().below(i)]);
    // Those we are connected to answer soonest, unless they hang. Not the same one twice in a row: it may be wrong.
    const auto rank = [this](routing::node_id n) {
        if (n == informed_) return 4;
        if (n == last_asked_) return opinions_wanted_ > 0 ? -1 : 1;
        return engine_.answers(n) ? 3 : engine_.unreachable(n) ? 0 : 2;
    };
    std::stable_sort(all.begin(), all.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
    informed_ = routing::no_node;
    mix_in_seeds(all);
    return all;
}

// Every second one to be asked is a seed, as long as there are some: after all nodes have come back under new
// addresses, only the seeds' names still lead to them, and a thousand dead addresses take long to try.
void topology_keeper::mix_in_seeds(std::vector<routing::node_id>& all) const {
    std::vector<routing::node_id> seeds;
    std::vector<routing::node_id> others;
    for (routing::node_id n : all) {
        (std::find(seeds_.begin(), seeds_.end(), n) != seeds_.end() ? seeds : others).push_back(n);
    }
    const bool seed_first = !all.empty() && !seeds.empty() && seeds.back() == all.back();
    all.clear();
    for (bool take_seed = seed_first; !seeds.empty() || !others.empty(); take_seed = !take_seed) {
        auto& from = (take_seed && !seeds.empty()) || others.empty() ? seeds : others;
        all.push_back(from.back());
        from.pop_back();
    }
    std::reverse(all.begin(), all.end());
}

void topology_keeper::ask_next(io::time_point now) {
    last_asked_ = candidates_.back();
    candidates_.pop_back();
    ++open_;
    const auto limit = std::min<io::clock::duration>(engine_.settings().connect_timeout, longest_question);
    probes_.push_back(std::make_unique<probe>(*this, last_asked_, refresh_));
    engine_.timers().add(*this, now + patience);
    probes_.back()->ask(now + limit);
}

void topology_keeper::answered(probe& p, reply_view slots) {
    if (p.refresh() != refresh_ || !policy_.running() || stopped_) return;
    auto map = topology::read_cluster_slots(slots, engine_.router().host_of(p.node()));
    if (!map) {
        failed(p, map.error());
        return;
    }
    if (map->covered_slots() == 0) {
        failed(p, error{errc::no_topology, "it knows of no node that serves slots"});
        return;
    }
    if (engine_.settings().require_full_coverage && map->covered_slots() < slot_count) {
        failed(p, error{errc::no_topology, "it knows who serves " + std::to_string(map->covered_slots()) + " of the " +
                                               std::to_string(slot_count) +
                                               " slots, and config::require_full_coverage asks for all"});
        return;
    }
    --open_;
    if (ballot_.add({*std::move(map), p.facts()}) == topology::ballot::outcome::enough) {
        candidates_.clear();
        open_ = 0;
    }
    go_on(io::clock::now());
}

void topology_keeper::failed(probe& p, const error& why) {
    if (p.refresh() != refresh_ || !policy_.running() || stopped_) return;
    --open_;
    const endpoint& at = engine_.router().at(p.node());
    if (const auto& watcher = engine_.settings().watcher) watcher->refresh_failed(at, why);
    if (why.text().find("cluster support disabled") != std::string::npos) worst_ = errc::not_a_cluster;
    note_refusal(why);
    problems_ += (problems_.empty() ? "" : "; ") + at.text() + ": " + why.text();
    go_on(io::clock::now());
}

// Of several reasons the one that somebody can do something about.
void topology_keeper::note_refusal(const error& why) {
    const bool credentials = why.which() == errc::authentication_failed && worst_ == errc::no_topology;
    if (credentials) worst_ = errc::authentication_failed;
    if (credentials || server_code_.empty()) server_code_ = why.server_code();
    if (worst_ == errc::not_a_cluster) server_code_.clear();  // of this the code is "ERR"
}

// After an answer or a failure: asks on, waits for those asked, or ends the refresh.
void topology_keeper::go_on(io::time_point now) {
    if (!candidates_.empty()) {
        ask_next(now);
    } else if (open_ == 0) {
        if (const topology::view* chosen = ballot_.winner()) {
            adopt(*chosen);
        } else {
            give_up();
        }
    }
}

void topology_keeper::adopt(const topology::view& chosen) {
    // The first node asked may have been wrong about everything: another one shall say the same.
    if (!engine_.router().ready()) {
        first_told_by_ = last_asked_;
        opinions_wanted_ = ballot_.votes() > 1 ? 0 : 2;
    } else if (opinions_wanted_ > 0) {
        opinions_wanted_ = last_asked_ == first_told_by_ ? opinions_wanted_ - 1 : 0;
    }
    epoch_ = chosen.facts ? chosen.facts->epoch : epoch_;
    failures_ = 0;
    if (engine_.router().adopt(chosen.map, asked_at_)) policy_.confirmed();
    adopted_ = chosen.map;
    finish();
    engine_.map_changed();
    if (opinions_wanted_ > 0 && engine_.router().known_nodes() > 1) want(io::clock::now());
}

void topology_keeper::give_up() {
    const bool answered = ballot_.votes() > 0;
    const std::string text = worst_ == errc::not_a_cluster
                                 ? "the server does not run in cluster mode (" + problems_ + ")"
                                 : "no node could tell the cluster's topology (" + problems_ + ")";
    const bool never_had_one = !engine_.router().ready();
    finish();
    if (never_had_one) {
        if (!answered) engine_.no_map(error{{.code = worst_, .text = text, .server_code = server_code_}});
        return;
    }
    // Commands go on trying with the older map until their deadline, and ask for a new one as they do. But there may be
    // none at the moment, and what this refresh was to bring has not come.
    if (scheduled()) return;
    failures_ = std::min(failures_ + 1, most_doublings);
    engine_.timers().add(*this, io::clock::now() + engine_.settings().refresh_interval * (1 << failures_));
}

void topology_keeper::finish() noexcept {
    policy_.done(ballot_.votes());
    candidates_.clear();
    timer_queue::remove(*this);
    if (const auto due = policy_.next()) {
        engine_.timers().add(*this, *due);
    } else if (const auto every = engine_.settings().refresh_every; every.count() != 0) {
        engine_.timers().add(*this, io::clock::now() + every);
    } else if (engine_.settings().reads != read_from::primary) {
        engine_.timers().add(*this, io::clock::now() + replicas_come_back_within);
    }
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

}  // namespace valkeyxx::clients
