// What nodes say of their clusters in cases that the nodes of the tests are not in.
#include <gtest/gtest.h>

#include "support/wire.hpp"

#include <valkeyxx/commands/cluster_admin.hpp>

namespace valkeyxx::commands {
namespace {

using testing::array;
using testing::bulk;
using testing::integer;
using testing::null;
using testing::reply_from;
using nodes = std::vector<cluster_node>;
using ranges = std::vector<slot_range>;

TEST(builders_cluster_admin, node_may_have_an_ipv6_address_and_a_hostname) {
    const auto list = decode<nodes>(
        reply_from(bulk("aa ::1:7000@17000,a.test,shard-id=5 myself,slave bb 5 6 7 connected 0 2-3 [9->-cc] [8-<-dd]\n"
                        "bb 10.0.0.1:7001 master,fail? - 0 0 1 disconnected\n")));
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 2U);
    const cluster_node& one = (*list)[0];
    EXPECT_EQ(one.id, "aa");
    EXPECT_EQ(one.host, "::1");
    EXPECT_EQ(one.port, 7000);
    EXPECT_EQ(one.bus_port, 17000);
    EXPECT_EQ(one.hostname, "a.test");
    EXPECT_EQ(one.flags, (std::vector<std::string>{"myself", "slave"}));
    EXPECT_EQ(one.primary_id, "bb");
    EXPECT_EQ(one.ping_sent->time_since_epoch().count(), 5);
    EXPECT_EQ(one.pong_received->time_since_epoch().count(), 6);
    EXPECT_EQ(one.config_epoch, 7);
    EXPECT_TRUE(one.linked);
    EXPECT_EQ(one.slots, (ranges{{0, 0}, {2, 3}}));
    EXPECT_EQ(one.migrating, (std::vector<std::pair<std::uint16_t, std::string>>{{9, "cc"}}));
    EXPECT_EQ(one.importing, (std::vector<std::pair<std::uint16_t, std::string>>{{8, "dd"}}));
    const cluster_node& two = (*list)[1];
    EXPECT_EQ(two.bus_port, 0);
    EXPECT_EQ(two.hostname, "");
    EXPECT_EQ(two.primary_id, "");
    EXPECT_EQ(two.ping_sent, std::nullopt);
    EXPECT_FALSE(two.linked);
}

TEST(builders_cluster_admin, lines_that_make_no_sense_are_refused) {
    for (const char* line : {"aa", "aa 10.0.0.1 master - 0 0 1 connected", "aa h:p@1 master - 0 0 1 connected",
                             "aa h:1@1 master - x 0 1 connected", "aa h:1@1 master - 0 0 1 connected 1-x",
                             "aa h:1@1 master - 0 0 1 connected 70000", "aa h:1@1 master - 0 0 1 connected [x]"}) {
        EXPECT_FALSE(decode<nodes>(reply_from(bulk(line)))) << line;
    }
    EXPECT_FALSE(decode<nodes>(reply_from(integer(1))));
    EXPECT_TRUE(decode<nodes>(reply_from(array({})))->empty());
}

TEST(builders_cluster_admin, slots_may_have_nodes_without_an_address_or_metadata) {
    const auto all = decode<std::vector<cluster_slots_range>>(reply_from(
        array({array({integer(0), integer(5), array({null(), integer(7000), bulk("aa")}),
                      array({bulk("h"), integer(7001), bulk("bb"), array({bulk("hostname"), bulk("b.test")})})})})));
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 1U);
    ASSERT_EQ((*all)[0].nodes.size(), 2U);
    EXPECT_EQ((*all)[0].nodes[0].endpoint, std::nullopt);
    EXPECT_EQ((*all)[0].nodes[1].metadata.at("hostname"), "b.test");
    EXPECT_FALSE(decode<cluster_slots_range>(reply_from(array({integer(0)}))));
}

TEST(builders_cluster_admin, moves_of_slots_name_ranges_and_states) {
    const auto one = decode<cluster_slot_migration>(
        reply_from(array({bulk("slot_ranges"), bulk("5 7-9"), bulk("state"), bulk("failed"), bulk("message"),
                          bulk("why"), bulk("create_time"), integer(7), bulk("something new"), bulk("x")})));
    ASSERT_TRUE(one);
    EXPECT_EQ(one->slots, (ranges{{5, 5}, {7, 9}}));
    EXPECT_EQ(one->state, "failed");
    EXPECT_EQ(one->message, "why");
    EXPECT_EQ(one->created.time_since_epoch().count(), 7);
    EXPECT_FALSE(decode<cluster_slot_migration>(reply_from(array({bulk("slot_ranges"), bulk("5-x")}))));
    EXPECT_FALSE(decode<cluster_slot_migration>(reply_from(bulk("5"))));
}

}  // namespace
}  // namespace valkeyxx::commands
