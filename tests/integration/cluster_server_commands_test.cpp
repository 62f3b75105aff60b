// Commands about the servers themselves, by whoever answers them: the default node, one that is named, or all.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/all_faces.hpp"
#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using texts = std::vector<std::string>;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = stretched(5s)}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

/// Every test in both protocols: the typed results must not tell them apart.
class cluster_server_commands : public ::testing::TestWithParam<int> {
  protected:
    cluster_server_commands() {
        nodes().flush_all();
        client.connect();
    }

    static config settings() {
        config c = config_for(nodes());
        c.protocol = GetParam();
        return c;
    }

    all_faces client{settings()};
    const endpoint node{"127.0.0.1", nodes().primary(0).port()};
};

INSTANTIATE_TEST_SUITE_P(protocols, cluster_server_commands, ::testing::Values(2, 3),
                         [](const auto& version) { return "resp" + std::to_string(version.param); });

const auto is_ok = [](const auto& r) { EXPECT_EQ(r.value(), "OK"); };

}  // namespace

TEST_P(cluster_server_commands, name_of_a_connection_is_set_on_one_node) {
    client.each(raw<std::string>("CLIENT", "SETNAME", "me"), on(node), is_ok);
    client.each(raw<std::string>("CLIENT", "GETNAME"), on(node), [](const auto& r) { EXPECT_EQ(r.value(), "me"); });
    const endpoint other{"127.0.0.1", nodes().primary(1).port()};
    client.each(raw<std::optional<std::string>>("CLIENT", "GETNAME"), on(other),
                [](const auto& r) { EXPECT_EQ(r.value().value_or(""), ""); });
}

TEST_P(cluster_server_commands, connections_tell_of_themselves) {
    client.each(raw<std::int64_t>("CLIENT", "ID"), on(node), [](const auto& r) { EXPECT_GT(r.value(), 0); });
    client.each(raw<std::string>("CLIENT", "INFO"), on(node), [&](const auto& r) {
        EXPECT_NE(r.value().find(" laddr=" + node.text() + ' '), std::string::npos) << r.value();
    });
    client.each(raw<std::int64_t>("CLIENT", "GETREDIR"), on(node), [](const auto& r) { EXPECT_EQ(r.value(), -1); });
    client.each(raw("CLIENT", "TRACKINGINFO"), on(node),
                [](const auto& r) { EXPECT_EQ(r.value()[0].text(), "flags"); });
    client.each(raw<std::vector<std::string>>("CLIENT", "LIST"), on_all_nodes(),
                [](const auto& r) { EXPECT_EQ(r.value().size(), 6U); });
}

TEST_P(cluster_server_commands, connection_is_killed_on_the_node_it_is_at) {
    auto victim = nodes().primary(0).admin();
    const std::string id = victim({"CLIENT", "ID"});
    EXPECT_EQ(client.waiting.execute(raw<int>("CLIENT", "KILL", "ID", id), on(node)), 1);
    EXPECT_TRUE(victim.is_closed_by_server());
    client.each(raw<int>("CLIENT", "KILL", "ID", id), on(node), [](const auto& r) { EXPECT_EQ(r.value(), 0); });
    client.each(raw<int>("CLIENT", "UNBLOCK", id), on_all_nodes(), [](const auto& r) { EXPECT_EQ(r.value(), 0); });
}

TEST_P(cluster_server_commands, blocked_connection_is_found_wherever_it_is) {
    auto blocked = nodes().primary(2).admin();
    const std::string id = blocked({"CLIENT", "ID"});
    const std::string key = key_served_by(nodes(), nodes().primary(2), "blocked:");
    for (int round = 0; round < 3; ++round) {
        blocked.send({"BLPOP", key, "0"});
        poll_until("it to be unblocked",
                   [&] { return client.waiting.execute(raw<int>("CLIENT", "UNBLOCK", id), on_all_primaries()) == 1; });
        EXPECT_EQ(blocked.read().kind, admin_reply::type::nil);
    }
}

TEST_P(cluster_server_commands, clients_are_paused_and_let_go) {
    client.each(raw<std::string>("CLIENT", "PAUSE", "1"), on_all_nodes(), is_ok);
    client.each(raw<std::string>("CLIENT", "UNPAUSE"), on_all_nodes(), is_ok);
    client.each(raw<std::string>("CLIENT", "PAUSE", "soon"), on_all_nodes(), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().server_code(), "ERR");
    });
    client.each(raw<std::string>("CLIENT", "PAUSE", "60000", "WRITE"), on_all_primaries(), is_ok);
    const auto written = client.started.execute(set("paused", "v"), boost::asio::use_future);
    EXPECT_EQ(client.waiting.execute(get("paused")), std::nullopt);
    EXPECT_EQ(written.wait_for(0s), std::future_status::timeout);
    client.waiting.execute(raw<std::string>("CLIENT", "UNPAUSE"), on_all_primaries());
    poll_until("the write", [&] { return client.waiting.execute(get("paused")) == "v"; });
}

TEST_P(cluster_server_commands, info_of_a_node_is_about_its_keys) {
    for (const char* key : {"{1}a", "{1}b", "{1}c"}) client.waiting.execute(set(key, "v"));
    const auto owner = client.waiting.node_for("{1}");
    client.each(raw<std::string>("INFO", "keyspace"), on(*owner),
                [](const auto& r) { EXPECT_NE(r.value().find("db0:keys=3,"), std::string::npos) << r.value(); });
    client.each(info(), [](const auto& r) { EXPECT_NE(r.value().find("valkey_version"), std::string::npos); });
}

TEST_P(cluster_server_commands, slow_log_is_read_and_emptied_everywhere) {
    client.waiting.execute(raw<void>("CONFIG", "SET", "slowlog-log-slower-than", "0"));
    client.each(raw<std::string>("SLOWLOG", "RESET"), is_ok);
    client.waiting.execute(get("slow"));
    const auto owner = client.waiting.node_for("slow");
    client.each(raw<std::vector<std::vector<value>>>("SLOWLOG", "GET"), on(*owner), [](const auto& r) {
        const bool found = std::any_of(r.value().begin(), r.value().end(), [](const std::vector<value>& entry) {
            return entry[3].view()[0].text() == "GET" && entry[3].view()[1].text() == "slow";
        });
        EXPECT_TRUE(found);
    });
    client.each(raw<std::vector<value>>("SLOWLOG", "GET", "1"), on(*owner),
                [](const auto& r) { EXPECT_EQ(r.value().size(), 1U); });
    client.each(raw<std::vector<value>>("SLOWLOG", "GET", "1"), [](const auto& r) { EXPECT_EQ(r.value().size(), 6U); });
    client.each(raw<std::int64_t>("SLOWLOG", "LEN"), [](const auto& r) { EXPECT_GE(r.value(), 6); });
    client.waiting.execute(raw<void>("CONFIG", "SET", "slowlog-log-slower-than", "10000"));
    client.waiting.execute(raw<void>("SLOWLOG", "RESET"));
    EXPECT_EQ(client.waiting.execute(raw<int>("SLOWLOG", "LEN")), 0);
}

TEST_P(cluster_server_commands, memory_is_told_by_one_node_and_freed_by_all) {
    client.waiting.execute(set("memory", std::string(1000, 'x')));
    client.each(raw<std::int64_t>("MEMORY", "USAGE", "memory"), [](const auto& r) { EXPECT_GT(r.value(), 1000); });
    client.each(raw<std::map<std::string, value>>("MEMORY", "STATS"), on(node),
                [](const auto& r) { EXPECT_TRUE(r.value().contains("peak.allocated")); });
    client.each(raw<std::string>("MEMORY", "MALLOC-STATS"), [](const auto& r) { EXPECT_FALSE(r.value().empty()); });
    client.each(raw<std::string>("MEMORY", "DOCTOR"), [](const auto& r) { EXPECT_FALSE(r.value().empty()); });
    client.each(raw<std::string>("MEMORY", "PURGE"), is_ok);
}

TEST_P(cluster_server_commands, data_are_saved_by_one_or_by_all) {
    client.each(raw<std::int64_t>("LASTSAVE"), on(node), [](const auto& r) { EXPECT_GT(r.value(), 1'700'000'000); });
    client.each(raw<std::string>("SAVE"), on(node), is_ok);
    client.each(raw<std::string>("SAVE"), on_all_nodes(), is_ok);
    client.each(raw<std::vector<std::int64_t>>("LASTSAVE"), on_all_nodes(),
                [](const auto& r) { EXPECT_EQ(r.value().size(), 6U); });
    EXPECT_EQ(client.waiting.execute(raw<std::string>("BGSAVE"), on(node)), "Background saving started");
    poll_until("the saving to end", [&] {
        return client.waiting.execute(info(), on(node)).find("rdb_bgsave_in_progress:0") != std::string::npos;
    });
}

TEST_P(cluster_server_commands, random_key_is_one_of_the_nodes) {
    const auto ask = raw<std::optional<std::string>>("RANDOMKEY");
    client.each(ask, on(node), [](const auto& r) { EXPECT_EQ(r.value(), std::nullopt); });
    const std::string key = key_served_by(nodes(), nodes().primary(0), "random:");
    client.waiting.execute(set(key, "v"));
    client.each(ask, on(node), [&](const auto& r) { EXPECT_EQ(r.value(), key); });
}

TEST_P(cluster_server_commands, replicas_are_told_to_be_read_only_and_back) {
    for (const char* mode : {"READONLY", "READWRITE"}) {
        client.each(raw<std::string>(mode), on(node), is_ok);
        client.each_node(raw<std::string>(mode), on_all_replicas(), [](const auto& all) {
            ASSERT_EQ(all.size(), 3U);
            for (const auto& each : all) EXPECT_EQ(each.reply.value(), "OK");
        });
    }
}

TEST_P(cluster_server_commands, cluster_is_described_by_any_node) {
    client.each(cluster_info(), on_random_node(),
                [](const auto& r) { EXPECT_EQ(r.value().substr(0, 16), "cluster_state:ok"); });
    client.each(raw<int>("CLUSTER", "KEYSLOT", "foo"), [](const auto& r) { EXPECT_EQ(r.value(), 12182); });
    client.each(raw<std::string>("CLUSTER", "NODES"), on(node),
                [&](const auto& r) { EXPECT_NE(r.value().find("myself,"), std::string::npos); });
    client.each(raw<texts>("CLUSTER", "REPLICAS", nodes().id_of(nodes().primary(1))), [&](const auto& r) {
        ASSERT_EQ(r.value().size(), 1U);
        EXPECT_EQ(r.value()[0].substr(0, 40), nodes().id_of(nodes().replica(1)));
    });
    client.each_node(raw<std::string>("CLUSTER", "MYSHARDID"), on_all_nodes(), [](const auto& all) {
        std::vector<std::string> shards;
        for (const auto& each : all) shards.push_back(each.reply.value());
        std::sort(shards.begin(), shards.end());
        EXPECT_EQ(std::unique(shards.begin(), shards.end()) - shards.begin(), 3);
    });
}

}  // namespace valkeyxx::testing
