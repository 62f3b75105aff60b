#include "client/subscription_link.hpp"

#include <array>

#include "client/engine.hpp"
#include "client/subscription_hub.hpp"
#include "resp/encoder.hpp"

namespace valkeyxx::clients {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view ping = "*1\r\n$4\r\nPING\r\n";
constexpr std::array subscribe_verbs{"SUBSCRIBE"sv, "PSUBSCRIBE"sv, "SSUBSCRIBE"sv};
constexpr std::array unsubscribe_verbs{"UNSUBSCRIBE"sv, "PUNSUBSCRIBE"sv, "SUNSUBSCRIBE"sv};

constexpr std::array kinds{channel_kind::channel, channel_kind::pattern, channel_kind::shard};
constexpr std::array confirmations{"subscribe"sv, "psubscribe"sv, "ssubscribe"sv};
constexpr std::array farewells{"unsubscribe"sv, "punsubscribe"sv, "sunsubscribe"sv};

}  // namespace

subscription_link::subscription_link(subscription_hub& hub, routing::node_id node, bool shared)
    : hub_{hub}, node_{node}, shared_{shared}, life_{hub.owner().settings().subscription_timeout} {}

subscription_link::~subscription_link() {
    detach();
}

void subscription_link::attach() {
    engine& e = hub_.owner();
    if (shared_) {
        connection_ = e.connection_to(node_).shared_from_this();
        connection_->set_listener(this, false);
    } else {
        connection_ = e.new_link(node_);
        connection_->set_listener(this, true);
    }
}

void subscription_link::detach() noexcept {
    timer_queue::remove(*this);
    if (!connection_) return;
    connection_->set_listener(nullptr, !shared_);
    if (!shared_) {
        hub_.owner().forget(*connection_);
        if (connection_->read_alone_by_somebody()) {
            connection_->fail(error{errc::connection_lost, "nobody needs it"});  // who reads finds it broken
        } else {
            connection_->close();
        }
    }
    connection_.reset();
}

void subscription_link::open() {
    if (!connection_) attach();
    state_ = state::opening;
    silent_ = false;
    if (connection_->ready()) {
        on_ready(connection_->protocol());
    } else {
        connection_->open();
    }
}

void subscription_link::close() noexcept {
    state_ = state::closed;
    detach();
}

void subscription_link::on_ready(int protocol) noexcept {
    if (state_ != state::opening) return;  // the connection is shared, and came about for others
    if (shared_ && protocol < 3) {         // where replies and messages cannot be told apart
        detach();
        shared_ = false;
        open();
        return;
    }
    state_ = state::ready;
    life_.begin(io::clock::now());
    schedule();
    hub_.ready(*this);
}

void subscription_link::on_lost(const error& why) noexcept {
    timer_queue::remove(*this);
    if (state_ == state::closed) return;
    const bool was_ready = std::exchange(state_, state::closed) == state::ready;
    hub_.lost(*this, was_ready && !silent_ && why.which() != errc::cannot_connect, why);
}

void subscription_link::on_bytes() noexcept {
    if (state_ == state::ready) life_.heard(io::clock::now());
}

void subscription_link::schedule() {
    hub_.owner().timers().add(*this, life_.due());
}

void subscription_link::on_due(io::time_point now) noexcept {
    switch (life_.look(now, !connection_->paused())) {
        case sessions::heartbeat::finding::well:
            break;
        case sessions::heartbeat::finding::ask:
            connection_->say(ping);
            hub_.pinged(*this);
            break;
        case sessions::heartbeat::finding::gone:
            silent_ = true;
            connection_->fail(error{errc::connection_lost, "the node has stopped answering"});
            return;
    }
    schedule();
}

void subscription_link::say(bool subscribe, channel_kind kind, const std::vector<std::string_view>& names) {
    std::vector<std::string_view> words{
        (subscribe ? subscribe_verbs : unsubscribe_verbs)[static_cast<std::size_t>(kind)]};
    words.insert(words.end(), names.begin(), names.end());
    bytes_.clear();
    resp::append_command(bytes_, words);
    bytes_ += ping;
    connection_->say(bytes_);
}

bool subscription_link::is_push(reply_view reply) const noexcept {
    if (reply.kind() != value_kind::array || shared_ || reply.size() < 3) return false;
    const std::string_view word = reply[0].text();
    return word.ends_with("message") || word.ends_with("subscribe");
}

bool subscription_link::on_push(reply_view reply) noexcept {
    if (reply.size() < 2) return false;
    auto part = reply.begin();
    const std::string_view word = (*part).text();
    const bool is_message = word.ends_with("message");
    if (!is_message && !word.ends_with("subscribe")) return false;
    if (state_ != state::ready || reply.size() < 3) return true;
    const std::string_view name = (*++part).text();
    if (is_message) {
        if (word.size() == 7 || word.front() == 's') {
            const auto kind = word.size() == 7 ? channel_kind::channel : channel_kind::shard;
            hub_.message(*this, kind, name, name, (*++part).text());
        } else if (word.front() == 'p' && reply.size() == 4) {
            const std::string_view channel = (*++part).text();
            hub_.message(*this, channel_kind::pattern, name, channel, (*++part).text());
        }
        return true;
    }
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (word == confirmations[i]) hub_.pushed(*this, true, kinds[i], name);
        if (word == farewells[i]) hub_.pushed(*this, false, kinds[i], name);
    }
    return true;
}

bool subscription_link::on_reply(reply_view reply) noexcept {
    if (state_ != state::ready) return true;
    return hub_.replied(*this, reply.is_error() ? std::optional{reply.text()} : std::nullopt);
}

}  // namespace valkeyxx::clients
