// What is behind a subscriber: its queue, and who waits for something to be in it.
//
// Everything here requires the engine's lock, unless it says otherwise.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "client/engine.hpp"
#include "client/message_queue.hpp"
#include "routing/subscriptions.hpp"

#include <valkeyxx/detail/feed_wait.hpp>
#include <valkeyxx/message.hpp>

namespace valkeyxx::clients {

class baton;
class subscription_hub;

/// A thread that waits for a feed.
class feed_sleeper {
  public:
    /// There may be something for it now. It is told once.
    virtual void wake() noexcept = 0;

  protected:
    ~feed_sleeper() = default;
};

class feed final : public completion, public std::enable_shared_from_this<feed> {
  public:
    using item_id = routing::subscriptions::item_id;
    using scope = routing::subscriptions::scope;
    using wanted = std::map<std::pair<item_id, scope>, bool>;  // whether the item is live

    /// @param turns  whoever turns the loop for threads that wait; nullptr: the loop is turned anyway
    feed(engine& e, subscription_hub* hub, const subscriber_options& options, baton* turns);
    ~feed();

    [[nodiscard]] subscription_hub* hub() const noexcept { return hub_; }
    [[nodiscard]] const subscriber_options& options() const noexcept { return options_; }
    /// The engine, as long as there is one that is ours. Needs no lock.
    [[nodiscard]] std::shared_ptr<engine> owner() const noexcept {
        auto there = engine_.lock();
        return there && !there->inherited() ? there : nullptr;
    }
    /// Whether it is the parent's: then nothing else may be asked. Needs no lock.
    [[nodiscard]] bool inherited() const noexcept {
        const auto there = engine_.lock();
        return there && there->inherited();
    }
    /// Without an owner: what is still to be taken, and then the reason why there is nothing else.
    [[nodiscard]] std::optional<result<message>> take_remains();
    /// Without an owner: the reason.
    [[nodiscard]] error end_reason() const;
    [[nodiscard]] baton* turns() const noexcept { return turns_; }

    // --- from the hub ---

    void accept(channel_kind kind, std::string_view channel, std::string_view pattern, std::string_view payload,
                const endpoint& by);
    void tell(message&& event);
    [[nodiscard]] wanted& subscriptions() noexcept { return wanted_; }
    /// One of its subscriptions is live, or is not any more.
    void set_live(item_id item, scope where, bool live);
    void refused(const error& why);
    /// The same for all that is not live yet, since no node lets the client in.
    void shut_out(const error& why) {
        if (live_ != wanted_.size()) refused(why);
    }
    /// Somebody asks anew whether all is live: that nobody let us in was then, and may be otherwise now.
    void ask_anew() noexcept {
        if (refusal_ && refusal_->which() == errc::authentication_failed) refusal_.reset();
    }
    /// Nothing comes any more.
    void end(const error& why);
    [[nodiscard]] bool ended() const noexcept { return ended_.has_value(); }

    // --- for the faces ---

    /// Takes what is there. nullopt: nothing. An error: nothing will come any more.
    std::optional<result<message>> take();
    /// Whether take() has something to say.
    [[nodiscard]] bool can_take() const noexcept { return !queue_.empty() || ended_.has_value(); }
    /// Whether all that is wanted is live. An error: something is refused, or nothing will come any more.
    [[nodiscard]] std::optional<result<void>> readiness() const;
    [[nodiscard]] bool subscribed() const noexcept { return !wanted_.empty() || leaving_ != 0; }
    [[nodiscard]] subscriber_stats statistics() const;

    /// Threads that wait, for something to take, or for readiness().
    void add(feed_sleeper& w, bool for_message) { (for_message ? takers_ : watchers_).push_back(&w); }
    void remove(feed_sleeper& w) noexcept;
    /// Calls that wait; told without the lock.
    void add(detail::feed_wait& w, bool for_message);
    /// False: it is being told.
    bool remove(detail::feed_wait& w) noexcept;
    /// A call that was told has not taken anything: the next one may.
    void nudge();
    /// From now on messages go to `handler`, on the thread that turns the loop.
    void listen(std::function<void(message&)> handler);
    /// Leaves everything, and waits for a handler that runs in another thread. `lock` is the engine's.
    void close(std::unique_lock<std::mutex>& lock);

    void run() noexcept override;

  private:
    friend class subscription_hub;

    void wake();
    void wake_watchers();
    void defer();
    void make_room();
    void hand_over(std::unique_lock<std::mutex>& lock);

    std::weak_ptr<engine> engine_;
    subscription_hub* hub_;  // nullptr: closed
    subscriber_options options_;
    baton* turns_;
    message_queue queue_;
    wanted wanted_;
    std::size_t live_ = 0;
    std::size_t leaving_ = 0;  // unsubscriptions that are not confirmed yet
    subscriber_stats stats_;
    std::optional<error> ended_;
    bool told_end_ = false;
    std::optional<error> refusal_;

    std::deque<feed_sleeper*> takers_;
    std::deque<feed_sleeper*> watchers_;
    std::deque<detail::feed_wait*> calls_;
    std::deque<detail::feed_wait*> ready_calls_;
    std::function<void(message&)> handler_;
    message_queue handed_over_;       // to the handler, while it runs
    std::atomic<bool> stop_ = false;  // the handler is not to be called any more
    std::shared_ptr<feed> deferred_;  // itself, while run() is to come
    std::optional<std::thread::id> running_;
    std::condition_variable idle_;
};

}  // namespace valkeyxx::clients
