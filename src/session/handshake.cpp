#include "session/handshake.hpp"

#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "resp/encoder.hpp"
#include "resp/field.hpp"
#include "resp/server_error.hpp"

#include <valkeyxx/version.hpp>

namespace valkeyxx::sessions {
namespace {

void append(handshake::round& round, std::initializer_list<std::string_view> words) {
    resp::append_command(round.bytes, std::span{words.begin(), words.size()});
    ++round.replies;
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
    for (std::string_view prefix : prefixes) {
        if (text.starts_with(prefix)) return true;
    }
    return false;
}

}  // namespace

handshake::round handshake::start() {
    if (!settings_.resp3) return resp2_round();
    round r;
    std::vector<std::string_view> hello{"HELLO", "3"};
    if (!settings_.password.empty()) {
        // A view from the start: the common type of a literal and a string would be a string that dies at once.
        const std::string_view user{settings_.username};
        hello.insert(hello.end(), {"AUTH", user.empty() ? "default" : user, settings_.password});
    }
    if (!settings_.client_name.empty()) hello.insert(hello.end(), {"SETNAME", settings_.client_name});
    resp::append_command(r.bytes, hello);
    ++r.replies;
    expected_.push_back(expect::hello);
    say_who(r);
    ask_favours(r);
    want_redirect(r);
    want_tracking(r);
    say_where(r, expect::said_again);
    return r;
}

// For CLIENT LIST. Servers before 7.2 do not know it, and nobody needs it.
void handshake::say_who(round& r) {
    append(r, {"CLIENT", "SETINFO", "LIB-NAME", "valkeyxx"});
    append(r, {"CLIENT", "SETINFO", "LIB-VER", version});
    expected_.insert(expected_.end(), 2, expect::optional);
}

// Servers that do not know them, or a user who may not, do without. They hold for the connection, whatever it speaks.
void handshake::ask_favours(round& r) {
    if (settings_.no_evict) {
        append(r, {"CLIENT", "NO-EVICT", "on"});
        expected_.push_back(expect::optional);
    }
    if (settings_.no_touch) {
        append(r, {"CLIENT", "NO-TOUCH", "on"});
        expected_.push_back(expect::optional);
    }
}

// Servers that do not know it do without.
void handshake::want_redirect(round& r) {
    if (!settings_.wants_redirect || fell_back_) return;
    append(r, {"CLIENT", "CAPA", "redirect"});
    expected_.push_back(expect::optional);
}

// Servers that do not know it, or a user who may not, do without.
void handshake::want_tracking(round& r) {
    if (!settings_.wants_tracking) return;
    append(r, {"CLIENT", "TRACKING", "ON", "OPTIN"});
    expected_.push_back(expect::tracking);
}

// Which of a server's databases, and what of a replica.
void handshake::say_where(round& r, expect reply) {
    if (settings_.database != 0) {
        append(r, {"SELECT", std::to_string(settings_.database)});
        expected_.push_back(reply);
    }
    if (settings_.readonly) {
        append(r, {"READONLY"});
        expected_.push_back(reply);
    }
    if (settings_.must_be_primary) {
        append(r, {"ROLE"});
        expected_.push_back(expect::role);
    }
}

bool handshake::has_to_listen() const noexcept {
    return protocol_ == 3 && !settings_.channels.empty() && !listening_;
}

// What it is confirmed with comes as pushes: PING has the reply that ends the round.
void handshake::listen() {
    listening_ = true;
    std::vector<std::string_view> words{"SUBSCRIBE"};
    words.insert(words.end(), settings_.channels.begin(), settings_.channels.end());
    round r;
    resp::append_command(r.bytes, words);
    append(r, {"PING"});
    expected_.push_back(expect::optional);
    pending_ = std::move(r);
}

handshake::round handshake::resp2_round() {
    round r;
    if (!settings_.password.empty()) {
        if (settings_.username.empty()) {
            append(r, {"AUTH", settings_.password});
        } else {
            append(r, {"AUTH", settings_.username, settings_.password});
        }
        expected_.push_back(expect::ok);
    }
    if (!settings_.client_name.empty()) {
        append(r, {"CLIENT", "SETNAME", settings_.client_name});
        expected_.push_back(expect::ok);
    }
    say_where(r, expect::ok);
    if (r.replies == 0) {  // a round has a reply: it tells that the server is ready, not only that it listens
        append(r, {"PING"});
        expected_.push_back(expect::ok);
    }
    if (!fell_back_) say_who(r);  // else it was said together with HELLO
    ask_favours(r);               // again, if it fell back: before AUTH they were refused
    want_redirect(r);
    return r;
}

handshake::status handshake::on_reply(reply_view reply) {
    const expect expected = expected_.front();
    expected_.pop_front();
    switch (expected) {
        case expect::hello:
            if (!reply.is_error()) {
                protocol_ = 3;
                client_id_ = resp::field(reply, "id").as_integer().value_or(0);  // https://valkey.io/commands/hello
            } else if (starts_with_any(reply.text(), {"NOPROTO", "ERR unknown command"})) {
                fell_back_ = true;
                pending_ = resp2_round();
            } else {
                return refused(reply.text());
            }
            break;
        case expect::ok:
            if (reply.is_error()) return refused(reply.text());
            break;
        case expect::said_again:
            if (reply.is_error() && !fell_back_) return refused(reply.text());
            break;
        case expect::optional:
            break;
        case expect::tracking:
            tracking_ = !reply.is_error() && protocol_ == 3;
            if (reply.is_error() && protocol_ == 3) not_tracking_ = reply.text();
            break;
        case expect::role:
            if (reply.is_aggregate() && !reply.empty() && starts_with_any(reply[0].text(), {"slave", "replica"})) {
                failure_ = error{errc::cannot_connect, "the node is a replica, not the primary"};
                return status::failed;
            }
            break;
    }
    if (expected_.empty() && has_to_listen()) listen();
    return expected_.empty() ? status::done : status::more;
}

// Here arguments are a password: whoever may be in between might repeat it in words of his own.
handshake::status handshake::refused(std::string_view by_server) {
    std::string text = resp::without_arguments(by_server);
    const std::string_view secret{settings_.password};
    constexpr std::string_view cover = "***";
    for (auto at = text.find(secret); !secret.empty() && at != std::string::npos;
         at = text.find(secret, at + cover.size())) {
        text.replace(at, secret.size(), cover);
    }
    failure_ = error{resp::code_of(by_server), std::move(text)};
    return status::failed;
}

std::optional<handshake::round> handshake::pending() {
    return std::exchange(pending_, std::nullopt);
}

}  // namespace valkeyxx::sessions
