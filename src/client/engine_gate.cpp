// How many commands, and how much of them, may be under way, in all and for each shard; who comes then waits, or is
// sent away.
//
// Who has no room in the client waits at the gate. Who comes in and has none at his shard waits in a line of that
// shard, where he does not count as being under way: so the gate is never blocked by a shard that is full.
#include <algorithm>
#include <numeric>
#include <string>

#include "client/engine.hpp"

namespace valkeyxx::clients {

bool engine::has_room_for(const request& r) const noexcept {
    if (bytes_under_way_ == 0) return true;  // the largest one can be sent, too
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
    // One of each line in turn. Who stands there has been through the gate, so he goes before those who have not.
    for (bool moved = true; moved;) {
        moved = false;
        for (std::size_t i = 0; i < full_.size(); ++i) {
            connection& c = *full_[i];
            if (!line_moves(c)) continue;
            moved = true;
            let_go_on(c);
        }
        std::erase_if(full_, [](connection* c) { return c->room().waiting().empty(); });
    }
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

void engine::crowded(request& r, connection& c) {
    if (c.room().waiting().empty() && shard_takes(c, r)) {
        c.submit(r, false);
        return;
    }
    if (config_.when_full == full_policy::fail || closed_) {
        fail(r, error{errc::queue_full, crowd_at(c)}, executed::no);
        return;
    }
    --under_way_;
    bytes_under_way_ -= r.bytes_.size();
    r.counted_ = false;
    r.attempt_.reset(special_subject(r));  // it has not gone anywhere
    r.on_ = &c;
    r.place_ = request::place::at_shard;
    c.room().stand_in_line(r);
    if (std::find(full_.begin(), full_.end(), &c) == full_.end()) full_.push_back(&c);
}

bool engine::shard_takes(const connection& c, const request& r) const noexcept {
    return c.room().takes(c.backlog() + waiting_.count_for(c.node()), r.bytes_.size(), waiting_.bytes_for(c.node()));
}

bool engine::line_moves(connection& c) const noexcept {
    if (c.room().waiting().empty()) return false;
    const request& r = c.room().next();
    if (!r.part_ && !has_room_for(r)) return false;  // of a part, the whole is in, and waits for it
    const bool elsewhere =
        r.attempt_.has_slot() && !r.attempt_.reads() && router_.primary(r.attempt_.slot()) != c.node();
    // Those before it are on their way there, too, by redirects, and must not be overtaken.
    return elsewhere ? c.backlog() == 0 : shard_takes(c, r);
}

bool engine::lines_move() const noexcept {
    return std::any_of(full_.begin(), full_.end(), [this](connection* c) { return line_moves(*c); });
}

void engine::let_go_on(connection& c) {
    request& r = c.room().next();
    leave_line(r);
    count(r);
    if (waiting_.blocks(r)) {
        wait_behind(r);
        return;
    }
    const routing::node_id node = r.attempt_.start_quickly(router_);
    if (node == routing::no_node) {
        start_elsewhere(r);
    } else if (connection& to = connection_to(node); &to == &c || to.has_room(r)) {
        to.submit(r, false);
    } else {
        crowded(r, to);
    }
}

void engine::leave_line(request& r) noexcept {
    r.on_->room().leave_line(r);
    r.place_ = request::place::nowhere;
}

std::size_t engine::waiting_for_room() const noexcept {
    return std::accumulate(full_.begin(), full_.end(), gate_.size(),
                           [](std::size_t sum, const connection* c) { return sum + c->room().waiting().size(); });
}

std::string engine::crowd_at(const connection& c) const {
    return std::to_string(c.backlog() + waiting_.count_for(c.node())) + " commands of " +
           std::to_string(c.room().bytes() + waiting_.bytes_for(c.node())) + " bytes are under way to the shard of " +
           c.at().text() + " (see config::max_in_flight_per_shard and max_bytes_in_flight_per_shard)";
}

std::string engine::crowd() const {
    return std::to_string(under_way_) + " commands of " + std::to_string(bytes_under_way_) +
           " bytes are under way (see config::max_in_flight and max_bytes_in_flight)";
}

}  // namespace valkeyxx::clients
