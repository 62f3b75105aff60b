// The asynchronous client's end: whenever and wherever it comes, each command completes exactly once.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
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

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = 5s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

/// Counts how often each of many commands has completed, and how.
class tally {
  public:
    explicit tally(int count) : times_(static_cast<std::size_t>(count)) {}

    auto counter(int i) {
        return [this, i](result<std::int64_t> r) {
            ++times_[static_cast<std::size_t>(i)];
            if (r) {
                ++answered;
            } else if (r.error() == errc::client_closed) {
                ++closed;
            } else {
                ++other;
            }
        };
    }
    bool each_once() const {
        return std::all_of(times_.begin(), times_.end(), [](const auto& times) { return times == 1; });
    }

    std::atomic<int> answered{0};
    std::atomic<int> closed{0};
    std::atomic<int> other{0};

  private:
    std::vector<std::atomic<int>> times_;
};

std::string key(int i) {
    return "end:" + std::to_string(i % 100);
}

}  // namespace

TEST(cluster_async_end, destruction_completes_ten_thousand_commands_once_each) {
    constexpr int count = 10'000;
    int closed = 0;
    for (int round = 0; round < 10; ++round) {
        tally all{count};
        {
            async_cluster client{config_for(nodes())};
            if (round % 2 == 0) client.execute(incr(key(0)), asio::use_future).get();  // else: still connecting
            for (int i = 0; i < count; ++i) client.execute(incr(key(i)), all.counter(i));
        }
        EXPECT_TRUE(all.each_once());
        EXPECT_EQ(all.answered + all.closed, count);
        closed += all.closed;
    }
    EXPECT_GT(closed, 0);
}

TEST(cluster_async_end, destruction_on_the_users_loop_completes_before_it_returns) {
    constexpr int count = 10'000;
    asio::io_context loop;
    tally all{count};
    {
        async_cluster client{loop, config_for(nodes())};
        for (int i = 0; i < count; ++i) client.execute(incr(key(i)), all.counter(i));
        for (int i = 0; i < 50; ++i) loop.poll();
    }
    EXPECT_TRUE(all.each_once());
    loop.run();
    EXPECT_TRUE(all.each_once());
}

TEST(cluster_async_end, loop_that_never_ran_is_enough_to_complete) {
    tally all{100};
    asio::io_context loop;
    {
        async_cluster client{loop, config_for(nodes())};
        for (int i = 0; i < 100; ++i) client.execute(incr(key(i)), all.counter(i));
    }
    EXPECT_TRUE(all.each_once());
    EXPECT_EQ(all.closed, 100);
}

TEST(cluster_async_end, client_may_be_destroyed_by_a_callback) {
    constexpr int count = 3'000;
    for (int round = 0; round < 10; ++round) {
        // What callbacks use ends with the client here: none may come later.
        struct application {
            explicit application(const config& c) : client{std::in_place, c} {}
            ~application() {
                client.reset();
                over = true;
            }
            tally all{count};
            std::optional<async_cluster> client;
            std::atomic<bool> over{false};
        };
        auto app = std::make_unique<application>(config_for(nodes()));
        std::promise<std::pair<bool, int>> end;
        const auto start = [&, all = app.get()](int i) {
            all->client->execute(incr(key(i)), [&, all, i](result<std::int64_t> r) {
                EXPECT_FALSE(all->over);
                all->all.counter(i)(std::move(r));
                if (i != count / 2) return;
                all->client.reset();
                end.set_value({all->all.each_once(), all->all.answered + all->all.closed});
            });
        };
        app->client->execute(get("k"), [&](result<std::optional<std::string>>) {
            for (int i = 0; i < count; ++i) start(i);  // on the loop: nothing else happens meanwhile
        });
        const auto [once, total] = end.get_future().get();
        EXPECT_TRUE(once);
        EXPECT_EQ(total, count);
    }
}

TEST(cluster_async_end, close_works_twice_and_refuses_what_comes_after) {
    tally all{1000};
    async_cluster client{config_for(nodes())};
    client.execute(incr(key(0)), asio::use_future).get();
    for (int i = 0; i < 500; ++i) client.execute(incr(key(i)), all.counter(i));
    client.close();
    client.close();
    for (int i = 500; i < 1000; ++i) client.execute(incr(key(i)), all.counter(i));
    poll_until("the refusals", [&] { return all.answered + all.closed == 1000; });
    EXPECT_TRUE(all.each_once());
    EXPECT_GE(all.closed, 500);
    const auto refused = client.try_execute(get("k"), asio::use_future).get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::client_closed);
    EXPECT_EQ(refused.error().executed(), executed::no);
    pipeline batch;
    batch.add(get("k"));
    EXPECT_EQ(client.execute(batch, asio::use_future).get().get<value>(0).error(), errc::client_closed);
}

TEST(cluster_async_end, close_comes_while_many_threads_start_commands) {
    constexpr int threads = 4;
    constexpr int each = 2000;
    for (int round = 0; round < 5; ++round) {
        tally all{threads * each};
        async_cluster client{config_for(nodes())};
        std::vector<std::jthread> pool;
        for (int thread = 0; thread < threads; ++thread) {
            pool.emplace_back([&, thread] {
                for (int i = thread * each; i < (thread + 1) * each; ++i) client.execute(incr(key(i)), all.counter(i));
            });
        }
        poll_until("the first replies", [&] { return all.answered > 100 || all.closed > 0; });
        client.close();
        pool.clear();
        poll_until("all completions", [&] { return all.answered + all.closed == threads * each; });
        EXPECT_TRUE(all.each_once());
        EXPECT_EQ(all.other, 0);
    }
}

TEST(cluster_async_end, close_in_a_callback_on_a_loop_of_four_threads) {
    constexpr int count = 5000;
    for (int round = 0; round < 5; ++round) {
        asio::io_context loop;
        tally all{count};
        auto client = std::make_unique<async_cluster>(loop, config_for(nodes()));
        for (int i = 0; i < count; ++i) client->execute(incr(key(i)), all.counter(i));
        client->execute(get("k"), [&](result<std::optional<std::string>>) { client->close(); });
        {
            std::vector<std::jthread> pool;
            for (int i = 0; i < 4; ++i) pool.emplace_back([&] { loop.run(); });
        }  // close() has left nothing for the loop to do
        EXPECT_TRUE(all.each_once());
        EXPECT_EQ(all.answered + all.closed, count);
    }
}

TEST(cluster_async_end, stopped_loop_does_not_keep_the_client_from_ending) {
    tally all{1000};
    asio::io_context loop;
    {
        async_cluster client{loop, config_for(nodes())};
        for (int i = 0; i < 1000; ++i) client.execute(incr(key(i)), all.counter(i));
        client.execute(get("k"), [&](result<std::optional<std::string>>) { loop.stop(); });
        loop.run();
    }
    EXPECT_TRUE(all.each_once());
}

TEST(cluster_async_end, pipelines_end_with_their_client) {
    std::future<pipeline_result> pending;
    pipeline batch;
    for (int i = 0; i < 20'000; ++i) batch.add(incr(key(i)));
    {
        async_cluster client{config_for(nodes())};
        pending = client.execute(batch, asio::use_future);
    }
    const pipeline_result done = pending.get();
    ASSERT_EQ(done.size(), 20'000U);
    for (std::size_t i = 0; i < done.size(); ++i) {
        const auto r = done.get<std::int64_t>(i);
        ASSERT_TRUE(r || r.error() == errc::client_closed);
    }
}

TEST(cluster_async_end, moved_client_goes_on) {
    async_cluster first{config_for(nodes())};
    EXPECT_TRUE(first.execute(set("moved", "v"), asio::use_future).get());
    auto under_way = first.execute(get("moved"), asio::use_future);
    async_cluster second{std::move(first)};
    EXPECT_EQ(under_way.get(), "v");
    EXPECT_EQ(second.execute(get("moved"), asio::use_future).get(), "v");
    second = async_cluster{config_for(nodes())};
    EXPECT_EQ(second.execute(get("moved"), asio::use_future).get(), "v");
}

}  // namespace valkeyxx::testing
