#include "client/service_keeper.hpp"

#include <algorithm>
#include <utility>

#include "client/engine.hpp"
#include "command/table.hpp"
#include "topology/node_facts.hpp"
#include "topology/refresh_policy.hpp"
#include "topology/sentinel_event.hpp"

#include <valkeyxx/observer.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;
using topology::sentinel_discovery;

constexpr auto longest_question = 1000ms;
constexpr auto least_pause = 20ms;  // between rounds, whatever is announced
constexpr auto longest_hold = 500ms;
constexpr auto first_retry = 100ms;
constexpr auto longest_retry = 1000ms;
constexpr auto listening_period = 10s;  // what is announced need not be asked for, but an announcement may be lost
constexpr auto deaf_period = 1s;
constexpr auto replicas_come_back_within = 5s;  // at which no announcement tells that their link stands again

bool remapped(const engine& e, bool seed) {
    return !seed || e.settings().remap_seeds;
}

}  // namespace

// All questions to one sentinel, in one write; asked again and again.
class service_keeper::interview final {
  public:
    interview(service_keeper& keeper, endpoint sentinel, routing::node_id node)
        : keeper_{keeper}, sentinel_{std::move(sentinel)}, node_{node} {
        for (const auto q : topology::sentinel_questions) questions_.push_back(std::make_unique<question>(*this, q));
    }

    /// Requires !under_way().
    void ask(io::time_point deadline, std::uint64_t round) {
        round_ = round;
        report_ = {};
        problem_.clear();
        open_ = questions_.size();
        for (const auto& q : questions_) q->ask(deadline);
    }

    [[nodiscard]] bool under_way() const noexcept { return open_ != 0; }
    [[nodiscard]] const endpoint& sentinel() const noexcept { return sentinel_; }
    [[nodiscard]] routing::node_id node() const noexcept { return node_; }
    /// In which it was asked last.
    [[nodiscard]] std::uint64_t round() const noexcept { return round_; }
    /// Empty: it has answered, and take_report() is good.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    topology::sentinel_report take_report() { return std::move(report_); }

  private:
    class question final : public request {
      public:
        question(interview& of, topology::sentinel_question what)
            : request{of.keeper_.engine_, false},
              of_{of},
              what_{what},
              words_{topology::request_for(what, of.keeper_.engine_.settings().service)} {
            set_command(words_.bytes(), {.info = words_.facts().info});
            pin(of.node_);
        }
        void ask(io::time_point deadline) {
            prepare(of_.keeper_.engine_);
            set_deadline(deadline);
            of_.keeper_.engine_.ask(*this);
        }
        void on_reply(reply_view reply) noexcept override {
            const auto read = topology::read_answer(what_, reply, of_.report_);
            if (!read) of_.complain(read.error().text());
            of_.one_done();
        }
        void on_error(error why) noexcept override {
            // One that has no id, being old, can be told apart by its address.
            const bool can_do_without = what_ == topology::sentinel_question::myid && why == errc::server_error;
            if (!can_do_without) of_.complain(why.text());
            of_.one_done();
        }

      private:
        interview& of_;
        topology::sentinel_question what_;
        encoded_command words_;
    };

    void complain(const std::string& what) {
        if (problem_.empty()) problem_ = what;
    }
    void one_done() {
        if (--open_ == 0) keeper_.told(*this);
    }

    service_keeper& keeper_;
    endpoint sentinel_;
    routing::node_id node_;
    std::vector<std::unique_ptr<question>> questions_;
    topology::sentinel_report report_;
    std::string problem_;
    std::size_t open_ = 0;
    std::uint64_t round_ = 0;
};

// ROLE, of a node that is said to be the primary. Its connection asks for it as well, in its handshake.
class service_keeper::role_question final : public request {
  public:
    role_question(service_keeper& keeper, endpoint whose, routing::node_id whom)
        : request{keeper.engine_, false}, keeper_{keeper}, whose_{std::move(whose)} {
        set_command("*1\r\n$4\r\nROLE\r\n", {.info = &info_of(command_id::role)});
        pin(whom);
    }

    [[nodiscard]] bool under_way() const noexcept { return under_way_; }
    [[nodiscard]] const endpoint& whose() const noexcept { return whose_; }

    void ask(io::time_point deadline) {
        under_way_ = true;
        prepare(keeper_.engine_);
        set_deadline(deadline);
        keeper_.engine_.ask(*this);
    }
    void on_reply(reply_view reply) noexcept override {
        under_way_ = false;
        const auto role = topology::read_role(reply);
        using is = sentinel_discovery::role;
        keeper_.role_told(whose_, !role ? is::not_told : role->primary ? is::primary : is::replica, {});
    }
    void on_error(error why) noexcept override {
        under_way_ = false;
        using is = sentinel_discovery::role;
        const bool may_not_ask = why == errc::server_error && why.server_code() == "NOPERM";
        keeper_.role_told(whose_, may_not_ask ? is::not_told : is::unreachable, why.text());
    }

  private:
    service_keeper& keeper_;
    endpoint whose_;
    bool under_way_ = false;
};

service_keeper::service_keeper(engine& e)
    : engine_{e}, discovery_{e.settings().seeds, {.min_other_sentinels = e.settings().min_other_sentinels}} {}

service_keeper::~service_keeper() = default;

// --- when to ask -----------------------------------------------------------------------------------------------------

void service_keeper::want(io::time_point now, routing::node_id /*informed*/) {
    if (!discovery_.running()) ask_again(earliest_, now);
}

void service_keeper::hint(io::time_point now) {
    ask_again(last_start_ + least_pause, now);
}

void service_keeper::ask_again(io::time_point at, io::time_point now) {
    if (stopped_) return;
    due_ = std::min(due_, at);
    if (due_ <= now) {
        start(now);
    } else if (!discovery_.running()) {
        engine_.timers().add(*this, due_);
    }
}

void service_keeper::start(io::time_point now) {
    ++round_;
    ++engine_.counters().refreshes;
    last_start_ = now;
    earliest_ = now + topology::refresh_gap(engine_.settings().refresh_interval, engine_.router().random());
    due_ = io::time_point::max();
    const auto limit = std::min<io::clock::duration>(engine_.settings().connect_timeout, longest_question);
    for (const endpoint& sentinel : discovery_.begin(now)) {
        interview& i = interview_with(sentinel);
        if (!i.under_way()) i.ask(now + limit, round_);  // else it is asked once more when it has answered
    }
    advance(now);
}

service_keeper::interview& service_keeper::interview_with(const endpoint& sentinel) {
    const auto found =
        std::find_if(interviews_.begin(), interviews_.end(), [&](const auto& i) { return i->sentinel() == sentinel; });
    if (found != interviews_.end()) return **found;
    const auto& seats = discovery_.roster().seats();
    const bool seed =
        std::any_of(seats.begin(), seats.end(), [&](const auto& s) { return s.at == sentinel && s.seed; });
    auto& router = engine_.router();
    const auto node = remapped(engine_, seed) ? router.named(sentinel) : router.intern(sentinel);
    interviews_.push_back(std::make_unique<interview>(*this, sentinel, node));
    return *interviews_.back();
}

void service_keeper::on_due(io::time_point now) noexcept {
    if (discovery_.running()) {
        advance(now);
        return;
    }
    dismiss_strangers();  // here, since none of them is at work further up the stack
    if (due_ <= now) start(now);
}

void service_keeper::dismiss_strangers() {
    const auto& seats = discovery_.roster().seats();
    std::erase_if(interviews_, [&](const auto& i) {
        const bool known =
            std::any_of(seats.begin(), seats.end(), [&](const auto& s) { return s.at == i->sentinel(); });
        return !known && !i->under_way();
    });
    std::erase_if(questions_, [](const auto& q) { return !q->under_way(); });
}

// --- what to make of the answers -------------------------------------------------------------------------------------

void service_keeper::told(interview& by) {
    if (stopped_) return;
    const auto now = io::clock::now();
    const bool outdated = by.round() != round_ && discovery_.running();
    bool news = false;
    if (by.problem().empty()) {
        // Asked in an earlier round, it may not have heard yet of what this one is about.
        news = discovery_.answered(by.sentinel(), by.take_report(), now);
    } else {
        const auto& watcher = engine_.settings().watcher;
        const error why{errc::no_topology, by.problem()};
        if (watcher) watcher->refresh_failed(by.sentinel(), why);
        discovery_.failed(by.sentinel(), by.problem());
    }
    if (outdated) {
        const auto limit = std::min<io::clock::duration>(engine_.settings().connect_timeout, longest_question);
        by.ask(now + limit, round_);
    }
    advance(now);
    if (news) hint(now);
}

void service_keeper::advance(io::time_point now) {
    using what = sentinel_discovery::what;
    const auto step = discovery_.next(now);
    switch (step.what) {
        case what::nothing:
            return;
        case what::wait:
            if (step.until != io::time_point::max()) engine_.timers().add(*this, step.until);
            return;
        case what::verify:
            verify(step.node, now);
            return;
        case what::adopt:
            failures_ = 0;
            finish(now);
            adopt();
            break;
        case what::keep:
            failures_ = 0;
            finish(now);
            break;
        case what::give_up:
            give_up(now);
            break;
    }
    if (round_ >= held_until_) end_hold();
}

void service_keeper::verify(const endpoint& candidate, io::time_point now) {
    auto found =
        std::find_if(questions_.begin(), questions_.end(), [&](const auto& q) { return q->whose() == candidate; });
    if (found == questions_.end()) {
        const auto node = engine_.router().named(candidate);
        if (node == routing::no_node) {
            role_told(candidate, sentinel_discovery::role::unreachable, "too many addresses were named");
            return;
        }
        questions_.push_back(std::make_unique<role_question>(*this, candidate, node));
        found = questions_.end() - 1;
    }
    if ((*found)->under_way()) return;
    (*found)->ask(now + std::min<io::clock::duration>(engine_.settings().connect_timeout, longest_question));
}

void service_keeper::role_told(const endpoint& of, sentinel_discovery::role is, const std::string& why) {
    if (stopped_) return;
    discovery_.role_told(of, is, why);
    advance(io::clock::now());
}

void service_keeper::adopt() {
    const auto& found = *discovery_.found();
    auto& router = engine_.router();
    shard_info shard{
        .primary = {.id = found.id, .address = found.primary}, .replicas = {}, .slots = {{0, slot_count - 1}}};
    for (const auto& replica : found.replicas) shard.replicas.push_back({.id = replica.id, .address = replica.at});
    router.adopt(shard_map{{std::move(shard)}}, router.tick());
    for (const auto& replica : found.replicas) {
        const auto node = router.named(replica.at);
        // From now on replica_watch looks after it.
        if (!replica.linked && router.is_replica(node)) router.set_health(node, routing::health::cut_off);
    }
    engine_.map_changed();
}

void service_keeper::give_up(io::time_point now) {
    failures_ = std::min(failures_ + 1, 10);
    const auto pause = std::min<io::clock::duration>(first_retry * (1 << std::min(failures_ - 1, 4)), longest_retry);
    due_ = std::min(due_, now + pause);
    finish(now);
    if (engine_.router().ready() || discovery_.may_pass()) return;
    engine_.no_map(error{errc::no_topology, "no sentinel could name the primary of \"" + engine_.settings().service +
                                                "\" (" + discovery_.problems() + ")"});
}

void service_keeper::finish(io::time_point now) {
    if (due_ == io::time_point::max()) {
        const auto& settings = engine_.settings();
        io::clock::duration period = listens() ? listening_period : deaf_period;
        if (settings.reads != read_from::primary) {
            period = std::min<io::clock::duration>(period, replicas_come_back_within);
        }
        if (settings.refresh_every.count() != 0) period = settings.refresh_every;
        const auto tenth = static_cast<std::uint64_t>(period.count()) / 10;
        due_ = now + period + io::clock::duration{engine_.router().random().below(tenth + 1)};
    }
    engine_.timers().add(*this, due_);
}

// --- sentinels as nodes ----------------------------------------------------------------------------------------------

bool service_keeper::asks(routing::node_id node) const noexcept {
    const auto& seats = discovery_.roster().seats();
    return std::any_of(interviews_.begin(), interviews_.end(), [&](const auto& i) {
        return i->node() == node &&
               std::any_of(seats.begin(), seats.end(), [&](const auto& s) { return s.at == i->sentinel(); });
    });
}

// What it announces meanwhile is lost: the next round asks it, and listens to it again.
void service_keeper::gone(routing::node_id /*node*/) {
    want(io::clock::now(), routing::no_node);
}

bool service_keeper::listens() const noexcept {
    return engine_.settings().sentinel_events && engine_.settings().protocol == 3 &&
           std::any_of(interviews_.begin(), interviews_.end(),
                       [&](const auto& i) { return engine_.connected(i->node(), false); });
}

void service_keeper::heard(routing::node_id /*from*/, reply_view push) {
    const auto now = io::clock::now();
    const auto event = topology::read_sentinel_event(push, engine_.settings().service);
    using kind = enum topology::sentinel_event::kind;
    const auto& found = discovery_.found();
    const bool known = found && event.primary == found->primary;  // from another sentinel, or found out already
    if (event.kind == kind::switched && !known) {
        if (event.primary) hold(now);
        hint(now);
    } else if (event.kind != kind::none) {
        want(now, routing::no_node);
    }
}

// Another primary is announced. What the one we know would still take, nobody might ever see.
void service_keeper::hold(io::time_point now) {
    if (stopped_ || !engine_.router().ready()) return;
    held_until_ = round_ + 1;
    const auto primary = engine_.router().primary(0);
    if (primary == routing::no_node || held_ == primary) return;
    end_hold();
    held_ = primary;
    engine_.hold(primary);
    engine_.timers().add(limit_, now + longest_hold);
}

void service_keeper::end_hold() {
    timer_queue::remove(limit_);
    const auto held = std::exchange(held_, routing::no_node);
    if (held != routing::no_node && !stopped_) engine_.release(held);
}

void service_keeper::stop() noexcept {
    stopped_ = true;
    timer_queue::remove(*this);
    timer_queue::remove(limit_);
}

}  // namespace valkeyxx::clients
