// Commands that wait at the server for other clients: they hold up nobody else, and wait as long as they say.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <vector>

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
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 1s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class blocking : public ::testing::TestWithParam<int> {
  protected:
    blocking() {
        nodes().flush_all();
        settings.protocol = GetParam();
        settings.watcher = seen;
    }

    /// Until so many clients wait at the node that serves the key.
    void wait_for_blocked(const std::string& key, int count) {
        cluster c{config_for(nodes())};
        poll_until("clients wait for " + key, [&] {
            const auto text = c.execute(raw<std::string>("INFO", "clients"), on_slot(key_slot(key)));
            return text.find("blocked_clients:" + std::to_string(count) + "\r") != std::string::npos;
        });
    }

    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
    config settings = config_for(nodes());
};

INSTANTIATE_TEST_SUITE_P(resp, blocking, ::testing::Values(2, 3));

TEST_P(blocking, command_waits_longer_than_others_may) {
    settings.command_timeout = 300ms;
    cluster c{settings};
    const stopwatch clock;
    EXPECT_FALSE(c.execute(blpop({"none"}, 700ms)).has_value());  // nil, not an error
    EXPECT_GE(clock.elapsed(), 700ms);
}

TEST_P(blocking, command_may_be_limited_like_any_other) {
    settings.command_timeout = 300ms;
    settings.limit_blocking = true;
    cluster c{settings};
    const auto late = c.try_execute(blpop({"none"}, 0ms));
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().which(), errc::timed_out);
    async_cluster a{settings};
    EXPECT_EQ(a.try_execute(blpop({"none"}, 10s), asio::use_future).get().error().which(), errc::timed_out);
}

TEST_P(blocking, command_without_end_waits_until_there_is_something) {
    settings.command_timeout = 300ms;
    async_cluster c{settings};
    auto popped = c.execute(blpop({"late"}, 0ms), asio::use_future);
    EXPECT_EQ(popped.wait_for(600ms), std::future_status::timeout);
    c.execute(rpush("late", "x"), asio::use_future).get();
    EXPECT_TRUE(popped.get().has_value());
}

TEST_P(blocking, commands_hold_up_nobody) {
    async_cluster c{settings};
    std::vector<std::future<bool>> waiting;
    for (int i = 0; i < 20; ++i) {
        waiting.push_back(std::async(
            std::launch::deferred,
            [reply = c.execute(blpop({"q"}, 0ms), asio::use_future).share()] { return reply.get().has_value(); }));
    }
    wait_for_blocked("q", 20);
    // In the slot's own node, too.
    for (int i = 0; i < 100; ++i) EXPECT_EQ(c.execute(incr("{q}n"), asio::use_future).get(), i + 1);
    for (int i = 0; i < 20; ++i) c.execute(rpush("q", "x"), asio::use_future).get();
    for (auto& one : waiting) EXPECT_TRUE(one.get());
}

TEST_P(blocking, commands_share_a_synchronous_client_with_others) {
    cluster c{settings};
    auto popped = std::async(std::launch::async, [&] { return c.execute(blpop({"s"}, 0ms)); });
    wait_for_blocked("s", 1);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(c.execute(incr("{s}n")), i + 1);
    c.execute(rpush("s", "x"));
    EXPECT_TRUE(popped.get().has_value());
}

TEST_P(blocking, reads_wait_only_if_they_say_so) {
    cluster c{settings};
    const auto id = c.execute(xadd("x", {{"f", "1"}}));
    const auto before = c.statistics().connects;
    EXPECT_EQ(c.execute(xread({{"x", "0"}})).size(), 1U);
    EXPECT_EQ(c.statistics().connects, before);  // on the connection that all share
    auto next =
        std::async(std::launch::async, [&] { return c.execute(raw("XREAD", "BLOCK", "0", "STREAMS", "x", "$")); });
    wait_for_blocked("x", 1);
    c.execute(xadd("x", {{"f", "2"}}));
    EXPECT_FALSE(next.get().view().is_null());
}

TEST_P(blocking, command_that_is_given_up_takes_nothing_afterwards) {
    settings.command_timeout = 200ms;
    cluster c{settings};
    // The server is stopped before the time that the command says is over: no reply comes.
    valkey_server& primary = nodes().node_serving(key_slot("g"));
    c.execute(exists("g"));
    auto late = std::async(std::launch::async, [&] { return c.try_execute(blpop({"g"}, 300ms)); });
    wait_for_blocked("g", 1);
    primary.pause();
    const auto lost = late.get();
    ASSERT_FALSE(lost.has_value());
    EXPECT_EQ(lost.error().which(), errc::timed_out);
    EXPECT_TRUE(lost.error().may_have_run());
    primary.resume();
    cluster other{config_for(nodes())};
    poll_until("the connection is gone", [&] {
        const auto text = other.try_execute(raw<std::string>("INFO", "clients"), on_slot(key_slot("g")));
        return text && text->find("blocked_clients:0\r") != std::string::npos;
    });
    other.execute(rpush("g", "x"));
    EXPECT_EQ(other.execute(llen("g")), 1);
}

TEST_P(blocking, command_follows_its_slot_while_it_waits) {
    async_cluster c{settings};
    const std::string key = "moving";
    const auto slot = key_slot(key);
    auto popped = c.execute(blpop({key}, 0ms), asio::use_future);
    wait_for_blocked(key, 1);
    valkey_server& home = nodes().node_serving(slot);
    valkey_server& next = other_primary(nodes(), slot);
    nodes().move_slot(slot, next);
    wait_for_blocked(key, 1);  // at the new one
    c.execute(rpush(key, "x"), asio::use_future).get();
    EXPECT_TRUE(popped.get().has_value());
    nodes().move_slot(slot, home);
}

TEST_P(blocking, command_follows_its_primary_through_a_failover) {
    async_cluster c{settings};
    const int shard = GetParam() - 1;  // voters would refuse a second election in the same one for a while
    const std::string key = key_served_by(nodes(), nodes().primary(shard), "fail");
    auto popped = c.execute(blpop({key}, 0ms), asio::use_future);
    wait_for_blocked(key, 1);
    nodes().failover(shard);
    wait_for_blocked(key, 1);
    c.execute(rpush(key, "x"), asio::use_future).get();
    EXPECT_TRUE(popped.get().has_value());
}

TEST_P(blocking, more_commands_than_connections_take_turns) {
    settings.max_exclusive_connections = 2;
    async_cluster c{settings};
    std::vector<std::future<std::optional<popped_element>>> waiting;
    for (int i = 0; i < 6; ++i) waiting.push_back(c.execute(blpop({"t"}, 0ms), asio::use_future));
    wait_for_blocked("t", 2);
    for (int i = 0; i < 6; ++i) c.execute(rpush("t", std::to_string(i)), asio::use_future).get();
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(waiting[static_cast<std::size_t>(i)].get().has_value());
}

TEST_P(blocking, command_in_line_is_served_when_the_only_connection_breaks_at_once) {
    auto& node = nodes().node_serving(key_slot("b"));
    config c{.seeds = {{node.host(), node.port()}}};
    c.protocol = GetParam();
    c.max_exclusive_connections = 1;
    async_client one{c};  // which has no other connections
    auto first = one.try_execute(blpop({"{b}first"}, 0ms), asio::use_future);
    auto second = one.try_execute(blpop({"b"}, 0ms), asio::use_future);
    wait_for_blocked("b", 1);
    node.admin()({"CLIENT", "KILL", "TYPE", "normal"});
    const auto lost = first.get();
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error(), errc::connection_lost);
    wait_for_blocked("b", 1);
    node.admin()({"RPUSH", "b", "x"});
    EXPECT_TRUE(second.get().value().has_value());
}

TEST_P(blocking, command_that_has_waited_for_room_then_waits_as_long_as_it_says) {
    settings.command_timeout = stretched(1s);
    settings.max_in_flight = 1;
    settings.when_full = full_policy::wait;
    cluster c{settings};
    c.execute(echo("x"));
    auto first = std::async(std::launch::async, [&] { return c.execute(blpop({"first"}, stretched(300ms))); });
    poll_until("the first one to be under way", [&] { return c.statistics().under_way == 1; });
    const stopwatch clock;
    auto second = std::async(std::launch::async, [&] { return c.try_execute(blpop({"second"}, 60s)); });
    poll_until("the second one to wait", [&] { return c.statistics().waiting_for_room == 1; });
    EXPECT_FALSE(first.get());
    wait_for_blocked("second", 1);
    poll_until("more time to pass than others have", [&] { return clock.elapsed() > 2 * settings.command_timeout; });
    nodes().node_serving(key_slot("second")).admin()({"RPUSH", "second", "x"});
    const auto popped = second.get();
    ASSERT_TRUE(popped) << popped.error().message();
    EXPECT_TRUE(popped->has_value());
}

TEST_P(blocking, command_that_somebody_unblocks_ends_as_he_says) {
    async_cluster c{settings};
    auto admin = nodes().node_serving(key_slot("u")).admin();
    for (const std::string how : {"ERROR", "TIMEOUT"}) {
        auto popped = c.try_execute(blpop({"u"}, 0ms), asio::use_future);
        wait_for_blocked("u", 1);
        const std::string list = admin({"CLIENT", "LIST"});
        const auto line = list.rfind("id=", list.find("cmd=blpop"));
        admin({"CLIENT", "UNBLOCK", list.substr(line + 3, list.find(' ', line) - line - 3), how});
        const auto end = popped.get();
        if (how == "TIMEOUT") {
            EXPECT_FALSE(end.value().has_value());
        } else {
            ASSERT_FALSE(end);
            EXPECT_EQ(end.error().server_code(), "UNBLOCKED") << end.error().message();
        }
    }
}

TEST_P(blocking, commands_in_a_pipeline_wait_apart) {
    cluster c{settings};
    pipeline batch;
    const auto popped = batch.add(blpop({"p"}, 5s));
    const auto pushed = batch.add(rpush("p", "x"));
    const auto none = batch.add(blpop({"other"}, 100ms));
    const auto done = c.execute(batch);
    EXPECT_TRUE(done[popped].value().has_value());
    EXPECT_EQ(done[pushed].value(), 1);
    EXPECT_FALSE(done[none].value().has_value());
}

TEST_P(blocking, command_ends_with_its_client) {
    std::future<result<std::optional<popped_element>>> popped;
    {
        async_cluster c{settings};
        popped = c.try_execute(blpop({"end"}, 0ms), asio::use_future);
        wait_for_blocked("end", 1);
    }
    const auto r = popped.get();
    ASSERT_FALSE(r.has_value());
    EXPECT_EQ(r.error().which(), errc::client_closed);
    EXPECT_TRUE(r.error().may_have_run());
}

}  // namespace
}  // namespace valkeyxx::testing
