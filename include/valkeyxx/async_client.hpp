// The asynchronous client of one server, and what every kind of asynchronous client can do.
//
//   vk::async_client client{"valkey://127.0.0.1:6379"};                         // on a thread of its own
//   client.execute(get("user:1"), [](vk::result<std::optional<std::string>> r) { ... });
//
// With <valkeyxx/asio.hpp> any Asio completion token works, and the client can live on your io_context:
//
//   vk::async_client client{co_await asio::this_coro::executor, config};
//   auto name = co_await client.execute(get("user:1"), asio::use_awaitable);
#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/config.hpp>
#include <valkeyxx/detail/call.hpp>
#include <valkeyxx/detail/layout.hpp>
#include <valkeyxx/detail/receiver.hpp>
#include <valkeyxx/pipeline.hpp>
#include <valkeyxx/shard_map.hpp>
#include <valkeyxx/stats.hpp>
#include <valkeyxx/target.hpp>
#include <valkeyxx/transaction.hpp>

namespace boost::asio {
class io_context;
}

namespace valkeyxx {

class async_session;
class async_subscriber;
struct subscriber_options;

namespace detail {
class scan_operation;
}

/// Sends every command to one server, or to the primary of a service that sentinels watch (see `client`), for callers
/// that do not wait. `async_cluster` is an `async_client` too. Thread-safe: any thread may start commands. What is
/// started while the loop is busy, or before it gets to run, leaves in one write for each node.
///
/// Commands of a pipeline keep their order. Those that are started one by one can overtake each other when their slot
/// moves: where that matters, start the next one when the one before has completed.
///
/// A completion is called exactly once, on the loop's thread (a callback) or on its handler's executor (an Asio token);
/// for what the destructor ends, on the destroying thread. A callback must not throw.
///
/// In a child that was forked everything is refused with `after_fork`, and callbacks are called before the call that
/// they are given to returns: see docs/threads.md.
///
/// With an Asio token everything that is started here, in a session or by a scan can be cancelled by way of the
/// handler's cancellation slot (`||` of asio::experimental::awaitable_operators, bind_cancellation_slot, co_spawn). It
/// ends with `errc::cancelled` (of a pipeline and of execute_each: each command that has no reply yet), and gives back
/// its room at once. `executed()` of the error is `no` if the network has not begun to take it; what has been sent is
/// not taken back: `unknown`, and the reply is dropped. A command that blocks, or runs in a session, takes its
/// connection with it. The types `terminal` and `partial` always cancel; `total` alone does so only if nothing was
/// given to a connection, or it only reads; in a session only the former.
class async_client {
  public:
    /// On a thread of its own. Throws `exception` with `invalid_url` or `invalid_argument`; does not connect.
    explicit async_client(std::string_view url);
    explicit async_client(config settings);
    /// On the user's io_context, which somebody must run and which must outlive the client.
    async_client(boost::asio::io_context& loop, config settings);
    /// On the io_context behind an executor (a strand's or any_io_executor's too). Needs <valkeyxx/asio.hpp>.
    template <class Executor>
        requires(!std::convertible_to<const Executor&, std::string_view> && !std::same_as<Executor, config>)
    async_client(const Executor& executor, config settings)
        : async_client{detail::context_of(executor), std::move(settings)} {}
    async_client(async_client&&) noexcept;
    async_client& operator=(async_client&&) noexcept;
    /// As close(). On a client with its own thread it waits for that thread, except when called on it.
    ~async_client();

    /// Starts a command. `handler` is a callback, called as `handler(result<R>)`, or an Asio completion token, whose
    /// signature is `void(std::exception_ptr, R)`: awaiting it gives the `R` or throws `exception`.
    template <class R, class Handler>
    auto execute(command<R> c, Handler&& handler) {
        if constexpr (detail::takes<std::decay_t<Handler>, result<R>>) {
            try_execute(std::move(c), std::forward<Handler>(handler));
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<R, std::decay_t<Handler>>::execute(
                *this, std::move(c), std::forward<Handler>(handler));
        }
    }

    /// The same where `to` says; replies of several nodes become one.
    template <class R, class Handler>
    auto execute(command<R> c, target to, Handler&& handler) {
        if constexpr (detail::takes<std::decay_t<Handler>, result<R>>) {
            try_execute(std::move(c), std::move(to), std::forward<Handler>(handler));
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<R, std::decay_t<Handler>>::execute(
                *this, std::move(c), std::forward<Handler>(handler), std::move(to));
        }
    }

    /// As execute, with the token's signature `void(result<R>)`: awaiting it gives the `result<R>` and does not throw.
    template <class R, class Handler>
    auto try_execute(command<R> c, Handler&& handler) {
        if constexpr (detail::callback<std::decay_t<Handler>, result<R>>) {
            start_call(std::move(c), std::forward<Handler>(handler));
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<result<R>, std::decay_t<Handler>>::execute(
                *this, std::move(c), std::forward<Handler>(handler));
        }
    }

    template <class R, class Handler>
    auto try_execute(command<R> c, target to, Handler&& handler) {
        if constexpr (detail::callback<std::decay_t<Handler>, result<R>>) {
            start_call(std::move(c), std::forward<Handler>(handler), &to);
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<result<R>, std::decay_t<Handler>>::execute(
                *this, std::move(c), std::forward<Handler>(handler), std::move(to));
        }
    }

    /// Runs a command on several nodes; `handler(result<std::vector<node_result<R>>>)`, or a token with the signature
    /// `void(result<std::vector<node_result<R>>>)`, gets what each said. An error: it could not be started at all.
    template <class R, class Handler>
    auto execute_each(command<R> c, target to, Handler&& handler) {
        using outcome = result<std::vector<node_result<R>>>;
        if constexpr (detail::callback<std::decay_t<Handler>, outcome>) {
            using owned = detail::each_call<R, std::decay_t<Handler>>;
            auto* started = new owned{std::move(c), std::forward<Handler>(handler)};
            if (auto* const ticket = started->ticket()) {
                run(started->encoded(), &to, true, *started, started->storage(), *ticket);
            } else {
                run_each(started->encoded(), to, *started, started->storage());
            }
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<outcome, std::decay_t<Handler>>::execute(
                *this, std::move(c), std::forward<Handler>(handler), std::move(to));
        }
    }

    /// Starts all commands of a pipeline; `handler(pipeline_result)` is called when each has its outcome. With an Asio
    /// token the signature is `void(pipeline_result)`.
    template <class Handler>
    auto execute(pipeline batch, Handler&& handler) {
        if constexpr (detail::callback<std::decay_t<Handler>, pipeline_result>) {
            start_pipeline(std::move(batch), std::forward<Handler>(handler));
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<pipeline_result, std::decay_t<Handler>>::execute(
                *this, std::move(batch), std::forward<Handler>(handler));
        }
    }

    /// Runs a transaction. A callback gets `result<pipeline_result>`; an Asio token has the signature
    /// `void(std::exception_ptr, pipeline_result)`. See client::try_execute for the errors.
    template <class Handler>
    auto execute(transaction t, Handler&& handler) {
        return detail::execute_transaction(*this, std::move(t), std::forward<Handler>(handler));
    }
    /// The same with the token's signature `void(result<pipeline_result>)`.
    template <class Handler>
    auto try_execute(transaction t, Handler&& handler) {
        return detail::try_execute_transaction(*this, std::move(t), std::forward<Handler>(handler));
    }

    /// Begins a session: see async_session.hpp.
    [[nodiscard]] async_session new_session();

    /// Something to subscribe to channels with; as many as you like. Needs <valkeyxx/async_subscriber.hpp>.
    async_subscriber subscriber();
    async_subscriber subscriber(const subscriber_options& options);

    /// The servers in use, and who serves what; without shards before the first command, unless there is one server.
    [[nodiscard]] std::shared_ptr<const shard_map> topology() const;
    [[nodiscard]] stats statistics() const;
    /// What it does at each node that it uses, or has used.
    [[nodiscard]] std::vector<node_stats> node_statistics() const;
    /// Of the replies that are kept (config::cache); all 0 if none are.
    [[nodiscard]] cache_stats cache_statistics() const;

    /// Ends what is under way with `client_closed`, calling the completions before it returns, and refuses new
    /// commands. Safe to call twice. Completions may start commands: these are refused, and so told at once, by this
    /// call as well, but for completions that never cease to start another one: those go on in the loop. The destructor
    /// waits until all are told, so that these must look at the error (`client_closed`) and stop.
    void close();

    /// The loop the client lives on.
    [[nodiscard]] boost::asio::io_context& context() const noexcept;

  protected:
    async_client(config settings, detail::layout servers);
    async_client(boost::asio::io_context& loop, config settings, detail::layout servers);

    struct state;
    // Not in a child that was forked, where it is the parent's.
    struct let_go {
        void operator()(state* s) const noexcept;
    };
    std::unique_ptr<state, let_go> state_;

  private:
    friend class async_session;
    friend class detail::scan_operation;
    template <class Client, class Handler>
    friend void detail::start_transaction(Client&, transaction, Handler&&);

    template <class R, class Handler>
    void start_call(command<R> c, Handler&& handler, const target* to = nullptr) {
        using owned = detail::call<command<R>, std::decay_t<Handler>>;
        // It owns itself until it has called back.
        auto* started = new owned{std::move(c), std::forward<Handler>(handler)};
        if (auto* const ticket = started->ticket()) [[unlikely]] {
            run(started->sent().encoded(), to, false, *started, started->storage(), *ticket);
        } else {
            run(started->sent().encoded(), to, *started, started->storage());
        }
    }

    template <class Handler>
    void start_pipeline(pipeline batch, Handler&& handler) {
        using owned = detail::pipeline_call<std::decay_t<Handler>>;
        auto* started = new owned{std::move(batch), std::forward<Handler>(handler)};
        if (auto* const ticket = started->ticket()) [[unlikely]] {
            run(started->commands(), started->into(), *started, *ticket);
        } else {
            run(started->commands(), started->into(), *started);
        }
    }

    void run(const encoded_command& c, const target* to, detail::receiver& r, detail::call_storage& storage);
    void run_each(const encoded_command& c, const target& to, detail::receiver& r, detail::call_storage& storage);
    void run(const pipeline& batch, pipeline_result& into, detail::receiver& r);
    void run(const transaction& t, detail::receiver& r, detail::call_storage& storage, detail::cancel_ticket* ticket);
    // For callers who may cancel.
    void run(const encoded_command& c, const target* to, bool each, detail::receiver& r, detail::call_storage& storage,
             detail::cancel_ticket& ticket);
    void run(const pipeline& batch, pipeline_result& into, detail::receiver& r, detail::cancel_ticket& ticket);
};

}  // namespace valkeyxx
