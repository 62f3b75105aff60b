#include <valkeyxx/subscriber.hpp>

#include <mutex>
#include <string>
#include <string_view>

#include "client/baton.hpp"
#include "client/client_state.hpp"
#include "client/feed.hpp"
#include "client/subscription_hub.hpp"
#include "routing/key_pattern.hpp"

#include <valkeyxx/async_subscriber.hpp>

namespace valkeyxx {
namespace {

using scope = clients::subscription_hub::scope;
using namespace std::chrono_literals;

// Does something with the hub, if there is one still.
template <class Act>
void with_hub(clients::feed& feed, Act act) {
    const auto engine = feed.owner();
    if (!engine) return;
    const std::lock_guard lock{engine->mutex()};
    clients::subscription_hub* const hub = feed.hub();
    if (hub == nullptr) return;
    act(*hub);
    hub->settle();
    engine->flush_soon();
}

void join(clients::feed& feed, channel_kind kind, const strings& names, scope where = scope::one) {
    with_hub(feed, [&](auto& hub) {
        for (const std::string_view name : names.view()) hub.join(feed, kind, name, where);
    });
}

void leave(clients::feed& feed, channel_kind kind, const strings& names, scope where = scope::one) {
    with_hub(feed, [&](auto& hub) {
        for (const std::string_view name : names.view()) hub.leave(feed, kind, name, where);
    });
}

void leave_all(clients::feed& feed, channel_kind kind, scope where = scope::one) {
    with_hub(feed, [&](auto& hub) { hub.leave_all(feed, kind, where); });
}

// A thread that waits for a subscriber, on its stack.
class feed_waiter final : public clients::waiter, public clients::feed_sleeper {
  public:
    explicit feed_waiter(clients::feed& from) : from_{from} {}
    void wake() noexcept override { from_.turns()->finish(*this); }
    clients::connection* awaited() noexcept override {
        return from_.hub() == nullptr ? nullptr : from_.hub()->only_connection();
    }

  private:
    clients::feed& from_;
};

// Does what fell due while nobody was here, and reads what has come.
void look_around(clients::engine& engine, std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    engine.loop().poll();
    lock.lock();
    const auto now = io::clock::now();
    if (!engine.timers().empty() && engine.timers().earliest() <= now) engine.run_timers(now);
    engine.flush_soon();
}

// Until `look` has found something, or the deadline.
template <class Look>
auto wait_for(clients::feed& feed, bool for_message, io::time_point deadline, Look look) {
    const auto engine = feed.owner();
    if (!engine) return look();
    std::unique_lock lock{engine->mutex()};
    auto found = look();
    if (found) return found;
    look_around(*engine, lock);
    for (found = look(); !found && io::clock::now() < deadline; found = look()) {
        feed_waiter waiter{feed};
        feed.add(waiter, for_message);
        feed.turns()->wait(lock, waiter, deadline);
        feed.remove(waiter);
    }
    return found;
}

// It would be silent for ever, which is how somebody finds out who has given a pattern of keys.
void refuse_other_than_notifications(std::string_view pattern) {
    if (routing::may_match_notifications(pattern)) return;
    const std::string text{pattern};
    throw exception{error{errc::invalid_argument,
                          "no keyspace notification can match the pattern \"" + text +
                              "\": use \"__keyspace@0__:" + text + "\" for what happens to the keys " + text +
                              " of database 0, or \"__keyevent@0__:" + text + "\" for the events " + text}};
}

std::optional<message> value_of(std::optional<result<message>> taken) {
    if (!taken) return std::nullopt;
    return std::move(*taken).value();
}

}  // namespace

basic_subscriber::basic_subscriber(std::shared_ptr<clients::feed> state) noexcept : state_{std::move(state)} {}
basic_subscriber::basic_subscriber(basic_subscriber&&) noexcept = default;
basic_subscriber& basic_subscriber::operator=(basic_subscriber&& other) noexcept {
    if (this != &other) {
        close();
        state_ = std::move(other.state_);
    }
    return *this;
}
basic_subscriber::~basic_subscriber() {
    close();
}

void basic_subscriber::subscribe(const strings& channels) {
    join(*state_, channel_kind::channel, channels);
}
void basic_subscriber::psubscribe(const strings& patterns) {
    join(*state_, channel_kind::pattern, patterns);
}
void basic_subscriber::ssubscribe(const strings& channels) {
    join(*state_, channel_kind::shard, channels);
}
void basic_subscriber::unsubscribe(const strings& channels) {
    leave(*state_, channel_kind::channel, channels);
}
void basic_subscriber::unsubscribe() {
    leave_all(*state_, channel_kind::channel);
}
void basic_subscriber::punsubscribe(const strings& patterns) {
    leave(*state_, channel_kind::pattern, patterns);
}
void basic_subscriber::punsubscribe() {
    leave_all(*state_, channel_kind::pattern);
}
void basic_subscriber::sunsubscribe(const strings& channels) {
    leave(*state_, channel_kind::shard, channels);
}
void basic_subscriber::sunsubscribe() {
    leave_all(*state_, channel_kind::shard);
}
void basic_subscriber::subscribe_keyspace(const strings& patterns) {
    for (const std::string_view pattern : patterns.view()) refuse_other_than_notifications(pattern);
    join(*state_, channel_kind::pattern, patterns, scope::everywhere);
}
void basic_subscriber::unsubscribe_keyspace(const strings& patterns) {
    leave(*state_, channel_kind::pattern, patterns, scope::everywhere);
}
void basic_subscriber::unsubscribe_keyspace() {
    leave_all(*state_, channel_kind::pattern, scope::everywhere);
}

bool basic_subscriber::subscribed() const {
    const auto engine = state_->owner();
    if (!engine) return false;
    const std::lock_guard lock{engine->mutex()};
    return state_->subscribed();
}

subscriber_stats basic_subscriber::statistics() const {
    const auto engine = state_->owner();
    if (!engine) return state_->inherited() ? subscriber_stats{} : state_->statistics();
    const std::lock_guard lock{engine->mutex()};
    return state_->statistics();
}

void basic_subscriber::close() {
    if (!state_) return;
    const auto engine = state_->owner();
    if (!engine) {
        if (state_->inherited()) clients::leave_behind(new std::shared_ptr{state_});  // others are in the midst of it
        return;
    }
    std::unique_lock lock{engine->mutex()};
    state_->close(lock);
    engine->flush_soon();
}

std::optional<result<message>> subscriber::take_until(std::chrono::steady_clock::time_point deadline) {
    if (!state_->owner()) return state_->take_remains();
    return wait_for(*state_, true, deadline, [this] { return state_->take(); });
}

message subscriber::next() {
    for (;;) {
        if (auto m = next(std::chrono::hours{1})) return *std::move(m);
    }
}

std::optional<message> subscriber::next(std::chrono::milliseconds timeout) {
    return value_of(take_until(io::clock::now() + timeout));
}

std::optional<message> subscriber::try_next() {
    return value_of(take_until({}));
}

result<void> subscriber::ready(std::chrono::milliseconds timeout) {
    if (const auto e = state_->owner()) {
        const std::lock_guard lock{e->mutex()};
        state_->ask_anew();
    } else {
        return state_->end_reason();
    }
    const auto found = wait_for(*state_, false, io::clock::now() + timeout, [this] { return state_->readiness(); });
    if (found) return *found;
    const auto engine = state_->owner();
    if (!engine) return state_->end_reason();
    const std::lock_guard lock{engine->mutex()};
    std::string text = "not all subscriptions were confirmed within " + std::to_string(timeout.count()) + " ms";
    if (state_->hub() != nullptr && state_->hub()->last_problem()) {
        text += "; the last problem was: " + state_->hub()->last_problem()->message();
    }
    return error{errc::timed_out, std::move(text)};
}

valkeyxx::subscriber client::subscriber(const subscriber_options& options) {
    const std::lock_guard lock{state_->engine->mutex()};
    return valkeyxx::subscriber{state_->engine->hubs().subscriber(options, &state_->baton)};
}

valkeyxx::subscriber client::subscriber() {
    return subscriber(subscriber_options{});
}

}  // namespace valkeyxx
