// How requests end that nobody waits for any longer: because their time is up, or because their caller says so.
#include <string>
#include <utility>

#include "client/engine.hpp"

namespace valkeyxx::clients {

bool engine::detach(request& r) noexcept {
    switch (r.place_) {
        case request::place::queued:
        case request::place::in_flight:
            return r.on_->abandon(r);
        case request::place::in_line:
            exclusive_.forget(r);
            return false;
        case request::place::waiting:
            waiting_.remove(r);
            return false;
        case request::place::at_gate:
            leave_gate(r);
            return false;
        case request::place::at_shard:
            leave_line(r);
            return false;
        case request::place::scattered:
        case request::place::nowhere:
            return false;
    }
    return false;
}

void engine::give_up(request& r, giving_up why) {
    if (inherited_) {
        expire_inherited(r);
        return;
    }
    if (r.place_ == request::place::scattered) {
        r.scatter_->give_up(why);
        return;
    }
    const bool cancelled = why == giving_up::cancelled;
    const auto no_room = [cancelled](const std::string& crowd) {
        const auto* const what = cancelled ? "cancelled while there was no room: " : "no room within the deadline: ";
        return error{cancelled ? errc::cancelled : errc::timed_out, what + crowd};
    };
    if (r.place_ == request::place::at_gate) {
        leave_gate(r);
        turn_away(r, no_room(crowd()).with(r.name(), {}, 0, executed::no));
        return;
    }
    if (r.place_ == request::place::at_shard) {
        const error why_not = no_room(crowd_at(*r.on_));
        leave_line(r);
        fail(r, why_not, executed::no);
        return;
    }
    const bool queued = r.place_ == request::place::queued;
    const bool written = r.place_ == request::place::in_flight;
    const bool may_have_run = detach(r);
    if (written) forsake(*r.on_, r, why);
    if (cancelled) {
        fail(r, error{errc::cancelled, "cancelled"}, may_have_run ? executed::unknown : executed::no);
        return;
    }
    if (!may_have_run && router_.ready() && r.attempt_.has_slot() &&
        router_.primary(r.attempt_.slot()) == routing::no_node) {
        const std::string slot = std::to_string(r.attempt_.slot());
        fail(r, error{errc::slot_not_served, "no node serves slot " + slot}, executed::no);
        return;
    }
    std::string text = queued                     ? "no connection"
                       : written && !may_have_run ? "its connection took no more bytes"
                                                  : "no reply";
    text += " within the deadline";
    if (r.last_error_) text += "; the last problem was: " + r.last_error_->text();
    if (!router_.ready() && !keeper_->problem().empty()) text += "; " + keeper_->problem();
    fail(r, error{errc::timed_out, std::move(text)}, may_have_run ? executed::unknown : executed::no);
}

void engine::expire(request& r) {
    give_up(r, giving_up::expired);
}

// The reply of a request that was given up is still to come, unless it was not sent. On a connection of its own nothing
// else can come: it is closed, so that the server gives nothing to nobody. On a shared one the reply is dropped.
void engine::forsake(connection& on, const request& r, giving_up why) {
    if (why == giving_up::cancelled) {
        // As its caller wished: it says nothing about the node.
        if (on.exclusive()) on.fail(error{errc::client_closed, "its command was cancelled"});
        return;
    }
    if (on.exclusive()) {
        on.fail(error{errc::timed_out, "a command had no reply within its deadline"});
    } else {
        on.doubt(r.counted_ ? connection::doubt_by::command : connection::doubt_by::question);
    }
    // A node that is silent may have been replaced. (The client's own questions have another one to follow them.)
    if (r.counted_) keeper_->want(io::clock::now());
}

bool engine::unnoticed(const request& r) const noexcept {
    const bool reads = r.facts_.info->has(command_flags::readonly);
    switch (r.place_) {
        case request::place::in_flight:
            return reads && r.lease_ == nullptr;  // a session would lose its connection
        case request::place::nowhere:
            return reads;  // it is over
        case request::place::at_gate:
        case request::place::at_shard:
            return true;
        case request::place::scattered:
            return reads || r.scatter_->unnoticed();
        case request::place::queued:
        case request::place::in_line:
        case request::place::waiting:
            return reads || !r.attempt_.may_have_run();
    }
    return false;
}

void request::on_due(io::time_point /*now*/) noexcept {
    engine_->expire(*this);
}

}  // namespace valkeyxx::clients
