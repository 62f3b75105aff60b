#include "client/lease.hpp"

#include "command/table.hpp"

namespace valkeyxx::clients {

namespace {

// What the next user of the connection would meet, though nobody is hurt by it.
bool leaves_a_mark(const listed_command& command) noexcept {
    switch (command.id) {
        case command_id::client_setname:
        case command_id::client_setinfo:
        case command_id::client_no_evict:
        case command_id::client_no_touch:
        case command_id::readonly:
        case command_id::readwrite:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::optional<error> lease::begin() {
    if (busy_) return error{errc::invalid_argument, "the session runs another command: it takes one at a time"};
    if (state_ == state::bound && !on_->ready()) state_ = state::broken;
    if (state_ == state::broken) {
        return error{errc::connection_lost, "the session's connection is gone: begin another session"};
    }
    if (state_ == state::ended) return error{errc::client_closed, "the session is over"};
    busy_ = true;
    return std::nullopt;
}

void lease::replied(const request& r, reply_view reply) noexcept {
    busy_ = false;
    state_ = state::bound;
    if (r.facts().how == handling::transaction) {
        watching_ = false;
        harmless_ = harmless_ && reply.is_null();  // a watched key was changed: it has not run
        return;
    }
    if (r.facts().how != handling::binds) {
        harmless_ = harmless_ && r.facts().repeatable;
        marked_ = marked_ || leaves_a_mark(*r.facts().info);
        return;
    }
    switch (r.facts().info->id) {
        case command_id::watch:
            watching_ = true;
            break;
        case command_id::unwatch:
        case command_id::exec:
        case command_id::discard:
            watching_ = false;
            break;
        default:
            marked_ = true;
    }
}

void lease::failed(const request& r, const error& why) noexcept {
    busy_ = false;
    // What is read anew may be what a transaction has written: it is not as good twice even if all its commands are.
    if (why.executed() != executed::no) {
        harmless_ = harmless_ && r.facts().repeatable && r.facts().how != handling::transaction;
    }
    if (why == errc::server_error && on_ && on_->ready()) {  // a reply, too
        state_ = state::bound;
        if (r.facts().how == handling::transaction) watching_ = false;
        return;
    }
    if (state_ == state::bound && !on_->ready()) state_ = state::broken;
}

}  // namespace valkeyxx::clients
