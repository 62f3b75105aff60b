// The node that commands without keys go to: which one it is, who may choose it, and what happens when it fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/all_faces.hpp"
#include "integration/client_world.hpp"
#include "integration/kill.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;

struct servers {
    // Nobody takes over during a test, unless it is told to.
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = stretched(5s)}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

valkey_server& server_at(const endpoint& address) {
    for (int i = 0; i < nodes().size(); ++i) {
        if (nodes().node(i).port() == address.port) return nodes().node(i);
    }
    throw std::logic_error{"no node at " + address.text()};
}

endpoint address_of(const valkey_server& node) {
    return {"127.0.0.1", node.port()};
}

command<std::string> my_id() {
    return raw<std::string>("CLUSTER", "MYID");
}

bool is_one_of(const endpoint& node, const std::vector<node_info>& all) {
    return std::any_of(all.begin(), all.end(), [&](const node_info& each) { return each.address == node; });
}

class cluster_default_node : public ::testing::Test {
  protected:
    cluster_default_node() { nodes().heal(); }
    void TearDown() override { nodes().heal(); }

    /// Both clients' default node, made the same one.
    static endpoint agree(all_faces& client) {
        client.connect();
        const endpoint chosen = address_of(nodes().primary(1));
        EXPECT_TRUE(client.waiting.set_default_node(chosen));
        EXPECT_TRUE(client.started.set_default_node(chosen));
        client.each(my_id(), [&](const auto& r) { EXPECT_EQ(r.value(), nodes().id_of(nodes().primary(1))); });
        return chosen;
    }

    config settings = config_for(nodes());
};

}  // namespace

TEST_F(cluster_default_node, is_one_primary_as_long_as_nobody_says_otherwise) {
    cluster client{settings};
    EXPECT_EQ(client.default_node(), std::nullopt);
    EXPECT_FALSE(client.set_default_node(address_of(nodes().primary(0))));  // it knows none yet
    client.connect();
    const endpoint first = client.default_node().value();
    EXPECT_TRUE(is_one_of(first, client.primaries()));
    for (int i = 0; i < 50; ++i) EXPECT_EQ(client.execute(my_id()), nodes().id_of(server_at(first)));
    EXPECT_EQ(client.default_node(), first);
}

TEST_F(cluster_default_node, is_any_node_that_the_user_chooses_and_the_topology_names) {
    all_faces client{settings};
    client.connect();
    for (const node_info& node : client.waiting.nodes()) {
        ASSERT_TRUE(client.waiting.set_default_node(node.address));
        ASSERT_TRUE(client.started.set_default_node(node.address));
        EXPECT_EQ(client.waiting.default_node(), node.address);
        EXPECT_EQ(client.started.default_node(), node.address);
        client.each(my_id(), [&](const auto& r) { EXPECT_EQ(r.value(), node.id); });
        client.each(my_id(), on_default_node(), [&](const auto& r) { EXPECT_EQ(r.value(), node.id); });
        EXPECT_FALSE(client.waiting.set_default_node({"127.0.0.1", 1}));
        EXPECT_FALSE(client.started.set_default_node({}));
        EXPECT_EQ(client.waiting.default_node(), node.address);
        EXPECT_EQ(client.started.default_node(), node.address);
    }
}

TEST_F(cluster_default_node, is_another_one_after_it_was_killed_and_nothing_fails) {
    all_faces client{settings};
    const endpoint dead = agree(client);
    kill(server_at(dead));
    for (int i = 0; i < 10; ++i) {
        client.each(my_id(), [&](const auto& r) { EXPECT_TRUE(r) << r.error().message(); });
    }
    EXPECT_NE(client.waiting.default_node(), dead);
    EXPECT_NE(client.started.default_node(), dead);
    EXPECT_TRUE(is_one_of(*client.waiting.default_node(), client.waiting.primaries()));
    EXPECT_TRUE(is_one_of(*client.started.default_node(), client.started.primaries()));
    client.each(my_id(), on_default_node(), [](const auto& r) { EXPECT_TRUE(r) << r.error().message(); });
}

TEST_F(cluster_default_node, that_was_killed_is_replaced_within_a_pipeline) {
    all_faces client{settings};
    const endpoint dead = agree(client);
    kill(server_at(dead));
    pipeline batch;
    std::vector<pipeline::handle<std::string>> ids;
    for (int i = 0; i < 100; ++i) ids.push_back(batch.add(my_id()));
    const auto check = [&](const pipeline_result& done) {
        for (const auto id : ids) EXPECT_TRUE(done[id]) << done[id].error().message();
    };
    check(client.waiting.execute(batch));
    check(client.started.execute(batch, boost::asio::use_future).get());
    EXPECT_NE(client.waiting.default_node(), dead);
    EXPECT_NE(client.started.default_node(), dead);
}

TEST_F(cluster_default_node, that_hangs_costs_a_few_commands_and_no_more) {
    settings.command_timeout = stretched(1s);
    settings.connect_timeout = stretched(300ms);
    settings.suspect_after = stretched(200ms);
    all_faces client{settings};
    const endpoint stuck = agree(client);
    server_at(stuck).pause();
    int failures = 0;
    for (int i = 0; i < 3; ++i) {
        if (!client.waiting.try_execute(my_id())) ++failures;
    }
    EXPECT_LE(failures, 1);
    failures = 0;
    for (int i = 0; i < 3; ++i) {
        if (!client.started.try_execute(my_id(), boost::asio::use_future).get()) ++failures;
    }
    EXPECT_LE(failures, 1);
}

TEST_F(cluster_default_node, follows_its_shard_through_a_failover) {
    all_faces client{settings};
    agree(client);
    nodes().failover(1);
    const endpoint heir = address_of(nodes().primary(1));
    const auto knows = [&](const std::vector<node_info>& primaries) { return is_one_of(heir, primaries); };
    const std::string key = key_served_by(nodes(), nodes().primary(1), "follow:");
    poll_until("both clients to know the new primary", [&] {
        client.waiting.execute(set(key, "v"));
        client.started.execute(set(key, "v"), boost::asio::use_future).get();
        return knows(client.waiting.primaries()) && knows(client.started.primaries());
    });
    EXPECT_TRUE(is_one_of(client.waiting.default_node().value(), client.waiting.primaries()));
    EXPECT_TRUE(is_one_of(client.started.default_node().value(), client.started.primaries()));
    client.each(my_id(), [](const auto& r) { EXPECT_TRUE(r) << r.error().message(); });
}

TEST_F(cluster_default_node, is_a_primary_again_when_a_new_map_says_that_it_is_none) {
    all_faces client{settings};
    agree(client);
    nodes().failover(1);
    const endpoint heir = address_of(nodes().primary(1));
    // Another shard's slot that moves is what leads to the new map, so that no MOVED has told of the failover.
    const std::string key = key_served_by(nodes(), nodes().primary(0), "elsewhere:");
    nodes().move_slot(key_slot(key), nodes().primary(2));
    poll_until("both clients to know the new primary", [&] {
        client.waiting.execute(set(key, "v"));
        client.started.execute(set(key, "v"), boost::asio::use_future).get();
        return is_one_of(heir, client.waiting.primaries()) && is_one_of(heir, client.started.primaries());
    });
    EXPECT_TRUE(is_one_of(client.waiting.default_node().value(), client.waiting.primaries()));
    EXPECT_TRUE(is_one_of(client.started.default_node().value(), client.started.primaries()));
    nodes().move_slot(key_slot(key), nodes().primary(0));
}

TEST_F(cluster_default_node, that_is_dead_does_not_keep_new_clients_from_connecting) {
    kill(nodes().primary(2));
    for (int i = 0; i < 12; ++i) {  // each chooses at random
        cluster client{settings};
        EXPECT_NO_THROW(client.connect());
        const auto id = client.try_execute(my_id());
        EXPECT_TRUE(id) << id.error().message();
    }
}

}  // namespace valkeyxx::testing
