// An engine in a forked child: what is left of it there. See fork.hpp.
#include <memory>
#include <utility>

#include "client/engine.hpp"

#include <valkeyxx/observer.hpp>

namespace valkeyxx::clients {

// Only this thread is left. Whatever another one was changing is not looked at again; what the ways of a closed client
// still lead to is put in order.
void engine::became_inherited() noexcept {
    std::construct_at(&mutex_);  // somebody may have held it, who will not come back
    if (sight_) std::construct_at(&sight_->mutex);
    if (std::exchange(inherited_, true)) return;  // a child's child
    closed_ = true;
    limit_ = 0;
    under_way_ = 0;
    flush_posted_ = true;            // nothing is ever posted to the loop
    armed_ = io::time_point::min();  // and no timer is set
    dirty_.clear();
    full_.clear();
    wants_commands_ = false;
    parents_.self = weak_from_this().lock();
    parents_.watcher = std::move(config_.watcher);
    parents_.cache = std::move(cache_);
    parents_.at_gate = std::move(gate_);
    parents_.waiting = std::move(completions_);
    parents_.running = std::move(completing_);
    parents_.retired = std::move(retired_);
    parents_.retired_connections = std::move(retired_connections_);
}

error engine::end_reason() const {
    if (!inherited_) return error{errc::client_closed, "the client is closed"};
    return error{errc::after_fork,
                 "the client is of the process that has forked this one, which still uses its "
                 "connections: a child needs a client of its own, made after fork()"};
}

// It was begun before the fork: the parent has another copy of it, which goes on.
void engine::expire_inherited(request& r) {
    const bool sent = r.place_ == request::place::in_flight || r.place_ == request::place::scattered;
    if (!sent) static_cast<void>(detach(r));
    r.place_ = request::place::nowhere;
    turn_away(r, end_reason().with(r.name(), {}, 0, sent ? executed::unknown : executed::no));
}

}  // namespace valkeyxx::clients
