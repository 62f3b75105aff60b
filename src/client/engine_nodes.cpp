// What the engine makes of its nodes: connections to them, which of them answer, and a map that has changed.
#include "client/engine.hpp"

#include <algorithm>

#include <valkeyxx/observer.hpp>

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

// How long a refusal of credentials stands for whoever else would connect with them: who tries often locks himself out.
constexpr auto first_refusal = 10ms;
constexpr auto longest_refusal = 1000ms;

}  // namespace

void engine::map_changed() {
    map_outdated();
    if (config_.watcher) tell_map();
    drop_strangers();
    waiting_.take_all([this](waiting_room::group& ready) { resume(ready); });
    exclusive_.drop_strangers();
    replicas_.map_changed(io::clock::now());
    hubs_.map_changed();
}

void engine::drop_strangers() {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        const auto c = connections_[i];
        if (!c) continue;
        if (!c->ready()) {
            if (!needed(*c)) c->give_back(error{errc::cannot_connect, "the node has left the cluster"});
            continue;
        }
        // Seeds under another name than the cluster's own, nodes that have left, replicas that were promoted.
        if (!needed(*c) && c->unused()) {
            c->close();
        } else if (of_service() && !needed(*c) && !c->reading()) {
            // It takes writes that the new primary will never hear of, until a sentinel gets hold of it.
            c->fail(error{errc::connection_lost, "another node has taken over as the primary"});
        } else if (c->suspected() && !c->reading() && !router_.is_primary(c->node())) {
            // What waits for its answer need not wait any longer: it was replaced because it did not answer.
            c->fail(error{errc::connection_lost, "the node did not answer and was replaced"});
        }
    }
}

void engine::promoted(routing::node_id replica) {
    if (of_service()) {  // where sentinels have the last word
        keeper_->hint(io::clock::now());
        return;
    }
    if (!router_.promoted(replica)) return;
    keeper_->patched(io::clock::now(), replica);
    map_changed();
}

void engine::gone(const connection& c, const error& why) {
    if (c.exclusive() && answers(c.node())) return;  // it alone was closed
    router_.set_health(c.node(), routing::health::silent);
    if (c.reading()) return;
    if (keeper_->asks(c.node())) keeper_->gone(c.node());
    router_.replace_default_node(c.node());
    if (why.which() == errc::authentication_failed) return;  // it is there, and need not be replaced
    if (may_be_succeeded(c.node())) succession_.primary_down(c.node(), io::clock::now());
}

void engine::refused(routing::node_id node, const error& why, io::time_point now) {
    auto& known = tally(node).refused;
    if (known && now < known->until) return;  // as another connection, at the same time
    const auto delay =
        known ? std::min<io::clock::duration>(known->delay * 2, longest_refusal) : io::clock::duration{first_refusal};
    known = {why, delay, now + delay};
}

bool engine::may_be_succeeded(routing::node_id node) const noexcept {
    return servers_ != detail::layout::sentinels && router_.is_primary(node);
}

void engine::suspects(const connection& c) {
    if (config_.watcher) config_.watcher->suspected(c.at());
    router_.set_health(c.node(), routing::health::silent);
    if (c.reading()) return;
    router_.replace_default_node(c.node());
    const auto now = io::clock::now();
    keeper_->want(now);
    if (may_be_succeeded(c.node())) succession_.primary_down(c.node(), now);
}

void engine::hears(const connection& c) {
    // Whether a replica is well its link decides, too: see replica_watch.
    if (router_.is_primary(c.node())) router_.set_health(c.node(), routing::health::well);
}

void engine::unheard(routing::node_id node) {
    const auto now = io::clock::now();
    keeper_->want(now);
    if (may_be_succeeded(node)) succession_.primary_down(node, now);
}

std::shared_ptr<connection> engine::new_link(routing::node_id node) {
    introduce();
    return std::make_shared<connection>(*this, shared_from_this(), dirty_, node, router_.at(node), false);
}

void engine::forget(connection& c) noexcept {
    std::replace(dirty_.begin(), dirty_.end(), &c, static_cast<connection*>(nullptr));
}

bool engine::unreachable(routing::node_id node) const noexcept {
    const std::size_t place = place_of(node, false);
    return place < connections_.size() && connections_[place] && !answers(node);
}

bool engine::needed(const connection& c) const noexcept {
    if (c.reading()) return router_.is_replica(c.node());
    if (servers_ == detail::layout::link) return keeper_->asks(c.node());
    // Of a service, replicas are only read from: see handshake_settings::must_be_primary.
    return of_service() ? router_.is_primary(c.node()) || keeper_->asks(c.node()) : router_.serves(c.node());
}

void engine::no_map(const error& why) {
    hubs_.no_map(why);
    waiting_.take_all([&](waiting_room::group& hopeless) {
        while (!hopeless.empty()) {
            request& r = hopeless.front();
            hopeless.pop_front();
            fail(r, why, executed::no);
        }
    });
}

std::shared_ptr<connection> engine::new_exclusive(routing::node_id node, bool reading) {
    introduce();
    return std::make_shared<connection>(*this, shared_from_this(), dirty_, node, router_.at(node), reading, true);
}

connection& engine::new_connection(routing::node_id node, bool reading) {
    if (place_of(node, true) >= connections_.size()) {
        connections_.resize(router_.known_nodes() * 2);
    }
    introduce();
    auto& c = connections_[place_of(node, reading)];
    c = std::make_shared<connection>(*this, shared_from_this(), dirty_, node, router_.at(node), reading);
    return *c;
}

std::shared_ptr<const shard_map> engine::current_map() {
    if (inherited_) return std::make_shared<const shard_map>();
    if (!map_) map_ = std::make_shared<const shard_map>(router_.snapshot());
    return map_;
}

}  // namespace valkeyxx::clients
