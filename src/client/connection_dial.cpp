// How a connection comes about: addresses, TCP, TLS, until the handshake is over; and what that means to others that
// lead to the same node.
#include <algorithm>
#include <string>
#include <utility>

#include "client/connection.hpp"
#include "client/engine.hpp"

#include <boost/asio/ip/address.hpp>

#include <valkeyxx/observer.hpp>

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

constexpr auto blocking_slice = 10ms;  // how late a thread in read_alone() may notice its deadline
constexpr auto surely_of_use = 1s;     // a connection that has stood for so long
constexpr auto longest_user_timeout = 24h;

io::tcp_options tcp_options_of(const config& c) noexcept {
    // A server that is busy with a script reads nothing; who gives it so much time does not mean to lose it before.
    const auto least = std::min<std::chrono::milliseconds>(c.command_timeout, longest_user_timeout);
    return {.keepalive = c.tcp_keepalive,
            .user_timeout = c.tcp_user_timeout > 0ms ? std::max(c.tcp_user_timeout, least) : 0ms};
}

}  // namespace

void connection::dial(bool at_once) {
    const auto now = io::clock::now();
    auto& node = engine_.way_to(node_).dialling;
    if (!at_once && node.too_early(now)) {
        fail(error{node.why()});
        return;
    }
    if (engine_.refusal_of(node_, now) != nullptr) {
        state_ = state::turned_away;
        engine_.timers().add(*this, now);
        return;
    }
    node.begin();
    state_ = state::dialling;
    static_cast<void>(engine_.tally(node_));  // makes room for what shut_down() has to say
    ++generation_;
    stream_.emplace(engine_.loop());
    dialled_at_ = now;
    give_up_dial_ = now + engine_.settings().connect_timeout;
    suspect_dial_ = now + engine_.settings().suspect_after;
    give_up_address_ = io::time_point::max();
    watch_dial();

    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(at_.host, not_an_address);
    if (!not_an_address) {
        addresses_ = {{address, at_.port}};
        dial_next({});
        return;
    }
    stream_->resolve(at_, [self = shared_from_this(), generation = generation_](std::error_code ec, auto found) {
        const engine::turn turn{self->engine_};
        if (!self->goes_on(generation)) return;
        const auto ordered = self->engine_.way_to(self->node_).addresses.in_order(std::move(found));
        self->addresses_.assign(ordered.rbegin(), ordered.rend());
        self->dial_next(ec);
    });
}

void connection::dial_next(std::error_code last) {
    if (addresses_.empty()) {
        fail(error{errc::cannot_connect, last.message()});
        return;
    }
    if (trying_) engine_.way_to(node_).addresses.failed(*trying_);
    trying_ = addresses_.back();
    addresses_.pop_back();
    give_up_address_ = io::time_point::max();
    if (!addresses_.empty()) {
        const auto now = io::clock::now();
        give_up_address_ = now + sessions::address_share(give_up_dial_ - now, addresses_.size());
    }
    watch_dial();
    stream_->connect(*trying_, [self = shared_from_this(), generation = generation_, tries = ++tries_](auto ec) {
        const engine::turn turn{self->engine_};
        if (!self->goes_on(generation) || tries != self->tries_) return;
        if (ec) {
            self->dial_next(ec);
        } else {
            self->dialled();
        }
    });
}

void connection::dialled() {
    give_up_address_ = io::time_point::max();
    stream_->connected(tcp_options_of(engine_.settings()));
    io::tls_context* const tls = engine_.tls_of(node_);
    if (tls == nullptr) {
        greet();
        return;
    }
    const auto begun = stream_->encrypt(*tls, at_.host);
    if (const auto& watcher = engine_.settings().watcher) {
        if (const auto problem = tls->take_problem()) watcher->certificates_not_renewed(*problem);
    }
    if (!begun) {
        fail(begun.error());
        return;
    }
    state_ = state::encrypting;
    agree_on_tls();
}

void connection::agree_on_tls() {
    const auto progress = stream_->shake_hands();
    const auto again = [self = shared_from_this(), generation = generation_](boost::system::error_code) {
        const engine::turn turn{self->engine_};
        if (self->goes_on(generation)) self->agree_on_tls();
    };
    switch (progress.step) {
        case io::tls_progress::next::done:
            greet();
            break;
        case io::tls_progress::next::readable:
            stream_->wait_readable(again);
            break;
        case io::tls_progress::next::writable:
            stream_->wait_writable(again);
            break;
        case io::tls_progress::next::failed:
            fail(error{errc::cannot_connect, "no TLS connection: " + progress.problem});
            break;
    }
}

void connection::became_ready() {
    state_ = state::ready;
    timer_queue::remove(*this);
    ready_at_ = io::clock::now();
    first_request_ = mux_.front();
    auto& way = engine_.way_to(node_);
    way.dialling.end();
    way.dialling.answered();
    if (trying_) way.addresses.worked(*trying_);
    engine_.tally(node_).refused = {};
    ++engine_.counters().connects;
    if (engine_.driven() == drive::by_waiters) {
        blocking_allowed_ = stream_->allow_blocking(blocking_slice);
    }
    protocol_ = handshake_->protocol();
    client_id_ = handshake_->client_id();
    tell_ready();
    begin_tracking();
    handshake_.reset();
    if (std::exchange(outdated_, false)) engine_.authentication().ask(*this);
    engine_.hears(*this);
    if (!parked_) write_queued();
    if (listener_ != nullptr) listener_->on_ready(protocol_);
    engine_.exclusive().dial_over(node_);
}

void connection::tell_ready() {
    auto& tally = engine_.tally(node_);
    const bool one_more = ++tally.open > tally.most;
    if (one_more) {
        tally.most = tally.open;
    } else {
        ++tally.reconnects;
    }
    const auto& watcher = engine_.settings().watcher;
    if (!watcher) return;
    if (const auto* const tls = engine_.tls_of(node_); tls != nullptr && !tls->verifies()) watcher->unverified(at_);
    watcher->connected(at_, protocol_);
    if (!one_more) watcher->reconnected(at_);
}

void connection::tell_end() noexcept {
    auto& tally = engine_.tally(node_);
    tally.commands += requests() - told_requests_;
    told_requests_ = requests();
    if (state_ != state::ready) return;
    --tally.open;
    if (const auto& watcher = engine_.settings().watcher) watcher->closed(at_);
}

// What this means to the others that lead to the node. One that took our connection and ended it at once is no better
// than one that takes none.
void connection::tell_way(const error& why, io::time_point now) {
    if (why == errc::client_closed) return;  // our own doing
    // One that ends alone, as for its command's sake, says nothing of the others.
    if (exclusive_ && state_ == state::ready && (why == errc::timed_out || engine_.answers(node_))) return;
    auto& way = engine_.way_to(node_);
    auto& dice = engine_.router().random();
    if (state_ != state::ready && trying_) way.addresses.failed(*trying_);
    if (!was_of_use(why, now)) {
        way.dialling.failed(dialled_at_, now, why, dice);
    } else if (!exclusive_ && !listener_only_) {  // of which one alone may have been closed
        way.dialling.broke(now, why, dice);
    }
}

bool connection::was_of_use(const error& why, io::time_point now) const noexcept {
    return state_ == state::ready && why != errc::protocol_error &&
           (mux_.front() > first_request_ || now - ready_at_ >= surely_of_use);
}

// Reads that wait for the connection are had elsewhere; it may still come about.
void connection::dial_takes_long() {
    engine_.suspects(*this);
    if (!reading_only_) return;
    const error why{errc::cannot_connect,
                    "not connected within " + std::to_string(engine_.settings().suspect_after.count()) + " ms"};
    give_back(why);
}

void connection::give_back(const error& why) {
    for (request* r : std::exchange(queued_, {})) {
        if (r == nullptr) continue;
        if (r->pinned_ != routing::no_node) {
            r->position_ = queued_.size();
            queued_.push_back(r);
            continue;
        }
        r->place_ = request::place::nowhere;
        room_.leave(r->bytes_.size());
        engine_.lost(*r, false, why);
    }
}

void connection::watch_dial() noexcept {
    engine_.timers().add(*this, std::min({give_up_dial_, suspect_dial_, give_up_address_}));
}

void connection::dial_due(io::time_point now) {
    if (now >= give_up_dial_) {
        fail(error{errc::cannot_connect, why_not_ready()});
        return;
    }
    const auto self = shared_from_this();
    const auto generation = generation_;
    const bool slow = now >= suspect_dial_;
    const bool next_ones_turn = now >= give_up_address_;
    if (slow) suspect_dial_ = io::time_point::max();
    if (next_ones_turn) give_up_address_ = io::time_point::max();
    watch_dial();
    if (next_ones_turn) dial_next(std::make_error_code(std::errc::timed_out));
    if (slow && generation == generation_) dial_takes_long();
}

std::string connection::why_not_ready() const {
    const auto limit = " within " + std::to_string(engine_.settings().connect_timeout.count()) + " ms";
    if (state_ == state::encrypting) return "no TLS connection" + limit + ": the server may not speak TLS";
    if (state_ == state::authorizing) return "no credentials" + limit;
    if (state_ == state::handshaking) return "no answer to the first words" + limit;
    return "not connected" + limit;
}

}  // namespace valkeyxx::clients
