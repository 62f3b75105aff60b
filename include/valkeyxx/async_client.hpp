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
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <valkeyxx/command.hpp>
#include <valkeyxx/config.hpp>
#include <valkeyxx/detail/layout.hpp>
#include <valkeyxx/detail/receiver.hpp>
#include <valkeyxx/pipeline.hpp>
#include <valkeyxx/stats.hpp>
#include <valkeyxx/target.hpp>

namespace boost::asio {
class io_context;
}

namespace valkeyxx {

class async_client;

namespace detail {

class scan_operation;

/// Completion tokens other than a plain callback need the header whose name this is: #include <valkeyxx/asio.hpp>.
template <class Outcome, class Token>
struct valkeyxx_asio_hpp_must_be_included;

/// The io_context behind an executor; defined in <valkeyxx/asio.hpp>.
template <class Executor>
boost::asio::io_context& context_of(const Executor& executor);

/// Bound to an executor of its own, on which it is to be called.
template <class Handler>
concept bound = requires { typename Handler::executor_type; };

/// It returns nothing, which tells it from completion tokens: some of those (use_future, deferred) can be called with
/// anything.
template <class Handler, class Outcome>
concept takes = std::invocable<Handler&, Outcome> && std::is_void_v<std::invoke_result_t<Handler&, Outcome>>;

template <class Handler, class Outcome>
concept callback = takes<Handler, Outcome> && !bound<Handler>;

}  // namespace detail

/// Sends every command to one server, for callers that do not wait. `async_cluster` is an `async_client` too.
/// Thread-safe: any thread may start commands. What
/// is started while the loop is busy, or before it gets to run, leaves in one write for each node.
///
/// Commands of a pipeline keep their order. Those that are started one by one can overtake each other when their slot
/// moves: where that matters, start the next one when the one before has completed.
///
/// A completion is called exactly once, on the loop's thread (a callback) or on its handler's executor (an Asio token);
/// for what the destructor ends, on the destroying thread. A callback must not throw.
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
            using owned = each_call<R, std::decay_t<Handler>>;
            auto* started = new owned{std::move(c), std::forward<Handler>(handler)};
            run_each(started->command_.encoded(), to, *started, started->storage_);
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

    [[nodiscard]] stats statistics() const;

    /// Ends what is under way with `client_closed`, calling the completions before it returns, and refuses new
    /// commands. Safe to call twice.
    void close();

    /// The loop the client lives on.
    [[nodiscard]] boost::asio::io_context& context() const noexcept;

  protected:
    async_client(config settings, detail::layout servers);
    async_client(boost::asio::io_context& loop, config settings, detail::layout servers);

    struct state;
    std::unique_ptr<state> state_;

  private:
    friend class detail::scan_operation;

    template <class R, class Handler>
    class call;
    template <class R, class Handler>
    class each_call;
    template <class Handler>
    class pipeline_call;

    template <class R, class Handler>
    void start_call(command<R> c, Handler&& handler, const target* to = nullptr) {
        using owned = call<R, std::decay_t<Handler>>;
        // It owns itself until it has called back.
        auto* started = new owned{std::move(c), std::forward<Handler>(handler)};
        run(started->command_.encoded(), to, *started, started->storage_);
    }

    template <class Handler>
    void start_pipeline(pipeline batch, Handler&& handler) {
        using owned = pipeline_call<std::decay_t<Handler>>;
        auto* started = new owned{std::move(batch), std::forward<Handler>(handler)};
        run(started->batch_, started->result_, *started);
    }

    void run(const encoded_command& c, const target* to, detail::receiver& r, detail::call_storage& storage);
    void run_each(const encoded_command& c, const target& to, detail::receiver& r, detail::call_storage& storage);
    void run(const encoded_command& c, const target* to, bool each, detail::receiver& r, detail::call_storage& storage);
    void run(const pipeline& batch, pipeline_result& into, detail::receiver& r);
};

template <class R, class Handler>
class async_client::call final : public detail::receiver {
  public:
    template <class H>
    call(command<R> c, H&& handler) : command_{std::move(c)}, handler_{std::forward<H>(handler)} {}

    void deliver(reply_view reply) noexcept override { out_.emplace(detail::decode_safely<R>(reply)); }
    void fail(error why) noexcept override { out_.emplace(std::move(why)); }
    void finish() noexcept override {
        const std::unique_ptr<call> self{this};
        auto handler = std::move(handler_);
        handler(*std::move(out_));
    }

  private:
    friend class async_client;

    command<R> command_;
    Handler handler_;
    std::optional<result<R>> out_;
    detail::call_storage storage_;
};

template <class R, class Handler>
class async_client::each_call final : public detail::part_collector<R, node_result<R>> {
  public:
    template <class H>
    each_call(command<R> c, H&& handler) : command_{std::move(c)}, handler_{std::forward<H>(handler)} {}

    void finish() noexcept override {
        const std::unique_ptr<each_call> self{this};
        auto handler = std::move(handler_);
        handler(this->take());
    }

  private:
    friend class async_client;

    command<R> command_;
    Handler handler_;
    detail::call_storage storage_;
};

template <class Handler>
class async_client::pipeline_call final : public detail::receiver {
  public:
    template <class H>
    pipeline_call(pipeline batch, H&& handler) : batch_{std::move(batch)}, handler_{std::forward<H>(handler)} {}

    void deliver(reply_view) noexcept override {}  // outcomes go straight into result_
    void fail(error) noexcept override {}
    void finish() noexcept override {
        const std::unique_ptr<pipeline_call> self{this};
        auto handler = std::move(handler_);
        handler(std::move(result_));
    }

  private:
    friend class async_client;

    pipeline batch_;
    pipeline_result result_;
    Handler handler_;
};

}  // namespace valkeyxx
