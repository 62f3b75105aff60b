// CLUSTER SLOTS as servers of all ages write it, and as no server should.
#include "topology/cluster_reply.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "support/wire.hpp"

namespace valkeyxx::topology {
namespace {

using testing::array;
using testing::bulk;
using testing::integer;
using testing::null;
using testing::reply_from;

constexpr std::string_view asked = "10.9.9.9";

std::string node(std::string_view host, int port, std::string_view id) {
    return array({bulk(host), integer(port), bulk(id)});
}

shard_map good(const std::string& wire) {
    const value reply = reply_from(wire);
    auto map = read_cluster_slots(reply, asked);
    EXPECT_TRUE(map) << (map ? "" : map.error().message());
    return map ? *std::move(map) : shard_map{};
}

// What is wrong with the answer, without the words that all such errors begin with.
std::string problem(const std::string& wire) {
    const value reply = reply_from(wire);
    const auto map = read_cluster_slots(reply, asked);
    if (map) return "nothing";
    EXPECT_TRUE(map.error() == errc::no_topology);
    const std::string_view text = map.error().text();
    constexpr std::string_view start = "the answer to CLUSTER SLOTS cannot be used: ";
    EXPECT_TRUE(text.starts_with(start)) << text;
    return std::string{text.substr(start.size())};
}

// One range whose primary is written like this.
std::string served_by(const std::string& primary) {
    return array({array({integer(0), integer(16383), primary})});
}

node_info primary_of(const std::string& primary) {
    const shard_map map = good(served_by(primary));
    EXPECT_EQ(map.shards().size(), 1U) << primary;
    return map.shards().empty() ? node_info{} : map.shards()[0].primary;
}

TEST(cluster_reply, gives_shards_with_primary_and_replicas) {
    const shard_map map = good(array({
        array({integer(0), integer(5460), node("10.0.0.1", 7000, "a"), node("10.0.0.4", 7003, "d"),
               node("10.0.0.5", 7004, "e")}),
        array({integer(5461), integer(16383), node("10.0.0.2", 7001, "b")}),
    }));
    const shard_info first{.primary = {"a", {"10.0.0.1", 7000}},
                           .replicas = {{"d", {"10.0.0.4", 7003}}, {"e", {"10.0.0.5", 7004}}},
                           .slots = {{0, 5460}}};
    const shard_info second{.primary = {"b", {"10.0.0.2", 7001}}, .replicas = {}, .slots = {{5461, 16383}}};
    EXPECT_EQ(map, (shard_map{{first, second}}));
    EXPECT_EQ(map.covered_slots(), std::size_t{slot_count});
}

TEST(cluster_reply, ranges_of_one_primary_are_one_shard_in_order) {
    const shard_map map = good(array({
        array({integer(200), integer(299), node("h", 1, "a"), node("h", 4, "d")}),
        array({integer(100), integer(199), node("h", 2, "b")}),
        array({integer(0), integer(99), node("h", 1, "a"), node("h", 4, "d"), node("h", 5, "e")}),
    }));
    ASSERT_EQ(map.shards().size(), 2U);
    EXPECT_EQ(map.shards()[0].slots, (std::vector<slot_range>{{0, 99}, {200, 299}}));
    EXPECT_EQ(map.shards()[0].replicas, (std::vector<node_info>{{"d", {"h", 4}}, {"e", {"h", 5}}}));
    EXPECT_EQ(map.shard_of(150)->primary.id, "b");
}

TEST(cluster_reply, the_id_tells_nodes_apart_and_the_address_where_there_is_no_id) {
    // Two processes behind one address, as a proxy shows them, and one process under two names.
    EXPECT_EQ(good(array({array({integer(0), integer(1), node("h", 1, "a")}),
                          array({integer(2), integer(3), node("h", 1, "b")})}))
                  .shards()
                  .size(),
              2U);
    EXPECT_EQ(good(array({array({integer(0), integer(1), node("h", 1, "a")}),
                          array({integer(2), integer(3), node("other", 1, "a")})}))
                  .shards()
                  .size(),
              1U);
    // Before version 4 there are no ids.
    const auto bare = [](int port) { return array({bulk("h"), integer(port)}); };
    const shard_map map =
        good(array({array({integer(0), integer(1), bare(1), bare(3)}),
                    array({integer(2), integer(3), bare(1), bare(3)}), array({integer(4), integer(5), bare(2)})}));
    ASSERT_EQ(map.shards().size(), 2U);
    EXPECT_EQ(map.shards()[0].primary, (node_info{"", {"h", 1}}));
    EXPECT_EQ(map.shards()[0].replicas.size(), 1U);
}

TEST(cluster_reply, a_host_that_is_not_told_is_the_one_that_was_asked) {
    EXPECT_EQ(primary_of(array({null(), integer(7000), bulk("a")})), (node_info{"a", {"10.9.9.9", 7000}}));
    EXPECT_EQ(primary_of(node("", 7000, "a")), (node_info{"a", {"10.9.9.9", 7000}}));
    const shard_map map = good(array({array(
        {integer(0), integer(1), node("h", 1, "a"), array({null(), integer(2), bulk("b")}), node("", 3, "c")})}));
    EXPECT_EQ(map.shards()[0].replicas, (std::vector<node_info>{{"b", {"10.9.9.9", 2}}, {"c", {"10.9.9.9", 3}}}));
}

TEST(cluster_reply, a_primary_that_does_not_know_its_name_leaves_its_slots_uncovered) {
    const shard_map map = good(array({array({integer(0), integer(99), node("?", 7000, "a"), node("h", 4, "d")}),
                                      array({integer(100), integer(199), node("h", 1, "b")})}));
    ASSERT_EQ(map.shards().size(), 1U);
    EXPECT_EQ(map.shard_of(0), nullptr);
    EXPECT_EQ(map.covered_slots(), 100U);
}

TEST(cluster_reply, a_replica_that_cannot_be_reached_is_left_out) {
    const shard_map map = good(array({array(
        {integer(0), integer(99), node("h", 1, "a"), node("?", 4, "d"), node("h", 0, "e"), node("h", 5, "f")})}));
    EXPECT_EQ(map.shards()[0].replicas, (std::vector<node_info>{{"f", {"h", 5}}}));
}

TEST(cluster_reply, port_zero_is_nowhere) {
    EXPECT_TRUE(good(served_by(node("h", 0, "a"))).shards().empty());
    EXPECT_TRUE(good(served_by(array({null(), integer(0), bulk("a")}))).shards().empty());
}

TEST(cluster_reply, ipv6_and_hostnames_are_taken_as_they_are) {
    EXPECT_EQ(primary_of(node("::1", 7000, "a")).address, (endpoint{"::1", 7000}));
    EXPECT_EQ(primary_of(node("node-1.example", 7000, "a")).address, (endpoint{"node-1.example", 7000}));
}

TEST(cluster_reply, metadata_and_whatever_newer_servers_add_is_ignored) {
    const auto with_metadata = [](const std::string& metadata) {
        return array({bulk("node-1"), integer(7000), bulk("a"), metadata});
    };
    const node_info expected{"a", {"node-1", 7000}};
    EXPECT_EQ(primary_of(with_metadata(array({}))), expected);
    EXPECT_EQ(primary_of(with_metadata(array({bulk("ip"), bulk("10.0.0.1")}))), expected);
    EXPECT_EQ(primary_of(with_metadata("%2\r\n+ip\r\n+10.0.0.1\r\n+availability-zone\r\n+z1\r\n")), expected);
    EXPECT_EQ(primary_of(with_metadata(null())), expected);
    EXPECT_EQ(primary_of(array({bulk("node-1"), integer(7000), bulk("a"), array({}), array({integer(1)}), null()})),
              expected);
}

TEST(cluster_reply, a_strange_id_is_none) {
    for (const std::string& id : {integer(7), null(), array({bulk("a")})}) {
        EXPECT_EQ(primary_of(array({bulk("h"), integer(1), id})), (node_info{"", {"h", 1}})) << id;
    }
}

TEST(cluster_reply, numbers_may_be_strings) {
    EXPECT_EQ(primary_of(array({"+h\r\n", bulk("7000"), "+a\r\n"})), (node_info{"a", {"h", 7000}}));
    EXPECT_EQ(good(array({array({bulk("3"), "+4\r\n", node("h", 1, "a")})})).covered_slots(), 2U);
}

TEST(cluster_reply, an_empty_answer_is_a_map_of_nothing) {
    EXPECT_TRUE(good(array({})).shards().empty());
}

TEST(cluster_reply, anything_but_an_array_is_refused) {
    for (const auto* wire : {"$-1\r\n", "+OK\r\n", ":1\r\n", "%0\r\n", "~0\r\n", "_\r\n", "-ERR no\r\n", "*-1\r\n"}) {
        EXPECT_EQ(problem(wire), "it is not an array") << wire;
    }
}

TEST(cluster_reply, short_or_misshapen_ranges_are_refused) {
    const std::string primary = node("h", 1, "a");
    for (const std::string& range :
         {array({}), array({integer(0)}), array({integer(0), integer(1)}), integer(0), null(), bulk("0-1")}) {
        EXPECT_EQ(problem(array({range})), "a range has fewer than three parts") << range;
    }
    for (const auto& [first, last] : {std::pair{integer(-1), integer(1)},
                                      {integer(0), integer(16384)},
                                      {integer(16384), integer(16384)},
                                      {integer(5), integer(4)},
                                      {bulk("x"), integer(1)},
                                      {integer(0), null()},
                                      {array({}), integer(1)},
                                      {integer(0), integer(9223372036854775807)},
                                      {bulk("99999999999999999999"), integer(1)}}) {
        EXPECT_EQ(problem(array({array({first, last, primary})})), "a range of slots is not within 0 to 16383")
            << first << last;
    }
}

TEST(cluster_reply, misshapen_nodes_are_refused) {
    const std::string list = "a node is not a list of host, port and id";
    const std::string host = "a node's host is not a string";
    const std::string port = "a node's port is not a number from 0 to 65535";
    const std::pair<std::string, std::string> cases[] = {
        {array({}), list},
        {array({bulk("h")}), list},
        {bulk("h:1"), list},
        {null(), list},
        {array({integer(1), integer(1)}), host},
        {array({array({}), integer(1)}), host},
        {array({"-ERR\r\n", integer(1)}), host},
        {array({bulk("h"), integer(-1)}), port},
        {array({bulk("h"), integer(65536)}), port},
        {array({bulk("h"), bulk("x")}), port},
        {array({bulk("h"), null()}), port},
        {array({bulk("h"), array({})}), port},
    };
    for (const auto& [wire, what] : cases) {
        EXPECT_EQ(problem(served_by(wire)), what) << wire;
        // As a replica, too.
        EXPECT_EQ(problem(array({array({integer(0), integer(1), node("h", 1, "a"), wire})})), what) << wire;
    }
    EXPECT_EQ(primary_of(node("h", 65535, "a")).address.port, 65535);
}

TEST(cluster_reply, one_slot_cannot_have_two_primaries) {
    const std::string a = node("h", 1, "a");
    const std::string b = node("h", 2, "b");
    EXPECT_EQ(problem(array({array({integer(0), integer(5), a}), array({integer(5), integer(9), b})})),
              "slot 5 has two primaries");
    EXPECT_EQ(problem(array({array({integer(0), integer(5), a}), array({integer(3), integer(3), a})})),
              "slot 3 has two primaries");
    // Also where one of the two cannot be used.
    EXPECT_EQ(problem(array({array({integer(0), integer(5), node("?", 1, "c")}), array({integer(0), integer(5), b})})),
              "slot 0 has two primaries");
}

TEST(cluster_reply, a_fragmented_cluster_is_read_whole) {
    std::string ranges;
    for (int slot = 0; slot < slot_count; ++slot) {
        const int shard = slot % 50;
        ranges += array({integer(slot), integer(slot), node("10.0.0.1", 7000 + shard, "p" + std::to_string(shard)),
                         node("10.0.0.2", 7000 + shard, "r" + std::to_string(shard))});
    }
    const shard_map map = good("*16384\r\n" + ranges);
    EXPECT_EQ(map.shards().size(), 50U);
    EXPECT_EQ(map.covered_slots(), std::size_t{slot_count});
    EXPECT_EQ(map.nodes().size(), 100U);
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) {
        ASSERT_EQ(map.shard_of(slot)->primary.address.port, 7000 + slot % 50);
    }
}

// Whatever stands where, reading ends with a map of reachable nodes or an error.
TEST(cluster_reply, any_shape_is_read_or_refused) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const auto any_of = [&random](std::initializer_list<std::string> list) {
        return list.begin()[random() % list.size()];
    };
    const auto any_node = [&] {
        std::string parts;
        const auto size = random() % 5;
        for (std::size_t i = 0; i < size; ++i) {
            parts += any_of({bulk("h"), bulk("?"), bulk(""), null(), integer(0), integer(7000), integer(-1),
                             array({integer(1)}), "-ERR\r\n", "#t\r\n", "%1\r\n+a\r\n+b\r\n"});
        }
        return "*" + std::to_string(size) + "\r\n" + parts;
    };
    int maps = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string ranges;
        const auto size = random() % 4;
        for (std::size_t i = 0; i < size; ++i) {
            const auto start = integer(static_cast<int>(random() % 16500));
            ranges +=
                any_of({array({start, start, node("h", 1, "a")}), array({start, start, any_node()}),
                        array({start, start, node("h", 2, "b"), any_node()}), array({start, any_node()}), any_node()});
        }
        const value reply = reply_from("*" + std::to_string(size) + "\r\n" + ranges);
        const auto map = read_cluster_slots(reply, asked);
        if (!map) continue;
        ++maps;
        for (const node_info& n : map->nodes()) {
            ASSERT_FALSE(n.address.host.empty());
            ASSERT_NE(n.address.host, "?");
            ASSERT_NE(n.address.port, 0);
        }
    }
    EXPECT_GT(maps, 1000);
}

}  // namespace
}  // namespace valkeyxx::topology
