#include "topology/sentinel_discovery.hpp"

#include <algorithm>
#include <utility>

namespace valkeyxx::topology {
namespace {

template <class List, class T>
bool contains(const List& list, const T& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

sentinel_discovery::sentinel_discovery(const std::vector<endpoint>& seeds, rules r) : rules_{r}, roster_{seeds} {}

std::vector<endpoint> sentinel_discovery::begin(time_point /*now*/) {
    open_.clear();
    silent_.clear();
    heard_.clear();
    verified_.clear();
    refused_.clear();
    problems_.clear();
    first_claim_.reset();
    may_pass_ = false;
    running_ = true;
    for (const auto& seat : roster_.seats()) open_.push_back(seat.at);
    return open_;
}

std::string sentinel_discovery::reason_against(const sentinel_report& r) const {
    if (!r.primary) return "it does not watch the service";
    const auto& state = r.state;
    if (!state.flags.primary) return "it does not take it for a primary";
    if (state.other_sentinels < rules_.min_other_sentinels) {
        return "it knows of " + std::to_string(state.other_sentinels) + " other sentinels, and " +
               std::to_string(rules_.min_other_sentinels) + " are asked for";
    }
    // Promoted a moment ago: what is down is the one before it.
    if (*r.primary != state.address) return {};
    if (state.flags.o_down) return "the primary is down, as enough sentinels say";
    if (state.flags.s_down) return "it finds the primary down";
    return {};
}

bool sentinel_discovery::answered(const endpoint& sentinel, sentinel_report says, time_point now) {
    const bool expected = running_ && std::erase(open_, sentinel) > 0;
    roster_.identify(sentinel, says.id);
    testimony t{.by = sentinel, .voter = says.id.empty() ? sentinel.text() : says.id, .unfit = reason_against(says)};
    t.report = std::move(says);
    const bool news = found_ && t.unfit.empty() && t.report.state.epoch > found_->epoch;
    if (!expected) return news && !running_;
    if (t.report.primary) may_pass_ = true;
    if (t.unfit.empty()) {
        if (!first_claim_) first_claim_ = now;
    } else {
        complain(sentinel.text() + ": " + t.unfit);
    }
    // The same one under another name has had its say.
    const bool again =
        std::any_of(heard_.begin(), heard_.end(), [&](const testimony& other) { return other.voter == t.voter; });
    if (!again) heard_.push_back(std::move(t));
    return false;
}

void sentinel_discovery::failed(const endpoint& sentinel, const std::string& why) {
    if (!running_ || std::erase(open_, sentinel) == 0) return;
    silent_.push_back(sentinel);
    complain(sentinel.text() + ": " + why);
}

void sentinel_discovery::role_told(const endpoint& node, role is, const std::string& why) {
    if (!running_) return;
    switch (is) {
        case role::primary:
        case role::not_told:
            verified_.push_back(node);
            return;
        case role::replica:
            complain(node.text() + ", which is named as the primary, says that it is a replica");
            break;
        case role::unreachable:
            complain(node.text() + ", which is named as the primary, cannot be reached" +
                     (why.empty() ? "" : ": " + why));
            break;
    }
    refused_.push_back(node);
}

void sentinel_discovery::complain(const std::string& text) {
    problems_ += (problems_.empty() ? "" : "; ") + text;
}

// The newest first; of the same epoch, the one with the most voters.
std::vector<sentinel_discovery::claim> sentinel_discovery::claims() const {
    std::vector<claim> all;
    for (const testimony& t : heard_) {
        if (!t.unfit.empty()) continue;
        const auto epoch = t.report.state.epoch;
        auto found = std::find_if(all.begin(), all.end(),
                                  [&](const claim& c) { return c.epoch == epoch && c.primary == *t.report.primary; });
        if (found == all.end()) {
            all.push_back({.primary = *t.report.primary, .epoch = epoch});
            found = all.end() - 1;
        }
        found->voters.push_back(t.voter);
    }
    std::stable_sort(all.begin(), all.end(), [](const claim& a, const claim& b) {
        return std::pair{a.epoch, a.voters.size()} > std::pair{b.epoch, b.voters.size()};
    });
    return all;
}

// Of all sentinels there are, as those who answer know of them.
std::size_t sentinel_discovery::majority() const {
    std::size_t all = heard_.size();
    for (const testimony& t : heard_) all = std::max(all, t.report.peers.size() + 1);
    return std::min(all, sentinel_roster::most) / 2 + 1;
}

bool sentinel_discovery::enough(const std::vector<claim>& all, time_point now) const {
    if (open_.empty()) return true;
    if (all.empty()) return false;
    if (found_ && all.front().epoch > found_->epoch) return true;
    if (all.front().voters.size() >= majority()) return true;
    return now >= *first_claim_ + rules_.patience;
}

bool sentinel_discovery::believable(const claim& c, const claim& newest, time_point now) const {
    const bool by_most = c.voters.size() >= majority();
    if (found_ && c.epoch < found_->epoch) return by_most && behind_since_ && now - *behind_since_ >= rules_.doubt;
    if (c.epoch < newest.epoch) return by_most;
    // Two that were put there by the same failover: somebody is wrong.
    if (found_ && c.epoch == found_->epoch && c.primary != found_->primary) return by_most;
    return true;
}

// How long it has been that most sentinels are behind what is known, and nobody is not.
void sentinel_discovery::note_insistence(const std::vector<claim>& all, time_point now) {
    const bool behind =
        found_ && !all.empty() && all.front().epoch < found_->epoch && all.front().voters.size() >= majority();
    if (!behind) {
        behind_since_.reset();
    } else if (!behind_since_) {
        behind_since_ = now;
    }
}

sentinel_discovery::step sentinel_discovery::next(time_point now) {
    if (!running_) return {};
    const auto all = claims();
    if (!enough(all, now)) {
        return {.what = what::wait, .until = first_claim_ ? *first_claim_ + rules_.patience : time_point::max()};
    }
    note_insistence(all, now);
    for (const claim& c : all) {
        if (contains(refused_, c.primary) || !believable(c, all.front(), now)) continue;
        const bool same = found_ && found_->primary == c.primary;
        if (same || contains(verified_, c.primary)) return conclude(c);
        return {.what = what::verify, .node = c.primary};
    }
    return give_up(all);
}

sentinel_discovery::step sentinel_discovery::conclude(const claim& c) {
    auto finding = finding_of(c);
    verdict_.clear();
    settle(&c);
    if (found_ == finding) return {.what = what::keep};
    found_ = std::move(finding);
    return {.what = what::adopt};
}

sentinel_discovery::step sentinel_discovery::give_up(const std::vector<claim>& all) {
    for (const claim& c : all) {
        if (!contains(refused_, c.primary)) {
            complain(c.primary.text() + " was the primary in epoch " + std::to_string(c.epoch) +
                     ", and there are newer ones");
        }
    }
    settle(nullptr);
    verdict_ = problems_;
    return {.what = what::give_up};
}

// The round is over: who was of use comes first, who is new is asked next time.
void sentinel_discovery::settle(const claim* believed) {
    running_ = false;
    first_claim_.reset();
    std::vector<endpoint> named;
    bool front = false;
    for (const testimony& t : heard_) {
        for (const auto& peer : t.report.peers) named.push_back(peer.address);
        const bool agrees = believed != nullptr && t.unfit.empty() && *t.report.primary == believed->primary;
        if (!agrees) continue;
        if (!std::exchange(front, true)) roster_.move_to_front(t.by);
        roster_.learn(t.report.peers);
    }
    if (!front) return;
    for (const endpoint& at : silent_) {
        if (!contains(named, at)) roster_.forget(at);
    }
}

// What those who make the claim know of its replicas. One that half of them find down, or may not tell of, is left out.
sentinel_finding sentinel_discovery::finding_of(const claim& c) const {
    struct tally {
        sentinel_finding::replica what;
        std::size_t fit = 0;
    };
    sentinel_finding finding{.primary = c.primary, .epoch = c.epoch};
    std::vector<tally> replicas;
    for (const testimony& t : heard_) {
        if (!contains(c.voters, t.voter)) continue;
        if (finding.id.empty() && t.report.state.address == c.primary) finding.id = t.report.state.id;
        for (const auto& r : t.report.replicas) {
            const bool down = r.flags.s_down || r.flags.o_down || r.flags.disconnected;
            if (r.address == c.primary || down || !r.announced) continue;
            auto found = std::find_if(replicas.begin(), replicas.end(),
                                      [&](const tally& known) { return known.what.at == r.address; });
            if (found == replicas.end()) {
                replicas.push_back({.what = {.at = r.address, .id = r.id}});
                found = replicas.end() - 1;
            }
            ++found->fit;
            found->what.linked = found->what.linked || r.linked;
        }
    }
    for (tally& t : replicas) {
        if (t.fit * 2 > c.voters.size()) finding.replicas.push_back(std::move(t.what));
    }
    // In an order of their own: each sentinel lists them as it pleases.
    std::sort(finding.replicas.begin(), finding.replicas.end(),
              [](const auto& a, const auto& b) { return a.at < b.at; });
    return finding;
}

}  // namespace valkeyxx::topology
