// What the commands of servers cannot be asked of the servers of the tests: replicas, sentinels, modules.
#include <gtest/gtest.h>

#include "support/wire.hpp"

#include <valkeyxx/commands/acl.hpp>
#include <valkeyxx/commands/connection.hpp>
#include <valkeyxx/commands/server.hpp>

namespace valkeyxx::commands {
namespace {

using testing::array;
using testing::bulk;
using testing::integer;
using testing::reply_from;
using testing::request;
using texts = std::vector<std::string>;

TEST(builders_server, role_of_a_replica_names_its_primary) {
    const auto role = decode<role_info>(
        reply_from(array({bulk("slave"), bulk("10.0.0.1"), integer(7000), bulk("connected"), integer(42)})));
    ASSERT_TRUE(role);
    EXPECT_EQ(role->role, server_role::replica);
    EXPECT_EQ(role->primary_host, "10.0.0.1");
    EXPECT_EQ(role->primary_port, 7000);
    EXPECT_EQ(role->link, "connected");
    EXPECT_EQ(role->offset, 42);
}

TEST(builders_server, role_of_a_primary_names_its_replicas) {
    const auto role = decode<role_info>(
        reply_from(array({bulk("master"), integer(42), array({array({bulk("10.0.0.2"), bulk("7001"), bulk("41")})})})));
    ASSERT_TRUE(role);
    EXPECT_EQ(role->role, server_role::primary);
    ASSERT_EQ(role->replicas.size(), 1U);
    EXPECT_EQ(role->replicas[0].host, "10.0.0.2");
    EXPECT_EQ(role->replicas[0].port, 7001);
    EXPECT_EQ(role->replicas[0].offset, 41);
}

TEST(builders_server, role_of_a_sentinel_names_what_it_watches) {
    const auto role = decode<role_info>(reply_from(array({bulk("sentinel"), array({bulk("one"), bulk("two")})})));
    ASSERT_TRUE(role);
    EXPECT_EQ(role->role, server_role::sentinel);
    EXPECT_EQ(role->primary_names, (texts{"one", "two"}));
}

TEST(builders_server, role_that_is_none_is_refused) {
    for (const std::string& wire : {array({bulk("king")}), array({}), bulk("master"), array({bulk("slave")})}) {
        const auto role = decode<role_info>(reply_from(wire));
        ASSERT_FALSE(role) << wire;
        EXPECT_EQ(role.error().which(), errc::unexpected_reply);
    }
}

TEST(builders_server, modules_have_names_versions_and_arguments) {
    const auto list = decode<std::vector<loaded_module>>(
        reply_from(array({array({bulk("name"), bulk("bloom"), bulk("ver"), integer(2), bulk("path"), bulk("/b.so"),
                                 bulk("args"), array({bulk("x")}), bulk("new"), integer(1)})})));
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 1U);
    EXPECT_EQ((*list)[0].name, "bloom");
    EXPECT_EQ((*list)[0].version, 2);
    EXPECT_EQ((*list)[0].path, "/b.so");
    EXPECT_EQ((*list)[0].args, texts{"x"});
}

TEST(builders_server, orders_that_no_test_server_obeys_are_worded_right) {
    EXPECT_EQ(swapdb(1, 2).encoded().bytes(), request({"SWAPDB", "1", "2"}));
    EXPECT_EQ(replicaof("h", 1).encoded().bytes(), request({"REPLICAOF", "h", "1"}));
    EXPECT_EQ(replicaof_no_one().encoded().bytes(), request({"REPLICAOF", "NO", "ONE"}));
    EXPECT_EQ(slaveof("h", 1).encoded().bytes(), request({"SLAVEOF", "h", "1"}));
    EXPECT_EQ(slaveof_no_one().encoded().bytes(), request({"SLAVEOF", "NO", "ONE"}));
    EXPECT_EQ(module_load("p", {"a", "b"}).encoded().bytes(), request({"MODULE", "LOAD", "p", "a", "b"}));
    EXPECT_EQ(module_loadex("p", {{"n", "v"}, {"m", "w"}}, {"a"}).encoded().bytes(),
              request({"MODULE", "LOADEX", "p", "CONFIG", "n", "v", "CONFIG", "m", "w", "ARGS", "a"}));
    EXPECT_EQ(module_unload("n").encoded().bytes(), request({"MODULE", "UNLOAD", "n"}));
    EXPECT_EQ(config_rewrite().encoded().bytes(), request({"CONFIG", "REWRITE"}));
    EXPECT_EQ(acl_load().encoded().bytes(), request({"ACL", "LOAD"}));
    EXPECT_EQ(acl_save().encoded().bytes(), request({"ACL", "SAVE"}));
}

TEST(builders_server, commands_of_old_servers_have_fewer_facts) {
    const auto entry =
        decode<command_entry>(reply_from(array({bulk("get"), integer(2), array({bulk("readonly")}), integer(1),
                                                integer(1), integer(1), array({bulk("@read")})})));
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->categories, texts{"@read"});
    EXPECT_TRUE(entry->tips.empty());
}

TEST(builders_server, lines_about_connections_may_have_unknown_fields) {
    const auto list = decode<std::vector<connected_client>>(
        reply_from(bulk("id=3 new=1 name= qbuf-free=5 odd\nid=4 addr=[::1]:7 lib-name=a=b\r\n\n")));
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 2U);
    EXPECT_EQ((*list)[0].id, 3);
    EXPECT_EQ((*list)[0].name, "");
    EXPECT_EQ((*list)[0].qbuf_free, 5);
    EXPECT_EQ((*list)[1].id, 4);
    EXPECT_EQ((*list)[1].addr, "[::1]:7");
    EXPECT_EQ((*list)[1].lib_name, "a=b");
    EXPECT_FALSE(decode<std::vector<connected_client>>(reply_from(bulk("id=none\n"))));
    EXPECT_FALSE(decode<std::vector<connected_client>>(reply_from(integer(1))));
}

}  // namespace
}  // namespace valkeyxx::commands
