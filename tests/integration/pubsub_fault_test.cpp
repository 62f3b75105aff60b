// One fault at a time, for subscriptions of every kind: what is told, when, and that they come back.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "integration/client_world.hpp"
#include "integration/kill.hpp"
#include "support/cluster.hpp"
#include "support/fake_server.hpp"
#include "support/fault_proxy.hpp"
#include "support/world.hpp"

#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using clock = std::chrono::steady_clock;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 500ms}};
    valkey_server one;
    void wait() {
        one.wait();
        nodes.wait();
    }
};
const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}
valkey_server& one() {
    return world<servers>().one;
}

class pubsub_fault : public ::testing::TestWithParam<int> {
  protected:
    ~pubsub_fault() override { nodes().heal(); }

    static config settings() {
        config c = config_for(nodes());
        c.protocol = GetParam();
        return c;
    }
    static config settings_of_one(std::uint16_t port = one().port()) {
        config c{.seeds = {{"127.0.0.1", port}}};
        c.protocol = GetParam();
        return c;
    }

    /// The next event or message of this kind; what comes before it is dropped.
    static message await(subscriber& feed, message_kind what, std::chrono::milliseconds limit = 3s) {
        const auto until = clock::now() + stretched(limit);
        while (clock::now() < until) {
            auto m = feed.next(10ms);
            if (m && m->what == what) return *std::move(m);
        }
        ADD_FAILURE() << "no " << to_string(what) << " within " << limit.count() << " ms";
        return {};
    }
    static std::string text_of(const std::optional<message>& m) {
        if (!m) return "nothing";
        return std::string{to_string(m->what)} + " " + m->channel + (m->payload.empty() ? "" : " " + m->payload);
    }
    static std::string next(subscriber& feed) { return text_of(feed.next(stretched(3s))); }
};

INSTANTIATE_TEST_SUITE_P(protocols, pubsub_fault, ::testing::Values(2, 3),
                         [](const auto& p) { return "resp" + std::to_string(p.param); });

}  // namespace

TEST_P(pubsub_fault, killed_connection_is_made_again_at_once) {
    client c{settings_of_one()};
    auto feed = c.subscriber();
    feed.subscribe("a", "b");
    ASSERT_TRUE(feed.ready());
    await(feed, message_kind::subscribed);
    await(feed, message_kind::subscribed);
    for (int i = 0; i < 5; ++i) {
        one().admin()({"CLIENT", "KILL", "TYPE", "PUBSUB"});
        const stopwatch since;
        for (const char* what : {"gap_began a", "gap_began b", "gap a", "gap b"}) EXPECT_EQ(next(feed), what);
        EXPECT_LT(since.elapsed(), stretched(200ms));
        one().admin()({"PUBLISH", "a", "x"});
        EXPECT_EQ(next(feed), "message a x");
    }
    EXPECT_EQ(feed.statistics().gaps, 10U);
    EXPECT_EQ(feed.statistics().live, 2U);
}

TEST_P(pubsub_fault, silence_is_noticed_within_the_configured_time) {
    fault_proxy proxy{one().port()};
    config c = settings_of_one(proxy.port());
    c.subscription_timeout = stretched(400ms);
    client of_one{c};
    auto feed = of_one.subscriber();
    feed.subscribe("c");
    ASSERT_TRUE(feed.ready());
    await(feed, message_kind::subscribed);
    // As long as the server answers, nothing happens.
    EXPECT_EQ(text_of(feed.next(3 * c.subscription_timeout)), "nothing");
    const auto silent = clock::now();
    proxy.set([](toxics& t) { t.blackhole_up = t.blackhole_down = true; });
    const auto began = await(feed, message_kind::gap_began);
    // Where this program does not get to run in time, it allows for that, within limits.
    EXPECT_LE(clock::now() - silent, 5 * c.subscription_timeout / 2 + stretched(150ms));
    EXPECT_GE(began.from, silent - c.subscription_timeout - 1s);
    EXPECT_LE(began.from, silent);
    proxy.set([](toxics& t) { t.blackhole_up = t.blackhole_down = false; });
    const stopwatch since;
    const auto gap = await(feed, message_kind::gap);
    EXPECT_LT(since.elapsed(), stretched(1000ms));
    EXPECT_EQ(gap.from, began.from);
    one().admin()({"PUBLISH", "c", "x"});
    EXPECT_EQ(next(feed), "message c x");
}

TEST_P(pubsub_fault, program_that_sleeps_does_not_take_its_server_for_dead) {
    config c = settings_of_one();
    c.subscription_timeout = 100ms;
    client of_one{c};
    auto feed = of_one.subscriber();
    feed.subscribe("c");
    ASSERT_TRUE(feed.ready());
    await(feed, message_kind::subscribed);
    for (int i = 0; i < 3; ++i) {
        std::this_thread::sleep_for(350ms);  // the program has other things to do
        one().admin()({"PUBLISH", "c", std::to_string(i)});
        EXPECT_EQ(next(feed), "message c " + std::to_string(i));
    }
}

TEST_P(pubsub_fault, refusal_is_told_and_ends_when_it_is_allowed) {
    admin a = one().admin();
    a({"ACL", "SETUSER", "listener", "on", ">secret", "+@all", "~*", "resetchannels", "&good"});
    config c = settings_of_one();
    c.username = "listener";
    c.password = "secret";
    client of_one{c};
    auto feed = of_one.subscriber();
    feed.subscribe("good", "evil");
    const auto r = feed.ready();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().server_code(), "NOPERM");
    EXPECT_EQ(text_of(await(feed, message_kind::refused)).find("refused evil NOPERM"), 0U);
    a({"PUBLISH", "good", "x"});
    EXPECT_EQ(await(feed, message_kind::message).payload, "x");
    a({"ACL", "SETUSER", "listener", "&evil"});
    const stopwatch since;
    EXPECT_EQ(await(feed, message_kind::subscribed).channel, "evil");
    EXPECT_LT(since.elapsed(), stretched(1200ms));
    // Taken away again, the server ends the connection; what is still allowed comes back.
    a({"ACL", "SETUSER", "listener", "resetchannels", "&evil"});
    EXPECT_EQ(await(feed, message_kind::refused).channel, "good");
    poll_until("the other channel", [&] {
        static_cast<void>(feed.next(10ms));
        return feed.statistics().live == 1;
    });
    a({"ACL", "DELUSER", "listener"});
}

TEST_P(pubsub_fault, reader_whom_the_server_drops_is_told_of_the_gap) {
    admin a = one().admin();
    a({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0"});
    client of_one{settings_of_one()};
    auto feed = of_one.subscriber({.max_messages = 10, .when_full = overflow::wait});
    feed.subscribe("c");
    ASSERT_TRUE(feed.ready());
    await(feed, message_kind::subscribed);
    const std::string big(100'000, 'x');
    int sent = 0;
    while (a({"PUBLISH", "c", std::to_string(sent) + big}) == "1") {
        ++sent;
        // The sockets' buffers must be full before the server's own is.
        ASSERT_LT(sent, 1000);
        static_cast<void>(of_one.execute(ping()));
    }
    const auto dropped = clock::now();
    std::this_thread::sleep_for(1500ms);  // the reader is busy for longer than what messages may have been on their way
    int taken = 0;
    message m = feed.next();
    for (; m.is_message(); m = feed.next()) EXPECT_EQ(m.payload, std::to_string(taken++) + big);
    EXPECT_GT(taken, 10);
    EXPECT_LT(taken, sent);
    EXPECT_EQ(m.what, message_kind::gap_began);
    EXPECT_LE(m.from, dropped) << "when it was dropped, not when the rest of what it had been sent was read";
    await(feed, message_kind::gap);
    a({"PUBLISH", "c", "last"});
    EXPECT_EQ(next(feed), "message c last");
    EXPECT_EQ(feed.statistics().dropped, 0U);
    a({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60"});
}

TEST_P(pubsub_fault, channels_without_a_slot_move_on_when_their_node_is_killed) {
    cluster c{settings()};
    auto feed = c.subscriber();
    feed.subscribe("news");
    feed.psubscribe("p*");
    ASSERT_TRUE(feed.ready());
    const auto home = await(feed, message_kind::subscribed).node;
    await(feed, message_kind::subscribed);
    for (int i = 0; i < nodes().size(); ++i) {
        if (nodes().node(i).port() == home.port) kill(nodes().node(i));
    }
    const stopwatch since;
    await(feed, message_kind::gap);
    const auto second = await(feed, message_kind::gap);
    EXPECT_LT(since.elapsed(), stretched(1000ms));
    EXPECT_NE(second.node, home);
    nodes().wait_ok();
    c.execute(publish("news", "x"));
    EXPECT_EQ(next(feed), "message news x");
}

TEST_P(pubsub_fault, hanging_primary_is_left_when_a_replica_has_taken_over) {
    cluster c{settings()};
    auto feed = c.subscriber();
    const std::string channel = key_served_by(nodes(), nodes().primary(1), "hang");
    feed.ssubscribe(channel);
    ASSERT_TRUE(feed.ready());
    auto& heir = nodes().replica(1);
    prepare_to_kill(nodes().primary(1));
    nodes().primary(1).pause();
    poll_until("the promotion", [&] {
        static_cast<void>(feed.next(10ms));
        return heir.role() == "primary";
    });
    const stopwatch since;
    poll_until("the channel to be live", [&] {
        static_cast<void>(feed.next(10ms));
        return heir.admin()({"PUBSUB", "SHARDNUMSUB", channel}) == channel + " 1" && feed.statistics().live == 1;
    });
    EXPECT_LT(since.elapsed(), stretched(1000ms));
    nodes().wait_ok();
    c.execute(spublish(channel, "x"));
    EXPECT_EQ(await(feed, message_kind::message).payload, "x");
}

TEST_P(pubsub_fault, notifications_of_keys_follow_a_failover) {
    for (int i = 0; i < nodes().size(); ++i)
        nodes().node(i).admin()({"CONFIG", "SET", "notify-keyspace-events", "KEA"});
    cluster c{settings()};
    auto feed = c.subscriber();
    feed.subscribe_keyspace("__keyevent@0__:set");
    ASSERT_TRUE(feed.ready());
    const std::string key = key_served_by(nodes(), nodes().primary(2), "told");
    nodes().failover(2);
    c.execute(set(key, "v"));  // by the new primary, which makes the client look for one
    const auto until = clock::now() + stretched(1000ms);
    std::optional<message> m;
    while (clock::now() < until && !(m && m->is_message() && m->payload == key)) {
        c.execute(set(key, "v"));
        m = feed.next(10ms);
    }
    EXPECT_EQ(text_of(m), "message __keyevent@0__:set " + key);
    c.execute(del(key));
}

TEST_P(pubsub_fault, server_that_makes_no_sense_is_left_and_tried_again) {
    std::atomic<int> connections = 0;
    fake_server server{[&](int number, const auto& words) -> answer {
        connections = number + 1;
        if (const auto greeting = answer_greeting(words)) {
            return is_command(words, "PING") && GetParam() == 2 ? answer{"*2\r\n$4\r\npong\r\n$0\r\n\r\n"} : *greeting;
        }
        if (!is_command(words, "SUBSCRIBE")) return "-ERR what\r\n";
        const std::string kind = GetParam() == 2 ? "*" : ">";
        // At first it confirms something else, then nothing, then twice, at last it does it right.
        const std::string right = kind + "3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n";
        if (number == 0) return kind + "3\r\n$9\r\nsubscribe\r\n$1\r\nd\r\n:1\r\n";
        if (number == 1) return "";
        if (number == 2) return right + right;
        return right + kind + "3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n";
    }};
    client c{settings_of_one(server.port())};
    auto feed = c.subscriber();
    feed.subscribe("c");
    EXPECT_EQ(await(feed, message_kind::message).payload, "hi");
    EXPECT_EQ(connections, 4);
}

}  // namespace valkeyxx::testing
