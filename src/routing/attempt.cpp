#include "routing/attempt.hpp"

#include <algorithm>

#include "routing/redirect.hpp"

namespace valkeyxx::routing {
namespace {

// A map of before a migration takes two redirects, one of before several changes perhaps three. After more, nodes
// disagree about the slot, and coming back faster than they can settle it helps nobody.
constexpr std::int32_t redirects_at_once = 4;

step finish(verdict how) noexcept {
    return {.act = action::finish, .how = how};
}

}  // namespace

step attempt::start_elsewhere(router& routes) noexcept {
    if (subject_.pinned != no_node) return sent_to(at_ = subject_.pinned);
    switch (subject_.route) {
        case key_route::cross_slot:
            return finish(verdict::cross_slot);
        case key_route::any:
            at_ = routes.any_primary();
            break;
        case key_route::slot:
            at_ = routes.primary(subject_.slot);
            break;
    }
    if (at_ != no_node) return sent_to(at_);
    // Nobody is known to serve it. The wait ends early when a topology arrives; the delay only bounds it.
    return {.act = action::wait, .refresh = true, .delay = retry_policy{}.max_delay};
}

step attempt::follow(bool ask, const endpoint* target, router& routes, const retry_policy& policy) {
    if (++redirects_ > policy.max_redirects) return finish(verdict::too_many_redirects);
    if (target == nullptr) return back_off(true, routes, policy);
    endpoint where = *target;
    if (where.host.empty()) where.host = routes.at(at_).host;
    const node_id node = routes.intern(where);
    if (!ask && node == at_)
        return back_off(true, routes, policy);  // it names itself: it is of two minds, give it time
    if (!ask) routes.moved(subject_.slot, node);
    if (redirects_ > redirects_at_once) return back_off(true, routes, policy);
    at_ = node;
    step s = sent_to(node);
    s.asking = ask;
    s.refresh = !ask;
    return s;
}

step attempt::back_off(bool refresh, router& routes, const retry_policy& policy) noexcept {
    // Decorrelated jitter: from the first delay to three times the last one, so that callers who failed together do not
    // come back together.
    const auto low = policy.first_delay;
    const auto high = std::max(low, std::min(last_delay_ * 3, policy.max_delay));
    last_delay_ = duration{static_cast<duration::rep>(
        routes.random().between(static_cast<std::uint64_t>(low.count()), static_cast<std::uint64_t>(high.count())))};
    return {.act = action::wait, .refresh = refresh, .delay = last_delay_};
}

step attempt::on_error(std::string_view error, router& routes, const retry_policy& policy) {
    if (subject_.pinned != no_node) return finish(verdict::reply);
    const redirect r = read_redirect(error);
    switch (r.kind) {
        case rejection::none:
            return finish(verdict::reply);
        case rejection::moved:
        case rejection::ask:
            if (r.target) {
                // Nearly always the slot we know. For a command whose keys we could only guess, the server knows
                // better.
                subject_.route = key_route::slot;
                subject_.slot = r.slot;
            }
            return follow(r.kind == rejection::ask, r.target ? &*r.target : nullptr, routes, policy);
        // A migration has split the keys of the command: it passes. The redirects led somewhere: while a migration
        // lasts, each try takes the same ASK again.
        case rejection::try_again: {
            redirects_ = 0;
            step s = back_off(false, routes, policy);
            s.alone = true;  // commands with one key go on all the time
            return s;
        }
        // The node is still reading its data: that passes, too.
        case rejection::loading:
            redirects_ = 0;
            return back_off(false, routes, policy);
        // Our map is of before a failover, or one is going on.
        case rejection::cluster_down:
        case rejection::master_down:
        case rejection::read_only:
            redirects_ = 0;
            return back_off(true, routes, policy);
    }
    return finish(verdict::reply);
}

step attempt::on_lost(bool sent, router& routes, const retry_policy& policy) {
    if (sent && !subject_.repeatable) return finish(verdict::lost);
    if (subject_.pinned != no_node) return finish(sent ? verdict::lost : verdict::nowhere);
    redirects_ = 0;
    return back_off(true, routes, policy);
}

}  // namespace valkeyxx::routing
