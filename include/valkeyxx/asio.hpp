// The Asio face: any completion token for an asynchronous client, and clients that live on your io_context.
//
//   vk::async_cluster cluster{co_await asio::this_coro::executor, config};
//   auto name = co_await cluster.execute(get("user:1"), asio::use_awaitable);        // throws vk::exception
//   auto n = co_await cluster.try_execute(incr("hits"), asio::use_awaitable);        // a vk::result
//   auto value = cluster.execute(get("k"), asio::use_future).get();
//
// Start a command and await it in one expression, or name the arguments first: GCC 12 miscompiles a co_await whose
// expression holds an initializer list, a capturing lambda or a conditional operator.
#pragma once

#include <concepts>
#include <exception>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>

#include <valkeyxx/asio/cancellation.hpp>
#include <valkeyxx/asio/subscriber.hpp>
#include <valkeyxx/async_client.hpp>
#include <valkeyxx/async_cluster.hpp>
#include <valkeyxx/async_scan.hpp>
#include <valkeyxx/async_session.hpp>

namespace valkeyxx::detail {

/// The loop behind an executor whose type is known to lead to one (a strand's too).
template <class Executor>
boost::asio::io_context* loop_of(const Executor& executor) {
    auto& context = boost::asio::query(executor, boost::asio::execution::context);
    if constexpr (std::convertible_to<decltype(context), boost::asio::io_context&>) {
        return &context;
    } else {
        return nullptr;
    }
}

/// An erased executor says no more than that there is some execution_context, which cannot be asked what it is: tries
/// the types that may stand behind it.
inline boost::asio::io_context* loop_of(const boost::asio::any_io_executor& erased) {
    using plain = boost::asio::io_context::executor_type;
    using tracked = std::decay_t<decltype(boost::asio::require(std::declval<plain>(),
                                                               boost::asio::execution::outstanding_work.tracked))>;
    if (const auto* found = erased.target<plain>()) return loop_of(*found);
    if (const auto* found = erased.target<tracked>()) return loop_of(*found);
    if (const auto* found = erased.target<boost::asio::strand<plain>>()) return loop_of(*found);
    if (const auto* found = erased.target<boost::asio::strand<boost::asio::any_io_executor>>()) {
        return loop_of(found->get_inner_executor());
    }
    return nullptr;
}

inline boost::asio::io_context* loop_of(const boost::asio::strand<boost::asio::any_io_executor>& strand) {
    return loop_of(strand.get_inner_executor());
}

template <class Executor>
boost::asio::io_context& context_of(const Executor& executor) {
    auto* const loop = loop_of(executor);
    if (loop == nullptr) {
        throw exception{
            error{errc::invalid_argument, "the executor is not known to be one of a boost::asio::io_context"}};
    }
    return *loop;
}

/// Carries an outcome to the handler's executor, which it keeps from running out of work until then.
template <class Handler>
class asio_handler {
  public:
    asio_handler(Handler handler, boost::asio::io_context& loop)
        : handler_{std::move(handler)},
          work_{boost::asio::get_associated_executor(handler_, loop.get_executor())},
          ticket_{ticket_for(handler_)} {}

    [[nodiscard]] cancel_ticket* ticket() const noexcept { return ticket_.get(); }

    template <class... Args>
    void complete(Args... args) {
        auto executor = work_.get_executor();
        boost::asio::dispatch(executor, [executor, handler = std::move(handler_), cancellable = ticket_ != nullptr,
                                         ... outcome = std::move(args)]() mutable {
            if (cancellable) boost::asio::get_associated_cancellation_slot(handler).clear();
            try {
                std::move(handler)(std::move(outcome)...);
            } catch (...) {
                // Here it would fall into the client's own work. As with any handler it comes out of the loop's
                // run().
                boost::asio::post(executor, [why = std::current_exception()] { std::rethrow_exception(why); });
            }
        });
        work_.reset();
    }

  private:
    using executor_type = boost::asio::associated_executor_t<Handler, boost::asio::io_context::executor_type>;

    Handler handler_;
    boost::asio::executor_work_guard<executor_type> work_;
    ticket_owner ticket_;  // nullptr: the handler's cancellation slot is not connected
};

/// A callback that completes with the value, or an exception.
template <class R, class Handler>
struct throwing_callback {
    asio_handler<Handler> done;

    [[nodiscard]] cancel_ticket* ticket() const noexcept { return done.ticket(); }
    void operator()(result<R> r) {
        auto why = r ? std::exception_ptr{} : std::make_exception_ptr(exception{r.error()});
        if constexpr (std::is_void_v<R>) {
            done.complete(std::move(why));
        } else if (r) {
            done.complete(std::move(why), *std::move(r));
        } else {
            done.complete(std::move(why), R{});
        }
    }
};

template <class R, class Handler>
throwing_callback<R, Handler> value_or_throw(asio_handler<Handler> done) {
    return {std::move(done)};
}

/// A callback that completes with the outcome as it is.
template <class Outcome, class Handler>
struct plain_callback {
    asio_handler<Handler> done;

    [[nodiscard]] cancel_ticket* ticket() const noexcept { return done.ticket(); }
    void operator()(Outcome r) { done.complete(std::move(r)); }
};

template <class Outcome, class Handler>
plain_callback<Outcome, Handler> as_it_is(asio_handler<Handler> done) {
    return {std::move(done)};
}

template <class R>
struct signature_or_throw {
    using type = void(std::exception_ptr, R);
};
template <>
struct signature_or_throw<void> {
    using type = void(std::exception_ptr);
};

/// execute, of a command or a transaction: the value, or an exception. `to`: nothing, or a target.
template <class R>
struct send_or_throw {
    template <class Client, class Sent, class T, class... To>
    static auto execute(Client& client, Sent sent, T&& token, To... to) {
        return boost::asio::async_initiate<T, typename signature_or_throw<R>::type>(
            [&client](auto handler, Sent started, To... where) {
                asio_handler<decltype(handler)> done{std::move(handler), client.context()};
                client.execute(std::move(started), std::move(where)..., value_or_throw<R>(std::move(done)));
            },
            token, std::move(sent), std::move(to)...);
    }
};

/// try_execute: the result as it is.
template <class R>
struct send_as_it_is {
    template <class Client, class Sent, class T, class... To>
    static auto execute(Client& client, Sent sent, T&& token, To... to) {
        return boost::asio::async_initiate<T, void(result<R>)>(
            [&client](auto handler, Sent started, To... where) {
                asio_handler<decltype(handler)> done{std::move(handler), client.context()};
                client.try_execute(std::move(started), std::move(where)..., as_it_is<result<R>>(std::move(done)));
            },
            token, std::move(sent), std::move(to)...);
    }
};

template <class R, class Token>
struct valkeyxx_asio_hpp_must_be_included : send_or_throw<R> {};
template <class R, class Token>
struct valkeyxx_asio_hpp_must_be_included<result<R>, Token> : send_as_it_is<R> {};
template <class Token>
struct valkeyxx_asio_hpp_must_be_included<transaction_or_throw, Token> : send_or_throw<pipeline_result> {};
template <class Token>
struct valkeyxx_asio_hpp_must_be_included<transaction_outcome, Token> : send_as_it_is<pipeline_result> {};

/// execute_each.
template <class R, class Token>
struct valkeyxx_asio_hpp_must_be_included<result<std::vector<node_result<R>>>, Token> {
    template <class T>
    static auto execute(async_client& client, command<R> c, T&& token, target to) {
        using outcome = result<std::vector<node_result<R>>>;
        return boost::asio::async_initiate<T, void(outcome)>(
            [&client](auto handler, command<R> started, target where) {
                asio_handler<decltype(handler)> done{std::move(handler), client.context()};
                client.execute_each(std::move(started), std::move(where), as_it_is<outcome>(std::move(done)));
            },
            token, std::move(c), std::move(to));
    }
};

template <class Token>
struct valkeyxx_asio_hpp_must_be_included<pipeline_result, Token> {
    template <class T>
    static auto execute(async_client& client, pipeline batch, T&& token) {
        return boost::asio::async_initiate<T, void(pipeline_result)>(
            [&client](auto handler, pipeline started) {
                asio_handler<decltype(handler)> done{std::move(handler), client.context()};
                client.execute(std::move(started), as_it_is<pipeline_result>(std::move(done)));
            },
            token, std::move(batch));
    }
};

/// next and next_page of a scan: the value, or an exception.
template <class T, class Token>
struct valkeyxx_asio_hpp_must_be_included<scan_outcome<T>, Token> {
    template <class Scan, class State, class Tok, class Take>
    static auto execute(Scan& /*of*/, const std::shared_ptr<State>& state, Tok&& token, Take take) {
        return boost::asio::async_initiate<Tok, void(std::exception_ptr, T)>(
            [state, take](auto handler) {
                asio_handler<decltype(handler)> done{std::move(handler), state->run.context()};
                Scan::template begin<T>(state, value_or_throw<T>(std::move(done)), take);
            },
            token);
    }
};

/// try_next and try_next_page: the result as it is.
template <class T, class Token>
struct valkeyxx_asio_hpp_must_be_included<scan_outcome<result<T>>, Token> {
    template <class Scan, class State, class Tok, class Take>
    static auto execute(Scan& /*of*/, const std::shared_ptr<State>& state, Tok&& token, Take take) {
        return boost::asio::async_initiate<Tok, void(result<T>)>(
            [state, take](auto handler) {
                asio_handler<decltype(handler)> done{std::move(handler), state->run.context()};
                Scan::template begin<T>(state, as_it_is<result<T>>(std::move(done)), take);
            },
            token);
    }
};

}  // namespace valkeyxx::detail
