#include "routing/subscriptions.hpp"

#include <algorithm>

#include "routing/backoff.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

using namespace std::chrono_literals;

constexpr auto first_redial = 10ms;
constexpr auto longest_redial = 250ms;
constexpr auto linger = 1000ms;  // a link without use is kept for so long: the next subscription may want it
constexpr auto first_retry = 10ms;
constexpr auto longest_retry = 250ms;  // of what passes: CLUSTERDOWN, LOADING, no known owner
constexpr auto first_plea = 250ms;
constexpr auto longest_plea = 1000ms;  // of what somebody has to allow
// Nodes learn of a move one after the other, and of a new primary. The new one may have been published to for a while
// when the old one ends its subscriptions, and while it still answers.
constexpr auto news_may_be_old = 1000ms;
constexpr int redirects_at_once = 4;  // more in a row: the nodes disagree, give them time

}  // namespace

// --- what is wanted --------------------------------------------------------------------------------------------------

auto subscriptions::find(channel_kind kind, std::string_view name) const -> item_id {
    const names& those = ids_[static_cast<std::size_t>(kind)];
    const auto found = those.find(name);
    return found == those.end() ? no_item : found->second;
}

auto subscriptions::want(channel_kind kind, std::string_view name, scope where) -> item_id {
    item_id id = find(kind, name);
    if (id == no_item) {
        if (free_.empty()) {
            id = static_cast<item_id>(items_.size());
            items_.emplace_back();
        } else {
            id = free_.back();
            free_.pop_back();
        }
        item& fresh = items_[id];
        fresh = {.name = std::string{name}, .kind = kind, .slot = key_slot(name), .used = true, .marked = fresh.marked};
        ids_[static_cast<std::size_t>(kind)].emplace(fresh.name, id);
    }
    item& i = items_[id];
    if (!i.wanted()) {
        i.was_live = i.told_refusal = i.alone = false;
        i.redirects = 0;
        i.delay = {};
        i.retry_at = {};
    }
    if (where == scope::everywhere && kind != channel_kind::shard) {
        ++i.wanted_everywhere;
    } else if (++i.wanted_once == 1 && kind != channel_kind::shard) {
        ++at_home_;
    }
    mark(id);
    return id;
}

void subscriptions::unwant(item_id id, scope where) {
    item& i = items_[id];
    if (where == scope::everywhere && i.kind != channel_kind::shard) {
        --i.wanted_everywhere;
    } else if (--i.wanted_once == 0 && i.kind != channel_kind::shard) {
        --at_home_;
    }
    mark(id);
}

void subscriptions::mark(item_id id) {
    if (std::exchange(items_[id].marked, true)) return;
    marked_.push_back(id);
}

void subscriptions::mark_waiting(link& l) {
    for (const item_id id : std::exchange(l.waiting, {})) mark(id);
}

// --- what happens ----------------------------------------------------------------------------------------------------

auto subscriptions::place_at(item& i, node_id node) noexcept -> place* {
    const auto found = std::find_if(i.places.begin(), i.places.end(), [=](const place& p) { return p.node == node; });
    return found == i.places.end() ? nullptr : &*found;
}

void subscriptions::drop_place(item_id id, node_id node) {
    links_[node].places -= std::erase_if(items_[id].places, [=](const place& p) { return p.node == node; });
    mark(id);
}

// It may not have been live since then.
// @param sure  until then what came by the node that it was at is complete
void subscriptions::lose(item_id id, time_point sure) {
    item& i = items_[id];
    if (!std::exchange(i.live, false) || !i.wanted()) return;
    i.lost_at = std::max(sure - news_may_be_old, i.live_since);
    tell(message_kind::gap_began, id, no_node);
}

void subscriptions::link_ready(node_id node, time_point now) {
    link& l = links_[node];
    l.is = link::state::ready;
    l.bad = false;
    l.sure = l.unused_since = now;
    mark_waiting(l);
}

void subscriptions::link_lost(node_id node, bool alive, time_point now) {
    link& l = links_[node];
    l.is = link::state::closed;
    l.said.clear();
    ++l.failures;
    l.bad = !alive || l.failures > 2;  // one that takes connections and ends them is no better than none
    l.lost = true;
    // One that was of use is tried again at once. Else settle() decides when.
    l.retry_at = alive && l.failures == 1 ? now : time_point::max();
    mark_waiting(l);
    if (l.places != 0) {
        for (item_id id = 0; id < items_.size(); ++id) {
            const place* const p = place_at(items_[id], node);
            if (p == nullptr) continue;
            const bool confirmed = p->how == standing::confirmed;
            drop_place(id, node);
            if (confirmed) lose(id, l.sure);
        }
    }
    if (alive) return;
    want_refresh_ = true;
    steps_.push_back({.what = step::act::suspect, .node = node});
}

bool subscriptions::pushed(node_id node, bool subscribed, channel_kind kind, std::string_view name) {
    const item_id id = find(kind, name);
    if (id == no_item) return !subscribed;
    item& i = items_[id];
    auto& said = links_[node].said;
    if (subscribed) {
        place* const p = place_at(i, node);
        if (!said.subscribed(id) || p == nullptr) return false;
        p->how = standing::confirmed;
        i.redirects = 0;
        i.delay = {};
        i.told_refusal = i.alone = false;
        mark(id);
        return true;
    }
    if (!said.unsubscribed(id)) return true;
    const place* const p = place_at(i, node);
    if (p == nullptr || p->how != standing::confirmed) return true;
    // Its slot has moved, or its shard has failed over. Whoever is known to serve it is asked at once: if that is this
    // node, it says where to go.
    drop_place(id, node);
    lose(id, links_[node].sure);
    want_refresh_ = true;
    informed_ = node;
    return true;
}

auto subscriptions::replied(node_id node, std::optional<std::string_view> error, router& routes, time_point now)
    -> subscription_dialogue::verdict {
    const auto verdict = links_[node].said.replied(error);
    switch (verdict) {
        case subscription_dialogue::verdict::over:
            finished(node);
            break;
        case subscription_dialogue::verdict::refused:
            refused(node, *error, routes, now);
            break;
        case subscription_dialogue::verdict::broken:
            break;
    }
    return verdict;
}

void subscriptions::finished(node_id node) {
    link& l = links_[node];
    const auto done = l.said.finish();
    l.failures = 0;
    l.delay = {};
    l.sure = done.at;
    if (done.subscribe) return;
    for (const item_id id : done.items) drop_place(id, node);
}

void subscriptions::refused(node_id node, std::string_view why, router& routes, time_point now) {
    const auto& command = links_[node].said.oldest();
    if (!command.subscribe) return;  // that the slot has moved, or that there is no subscription: it comes to the same
    const redirect r = read_redirect(why);
    for (const item_id id : command.items) {
        drop_place(id, node);
        if (r.kind == rejection::none && command.items.size() > 1) {
            items_[id].alone = true;  // perhaps the others are allowed
        } else {
            refused_one(id, node, r, why, routes, now);
        }
    }
}

void subscriptions::refused_one(item_id id, node_id node, const redirect& r, std::string_view why, router& routes,
                                time_point now) {
    item& i = items_[id];
    const bool moved = r.kind == rejection::moved && !one_server_;
    if (moved && redirected(id, node, r, routes)) return;
    if (moved || (r.kind != rejection::none && r.kind != rejection::moved)) {
        want_refresh_ = true;
        later(id, first_retry, longest_retry, routes, now);
        return;
    }
    if (i.wanted() && !std::exchange(i.told_refusal, true)) tell(message_kind::refused, id, node, std::string{why});
    later(id, first_plea, longest_plea, routes, now);
}

// Whether it leads to another node at once.
bool subscriptions::redirected(item_id id, node_id node, const redirect& r, router& routes) {
    if (!r.target || ++items_[id].redirects > redirects_at_once) return false;
    endpoint where = *r.target;
    if (where.host.empty()) where.host = routes.host_of(node);
    const node_id to = routes.named(where);
    if (to == no_node || to == node) return false;
    if (routes.primary(r.slot) != to) {
        routes.moved(r.slot, to);
        look_at_all_ = want_refresh_ = true;
        informed_ = to;
    }
    return true;
}

void subscriptions::later(item_id id, duration first, duration longest, router& routes, time_point now) {
    item& i = items_[id];
    i.delay = decorrelated(i.delay, first, longest, routes.random());
    i.retry_at = now + i.delay;
    retries_.emplace(i.retry_at, id);
}

// --- what to do about it ---------------------------------------------------------------------------------------------

void subscriptions::settle(router& routes, time_point now) {
    if (std::exchange(look_at_all_, false)) {
        for (item_id id = 0; id < items_.size(); ++id) mark(id);
    }
    while (!retries_.empty() && retries_.begin()->first <= now) {
        mark(retries_.begin()->second);
        retries_.erase(retries_.begin());
    }
    for (auto& [node, l] : links_) {
        if (std::exchange(l.lost, false)) pace(l, routes.random(), now);
        if (l.is == link::state::closed && l.retry_at <= now) mark_waiting(l);
    }
    choose_home(routes);
    for (const item_id id : std::exchange(marked_, {})) look_at(id, routes, now);
    for (auto& [what, items] : std::exchange(to_say_, {})) {
        links_[what.node].said.said(what.subscribe, items, now);
        steps_.push_back({.what = what.subscribe ? step::act::subscribe : step::act::unsubscribe,
                          .node = what.node,
                          .kind = what.kind,
                          .items = std::move(items)});
    }
    close_unused(now);
    if (std::exchange(want_refresh_, false)) {
        steps_.push_back({.what = step::act::refresh, .node = std::exchange(informed_, no_node)});
    }
}

void subscriptions::pace(link& l, base::random& dice, time_point now) noexcept {
    if (l.is != link::state::closed || l.retry_at != time_point::max()) return;
    l.delay = decorrelated<duration>(l.delay, first_redial, longest_redial, dice);
    l.retry_at = now + l.delay;
}

bool subscriptions::is_bad(node_id node) const {
    const auto found = links_.find(node);
    return found != links_.end() && found->second.bad;
}

void subscriptions::choose_home(const router& routes) {
    if (at_home_ == 0) {
        home_ = no_node;
        return;
    }
    if (home_ != no_node && may_be_home(home_, routes) && !is_bad(home_)) return;
    const node_id better = best_home(routes);
    if (better == home_) return;
    home_ = better;
    for (item_id id = 0; id < items_.size(); ++id) {
        if (items_[id].used && items_[id].kind != channel_kind::shard) mark(id);
    }
}

// Nodes of a cluster pass on to all others what is published at one of them. Without a cluster a primary passes it on
// to its replicas only, and one that has been replaced hears of nothing any more though it answers.
bool subscriptions::may_be_home(node_id node, const router& routes) const {
    return one_server_ ? routes.is_primary(node) : routes.serves(node);
}

// Any node will do. The one that serves the slot of a channel's name is as good as another, and the channels of many
// clients are spread over the nodes like that.
node_id subscriptions::best_home(const router& routes) const {
    const auto good = [this](node_id n) { return n != no_node && !is_bad(n); };
    const auto first = std::find_if(items_.begin(), items_.end(),
                                    [](const item& i) { return i.wanted_once != 0 && i.kind != channel_kind::shard; });
    if (const node_id owner = routes.primary(first->slot); good(owner)) return owner;
    if (one_server_) return routes.primary(first->slot);
    const auto members = routes.members();
    const auto found = std::find_if(members.begin(), members.end(), good);
    if (found != members.end()) return *found;
    // All are out of reach: the one that can be tried soonest.
    const auto soonest = std::min_element(members.begin(), members.end(), [this](node_id a, node_id b) {
        return links_.at(a).retry_at < links_.at(b).retry_at;
    });
    return soonest == members.end() ? no_node : *soonest;
}

std::vector<node_id> subscriptions::targets(const item& i, const router& routes) const {
    std::vector<node_id> where;
    if (i.wanted_everywhere != 0) where = routes.primaries();
    if (i.wanted_once != 0) {
        const node_id one = i.kind == channel_kind::shard ? routes.primary(i.slot) : home_;
        if (one != no_node && std::find(where.begin(), where.end(), one) == where.end()) where.push_back(one);
    }
    return where;
}

void subscriptions::look_at(item_id id, router& routes, time_point now) {
    item& i = items_[id];
    i.marked = false;
    if (!i.used) return;
    const auto where = targets(i, routes);
    for (place& p : i.places) {
        const bool there = std::find(where.begin(), where.end(), p.node) != where.end();
        if (p.how == standing::confirmed && !there) leave(id, p);
    }
    if (i.wanted() && i.retry_at <= now) {
        for (const node_id node : where) {
            if (place_at(i, node) == nullptr) ask(id, node, now);
        }
        if (where.empty()) {
            want_refresh_ = true;
            later(id, first_retry, longest_retry, routes, now);
        }
    }
    update(id, where, now);
    if (!i.wanted() && i.places.empty()) forget(id);
}

void subscriptions::leave(item_id id, place& p) {
    p.how = standing::leaving;
    say(id, p.node, false);
}

void subscriptions::ask(item_id id, node_id node, time_point now) {
    link& l = links_[node];
    if (l.is == link::state::ready) {
        items_[id].places.push_back({node, standing::asked});
        ++l.places;
        say(id, node, true);
        return;
    }
    l.waiting.insert(id);
    if (l.is == link::state::opening || now < l.retry_at) return;
    l.is = link::state::opening;
    steps_.push_back({.what = step::act::open, .node = node});
}

void subscriptions::say(item_id id, node_id node, bool subscribe) {
    const item& i = items_[id];
    to_say_[{.node = node,
             .subscribe = subscribe,
             .kind = i.kind,
             .slot = i.kind == channel_kind::shard ? i.slot : std::uint16_t{0},
             .alone = subscribe && i.alone ? id : no_item}]
        .push_back(id);
}

void subscriptions::update(item_id id, const std::vector<node_id>& where, time_point now) {
    item& i = items_[id];
    const bool live = i.wanted() && !where.empty() && std::all_of(where.begin(), where.end(), [&](node_id node) {
                          const place* const p = place_at(i, node);
                          return p != nullptr && p->how == standing::confirmed;
                      });
    if (!live) {
        time_point sure = now;
        for (const place& p : i.places) sure = std::min(sure, links_[p.node].sure);
        lose(id, sure);
    } else if (!std::exchange(i.live, true)) {
        const bool again = std::exchange(i.was_live, true);
        i.live_since = now;
        tell(again ? message_kind::gap : message_kind::subscribed, id, where.front());
        notices_.back().to = now;
    }
}

void subscriptions::forget(item_id id) {
    item& i = items_[id];
    tell(message_kind::unsubscribed, id, no_node);
    ids_[static_cast<std::size_t>(i.kind)].erase(i.name);
    i = {};
    free_.push_back(id);
}

void subscriptions::close_unused(time_point now) {
    for (auto& [node, l] : links_) {
        if (l.is != link::state::ready) continue;
        if (l.places != 0 || !l.said.empty()) {
            l.unused_since = now;
        } else if (now - l.unused_since >= linger) {
            l.is = link::state::closed;
            l.failures = 0;
            l.delay = {};
            l.retry_at = {};
            steps_.push_back({.what = step::act::close, .node = node});
        }
    }
}

auto subscriptions::due() const -> std::optional<time_point> {
    std::optional<time_point> soonest;
    const auto note = [&](time_point t) { soonest = soonest ? std::min(*soonest, t) : t; };
    if (!retries_.empty()) note(retries_.begin()->first);
    for (const auto& [node, l] : links_) {
        if (l.is == link::state::closed && !l.waiting.empty()) note(l.retry_at);
        if (l.is == link::state::ready && l.places == 0 && l.said.empty()) note(l.unused_since + linger);
    }
    return soonest;
}

// --- what is there ---------------------------------------------------------------------------------------------------

bool subscriptions::takes(item_id id, node_id node) const noexcept {
    const item& i = items_[id];
    return i.wanted() && std::any_of(i.places.begin(), i.places.end(),
                                     [=](const place& p) { return p.node == node && p.how == standing::confirmed; });
}

void subscriptions::tell(message_kind what, item_id id, node_id node, std::string text) {
    const item& i = items_[id];
    notices_.push_back({.what = what,
                        .item = id,
                        .kind = i.kind,
                        .name = i.name,
                        .node = node,
                        .from = i.lost_at,
                        .to = {},
                        .text = std::move(text)});
}

}  // namespace valkeyxx::routing
