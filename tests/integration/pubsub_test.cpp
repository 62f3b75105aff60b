// Subscriptions on a cluster and on a single server, in both protocols, waiting and not waiting.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/poll.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>
#include <valkeyxx/valkeyxx.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace valkeyxx::commands;
namespace asio = boost::asio;
using texts = std::vector<std::string>;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = stretched(5s)}};
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

enum class place { on_a_cluster, on_one_server };

std::string line(const message& m) {
    std::string text = m.is_message() ? std::string{to_string(m.kind)} : std::string{to_string(m.what)};
    if (!m.pattern.empty() && m.is_message()) text += " " + m.pattern;
    text += " " + m.channel;
    return m.payload.empty() ? text : text + " " + m.payload;
}

// One for each of the three shards.
texts channels_of_all_shards(const std::string& prefix) {
    texts all;
    for (int shard = 0; shard < 3; ++shard) {
        for (int i = 0;; ++i) {
            std::string name = prefix + std::to_string(i);
            if (key_slot(name) / 5462 != shard) continue;
            all.push_back(name);
            break;
        }
    }
    return all;
}

/// What was published before has come wherever it goes: nodes pass messages on in their order.
void let_messages_arrive() {
    std::vector<admin> listeners;
    for (int i = 0; i < nodes().size(); ++i) {
        listeners.push_back(nodes().node(i).admin());
        listeners.back().send({"SUBSCRIBE", "barrier"});
        listeners.back().read();
    }
    for (int i = 0; i < nodes().size(); ++i) nodes().node(i).admin()({"PUBLISH", "barrier", "x"});
    for (admin& a : listeners) {
        for (int i = 0; i < nodes().size(); ++i) a.read();
    }
}

class pubsub : public ::testing::TestWithParam<std::tuple<place, int>> {
  protected:
    void SetUp() override {
        if (clustered()) let_messages_arrive();
    }
    [[nodiscard]] static bool clustered() { return std::get<0>(GetParam()) == place::on_a_cluster; }
    static config settings() {
        config c = clustered() ? config_for(nodes()) : config{.seeds = {{"127.0.0.1", world<servers>().one.port()}}};
        c.protocol = std::get<1>(GetParam());
        c.command_timeout = stretched(5s);
        return c;
    }
    [[nodiscard]] client& commands() { return clustered() ? static_cast<client&>(cluster_) : one_; }
    static std::unique_ptr<async_client> started() {
        if (clustered()) return std::make_unique<async_cluster>(settings());
        return std::make_unique<async_client>(settings());
    }

    /// The next line within some seconds, "nothing" if none comes.
    static std::string next(subscriber& from) {
        const auto m = from.next(stretched(3s));
        return m ? line(*m) : "nothing";
    }
    static texts next(subscriber& from, int count) {
        texts all;
        for (int i = 0; i < count; ++i) all.push_back(next(from));
        return all;
    }
    static texts sorted(texts t) {
        std::sort(t.begin(), t.end());
        return t;
    }
    /// How many subscriptions servers have for the channel.
    std::int64_t numsub(const std::string& channel) {
        std::int64_t all = 0;
        const auto count = [&](std::uint16_t port) {
            all += std::stoll(admin{port}.call({"PUBSUB", "NUMSUB", channel}).items.at(1).text) +
                   std::stoll(admin{port}.call({"PUBSUB", "SHARDNUMSUB", channel}).items.at(1).text);
        };
        if (!clustered()) {
            count(world<servers>().one.port());
        } else {
            for (int i = 0; i < nodes().size(); ++i) count(nodes().node(i).port());
        }
        return all;
    }
    static int pubsub_connections() {
        int all = 0;
        const auto count = [&](std::uint16_t port) {
            const auto list = admin{port}({"CLIENT", "LIST", "TYPE", "PUBSUB"});
            all += static_cast<int>(std::count(list.begin(), list.end(), '\n'));
        };
        if (!clustered()) {
            count(world<servers>().one.port());
        } else {
            for (int i = 0; i < nodes().size(); ++i) count(nodes().node(i).port());
        }
        return all;
    }
    /// Any server sees only part of a cluster: in a cluster of primaries each of them passes on what is published.
    void publish_raw(const std::string& channel, const std::string& payload) {
        commands().execute(publish(channel, payload));
    }

    cluster cluster_{settings_of_cluster()};
    client one_{settings_of_one()};

  private:
    static config settings_of_cluster() {
        config c = config_for(nodes());
        c.protocol = std::get<1>(GetParam());
        return c;
    }
    static config settings_of_one() {
        config c{.seeds = {{"127.0.0.1", world<servers>().one.port()}}};
        c.protocol = std::get<1>(GetParam());
        return c;
    }
};

INSTANTIATE_TEST_SUITE_P(places, pubsub,
                         ::testing::Combine(::testing::Values(place::on_a_cluster, place::on_one_server),
                                            ::testing::Values(2, 3)),
                         [](const auto& p) {
                             const bool clustered = std::get<0>(p.param) == place::on_a_cluster;
                             return (clustered ? "cluster_resp" : "server_resp") + std::to_string(std::get<1>(p.param));
                         });

}  // namespace

TEST_P(pubsub, messages_of_channels_come_with_all_that_belongs_to_them) {
    auto feed = commands().subscriber();
    const std::string odd{"\0\r\n\xff\xc3\xa4", 6};
    feed.subscribe(odd, "news");
    EXPECT_TRUE(feed.subscribed());
    EXPECT_EQ(sorted(next(feed, 2)), sorted({"subscribed " + odd, "subscribed news"}));
    publish_raw(odd, odd);
    publish_raw("news", "");
    const auto m = feed.next();
    EXPECT_EQ(std::tie(m.channel, m.payload, m.pattern), std::tuple(odd, odd, ""));
    EXPECT_EQ(m.kind, channel_kind::channel);
    EXPECT_NE(m.node.port, 0);
    EXPECT_EQ(m.node.host, "127.0.0.1");
    EXPECT_EQ(next(feed), "channel news");
    feed.unsubscribe(odd);
    EXPECT_EQ(next(feed), "unsubscribed " + odd);
    EXPECT_TRUE(feed.subscribed());
    feed.unsubscribe();
    EXPECT_TRUE(feed.subscribed()) << "until it is confirmed";
    EXPECT_EQ(next(feed), "unsubscribed news");
    EXPECT_FALSE(feed.subscribed());
}

TEST_P(pubsub, patterns_and_channels_both_bring_a_message) {
    auto feed = commands().subscriber();
    feed.psubscribe("n*s", "p?");
    feed.subscribe("news");
    ASSERT_TRUE(feed.ready());
    EXPECT_EQ(sorted(next(feed, 3)), (texts{"subscribed n*s", "subscribed news", "subscribed p?"}));
    publish_raw("news", "x");
    EXPECT_EQ(sorted(next(feed, 2)), (texts{"channel news x", "pattern n*s news x"}));
    feed.punsubscribe();
    EXPECT_EQ(sorted(next(feed, 2)), (texts{"unsubscribed n*s", "unsubscribed p?"}));
    EXPECT_TRUE(feed.subscribed());
}

TEST_P(pubsub, channels_of_all_shards_come_by_one_subscriber) {
    auto feed = commands().subscriber();
    const auto channels = channels_of_all_shards("shard");
    feed.ssubscribe(channels);
    feed.ssubscribe("{" + channels[0] + "}2");
    ASSERT_TRUE(feed.ready());
    next(feed, 4);
    for (const auto& c : channels) {
        EXPECT_EQ(commands().execute(spublish(c, "to " + c)), 1);
        EXPECT_EQ(next(feed), "shard " + c + " to " + c);
    }
    EXPECT_EQ(pubsub_connections(), clustered() ? 3 : 1);
    feed.sunsubscribe(channels[1]);
    EXPECT_EQ(next(feed), "unsubscribed " + channels[1]);
    EXPECT_EQ(commands().execute(spublish(channels[1], "x")), 0);
    feed.sunsubscribe();
    EXPECT_EQ(next(feed, 3).size(), 3U);
    EXPECT_FALSE(feed.subscribed());
}

TEST_P(pubsub, one_after_the_other_ends_and_begins_again) {
    auto feed = commands().subscriber();
    for (int i = 0; i < 3; ++i) {
        feed.subscribe("c");
        feed.ssubscribe("c");
        feed.psubscribe("c");
        EXPECT_EQ(next(feed, 3), (texts{"subscribed c", "subscribed c", "subscribed c"}));
        feed.unsubscribe("c");
        feed.sunsubscribe("c");
        feed.punsubscribe("c");
        EXPECT_EQ(next(feed, 3), (texts{"unsubscribed c", "unsubscribed c", "unsubscribed c"}));
    }
    // And without waiting for what comes of it.
    for (int i = 0; i < 20; ++i) {
        feed.ssubscribe("c");
        feed.sunsubscribe("c");
    }
    feed.ssubscribe("c");
    ASSERT_TRUE(feed.ready());
    EXPECT_EQ(numsub("c"), 1);
    commands().execute(spublish("c", "last"));
    std::string last;
    while (last != "shard c last") ASSERT_NE(last = next(feed), "nothing");
    EXPECT_EQ(feed.next(50ms), std::nullopt);
}

TEST_P(pubsub, subscribers_of_one_client_share_a_subscription) {
    auto one = commands().subscriber();
    auto two = commands().subscriber();
    one.subscribe("both", "mine");
    two.subscribe("both");
    ASSERT_TRUE(one.ready() && two.ready());
    EXPECT_EQ(numsub("both"), 1);
    EXPECT_EQ(pubsub_connections(), 1);
    publish_raw("both", "a");
    publish_raw("mine", "b");
    next(one, 2);
    next(two, 1);
    EXPECT_EQ(next(one, 2), (texts{"channel both a", "channel mine b"}));
    EXPECT_EQ(next(two), "channel both a");
    two.unsubscribe("both");
    EXPECT_EQ(next(two), "unsubscribed both");
    publish_raw("both", "c");
    EXPECT_EQ(next(one), "channel both c");
    EXPECT_EQ(two.try_next(), std::nullopt);
    one.close();
    poll_until("the server to know", [&] {
        static_cast<void>(two.try_next());
        return numsub("both") == 0;
    });
}

TEST_P(pubsub, many_channels_are_subscribed_to_at_once) {
    auto feed = commands().subscriber();
    texts names;
    for (int i = 0; i < 1500; ++i) names.push_back("many" + std::to_string(i));
    feed.ssubscribe(names);
    feed.subscribe(names);
    ASSERT_TRUE(feed.ready(stretched(10s)));
    EXPECT_EQ(feed.statistics().live, 3000U);
    EXPECT_EQ(numsub("many77"), 2);
    feed.unsubscribe();
    feed.sunsubscribe();
    poll_until("all to be confirmed", [&] {
        static_cast<void>(feed.next(10ms));
        return numsub("many77") == 0 && numsub("many1499") == 0;
    });
}

TEST_P(pubsub, commands_of_the_same_client_go_on) {
    auto feed = commands().subscriber();
    feed.subscribe("c");
    ASSERT_TRUE(feed.ready());
    next(feed);
    for (int i = 0; i < 200; ++i) {
        commands().execute(set("k" + std::to_string(i), std::to_string(i)));
        publish_raw("c", std::to_string(i));
        EXPECT_EQ(commands().execute(get("k" + std::to_string(i))), std::to_string(i));
    }
    for (int i = 0; i < 200; ++i) ASSERT_EQ(next(feed), "channel c " + std::to_string(i));
}

TEST_P(pubsub, thread_that_waits_is_found_by_a_subscription_of_another_one) {
    auto feed = commands().subscriber();
    EXPECT_EQ(feed.try_next(), std::nullopt);
    EXPECT_EQ(feed.next(20ms), std::nullopt);
    auto waiting = std::async(std::launch::async, [&] { return next(feed, 2); });
    feed.subscribe("late");
    poll_until("the subscription", [&] { return numsub("late") == 1; });
    publish_raw("late", "x");
    EXPECT_EQ(waiting.get(), (texts{"subscribed late", "channel late x"}));
}

TEST_P(pubsub, threads_share_a_subscriber_and_each_message_goes_to_one) {
    auto feed = commands().subscriber({.events = false});
    feed.subscribe("c");
    ASSERT_TRUE(feed.ready());
    constexpr int count = 2000;
    std::vector<std::future<texts>> threads;
    for (int i = 0; i < 4; ++i) {
        threads.push_back(std::async(std::launch::async, [&] {
            texts mine;
            for (;;) {
                const auto m = feed.next();
                if (m.payload == "end") return mine;
                mine.push_back(m.payload);
            }
        }));
    }
    for (int i = 0; i < count; ++i) publish_raw("c", std::to_string(i));
    for (int i = 0; i < 4; ++i) publish_raw("c", "end");
    std::set<std::string> all;
    for (auto& t : threads) {
        for (auto& text : t.get()) EXPECT_TRUE(all.insert(text).second) << text;
    }
    EXPECT_EQ(all.size(), static_cast<std::size_t>(count));
}

TEST_P(pubsub, end_wakes_who_waits) {
    auto feed = commands().subscriber();
    feed.subscribe("c");
    auto waiting = std::async(std::launch::async, [&] {
        for (;;) feed.next();
    });
    poll_until("the subscription", [&] { return numsub("c") == 1; });
    feed.close();
    try {
        waiting.get();
        FAIL();
    } catch (const exception& e) {
        EXPECT_EQ(e.error(), errc::client_closed);
    }
    EXPECT_FALSE(feed.ready());
    auto another = commands().subscriber();
    commands().close();
    EXPECT_THROW(another.next(), exception);
    another.subscribe("c");
    EXPECT_EQ(another.ready().error(), errc::client_closed);
    EXPECT_EQ(commands().subscriber().ready().error(), errc::client_closed);
}

TEST_P(pubsub, full_queue_drops_what_its_policy_says) {
    constexpr auto kept = [](subscriber& feed) {
        std::string all;
        while (auto m = feed.try_next()) all += m->payload;
        return all;
    };
    auto oldest = commands().subscriber({.max_messages = 3, .when_full = overflow::drop_oldest});
    auto newest = commands().subscriber({.max_messages = 3, .when_full = overflow::drop_newest});
    auto failing = commands().subscriber({.max_messages = 3, .when_full = overflow::fail});
    auto bytes = commands().subscriber({.max_bytes = 4, .when_full = overflow::drop_newest});
    auto all = commands().subscriber();
    for (auto* feed : {&oldest, &newest, &failing, &bytes, &all}) {
        feed->subscribe("c");
        ASSERT_TRUE(feed->ready());
        next(*feed);
    }
    for (int i = 0; i < 6; ++i) publish_raw("c", std::to_string(i));
    poll_until("all messages", [&] {
        static_cast<void>(commands().execute(ping()));
        return all.next(10ms) && all.statistics().messages == 6;
    });
    EXPECT_EQ(oldest.statistics().dropped, 3U);
    EXPECT_EQ(kept(oldest), "345");
    EXPECT_EQ(newest.statistics().dropped, 3U);
    EXPECT_EQ(kept(newest), "012");
    EXPECT_EQ(kept(bytes), "01");
    std::string before_the_end;
    try {
        for (;;) before_the_end += failing.next().payload;
    } catch (const exception& e) {
        EXPECT_EQ(e.error(), errc::queue_full);
    }
    EXPECT_EQ(before_the_end, "012");
    EXPECT_FALSE(failing.subscribed());
}

TEST_P(pubsub, subscriber_that_waits_loses_nothing_and_holds_up_nobody) {
    auto slow = commands().subscriber({.max_messages = 10, .when_full = overflow::wait});
    auto quick = commands().subscriber();
    slow.subscribe("c");
    quick.subscribe("c");
    ASSERT_TRUE(slow.ready() && quick.ready());
    constexpr int count = 5000;
    const std::string filling(200, 'x');
    for (int i = 0; i < count; ++i) publish_raw("c", std::to_string(i) + filling);
    next(quick);
    for (int i = 0; i < count; ++i) ASSERT_EQ(next(quick), "channel c " + std::to_string(i) + filling);
    EXPECT_LE(slow.statistics().queued, 11U);
    EXPECT_EQ(next(slow), "subscribed c");
    for (int i = 0; i < count; ++i) ASSERT_EQ(next(slow), "channel c " + std::to_string(i) + filling);
    EXPECT_EQ(slow.statistics().dropped, 0U);
}

TEST_P(pubsub, handler_gets_everything_in_order_and_nothing_after_the_end) {
    const auto client = started();
    std::atomic<int> calls = 0;
    {
        auto feed = client->subscriber();
        std::promise<void> last;
        int expected = 0;
        feed.listen([&](message& m) {
            ++calls;
            if (!m.is_message()) return;
            EXPECT_EQ(m.payload, std::to_string(expected));
            if (++expected == 1000) last.set_value();
        });
        feed.subscribe("c");
        poll_until("the subscription", [&] { return numsub("c") == 1; });
        for (int i = 0; i < 1000; ++i) publish_raw("c", std::to_string(i));
        ASSERT_EQ(last.get_future().wait_for(stretched(5s)), std::future_status::ready);
    }
    const int before = calls;
    publish_raw("c", "x");
    EXPECT_EQ(client->execute(ping(), asio::use_future).get(), "PONG");
    EXPECT_EQ(calls, before);
}

TEST_P(pubsub, handler_may_end_its_subscriber_and_is_told_of_the_clients_end) {
    const auto client = started();
    auto feed = std::make_unique<async_subscriber>(client->subscriber());
    std::promise<void> ended;
    feed->listen([&](message& m) {
        if (m.is_message()) {
            feed.reset();
            ended.set_value();
        }
    });
    feed->subscribe("c");
    poll_until("the subscription", [&] { return numsub("c") == 1; });
    publish_raw("c", "x");
    EXPECT_EQ(ended.get_future().wait_for(stretched(5s)), std::future_status::ready);

    auto other = client->subscriber();
    std::promise<std::string> last;
    other.listen([&](message& m) {
        if (m.what == message_kind::ended) last.set_value(m.payload);
    });
    client->close();
    EXPECT_NE(last.get_future().get().find("closed"), std::string::npos);
}

TEST_P(pubsub, calls_for_the_next_message_are_served_in_their_order) {
    const auto client = started();
    auto feed = client->subscriber({.events = false});
    feed.subscribe("c");
    feed.ready(asio::use_future).get();
    std::array<std::promise<std::string>, 3> got;
    for (auto& g : got) {
        feed.next([&g](result<message> m) { g.set_value(m ? m->payload : m.error().message()); });
    }
    publish_raw("c", "0");
    publish_raw("c", "1");
    EXPECT_EQ(got[0].get_future().get(), "0");
    EXPECT_EQ(got[1].get_future().get(), "1");
    client->close();
    EXPECT_NE(got[2].get_future().get().find("closed"), std::string::npos);
    EXPECT_THROW(feed.next(asio::use_future).get(), exception);
}

TEST_P(pubsub, coroutine_that_is_cancelled_loses_nothing) {
    asio::io_context loop;
    texts seen;
    int cancelled = 0;
    const auto story = [&]() -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        std::unique_ptr<async_client> client;
        if (clustered()) {
            client = std::make_unique<async_cluster>(loop, settings());
        } else {
            client = std::make_unique<async_client>(loop, settings());
        }
        const subscriber_options only_messages{.events = false};
        auto feed = client->subscriber(only_messages);
        feed.subscribe("c");
        co_await feed.ready(asio::use_awaitable);
        std::thread publisher{[&] {
            for (int i = 0; i < 300; ++i) publish_raw("c", std::to_string(i));
        }};
        asio::steady_timer timer{loop};
        while (seen.size() < 300) {
            timer.expires_after(seen.size() % 2 == 0 ? 50us : stretched(20ms));
            auto either = co_await (feed.next(asio::use_awaitable) || timer.async_wait(asio::use_awaitable));
            if (auto* const m = std::get_if<message>(&either)) {
                seen.push_back(m->payload);
            } else {
                ++cancelled;
            }
        }
        publisher.join();
    };
    asio::co_spawn(loop, story, [](const std::exception_ptr& e) {
        if (e) std::rethrow_exception(e);
    });
    loop.run();
    ASSERT_EQ(seen.size(), 300U);
    for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], std::to_string(i));
    EXPECT_GT(cancelled, 0);
}

TEST_P(pubsub, messages_can_share_the_connection_of_commands) {
    config c = settings();
    c.pushes = push_connection::shared;
    std::unique_ptr<client> shared;
    if (clustered()) {
        shared = std::make_unique<cluster>(c);
    } else {
        shared = std::make_unique<client>(c);
    }
    auto feed = shared->subscriber();
    const auto channels = channels_of_all_shards("shared");
    feed.ssubscribe(channels);
    feed.psubscribe("p*");
    ASSERT_TRUE(feed.ready());
    next(feed, 4);
    const auto before = shared->statistics().connects;
    for (int i = 0; i < 50; ++i) {
        for (const auto& name : channels) {
            EXPECT_EQ(shared->execute(spublish(name, std::to_string(i))), 1);
            EXPECT_EQ(next(feed), "shard " + name + " " + std::to_string(i));
            EXPECT_EQ(shared->execute(incr("n" + name)), i + 1);
        }
    }
    for (const auto& name : channels) shared->execute(del("n" + name));
    if (c.protocol == 3) {
        EXPECT_EQ(before, shared->statistics().connects);
        EXPECT_LE(shared->statistics().connects, clustered() ? 3U : 1U);
    }
    feed.sunsubscribe();
    EXPECT_EQ(next(feed, 3).size(), 3U);
}

TEST_P(pubsub, keys_of_all_primaries_are_told_of) {
    auto feed = commands().subscriber({.events = false});
    const auto keys = channels_of_all_shards("key");
    const auto configure = [&](const std::string& what) {
        commands().execute(raw("CONFIG", "SET", "notify-keyspace-events", what));
    };
    configure("KEA");
    feed.subscribe_keyspace("__keyevent@0__:set", "__keyspace@0__:key*");
    ASSERT_TRUE(feed.ready());
    texts seen;
    for (const auto& key : keys) {
        commands().execute(set(key, "v"));
        for (const auto& text : next(feed, 2)) seen.push_back(text);
    }
    texts expected;
    for (const auto& key : keys) {
        expected.push_back("pattern __keyevent@0__:set __keyevent@0__:set " + key);
        expected.push_back("pattern __keyspace@0__:key* __keyspace@0__:" + key + " set");
    }
    EXPECT_EQ(sorted(seen), sorted(expected));
    EXPECT_THROW(feed.subscribe_keyspace("__keyevent@0__:del", "key*"), exception);
    commands().execute(del(keys.front()));
    EXPECT_EQ(next(feed, 1).front(), "pattern __keyspace@0__:key* __keyspace@0__:" + keys.front() + " del");
    commands().execute(set("last", "v"));
    EXPECT_EQ(next(feed, 1).front(), "pattern __keyevent@0__:set __keyevent@0__:set last");
    feed.unsubscribe_keyspace("__keyevent@0__:set");
    feed.unsubscribe_keyspace();
    configure("");
    for (const auto& key : keys) commands().execute(del(key));
    commands().execute(del("last"));
}

TEST_P(pubsub, who_subscribes_is_told_over_all_nodes) {
    if (!clustered()) GTEST_SKIP() << "there is one node";
    std::vector<std::unique_ptr<client>> clients;
    std::vector<subscriber> feeds;
    const std::array<texts, 3> wanted{texts{"foo", "bar", "baz"}, texts{"bar", "baz"}, texts{"baz"}};
    for (const auto& names : wanted) {
        clients.push_back(std::make_unique<cluster>(settings()));
        feeds.push_back(clients.back()->subscriber());
        feeds.back().subscribe(names);
        feeds.back().ssubscribe(names);
        feeds.back().psubscribe("p" + std::to_string(feeds.size()));
        ASSERT_TRUE(feeds.back().ready());
    }
    using counts = std::vector<std::pair<std::string, std::int64_t>>;
    const counts each{{"foo", 1}, {"bar", 2}, {"baz", 3}};
    const auto all = on_all_nodes();
    EXPECT_EQ(cluster_.execute(pubsub_numsub("foo", "bar", "baz"), all), each);
    EXPECT_EQ(cluster_.execute(pubsub_shardnumsub("foo", "bar", "baz"), all), each);
    EXPECT_EQ(cluster_.execute(pubsub_numpat(), all), 3);
    EXPECT_EQ(sorted(cluster_.execute(pubsub_channels(), all)), (texts{"bar", "baz", "foo"}));
    EXPECT_EQ(sorted(cluster_.execute(pubsub_shardchannels(), all)), (texts{"bar", "baz", "foo"}));
}

TEST_P(pubsub, nobody_there_is_told_with_the_reason) {
    config c = settings();
    c.seeds = {{"127.0.0.1", 1}};
    std::unique_ptr<client> lost;
    if (clustered()) {
        lost = std::make_unique<cluster>(c);
    } else {
        lost = std::make_unique<client>(c);
    }
    auto feed = lost->subscriber();
    feed.subscribe("c");
    const auto r = feed.ready(300ms);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error(), errc::timed_out);
    if (clustered()) return;  // the topology is asked for by others
    EXPECT_NE(r.error().message().find("refused"), std::string::npos) << r.error().message();
}

}  // namespace valkeyxx::testing
