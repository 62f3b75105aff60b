// The asynchronous client: callbacks and futures from any thread, on its own loop or the user's, by one thread or four.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {

/// What a user may get wrong in a decoder of their own.
struct thrown_at {};

}  // namespace valkeyxx::testing

template <>
struct valkeyxx::reply_to<valkeyxx::testing::thrown_at> {
    static result<valkeyxx::testing::thrown_at> from(reply_view) { throw std::runtime_error{"no such luck"}; }
};

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

/// A loop run by some threads for as long as this lives.
class running_loop {
  public:
    explicit running_loop(int threads) {
        for (int i = 0; i < threads; ++i) pool_.emplace_back([this] { loop_.run(); });
    }
    ~running_loop() {
        busy_.reset();
        pool_.clear();
    }
    asio::io_context& get() { return loop_; }
    bool runs_here() const {
        for (const auto& one : pool_) {
            if (one.get_id() == std::this_thread::get_id()) return true;
        }
        return false;
    }

  private:
    asio::io_context loop_;
    asio::executor_work_guard<asio::io_context::executor_type> busy_{loop_.get_executor()};
    std::vector<std::jthread> pool_;
};

/// Starts SET and then GET of many keys from several threads at once, and returns how many outcomes were wrong.
int wrong_outcomes(async_cluster& client, int threads, int each) {
    std::atomic<int> wrong{0};
    std::latch open{2L * threads * each};
    std::vector<std::jthread> pool;
    for (int thread = 0; thread < threads; ++thread) {
        pool.emplace_back([&, thread] {
            for (int i = 0; i < each; ++i) {
                const std::string key = std::to_string(thread) + ":" + std::to_string(i);
                client.execute(set(key, "<" + key + ">"), [&](result<bool> r) {
                    if (!r || !*r) ++wrong;
                    open.count_down();
                });
                client.execute(get(key), [&, key](result<std::optional<std::string>> r) {
                    if (!r || *r != "<" + key + ">") ++wrong;
                    open.count_down();
                });
            }
        });
    }
    open.wait();
    return wrong;
}

template <class R>
error failure_of(std::future<R>& pending) {
    try {
        pending.get();
    } catch (const exception& e) {
        return e.error();
    }
    return {errc::server_error, "it worked"};
}

}  // namespace

TEST(cluster_async, each_callback_gets_its_own_reply) {
    async_cluster client{config_for(nodes())};
    EXPECT_EQ(wrong_outcomes(client, 8, 1000), 0);
    EXPECT_EQ(client.statistics().commands, 16'000U);
    EXPECT_EQ(client.statistics().disconnects, 0U);
}

TEST(cluster_async, lives_on_a_loop_run_by_one_thread_or_four) {
    for (const int threads : {1, 4}) {
        running_loop loop{threads};
        async_cluster client{loop.get(), config_for(nodes())};
        EXPECT_EQ(wrong_outcomes(client, 4, 1000), 0) << threads;
        EXPECT_EQ(&client.context(), &loop.get());
        EXPECT_EQ(client.topology()->covered_slots(), 16384U);
        EXPECT_EQ(client.node_for("a")->port, nodes().node_serving(key_slot("a")).port());
    }
}

TEST(cluster_async, callbacks_come_on_the_loop_and_start_the_next_command) {
    running_loop loop{1};
    async_cluster client{loop.get(), config_for(nodes())};
    std::promise<std::int64_t> end;
    bool elsewhere = false;
    std::function<void(result<std::int64_t>)> next = [&](result<std::int64_t> r) {
        elsewhere = elsewhere || !loop.runs_here();
        if (!r || *r % 500 == 0) {
            end.set_value(r ? *r : -1);
        } else {
            client.execute(incr("chain"), next);
        }
    };
    client.execute(raw<std::int64_t>("DEL", "chain"),
                   [&](result<std::int64_t>) { client.execute(incr("chain"), next); });
    EXPECT_EQ(end.get_future().get(), 500);
    EXPECT_FALSE(elsewhere);
}

TEST(cluster_async, loop_ends_when_the_client_does) {
    asio::io_context loop;
    std::optional<async_cluster> client{std::in_place, loop, config_for(nodes())};
    int called = 0;
    client->execute(set("k", "v"), [&](result<bool> r) {
        EXPECT_TRUE(r);
        ++called;
        client->execute(get("k"), [&](result<std::optional<std::string>> text) {
            EXPECT_EQ(*text, "v");
            ++called;
            client.reset();
        });
    });
    loop.run();
    EXPECT_EQ(called, 2);
}

TEST(cluster_async, callback_may_wait_for_another_command_where_other_threads_run_the_loop) {
    running_loop loop{2};
    config c = config_for(nodes());
    async_cluster client{loop.get(), c};
    client.execute(set("outer", "1"), asio::use_future).get();
    std::promise<std::optional<std::string>> seen;
    client.execute(get("outer"), [&](result<std::optional<std::string>>) {
        auto inner =
            std::async(std::launch::async, [&] { return client.execute(get("outer"), asio::use_future).get(); });
        seen.set_value(inner.get());
    });
    EXPECT_EQ(seen.get_future().get(), "1");
}

TEST(cluster_async, futures_hold_values_or_throw) {
    async_cluster client{config_for(nodes())};
    std::future<bool> stored = client.execute(set("future", "v"), asio::use_future);
    EXPECT_TRUE(stored.get());
    EXPECT_EQ(client.execute(get("future"), asio::use_future).get(), "v");
    client.execute(raw<void>("DEL", "list"), asio::use_future).get();
    client.execute(raw<void>("RPUSH", "list", "a", "b"), asio::use_future).get();
    auto wrong = client.execute(get("list"), asio::use_future);
    EXPECT_EQ(failure_of(wrong).server_code(), "WRONGTYPE");
    result<std::optional<std::string>> as_value = client.try_execute(get("list"), asio::use_future).get();
    ASSERT_FALSE(as_value);
    EXPECT_EQ(as_value.error(), errc::server_error);
    EXPECT_TRUE(client.try_execute(raw<void>("PING"), asio::use_future).get());
    auto refused = client.execute(mget("a", "b"), asio::use_future);
    EXPECT_EQ(failure_of(refused), errc::cross_slot);
}

TEST(cluster_async, pipelines_take_callbacks_and_tokens) {
    async_cluster client{config_for(nodes())};
    pipeline batch;
    for (int i = 0; i < 500; ++i) {
        batch.add(set("p" + std::to_string(i), std::to_string(i * i)));
        batch.add(get("p" + std::to_string(i)));
    }
    std::promise<pipeline_result> by_callback;
    client.execute(batch, [&](pipeline_result r) { by_callback.set_value(std::move(r)); });
    auto by_token = client.execute(batch, asio::use_future);
    auto of_callback = by_callback.get_future();
    for (auto* pending : {&of_callback, &by_token}) {
        const pipeline_result done = pending->get();
        ASSERT_EQ(done.size(), 1000U);
        EXPECT_TRUE(done.ok());
        for (std::size_t i = 0; i < 500; ++i) {
            ASSERT_EQ(done.get<std::string_view>(2 * i + 1).value(), std::to_string(i * i));
        }
    }
    EXPECT_EQ(client.execute(pipeline{}, asio::use_future).get().size(), 0U);
}

TEST(cluster_async, is_made_from_executors_of_an_io_context) {
    running_loop loop{1};
    const asio::any_io_executor any = loop.get().get_executor();
    async_cluster by_any{any, config_for(nodes())};
    EXPECT_TRUE(by_any.execute(set("any", "v"), asio::use_future).get());
    const auto strand = asio::make_strand(loop.get());
    async_cluster by_strand{strand, config_for(nodes())};
    EXPECT_TRUE(by_strand.execute(set("strand", "v"), asio::use_future).get());
    EXPECT_THROW((async_cluster{asio::system_executor{}, config_for(nodes())}), exception);
}

TEST(cluster_async, handlers_run_on_their_own_executor) {
    running_loop other{2};  // outlives the client's loop, which may still be letting go of a handler
    running_loop loop{2};
    auto strand = asio::make_strand(other.get());
    async_cluster client{loop.get(), config_for(nodes())};
    constexpr int count = 2000;
    std::latch open{count};
    std::atomic<int> misplaced{0};
    int inside = 0;  // not atomic: the strand guards it
    for (int i = 0; i < count; ++i) {
        client.execute(incr("strand:" + std::to_string(i % 10)),
                       asio::bind_executor(strand, [&](std::exception_ptr why, std::int64_t) {
                           if (why || !strand.running_in_this_thread() || !other.runs_here()) ++misplaced;
                           ++inside;
                           open.count_down();
                       }));
    }
    open.wait();
    EXPECT_EQ(misplaced, 0);
    EXPECT_EQ(inside, count);
}

TEST(cluster_async, callbacks_that_take_results_run_on_their_own_executor_too) {
    running_loop other{1};  // as above
    running_loop loop{1};
    async_cluster client{loop.get(), config_for(nodes())};
    std::latch open{3};
    std::atomic<int> misplaced{0};
    const auto seen = [&](auto outcome) {
        static_cast<void>(outcome);
        if (!other.runs_here()) ++misplaced;
        open.count_down();
    };
    client.execute(set("bound", "v"), asio::bind_executor(other.get(), [&](result<bool> r) { seen(std::move(r)); }));
    client.try_execute(incr("bound:n"),
                       asio::bind_executor(other.get(), [&](result<std::int64_t> r) { seen(std::move(r)); }));
    client.execute(pipeline{}, asio::bind_executor(other.get(), [&](pipeline_result r) { seen(std::move(r)); }));
    open.wait();
    EXPECT_EQ(misplaced, 0);
}

TEST(cluster_async, executor_of_a_handler_does_not_run_dry) {
    asio::io_context other;  // without a guard of its own: it must not return before the handler has run
    running_loop loop{1};
    async_cluster client{loop.get(), config_for(nodes())};
    bool called = false;
    client.execute(get("k"),
                   asio::bind_executor(other, [&](std::exception_ptr, std::optional<std::string>) { called = true; }));
    other.run();
    EXPECT_TRUE(called);
}

TEST(cluster_async, exception_out_of_a_decoder_is_an_error) {
    async_cluster client{config_for(nodes())};
    auto pending = client.execute(get("k").as<thrown_at>(), asio::use_future);
    const error why = failure_of(pending);
    EXPECT_EQ(why, errc::unexpected_reply);
    EXPECT_EQ(why.executed(), executed::yes);
    EXPECT_NE(why.message().find("no such luck"), std::string::npos);
    EXPECT_TRUE(client.execute(set("k", "still works"), asio::use_future).get());
}

TEST(cluster_async, refuses_more_than_may_be_under_way) {
    config c = config_for(nodes());
    c.max_in_flight = 100;
    async_cluster client{c};
    std::atomic<int> done{0};
    std::atomic<int> refused{0};
    std::latch open{1000};
    for (int i = 0; i < 1000; ++i) {
        client.execute(raw("DEBUG", "SLEEP", "0"), [&](result<value> r) {
            ++(r ? done : refused);
            if (!r) {
                EXPECT_EQ(r.error(), errc::queue_full) << r.error().message();
            }
            open.count_down();
        });
    }
    open.wait();
    EXPECT_GE(done, 100);  // the client's own question for the topology does not count
    EXPECT_GT(refused, 0);
    EXPECT_TRUE(client.execute(set("k", "v"), asio::use_future).get());
}

}  // namespace valkeyxx::testing
