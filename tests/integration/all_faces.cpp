#include "integration/all_faces.hpp"

#include <future>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

namespace asio = boost::asio;

// A command without a target has a way of its own through the client, and is not the same as one with the default.
template <class... To>
asio::awaitable<void> wait_for(async_cluster& client, std::optional<result<value>>& reply, command<value> c, To... to) {
    reply.emplace(co_await client.try_execute(std::move(c), std::move(to)..., asio::use_awaitable));
}

template <class... To>
result<value> by_callback(async_cluster& client, const command<value>& c, const To&... to) {
    std::promise<result<value>> reply;
    client.try_execute(c, to..., [&](result<value> r) { reply.set_value(std::move(r)); });
    return reply.get_future().get();
}

template <class... To>
result<value> by_coroutine(async_cluster& client, const command<value>& c, const To&... to) {
    std::optional<result<value>> reply;
    asio::io_context loop;
    asio::co_spawn(loop, wait_for(client, reply, c, to...), asio::use_future);
    loop.run();
    return std::move(reply).value();
}

}  // namespace

void all_faces::connect() {
    waiting.connect();
    started.execute(raw("CLUSTER", "MYID"), on_default_node(), asio::use_future).get();
}

void all_faces::run(const encoded_command& encoded, const std::optional<target>& to,
                    const std::function<void(const result<value>&)>& check) {
    const command<value> c{encoded};
    const auto by = [&](const char* face, const auto& work) {
        const ::testing::ScopedTrace here{__FILE__, __LINE__, face};
        check(work());
    };
    const auto singles = [&](const auto&... where) {
        by("waiting", [&] { return waiting.try_execute(c, where...); });
        by("callback", [&] { return by_callback(started, c, where...); });
        by("future", [&] { return started.try_execute(c, where..., asio::use_future).get(); });
        by("coroutine", [&] { return by_coroutine(started, c, where...); });
    };
    if (to) {
        singles(*to);
        return;
    }
    singles();
    pipeline batch;
    const auto only = batch.add(c);
    by("pipeline", [&] { return waiting.execute(batch)[only]; });
    by("asynchronous pipeline", [&] { return started.execute(batch, asio::use_future).get()[only]; });
}

void all_faces::run_on_each(const encoded_command& encoded, const target& to,
                            const std::function<void(const std::vector<node_result<value>>&)>& check) {
    const command<value> c{encoded};
    {
        const ::testing::ScopedTrace here{__FILE__, __LINE__, "waiting"};
        check(waiting.execute_each(c, to));
    }
    {
        const ::testing::ScopedTrace here{__FILE__, __LINE__, "future"};
        check(started.execute_each(c, to, asio::use_future).get().value());
    }
}

}  // namespace valkeyxx::testing
