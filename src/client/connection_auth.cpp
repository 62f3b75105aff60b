// Who a connection says it is: the handshake, with what the configuration says or with credentials that are asked for.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/connection.hpp"
#include "client/engine.hpp"
#include "resp/encoder.hpp"
#include "topology/sentinel_event.hpp"

namespace valkeyxx::clients {
namespace {

sessions::handshake_settings handshake_without_secrets(const engine& e, routing::node_id node, bool reading) {
    const config& c = e.settings();
    if (e.is_sentinel(node)) {
        sessions::handshake_settings sentinel{.client_name = c.client_name, .resp3 = c.protocol != 2};
        if (e.layout() != detail::layout::sentinels && c.sentinel_events)
            sentinel.channels = topology::sentinel_channels;
        return sentinel;
    }
    return {.client_name = c.client_name,
            .database = c.database,
            .resp3 = c.protocol != 2,
            .readonly = reading && !e.of_service(),
            .wants_redirect = e.layout() == detail::layout::one_server || (e.of_service() && !reading),
            .must_be_primary = e.of_service() && !reading,
            .no_evict = c.no_evict,
            .no_touch = c.no_touch};
}

}  // namespace

void connection::greet() {
    if (engine_.authentication().asks_for(node_)) {
        state_ = state::authorizing;
        outdated_ = false;
        engine_.authentication().ask(*this);
        return;
    }
    const config& c = engine_.settings();
    const bool sentinel = engine_.is_sentinel(node_);
    shake_hands({.username = sentinel ? c.sentinel_username : c.username,
                 .password = sentinel ? c.sentinel_password : c.password});
}

void connection::shake_hands(const credentials& with) {
    state_ = state::handshaking;
    auto settings = handshake_without_secrets(engine_, node_, reading_only_);
    settings.wants_tracking = engine_.cache() != nullptr && is_common() && !engine_.is_sentinel(node_);
    settings.username = with.username;
    settings.password = with.password;
    handshake_.emplace(settings);
    send_handshake(handshake_->start());
    if (state_ == state::handshaking) await_readable();
}

void connection::authorize(std::uint64_t generation, const result<credentials>& answer) {
    if (generation != generation_ || (state_ != state::authorizing && state_ != state::ready)) return;
    if (answer) engine_.authentication().got(*answer);
    if (state_ == state::authorizing) {
        if (answer) {
            shake_hands(*answer);
        } else {
            fail(error{errc::cannot_connect, "there are no credentials: " + answer.error().text()});
        }
    } else if (!answer) {
        engine_.authentication().failed(*this, answer.error());
    } else if (held_) {
        newer_ = *answer;
    } else {
        say_auth(*answer);
    }
}

void connection::authenticate_again() {
    if (state_ == state::ready) {
        engine_.authentication().ask(*this);
    } else {
        outdated_ = true;
    }
}

void connection::catch_up() {
    if (const auto with = std::exchange(newer_, std::nullopt); with && state_ == state::ready) say_auth(*with);
}

void connection::say_auth(const credentials& with) {
    if (with.password.empty()) return;
    // RESP2 allows nothing but subscriptions where there are some.
    if (protocol_ == 2 && listener_ != nullptr) return;
    std::vector<std::string_view> words{"AUTH"};
    if (!with.username.empty()) words.emplace_back(with.username);
    words.emplace_back(with.password);
    std::string bytes;
    resp::append_command(bytes, words);
    ++not_requests_;
    out_.append(bytes);
    mux_.add(nullptr, bytes.size(), sessions::slot_kind::auth);
    mark();
}

void connection::send_handshake(const sessions::handshake::round& round) {
    out_.append(round.bytes);
    not_requests_ += static_cast<std::uint64_t>(round.replies);
    // Which byte belongs to which reply matters only for requests.
    for (int i = 0; i < round.replies; ++i) {
        mux_.add(nullptr, i == 0 ? round.bytes.size() : 0, sessions::slot_kind::handshake);
    }
    flush();
}

void connection::handshake_reply(reply_view reply) {
    switch (handshake_->on_reply(reply)) {
        case sessions::handshake::status::more:
            if (const auto round = handshake_->pending()) send_handshake(*round);
            break;
        case sessions::handshake::status::done:
            became_ready();
            break;
        case sessions::handshake::status::failed:
            fail(refusal(handshake_->failure()));
            break;
    }
}

// Whoever waits for it need not wait for another try, which would end in the same way, unless there is somebody who may
// know better credentials by then. A user who may not say what each connection says is as good as none.
error connection::refusal(const error& why) const {
    const bool shut_out = why.which() == errc::authentication_failed || why.which() == errc::access_denied;
    const bool final = shut_out && !engine_.authentication().asks_for(node_);
    return error{{.code = final ? errc::authentication_failed : errc::cannot_connect,
                  .text = "the server refused the handshake: " + why.text(),
                  .server_code = std::string{why.server_code()}}};
}

void connection::auth_reply(reply_view reply) {
    if (!reply.is_error()) {
        engine_.authentication().accepted();
        return;
    }
    // Not all of it: who does not know AUTH repeats its arguments.
    const std::string code{reply.text().substr(0, reply.text().find(' '))};
    engine_.authentication().failed(*this,
                                    error{errc::authentication_failed, code + " (the server refuses the credentials)"});
}

}  // namespace valkeyxx::clients
