#include "routing/attempt.hpp"

#include <algorithm>
#include <limits>

#include "routing/backoff.hpp"
#include "routing/redirect.hpp"

namespace valkeyxx::routing {
namespace {

// A map of before a migration takes two redirects, one of before several changes perhaps three. After more, nodes
// disagree about the slot, and coming back faster than they can settle it helps nobody.
constexpr std::int32_t redirects_at_once = 4;

step finish(verdict how, bool refresh = false) noexcept {
    return {.act = action::finish, .how = how, .refresh = refresh};
}

}  // namespace

step attempt::start_elsewhere(router& routes, const retry_policy& policy) noexcept {
    so_far_.reading = so_far_.asking = false;
    if (subject_.pinned != no_node) {
        step s = sent_to(at_ = subject_.pinned);
        s.reading = subject_.by_reader;
        return s;
    }
    if (subject_.shard != no_node) {
        at_ = routes.head_of(subject_.shard);
        return at_ != no_node ? sent_to(at_) : finish(verdict::nowhere);
    }
    switch (subject_.route) {
        case key_route::cross_slot:
            return finish(verdict::cross_slot);
        case key_route::any:
            at_ = subject_.any_will_do ? routes.random_primary() : routes.default_node();
            break;
        case key_route::slot:
        case key_route::unlisted:
            at_ = subject_.reads ? routes.reader(subject_.slot, policy.reads) : routes.primary(subject_.slot);
            so_far_.reading = at_ != no_node && routes.is_replica(at_);
            break;
    }
    if (at_ != no_node) {
        step s = sent_to(at_);
        s.reading = so_far_.reading;
        return s;
    }
    // Nobody is known to serve it. The wait ends early when a topology arrives; the delay only bounds it.
    return {.act = action::wait, .refresh = true, .delay = policy.max_delay};
}

step attempt::follow(bool ask, const endpoint* target, router& routes, const retry_policy& policy) {
    if (++so_far_.redirects > policy.max_redirects) return finish(verdict::too_many_redirects, true);
    if (target == nullptr) return back_off(true, routes, policy);
    endpoint where = *target;
    if (where.host.empty()) where.host = routes.host_of(at_);
    const node_id node = routes.named(where);
    if (node == no_node) return back_off(true, routes, policy);
    // A replica sends on what it has no part in any more; the same node as a primary may well serve it.
    if (!ask && node == at_ && !so_far_.reading)
        return back_off(true, routes, policy);  // it names itself: it is of two minds, give it time
    // If we know it already, it is an answer to what was sent before we did, or the keys were a guess.
    const bool news = !ask && routes.primary(subject_.slot) != node;
    if (news) routes.moved(subject_.slot, node);
    so_far_.reading = false;
    if (so_far_.redirects > redirects_at_once) return back_off(true, routes, policy);
    at_ = node;
    step s = sent_to(node);
    s.asking = so_far_.asking = ask;
    s.refresh = news;
    return s;
}

// The server has become a replica: a failover without a cluster.
step attempt::redirected(const endpoint* target, router& routes, const retry_policy& policy) {
    if (!policy.follow_redirect || target == nullptr) return back_off(true, routes, policy);
    if (++so_far_.redirects > policy.max_redirects) return finish(verdict::too_many_redirects, true);
    const node_id node = routes.named(*target);
    if (node == no_node || node == at_) return back_off(true, routes, policy);
    routes.redirected(node);
    // Two that send commands to each other are in the middle of a failover.
    if (so_far_.redirects > 1) return back_off(true, routes, policy);
    at_ = node;
    return sent_to(node);
}

step attempt::back_off(bool refresh, router& routes, const retry_policy& policy, duration longest) noexcept {
    so_far_.whole = false;
    if (++so_far_.retries > policy.max_retries) return finish(verdict::exhausted, refresh);
    if (subject_.route == key_route::any && subject_.pinned == no_node) routes.replace_default_node(at_);
    so_far_.last_delay = decorrelated(so_far_.last_delay, policy.first_delay, longest, routes.random());
    return {.act = action::wait, .refresh = refresh, .delay = so_far_.last_delay};
}

// A replica cannot answer now: another node of the shard can, at once. Each replica is left only once like this, since
// it is not chosen again before it is well.
step attempt::read_elsewhere(router& routes, const retry_policy& policy) noexcept {
    routes.set_health(at_, health::silent);
    if (++so_far_.retries > policy.max_retries) return finish(verdict::exhausted);
    return start_elsewhere(routes, policy);
}

step attempt::on_error(std::string_view error, router& routes, const retry_policy& policy) {
    const redirect r = read_redirect(error);
    if (policy.one_server && (r.kind == rejection::moved || r.kind == rejection::ask)) {
        return finish(verdict::of_a_cluster);
    }
    if (r.kind == rejection::no_script && subject_.has_script) {
        if (so_far_.whole) return finish(verdict::reply);  // these are the script's own words
        // Scripts were flushed: it did not run, and nothing is wrong with the node.
        if (++so_far_.retries > policy.max_retries) return finish(verdict::exhausted);
        step s = sent_to(at_);
        s.reading = so_far_.reading || subject_.by_reader;
        s.asking = so_far_.asking;
        s.whole = so_far_.whole = true;
        return s;
    }
    if (r.kind == rejection::none) return finish(verdict::reply);
    if (subject_.pinned != no_node) return finish(verdict::refused);
    switch (r.kind) {
        case rejection::none:
        case rejection::no_script:
            return finish(verdict::refused);
        case rejection::moved:
        case rejection::ask:
            if (subject_.shard != no_node) return finish(verdict::refused, true);  // its keys are not what it goes by
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
            so_far_.redirects = 0;
            step s = back_off(false, routes, policy);
            s.alone = true;  // commands with one key go on all the time
            return s;
        }
        // The node is still reading its data: that passes, too.
        case rejection::loading:
            so_far_.redirects = 0;
            if (so_far_.reading) return read_elsewhere(routes, policy);
            return back_off(false, routes, policy, policy.max_patience);
        case rejection::no_replicas:
            so_far_.redirects = 0;
            return back_off(false, routes, policy, policy.max_patience);
        case rejection::redirect:
            return redirected(r.target ? &*r.target : nullptr, routes, policy);
        // Our map is of before a failover, or one is going on.
        case rejection::cluster_down:
        case rejection::master_down:
        case rejection::read_only:
        case rejection::unblocked:
            so_far_.redirects = 0;
            if (so_far_.reading) return read_elsewhere(routes, policy);
            return back_off(true, routes, policy);
    }
    return finish(verdict::reply);
}

step attempt::on_lost(bool sent, router& routes, const retry_policy& policy) {
    so_far_.may_have_run = so_far_.may_have_run || sent;
    if (sent && !subject_.repeatable) return finish(verdict::lost);
    if (subject_.pinned != no_node) return finish(sent ? verdict::lost : verdict::nowhere);
    so_far_.redirects = 0;
    if (so_far_.reading) return read_elsewhere(routes, policy);
    // The one before has refused us, and this one is not there.
    if (!sent && was_shut_out() && all_have_been_tried(routes)) return finish(verdict::shut_out, true);
    return back_off(true, routes, policy);
}

// Others that may run it are tried, once each: whoever has got the slot meanwhile, any other node for what has no slot.
step attempt::on_shut_out(router& routes, const retry_policy& policy) {
    if (subject_.pinned != no_node) return finish(verdict::shut_out);
    if (so_far_.reading) return read_elsewhere(routes, policy);
    node_id next = no_node;
    if (subject_.shard != no_node) {
        next = routes.head_of(subject_.shard);
    } else if (has_slot()) {
        next = routes.primary(subject_.slot);
    } else {
        routes.replace_default_node(at_);
        next = routes.default_node();
    }
    if (all_have_been_tried(routes) || next == at_) return finish(verdict::shut_out);
    step s = back_off(false, routes, policy);
    s.alone = true;
    return s;
}

// Counts one more.
bool attempt::all_have_been_tried(const router& routes) {
    // Where there is one at a time to take commands (sentinels), any of the others may be the next one.
    const auto heads = routes.primaries().size();
    const bool anywhere = subject_.shard == no_node && !has_slot() && heads > 1;
    const auto candidates = anywhere ? heads : routes.members().size();
    return ++so_far_.shut_out >= std::min<std::size_t>(candidates, std::numeric_limits<std::uint8_t>::max());
}

}  // namespace valkeyxx::routing
