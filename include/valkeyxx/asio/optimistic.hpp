// The coroutine form of optimistic.hpp.
//
//   auto build = [&](vk::async_session& s, vk::transaction& t) -> asio::awaitable<void> {
//       auto read = get("stock").as<std::optional<std::int64_t>>();
//       const auto left = co_await s.execute(std::move(read), asio::use_awaitable);
//       if (left.value_or(0) > 0) t.add(decr("stock"));
//   };
//   auto done = co_await vk::optimistic(cluster, {"stock"}, build);
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <valkeyxx/asio.hpp>
#include <valkeyxx/optimistic.hpp>

namespace valkeyxx {

/// As the form for a `client`. The client must outlive it; `build` is copied and called as
/// `build(async_session&, transaction&)`, which returns an `awaitable<void>`.
template <class Build>
boost::asio::awaitable<result<pipeline_result>> try_optimistic(async_client& c, std::vector<std::string> watched,
                                                               Build build, optimistic_options options = {}) {
    const auto executor = co_await boost::asio::this_coro::executor;
    detail::optimistic_course course{options};
    for (;;) {
        async_session s = c.new_session();
        transaction t;
        result<pipeline_result> done{pipeline_result{}};
        command<void> watch = detail::watch(watched);
        const result<void> watching = co_await s.try_execute(std::move(watch), boost::asio::use_awaitable);
        if (!watching) {
            done = watching.error();
        } else {
            try {
                co_await build(s, t);
                if (!t.empty()) done = co_await s.try_execute(std::move(t), boost::asio::use_awaitable);
            } catch (const exception& e) {
                done = e.error();
            }
        }
        if (done || !course.again(done.error(), s.harmless())) co_return done;
        boost::asio::steady_timer timer{executor, course.delay()};
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

/// The same; throws `exception`.
template <class Build>
boost::asio::awaitable<pipeline_result> optimistic(async_client& c, std::vector<std::string> watched, Build build,
                                                   optimistic_options options = {}) {
    auto trying = try_optimistic(c, std::move(watched), std::move(build), options);
    auto done = co_await std::move(trying);
    co_return std::move(done).value();
}

}  // namespace valkeyxx
