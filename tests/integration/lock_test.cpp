// Locks that processes share, and streams of commands in bounded memory.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio/command_stream.hpp>
#include <valkeyxx/asio/lock.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 1s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

class shared_locks : public ::testing::Test {
  protected:
    shared_locks() { world<servers>().nodes.flush_all(); }

    config settings = config_for(world<servers>().nodes);
    cluster c{settings};
};

using command_streams = shared_locks;

TEST_F(shared_locks, have_one_owner) {
    lock mine{c, "l"};
    lock other{c, "l"};
    EXPECT_FALSE(mine.locked());
    EXPECT_TRUE(mine.try_acquire());
    EXPECT_TRUE(mine.try_acquire());  // it is ours already
    EXPECT_FALSE(other.try_acquire());
    EXPECT_TRUE(other.locked());
    EXPECT_TRUE(mine.owned());
    EXPECT_FALSE(other.owned());
    EXPECT_EQ(c.execute(get("l")), mine.token());
    EXPECT_NE(mine.token(), other.token());
    EXPECT_TRUE(mine.release().has_value());
    EXPECT_FALSE(mine.held());
    EXPECT_TRUE(other.try_acquire());
}

TEST_F(shared_locks, end_with_their_object_or_their_lease) {
    { EXPECT_TRUE((lock{c, "l"}.try_acquire())); }
    EXPECT_EQ(c.execute(exists("l")), 0);
    lock shortly{c, "l", {.lease = 50ms}};
    ASSERT_TRUE(shortly.try_acquire());
    lock next{c, "l", {.lease = 0ms}};
    ASSERT_TRUE(next.acquire(5s));
    // The first one has lost it, and does the second no harm.
    EXPECT_EQ(shortly.extend(10s).error().which(), errc::lock_lost);
    EXPECT_EQ(shortly.release().error().which(), errc::lock_lost);
    EXPECT_TRUE(next.owned());
    EXPECT_FALSE(c.execute(pttl("l")).left.has_value());  // for good
    EXPECT_EQ(next.prolong(1s).error().which(), errc::lock_lost);
    EXPECT_TRUE(next.extend(10s).has_value());
    EXPECT_TRUE(next.prolong(10s).has_value());
    EXPECT_GT(c.execute(pttl("l")).left.value(), 15s);
}

TEST_F(shared_locks, refuse_what_was_never_acquired) {
    lock never{c, "l"};
    EXPECT_EQ(never.release().error().which(), errc::invalid_argument);
    EXPECT_EQ(never.extend(1s).error().which(), errc::invalid_argument);
    lock first{c, "l"};
    ASSERT_TRUE(first.try_acquire());
    const stopwatch clock;
    EXPECT_FALSE(never.acquire(200ms));
    EXPECT_LT(clock.elapsed(), stretched(2s));
}

TEST_F(shared_locks, keep_threads_apart) {
    std::atomic<int> inside{0};
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 5; ++n) {
                lock l{c, "apart", {.retry_every = 2ms}};
                ASSERT_TRUE(l.acquire(stretched(20s)));
                EXPECT_EQ(++inside, 1);
                c.execute(incr("in the middle"));
                --inside;
                ++done;
            }
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(done, 20);
}

TEST_F(shared_locks, work_in_coroutines) {
    asio::io_context loop;
    async_cluster a{loop, settings};
    int inside = 0;
    int left = 3;
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(
            loop,
            [&]() -> asio::awaitable<void> {
                async_lock l{a, "co", lock_options{.retry_every = 2ms}};
                auto acquiring = l.acquire(stretched(20s));
                const bool ours = co_await std::move(acquiring);
                EXPECT_TRUE(ours);
                EXPECT_EQ(++inside, 1);
                auto extending = l.extend(10s);
                const auto extended = co_await std::move(extending);
                EXPECT_TRUE(extended.has_value());
                --inside;
                auto releasing = l.release();
                const auto released = co_await std::move(releasing);
                EXPECT_TRUE(released.has_value());
                if (--left == 0) a.close();
            },
            [](std::exception_ptr e) {
                if (e) std::rethrow_exception(e);
            });
    }
    loop.run();
    EXPECT_EQ(left, 0);
}

// --- streams
// ----------------------------------------------------------------------------------------------------------

TEST_F(command_streams, tell_every_result_in_order) {
    int made = 0;
    const auto next = [&]() -> std::optional<command<std::int64_t>> {
        if (made == 10'000) return std::nullopt;
        return incr("n" + std::to_string(made++ % 100));
    };
    std::size_t told = 0;
    const auto ran = execute_stream(c, next,
                                    [&](std::size_t n, const result<std::int64_t>& r) {
                                        EXPECT_EQ(n, told++);
                                        EXPECT_EQ(r.value(), static_cast<std::int64_t>(n) / 100 + 1);
                                    },
                                    {.chunk = 300});
    EXPECT_EQ(ran, 10'000U);
    EXPECT_EQ(told, 10'000U);
}

TEST_F(command_streams, run_a_range_and_an_empty_one) {
    const std::vector<command<bool>> all{set("a", "1"), set("b", "2"), set("c", "3")};
    int told = 0;
    EXPECT_EQ(execute_stream(c, all, [&](std::size_t, const result<bool>& r) { told += r.value(); }), 3U);
    EXPECT_EQ(told, 3);
    EXPECT_EQ(execute_stream(c, std::vector<command<bool>>{}, [&](std::size_t, const result<bool>&) { ++told; }), 0U);
    EXPECT_EQ(told, 3);
}

TEST_F(command_streams, tell_errors_as_results_and_pass_exceptions_on) {
    c.execute(set("text", "x"));
    const std::vector<command<std::int64_t>> mixed{incr("n"), incr("text"), incr("n")};
    std::vector<bool> fine;
    execute_stream(c, mixed, [&](std::size_t, const result<std::int64_t>& r) { fine.push_back(r.has_value()); });
    EXPECT_EQ(fine, (std::vector<bool>{true, false, true}));
    EXPECT_THROW(
        execute_stream(c, mixed, [](std::size_t, const result<std::int64_t>&) { throw std::runtime_error{"enough"}; },
                       {.chunk = 1}),
        std::runtime_error);
    EXPECT_TRUE(c.execute(set("text", "y")));
}

TEST_F(command_streams, lose_no_reply_while_the_next_command_is_waited_for) {
    settings.command_timeout = 300ms;
    cluster impatient{settings};
    int made = 0;
    const auto next = [&]() -> std::optional<command<std::int64_t>> {
        if (made == 3) return std::nullopt;
        const stopwatch clock;
        while (made == 2 && clock.elapsed() < 600ms) c.execute(get("elsewhere"));  // a source that takes its time
        ++made;
        return incr("slow");
    };
    int fine = 0;
    execute_stream(impatient, next, [&](std::size_t, const result<std::int64_t>& r) { fine += r ? 1 : 0; },
                   {.chunk = 1});
    EXPECT_EQ(fine, 3);
}

TEST_F(command_streams, run_in_coroutines) {
    asio::io_context loop;
    async_cluster a{loop, settings};
    std::int64_t sum = 0;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            int made = 0;
            auto next = [&]() -> std::optional<command<std::int64_t>> {
                if (made == 1000) return std::nullopt;
                ++made;
                return incr("co");
            };
            auto tell = [&](std::size_t, const result<std::int64_t>& r) { sum += r.value(); };
            auto run = execute_stream(a, next, tell, stream_options{.chunk = 64});
            const auto ran = co_await std::move(run);
            EXPECT_EQ(ran, 1000U);
            a.close();
        },
        [](std::exception_ptr e) {
            if (e) std::rethrow_exception(e);
        });
    loop.run();
    EXPECT_EQ(sum, 1000 * 1001 / 2);
}

}  // namespace
}  // namespace valkeyxx::testing
