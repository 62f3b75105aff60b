// What the engine tells of itself: to its watcher, and to those who ask.
#include <algorithm>
#include <string>
#include <utility>

#include "client/engine.hpp"

#include <valkeyxx/monitor.hpp>
#include <valkeyxx/observer.hpp>

namespace valkeyxx::clients {
namespace {

command_class class_of(const command_facts& facts) noexcept {
    if (facts.how == handling::blocks) return command_class::blocking;
    if (facts.how == handling::transaction) return command_class::transaction;
    if (facts.how == handling::script) return command_class::script;
    if (facts.info->has(command_flags::readonly)) return command_class::read;
    return facts.info->has(command_flags::write) ? command_class::write : command_class::other;
}

}  // namespace

engine::~engine() {
    if (!sight_) return;
    const std::lock_guard lock{sight_->mutex};  // whoever looks at us right now comes to an end first
    sight_->there = nullptr;
}

// Before the first connection, which is what all begins with. (The constructor may still throw.)
void engine::introduce() {
    if (!config_.watcher || std::exchange(introduced_, true)) return;
    config_.watcher->attached(monitor{in_sight()});
}

const std::shared_ptr<sight>& engine::in_sight() {
    if (!sight_) {
        sight_ = std::make_shared<sight>();
        sight_->there = this;
    }
    return sight_;
}

void engine::tell_map() {
    const auto before = std::exchange(told_map_, current_map());
    config_.watcher->topology_changed(*told_map_);
    const shard_map none;
    const shard_map& was = before ? *before : none;
    if (was != *told_map_) config_.watcher->topology_replaced(was, *told_map_);
}

void engine::refresh_started() {
    ++stats_.refreshes;
    if (config_.watcher) config_.watcher->refresh_started();
}

void engine::watch(request& r) const noexcept {
    if (r.is_watched()) return;  // since it has waited at the gate
    r.began_ = io::clock::now();
    r.at_end_ |= request::tell_watcher;
}

void engine::tell_end(request& r, const error* why) noexcept {
    r.at_end_ &= static_cast<std::uint8_t>(~request::tell_watcher);
    const std::string unlisted = r.facts_.info->id == command_id::raw ? r.name() : std::string{};
    const routing::node_id at = r.attempt_.at();
    const bool several = r.place_ == request::place::scattered;
    config_.watcher->command_ended({
        .name = unlisted.empty() ? r.facts_.info->name : unlisted,
        .what = class_of(r.facts_),
        .of = several   ? ended_command::scope::several
              : r.part_ ? ended_command::scope::part
                        : ended_command::scope::one,
        .node = several || at == routing::no_node ? nullptr : &router_.at(at),
        .why = why,
        .sends = several ? 0 : r.attempt_.sends(),
        .took = std::chrono::duration_cast<std::chrono::nanoseconds>(io::clock::now() - r.began_),
    });
}

void engine::turn_away(request& r, error why) {
    r.lease_ = nullptr;  // it has not had its turn there
    if (wants_commands_) {
        r.at_end_ &= static_cast<std::uint8_t>(~request::tell_watcher);
        const std::string name = r.name();
        config_.watcher->command_ended({.name = name,
                                        .what = class_of(r.facts_),
                                        .of = r.part_ ? ended_command::scope::part : ended_command::scope::one,
                                        .why = &why});
    }
    r.on_error(std::move(why));
}

stats engine::statistics() const noexcept {
    stats now = stats_;
    now.under_way = under_way_;
    now.waiting_for_room = waiting_for_room();
    return now;
}

std::vector<node_stats> engine::node_statistics() const {
    if (inherited_) return {};
    std::vector<node_stats> all(router_.known_nodes());
    for (routing::node_id node = 0; node < all.size(); ++node) {
        node_stats& n = all[node];
        n.node = router_.at(node);
        n.role = is_sentinel(node)          ? node_role::sentinel
                 : !router_.serves(node)    ? node_role::none
                 : router_.is_primary(node) ? node_role::primary
                                            : node_role::replica;
        n.queued = waiting_.count_for(node);
        if (node >= tallies_.size()) continue;
        n.commands = tallies_[node].commands;
        n.errors = tallies_[node].errors;
        n.reconnects = tallies_[node].reconnects;
    }
    const auto add = [&all](const connection& c) {
        node_stats& n = all[c.node()];
        n.connections += c.ready() ? 1 : 0;
        n.connecting += c.connecting() ? 1 : 0;
        n.in_flight += c.in_flight();
        n.queued += c.queued() + c.room().waiting().size();
        n.queued_bytes += c.queued_bytes();
        n.commands += c.untold_requests();
        n.suspected = n.suspected || c.suspected();
    };
    for (const auto& c : connections_) {
        if (c) add(*c);
    }
    exclusive_.look_at(add, [&all](routing::node_id node, std::size_t line) { all[node].queued += line; });
    std::vector<const connection*> links;
    hubs_.collect_own_connections(links);
    for (const connection* const c : links) add(*c);
    // Addresses that were only ever heard of are nobody's business.
    std::erase_if(all, [](const node_stats& n) {
        return n.role == node_role::none && n.connections + n.connecting + n.queued == 0 && n.commands + n.errors == 0;
    });
    return all;
}

}  // namespace valkeyxx::clients

namespace valkeyxx {

monitor::monitor(std::shared_ptr<clients::sight> of) noexcept : of_{std::move(of)} {}

bool monitor::alive() const {
    if (!of_) return false;
    const std::lock_guard here{of_->mutex};
    return of_->there != nullptr;
}

std::vector<node_stats> monitor::nodes() const {
    if (!of_) return {};
    const std::lock_guard here{of_->mutex};
    if (of_->there == nullptr) return {};
    const std::lock_guard lock{of_->there->mutex()};
    return of_->there->node_statistics();
}

stats monitor::statistics() const {
    if (!of_) return {};
    const std::lock_guard here{of_->mutex};
    if (of_->there == nullptr) return {};
    const std::lock_guard lock{of_->there->mutex()};
    return of_->there->statistics();
}

cache_stats monitor::cache() const {
    if (!of_) return {};
    const std::lock_guard here{of_->mutex};
    if (of_->there == nullptr) return {};
    const std::lock_guard lock{of_->there->mutex()};
    return of_->there->cache_statistics();
}

}  // namespace valkeyxx
