// Subscriptions for callers that do not wait.
//
//   vk::async_subscriber feed = cluster.subscriber();
//   feed.ssubscribe("orders:{eu}");
//   feed.listen([](vk::message& m) { ... });                                    // all of them, or one by one:
//   feed.next([](vk::result<vk::message> m) { ... });
//
// With <valkeyxx/asio.hpp> any Asio completion token works:
//
//   vk::message m = co_await feed.next(asio::use_awaitable);
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <valkeyxx/async_client.hpp>
#include <valkeyxx/detail/feed_wait.hpp>
#include <valkeyxx/subscriber.hpp>

namespace valkeyxx {

class async_subscriber;

namespace detail {

/// Calls of an async_subscriber with completion tokens need <valkeyxx/asio.hpp>.
template <class Outcome, class Token>
struct valkeyxx_asio_hpp_must_be_included_for_subscribers;

/// What an outstanding call of an async_subscriber needs of it.
class feed_access {
  public:
    explicit feed_access(std::shared_ptr<clients::feed> state) noexcept : state_{std::move(state)} {}

    /// What can be taken now; nullopt: nothing.
    [[nodiscard]] std::optional<result<message>> take() const;
    /// Whether all is confirmed; nullopt: not yet.
    [[nodiscard]] std::optional<result<void>> readiness() const;
    /// `w` is woken, once, when one of them may say more.
    /// @param unless_ready  false is returned, and it is not woken, if there is something already
    bool wait(feed_wait& w, bool for_message, bool unless_ready = false) const;
    /// False: it has been woken, or is about to be.
    [[nodiscard]] bool stop_waiting(feed_wait& w) const;
    /// What was woken for take() has not taken anything.
    void pass_on() const;

  private:
    std::shared_ptr<clients::feed> state_;
};

}  // namespace detail

/// Made by async_client::subscriber(). Any thread may use it. Completions and handlers run as those of async_client do:
/// a callback on the loop's thread, which it must not hold up; with an Asio token, on its handler's executor. Work that
/// takes long belongs there: what comes meanwhile waits in the queue (see subscriber_options), and commands and other
/// subscribers go on.
class async_subscriber : public basic_subscriber {
  public:
    async_subscriber(async_subscriber&&) noexcept = default;
    async_subscriber& operator=(async_subscriber&&) noexcept = default;
    ~async_subscriber() = default;

    /// The next message or event, now or when it comes: `handler(result<message>)`, or an Asio token with the signature
    /// `void(std::exception_ptr, message)`. Errors: `client_closed`; `queue_full` after overflow::fail. With a token
    /// the call can be cancelled (`cancelled`), and then takes nothing out of the queue. Several calls are
    /// served in their order.
    template <class Handler>
    auto next(Handler&& handler) {
        if constexpr (detail::callback<std::decay_t<Handler>, result<message>>) {
            (new next_call<std::decay_t<Handler>>{detail::feed_access{state_}, std::forward<Handler>(handler)})
                ->start();
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included_for_subscribers<message, std::decay_t<Handler>>::call(
                detail::feed_access{state_}, context(), std::forward<Handler>(handler));
        }
    }
    /// What is there already; nullopt if nothing is. Throws `exception` as subscriber::next does. After a next() it
    /// takes the rest without a turn of the loop for each.
    std::optional<message> try_next();

    /// When all subscriptions are confirmed by their servers: `handler(result<void>)`, or a token with the signature
    /// `void(std::exception_ptr)`. Errors: `server_error` if one of them is refused, `client_closed`, `queue_full`. It
    /// has no time limit of its own.
    template <class Handler>
    auto ready(Handler&& handler) {
        if constexpr (detail::callback<std::decay_t<Handler>, result<void>>) {
            (new ready_call<std::decay_t<Handler>>{detail::feed_access{state_}, std::forward<Handler>(handler)})
                ->start();
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included_for_subscribers<void, std::decay_t<Handler>>::call(
                detail::feed_access{state_}, context(), std::forward<Handler>(handler));
        }
    }

    /// Gives every message and event to `handler`, one after the other, on the loop's thread: the quickest way. It may
    /// take the message's strings away. At last `ended` comes, unless close() was called. Replaces next(); to be called
    /// once. `handler` must not throw.
    void listen(std::function<void(message&)> handler);

  private:
    friend class async_client;
    async_subscriber(std::shared_ptr<clients::feed> state, boost::asio::io_context& loop) noexcept
        : basic_subscriber{std::move(state)}, loop_{&loop} {}

    [[nodiscard]] boost::asio::io_context& context() const noexcept { return *loop_; }

    // A call owns itself until it has called back.
    template <class Handler>
    class next_call;
    template <class Handler>
    class ready_call;

    boost::asio::io_context* loop_;
};

template <class Handler>
class async_subscriber::next_call final : public detail::feed_wait {
  public:
    template <class H>
    next_call(detail::feed_access from, H&& handler) : from_{std::move(from)}, handler_{std::forward<H>(handler)} {}

    void start() { from_.wait(*this, true); }
    void wake() noexcept override {
        auto taken = from_.take();
        if (!taken) {  // somebody else has taken it
            start();
            return;
        }
        const std::unique_ptr<next_call> self{this};
        handler_(*std::move(taken));
    }

  private:
    detail::feed_access from_;
    Handler handler_;
};

template <class Handler>
class async_subscriber::ready_call final : public detail::feed_wait {
  public:
    template <class H>
    ready_call(detail::feed_access from, H&& handler) : from_{std::move(from)}, handler_{std::forward<H>(handler)} {}

    void start() { from_.wait(*this, false); }
    void wake() noexcept override {
        auto known = from_.readiness();
        if (!known) {
            start();
            return;
        }
        const std::unique_ptr<ready_call> self{this};
        handler_(*std::move(known));
    }

  private:
    detail::feed_access from_;
    Handler handler_;
};

}  // namespace valkeyxx
