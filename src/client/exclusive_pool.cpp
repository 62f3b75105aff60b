#include "client/exclusive_pool.hpp"

#include <algorithm>
#include <utility>

#include "client/engine.hpp"

namespace valkeyxx::clients {
namespace {

constexpr std::string_view unwatch_bytes = "*1\r\n$7\r\nUNWATCH\r\n";
constexpr std::size_t kept_idle = 8;  // of one node

}  // namespace

exclusive_pool::house& exclusive_pool::house_of(routing::node_id node, bool reading) {
    return houses_[engine::place_of(node, reading)];
}

std::vector<exclusive_pool::seat>::iterator exclusive_pool::house::seat_of(const connection& c) {
    return std::find_if(seats.begin(), seats.end(), [&c](const seat& s) { return s.on.get() == &c; });
}

void exclusive_pool::send(request& r, routing::node_id node, bool reading, bool asking) {
    lease* const session = r.lease_;
    if (session != nullptr && session->state_ == lease::state::bound) {
        if (session->on_->ready()) {
            session->on_->submit(r, session->asking_);
        } else {
            engine_.fail(r, error{errc::connection_lost, "the session's connection is gone: begin another session"},
                         executed::no);
        }
        return;
    }
    if (session != nullptr) {
        if (session->on_ && session->on_->node() != node) leave(*session);
        if (session->on_ && session->on_->ready()) {
            start(r, session->on_, asking);
            return;
        }
        leave(*session);
    }
    house& h = house_of(node, reading);
    r.asking_ = asking;
    if (auto on = h.line.empty() ? take(h, r, node, reading) : nullptr) {
        start(r, std::move(on), asking);
    } else if (const auto& d = engine_.way_to(node).dialling; d.failing() && !d.under_way() && !may_dial(r, node)) {
        engine_.lost(r, false, error{d.why()});  // too early to try again
    } else {
        r.place_ = request::place::in_line;
        r.on_ = nullptr;
        r.waits_for_ = node;
        r.waits_in_ = reading ? 1 : 0;
        h.line.push_back(r);
    }
}

// A node that has not answered is dialled by one at a time: it tells all the others how it went.
bool exclusive_pool::may_dial(const request& r, routing::node_id node) const {
    const auto& d = engine_.way_to(node).dialling;
    if (!d.failing()) return true;
    return !d.under_way() && (r.pinned_ != routing::no_node || !d.too_early(io::clock::now()));
}

std::shared_ptr<connection> exclusive_pool::take(house& from, const request& r, routing::node_id node, bool reading) {
    for (seat& s : from.seats) {
        if (!s.taken && s.on->ready()) {
            s.taken = true;
            return s.on;
        }
    }
    if (from.seats.size() >= engine_.settings().max_exclusive_connections || !may_dial(r, node)) return nullptr;
    from.seats.push_back({.on = engine_.new_exclusive(node, reading), .taken = true});
    return from.seats.back().on;
}

void exclusive_pool::start(request& r, std::shared_ptr<connection> on, bool asking) {
    connection& c = *on;
    if (r.lease_ != nullptr) {
        r.lease_->on_ = std::move(on);
        r.lease_->asking_ = asking;
        c.hold(true);
    }
    c.submit(r, asking);
}

void exclusive_pool::forget(request& r) noexcept {
    house& h = house_of(r.waits_for_, r.waits_in_ != 0);
    h.line.erase(h.line.iterator_to(r));
}

void exclusive_pool::leave(lease& session) noexcept {
    const auto on = std::exchange(session.on_, nullptr);
    if (!on) return;
    on->hold(false);
    if (!on->ready()) return;  // it has broken, or is still being dialled and will be idle then
    if (session.marked_ || !on->unused()) {
        on->fail(error{errc::client_closed, "its session is over"});
        return;
    }
    if (session.watching_) on->tell(unwatch_bytes);
    if (on->unused()) idle(*on);
}

void exclusive_pool::end(lease& session) noexcept {
    if (!engine_.inherited()) leave(session);
    session.state_ = lease::state::ended;
}

void exclusive_pool::idle(connection& c) noexcept {
    if (c.held()) return;
    c.catch_up();
    house& h = house_of(c);
    const auto found = h.seat_of(c);
    if (found == h.seats.end()) return;
    found->taken = false;
    serve_line(h, c.node(), c.reading());
    const auto free = std::count_if(h.seats.begin(), h.seats.end(), [](const seat& s) { return !s.taken; });
    if (std::cmp_greater(free, kept_idle)) c.fail(error{errc::client_closed, "there are enough idle connections"});
}

void exclusive_pool::lost(connection& c) noexcept {
    house& h = house_of(c);
    const auto found = h.seat_of(c);
    if (found == h.seats.end()) return;
    engine_.retire(std::exchange(found->on, nullptr));
    h.seats.erase(found);
    if (!engine_.closed()) serve_line(h, c.node(), c.reading());
}

void exclusive_pool::serve_line(house& h, routing::node_id node, bool reading) {
    while (!h.line.empty()) {
        request& next = h.line.front();
        auto on = take(h, next, node, reading);
        if (!on) return;
        h.line.pop_front();
        start(next, std::move(on), next.asking_);
    }
}

bool exclusive_pool::deserted(routing::node_id node) const noexcept {
    for (const bool reading : {false, true}) {
        const auto found = houses_.find(engine::place_of(node, reading));
        if (found != houses_.end() && !found->second.line.empty() && found->second.seats.empty()) return true;
    }
    return false;
}

void exclusive_pool::dial_over(routing::node_id node) noexcept {
    if (engine_.closed()) return;
    for (const bool reading : {false, true}) {
        const auto found = houses_.find(engine::place_of(node, reading));
        if (found == houses_.end() || found->second.line.empty()) continue;
        const auto& d = engine_.way_to(node).dialling;
        if (d.failing() && d.too_early(io::clock::now())) {
            send_back(found->second, error{d.why()});
        } else {
            serve_line(found->second, node, reading);
        }
    }
}

// Those who come again meanwhile are not told once more.
void exclusive_pool::send_back(house& h, const error& why) {
    for (auto left = h.line.size(); left != 0 && !h.line.empty(); --left) {
        request& r = h.line.front();
        h.line.pop_front();
        r.place_ = request::place::nowhere;
        engine_.lost(r, false, why);
    }
}

void exclusive_pool::drop_strangers() noexcept {
    std::vector<std::shared_ptr<connection>> strangers;
    for (auto& [place, h] : houses_) {
        for (const seat& s : h.seats) {
            // Sentinels have replaced it: nobody will ever see what it still does.
            const bool replaced = engine_.of_service() && !s.on->reading();
            if ((!s.taken || replaced) && !engine_.needed(*s.on)) strangers.push_back(s.on);
        }
    }
    for (const auto& c : strangers) c->fail(error{errc::client_closed, "the node has left the cluster"});
}

void exclusive_pool::close(const error& why) {
    for (auto& [place, h] : houses_) {
        while (!h.line.empty()) {
            request& r = h.line.front();
            h.line.pop_front();
            engine_.fail(r, why, executed::no);
        }
        const auto seats = h.seats;
        for (const seat& s : seats) s.on->fail(why);  // which takes it out
    }
}

}  // namespace valkeyxx::clients
