// The commands about clusters, on nodes of the test's own: two that are strangers to each other at first.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "integration/client_world.hpp"
#include "support/poll.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/commands/cluster_admin.hpp>
#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace valkeyxx::commands;
using texts = std::vector<std::string>;
using range = valkeyxx::slot_range;  // not that of the fixtures
using ranges = std::vector<range>;

const arguments as_node{"--cluster-enabled", "yes", "--cluster-node-timeout", "5000"};

struct strangers {
    valkey_server a{{.extra = as_node}};
    valkey_server b{{.extra = as_node}};
    void wait() {
        a.wait();
        b.wait();
    }
};

const auto registered = use_world<strangers>();

bool has(const texts& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

const cluster_node* find(const std::vector<cluster_node>& all, std::string_view id) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const cluster_node& n) { return n.id == id; });
    return it == all.end() ? nullptr : &*it;
}

/// Both protocols; each test begins with two nodes that know nobody, serve nothing, and have nothing.
class cluster_commands : public ::testing::TestWithParam<int> {
  protected:
    void SetUp() override {
        for (valkeyxx::client* node : {&a, &b}) {
            (void)node->try_execute(raw<void>("FLUSHALL"));  // a replica refuses, and needs none
            node->execute(cluster_reset(cluster_reset_how::hard));
        }
        id_of_a = a.execute(cluster_myid());
        id_of_b = b.execute(cluster_myid());
    }

    /// The code of the server's error, "" if there is none.
    template <class R>
    static std::string refusal(valkeyxx::client& node, const command<R>& c) {
        const auto r = node.try_execute(c);
        return r ? std::string{} : std::string{r.error().server_code()};
    }

    static config settings(valkey_server& server) {
        config c{.seeds = {{"127.0.0.1", server.port()}}};
        c.protocol = GetParam();
        c.command_timeout = stretched(5s);
        return c;
    }
    static std::uint16_t port_of_a() { return world<strangers>().a.port(); }
    static std::uint16_t port_of_b() { return world<strangers>().b.port(); }

    /// The nodes know each other, and `a` serves all slots.
    void become_a_cluster() {
        a.execute(cluster_addslotsrange(std::array{range{0, 16383}}));
        a.execute(cluster_meet("127.0.0.1", port_of_b()));
        poll_until("b to know who serves the slots", [&] {
            const auto seen = b.execute(cluster_nodes());
            const cluster_node* of_a = find(seen, id_of_a);
            return of_a != nullptr && of_a->slots.size() == 1 && knows(a, id_of_b);
        });
    }
    static bool knows(valkeyxx::client& node, std::string_view id) {
        const auto seen = node.execute(cluster_nodes());
        const cluster_node* other = find(seen, id);
        return other != nullptr && other->linked && !has(other->flags, "handshake");
    }
    void make_b_a_replica() {
        b.execute(cluster_replicate(id_of_a));
        poll_until("a to know its replica", [&] { return a.execute(cluster_replicas(id_of_a)).size() == 1; });
        poll_until("the replica's link", [&] {
            return b.execute(raw<std::string>("INFO", "replication")).find("master_link_status:up") !=
                   std::string::npos;
        });
        // Nodes do not tell of a replica that has replicated nothing yet.
        poll_until("a to offer the replica", [&] {
            (void)a.try_execute(raw<void>("SET", "k", "v"));
            const auto served = a.execute(cluster_slots());
            return served.size() == 1 && served[0].nodes.size() == 2;
        });
    }
    static ranges slots_of(valkeyxx::client& node, std::string_view id) {
        const auto all = node.execute(cluster_nodes());
        const cluster_node* one = find(all, id);
        return one == nullptr ? ranges{} : one->slots;
    }

    /// Whether the nodes know a command; if not, they must refuse it as unknown.
    template <class R>
    bool offers(const std::string& name, const command<R>& c) {
        if (!a.execute(raw<value>("COMMAND", "INFO", name))[0].is_null()) return true;
        const auto r = a.try_execute(c);
        EXPECT_FALSE(r);
        const std::string why = r ? "" : r.error().text();
        EXPECT_NE(why.find("unknown"), std::string::npos) << why;
        return false;
    }

    valkeyxx::client a{settings(world<strangers>().a)};
    valkeyxx::client b{settings(world<strangers>().b)};
    std::string id_of_a;
    std::string id_of_b;
};

INSTANTIATE_TEST_SUITE_P(protocols, cluster_commands, ::testing::Values(2, 3),
                         [](const auto& version) { return "resp" + std::to_string(version.param); });

}  // namespace

TEST_P(cluster_commands, node_tells_who_it_is) {
    EXPECT_EQ(id_of_a.size(), 40U);
    EXPECT_NE(id_of_a, id_of_b);
    EXPECT_EQ(a.execute(cluster_myshardid()).size(), 40U);
    EXPECT_NE(a.execute(cluster_info()).find("cluster_known_nodes:1\r\n"), std::string::npos);
    EXPECT_EQ(a.execute(cluster_keyslot("foo")), 12182);
    EXPECT_EQ(a.execute(cluster_keyslot(std::string{"\0\r\n{x}", 6})), key_slot("x"));
}

TEST_P(cluster_commands, slots_are_given_and_taken) {
    a.execute(cluster_addslots(std::array<std::uint16_t, 3>{1, 2, 9}));
    EXPECT_EQ(slots_of(a, id_of_a), (ranges{{1, 2}, {9, 9}}));
    EXPECT_EQ(refusal(a, cluster_addslots(std::array<std::uint16_t, 1>{1})), "ERR");
    a.execute(cluster_addslotsrange(std::array{range{10, 20}, range{30, 30}}));
    EXPECT_EQ(slots_of(a, id_of_a), (ranges{{1, 2}, {9, 20}, {30, 30}}));
    a.execute(cluster_delslots(std::array<std::uint16_t, 2>{1, 15}));
    EXPECT_EQ(slots_of(a, id_of_a), (ranges{{2, 2}, {9, 14}, {16, 20}, {30, 30}}));
    a.execute(cluster_delslotsrange(std::array{range{9, 14}, range{16, 20}}));
    EXPECT_EQ(slots_of(a, id_of_a), (ranges{{2, 2}, {30, 30}}));
    EXPECT_EQ(refusal(a, cluster_delslots(std::array<std::uint16_t, 1>{1})), "ERR");
    a.execute(cluster_flushslots());
    EXPECT_TRUE(slots_of(a, id_of_a).empty());
}

TEST_P(cluster_commands, keys_of_a_slot_are_counted_and_listed) {
    become_a_cluster();
    poll_until("the cluster to be ok", [&] { return a.try_execute(raw<void>("SET", "{x}1", "v")).has_value(); });
    a.execute(raw<void>("SET", "{x}2", "v"));
    const std::uint16_t slot = key_slot("x");
    EXPECT_EQ(a.execute(cluster_countkeysinslot(slot)), 2);
    EXPECT_EQ(a.execute(cluster_countkeysinslot(0)), 0);
    texts found = a.execute(cluster_getkeysinslot(slot, 10));
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, (texts{"{x}1", "{x}2"}));
    EXPECT_EQ(a.execute(cluster_getkeysinslot(slot, 1)).size(), 1U);

    const auto around = a.execute(cluster_slot_stats(slot, static_cast<std::uint16_t>(slot + 1)));
    ASSERT_EQ(around.size(), 2U);
    EXPECT_EQ(around[0].slot, slot);
    EXPECT_EQ(around[0].numbers.at("key-count"), 2);
    EXPECT_EQ(around[1].numbers.at("key-count"), 0);
    const auto most = a.execute(cluster_slot_stats("key-count", {.limit = 1}));
    ASSERT_EQ(most.size(), 1U);
    EXPECT_EQ(most[0].slot, slot);
    const auto fewest = a.execute(cluster_slot_stats("key-count", {.limit = 3, .order = sort_order::ascending}));
    ASSERT_EQ(fewest.size(), 3U);
    EXPECT_EQ(fewest[0].numbers.at("key-count"), 0);
    EXPECT_EQ(a.execute(cluster_slot_stats("key-count")).size(), 16384U);
    EXPECT_EQ(refusal(a, cluster_slot_stats("no-such-number")), "ERR");

    if (!offers("cluster|flushslot", cluster_flushslot(slot))) return;
    a.execute(raw<void>("SET", "y", "v"));
    for (const flush_mode mode : {flush_mode::by_config, flush_mode::sync, flush_mode::async}) {
        a.execute(raw<void>("SET", "{x}1", "v"));
        a.execute(cluster_flushslot(slot, mode));
        EXPECT_EQ(a.execute(cluster_countkeysinslot(slot)), 0);
        EXPECT_EQ(a.execute(cluster_countkeysinslot(key_slot("y"))), 1);
    }
}

TEST_P(cluster_commands, nodes_meet_and_forget) {
    a.execute(cluster_meet("127.0.0.1", port_of_b(), {.bus_port = static_cast<std::uint16_t>(port_of_b() + 10000)}));
    poll_until("both to know each other", [&] { return knows(a, id_of_b) && knows(b, id_of_a); });
    const auto seen = a.execute(cluster_nodes());
    EXPECT_EQ(seen.size(), 2U);
    const cluster_node* of_b = find(seen, id_of_b);
    ASSERT_NE(of_b, nullptr);
    EXPECT_EQ(of_b->host, "127.0.0.1");
    EXPECT_EQ(of_b->port, port_of_b());
    EXPECT_EQ(of_b->bus_port, port_of_b() + 10000);
    EXPECT_EQ(of_b->hostname, "");
    EXPECT_EQ(of_b->flags, texts{"master"});
    EXPECT_EQ(of_b->primary_id, "");
    EXPECT_TRUE(of_b->linked);
    EXPECT_TRUE(has(find(seen, id_of_a)->flags, "myself"));
    poll_until("a pong of b", [&] {
        const auto again = a.execute(cluster_nodes());
        const auto pong = find(again, id_of_b)->pong_received;
        return pong && *pong > std::chrono::system_clock::now() - 1h;
    });

    EXPECT_EQ(a.execute(cluster_count_failure_reports(id_of_b)), 0);
    EXPECT_EQ(refusal(a, cluster_count_failure_reports("nobody")), "ERR");
    const auto links = a.execute(cluster_links());
    ASSERT_FALSE(links.empty());
    EXPECT_TRUE(links[0].direction == "to" || links[0].direction == "from");
    EXPECT_EQ(links[0].node_id, id_of_b);
    EXPECT_GT(links[0].created, std::chrono::system_clock::now() - 1h);
    EXPECT_NE(links[0].events, "");
    EXPECT_GE(links[0].send_buffer_allocated, links[0].send_buffer_used);

    a.execute(cluster_forget(id_of_b));
    EXPECT_EQ(a.execute(cluster_nodes()).size(), 1U);
    EXPECT_EQ(refusal(a, cluster_forget("nobody")), "ERR");
}

TEST_P(cluster_commands, hostnames_and_failing_nodes_are_told) {
    a.execute(raw<void>("CONFIG", "SET", "cluster-announce-hostname", "a.test"));
    EXPECT_EQ(a.execute(cluster_nodes()).at(0).hostname, "a.test");
    a.execute(cluster_addslots(std::array<std::uint16_t, 1>{7}));
    EXPECT_EQ(a.execute(cluster_shards()).at(0).nodes.at(0).hostname, "a.test");
    a.execute(raw<void>("CONFIG", "SET", "cluster-announce-hostname", ""));
    EXPECT_EQ(a.execute(cluster_nodes()).at(0).hostname, "");
    // Somebody who is not there: no link, and a ping that is never answered.
    a.execute(cluster_meet("127.0.0.1", 1, {.bus_port = 2}));
    std::optional<cluster_node> ghost;
    poll_until("its attempt to connect to fail", [&] {  // it tries again and again, and gives up after a second
        for (const cluster_node& each : a.execute(cluster_nodes())) {
            if (has(each.flags, "handshake")) ghost = each;
        }
        return ghost && !ghost->linked;
    });
    EXPECT_EQ(ghost->port, 1);
    EXPECT_EQ(ghost->bus_port, 2);
    EXPECT_EQ(ghost->pong_received, std::nullopt);
}

TEST_P(cluster_commands, slots_on_their_way_are_told) {
    become_a_cluster();
    a.execute(cluster_setslot_migrating(5, id_of_b));
    b.execute(cluster_setslot_importing(5, id_of_a, {.timeout = 1s}));
    using ways = std::vector<std::pair<std::uint16_t, std::string>>;
    const auto at_a = a.execute(cluster_nodes());
    EXPECT_EQ(find(at_a, id_of_a)->migrating, (ways{{5, id_of_b}}));
    EXPECT_TRUE(find(at_a, id_of_a)->importing.empty());
    EXPECT_EQ(find(at_a, id_of_a)->slots, (ranges{{0, 16383}}));
    const auto at_b = b.execute(cluster_nodes());
    EXPECT_EQ(find(at_b, id_of_b)->importing, (ways{{5, id_of_a}}));
    EXPECT_TRUE(find(at_b, id_of_b)->migrating.empty());
    a.execute(cluster_setslot_stable(5));
    EXPECT_TRUE(find(a.execute(cluster_nodes()), id_of_a)->migrating.empty());
    b.execute(cluster_setslot_node(5, id_of_b));
    a.execute(cluster_setslot_node(5, id_of_b));
    EXPECT_EQ(slots_of(a, id_of_a), (ranges{{0, 4}, {6, 16383}}));
    EXPECT_EQ(slots_of(a, id_of_b), (ranges{{5, 5}}));
    EXPECT_EQ(refusal(a, cluster_setslot_node(5, "nobody")), "ERR");
}

TEST_P(cluster_commands, slots_move_with_their_keys) {
    const auto move = [&] { return cluster_migrateslots(std::array{range{0, 9}, range{20, 20}}, id_of_b); };
    if (!offers("cluster|migrateslots", move())) {
        EXPECT_EQ(refusal(a, cluster_getslotmigrations()), "ERR");
        EXPECT_EQ(refusal(a, cluster_cancelslotmigrations()), "ERR");
        return;
    }
    become_a_cluster();
    const auto past = a.execute(cluster_getslotmigrations()).size();
    EXPECT_EQ(refusal(a, cluster_cancelslotmigrations()), "ERR");
    EXPECT_EQ(refusal(b, move()), "ERR");
    a.execute(move());
    poll_until("the slots to be b's", [&] { return slots_of(a, id_of_b) == ranges{{0, 9}, {20, 20}}; });
    const auto told = a.execute(cluster_getslotmigrations());
    ASSERT_EQ(told.size(), past + 1);
    EXPECT_EQ(told[0].name.size(), 40U);
    EXPECT_EQ(told[0].operation, "EXPORT");
    EXPECT_EQ(told[0].slots, (ranges{{0, 9}, {20, 20}}));
    EXPECT_EQ(told[0].source_node, id_of_a);
    EXPECT_EQ(told[0].target_node, id_of_b);
    EXPECT_GT(told[0].created, std::chrono::system_clock::now() - 1h);
    EXPECT_GE(told[0].updated, told[0].created);
    EXPECT_GE(told[0].acknowledged, told[0].created);
    EXPECT_EQ(told[0].message, "");
    EXPECT_EQ(told[0].remaining_repl_size, 0);
    EXPECT_EQ(b.execute(cluster_getslotmigrations()).at(0).operation, "IMPORT");

    const std::array<range, 1> some{range{30, 31}};
    const std::array<range, 1> others{range{40, 40}};
    a.execute(cluster_migrateslots(std::array{cluster_slot_move{.slots = some, .to_node_id = id_of_b},
                                              cluster_slot_move{.slots = others, .to_node_id = id_of_b}}));
    poll_until("more slots to be b's", [&] { return slots_of(a, id_of_b).size() == 4; });
}

TEST_P(cluster_commands, replica_takes_its_primarys_place) {
    become_a_cluster();
    make_b_a_replica();
    const auto replicas = a.execute(cluster_replicas(id_of_a));
    ASSERT_EQ(replicas.size(), 1U);
    EXPECT_EQ(replicas[0].id, id_of_b);
    EXPECT_EQ(replicas[0].primary_id, id_of_a);
    EXPECT_TRUE(has(replicas[0].flags, "slave"));
    EXPECT_EQ(a.execute(cluster_slaves(id_of_a)).at(0).id, id_of_b);
    EXPECT_EQ(refusal(a, cluster_replicas("nobody")), "ERR");

    const auto shards = a.execute(cluster_shards());
    ASSERT_EQ(shards.size(), 1U);
    EXPECT_EQ(shards[0].slots, (ranges{{0, 16383}}));
    ASSERT_EQ(shards[0].nodes.size(), 2U);
    const bool a_first = shards[0].nodes[0].id == id_of_a;
    const cluster_shard_node& of_a = shards[0].nodes[a_first ? 0 : 1];
    const cluster_shard_node& of_b = shards[0].nodes[a_first ? 1 : 0];
    EXPECT_EQ(of_a.id, id_of_a);
    EXPECT_EQ(of_a.port, port_of_a());
    EXPECT_EQ(of_a.tls_port, 0);
    EXPECT_EQ(of_a.role, "master");
    EXPECT_EQ(of_a.health, "online");
    EXPECT_GE(of_a.replication_offset, 0);
    EXPECT_EQ(of_b.id, id_of_b);
    EXPECT_EQ(of_b.ip, "127.0.0.1");
    EXPECT_EQ(of_b.endpoint, "127.0.0.1");
    EXPECT_EQ(of_b.role, "replica");
    EXPECT_EQ(of_b.availability_zone, "");

    const auto served = a.execute(cluster_slots());
    ASSERT_EQ(served.size(), 1U);
    EXPECT_EQ(served[0].slots, (range{0, 16383}));
    ASSERT_EQ(served[0].nodes.size(), 2U);
    EXPECT_EQ(served[0].nodes[0].id, id_of_a);
    EXPECT_EQ(served[0].nodes[0].port, port_of_a());
    EXPECT_EQ(served[0].nodes[1].id, id_of_b);
    EXPECT_EQ(served[0].nodes[1].endpoint, "127.0.0.1");
    EXPECT_TRUE(served[0].nodes[1].metadata.empty());

    EXPECT_EQ(refusal(a, cluster_failover()), "ERR");
    b.execute(cluster_failover());
    poll_until("b to be the primary",
               [&] { return slots_of(a, id_of_b).size() == 1 && slots_of(b, id_of_b).size() == 1; });
    poll_until("a's link", [&] {
        return a.execute(raw<std::string>("INFO", "replication")).find("master_link_status:up") != std::string::npos;
    });
    a.execute(cluster_failover(cluster_failover_how::takeover));
    poll_until("a to be the primary",
               [&] { return slots_of(b, id_of_a).size() == 1 && slots_of(a, id_of_a).size() == 1; });

    const auto left = b.try_execute(cluster_replicate_no_one());
    if (!left) {  // before Valkey 9.0
        EXPECT_EQ(left.error().server_code(), "ERR");
        return;
    }
    const auto seen = b.execute(cluster_nodes());
    const cluster_node& itself = *find(seen, id_of_b);
    EXPECT_EQ(itself.primary_id, "");
    EXPECT_TRUE(has(itself.flags, "master"));
    EXPECT_TRUE(itself.slots.empty());
    EXPECT_EQ(b.execute(raw<std::int64_t>("DBSIZE")), 0);
}

TEST_P(cluster_commands, forced_failover_needs_a_replica) {
    const auto refused = a.try_execute(cluster_failover(cluster_failover_how::force));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().text(), "ERR You should send CLUSTER FAILOVER to a replica");
}

TEST_P(cluster_commands, epochs_are_set_and_bumped) {
    EXPECT_EQ(a.execute(cluster_nodes()).at(0).config_epoch, 0);
    a.execute(cluster_set_config_epoch(7));
    EXPECT_EQ(a.execute(cluster_nodes()).at(0).config_epoch, 7);
    EXPECT_EQ(refusal(a, cluster_set_config_epoch(8)), "ERR");
    EXPECT_EQ(a.execute(cluster_bumpepoch()), "STILL 7");
    EXPECT_EQ(b.execute(cluster_bumpepoch()), "BUMPED 1");
}

TEST_P(cluster_commands, reset_makes_a_stranger_again) {
    a.execute(cluster_set_config_epoch(7));
    a.execute(cluster_addslots(std::array<std::uint16_t, 1>{7}));
    a.execute(cluster_saveconfig());
    a.execute(cluster_reset());
    EXPECT_EQ(a.execute(cluster_myid()), id_of_a);
    EXPECT_TRUE(slots_of(a, id_of_a).empty());
    a.execute(cluster_reset(cluster_reset_how::hard));
    EXPECT_NE(a.execute(cluster_myid()), id_of_a);
    EXPECT_EQ(a.execute(cluster_nodes()).at(0).config_epoch, 0);
}

}  // namespace valkeyxx::testing
