// Transactions and sessions, on a cluster that changes under them and on one server.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>
#include <valkeyxx/asio/optimistic.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;
using optional_text = std::optional<std::string>;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 1s}};
    valkey_server single;
    void wait() {
        nodes.wait();
        single.wait();
    }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class transactions : public ::testing::TestWithParam<int> {
  protected:
    transactions() {
        nodes().flush_all();
        settings.protocol = GetParam();
        settings.watcher = seen;
    }

    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
    config settings = config_for(nodes());
};

INSTANTIATE_TEST_SUITE_P(resp, transactions, ::testing::Values(2, 3));

TEST_P(transactions, give_each_command_its_own_typed_result) {
    cluster c{settings};
    transaction t;
    const auto stored = t.add(set("{k}1", "ada"));
    const auto count = t.add(incrby("{k}2", 5));
    const auto name = t.add(get("{k}1"));
    const auto none = t.add(get("{k}3"));
    const auto pairs = t.add(hset("{k}h", {{"a", "1"}, {"b", "2"}}));
    const auto all = t.add(hgetall("{k}h"));
    const auto done = c.execute(t);
    ASSERT_EQ(done.size(), 6U);
    EXPECT_TRUE(done.ok());
    EXPECT_TRUE(done[stored].has_value());
    EXPECT_EQ(done[count].value(), 5);
    EXPECT_EQ(done[name].value(), "ada");
    EXPECT_EQ(done[none].value(), std::nullopt);
    EXPECT_EQ(done[pairs].value(), 2);
    EXPECT_EQ(done[all].value().at("b"), "2");
    // A value: it runs as often as one likes.
    EXPECT_EQ(c.execute(t)[count].value(), 10);
}

TEST_P(transactions, run_without_commands_and_without_keys) {
    cluster c{settings};
    EXPECT_EQ(c.execute(transaction{}).size(), 0U);
    transaction t;
    const auto said = t.add(echo("hello"));
    EXPECT_EQ(c.execute(t)[said].value(), "hello");
}

TEST_P(transactions, keep_the_results_of_the_others_when_one_command_fails) {
    cluster c{settings};
    c.execute(set("{k}text", "not a number"));
    transaction t;
    const auto before = t.add(incr("{k}n"));
    const auto wrong = t.add(incr("{k}text"));
    const auto after = t.add(incr("{k}n"));
    const auto done = c.execute(t);
    EXPECT_EQ(done[before].value(), 1);
    EXPECT_EQ(done[after].value(), 2);
    ASSERT_FALSE(done[wrong].has_value());
    EXPECT_EQ(done[wrong].error().which(), errc::server_error);
    EXPECT_EQ(done[wrong].error().command(), "INCR");
    EXPECT_EQ(done[wrong].error().executed(), executed::yes);
}

TEST_P(transactions, run_nothing_when_the_server_refuses_a_command) {
    cluster c{settings};
    transaction t;
    t.add(set("{k}1", "x"));
    t.add(raw("GET", "{k}1", "one too many"));
    const auto done = c.try_execute(t);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().which(), errc::server_error);
    EXPECT_NE(done.error().text().find("wrong number of arguments"), std::string::npos) << done.error().message();
    EXPECT_EQ(done.error().command(), "EXEC");
    EXPECT_EQ(done.error().executed(), executed::no);
    EXPECT_EQ(c.execute(get("{k}1")), std::nullopt);
    // The connection is as it was.
    EXPECT_TRUE(c.execute(set("{k}1", "y")));
}

TEST_P(transactions, refuse_before_sending_what_no_node_can_run) {
    cluster c{settings};
    c.connect();
    transaction t;
    t.add(set("a", "1"));
    t.add(set("b", "2"));
    const auto crossed = c.try_execute(t);
    ASSERT_FALSE(crossed.has_value());
    EXPECT_EQ(crossed.error().which(), errc::cross_slot);
    EXPECT_NE(crossed.error().text().find("3300"), std::string::npos) << crossed.error().message();

    transaction whole;
    whole.add(set("a", "1"));
    whole.add(dbsize());
    EXPECT_EQ(c.try_execute(whole).error().which(), errc::invalid_argument);
    EXPECT_EQ(c.execute(exists("a")), 0);

    EXPECT_THROW(whole.add(raw("WATCH", "a")), exception);
    EXPECT_THROW(whole.add(raw("SUBSCRIBE", "a")), exception);
    EXPECT_THROW(whole.add(raw("MULTI")), exception);
}

TEST_P(transactions, go_where_their_slot_has_moved) {
    cluster c{settings};
    const std::string key = "moves";
    const auto slot = key_slot(key);
    c.execute(set(key, "0"));
    valkey_server& home = nodes().node_serving(slot);
    nodes().move_slot(slot, other_primary(nodes(), slot));
    transaction t;
    const auto first = t.add(incr(key));
    const auto second = t.add(incr(key));
    const auto done = c.execute(t);
    EXPECT_EQ(done[first].value(), 1);
    EXPECT_EQ(done[second].value(), 2);
    EXPECT_EQ(seen->redirects().size(), 1U);
    nodes().move_slot(slot, home);
}

TEST_P(transactions, follow_ask_with_all_their_commands) {
    cluster c{settings};
    const std::string key = "asked";
    const auto slot = key_slot(key);
    c.execute(set(key, "0"));
    valkey_server& home = nodes().node_serving(slot);
    valkey_server& next = other_primary(nodes(), slot);
    nodes().begin_migration(slot, next);
    nodes().migrate_keys(slot, next);
    transaction t;
    const auto first = t.add(incr(key));
    const auto second = t.add(incr(key));
    const auto third = t.add(get(key));
    const auto done = c.execute(t);
    EXPECT_EQ(done[first].value(), 1);
    EXPECT_EQ(done[second].value(), 2);
    EXPECT_EQ(done[third].value(), "2");
    ASSERT_EQ(seen->redirects().size(), 1U);
    EXPECT_EQ(seen->redirects()[0].kind, observer::redirect_kind::ask);
    nodes().finish_migration(slot, next);
    nodes().move_slot(slot, home);
}

TEST_P(transactions, wait_for_a_migration_that_has_split_their_keys) {
    cluster c{settings};
    const auto slot = key_slot("{half}");
    c.execute(set("{half}1", "1"));
    c.execute(set("{half}2", "2"));
    valkey_server& home = nodes().node_serving(slot);
    valkey_server& next = other_primary(nodes(), slot);
    nodes().begin_migration(slot, next);
    ASSERT_EQ(nodes().migrate_keys(slot, next, 1), 1);
    auto done = std::async(std::launch::async, [&] {
        transaction t;
        const auto one = t.add(incr("{half}1"));
        const auto two = t.add(incr("{half}2"));
        const auto both = c.execute(t);
        return std::pair{both[one].value(), both[two].value()};
    });
    poll_until("the transaction is tried again",
               [&] { return !seen->retries().empty() || seen->redirects().size() > 2; });
    nodes().migrate_keys(slot, next);
    nodes().finish_migration(slot, next);
    EXPECT_EQ(done.get(), std::pair(std::int64_t{2}, std::int64_t{3}));
    nodes().move_slot(slot, home);
}

// Each adds one to both of two keys, which must never be seen apart.
TEST_P(transactions, are_never_seen_half_done) {
    cluster c{settings};
    c.execute(set("{t}a", "0"));
    c.execute(set("{t}b", "0"));
    std::atomic<bool> stop{false};
    std::atomic<int> ran{0};
    std::vector<std::thread> writers;
    for (int i = 0; i < 3; ++i) {
        writers.emplace_back([&] {
            transaction t;
            const auto a = t.add(incr("{t}a"));
            const auto b = t.add(incr("{t}b"));
            while (!stop) {
                const auto done = c.execute(t);
                EXPECT_EQ(done[a].value(), done[b].value());
                ++ran;
            }
        });
    }
    for (int i = 0; i < 200; ++i) {
        const auto both = c.execute(mget("{t}a", "{t}b"));
        EXPECT_EQ(both[0], both[1]);
    }
    poll_until("enough have run", [&] { return ran > 300; });
    stop = true;
    for (auto& t : writers) t.join();
    EXPECT_EQ(c.execute(get("{t}a")), std::to_string(ran));
}

TEST_P(transactions, may_have_run_when_the_reply_to_exec_is_lost) {
    // The primary stops; what was sent to it is in the kernel.
    cluster c{settings};
    const std::string key = key_served_by(nodes(), nodes().primary(0), "lost");
    c.execute(set(key, "0"));
    valkey_server& primary = nodes().primary(0);
    primary.pause();
    settings.command_timeout = 200ms;
    cluster impatient{settings};
    transaction t;
    t.add(incr(key));
    auto lost = std::async(std::launch::async, [&] { return c.try_execute(t); });
    // The other client learns that nothing comes back; by then the first one's transaction has long been sent.
    EXPECT_FALSE(impatient.try_execute(get(key)).has_value());
    primary.kill9();
    const auto done = lost.get();
    ASSERT_FALSE(done.has_value());
    EXPECT_TRUE(done.error().may_have_run()) << done.error().message();
    nodes().wait_ok();
    nodes().heal();
}

TEST_P(transactions, run_by_callbacks_futures_and_coroutines) {
    async_cluster c{settings};
    transaction t;
    const auto n = t.add(incr("{a}n"));
    const auto m = t.add(incr("{a}m"));

    std::promise<std::int64_t> called;
    c.execute(t, [&](result<pipeline_result> done) { called.set_value((*done)[n].value()); });
    EXPECT_EQ(called.get_future().get(), 1);
    EXPECT_EQ(c.execute(t, asio::use_future).get()[m].value(), 2);
    EXPECT_EQ((*c.try_execute(t, asio::use_future).get())[m].value(), 3);

    asio::io_context loop;
    std::int64_t got = 0;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            async_cluster mine{loop, settings};
            auto done = co_await mine.execute(t, asio::use_awaitable);
            got = done[n].value();
        },
        [](std::exception_ptr e) {
            if (e) std::rethrow_exception(e);
        });
    loop.run();
    EXPECT_EQ(got, 4);

    transaction crossed;
    crossed.add(set("a", "1"));
    crossed.add(set("b", "1"));
    EXPECT_THROW(c.execute(crossed, asio::use_future).get(), exception);
    EXPECT_EQ(c.try_execute(crossed, asio::use_future).get().error().which(), errc::cross_slot);
}

TEST_P(transactions, on_one_server_have_keys_of_any_slots) {
    client c{{.seeds = {{"127.0.0.1", world<servers>().single.port()}}, .protocol = GetParam()}};
    transaction t;
    t.add(set("a", "1"));
    t.add(set("b", "2"));
    const auto size = t.add(dbsize());
    EXPECT_EQ(c.execute(t)[size].value(), 2);
    c.execute(flushall());
}

// --- sessions
// ---------------------------------------------------------------------------------------------------------

TEST_P(transactions, in_a_session_are_void_when_a_watched_key_changes) {
    cluster c{settings};
    c.execute(set("w", "1"));
    session s = c.new_session();
    s.execute(raw("WATCH", "w"));
    EXPECT_EQ(s.execute(get("w")), "1");
    c.execute(set("w", "2"));
    transaction t;
    const auto now = t.add(incr("w"));
    const auto done = s.try_execute(t);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().which(), errc::transaction_conflict);
    EXPECT_FALSE(done.error().may_have_run());
    EXPECT_EQ(c.execute(get("w")), "2");
    // EXEC has ended the watch: now nothing stands in the way.
    EXPECT_EQ(s.execute(t)[now].value(), 3);
}

TEST_P(transactions, commands_that_change_a_connection_are_for_sessions) {
    cluster c{settings};
    for (const auto* name : {"MULTI", "EXEC", "UNWATCH", "RESET"}) {
        const auto refused = c.try_execute(raw(name));
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().which(), errc::invalid_argument) << name;
    }
    EXPECT_EQ(c.try_execute(raw("WATCH", "w")).error().which(), errc::invalid_argument);
    EXPECT_EQ(c.try_execute(raw("MONITOR")).error().which(), errc::invalid_argument);
    session s = c.new_session();
    EXPECT_EQ(s.try_execute(raw("MONITOR")).error().which(), errc::invalid_argument);
    EXPECT_EQ(s.try_execute(raw("SUBSCRIBE", "x")).error().which(), errc::invalid_argument);
    // MULTI by hand, if one must.
    s.execute(raw("WATCH", "{m}x"));
    s.execute(raw("MULTI"));
    EXPECT_EQ(s.execute(raw<std::string>("INCR", "{m}x")), "QUEUED");
    EXPECT_EQ(s.execute(raw<std::vector<std::int64_t>>("EXEC")), std::vector<std::int64_t>{1});
}

TEST_P(transactions, session_connections_come_back_clean) {
    settings.max_exclusive_connections = 1;
    cluster c{settings};
    const std::string key = "clean";
    std::int64_t id = 0;
    {
        session s = c.new_session();
        s.execute(raw("WATCH", key));
        id = s.execute(raw<std::int64_t>("CLIENT", "ID"));
    }
    {
        session s = c.new_session();
        EXPECT_EQ(s.execute(get(key)), std::nullopt);
        EXPECT_EQ(s.execute(raw<std::int64_t>("CLIENT", "ID")), id);  // the same connection, but
        c.execute(set(key, "1"));
        transaction t;
        const auto n = t.add(incr(key));
        EXPECT_EQ(s.execute(t)[n].value(), 2);  // nothing is watched any more
        s.execute(raw("CLIENT", "NO-EVICT", "ON"));
    }
    session s = c.new_session();
    s.execute(get(key));
    EXPECT_NE(s.execute(raw<std::int64_t>("CLIENT", "ID")), id);  // that one was not as before
}

TEST_P(transactions, second_session_waits_for_the_only_connection) {
    settings.max_exclusive_connections = 1;
    cluster c{settings};
    std::optional<session> first{c.new_session()};
    first->execute(set("only", "1"));
    auto second = std::async(std::launch::async, [&] {
        session s = c.new_session();
        return s.execute(get("only"));
    });
    EXPECT_EQ(second.wait_for(50ms), std::future_status::timeout);
    first.reset();
    EXPECT_EQ(second.get(), "1");

    settings.command_timeout = 100ms;
    cluster impatient{settings};
    session holds = impatient.new_session();
    holds.execute(get("only"));
    session waits = impatient.new_session();
    const auto late = waits.try_execute(get("only"));
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().which(), errc::timed_out);
    EXPECT_FALSE(late.error().may_have_run());
}

TEST_P(transactions, session_breaks_with_its_connection) {
    cluster c{settings};
    session s = c.new_session();
    s.execute(raw("WATCH", "broken"));
    const auto id = s.execute(raw<std::int64_t>("CLIENT", "ID"));
    const auto owner = c.node_for("broken").value();
    c.execute(raw("CLIENT", "KILL", "ID", std::to_string(id)), on(owner));
    transaction t;
    t.add(incr("broken"));
    const auto lost = s.try_execute(t);
    ASSERT_FALSE(lost.has_value());
    EXPECT_EQ(lost.error().which(), errc::connection_lost) << lost.error().message();
    const auto after = s.try_execute(get("broken"));
    ASSERT_FALSE(after.has_value());
    EXPECT_EQ(after.error().which(), errc::connection_lost);
    EXPECT_FALSE(after.error().may_have_run());
    EXPECT_EQ(c.execute(get("broken")), std::nullopt);
    session fresh = c.new_session();
    EXPECT_EQ(fresh.execute(get("broken")), std::nullopt);
}

TEST_P(transactions, session_opens_where_its_slot_has_moved) {
    cluster c{settings};
    const std::string key = "opens";
    const auto slot = key_slot(key);
    c.execute(set(key, "1"));
    valkey_server& home = nodes().node_serving(slot);
    nodes().move_slot(slot, other_primary(nodes(), slot));
    {
        session s = c.new_session();
        s.execute(raw("WATCH", key));
        transaction t;
        const auto n = t.add(incr(key));
        EXPECT_EQ(s.execute(t)[n].value(), 2);
        // Bound, it is not sent on any more.
        nodes().move_slot(slot, home);
        const auto moved = s.try_execute(get(key));
        ASSERT_FALSE(moved.has_value());
        EXPECT_EQ(moved.error().server_code(), "MOVED");
    }
    EXPECT_EQ(c.execute(get(key)), "2");
}

TEST_P(transactions, asynchronous_session_runs_one_command_at_a_time) {
    async_cluster c{settings};
    async_session s = c.new_session();
    auto first = s.execute(blpop({"queue"}, 10s), asio::use_future);
    const auto refused = s.try_execute(get("queue"), asio::use_future).get();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().which(), errc::invalid_argument);
    c.execute(rpush("queue", "x"), asio::use_future).get();
    EXPECT_TRUE(first.get().has_value());
    EXPECT_TRUE(s.execute(set("queue", "1"), asio::use_future).get());
    EXPECT_EQ(s.execute(get("queue"), asio::use_future).get(), "1");
    transaction t;
    const auto n = t.add(incr("queue"));
    EXPECT_EQ(s.execute(t, asio::use_future).get()[n].value(), 2);

    std::promise<std::int64_t> called;
    {
        async_session gone = c.new_session();
        gone.execute(incr("queue"), [&](result<std::int64_t> r) { called.set_value(*r); });
    }  // its command is completed all the same
    EXPECT_EQ(called.get_future().get(), 3);
}

// --- read, decide, write
// ----------------------------------------------------------------------------------------------

// Everybody adds one to what was read. Whoever lost an update would show in the sum.
TEST_P(transactions, begun_again_after_conflicts_lose_no_update) {
    cluster c{settings};
    std::vector<std::thread> threads;
    std::atomic<int> calls{0};
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 25; ++n) {
                const auto done = try_optimistic(c, {"sum"}, [&](session& s, transaction& t) {
                    ++calls;
                    const auto now = s.execute(get("sum").as<std::optional<std::int64_t>>()).value_or(0);
                    t.add(set("sum", std::to_string(now + 1)));
                });
                EXPECT_TRUE(done.has_value()) << done.error().message();
            }
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(c.execute(get("sum")), "100");
    EXPECT_GT(calls, 100);  // there were conflicts
}

TEST_P(transactions, begun_again_follow_their_slot) {
    cluster c{settings};
    const std::string key = "followed";
    const auto slot = key_slot(key);
    c.execute(set(key, "1"));
    valkey_server& home = nodes().node_serving(slot);
    int calls = 0;
    const auto done = optimistic(c, {key}, [&](session& s, transaction& t) {
        EXPECT_EQ(s.execute(get(key)), "1");
        if (++calls == 1) nodes().move_slot(slot, other_primary(nodes(), slot));
        t.add(incr(key));
    });
    EXPECT_EQ(done.size(), 1U);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(c.execute(get(key)), "2");
    nodes().move_slot(slot, home);
}

TEST_P(transactions, are_not_begun_again_for_ever_nor_for_every_reason) {
    cluster c{settings};
    int calls = 0;
    const auto disturbed = try_optimistic(c, {"d"},
                                          [&](session&, transaction& t) {
                                              ++calls;
                                              c.execute(incr("d"));
                                              t.add(incr("d"));
                                          },
                                          {.tries = 3});
    ASSERT_FALSE(disturbed.has_value());
    EXPECT_EQ(disturbed.error().which(), errc::transaction_conflict);
    EXPECT_EQ(calls, 3);

    calls = 0;
    EXPECT_EQ(try_optimistic(c, {"d"}, [&](session& s, transaction&) { ++calls, s.execute(lpush("d", "x")); })
                  .error()
                  .server_code(),
              "WRONGTYPE");
    EXPECT_EQ(calls, 1);
    EXPECT_THROW(optimistic(c, {"d"}, [](session&, transaction&) { throw std::runtime_error{"mine"}; }),
                 std::runtime_error);
    EXPECT_EQ(optimistic(c, {"d"}, [](session&, transaction&) {}).size(), 0U);
    EXPECT_EQ(try_optimistic(c, {"a", "b"}, [](session&, transaction&) {}).error().which(), errc::cross_slot);
}

TEST_P(transactions, begun_again_in_coroutines_lose_no_update) {
    asio::io_context loop;
    async_cluster c{loop, settings};
    const auto build = [](async_session& s, transaction& t) -> asio::awaitable<void> {
        auto read = get("sum").as<std::optional<std::int64_t>>();
        const auto now = co_await s.execute(std::move(read), asio::use_awaitable);
        t.add(set("sum", std::to_string(now.value_or(0) + 1)));
    };
    int left = 4;
    for (int i = 0; i < 4; ++i) {
        asio::co_spawn(
            loop,
            [&]() -> asio::awaitable<void> {
                for (int n = 0; n < 10; ++n) {
                    std::vector<std::string> keys{"sum"};
                    auto run = optimistic(c, std::move(keys), build);
                    co_await std::move(run);
                }
                if (--left == 0) c.close();
            },
            [](std::exception_ptr e) {
                if (e) std::rethrow_exception(e);
            });
    }
    loop.run();
    EXPECT_EQ(left, 0);
    cluster reader{settings};
    EXPECT_EQ(reader.execute(get("sum")), "40");
}

}  // namespace
}  // namespace valkeyxx::testing
