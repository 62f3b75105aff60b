#include "moves.hpp"

#include <algorithm>

#include "world.hpp"

namespace valkeyxx::simulation {

void moves::moved(command_number n, std::uint16_t slot, int from, int to) {
    if (map_ == nullptr) return;
    compare();
    const node& a = world_.nodes.at(from);
    const bool names = world_.settings.host_names;
    const std::string host = names ? world_.nodes.at(to).name() : a.sees.of(to).at.host();
    // Another node, named shortly before, may be heard of later; and this one may be the heir of what that was given.
    const auto now = scheduler::now();
    std::erase_if(words_, [&](const auto& w) { return w.second.host != host; });
    named_[host] = now;
    const bool contradicted = std::any_of(named_.begin(), named_.end(), [&](const auto& other) {
        return other.first != host && now - other.second <= world_.settings.far;
    });
    if (contradicted || now - unclear_since_ <= world_.settings.far || !world_.commands.known(n)) return;
    // To a client that knows it already this is no news, and a map that it waits for may be newer.
    const auto head = map_->primary(slot);
    if (head == routing::no_node || map_->at(head).host != (names ? a.name() : a.at.host())) return;
    const word news{.to = to, .host = host, .by = n, .refreshes = counters_->refreshes};
    words_.try_emplace(slot, news);
    const auto heirs = map_->heirs_of(head);
    if (std::none_of(heirs.begin(), heirs.end(), [&](auto id) { return map_->at(id).host == host; })) return;
    // A failover, which concerns the whole shard.
    for (const key& k : world_.keys.keys()) {
        if (map_->primary(k.slot) == head) words_.try_emplace(k.slot, news);
    }
}

void moves::arrived(command_number n, int node) {
    if (words_.empty()) return;
    compare();
    for (auto& [slot, w] : words_) w.heard = w.heard || (w.by == n && w.to == node);
}

void moves::told_slots() {
    compare();
    std::erase_if(words_, [this](const auto& w) { return w.second.refreshes != counters_->refreshes; });
}

void moves::forget() {
    compare();
    words_.clear();
    unclear_since_ = scheduler::now();
}

void moves::compare() {
    for (const auto& [slot, w] : words_) {
        if (!w.heard || map_ == nullptr) continue;
        const auto head = map_->primary(slot);
        const std::string host = head == routing::no_node ? "nobody" : map_->at(head).host;
        if (host == w.host) continue;
        world_.judgement.fail("an older map has undone what MOVED said: the client takes " + host +
                              " for the primary of slot " + std::to_string(slot) + ", in the place of " + w.host +
                              "; it followed with " + world_.commands.describe(w.by));
    }
}

}  // namespace valkeyxx::simulation
