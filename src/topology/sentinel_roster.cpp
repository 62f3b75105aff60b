#include "topology/sentinel_roster.hpp"

#include <algorithm>

namespace valkeyxx::topology {

sentinel_roster::sentinel_roster(const std::vector<endpoint>& seeds) {
    for (const endpoint& at : seeds) {
        if (find(at) == seats_.end()) seats_.push_back({.at = at, .seed = true});
    }
}

std::vector<sentinel_roster::seat>::iterator sentinel_roster::find(const endpoint& at) {
    return std::find_if(seats_.begin(), seats_.end(), [&](const seat& s) { return s.at == at; });
}

void sentinel_roster::identify(const endpoint& at, std::string_view id) {
    const auto seat_of = find(at);
    if (seat_of == seats_.end() || id.empty()) return;
    seat_of->id = id;
    // The same one under another address, such as its number where the user gave its name.
    const bool kept = seat_of->seed;
    const endpoint self = at;
    bool known_better = false;
    std::erase_if(seats_, [&](const seat& s) {
        if (s.at == self || s.id != id) return false;
        known_better = known_better || (s.seed && !kept);
        return !s.seed;
    });
    if (known_better) std::erase_if(seats_, [&](const seat& s) { return s.at == self; });
}

std::string sentinel_roster::voter(const endpoint& at) const {
    const auto found = std::find_if(seats_.begin(), seats_.end(), [&](const seat& s) { return s.at == at; });
    return found != seats_.end() && !found->id.empty() ? found->id : at.text();
}

void sentinel_roster::move_to_front(const endpoint& at) {
    const auto found = find(at);
    if (found != seats_.end()) std::rotate(seats_.begin(), found, found + 1);
}

void sentinel_roster::learn(const std::vector<commands::sentinel_peer>& peers) {
    for (const auto& peer : peers) {
        if (find(peer.address) != seats_.end()) continue;
        const auto moved = std::find_if(seats_.begin(), seats_.end(),
                                        [&](const seat& s) { return !peer.id.empty() && s.id == peer.id; });
        if (moved == seats_.end()) {
            if (seats_.size() < most) seats_.push_back({.at = peer.address, .id = peer.id});
        } else if (!moved->seed) {
            moved->at = peer.address;  // it has come back somewhere else
        }
    }
}

void sentinel_roster::forget(const endpoint& at) {
    std::erase_if(seats_, [&](const seat& s) { return !s.seed && s.at == at; });
}

}  // namespace valkeyxx::topology
