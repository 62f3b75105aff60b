// The asynchronous client in coroutines. No co_await expression here holds a capturing lambda, an initializer list or
// an aggregate temporary: GCC 12 miscompiles those.
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;
using asio::use_awaitable;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = 5s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

// Clang 16, when it optimizes, keeps the address of a thread-local variable across a suspension: a coroutine that goes
// on in another thread then uses the memory that Asio keeps for the first one.
#ifdef __clang__
constexpr int loop_threads = 1;
#else
constexpr int loop_threads = 4;
#endif

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

/// Runs one coroutine on a loop of its own until everything on it is over; passes its exception on.
void run(asio::awaitable<void> story) {
    asio::io_context loop;
    auto end = asio::co_spawn(loop, std::move(story), asio::use_future);
    loop.run();
    end.get();
}

asio::awaitable<async_cluster> client_here() {
    const auto executor = co_await asio::this_coro::executor;
    config c = config_for(nodes());
    co_return async_cluster{executor, std::move(c)};
}

asio::awaitable<void> values_and_exceptions() {
    async_cluster client = co_await client_here();
    EXPECT_TRUE(co_await client.execute(set("co", "v"), use_awaitable));
    const std::optional<std::string> text = co_await client.execute(get("co"), use_awaitable);
    EXPECT_EQ(text, "v");
    co_await client.execute(raw<void>("DEL", "co-list"), use_awaitable);
    EXPECT_EQ(co_await client.execute(raw<std::int64_t>("RPUSH", "co-list", "a"), use_awaitable), 1);
    std::string code;
    try {
        co_await client.execute(get("co-list"), use_awaitable);
    } catch (const exception& e) {
        code = e.error().server_code();
    }
    EXPECT_EQ(code, "WRONGTYPE");
}

asio::awaitable<void> results_do_not_throw() {
    async_cluster client = co_await client_here();
    const auto refused = co_await client.try_execute(mget("a", "b"), use_awaitable);
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::cross_slot);
    const auto stored = co_await client.try_execute(set("co", "v"), use_awaitable);
    EXPECT_TRUE(stored && *stored);
    const result<void> nothing = co_await client.try_execute(raw<void>("PING"), use_awaitable);
    EXPECT_TRUE(nothing);
}

asio::awaitable<void> other_tokens() {
    async_cluster client = co_await client_here();
    constexpr auto tuple = asio::as_tuple(use_awaitable);
    auto [failure, wrong] = co_await client.execute(raw<std::int64_t>("GET", "a", "b"), tuple);
    EXPECT_TRUE(failure);
    auto [none, stored] = co_await client.execute(set("co", "w"), tuple);
    EXPECT_FALSE(none);
    EXPECT_TRUE(stored);
    auto operation = client.execute(get("co"), asio::deferred);  // not started yet
    EXPECT_EQ(client.statistics().commands, 2U);
    const std::optional<std::string> text = co_await std::move(operation)(use_awaitable);
    EXPECT_EQ(text, "w");
    co_await client.execute(raw<void>("PING"), asio::deferred);
}

asio::awaitable<void> pipelines_and_many_keys() {
    async_cluster client = co_await client_here();
    pipeline batch;
    std::vector<pipeline::handle<std::int64_t>> sums;
    for (int i = 0; i < 100; ++i) {
        const std::string key = "co:" + std::to_string(i);
        batch.add(set(key, std::to_string(i)));
        sums.push_back(batch.add(incrby(key, 1000)));
    }
    const pipeline_result done = co_await client.execute(batch, use_awaitable);
    EXPECT_TRUE(done.ok());
    for (std::size_t i = 0; i < sums.size(); ++i) EXPECT_EQ(done[sums[i]].value(), static_cast<std::int64_t>(1000 + i));
    const auto both = co_await client.execute(mget("{co}1", "{co}2"), use_awaitable);
    EXPECT_EQ(both.size(), 2U);
}

asio::awaitable<void> count_up(async_cluster& client, std::string key, int times, std::int64_t& last) {
    for (int i = 0; i < times; ++i) last = co_await client.execute(incr(key), use_awaitable);
}

asio::awaitable<void> many_at_once() {
    const auto executor = co_await asio::this_coro::executor;
    async_cluster client = co_await client_here();
    co_await client.execute(raw<void>("DEL", "co-shared"), use_awaitable);
    constexpr int count = 50;
    std::vector<std::int64_t> last(count);
    std::vector<std::future<void>> ends;
    for (auto& mine : last) {
        ends.push_back(asio::co_spawn(executor, count_up(client, "co-shared", 40, mine), asio::use_future));
    }
    for (int i = 0; i < 10'000; ++i) {  // they share this loop: let them run
        if (co_await client.execute(get("co-shared"), use_awaitable) == std::to_string(count * 40)) break;
    }
    for (auto& end : ends) {
        EXPECT_EQ(end.wait_for(0s), std::future_status::ready);
    }
    EXPECT_EQ(*std::max_element(last.begin(), last.end()), count * 40);
}

asio::awaitable<void> throw_after_use(async_cluster& client) {
    co_await client.execute(set("co", "v"), use_awaitable);
    throw std::runtime_error{"out of the coroutine"};
}

}  // namespace

TEST(cluster_coroutine, execute_gives_values_and_throws) {
    run(values_and_exceptions());
}

TEST(cluster_coroutine, try_execute_gives_results) {
    run(results_do_not_throw());
}

TEST(cluster_coroutine, tokens_can_be_adapted) {
    run(other_tokens());
}

TEST(cluster_coroutine, pipelines_can_be_awaited) {
    run(pipelines_and_many_keys());
}

TEST(cluster_coroutine, many_share_one_client) {
    run(many_at_once());
}

TEST(cluster_coroutine, coroutines_elsewhere_stay_on_their_strands) {
    asio::io_context loop;
    async_cluster client{config_for(nodes())};  // on its own thread
    std::vector<std::int64_t> last(20);
    std::vector<std::future<void>> ends;
    for (std::size_t i = 0; i < last.size(); ++i) {
        ends.push_back(asio::co_spawn(asio::make_strand(loop),
                                      count_up(client, "co-" + std::to_string(i), 100, last[i]), asio::use_future));
    }
    {
        std::vector<std::jthread> pool;
        for (int i = 0; i < loop_threads; ++i) pool.emplace_back([&] { loop.run(); });
    }
    for (auto& end : ends) EXPECT_NO_THROW(end.get());
    for (const auto n : last) EXPECT_EQ(n % 100, 0);
}

TEST(cluster_coroutine, exception_of_a_coroutine_comes_out_of_run_as_always) {
    asio::io_context loop;
    auto client = std::make_unique<async_cluster>(loop, config_for(nodes()));
    asio::co_spawn(loop, throw_after_use(*client), [](std::exception_ptr why) {
        if (why) std::rethrow_exception(why);
    });
    EXPECT_THROW(loop.run(), std::runtime_error);
    client.reset();
    loop.run();
}

TEST(cluster_coroutine, await_ends_with_the_client) {
    asio::io_context loop;
    auto client = std::make_unique<async_cluster>(loop, config_for(nodes()));
    std::int64_t last = 0;
    auto end = asio::co_spawn(loop, count_up(*client, "co-endless", 1'000'000, last), asio::use_future);
    while (last < 10) loop.run_one();
    client->close();
    loop.run();
    try {
        end.get();
        FAIL() << "no exception";
    } catch (const exception& e) {
        EXPECT_EQ(e.error(), errc::client_closed);
    }
}

}  // namespace valkeyxx::testing
