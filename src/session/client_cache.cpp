#include "session/client_cache.hpp"

#include <algorithm>
#include <utility>

namespace valkeyxx::sessions {
namespace {

constexpr std::size_t place_in_table = 32;        // of a key and what it leads to, and of the allocation itself
constexpr std::chrono::hours for_ever{24 * 365};  // of what can be added to any time

std::size_t size_of(reply_view reply) noexcept {
    std::size_t size = 0;
    for (const resp::node* n = reply.node(); n != reply.node() + reply.node()->span; ++n) {
        size += sizeof *n + reply_view{reply.bytes(), n}.text().size();
    }
    return size;
}

}  // namespace

client_cache::client_cache(const cache_options& limits, bool slots_move)
    : limits_{limits}, slots_move_{slots_move}, slots_{std::make_unique<std::array<slot_list, slot_count>>()} {
    limits_.longest_ttl = std::min<std::chrono::milliseconds>(limits_.longest_ttl, for_ever);
    limits_.max_silence = std::min<std::chrono::milliseconds>(limits_.max_silence, for_ever);
}

client_cache::~client_cache() {
    while (!entries_.empty()) drop(*entries_.begin()->second);
}

auto client_cache::find(std::string_view request, time_point now) -> std::optional<hit> {
    const auto found = entries_.find(request);
    if (found == entries_.end() || !kept(*found->second)) {
        ++stats_.misses;
        return std::nullopt;
    }
    entry& e = *found->second;
    if (e.until <= now) {
        ++stats_.expirations;
        ++stats_.misses;
        drop(e);
        return std::nullopt;
    }
    peer& by = peers_.at(e.by);
    const auto silence = now - by.sure;
    if (silence > limits_.max_silence) {  // what it may have to tell has not come; perhaps it cannot any more
        ++stats_.misses;
        return std::nullopt;
    }
    ++stats_.hits;
    in_use_.splice(in_use_.begin(), in_use_, in_use_.iterator_to(e));
    const bool ask = silence >= limits_.max_silence / 2 && !std::exchange(by.asked, true);
    if (silence < limits_.max_silence / 2) by.asked = false;
    return hit{.reply = e.reply.view(), .from = e.by, .key = e.keys.front().at->key, .ask = ask};
}

auto client_cache::begin(const question& q, time_point now) -> ticket {
    const auto found = entries_.find(q.request);
    if (found != entries_.end()) {
        if (!kept(*found->second)) return 0;
        drop(*found->second);  // it was not given any more
    }
    auto made = std::make_unique<entry>();
    entry& e = *made;
    e.bytes = sizeof(entry) + place_in_table + q.request.size();
    for (std::string_view key : q.keys) e.bytes += sizeof(link) + sizeof(group) + place_in_table + key.size();
    if (e.bytes > limits_.max_entry_bytes) return 0;
    e.request = q.request;
    e.by = q.by;
    e.id = ++last_ticket_;
    e.asked = now;
    e.until = now + std::min(q.ttl, limits_.longest_ttl);
    e.replies_due = q.keys.size();
    e.keys = std::vector<link>(q.keys.size());  // whose places do not change
    for (std::size_t i = 0; i < q.keys.size(); ++i) {
        group& g = group_of(q.keys[i]);
        e.keys[i].of = &e;
        e.keys[i].at = &g;
        g.entries.push_back(e.keys[i]);
    }
    peers_[e.by].entries.push_back(e);
    bytes_ += e.bytes;
    waited_for_.emplace(e.id, &e);
    entries_.emplace(e.request, std::move(made));
    return e.id;
}

auto client_cache::waited_for(ticket t) noexcept -> entry* {
    const auto found = waited_for_.find(t);
    return found == waited_for_.end() ? nullptr : found->second;
}

auto client_cache::group_of(std::string_view key) -> group& {
    const auto found = groups_.find(key);
    if (found != groups_.end()) return *found->second;
    auto made = std::make_unique<group>();
    group& g = *made;
    g.key = key;
    (*slots_)[key_slot(key)].push_back(g);
    groups_.emplace(g.key, std::move(made));
    return g;
}

void client_cache::answered(ticket t, reply_view reply) {
    entry* const e = waited_for(t);
    if (e == nullptr) return;
    const std::size_t size = reply.is_error() ? 0 : size_of(reply);
    if (reply.is_error() || e->bytes + size > limits_.max_entry_bytes) {
        drop(*e);
        return;
    }
    e->reply = value{reply};
    e->has_reply = true;
    e->bytes += size;
    bytes_ += size;
}

void client_cache::expires(ticket t, reply_view reply) {
    entry* const e = waited_for(t);
    if (e == nullptr) return;
    constexpr std::int64_t for_good = -1;
    constexpr std::int64_t absent = -2;
    const auto left = reply.as_integer();
    // Not told, or nobody will tell when it comes about.
    const bool unsure = !left || *left < absent || (*left == absent && slots_move_);
    if (unsure) {
        e->until = std::min<time_point>(e->until, e->asked + limits_.max_silence);
    } else if (*left > for_good && *left < limits_.longest_ttl.count()) {
        e->until = std::min<time_point>(e->until, e->asked + std::chrono::milliseconds{*left});
    }
    if (--e->replies_due != 0) return;
    if (e->has_reply) {
        keep(*e);
    } else {
        drop(*e);
    }
}

void client_cache::give_up(ticket t) {
    if (entry* const e = waited_for(t)) drop(*e);
}

void client_cache::keep(entry& e) {
    waited_for_.erase(std::exchange(e.id, 0));
    in_use_.push_front(e);
    ++stats_.stored;
    while (bytes_ > limits_.max_bytes && !in_use_.empty()) {
        ++stats_.evictions;
        drop(in_use_.back());
    }
}

void client_cache::drop(entry& e) noexcept {
    for (link& l : e.keys) {
        group& g = *l.at;
        g.entries.erase(g.entries.iterator_to(l));
        if (!g.entries.empty()) continue;
        auto& of_slot = (*slots_)[key_slot(g.key)];
        of_slot.erase(of_slot.iterator_to(g));
        const auto place = groups_.find(std::string_view{g.key});
        const auto over = std::move(place->second);  // the place is found by what belongs to it
        groups_.erase(place);
    }
    auto& of_source = peers_.at(e.by).entries;
    of_source.erase(of_source.iterator_to(e));
    if (kept(e)) {
        in_use_.erase(in_use_.iterator_to(e));
    } else {
        waited_for_.erase(e.id);
    }
    bytes_ -= e.bytes;
    const auto place = entries_.find(std::string_view{e.request});
    const auto over = std::move(place->second);
    entries_.erase(place);
}

// --- what makes replies outdated -------------------------------------------------------------------------------------

// It is no news of one that is still waited for that it is dropped: its reply will not be kept.
void client_cache::drop(entry& e, std::uint64_t& counted_as) noexcept {
    ++(kept(e) ? counted_as : stats_.raced);
    drop(e);
}

void client_cache::drop_key(std::string_view key, std::uint64_t& counted_as) noexcept {
    for (auto found = groups_.find(key); found != groups_.end(); found = groups_.find(key)) {
        drop(*found->second->entries.front().of, counted_as);
    }
}

void client_cache::invalidate(std::string_view key) {
    drop_key(key, stats_.invalidations);
}

void client_cache::overwrite(std::string_view key) {
    drop_key(key, stats_.overwritten);
}

void client_cache::overwrite_slot(std::uint16_t slot) {
    auto& groups = (*slots_)[slot];
    while (!groups.empty()) drop(*groups.front().entries.front().of, stats_.overwritten);
}

void client_cache::overwrite_all() {
    while (!entries_.empty()) drop(*entries_.begin()->second, stats_.overwritten);
}

void client_cache::flush(source by) {
    const auto found = peers_.find(by);
    if (found == peers_.end() || found->second.entries.empty()) return;
    ++stats_.flushes;
    std::uint64_t uncounted = 0;
    while (!found->second.entries.empty()) drop(found->second.entries.front(), uncounted);
}

void client_cache::lost(source by) {
    flush(by);
    peers_.erase(by);
}

void client_cache::confirmed(source by, time_point asked) {
    const auto found = peers_.find(by);
    if (found == peers_.end()) return;
    found->second.sure = std::max(found->second.sure, asked);
    found->second.asked = false;
}

void client_cache::owners_changed(const std::function<source(std::uint16_t)>& owner) {
    std::vector<entry*> outdated;
    for (std::size_t slot = 0; slot < slot_count; ++slot) {
        auto& groups = (*slots_)[slot];
        if (groups.empty()) continue;
        const source now = owner(static_cast<std::uint16_t>(slot));
        for (group& g : groups) {
            for (link& l : g.entries) {
                const bool once = &l == &l.of->keys.front();  // of an entry with several keys
                if (once && l.of->by != now) outdated.push_back(l.of);
            }
        }
    }
    for (entry* const e : outdated) drop(*e, stats_.moved);
}

cache_stats client_cache::statistics() const noexcept {
    cache_stats all = stats_;
    all.entries = entries_.size() - waited_for_.size();
    all.bytes = bytes_;
    return all;
}

}  // namespace valkeyxx::sessions
