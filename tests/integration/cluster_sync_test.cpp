// The synchronous client against a healthy cluster: typed commands over all slots, values of all sizes, both protocols.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = 5s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

/// How many commands of this name the three servers have run together.
int calls_of(const std::string& command) {
    int total = 0;
    for (int i = 0; i < nodes().size(); ++i) {
        const std::string stats = nodes().node(i).admin()({"INFO", "commandstats"});
        const std::string field = "cmdstat_" + command + ":calls=";
        const auto at = stats.find(field);
        if (at != std::string::npos) total += std::stoi(stats.substr(at + field.size()));
    }
    return total;
}

/// Every test in both protocols: the typed results must not tell them apart.
class cluster_sync : public ::testing::TestWithParam<int> {
  protected:
    void SetUp() override { nodes().flush_all(); }

    static config settings() {
        config c = config_for(nodes());
        c.protocol = GetParam();
        return c;
    }

    cluster client{settings()};
};

INSTANTIATE_TEST_SUITE_P(protocols, cluster_sync, ::testing::Values(2, 3),
                         [](const auto& version) { return "resp" + std::to_string(version.param); });

}  // namespace

TEST_P(cluster_sync, speaks_the_protocol_asked_for) {
    config c = settings();
    const auto seen = std::make_shared<recorder>();
    c.watcher = seen;
    cluster watched{c};
    watched.connect();
    EXPECT_EQ(seen->protocols().at(0), GetParam());
    EXPECT_EQ(watched.execute(raw("HELLO")).kind(), GetParam() == 3 ? value_kind::map : value_kind::array);
}

TEST_P(cluster_sync, finds_everything_from_any_seed) {
    for (int i = 0; i < nodes().size(); ++i) {
        config c = settings();
        c.seeds = {{"127.0.0.1", nodes().node(i).port()}};
        cluster from_one{c};
        from_one.connect();
        EXPECT_EQ(from_one.topology()->shards().size(), 3U);
        EXPECT_EQ(from_one.topology()->covered_slots(), 16384U);
        for (const char* key : {"a", "b", "c", "d", "e", "f"}) EXPECT_TRUE(from_one.execute(set(key, "v")));
    }
}

TEST_P(cluster_sync, sets_and_gets_in_every_slot) {
    const auto keys = key_for_each_slot("every:");
    pipeline writes;
    for (const auto& key : keys) writes.add(set(key, "value of " + key));
    EXPECT_TRUE(client.execute(writes).ok());
    for (std::size_t slot = 0; slot < keys.size(); slot += 7) {
        ASSERT_EQ(client.execute(get(keys[slot])), "value of " + keys[slot]) << "slot " << slot;
    }
    std::int64_t held = 0;
    for (int i = 0; i < nodes().size(); ++i) held += std::stoll(nodes().node(i).admin()({"DBSIZE"}));
    EXPECT_EQ(held, 16384);
    EXPECT_EQ(client.statistics().moved, 0U);
}

TEST_P(cluster_sync, decodes_each_type_of_reply) {
    EXPECT_EQ(client.execute(get("{t}none")), std::nullopt);
    EXPECT_TRUE(client.execute(set("{t}a", "1")));
    EXPECT_FALSE(client.execute(set("{t}a", "2", {.condition = set_if::does_not_exist})));
    EXPECT_TRUE(client.execute(set("{t}b", "2", {.expiry = 100s})));
    EXPECT_EQ(client.execute(incr("{t}a")), 2);
    EXPECT_EQ(client.execute(incrby("{t}a", -5)), -3);
    EXPECT_EQ(client.execute(exists("{t}a", "{t}b", "{t}none")), 2);
    EXPECT_EQ(client.execute(mget("{t}a", "{t}none", "{t}b")),
              (std::vector<std::optional<std::string>>{"-3", std::nullopt, "2"}));
    EXPECT_EQ(client.execute(hset("{t}h", "x", "1", "y", "2")), 2);
    EXPECT_EQ(client.execute(hget("{t}h", "y")), "2");
    EXPECT_EQ(client.execute(hget("{t}h", "z")), std::nullopt);
    EXPECT_EQ(client.execute(hgetall("{t}h")), (std::unordered_map<std::string, std::string>{{"x", "1"}, {"y", "2"}}));
    EXPECT_TRUE(client.execute(hgetall("{t}none")).empty());
    EXPECT_TRUE(client.execute(expire("{t}a", 50s)));
    EXPECT_FALSE(client.execute(expire("{t}none", 50s)));
    EXPECT_GT(client.execute(pttl("{t}a")).left, 40s);
    EXPECT_FALSE(client.execute(pttl("{t}none")).exists);
    EXPECT_EQ(client.execute(del("{t}a", "{t}b", "{t}none")), 2);
    EXPECT_EQ(client.execute(ping()), "PONG");
}

TEST_P(cluster_sync, runs_any_command_into_any_type) {
    EXPECT_EQ(client.execute(raw<std::int64_t>("RPUSH", "list", "a", "b", "c")), 3);
    EXPECT_EQ(client.execute(raw<std::vector<std::string>>("LRANGE", "list", "0", "-1")),
              (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(client.execute(raw<std::string>("SET", "real", "2.5")), "OK");
    EXPECT_DOUBLE_EQ(client.execute(raw<double>("INCRBYFLOAT", "real", "0.25")), 2.75);
    client.execute(raw<void>("ZADD", "z", "1.5", "one", "2", "two"));
    EXPECT_EQ(client.execute(raw<std::optional<double>>("ZSCORE", "z", "one")), 1.5);
    EXPECT_EQ((client.execute(raw<std::map<std::string, std::string>>("CONFIG", "GET", "maxmemory"))),
              (std::map<std::string, std::string>{{"maxmemory", "0"}}));
    const value slots = client.execute(raw("CLUSTER", "SLOTS"));
    EXPECT_EQ(slots.size(), 3U);
    EXPECT_EQ(client.execute(raw("EVAL", "return {1, {2, 'x'}, false}", "0")).view()[1][1].text(), "x");
}

TEST_P(cluster_sync, keeps_values_as_they_are) {
    std::string binary;
    for (int i = 0; i < 1024; ++i) binary.push_back(static_cast<char>(i % 256));
    const std::string crlf = "\r\n$5\r\nhello\r\n+OK\r\n";
    for (const std::string& text : {std::string{}, binary, crlf, std::string(1, '\0'), std::string(100'000, 'x')}) {
        client.execute(set("bytes", text));
        EXPECT_EQ(client.execute(get("bytes")), text);
        client.execute(set(text + "key", "v"));
        EXPECT_EQ(client.execute(get(text + "key")), "v");
    }
}

TEST_P(cluster_sync, carries_ten_megabytes) {
    std::string big(10U << 20U, '\0');
    for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>((i * 2654435761U) >> 13U);
    EXPECT_TRUE(client.execute(set("big", big)));
    EXPECT_TRUE(client.execute(get("big")) == big);  // not EXPECT_EQ, which would print both
    pipeline several;
    for (int i = 0; i < 4; ++i) several.add(get("big"));
    const auto done = client.execute(several);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(done.get<std::string_view>(i).value() == big);
}

TEST_P(cluster_sync, shows_a_reply_without_copying_it) {
    client.execute(set("seen", "text"));
    std::string copied;
    EXPECT_TRUE(client.visit(get("seen"), [&](reply_view reply) { copied = reply.text(); }));
    EXPECT_EQ(copied, "text");
    client.execute(raw("RPUSH", "seen-list", "1"));
    const auto wrong = client.visit(get("seen-list"), [](reply_view) { FAIL() << "an error is no reply to visit"; });
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().server_code(), "WRONGTYPE");
}

TEST_P(cluster_sync, gives_the_servers_own_words_for_its_errors) {
    client.execute(raw("RPUSH", "list", "a"));
    const auto wrong = client.try_execute(incr("list"));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error(), errc::server_error);
    EXPECT_EQ(wrong.error().server_code(), "WRONGTYPE");
    EXPECT_EQ(wrong.error().text(), "WRONGTYPE Operation against a key holding the wrong kind of value");
    EXPECT_EQ(wrong.error().command(), "INCR");
    EXPECT_EQ(wrong.error().node(), client.node_for("list")->text());
    EXPECT_EQ(wrong.error().attempts(), 1);
    EXPECT_EQ(wrong.error().executed(), executed::yes);
    try {
        client.execute(incr("list"));
        FAIL() << "no exception";
    } catch (const exception& e) {
        EXPECT_EQ(e.code(), errc::server_error);
        EXPECT_NE(std::string{e.what()}.find("WRONGTYPE"), std::string::npos);
    }

    const auto unknown = client.try_execute(raw("FROBNICATE", "key", "secret"));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().server_code(), "ERR");
    EXPECT_EQ(unknown.error().command(), "FROBNICATE");
    EXPECT_EQ(client.execute(ping()), "PONG");  // the connection has survived both
}

TEST_P(cluster_sync, says_which_shape_of_reply_did_not_fit) {
    client.execute(set("text", "abc"));
    const auto wrong = client.try_execute(get("text").as<std::int64_t>());
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error(), errc::unexpected_reply);
    EXPECT_EQ(wrong.error().executed(), executed::yes);
    EXPECT_EQ(client.execute(get("text")), "abc");
}

TEST_P(cluster_sync, refuses_keys_of_several_slots_before_sending) {
    client.connect();
    const int before = calls_of("mget") + calls_of("del");
    const auto several = client.try_execute(mget("a", "b"));
    ASSERT_FALSE(several);
    EXPECT_EQ(several.error(), errc::cross_slot);
    EXPECT_EQ(several.error().executed(), executed::no);
    EXPECT_EQ(several.error().attempts(), 0);
    EXPECT_EQ(several.error().command(), "MGET");
    const auto unlink = client.try_execute(raw("DEL", "a", "b", "c"));
    ASSERT_FALSE(unlink);
    EXPECT_EQ(unlink.error(), errc::cross_slot);
    EXPECT_EQ(calls_of("mget") + calls_of("del"), before);
}

TEST_P(cluster_sync, gives_each_command_of_a_pipeline_its_own_result) {
    pipeline batch;
    const auto stored = batch.add(set("{p}n", "10"));
    const auto sum = batch.add(incrby("{p}n", 5));
    const auto wrong = batch.add(hget("{p}n", "field"));
    const auto refused = batch.add(mget("a", "b"));
    const auto none = batch.add(get("elsewhere"));
    const auto many = batch.add(mget("{p}n", "{p}none"));
    const auto anything = batch.add(raw("EVAL", "return {1, {'two'}}", "1", "{p}n"));
    pipeline_result done;
    for (int round = 0; round < 3; ++round) {  // the same objects again
        client.execute(batch, done);
        ASSERT_EQ(done.size(), batch.size());
        EXPECT_FALSE(done.ok());
        EXPECT_TRUE(done[stored].value());
        EXPECT_EQ(done[sum].value(), 15);
        EXPECT_EQ(done[wrong].error().server_code(), "WRONGTYPE");
        EXPECT_EQ(done[wrong].error().command(), "HGET");
        EXPECT_EQ(done[refused].error(), errc::cross_slot);
        EXPECT_EQ(done[refused].error().node(), "");
        EXPECT_EQ(done[none].value(), std::nullopt);
        EXPECT_EQ(done[many].value(), (std::vector<std::optional<std::string>>{"15", std::nullopt}));
        EXPECT_EQ(done[anything].value().view()[1][0].text(), "two");
        EXPECT_THROW(done.throw_first_error(), exception);
    }
    EXPECT_EQ(client.execute(pipeline{}).size(), 0U);
}

TEST_P(cluster_sync, tells_topology_and_counts) {
    config c = settings();
    cluster fresh{c};
    EXPECT_TRUE(fresh.topology()->shards().empty());
    EXPECT_EQ(fresh.node_for("key"), std::nullopt);
    EXPECT_EQ(fresh.statistics().commands, 0U);
    for (int i = 0; i < 10; ++i) fresh.execute(set("key", "v"));
    const auto map = fresh.topology();
    ASSERT_NE(map->shard_of(key_slot("key")), nullptr);
    EXPECT_EQ(map->shard_of(key_slot("key"))->primary.address, fresh.node_for("key"));
    EXPECT_EQ(fresh.node_for("key")->port, nodes().node_serving(key_slot("key")).port());
    EXPECT_EQ(map->shards()[0].primary.id.size(), 40U);
    const stats now = fresh.statistics();
    EXPECT_EQ(now.commands, 10U);
    EXPECT_EQ(now.refreshes, 1U);
    EXPECT_EQ(now.moved + now.ask + now.retries + now.disconnects, 0U);
    EXPECT_GE(now.connects, 1U);
}

TEST_P(cluster_sync, can_be_moved) {
    client.execute(set("moved", "yes"));
    cluster second{std::move(client)};
    EXPECT_EQ(second.execute(get("moved")), "yes");
    client = cluster{settings()};
    EXPECT_EQ(client.execute(get("moved")), "yes");
    client = std::move(second);
    EXPECT_EQ(client.execute(get("moved")), "yes");
}

TEST_P(cluster_sync, refuses_commands_once_closed) {
    client.execute(set("key", "v"));
    client.close();
    client.close();
    const auto refused = client.try_execute(get("key"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::client_closed);
    EXPECT_EQ(refused.error().executed(), executed::no);
    pipeline batch;
    const auto one = batch.add(get("key"));
    EXPECT_EQ(client.execute(batch)[one].error(), errc::client_closed);
    EXPECT_THROW(client.connect(), exception);
    EXPECT_EQ(nodes().node_serving(key_slot("key")).admin()({"GET", "key"}), "v");
}

}  // namespace valkeyxx::testing
