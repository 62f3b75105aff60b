// Subscriptions of clients of a service: they follow its primary through failovers that real sentinels make.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "integration/client_world.hpp"
#include "integration/pubsub_world.hpp"
#include "integration/sentinel_world.hpp"
#include "support/world.hpp"

#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using clock = std::chrono::steady_clock;

struct servers {
    sentinel_set three{{.extra = {"--notify-keyspace-events", "KEA"}}};
    void wait() { three.wait(); }
};
const auto registered = use_world<servers>();

sentinel_set& three() {
    return world<servers>().three;
}

config settings(int protocol) {
    config c = config_for(three());
    c.protocol = protocol;
    return c;
}

std::vector<std::string> plain_channels() {
    return {"news", "weather", "orders"};
}
std::vector<std::string> shard_channels() {
    return {"s:1", "s:2", "s:3", "s:4"};
}

// Two subscribers, one with a handler and one that waits, and somebody who publishes all the time.
class audience {
  public:
    audience(std::vector<std::string> channels, bool sharded)
        : by_handler_{"with a handler", channels},
          by_waiting_{"waiting", channels},
          publisher_{publishing_, channels, sharded ? spublish : publish} {
        started_feed_.listen([this](message& m) { by_handler_.note(m); });
        if (sharded) {
            started_feed_.ssubscribe(channels);
            waiting_feed_.ssubscribe(channels);
        } else {
            started_feed_.subscribe(channels);
            waiting_feed_.subscribe(channels);
        }
        reader_ = std::thread{[this] {
            try {
                for (;;) by_waiting_.note(waiting_feed_.next());
            } catch (const exception&) {  // closed
            }
        }};
    }
    audience(const audience&) = delete;
    audience& operator=(const audience&) = delete;
    ~audience() {
        waiting_feed_.close();
        reader_.join();
    }

    /// The servers are ready now. Sentinels announce to RESP3 what RESP2 has to ask for, once a second.
    void expect_live(const std::string& after) const {
        expect_live(after, by_handler_, 1000ms);
        expect_live(after, by_waiting_, 2500ms);
    }
    void judge() {
        publisher_.stop();
        by_handler_.judge(publisher_);
        by_waiting_.judge(publisher_);
    }

  private:
    void expect_live(const std::string& after, const pubsub_witness& who, std::chrono::milliseconds within) const {
        const auto since = clock::now();
        poll_until("all channels to be live after " + after, [&] { return who.heard_all(publisher_, since); });
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - since);
        EXPECT_LE(took, stretched(within)) << after;
    }

    async_client started_{settings(3)};
    client waiting_{settings(2)};
    async_client publishing_{settings(3)};
    pubsub_witness by_handler_;
    pubsub_witness by_waiting_;
    async_subscriber started_feed_{started_.subscriber(roomy())};
    subscriber waiting_feed_{waiting_.subscriber(roomy())};
    steady_publisher publisher_;
    std::thread reader_;
};

class pubsub_sentinel : public ::testing::TestWithParam<bool> {
  protected:
    ~pubsub_sentinel() override { three().heal(); }

    static std::vector<std::string> channels() { return GetParam() ? shard_channels() : plain_channels(); }

    /// How many subscriptions the server has to the channel.
    static std::string listeners_at(valkey_server& server) {
        const auto told = server.admin().call({"PUBSUB", GetParam() ? "SHARDNUMSUB" : "NUMSUB", channels().front()});
        return told.items.at(1).text;
    }
};

INSTANTIATE_TEST_SUITE_P(kinds, pubsub_sentinel, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "of_shards" : "plain"; });

}  // namespace

TEST_P(pubsub_sentinel, subscriptions_follow_a_failover_on_demand) {
    audience all{channels(), GetParam()};
    all.expect_live("the start");
    auto& old = three().primary();
    EXPECT_EQ(listeners_at(old), "2");
    three().failover();
    all.expect_live("SENTINEL FAILOVER");
    // Whoever stayed at the old primary would hear what its successor passes on to it, as long as it does.
    poll_until("both to have left the old primary", [&] { return listeners_at(old) == "0"; });
    EXPECT_EQ(listeners_at(three().primary()), "2");
    all.judge();
}

TEST_P(pubsub_sentinel, subscriptions_survive_a_killed_primary) {
    audience all{channels(), GetParam()};
    all.expect_live("the start");
    auto& old = three().primary();
    old.kill9();
    three().wait_replaced(old);
    all.expect_live("SIGKILL");
    three().heal();
    all.expect_live("the return of the killed one");
    all.judge();
}

TEST_P(pubsub_sentinel, hung_primary_that_wakes_up_is_listened_to_no_more) {
    audience all{channels(), GetParam()};
    all.expect_live("the start");
    auto& old = three().primary();
    old.pause();
    three().wait_replaced(old);
    all.expect_live("the promotion");
    old.resume();  // and still thinks that it is the primary
    // Its subscribers have left; what somebody publishes there, who does not know, must not come.
    old.admin()({GetParam() ? "SPUBLISH" : "PUBLISH", channels().front(), "999999999"});
    poll_until("the old primary to be a replica", [&] { return old.role() == "replica"; });
    all.expect_live("the return of the hung one");
    all.judge();
}

TEST(pubsub_sentinel_kinds, patterns_and_keys_are_told_of_by_the_new_primary) {
    for (const int protocol : {2, 3}) {
        client waiting{settings(protocol)};
        auto feed = waiting.subscriber();
        feed.psubscribe("alarm:*");
        feed.subscribe_keyspace("__keyevent@0__:set");
        ASSERT_TRUE(feed.ready(stretched(5s)));
        three().failover();
        // Events of both, in any order: two subscriptions that were lost and are back.
        int gaps = 0;
        while (gaps < 2) {
            const auto m = feed.next(stretched(5s));
            ASSERT_TRUE(m) << "protocol " << protocol;
            gaps += m->what == message_kind::gap ? 1 : 0;
        }
        waiting.execute(publish("alarm:1", "fire"));
        waiting.execute(set("k", "v"));
        std::vector<std::string> came;
        while (came.size() < 2) {
            const auto m = feed.next(stretched(5s));
            ASSERT_TRUE(m) << "protocol " << protocol;
            if (m->is_message()) came.push_back(m->pattern + " " + m->channel + " " + m->payload);
        }
        EXPECT_EQ(came[0], "alarm:* alarm:1 fire");
        EXPECT_EQ(came[1], "__keyevent@0__:set __keyevent@0__:set k");
        three().heal();
    }
}

// The connections of commands break when the old primary is left; messages come by those of the new one.
TEST(pubsub_sentinel_kinds, shared_connections_follow_too) {
    config c = settings(3);
    c.pushes = push_connection::shared;
    client waiting{c};
    auto feed = waiting.subscriber();
    feed.subscribe("news");
    ASSERT_TRUE(feed.ready(stretched(5s)));
    three().failover();
    for (bool back = false; !back;) {
        const auto m = feed.next(stretched(5s));
        ASSERT_TRUE(m);
        back = m->what == message_kind::gap;
    }
    EXPECT_EQ(waiting.execute(publish("news", "still here")), 1);
    const auto m = feed.next(stretched(5s));
    ASSERT_TRUE(m);
    EXPECT_EQ(m->payload, "still here");
    three().heal();
}

}  // namespace valkeyxx::testing
