#include "client/feed.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "client/subscription_hub.hpp"

namespace valkeyxx::clients {

feed::feed(engine& e, subscription_hub* hub, const subscriber_options& options, baton* turns)
    : engine_{e.weak_from_this()}, hub_{hub}, options_{options}, turns_{turns} {}

feed::~feed() = default;

// --- what comes ------------------------------------------------------------------------------------------------------

void feed::accept(channel_kind kind, std::string_view channel, std::string_view pattern, std::string_view payload,
                  const endpoint& by) {
    if (ended_) return;
    ++stats_.messages;
    const std::size_t weight = channel.size() + pattern.size() + payload.size();
    const auto full = [&] {
        return queue_.messages() != 0 &&
               (queue_.messages() >= options_.max_messages || queue_.bytes() + weight > options_.max_bytes);
    };
    if (full()) [[unlikely]] {
        switch (options_.when_full) {
            case overflow::drop_oldest:
                while (full()) {
                    queue_.drop_oldest();
                    ++stats_.dropped;
                }
                break;
            case overflow::drop_newest:
                ++stats_.dropped;
                return;
            case overflow::fail:
                ++stats_.dropped;
                hub_->fail(*this, error{errc::queue_full, std::to_string(queue_.messages()) +
                                                              " messages wait to be taken (see "
                                                              "subscriber_options::max_messages)"});
                return;
            case overflow::wait:
                break;  // it was read already, and is the last one
        }
    }
    message& m = queue_.place();
    m.what = message_kind::message;
    m.kind = kind;
    m.channel.assign(channel);
    m.pattern.assign(pattern);
    m.payload.assign(payload);
    if (m.node != by) m.node = by;
    queue_.added(m);
    if (options_.when_full == overflow::wait && full()) hub_->pause();
    wake();
}

void feed::tell(message&& event) {
    if (ended_ || !options_.events) return;
    queue_.add_event(std::move(event));
    wake();
}

void feed::set_live(item_id item, scope where, bool live) {
    const auto found = wanted_.find({item, where});
    if (found == wanted_.end() || std::exchange(found->second, live) == live) return;
    live_ += live ? 1 : std::size_t(-1);
    if (live) refusal_.reset();
    wake_watchers();
}

void feed::refused(const error& why) {
    refusal_ = why;
    wake_watchers();
}

void feed::end(const error& why) {
    if (ended_) return;
    ended_ = why;
    while (!takers_.empty()) wake();
    wake_watchers();
    if (handler_ || !calls_.empty()) defer();
}

// --- who waits -------------------------------------------------------------------------------------------------------

void feed::wake() {
    if (!takers_.empty()) {
        feed_sleeper& w = *takers_.front();
        takers_.pop_front();
        w.wake();
    } else if (handler_ || !calls_.empty()) {
        defer();
    }
}

void feed::wake_watchers() {
    if (watchers_.empty() && ready_calls_.empty()) return;
    if (!readiness()) return;
    for (feed_sleeper* const w : std::exchange(watchers_, {})) w->wake();
    if (!ready_calls_.empty()) defer();
}

void feed::defer() {
    if (deferred_) return;
    deferred_ = shared_from_this();
    if (const auto e = engine_.lock()) e->defer(*this);
}

void feed::remove(feed_sleeper& w) noexcept {
    std::erase(takers_, &w);
    std::erase(watchers_, &w);
}

void feed::add(detail::feed_wait& w, bool for_message) {
    (for_message ? calls_ : ready_calls_).push_back(&w);
    if (!for_message) ask_anew();
    if (for_message ? can_take() : readiness().has_value()) defer();
}

bool feed::remove(detail::feed_wait& w) noexcept {
    return std::erase(calls_, &w) + std::erase(ready_calls_, &w) != 0;
}

void feed::nudge() {
    if (!calls_.empty() && can_take()) defer();
}

void feed::listen(std::function<void(message&)> handler) {
    handler_ = std::move(handler);
    if (can_take()) defer();
}

void feed::run() noexcept {
    const auto e = engine_.lock();
    if (!e) {
        const auto self = std::move(deferred_);
        return;
    }
    std::unique_lock lock{e->mutex()};
    const auto self = std::move(deferred_);
    if (handler_) hand_over(lock);
    std::vector<detail::feed_wait*> ready;
    // Those that cannot have anything would only come back.
    const std::size_t most = ended_ ? calls_.size() : std::min(calls_.size(), queue_.size_with_events());
    for (std::size_t i = 0; i < most; ++i) {
        ready.push_back(calls_.front());
        calls_.pop_front();
    }
    if (!ready_calls_.empty() && readiness()) {
        ready.insert(ready.end(), ready_calls_.begin(), ready_calls_.end());
        ready_calls_.clear();
    }
    lock.unlock();
    for (detail::feed_wait* const w : ready) w->wake();
}

// A handler runs without the lock, with all that is there: what comes meanwhile goes into another queue.
void feed::hand_over(std::unique_lock<std::mutex>& lock) {
    if (running_ || stop_) return;
    running_ = std::this_thread::get_id();
    message current;
    while (!stop_ && !queue_.empty()) {
        std::swap(queue_, handed_over_);
        if (hub_ != nullptr) make_room();
        lock.unlock();
        while (!stop_ && !handed_over_.empty()) {
            handed_over_.take(current);
            handler_(current);
        }
        lock.lock();
    }
    if (!stop_ && ended_ && !std::exchange(told_end_, true)) {
        message last{.what = message_kind::ended, .payload = ended_->message()};
        lock.unlock();
        handler_(last);
        lock.lock();
    }
    running_.reset();
    idle_.notify_all();
}

// --- the faces -------------------------------------------------------------------------------------------------------

std::optional<result<message>> feed::take() {
    if (!queue_.empty()) {
        result<message> out{message{}};
        queue_.take(*out);
        make_room();
        return out;
    }
    if (ended_) return result<message>{*ended_};
    return std::nullopt;
}

std::optional<result<message>> feed::take_remains() {
    if (inherited() || !can_take()) return result<message>{end_reason()};
    return take();
}

error feed::end_reason() const {
    const auto there = engine_.lock();
    return there ? there->end_reason() : error{errc::client_closed, "the client is closed"};
}

void feed::make_room() {
    if (options_.when_full != overflow::wait || hub_ == nullptr) return;
    if (queue_.messages() <= options_.max_messages / 2 && queue_.bytes() <= options_.max_bytes / 2) hub_->resume();
}

std::optional<result<void>> feed::readiness() const {
    if (ended_) return result<void>{*ended_};
    if (refusal_) return result<void>{*refusal_};
    if (live_ == wanted_.size()) return result<void>{};
    return std::nullopt;
}

subscriber_stats feed::statistics() const {
    subscriber_stats s = stats_;
    s.queued = queue_.messages();
    s.subscriptions = wanted_.size();
    s.live = live_;
    return s;
}

void feed::close(std::unique_lock<std::mutex>& lock) {
    stop_ = true;
    end(error{errc::client_closed, "the subscriber was closed"});
    if (hub_ != nullptr) {
        subscription_hub& left = *std::exchange(hub_, nullptr);
        left.remove(*this);
        if (const auto e = engine_.lock()) e->hubs().release(left);
    }
    if (running_ && *running_ != std::this_thread::get_id()) {
        idle_.wait(lock, [this] { return !running_; });
    }
}

}  // namespace valkeyxx::clients
