// How many commands, and how much of them, may be under way; who comes then waits at the gate, or is sent away.
#include <string>

#include "client/engine.hpp"

namespace valkeyxx::clients {

bool engine::has_room_for(const request& r) const noexcept {
    if (under_way_ == 0) return true;  // the largest one can be sent, too
    return under_way_ < config_.max_in_flight && bytes_under_way_ + r.bytes_.size() <= config_.max_bytes_in_flight;
}

bool engine::admits(request& r) {
    const bool waits = config_.when_full == full_policy::wait && !closed_;
    if (waits && r.part_) return true;  // of one that is in, and has to wait for its parts
    if (!closed_ && gate_.empty() && has_room_for(r)) return true;
    r.counted_ = false;
    if (!waits) {
        refuse(r);
        return false;
    }
    if (wants_commands_) watch(r);
    r.place_ = request::place::at_gate;
    gate_.push_back(r);
    limit_ = 0;  // who comes now stands behind it
    if (!r.has_own_clock()) timers_.add(r, r.deadline_);
    return false;
}

void engine::let_in() {
    while (gate_opens()) {
        request& r = gate_.front();
        leave_gate(r);
        start(r);
    }
}

void engine::leave_gate(request& r) noexcept {
    gate_.erase(gate_.iterator_to(r));
    timer_queue::remove(r);
    r.place_ = request::place::nowhere;
    if (gate_.empty() && !closed_) limit_ = config_.max_in_flight;
}

std::string engine::crowd() const {
    return std::to_string(under_way_) + " commands of " + std::to_string(bytes_under_way_) +
           " bytes are under way (see config::max_in_flight and max_bytes_in_flight)";
}

}  // namespace valkeyxx::clients
