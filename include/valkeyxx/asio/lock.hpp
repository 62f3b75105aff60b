// The coroutine form of lock.hpp.
//
//   vk::async_lock lock{cluster, "reports"};
//   if (co_await lock.acquire(5s)) {
//       ...
//       co_await lock.release();
//   }
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <valkeyxx/asio.hpp>
#include <valkeyxx/lock.hpp>

namespace valkeyxx {

/// What a `lock` is, but that its destructor cannot wait: release it, or its lease ends it. The object must outlive the
/// coroutines that it returns. Not thread-safe: one coroutine at a time.
class async_lock {
  public:
    async_lock(async_client& c, std::string name, lock_options options = {})
        : client_{&c},
          terms_{std::move(name), detail::new_lock_token(), options.lease},
          retry_every_{options.retry_every} {}

    boost::asio::awaitable<bool> try_acquire() {
        auto c = terms_.acquire();
        held_ = co_await client_->execute(std::move(c), boost::asio::use_awaitable);
        co_return held_;
    }
    boost::asio::awaitable<bool> acquire(std::chrono::milliseconds patience) {
        const auto executor = co_await boost::asio::this_coro::executor;
        detail::lock_course course{patience, retry_every_};
        for (;;) {
            auto trying = try_acquire();
            const bool ours = co_await std::move(trying);
            if (ours) co_return true;
            const auto pause = course.next();
            if (!pause) co_return false;
            boost::asio::steady_timer timer{executor, *pause};
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
    }
    boost::asio::awaitable<result<void>> release() {
        if (auto why = detail::lock_not_held(held_, terms_)) co_return *std::move(why);
        held_ = false;
        auto c = terms_.release();
        auto answer = co_await client_->try_execute(std::move(c), boost::asio::use_awaitable);
        co_return terms_.held(std::move(answer));
    }
    boost::asio::awaitable<result<void>> extend(std::chrono::milliseconds lease) { return change(lease, false); }
    boost::asio::awaitable<result<void>> prolong(std::chrono::milliseconds more) { return change(more, true); }

    [[nodiscard]] bool held() const noexcept { return held_; }
    [[nodiscard]] const std::string& token() const noexcept { return terms_.token(); }

  private:
    boost::asio::awaitable<result<void>> change(std::chrono::milliseconds time, bool add) {
        if (auto why = detail::lock_not_held(held_, terms_)) co_return *std::move(why);
        auto c = terms_.extend(time, add);
        auto answer = co_await client_->try_execute(std::move(c), boost::asio::use_awaitable);
        co_return terms_.held(std::move(answer));
    }

    async_client* client_;
    detail::lock_terms terms_;
    std::chrono::milliseconds retry_every_;
    bool held_ = false;
};

}  // namespace valkeyxx
