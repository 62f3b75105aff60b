// Topologies that cannot be, or hardly: refused with the reason, or taken, but never believed too much.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "integration/client_world.hpp"
#include "integration/fake_node.hpp"

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using request = fake_node::request;

config config_for(const fake_node& node) {
    config c = parse_url(node.url()).value();
    c.command_timeout = stretched(4s);
    return c;
}

answer ok(const request& r) {
    return is_command(r, "GET") ? resp::bulk("value") : resp::integer(1);
}

/// All slots at one node, given in RESP.
std::string all_at(const std::string& host, const std::string& port) {
    return resp::array({resp::array({resp::integer(0), resp::integer(16383), resp::array({host, port})})});
}

}  // namespace

TEST(topology_hostile, what_cannot_be_is_refused_with_the_reason) {
    fake_node node{ok};
    const std::string here = "127.0.0.1:" + std::to_string(node.port());
    const std::string host = resp::bulk("127.0.0.1");
    const std::vector<std::string> impossible{
        resp::array({}),
        resp::nil(),
        resp::integer(7),
        resp::bulk("none"),
        resp::error("ERR no such thing"),
        "-\r\n",
        "*-5\r\n",
        resp::array({resp::integer(1)}),
        resp::array({resp::array({})}),
        resp::array({resp::array({resp::integer(0), resp::integer(1)})}),
        all_at(host, resp::bulk("x")),
        all_at(host, resp::integer(70000)),
        all_at(host, resp::integer(-1)),
        all_at(host, resp::integer(0)),
        all_at(resp::integer(1), resp::integer(7000)),
        all_at(resp::bulk("?"), resp::integer(7000)),
        resp::array({slots_at(5, 4, 7000)}),
        resp::array({slots_at(0, 16384, 7000)}),
        resp::array({slots_at(-1, 5, 7000)}),
        resp::array({slots_at(0, 100, 7000), slots_at(100, 200, 7001)}),
        "*1000000000\r\n",
        "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$99999999999\r\n",
    };
    for (const auto& slots : impossible) {
        node.tell(slots);
        config c = config_for(node);
        c.connect_timeout = stretched(200ms);
        c.refresh_interval = 10ms;
        cluster client{c};
        const auto none = client.try_execute(get("k"));
        ASSERT_FALSE(none) << slots;
        EXPECT_EQ(none.error(), errc::no_topology) << none.error().message();
        EXPECT_NE(none.error().message().find(here), std::string::npos) << none.error().message();
        EXPECT_EQ(none.error().executed(), executed::no);
        node.claim(0, 16383);
        EXPECT_EQ(client.execute(get("k")), "value");  // the same client, once the node has come to its senses
    }
}

TEST(topology_hostile, node_without_a_host_is_at_the_host_that_was_asked) {
    fake_node node{ok};
    for (const auto& host : {resp::nil(), resp::null(), resp::bulk("")}) {
        node.tell(all_at(host, resp::integer(node.port())));
        EXPECT_EQ(cluster{config_for(node)}.execute(get("k")), "value");
    }
}

TEST(topology_hostile, ten_thousand_nodes_are_taken) {
    fake_node node{ok};
    std::vector<std::string> ranges{slots_at(0, 6383, node.port())};
    for (int i = 0; i < 10'000; ++i) ranges.push_back(slots_at(6384 + i, 6384 + i, 10'000 + i));
    node.tell(resp::array(ranges));
    cluster client{config_for(node)};
    EXPECT_EQ(client.execute(get("b")), "value");  // slot 3300
    EXPECT_EQ(client.topology()->covered_slots(), 16384U);
    EXPECT_GE(client.topology()->shards().size(), 10'000U);
}

TEST(topology_hostile, later_one_that_cannot_be_leaves_the_one_in_use) {
    std::string target;
    fake_node other{ok};
    fake_node node{[&, left = 1](const request& r) mutable -> answer {
        if (is_command(r, "INCR") && left-- > 0) {
            return resp::error("MOVED " + std::to_string(key_slot(r.at(1))) + " " + target);
        }
        return ok(r);
    }};
    target = "127.0.0.1:" + std::to_string(other.port());
    cluster client{config_for(node)};
    EXPECT_EQ(client.execute(get("k")), "value");
    node.tell(resp::array({}));
    other.tell(resp::error("ERR no idea"));
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(client.try_execute(incr("k")));
    EXPECT_EQ(client.topology()->covered_slots(), 16384U);
    EXPECT_EQ(client.statistics().moved, 1U);
}

TEST(topology_hostile, slot_that_nobody_serves_says_so_and_others_work) {
    fake_node node{ok};
    node.claim(8192, 16383);
    config c = config_for(node);
    c.command_timeout = stretched(600ms);
    cluster client{c};
    EXPECT_EQ(client.execute(get("key")), "value");  // slot 12539
    const auto none = client.try_execute(incr("b"));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error(), errc::slot_not_served) << none.error().message();
    EXPECT_EQ(none.error().executed(), executed::no);
    auto later = std::async(std::launch::async, [&] { return client.try_execute(incr("b")); });
    node.claim(0, 16383);
    EXPECT_TRUE(later.get());
}

}  // namespace valkeyxx::testing
