// A connection for one user alone, for callers that do not wait: see session.hpp.
//
//   vk::async_session s = cluster.new_session();
//   co_await s.execute(raw("WATCH", "stock"), asio::use_awaitable);
#pragma once

#include <memory>
#include <utility>

#include <valkeyxx/async_client.hpp>

namespace valkeyxx {

/// What a `session` is. One command at a time: start the next one when the one before has completed; until then others
/// are refused (`invalid_argument`). Any thread may start them. Movable. When it is destroyed, what is under way in it
/// is completed first, and then its connection is given back. The client must outlive what is under way. Cancelling a
/// command that was sent breaks the connection, and so ends the session, unless it was the first one.
class async_session {
  public:
    async_session(async_session&&) noexcept;
    async_session& operator=(async_session&&) noexcept;
    ~async_session();

    /// As on an async_client.
    template <class R, class Handler>
    auto execute(command<R> c, Handler&& handler) {
        if constexpr (detail::takes<std::decay_t<Handler>, result<R>>) {
            return try_execute(std::move(c), std::forward<Handler>(handler));
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<R, std::decay_t<Handler>>::execute(
                *this, std::move(c), std::forward<Handler>(handler));
        }
    }
    template <class R, class Handler>
    auto try_execute(command<R> c, Handler&& handler) {
        if constexpr (detail::callback<std::decay_t<Handler>, result<R>>) {
            using owned = detail::call<command<R>, kept<std::decay_t<Handler>>>;
            auto* started = new owned{std::move(c), keep(std::forward<Handler>(handler))};
            run(started->sent().encoded(), *started, started->storage(), started->ticket());
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<result<R>, std::decay_t<Handler>>::execute(
                *this, std::move(c), std::forward<Handler>(handler));
        }
    }
    template <class Handler>
    auto execute(transaction t, Handler&& handler) {
        if constexpr (detail::takes<std::decay_t<Handler>, result<pipeline_result>>) {
            return try_execute(std::move(t), std::forward<Handler>(handler));
        } else {
            return detail::execute_transaction(*this, std::move(t), std::forward<Handler>(handler));
        }
    }
    template <class Handler>
    auto try_execute(transaction t, Handler&& handler) {
        if constexpr (detail::callback<std::decay_t<Handler>, result<pipeline_result>>) {
            detail::start_transaction(*this, std::move(t), keep(std::forward<Handler>(handler)));
        } else {
            return detail::try_execute_transaction(*this, std::move(t), std::forward<Handler>(handler));
        }
    }

    /// See session::harmless.
    [[nodiscard]] bool harmless() const;
    /// The loop its client lives on.
    [[nodiscard]] boost::asio::io_context& context() const noexcept;

  private:
    friend class async_client;
    template <class Client, class Handler>
    friend void detail::start_transaction(Client&, transaction, Handler&&);

    struct state;

    /// A handler that keeps the session's connection until it has been called.
    template <class Handler>
    struct kept {
        std::shared_ptr<state> session;
        Handler handler;

        template <class Outcome>
        void operator()(Outcome outcome) {
            handler(std::move(outcome));
        }
        [[nodiscard]] detail::cancel_ticket* ticket() const noexcept { return detail::ticket_of(handler); }
    };

    template <class Handler>
    kept<std::decay_t<Handler>> keep(Handler&& handler) const {
        return {state_, std::forward<Handler>(handler)};
    }

    explicit async_session(std::shared_ptr<state> s) noexcept;
    void run(const encoded_command& c, detail::receiver& r, detail::call_storage& storage,
             detail::cancel_ticket* ticket);
    void run(const transaction& t, detail::receiver& r, detail::call_storage& storage, detail::cancel_ticket* ticket);

    std::shared_ptr<state> state_;
};

}  // namespace valkeyxx
