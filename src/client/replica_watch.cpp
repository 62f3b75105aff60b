#include "client/replica_watch.hpp"

#include <algorithm>

#include "client/engine.hpp"
#include "command/table.hpp"

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

constexpr auto pace = 1000ms;

}  // namespace

// INFO SERVER, once for each node: the zone it stands in.
class replica_watch::zone_question final : public request {
  public:
    zone_question(engine& e, routing::node_id whose, bool reading) : request{e, false}, engine_{e}, node_{whose} {
        set_command("*2\r\n$4\r\nINFO\r\n$6\r\nSERVER\r\n", {.info = &info_of(command_id::info)});
        pin(whose, reading);
    }

    void ask_once(io::time_point now) {
        if (state_ != state::unknown) return;
        state_ = state::asked;
        set_deadline(now + engine_.settings().connect_timeout);
        engine_.ask(*this);
    }
    void on_reply(reply_view reply) noexcept override {
        state_ = state::known;
        engine_.router().set_zone(node_, topology::read_zone(reply.text()));
        engine_.map_outdated();
    }
    void on_error(error /*why*/) noexcept override { state_ = state::unknown; }  // asked again next time

  private:
    enum class state : std::uint8_t { unknown, asked, known };

    engine& engine_;
    routing::node_id node_;
    state state_ = state::unknown;
};

replica_watch::replica_watch(engine& e) : engine_{e} {}

replica_watch::~replica_watch() = default;

void replica_watch::map_changed(io::time_point now) {
    if (stopped_ || engine_.settings().reads == read_from::primary || scheduled()) return;
    on_due(now);
}

void replica_watch::on_due(io::time_point now) noexcept {
    for (routing::node_id node : engine_.router().members()) look(node, now);
    engine_.timers().add(*this, now + pace);
}

void replica_watch::look(routing::node_id node, io::time_point now) {
    watched& w = entry_of(node, engine_.router().is_replica(node));
    if (w.probe->under_way()) return;
    w.warm = engine_.connected(node, engine_.router().is_replica(node));
    if (w.zone) w.zone->ask_once(now);
    w.probe->ask(now, engine_.settings().connect_timeout);
}

// A node has a probe for each of its roles: they use different connections.
replica_watch::watched& replica_watch::entry_of(routing::node_id node, bool reading) {
    const auto found = std::find_if(watched_.begin(), watched_.end(), [=](const watched& w) {
        return w.probe->node() == node && w.probe->by_reader() == reading;
    });
    if (found != watched_.end()) return *found;
    watched& w = watched_.emplace_back();
    role_probe::owner& self = *this;
    w.probe = std::make_unique<role_probe>(engine_, self, node, reading);
    if (engine_.settings().reads == read_from::same_zone) {
        w.zone = std::make_unique<zone_question>(engine_, node, reading);
    }
    return w;
}

void replica_watch::role_told(role_probe& by, const std::optional<topology::role_facts>& role) noexcept {
    if (stopped_) return;
    auto& router = engine_.router();
    const auto node = by.node();
    // One of a service that calls itself a primary was restarted, with who knows what, unless sentinels say otherwise.
    const bool astray = engine_.of_service() && role && role->primary && router.is_replica(node);
    router.set_health(node, !astray && (!role || role->linked) ? routing::health::well : routing::health::cut_off);
    const bool warm =
        std::any_of(watched_.begin(), watched_.end(), [&](const watched& w) { return w.probe.get() == &by && w.warm; });
    if (warm) {
        const auto took = static_cast<std::uint64_t>((io::clock::now() - by.asked_at()).count());
        const auto before = router.latency(node);
        router.set_latency(node, before == 0 ? took : (before * 3 + took) / 4);
    }
    if (role && role->primary && router.is_replica(node)) engine_.promoted(node);
}

void replica_watch::role_not_told(role_probe& by) noexcept {
    if (!stopped_) engine_.router().set_health(by.node(), routing::health::silent);
}

void replica_watch::stop() noexcept {
    stopped_ = true;
    timer_queue::remove(*this);
}

}  // namespace valkeyxx::clients
