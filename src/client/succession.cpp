#include "client/succession.hpp"

#include <algorithm>

#include "client/engine.hpp"

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

constexpr auto pace = 50ms;
constexpr auto calm_pace = 500ms;  // nobody has taken over for so long that nobody may ever
constexpr auto calm_after = 30s;

}  // namespace

void succession::primary_down(routing::node_id primary, io::time_point now) {
    if (stopped_ || engine_.router().heirs_of(primary).empty()) return;
    const bool known =
        std::any_of(vigils_.begin(), vigils_.end(), [=](const vigil& v) { return v.primary == primary; });
    if (known) return;
    vigils_.push_back({.primary = primary, .since = now});
    if (!scheduled()) engine_.timers().add(*this, now + pace);
}

void succession::on_due(io::time_point now) noexcept {
    std::erase_if(vigils_, [this](const vigil& v) {
        return !engine_.router().is_primary(v.primary) || engine_.answers(v.primary) || engine_.hubs().hears(v.primary);
    });
    if (vigils_.empty()) return;
    bool calm = true;
    for (vigil& v : vigils_) {
        calm = calm && now - v.since > calm_after;
        watch(v, now);
    }
    engine_.timers().add(*this, now + (calm ? calm_pace : pace));
}

void succession::watch(vigil& v, io::time_point now) {
    const auto heirs = engine_.router().heirs_of(v.primary);
    if (heirs.empty()) return;
    role_probe& probe = probe_of(heirs[v.turn++ % heirs.size()]);
    if (!probe.under_way()) probe.ask(now, engine_.settings().connect_timeout);
}

role_probe& succession::probe_of(routing::node_id node) {
    const auto found = std::find_if(probes_.begin(), probes_.end(), [=](const auto& p) { return p->node() == node; });
    if (found != probes_.end()) return **found;
    role_probe::owner& self = *this;
    // The ordinary connections of a service are to primaries alone: see handshake_settings::must_be_primary.
    probes_.push_back(std::make_unique<role_probe>(engine_, self, node, engine_.of_service()));
    return *probes_.back();
}

void succession::role_told(role_probe& by, const std::optional<topology::role_facts>& role) noexcept {
    if (!stopped_ && role && role->primary) engine_.promoted(by.node());
}

void succession::role_not_told(role_probe& /*by*/) noexcept {}  // asked again before long

void succession::stop() noexcept {
    stopped_ = true;
    timer_queue::remove(*this);
}

}  // namespace valkeyxx::clients
