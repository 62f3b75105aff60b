#include "routing/slot_walk.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "routing/slot_tag.hpp"

namespace valkeyxx::routing {
namespace {

// slot_count: the cursor says that this was the end. nullopt: it is no cursor of that order.
std::optional<std::uint16_t> slot_of(std::string_view cursor, bool tagged) {
    if (cursor == "0") return slot_count;
    if (tagged) {
        if (cursor.find('{') == std::string_view::npos) return std::nullopt;
        return key_slot(cursor);
    }
    std::uint64_t n = 0;
    const auto [end, failure] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), n);
    if (failure != std::errc{} || end != cursor.data() + cursor.size()) return std::nullopt;
    return static_cast<std::uint16_t>(n % slot_count);
}

}  // namespace

slot_walk::slot_walk(scan_node here, scan_stretch from)
    : here_{std::move(here)}, state_{std::move(from)}, resumed_{true} {}

slot_walk::question slot_walk::next() const noexcept {
    if (look_due_) return question::look;
    if (state_.crossing) {
        switch (step_) {
            case crossing_step::here:
                return question::page;
            case crossing_step::there:
                return question::page_there;
            case crossing_step::look_there:
            case crossing_step::look_there_again:
                return question::look_there;
            case crossing_step::look_here:
                break;
        }
        return question::look;
    }
    return state_.now.empty() ? question::none : question::page;
}

scan_order slot_walk::order() const noexcept {
    if (state_.crossing && state_.over_there) return order_there_;
    if (no_order_) return scan_order::mixed;
    if (order_ == scan_order::tagged && (no_clusterscan_ || state_.crossing)) return scan_order::by_slot;
    return order_;
}

std::string slot_walk::first_cursor(std::uint16_t slot) const {
    switch (order()) {
        case scan_order::by_slot:
            return std::to_string(slot);
        case scan_order::tagged:
            return "0-{" + slot_tag(slot) + "}-0";
        case scan_order::mixed:
            break;
    }
    return "0";
}

std::string slot_walk::cursor() const {
    return state_.now.text.empty() ? first_cursor(state_.now.slots.next(0)) : state_.now.text;
}

bool slot_walk::fits(const std::string& text) const noexcept {
    return text.empty() || (text.find('{') != std::string::npos) == (order() == scan_order::tagged);
}

slot_walk::verdict slot_walk::looked(const node_look& look, const slot_set& wanted, const shard_map& map) {
    order_ = look.order;
    here_id_ = look.id;
    pages_ = 0;
    look_due_ = false;
    const slot_set here = look.ready ? wanted & look.owned : slot_set{};
    slot_set stable = here - look.leaving;
    const bool resumed = std::exchange(resumed_, false);

    verdict v;
    if (state_.crossing) {
        const auto slot = crossing_slot();
        // What has become stable meanwhile is not kept waiting for a node that perhaps never answers.
        const bool goes_on = resumed && look.process == state_.process && look.epoch == state_.epoch &&
                             slot < slot_count && here.has(slot) && look.leaving.has(slot) && stable.empty();
        if (goes_on) {
            begin_crossing(look, slot, map);
            if (state_.crossing) {
                v.ahead = !state_.over_there && crossing_holds();
                return v;
            }
        }
        v = judge_crossing(look);
        stable -= v.done;
        begin_again(look);
    } else if (!state_.process.empty()) {
        v = judge(look, stable);
        stable -= v.done;
        state_.process = look.process;
        state_.epoch = look.epoch;
    } else {
        begin_again(look);
    }
    if (!fits(state_.now.text)) state_.now = state_.sure = {};  // another program, or another command
    want_ = stable;
    state_.passed.clear();
    choose();
    if (state_.now.empty()) {
        const std::uint16_t leaves = ((here & look.leaving) - v.done).next(0);
        // What was just tried in vain is not tried again at once: others may want to go on meanwhile.
        if (leaves < slot_count && !v.in_vain) begin_crossing(look, leaves, map);
        if (!state_.crossing && !wanted.empty() && v.done.empty()) v.in_vain = true;
    }
    return v;
}

// The node was looked at before, and some way was walked since.
slot_walk::verdict slot_walk::judge(const node_look& look, const slot_set& stable) {
    verdict v;
    const bool same_process = look.process == state_.process;
    if (same_process && look.epoch == state_.epoch) {
        v.done = state_.passed & stable;
        const scan_place before = state_.sure;
        state_.now.slots &= stable;
        state_.sure = state_.now;
        v.ahead = !v.done.empty() || (!state_.sure.empty() && state_.sure != before);
        v.in_vain = !(state_.passed - stable).empty();
        limit_ = std::min(limit_ * 2, longest_stretch);
        return v;
    }
    v.in_vain = !state_.passed.empty() || !state_.now.empty();
    limit_ = std::max(limit_ / 4, 1);
    // A cursor of CLUSTERSCAN says by itself for which processes it is good, and others begin the slot again.
    if (!same_process && state_.sure.text.find('{') == std::string::npos) state_.sure = {};
    state_.sure.slots &= stable;
    state_.now = state_.sure;
    return v;
}

slot_walk::verdict slot_walk::judge_crossing(const node_look& look) {
    verdict v;
    const auto slot = crossing_slot();
    const bool held = step_ == crossing_step::look_here && slot < slot_count && look.ready &&
                      look.process == state_.process && look.epoch == state_.epoch && look.owned.has(slot) &&
                      !there_id_.empty() && look.target_of(slot) == there_id_;
    if (held) {
        v.done.insert(slot);
        v.ahead = true;
    } else {
        v.in_vain = true;
    }
    return v;
}

void slot_walk::begin_again(const node_look& look) {
    state_ = {.process = look.process, .epoch = look.epoch};
    step_ = crossing_step::here;
}

// Also goes on with one, if it is under way already.
void slot_walk::begin_crossing(const node_look& look, std::uint16_t slot, const shard_map& map) {
    const std::string to = look.target_of(slot);
    const auto target = std::find_if(look.nodes.begin(), look.nodes.end(), [&](const auto& n) { return n.id == to; });
    const auto found = target == look.nodes.end() ? std::nullopt : reach(*target, map);
    if (!found) {
        state_.crossing = false;
        return;
    }
    there_ = *found;
    there_id_ = to;
    if (!state_.crossing) {
        state_.crossing = true;
        state_.over_there = false;
        state_.now = state_.sure = {slot_set::of(slot), {}};
    }
    want_ = asked_ = slot_set::of(slot);
    // What has been walked to its end, if it was under way.
    const bool walked = state_.now.empty();
    if (state_.over_there) {
        step_ = walked ? crossing_step::look_there_again : crossing_step::look_there;
    } else {
        step_ = walked ? crossing_step::look_there : crossing_step::here;
    }
}

// Whatever the walk was interrupted by, it goes on where it is. Whether it has moved since this was found before.
bool slot_walk::crossing_holds() {
    const bool moved = state_.sure != state_.now;
    state_.sure = state_.now;
    return moved;
}

std::uint16_t slot_walk::crossing_slot() const noexcept {
    return state_.now.empty() ? state_.passed.next(0) : state_.now.slots.next(0);
}

// Where to go on: where we are, else the next slot that is wanted, from there on or from the beginning.
void slot_walk::choose() {
    const slot_set left = want_ - state_.passed;
    if (!state_.now.empty()) {
        asked_ = left;
        return;
    }
    if (order() == scan_order::mixed) {
        state_.now = {left, {}};
    } else if (const auto slot = left.next(0); slot < slot_count) {
        state_.now = {slot_set::of(slot), {}};
    }
    asked_ = left;
}

bool slot_walk::looked_there(const node_look& look) {
    const auto slot = crossing_slot();
    const bool first = step_ == crossing_step::look_there && !state_.over_there;
    // Once it serves the slot, or knows of another one that does, the move is over. Whether it says that it waits for
    // the slot does not matter: what is there is there. A replica, as it has become by a failover, has what its primary
    // had a moment ago, or nothing while it copies all of it.
    const auto* owner = slot < slot_count ? look.owner_of(slot) : nullptr;
    if (!look.ready || owner == nullptr || owner->id != here_id_ || (!first && look.process != state_.process_there)) {
        give_up_crossing();
        return false;
    }
    if (step_ == crossing_step::look_there_again) {
        step_ = crossing_step::look_here;
        return crossing_holds();
    }
    // CLUSTERSCAN would be sent on to where the keys leave.
    order_there_ = look.order == scan_order::mixed || no_order_there_ ? scan_order::mixed : scan_order::by_slot;
    step_ = crossing_step::there;
    asked_ = want_;
    if (first) {
        state_.process_there = look.process;
        state_.over_there = true;
        state_.passed.clear();
        state_.now = state_.sure = {slot_set::of(slot), {}};
        return false;
    }
    return crossing_holds();
}

void slot_walk::give_up_crossing() {
    step_ = crossing_step::here;  // so that the next look finds that it does not count
    look_due_ = true;
}

void slot_walk::without_clusterscan() {
    no_clusterscan_ = true;
    // With a cursor of another kind, the slot begins again.
    if (!fits(state_.now.text)) state_.now.text.clear();
    if (!fits(state_.sure.text)) state_.sure = {};
}

bool slot_walk::paged(std::string_view next, std::span<const std::uint16_t> slots) {
    ++pages_;
    const bool good = order() == scan_order::mixed ? paged_mixed(next) : paged_by_slot(next, slots);
    if (!good) {
        (state_.crossing && state_.over_there ? no_order_there_ : no_order_) = true;
        state_.now = state_.sure = {};
        state_.passed.clear();
        look_due_ = true;
    }
    if (state_.crossing) {
        if (!good) {
            give_up_crossing();
        } else if (state_.now.empty()) {
            crossed();
        }
    } else if (pages_ >= limit_ || state_.now.empty()) {
        look_due_ = true;
    }
    return good;
}

// The slot was walked to its end at one of the two nodes.
void slot_walk::crossed() {
    state_.passed = want_;
    step_ = step_ == crossing_step::here ? crossing_step::look_there : crossing_step::look_there_again;
}

bool slot_walk::paged_mixed(std::string_view next) {
    if (next == "0") {
        state_.passed |= state_.now.slots;
        state_.now = {};
    } else {
        state_.now.text = next;
    }
    return true;
}

bool slot_walk::paged_by_slot(std::string_view next, std::span<const std::uint16_t> slots) {
    const std::uint16_t from = state_.now.slots.next(0);
    const auto to = slot_of(next, order() == scan_order::tagged);
    if (!to || *to < from) return false;
    const bool in_order =
        std::all_of(slots.begin(), slots.end(), [&](std::uint16_t s) { return from <= s && s <= *to; });
    if (!in_order) return false;
    for (std::uint16_t s = want_.next(from); s < *to; s = want_.next(static_cast<std::uint16_t>(s + 1))) {
        state_.passed.insert(s);
    }
    const slot_set left = want_ - state_.passed;
    if (*to < slot_count && left.has(*to)) {
        state_.now = {slot_set::of(*to), std::string{next}};
    } else {
        std::uint16_t slot = left.next(*to);
        if (slot == slot_count) slot = left.next(0);
        state_.now = slot < slot_count ? scan_place{slot_set::of(slot), {}} : scan_place{};
    }
    asked_ = left;
    return true;
}

std::optional<scan_stretch> slot_walk::stretch() const {
    if (state_.process.empty()) return std::nullopt;
    if (!state_.crossing && state_.passed.empty() && state_.now.empty()) return std::nullopt;
    return state_;
}

}  // namespace valkeyxx::routing
