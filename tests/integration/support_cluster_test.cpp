// The cluster fixture: it comes up, loses nodes, moves slots, and heals.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "support/cluster.hpp"
#include "support/network.hpp"
#include "support/poll.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t slot_of_foo = 12182;

struct servers {
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
    valkey_cluster cluster{{.node_timeout = 500ms}};
    valkey_cluster proxied{
        {.shards = 3,
         .replicas = 0,
         .node_timeout = 5s,
         .customize =
             [](int index, node_options& node) {
                 node.host = "127.0.0." + std::to_string(11 + index);
                 node.extra = {"--cluster-announce-hostname", "node" + std::to_string(index) + ".test"};
             },
         .password = "secret",
         .proxies = true}};

    void wait() {
        cluster.wait();
        proxied.wait();
        std::cout << "two clusters ready after "
                  << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() << " s, "
                  << (is_network_isolated() ? "own" : "shared") << " network\n";
    }
};

const auto registered = use_world<servers>();

valkey_cluster& cluster() {
    return world<servers>().cluster;
}
valkey_cluster& proxied() {
    return world<servers>().proxied;
}

void fill(valkey_server& node, const std::string& tag, int keys) {
    auto admin = node.admin();
    for (int i = 0; i < keys; ++i) admin({"SET", tag + std::to_string(i), std::to_string(i)});
}

class support_cluster : public ::testing::Test {
    void TearDown() override {
        cluster().heal();
        cluster().flush_all();
    }
};

}  // namespace

TEST_F(support_cluster, serves_all_slots_by_three_primaries_with_replicas) {
    EXPECT_EQ(&cluster().node_serving(0), &cluster().node(0));
    EXPECT_EQ(&cluster().node_serving(16383), &cluster().node(2));
    EXPECT_EQ(&cluster().primary(1), &cluster().node(1));
    EXPECT_EQ(&cluster().replica(1), &cluster().node(4));
    EXPECT_EQ(cluster().replica(1).role(), "replica");
    EXPECT_THROW(cluster().replica(1, 1), std::runtime_error);
    EXPECT_EQ(cluster().node_serving(slot_of_foo).admin()({"SET", "foo", "1"}), "OK");
    EXPECT_EQ(cluster().url().substr(0, 19), "valkey://127.0.0.1:");
}

TEST_F(support_cluster, promotes_the_replica_of_a_killed_primary) {
    auto& old = cluster().primary(1);
    auto& next = cluster().replica(1);
    old.kill9();
    poll_until("promotion", [&] { return &cluster().primary(1) == &next; });
    cluster().wait_ok();
    EXPECT_EQ(next.role(), "primary");
    cluster().heal();
    EXPECT_EQ(old.role(), "replica");
    EXPECT_EQ(&cluster().replica(1), &old);
}

TEST_F(support_cluster, wait_ok_does_not_fall_for_a_death_that_is_not_noticed_yet) {
    auto& old = cluster().primary(2);
    old.kill9();
    cluster().wait_ok();
    EXPECT_NE(&cluster().primary(2), &old);
}

TEST_F(support_cluster, fails_over_in_each_mode) {
    int shard = 0;
    for (const auto mode : {failover_mode::graceful, failover_mode::force, failover_mode::takeover}) {
        auto& next = cluster().replica(shard);
        cluster().failover(shard, mode);
        EXPECT_EQ(&cluster().primary(shard), &next);
        ++shard;
    }
}

TEST_F(support_cluster, moves_a_slot_with_its_keys) {
    auto& from = cluster().node_serving(slot_of_foo);
    auto& to = cluster().primary(0);
    ASSERT_NE(&from, &to);
    fill(from, "{foo}", 250);
    cluster().move_slot(slot_of_foo, to);
    EXPECT_EQ(&cluster().node_serving(slot_of_foo), &to);
    EXPECT_EQ(to.admin()({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot_of_foo)}), "250");
    EXPECT_EQ(to.admin()({"GET", "{foo}249"}), "249");
    EXPECT_EQ(from.admin().call({"GET", "{foo}0"}).text.substr(0, 5), "MOVED");
    cluster().move_slot(slot_of_foo, from);
}

TEST_F(support_cluster, shows_a_migration_half_done) {
    auto& from = cluster().node_serving(slot_of_foo);
    auto& to = cluster().primary(0);
    fill(from, "{foo}", 20);
    cluster().begin_migration(slot_of_foo, to);
    EXPECT_EQ(cluster().migrate_keys(slot_of_foo, to, 10), 10);
    EXPECT_EQ(from.admin().call({"GET", "{foo}none"}).text.substr(0, 3), "ASK");
    EXPECT_EQ(from.admin()({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot_of_foo)}), "10");
    EXPECT_EQ(cluster().migrate_keys(slot_of_foo, to), 10);
    cluster().finish_migration(slot_of_foo, to);
    EXPECT_EQ(&cluster().node_serving(slot_of_foo), &to);

    cluster().begin_migration(slot_of_foo, from);
    cluster().cancel_migration(slot_of_foo, from);
    EXPECT_EQ(&cluster().node_serving(slot_of_foo), &to);
    cluster().move_slot(slot_of_foo, from);
}

TEST(support_proxied_cluster, leads_clients_through_the_proxies) {
    auto& owner = proxied().node_serving(slot_of_foo);
    ASSERT_EQ(&owner, &proxied().node(2));
    EXPECT_EQ(owner.host(), "127.0.0.13");
    EXPECT_NE(proxied().client_port(owner), owner.port());
    const auto moved = "MOVED 12182 127.0.0.13:" + std::to_string(proxied().client_port(owner));
    EXPECT_EQ(proxied().node(0).admin().call({"GET", "foo"}).text, moved);
    admin through(proxied().client_port(owner), {.host = owner.host(), .password = "secret"});
    EXPECT_EQ(through({"SET", "foo", "1"}), "OK");
    EXPECT_EQ(through({"CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname"}), "OK");
    EXPECT_NE(through({"CLUSTER", "SLOTS"}).find("node2.test"), std::string::npos);
}

TEST(support_proxied_cluster, cuts_clients_off_while_the_cluster_stays_ok) {
    auto& owner = proxied().node_serving(slot_of_foo);
    const admin_options as_client{.host = owner.host(), .password = "secret"};
    admin through(proxied().client_port(owner), as_client);
    auto& proxy = proxied().proxy_of(owner);
    proxy.set([](toxics& now) { now.refuse = true; });
    proxy.reset_all();
    EXPECT_TRUE(through.is_closed_by_server());
    EXPECT_THROW(admin(proxied().client_port(owner), as_client), std::system_error);
    proxied().wait_ok();
    proxied().heal();
    EXPECT_EQ(admin(proxied().client_port(owner), as_client)({"PING"}), "PONG");
}

TEST(support_proxied_cluster, moves_slots_between_nodes_with_a_password) {
    auto& from = proxied().node_serving(slot_of_foo);
    fill(from, "{foo}", 5);
    proxied().move_slot(slot_of_foo, proxied().primary(0));
    EXPECT_EQ(proxied().primary(0).admin()({"GET", "{foo}4"}), "4");
    proxied().flush_all();
    EXPECT_EQ(proxied().primary(0).admin()({"DBSIZE"}), "0");
}

}  // namespace valkeyxx::testing
