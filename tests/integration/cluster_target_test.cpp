// Commands to where the caller says: one node, a slot's primary, any node, the default node; and when that is dead.
#include <gtest/gtest.h>

#include <chrono>
#include <set>
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
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = stretched(5s)}};
    valkey_server outsider;
    void wait() {
        outsider.wait();
        nodes.wait();
    }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

endpoint address_of(const valkey_server& node) {
    return {"127.0.0.1", node.port()};
}

valkey_server& server_at(const endpoint& address) {
    for (int i = 0; i < nodes().size(); ++i) {
        if (nodes().node(i).port() == address.port) return nodes().node(i);
    }
    throw std::logic_error{"no node at " + address.text()};
}

command<std::string> my_id() {
    return raw<std::string>("CLUSTER", "MYID");
}

int calls_of(const valkey_server& node, const std::string& command) {
    const std::string stats = node.admin()({"INFO", "commandstats"});
    const std::string field = "cmdstat_" + command + ":calls=";
    const auto at = stats.find(field);
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + field.size()));
}

class cluster_target : public ::testing::Test {
  protected:
    cluster_target() {
        nodes().heal();
        nodes().flush_all();
    }
    void TearDown() override { nodes().heal(); }

    config settings = config_for(nodes());
};

}  // namespace

TEST_F(cluster_target, named_node_answers_whichever_it_is) {
    all_faces client{settings};
    client.connect();
    ASSERT_EQ(client.waiting.nodes().size(), 6U);
    for (const node_info& node : client.waiting.nodes()) {
        EXPECT_EQ(nodes().id_of(server_at(node.address)), node.id);
        client.each(my_id(), on(node), [&](const auto& r) { EXPECT_EQ(r.value(), node.id); });
    }
}

TEST_F(cluster_target, named_node_is_known_before_the_first_command_has_run) {
    const valkey_server& node = nodes().replica(1);
    cluster client{settings};
    EXPECT_EQ(client.execute(my_id(), on(address_of(node))), nodes().id_of(node));
}

TEST_F(cluster_target, unknown_node_is_refused_and_never_contacted) {
    const valkey_server& outsider = world<servers>().outsider;
    const auto connections = [&] {
        return std::stoi(
            outsider.admin()({"INFO", "stats"}).substr(std::string{"# Stats\r\ntotal_connections_received:"}.size()));
    };
    const int before = connections();
    all_faces client{settings};
    client.each(ping(), on(address_of(outsider)), [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::unknown_node) << r.error().message();
        EXPECT_EQ(r.error().command(), "PING");
        EXPECT_EQ(r.error().node(), address_of(outsider).text());
        EXPECT_EQ(r.error().attempts(), 0);
        EXPECT_EQ(r.error().executed(), executed::no);
    });
    client.each(ping(), on(std::vector{address_of(outsider), endpoint{"127.0.0.1", 1}}), [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::unknown_node) << r.error().message();
        EXPECT_EQ(r.error().executed(), executed::no);
    });
    EXPECT_EQ(connections(), before + 1);  // this question's own
}

TEST_F(cluster_target, unknown_one_among_several_keeps_none_of_the_others) {
    const endpoint known = address_of(nodes().primary(2));
    const endpoint stranger{"127.0.0.1", 1};
    all_faces client{settings};
    client.each(raw<void>("CONFIG", "SET", "slowlog-max-len", "77"), on(std::vector{stranger, known}),
                [&](const auto& r) {
                    ASSERT_FALSE(r);
                    ASSERT_EQ(r.error(), errc::partly_failed) << r.error().message();
                    ASSERT_EQ(r.error().causes().size(), 1U);
                    EXPECT_EQ(r.error().causes()[0], errc::unknown_node);
                    EXPECT_EQ(r.error().causes()[0].node(), stranger.text());
                    EXPECT_NE(r.error().message().find(stranger.text()), std::string::npos);
                });
    EXPECT_EQ(nodes().primary(2).admin()({"CONFIG", "GET", "slowlog-max-len"}), "slowlog-max-len 77");
    EXPECT_EQ(nodes().primary(1).admin()({"CONFIG", "GET", "slowlog-max-len"}), "slowlog-max-len 128");
    nodes().primary(2).admin()({"CONFIG", "SET", "slowlog-max-len", "128"});
    client.each_node(my_id(), on(std::vector{stranger, known}), [&](const auto& all) {
        ASSERT_EQ(all.size(), 2U);
        for (const auto& each : all) {
            EXPECT_EQ(each.reply.has_value(), each.node == known);
            if (!each.reply) {
                EXPECT_EQ(each.node, stranger);
                EXPECT_EQ(each.reply.error(), errc::unknown_node);
            }
        }
    });
}

TEST_F(cluster_target, named_node_that_does_not_serve_the_key_answers_moved) {
    const std::string key = key_served_by(nodes(), nodes().primary(0), "moved:");
    const endpoint wrong = address_of(nodes().primary(1));
    all_faces client{settings};
    client.waiting.execute(set(key, "v"));
    client.each(get(key), on(wrong), [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::server_error);
        EXPECT_EQ(r.error().text(),
                  "MOVED " + std::to_string(key_slot(key)) + ' ' + address_of(nodes().primary(0)).text());
        EXPECT_EQ(r.error().node(), wrong.text());
        EXPECT_EQ(r.error().attempts(), 1);
    });
    EXPECT_EQ(client.waiting.statistics().moved + client.started.statistics().moved, 0U);
    EXPECT_EQ(client.waiting.node_for(key), address_of(nodes().primary(0)));
}

TEST_F(cluster_target, named_replica_reads_and_does_not_write) {
    const std::string key = key_served_by(nodes(), nodes().primary(0), "replica:");
    const endpoint replica = address_of(nodes().replica(0));
    all_faces client{settings};
    client.waiting.execute(set(key, "v"));
    poll_until("the replica to have it", [&] { return client.waiting.execute(get(key), on(replica)) == "v"; });
    client.each(get(key), on(replica), [](const auto& r) { EXPECT_EQ(r.value(), "v"); });
    client.each(incr(key), on(replica), [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().server_code(), "MOVED") << r.error().message();
    });
}

TEST_F(cluster_target, killed_node_fails_at_once_and_by_its_name) {
    const endpoint dead = address_of(nodes().replica(0));
    all_faces client{settings};
    client.connect();
    client.each(my_id(), on(dead), [](const auto& r) { EXPECT_TRUE(r); });
    kill(server_at(dead));
    const stopwatch watch;
    for (int round = 0; round < 3; ++round) {
        client.each(my_id(), on(dead), [&](const auto& r) {
            ASSERT_FALSE(r);
            EXPECT_TRUE(r.error() == errc::cannot_connect || r.error() == errc::connection_lost) << r.error().message();
            EXPECT_EQ(r.error().node(), dead.text());
        });
    }
    EXPECT_LT(watch.elapsed(), settings.command_timeout);  // of all twelve
    all_faces late{settings};
    late.each(incr("never"), on(dead), [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::cannot_connect) << r.error().message();
        EXPECT_EQ(r.error().node(), dead.text());
        EXPECT_EQ(r.error().executed(), executed::no);
    });
    EXPECT_EQ(client.waiting.execute(set("others", "go on")), true);
}

TEST_F(cluster_target, slot_leads_to_its_primary) {
    all_faces client{settings};
    for (const std::uint16_t slot : std::vector<std::uint16_t>{0, 5460, 5461, 10922, 10923, 16383}) {
        const std::string& id = nodes().id_of(nodes().node_serving(slot));
        client.each(my_id(), on_slot(slot), [&](const auto& r) { EXPECT_EQ(r.value(), id) << slot; });
    }
    for (const char* key : {"{slot}a", "{slot}b", "{slot}c"}) client.waiting.execute(set(key, "v"));
    const std::string slot = std::to_string(key_slot("{slot}"));
    client.each(raw<std::int64_t>("CLUSTER", "COUNTKEYSINSLOT", slot), on_slot(key_slot("{slot}")),
                [](const auto& r) { EXPECT_EQ(r.value(), 3); });
    client.each(my_id(), on_slot(slot_count), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::invalid_argument);
    });
}

TEST_F(cluster_target, primary_answers_reads_that_would_go_to_replicas) {
    settings.reads = read_from::prefer_replica;
    const valkey_server& primary = nodes().primary(1);
    const std::string key = key_served_by(nodes(), primary, "primary:");
    all_faces client{settings};
    client.connect();
    const int before = calls_of(primary, "get");
    for (int i = 0; i < 10; ++i) {
        const std::string text = std::to_string(i);
        client.waiting.execute(set(key, text));
        client.each(get(key), on_primary(), [&](const auto& r) { EXPECT_EQ(r.value(), text); });
    }
    EXPECT_EQ(calls_of(primary, "get"), before + 40);
    client.each_node(get(key), on_primary(), [](const auto& all) {
        ASSERT_EQ(all.size(), 1U);
        EXPECT_EQ(all[0].reply.value(), "9");
        EXPECT_EQ(all[0].node, address_of(nodes().primary(1)));
    });
}

TEST_F(cluster_target, random_node_is_every_node_at_some_time) {
    all_faces client{settings};
    std::set<std::string> waiting;
    std::set<std::string> started;
    for (int i = 0; i < 1000 && waiting.size() + started.size() < 12; ++i) {
        waiting.insert(client.waiting.execute(my_id(), on_random_node()));
        started.insert(client.started.execute(my_id(), on_random_node(), boost::asio::use_future).get());
    }
    EXPECT_EQ(waiting.size(), 6U);
    EXPECT_EQ(started, waiting);
}

TEST_F(cluster_target, script_without_keys_runs_on_every_primary_at_some_time) {
    std::vector<int> before;
    for (int shard = 0; shard < 3; ++shard) before.push_back(calls_of(nodes().primary(shard), "eval"));
    all_faces client{settings};
    for (int i = 0; i < 30; ++i) {
        client.each(raw<int>("EVAL", "return 7", "0"), [](const auto& r) { EXPECT_EQ(r.value(), 7); });
    }
    for (int shard = 0; shard < 3; ++shard) {
        EXPECT_GT(calls_of(nodes().primary(shard), "eval"), before[static_cast<std::size_t>(shard)]) << shard;
    }
}

TEST_F(cluster_target, closed_client_refuses_every_target_once) {
    all_faces client{settings};
    client.connect();
    const endpoint node = *client.waiting.default_node();
    client.waiting.close();
    client.started.close();
    for (const target& to : {on(node), on(std::vector{node, node}), on_slot(0), on_primary(), on_random_node(),
                             on_default_node(), on_all_nodes(), on_all_primaries(), on_all_replicas()}) {
        client.each(ping(), to, [](const auto& r) {
            ASSERT_FALSE(r);
            EXPECT_EQ(r.error(), errc::client_closed);
            EXPECT_EQ(r.error().executed(), executed::no);
        });
        EXPECT_THROW(client.waiting.execute_each(ping(), to), exception);
        EXPECT_FALSE(client.started.execute_each(ping(), to, boost::asio::use_future).get());
    }
}

}  // namespace valkeyxx::testing
