#include "client/waiting_room.hpp"

#include <iterator>

#include <valkeyxx/slot.hpp>

namespace valkeyxx::clients {

namespace {

constexpr std::uint16_t no_slot = slot_count;

}  // namespace

// Commands without keys have no order to keep, but may wait together all the same.
std::uint16_t waiting_room::slot_of(const request& r) noexcept {
    return r.attempt_.has_slot() ? r.attempt_.slot() : no_slot;
}

bool waiting_room::blocks(const request& r) const noexcept {
    // Reads from replicas may see the past anyway: they do not wait behind writes that wait for the primary.
    if (!r.attempt_.has_slot() || r.attempt_.reads()) return false;
    const auto found = queues_.find(r.attempt_.slot());
    return found != queues_.end() && !found->second.alone;
}

void waiting_room::add(request& r, io::time_point until, bool alone, routing::node_id shard, bool any) {
    r.waits_for_ = shard;
    if (shard != routing::no_node) {
        if (shard >= crowds_.size()) crowds_.resize(shard + 1);
        ++crowds_[shard].count;
        crowds_[shard].bytes += r.bytes_.size();
    }
    const std::uint16_t slot = any ? no_slot : slot_of(r);
    r.waits_in_ = slot;
    const auto [entry, added] = queues_.try_emplace(slot, *this, slot);
    queue& together = entry->second;
    if (added) timers_.add(together, until);
    together.alone = together.alone && alone;
    // An earlier one may come back from its second try when a later one waits already after its first.
    auto place = together.waiting.end();
    while (place != together.waiting.begin() && std::prev(place)->number_ > r.number_) --place;
    together.waiting.insert(place, r);
}

void waiting_room::leave(const request& r) noexcept {
    if (r.waits_for_ >= crowds_.size()) return;
    --crowds_[r.waits_for_].count;
    crowds_[r.waits_for_].bytes -= r.bytes_.size();
}

void waiting_room::remove(request& r) noexcept {
    leave(r);
    const auto found = queues_.find(r.waits_in_);
    found->second.waiting.erase(group::s_iterator_to(r));
    if (found->second.waiting.empty()) queues_.erase(found);
}

void waiting_room::release(std::uint16_t slot) noexcept {
    const auto found = queues_.find(slot);
    if (found == queues_.end()) return;
    group ready;
    ready.swap(found->second.waiting);
    queues_.erase(found);  // which may be the queue that calls this
    for (const request& r : ready) leave(r);
    owner_.resume(ready);
}

}  // namespace valkeyxx::clients
