// The commands that publish, and those that tell who has subscribed.
#include <algorithm>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/pubsub.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using texts = std::vector<std::string>;
using counts = std::vector<std::pair<std::string, std::int64_t>>;

/// The subscriber has subscribed when this returns.
void subscribe(admin& subscriber, const std::string& how, const std::string& to) {
    subscriber.send({how, to});
    subscriber.read();
}

texts sorted(texts t) {
    std::sort(t.begin(), t.end());
    return t;
}

}  // namespace

TEST_P(commands, publish_reaches_subscribers_anywhere) {
    const std::string odd{"\0\r\n\xff", 4};
    auto here = server_of("a").admin();
    auto there = server_of("b").admin();
    subscribe(here, "SUBSCRIBE", "news");
    subscribe(there, "PSUBSCRIBE", "n*");
    EXPECT_LE(run(publish("news", odd)), 2);  // those of the node that answers
    EXPECT_EQ(here.read().items.at(2).text, odd);
    EXPECT_EQ(there.read().items.at(3).text, odd);
    EXPECT_EQ(run(publish("silent", "message")), 0);
}

TEST_P(commands, publish_counts_the_subscribers_of_the_node) {
    auto one = server_of("a").admin();
    auto two = server_of("a").admin();
    subscribe(one, "SUBSCRIBE", "news");
    subscribe(two, "SUBSCRIBE", "news");
    EXPECT_EQ(client().execute(publish("news", "m"), on(*node_for("a"))), 2);
}

TEST_P(commands, spublish_goes_where_the_channel_is) {
    for (const char* channel : {"a", "b", "c", "d"}) {
        auto subscriber = server_of(channel).admin();
        subscribe(subscriber, "SSUBSCRIBE", channel);
        EXPECT_EQ(run(spublish(channel, "m")), 1);
        EXPECT_EQ(subscriber.read().flat(), std::string{"smessage "} + channel + " m");
    }
    EXPECT_EQ(run(spublish("nobody's", "m")), 0);
}

TEST_P(commands, pubsub_tells_of_channels_and_patterns) {
    const auto node = on(*node_for("a"));
    auto one = server_of("a").admin();
    auto two = server_of("a").admin();
    subscribe(one, "SUBSCRIBE", "news");
    subscribe(two, "SUBSCRIBE", "news");
    subscribe(two, "SUBSCRIBE", "sport");
    subscribe(one, "PSUBSCRIBE", "w*");
    EXPECT_EQ(sorted(client().execute(pubsub_channels(), node)), (texts{"news", "sport"}));
    EXPECT_EQ(client().execute(pubsub_channels("s*"), node), (texts{"sport"}));
    EXPECT_TRUE(run(pubsub_channels("none")).empty());
    EXPECT_EQ(client().execute(pubsub_numsub("news", "sport", "none"), node),
              (counts{{"news", 2}, {"sport", 1}, {"none", 0}}));
    EXPECT_EQ(run(pubsub_numsub(texts{"none"})), (counts{{"none", 0}}));
    EXPECT_EQ(client().execute(pubsub_numpat(), node), 1);
}

TEST_P(commands, pubsub_tells_of_channels_of_shards) {
    const auto node = on(*node_for("a"));
    auto one = server_of("a").admin();
    auto two = server_of("a").admin();
    subscribe(one, "SSUBSCRIBE", "{a}1");
    subscribe(two, "SSUBSCRIBE", "{a}1");
    subscribe(two, "SSUBSCRIBE", "{a}2");
    EXPECT_EQ(sorted(client().execute(pubsub_shardchannels(), node)), (texts{"{a}1", "{a}2"}));
    EXPECT_EQ(client().execute(pubsub_shardchannels("*2"), node), (texts{"{a}2"}));
    EXPECT_EQ(client().execute(pubsub_shardnumsub("{a}1", "{a}2"), node), (counts{{"{a}1", 2}, {"{a}2", 1}}));
    EXPECT_EQ(client().execute(pubsub_shardnumsub(texts{"{a}3"}), node), (counts{{"{a}3", 0}}));
}

}  // namespace valkeyxx::testing
