// Completion tokens for subscribers; part of <valkeyxx/asio.hpp>.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <valkeyxx/async_subscriber.hpp>
#include <valkeyxx/error.hpp>

namespace valkeyxx::detail {

/// One call of next() or ready() under way. It looks for its outcome on the handler's executor, at the last moment: so
/// a cancellation that comes before the handler does leaves the message in the queue, for the next one who asks.
template <class Outcome, class Handler>
class token_wait final : public feed_wait, public std::enable_shared_from_this<token_wait<Outcome, Handler>> {
  public:
    token_wait(feed_access from, boost::asio::io_context& loop, Handler handler)
        : from_{std::move(from)},
          handler_{std::move(handler)},
          work_{boost::asio::get_associated_executor(handler_, loop.get_executor())} {}

    void start() {
        auto slot = boost::asio::get_associated_cancellation_slot(handler_);
        if (slot.is_connected()) {
            slot.assign([weak = this->weak_from_this()](boost::asio::cancellation_type) {
                if (const auto self = weak.lock()) self->cancel();
            });
        }
        wait();
    }
    void wake() noexcept override {
        boost::asio::post(work_.get_executor(), [self = std::move(waiting_)] { self->finish(); });
    }

  private:
    static constexpr bool for_message = !std::is_void_v<Outcome>;

    void wait() {
        waiting_ = this->shared_from_this();
        if (!from_.wait(*this, for_message, true)) wake();
    }

    void cancel() {
        cancelled_ = true;
        // If it cannot be stopped it has been woken, and finds that it was cancelled.
        if (from_.stop_waiting(*this)) wake();
    }

    void finish() {
        if (cancelled_) {
            from_.pass_on();
            complete(std::make_exception_ptr(exception{error{errc::cancelled, "cancelled"}}));
            return;
        }
        if constexpr (for_message) {
            auto taken = from_.take();
            if (!taken) return wait();  // somebody else has taken it
            if (*taken) {
                complete(std::exception_ptr{}, **std::move(taken));
            } else {
                complete(std::make_exception_ptr(exception{taken->error()}));
            }
        } else {
            const auto known = from_.readiness();
            if (!known) return wait();
            complete(*known ? std::exception_ptr{} : std::make_exception_ptr(exception{known->error()}));
        }
    }

    template <class... Value>
    void complete(std::exception_ptr why, Value... value) {
        auto slot = boost::asio::get_associated_cancellation_slot(handler_);
        if (slot.is_connected()) slot.clear();
        auto handler = std::move(handler_);
        work_.reset();
        if constexpr (for_message && sizeof...(Value) == 0) {
            std::move(handler)(std::move(why), message{});
        } else {
            std::move(handler)(std::move(why), std::move(value)...);
        }
    }

    using executor_type = boost::asio::associated_executor_t<Handler, boost::asio::io_context::executor_type>;

    feed_access from_;
    Handler handler_;
    boost::asio::executor_work_guard<executor_type> work_;
    std::shared_ptr<token_wait> waiting_;  // itself, while nobody else holds it
    std::atomic<bool> cancelled_ = false;
};

template <class Outcome, class Token>
struct valkeyxx_asio_hpp_must_be_included_for_subscribers {
    template <class T>
    static auto call(feed_access from, boost::asio::io_context& loop, T&& token) {
        const auto start = [&loop](auto handler, feed_access access) {
            std::make_shared<token_wait<Outcome, decltype(handler)>>(std::move(access), loop, std::move(handler))
                ->start();
        };
        if constexpr (std::is_void_v<Outcome>) {
            return boost::asio::async_initiate<T, void(std::exception_ptr)>(start, token, std::move(from));
        } else {
            return boost::asio::async_initiate<T, void(std::exception_ptr, Outcome)>(start, token, std::move(from));
        }
    }
};

}  // namespace valkeyxx::detail
