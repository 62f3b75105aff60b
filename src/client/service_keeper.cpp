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

}  // namespace

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
        // One that does not let us in is there: commands will be told by itself.
        const bool may_not_ask = why.which() == errc::access_denied || why.which() == errc::authentication_failed;
        keeper_.role_told(whose_, may_not_ask ? is::not_told : is::unreachable, why.text());
    }

  private:
    service_keeper& keeper_;
    endpoint whose_;
    bool under_way_ = false;
};

service_keeper::service_keeper(engine& e)
    : engine_{e},
      discovery_{e.settings().seeds, {.min_other_sentinels = e.settings().min_other_sentinels}},
      line_{make_sentinel_line(e, *this)} {}

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
    refusal_.reset();
    engine_.refresh_started();
    last_start_ = now;
    earliest_ = now + topology::refresh_gap(engine_.settings().refresh_interval, engine_.router().random());
    due_ = io::time_point::max();
    // One that is being asked already is asked once more when it has answered.
    for (const endpoint& sentinel : discovery_.begin(now)) ask(sentinel, now);
    advance(now);
}

void service_keeper::ask(const endpoint& sentinel, io::time_point now) {
    const auto& seats = discovery_.roster().seats();
    const bool seed =
        std::any_of(seats.begin(), seats.end(), [&](const auto& s) { return s.at == sentinel && s.seed; });
    const auto limit = std::min<io::clock::duration>(engine_.settings().connect_timeout, longest_question);
    line_->ask(sentinel, seed, now + limit, round_);
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
    std::vector<endpoint> known;
    for (const auto& seat : discovery_.roster().seats()) known.push_back(seat.at);
    line_->keep_only(std::move(known));
    std::erase_if(questions_, [](const auto& q) { return !q->under_way(); });
}

// --- what to make of the answers -------------------------------------------------------------------------------------

void service_keeper::told(sentinel_answer answer) {
    if (stopped_) return;
    const auto now = io::clock::now();
    // Asked in an earlier round, it may not have heard yet of what this one is about.
    const bool outdated = answer.round != round_ && discovery_.running();
    bool news = false;
    if (answer.problem.empty()) {
        news = discovery_.answered(answer.sentinel, std::move(answer.report), now);
        for (const endpoint& other : discovery_.take_called_in()) ask(other, now);
    } else {
        const auto& watcher = engine_.settings().watcher;
        const error why = answer.refusal ? *answer.refusal : error{errc::no_topology, answer.problem};
        const bool worse = answer.refusal && answer.refusal->which() == errc::authentication_failed;
        if (worse || (answer.refusal && !refusal_)) refusal_ = answer.refusal;
        if (watcher) watcher->refresh_failed(answer.sentinel, why);
        discovery_.failed(answer.sentinel, answer.problem);
    }
    if (outdated) ask(answer.sentinel, now);
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
    const auto before = router.ready() ? router.primary(0) : routing::no_node;
    shard_info shard{
        .primary = {.id = found.id, .address = found.primary}, .replicas = {}, .slots = {{0, slot_count - 1}}};
    for (const auto& replica : found.replicas) shard.replicas.push_back({.id = replica.id, .address = replica.at});
    router.adopt(shard_map{{std::move(shard)}}, router.tick());
    for (const auto& replica : found.replicas) {
        const auto node = router.named(replica.at);
        // From now on replica_watch looks after it.
        if (!replica.linked && router.is_replica(node)) router.set_health(node, routing::health::cut_off);
    }
    const auto now = router.primary(0);
    if (const auto& watcher = engine_.settings().watcher; watcher && before != routing::no_node && before != now) {
        watcher->primary_switched(engine_.settings().service, router.at(before), router.at(now));
    }
    engine_.map_changed();
}

void service_keeper::give_up(io::time_point now) {
    failures_ = std::min(failures_ + 1, 10);
    // Who is refused again and again locks himself out; the next command asks sooner.
    const bool patient = refusal_ && refusal_->which() == errc::authentication_failed && !engine_.router().ready() &&
                         !discovery_.may_pass();
    const auto pause =
        patient ? listening_period
                : std::min<io::clock::duration>(first_retry * (1 << std::min(failures_ - 1, 4)), longest_retry);
    due_ = std::min(due_, now + pause);
    finish(now);
    if (engine_.router().ready() || discovery_.may_pass()) return;
    const bool shut_out = refusal_ && refusal_->which() == errc::authentication_failed;
    engine_.no_map(error{{.code = shut_out ? errc::authentication_failed : errc::no_topology,
                          .text = "no sentinel could name the primary of \"" + engine_.settings().service + "\" (" +
                                  discovery_.problems() + ")",
                          .server_code = refusal_ ? std::string{refusal_->server_code()} : std::string{}}});
}

void service_keeper::finish(io::time_point now) {
    if (due_ == io::time_point::max()) {
        const auto& settings = engine_.settings();
        io::clock::duration period = line_->listens() ? listening_period : deaf_period;
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
    return std::any_of(seats.begin(), seats.end(), [&](const auto& s) { return line_->asks(node, s.at); });
}

void service_keeper::heard(routing::node_id /*from*/, reply_view push) {
    announced(topology::read_sentinel_event(push, engine_.settings().service));
}

void service_keeper::announced(const topology::sentinel_event& event) {
    const auto now = io::clock::now();
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
    line_->stop();
    timer_queue::remove(*this);
    timer_queue::remove(limit_);
}

}  // namespace valkeyxx::clients
