#include "routing/key_scan.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "routing/key_pattern.hpp"
#include "routing/slot_tag.hpp"

#include <valkeyxx/command_id.hpp>

namespace valkeyxx::routing {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_pause = 100ms;
constexpr int patient_setbacks = 8;
constexpr std::size_t most_questions = 16;  // for owners, in one round

// It may be otherwise in a moment, or at another node.
bool passes(const error& why) {
    switch (why.which()) {
        case errc::timed_out:
        case errc::cannot_connect:
        case errc::connection_lost:
        case errc::too_many_redirects:
        case errc::unknown_node:
        case errc::slot_not_served:
            return true;
        case errc::server_error:
            break;
        default:
            return false;
    }
    constexpr std::array<std::string_view, 7> states{"MOVED",       "ASK",      "LOADING", "MASTERDOWN",
                                                     "CLUSTERDOWN", "TRYAGAIN", "BUSY"};
    return std::find(states.begin(), states.end(), why.server_code()) != states.end();
}

// It knows no such command, or the user may not run it.
bool has_no_clusterscan(const error& why) {
    return why == errc::server_error &&
           (why.server_code() == "NOPERM" || why.text().find("unknown command") != std::string::npos ||
            why.text().find("Invalid cursor") != std::string::npos);
}

}  // namespace

key_scan::key_scan(scan_settings settings, scan_progress from)
    : settings_{std::move(settings)}, done_{from.done}, from_{std::move(from.under_way)} {
    if (settings_.one_server) {
        todo_.insert(0);
    } else if (const auto only = slot_of_pattern(settings_.match)) {
        todo_.insert(*only);
    } else {
        todo_ = slot_set::all();
    }
    todo_ -= done_;
}

std::optional<scan_node> key_scan::owner(std::uint16_t slot) const {
    if (settings_.one_server) {
        if (!map_ || map_->shards().empty()) return std::nullopt;
        return scan_node{map_->shards().front().primary.address, false};
    }
    if (const auto hint = hints_.find(slot); hint != hints_.end()) return hint->second;
    const auto* shard = map_ ? map_->shard_of(slot) : nullptr;
    if (shard == nullptr) return std::nullopt;
    return scan_node{shard->primary.address, false};
}

slot_set key_scan::wanted_of(const scan_node& node) const {
    slot_set wanted;
    if (settings_.one_server) return todo_;
    if (map_) {
        for (const shard_info& shard : map_->shards()) {
            if (shard.primary.address != node.at) continue;
            for (const slot_range& r : shard.slots) wanted.insert(r.first, r.last);
        }
    }
    for (const auto& [slot, at] : hints_) {
        if (at.at == node.at) {
            wanted.insert(slot);
        } else {
            wanted.erase(slot);
        }
    }
    return wanted &= todo_;
}

scan_round key_scan::next_round(std::shared_ptr<const shard_map> map) {
    if (map != map_) {
        const bool same = map && map_ && *map == *map_;
        map_ = std::move(map);
        if (!same) {
            hints_.clear();
            troubled_.clear();
            nodes_changed_ = true;
        }
    }
    asked_.clear();
    drop_idle_walks();
    resume();
    start_walks();
    scan_round round;
    // Nothing came of what was just tried: it is not tried again at once.
    const bool in_vain = setbacks_ > (walks_.empty() ? patient_setbacks / 4 : patient_setbacks);
    if (in_vain && !paused_) {
        paused_ = true;
        round.pause = std::min<std::chrono::milliseconds>(std::chrono::milliseconds{1 << std::min(setbacks_ / 2, 10)},
                                                          longest_pause);
        waited_ += round.pause;
        return round;
    }
    paused_ = false;
    for (std::size_t i = 0; i < walks_.size(); ++i) ask(i, round);
    if (round.requests.empty()) ask_for_owners(round);
    return round;
}

void key_scan::drop_idle_walks() {
    const auto over = [](const auto& w) { return w->next() == slot_walk::question::none; };
    if (std::erase_if(walks_, over) != 0) nodes_changed_ = true;
}

// What an earlier scan had under way goes on at the nodes that serve those slots now, if they are the same still.
void key_scan::resume() {
    if (from_.empty() || !map_ || map_->shards().empty()) return;
    std::vector<scan_stretch> later;
    for (scan_stretch& s : from_) {
        const auto slot = ((s.passed | s.now.slots | s.sure.slots) & todo_).next(0);
        const auto node = slot < slot_count ? owner(slot) : std::nullopt;
        if (slot == slot_count) continue;
        if (!node || troubled_.contains(node->at) || walks_.size() >= settings_.parallel) {
            later.push_back(std::move(s));
            continue;
        }
        const auto same = [&](const auto& w) { return w->here().at == node->at; };
        if (std::any_of(walks_.begin(), walks_.end(), same)) continue;  // it has begun anew
        add_walk(slot_walk{*node, std::move(s)});
    }
    from_ = std::move(later);
}

void key_scan::add_walk(slot_walk w) {
    if (!settings_.clusterscan) w.without_clusterscan();
    walks_.push_back(std::make_unique<slot_walk>(std::move(w)));
}

void key_scan::start_walks() {
    if (!nodes_changed_ || walks_.size() >= settings_.parallel) return;
    slot_set left = todo_;
    for (const auto& w : walks_) left -= wanted_of(w->here());
    for (auto slot = left.next(0); slot < slot_count && walks_.size() < settings_.parallel; slot = left.next(slot)) {
        const auto node = owner(slot);
        if (!node) {
            left.erase(slot);
            continue;
        }
        left -= wanted_of(*node);
        left.erase(slot);
        if (!troubled_.contains(node->at)) add_walk(slot_walk{*node});
    }
    nodes_changed_ = walks_.size() >= settings_.parallel;  // else there are no more for now
}

void key_scan::ask(std::size_t walk, scan_round& round) {
    slot_walk& w = *walks_[walk];
    const auto question = w.next();
    const bool there = question == slot_walk::question::look_there || question == slot_walk::question::page_there;
    const scan_node& node = there ? w.there() : w.here();
    asked a{.walk = walk, .there = there, .first = round.requests.size()};
    if (question == slot_walk::question::page || question == slot_walk::question::page_there) {
        a.about = asked::what::page;
        round.requests.push_back({node, 0, page_command(w)});
    } else {
        a.about = asked::what::look;
        a.reader.emplace(settings_.one_server);
        for (auto& c : look_questions(settings_.one_server)) round.requests.push_back({node, 0, std::move(c)});
        a.count = round.requests.size() - a.first;
    }
    asked_.push_back(std::move(a));
}

// Any command on a slot finds its primary, and waits for there to be one; so the topology becomes right.
void key_scan::ask_for_owners(scan_round& round) {
    troubled_.clear();
    nodes_changed_ = true;
    slot_set left = todo_;
    for (auto slot = left.next(0); slot < slot_count && asked_.size() < most_questions; slot = left.next(slot)) {
        if (const auto node = owner(slot)) left -= wanted_of(*node);
        left.erase(slot);
        const std::string key = settings_.one_server ? "0" : slot_tag(slot);
        asked_.push_back({.first = round.requests.size()});
        round.requests.push_back({std::nullopt, slot, encoded_command{command_id::exists, key}});
    }
    hints_.clear();
}

encoded_command key_scan::page_command(const slot_walk& w) const {
    const std::string cursor = w.cursor();
    const std::string count = std::to_string(settings_.count);
    std::vector<std::string_view> words;
    if (w.tagged()) words.emplace_back("CLUSTERSCAN");
    words.emplace_back(cursor);
    if (settings_.match != "*") words.insert(words.end(), {"MATCH", settings_.match});
    words.insert(words.end(), {"COUNT", count});
    if (!settings_.type.empty()) words.insert(words.end(), {"TYPE", settings_.type});
    if (w.tagged()) return encoded_command{words};
    return encoded_command{command_id::scan, words, encoded_command::keys::none};
}

key_scan::asked& key_scan::asked_for(std::size_t request) {
    const auto after = std::upper_bound(asked_.begin(), asked_.end(), request,
                                        [](std::size_t r, const asked& a) { return r < a.first; });
    return *std::prev(after);
}

void key_scan::on_reply(std::size_t request, reply_view reply) {
    asked& a = asked_for(request);
    if (a.about == asked::what::find) return;  // there is somebody, and the topology names him
    result<void> done;
    if (a.about == asked::what::page) {
        done = read_page(*walks_[a.walk], reply);
    } else {
        done = a.reader->take(request - a.first, reply);
    }
    if (!done && !a.failure) a.failure = done.error();
}

void key_scan::on_error(std::size_t request, error why) {
    asked& a = asked_for(request);
    if (!a.failure) a.failure = std::move(why);
}

result<void> key_scan::read_page(slot_walk& w, reply_view reply) {
    const auto shape = [&reply] { return detail::shape_error("a cursor and an array of keys", reply); };
    if (!reply.is_aggregate() || reply.size() != 2 || !reply[0].is_string() || !reply[1].is_aggregate()) return shape();
    const reply_view found = reply[1];
    std::vector<std::uint16_t> slots;
    for (const reply_view key : found) {
        if (!key.is_string()) return shape();
        slots.push_back(settings_.one_server ? std::uint16_t{0} : key_slot(key.text()));
    }
    std::size_t i = 0;
    for (const reply_view key : found) {
        const auto slot = slots[i++];
        // Returned already, or on its way here; or done by another walk, where two nodes take themselves for its owner.
        if (!w.wants(slot) || !todo_.has(slot)) continue;
        if (!settings_.unique || seen_[slot].emplace(key.text()).second) keys_.emplace_back(key.text());
    }
    w.paged(reply[0].text(), settings_.one_server ? std::span<const std::uint16_t>{} : slots);
    return {};
}

std::optional<error> key_scan::end_round() {
    for (asked& a : asked_) {
        if (a.failure) {
            end_failed(a);
        } else if (a.about == asked::what::look) {
            end_look(a);
        }
    }
    asked_.clear();
    std::erase(walks_, nullptr);
    if (fatal_) return std::exchange(fatal_, std::nullopt);
    if (!finished() && waited_ > settings_.patience) {
        waited_ = 0ms;  // for another call
        return error{errc::timed_out, "the scan does not get on: " + trouble_};
    }
    return std::nullopt;
}

void key_scan::end_look(asked& a) {
    slot_walk& w = *walks_[a.walk];
    const scan_node here = w.here();
    const node_look look = std::move(*a.reader).look();
    if (a.there) {
        // It has taken the slot over, and the node where it came from has not heard of that yet.
        if (look.ready && look.owned.has(w.crossing_slot())) hints_[w.crossing_slot()] = w.there();
        if (w.looked_there(look)) got_on();
        return;
    }
    const slot_set wanted = wanted_of(here);
    const auto verdict = w.looked(look, wanted, *map_);
    finish_slots(verdict.done);
    if (verdict.ahead) {
        got_on();
    } else if (verdict.in_vain) {
        ++setbacks_;
        trouble_ = here.at.text() +
                   (look.ready ? " does not keep its slots long enough" : " is no primary, or sees the cluster down");
    }
    learn_owners(look, wanted, here);
    if (w.next() == slot_walk::question::none) {
        walks_[a.walk] = nullptr;
        nodes_changed_ = true;
        // It does not have what it should, or not for good: the others first.
        if (!wanted_of(here).empty()) troubled_.insert(here.at);
    }
}

void key_scan::got_on() {
    setbacks_ = 0;
    waited_ = 0ms;
}

void key_scan::end_failed(asked& a) {
    const error& why = *a.failure;
    if (a.about == asked::what::find) {
        fatal_ = why;
        return;
    }
    slot_walk& w = *walks_[a.walk];
    if (a.about == asked::what::page && !a.there && w.tagged() && has_no_clusterscan(why)) {
        w.without_clusterscan();
        return;
    }
    if (!passes(why)) {
        fatal_ = why;
        return;
    }
    ++setbacks_;
    trouble_ = why.message();
    if (a.about == asked::what::page && !a.there && why == errc::server_error) {
        w.refused();
    } else {
        // It may come back as it was: then the walk goes on where it is. So too with the other node of a slot that is
        // being moved: each lost answer would otherwise cost the way through both, and a long one would never end.
        if (auto s = w.stretch()) from_.push_back(*std::move(s));
        troubled_.insert(w.here().at);
        nodes_changed_ = true;
        walks_[a.walk] = nullptr;
    }
}

// The slots that the topology gives to a node, and that the node says are others'.
void key_scan::learn_owners(const node_look& look, const slot_set& wanted, const scan_node& of) {
    const slot_set elsewhere = wanted - look.owned;
    for (const auto& node : look.nodes) {
        slot_set theirs;
        for (const slot_range& r : node.slots) {
            if (r.first <= r.last && r.last < slot_count) theirs.insert(r.first, r.last);
        }
        theirs &= elsewhere;
        if (theirs.empty()) continue;
        const auto at = reach(node, *map_);
        if (!at || at->at == of.at) continue;
        for (auto s = theirs.next(0); s < slot_count; s = theirs.next(static_cast<std::uint16_t>(s + 1))) {
            hints_.insert_or_assign(s, *at);
        }
    }
}

void key_scan::finish_slots(const slot_set& done) {
    done_ |= done;
    todo_ -= done;
    if (seen_.empty()) return;
    for (auto s = done.next(0); s < slot_count; s = done.next(static_cast<std::uint16_t>(s + 1))) seen_.erase(s);
}

scan_progress key_scan::progress() const {
    scan_progress p{.done = done_, .under_way = from_};
    for (const auto& w : walks_) {
        if (auto s = w->stretch()) p.under_way.push_back(*std::move(s));
    }
    return p;
}

}  // namespace valkeyxx::routing
