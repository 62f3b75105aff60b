#include "topology/ballot.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace valkeyxx::topology {
namespace {

// Who serves what, without the details in which two honest nodes may differ (which replicas are up).
bool same_owners(const shard_map& a, const shard_map& b) {
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) {
        const auto* x = a.shard_of(slot);
        const auto* y = b.shard_of(slot);
        if ((x == nullptr) != (y == nullptr)) return false;
        if (x != nullptr && x->primary.address != y->primary.address) return false;
    }
    return true;
}

}  // namespace

ballot::outcome ballot::add(view v) {
    views_.push_back(std::move(v));
    const view& last = views_.back();
    if (sure(last)) return outcome::enough;
    // In doubt, but it says nothing new: during an outage all nodes see a failing cluster, and there is no point in
    // asking each.
    if (says_nothing_new(last)) return outcome::enough;
    return views_.size() < most_votes ? outcome::ask_more : outcome::enough;
}

bool ballot::says_nothing_new(const view& v) const noexcept {
    return current_ != nullptr && epoch_of(v) == epoch_ && same_owners(v.map, *current_);
}

std::size_t ballot::support(const view& v) const noexcept {
    return static_cast<std::size_t>(std::count_if(views_.begin(), views_.end(), [&](const view& other) {
        return epoch_of(other) == epoch_of(v) && same_owners(other.map, v.map);
    }));
}

const view* ballot::winner() const noexcept {
    const view* best = nullptr;
    const auto worth = [this](const view& v) {
        return std::tuple{sure(v), epoch_of(v), !v.facts || v.facts->ok, support(v)};
    };
    for (const view& v : views_) {
        if (best == nullptr || worth(v) > worth(*best)) best = &v;
    }
    if (best == nullptr || current_ == nullptr || sure(*best)) return best;
    // A MOVED may have told us more since.
    if (says_nothing_new(*best)) return nullptr;
    if (epoch_of(*best) >= epoch_) return best;
    // Everybody who answers is behind what we know. Either the cluster was set up anew, then they work or agree; or we
    // have reached a minority that was cut off, and what we know is better.
    return best->facts->ok || support(*best) > 1 ? best : nullptr;
}

}  // namespace valkeyxx::topology
