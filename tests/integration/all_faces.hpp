// One command through every face of the library: a waiting call, a callback, a future, a coroutine, and where no target
// is named a pipeline of each kind too. What comes out must not tell them apart.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <valkeyxx/asio.hpp>
#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {

class all_faces {
  public:
    explicit all_faces(const config& settings) : waiting{settings}, started{settings} {}

    /// Runs the command in each way, one after the other, and gives each result to `check(const result<R>&)`.
    template <class R, class Check>
    void each(const command<R>& c, Check check) {
        each_single(c, check);
        {
            const ::testing::ScopedTrace here{__FILE__, __LINE__, "pipeline"};
            pipeline batch;
            const auto only = batch.add(c);
            check(waiting.execute(batch)[only]);
        }
        {
            const ::testing::ScopedTrace here{__FILE__, __LINE__, "asynchronous pipeline"};
            pipeline batch;
            const auto only = batch.add(c);
            check(started.execute(std::move(batch), boost::asio::use_future).get()[only]);
        }
    }
    /// The same for a command with a target, which pipelines do not have.
    template <class R, class Check>
    void each(const command<R>& c, const target& to, Check check) {
        each_single(c, check, to);
    }

    /// What each node said, by a waiting call and by a future.
    template <class R, class Check>
    void each_node(const command<R>& c, const target& to, Check check) {
        {
            const ::testing::ScopedTrace here{__FILE__, __LINE__, "waiting"};
            check(waiting.execute_each(c, to));
        }
        {
            const ::testing::ScopedTrace here{__FILE__, __LINE__, "future"};
            check(started.execute_each(c, to, boost::asio::use_future).get().value());
        }
    }

    /// Learns the topology with both clients.
    void connect() {
        waiting.connect();
        started.execute(raw("CLUSTER", "MYID"), on_default_node(), boost::asio::use_future).get();
    }

    cluster waiting;
    async_cluster started;

  private:
    // `to`: nothing, or a target.
    template <class R, class Check, class... To>
    void each_single(const command<R>& c, Check& check, const To&... to) {
        {
            const ::testing::ScopedTrace here{__FILE__, __LINE__, "waiting"};
            check(waiting.try_execute(c, to...));
        }
        {
            const ::testing::ScopedTrace here{__FILE__, __LINE__, "callback"};
            std::promise<result<R>> outcome;
            started.try_execute(c, to..., [&](result<R> r) { outcome.set_value(std::move(r)); });
            check(outcome.get_future().get());
        }
        {
            const ::testing::ScopedTrace here{__FILE__, __LINE__, "future"};
            check(started.try_execute(c, to..., boost::asio::use_future).get());
        }
        {
            const ::testing::ScopedTrace here{__FILE__, __LINE__, "coroutine"};
            std::optional<result<R>> outcome;
            boost::asio::io_context loop;
            boost::asio::co_spawn(loop, wait_for(started, outcome, c, to...), boost::asio::use_future);
            loop.run();
            check(outcome.value());
        }
    }

    template <class R, class... To>
    static boost::asio::awaitable<void> wait_for(async_cluster& client, std::optional<result<R>>& outcome, command<R> c,
                                                 To... to) {
        outcome.emplace(co_await client.try_execute(std::move(c), std::move(to)..., boost::asio::use_awaitable));
    }
};

}  // namespace valkeyxx::testing
