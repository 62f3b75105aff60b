// Commands to several nodes of a healthy cluster: what each said becomes one reply, or is told node by node.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "integration/all_faces.hpp"
#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = stretched(5s)}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

endpoint address_of(const valkey_server& node) {
    return {"127.0.0.1", node.port()};
}

/// How often each node, by number, has run a command since the last CONFIG RESETSTAT.
std::vector<int> calls_of(const std::string& command) {
    std::vector<int> calls;
    for (int i = 0; i < nodes().size(); ++i) {
        const std::string stats = nodes().node(i).admin()({"INFO", "commandstats"});
        const std::string field = "cmdstat_" + command + ":calls=";
        const auto at = stats.find(field);
        calls.push_back(at == std::string::npos ? 0 : std::stoi(stats.substr(at + field.size())));
    }
    return calls;
}

std::string field_of(const std::string& info, const std::string& name) {
    const auto at = info.find("\n" + name + ":");
    return at == std::string::npos ? "" : info.substr(at + name.size() + 2, info.find('\r', at) - at - name.size() - 2);
}

/// Every test in both protocols: what is joined must not tell them apart.
class cluster_fanout : public ::testing::TestWithParam<int> {
  protected:
    cluster_fanout() { nodes().flush_all(); }

    static config settings() {
        config c = config_for(nodes());
        c.protocol = GetParam();
        return c;
    }
    /// Some keys on each shard.
    std::set<std::string> fill() {
        std::set<std::string> keys;
        for (int i = 0; i < 60; ++i) {
            keys.insert("fill:" + std::to_string(i));
            client.waiting.execute(set("fill:" + std::to_string(i), "v"));
        }
        return keys;
    }

    all_faces client{settings()};
};

INSTANTIATE_TEST_SUITE_P(protocols, cluster_fanout, ::testing::Values(2, 3),
                         [](const auto& version) { return "resp" + std::to_string(version.param); });

}  // namespace

TEST_P(cluster_fanout, dbsize_counts_the_keys_of_all_shards) {
    client.each(dbsize(), [](const auto& r) { EXPECT_EQ(r.value(), 0); });
    fill();
    client.each(dbsize(), [](const auto& r) { EXPECT_EQ(r.value(), 60); });
    client.each(dbsize(), on_all_primaries(), [](const auto& r) { EXPECT_EQ(r.value(), 60); });
    std::int64_t total = 0;
    client.each_node(dbsize(), on_all_primaries(), [&](const auto& all) {
        ASSERT_EQ(all.size(), 3U);
        total = 0;
        for (const auto& each : all) {
            EXPECT_GT(each.reply.value(), 0) << each.node.text();
            total += each.reply.value();
        }
        EXPECT_EQ(total, 60);
    });
}

TEST_P(cluster_fanout, keys_are_those_of_all_shards) {
    const auto list = raw<std::vector<std::string>>("KEYS", "fill:*");
    client.each(list, [](const auto& r) { EXPECT_TRUE(r.value().empty()); });
    const auto expected = fill();
    client.each(list, [&](const auto& r) {
        EXPECT_EQ(r.value().size(), expected.size());
        EXPECT_EQ(std::set(r.value().begin(), r.value().end()), expected);
    });
    client.each(list, on_default_node(), [&](const auto& r) {
        EXPECT_LT(r.value().size(), expected.size());
        EXPECT_FALSE(r.value().empty());
    });
    client.each(raw<std::vector<std::string>>("KEYS", "fill:1?"),
                [](const auto& r) { EXPECT_EQ(r.value().size(), 10U); });
}

TEST_P(cluster_fanout, flushall_empties_every_shard) {
    for (const char* flush : {"FLUSHALL", "FLUSHDB"}) {
        client.each(raw<std::string>(flush), [](const auto& r) { EXPECT_EQ(r.value(), "OK"); });
        fill();
        ASSERT_EQ(client.waiting.execute(dbsize()), 60);
        client.waiting.execute(raw<void>(flush, "SYNC"));
        for (int shard = 0; shard < 3; ++shard) EXPECT_EQ(nodes().primary(shard).admin()({"DBSIZE"}), "0");
        fill();
        pipeline batch;
        batch.add(set("before", "v"));
        const auto flushed = batch.add(raw<std::string>(flush));
        EXPECT_EQ(client.waiting.execute(batch)[flushed].value(), "OK");
        EXPECT_LE(client.waiting.execute(dbsize()), 1);
    }
}

TEST_P(cluster_fanout, configuration_is_set_on_every_node) {
    int wanted = 100;
    const auto setting = [&] { return raw<std::string>("CONFIG", "SET", "slowlog-max-len", std::to_string(wanted)); };
    const auto ask = raw<std::map<std::string, std::string>>("CONFIG", "GET", "slowlog-max-len");
    for (wanted = 100; wanted < 103; ++wanted) {
        client.each(setting(), [](const auto& r) { EXPECT_EQ(r.value(), "OK"); });
        client.each_node(ask, on_all_nodes(), [&](const auto& all) {
            ASSERT_EQ(all.size(), 6U);
            for (const auto& each : all) {
                EXPECT_EQ(each.reply.value().at("slowlog-max-len"), std::to_string(wanted)) << each.node.text();
            }
        });
    }
    wanted = 128;
    client.waiting.execute(setting());
}

TEST_P(cluster_fanout, statistics_are_reset_on_every_node_or_on_one) {
    const auto total = [&](const endpoint& node) {
        return std::stoi(field_of(client.waiting.execute(info(), on(node)), "total_commands_processed"));
    };
    client.connect();
    for (int i = 0; i < 500; ++i) client.waiting.execute(raw("ECHO", "x"), on_all_nodes());
    const endpoint one = address_of(nodes().primary(0));
    client.waiting.execute(raw<void>("CONFIG", "RESETSTAT"), on(one));
    for (const auto& node : client.waiting.nodes()) EXPECT_EQ(total(node.address) < 500, node.address == one);
    client.each(raw<std::string>("CONFIG", "RESETSTAT"), [](const auto& r) { EXPECT_EQ(r.value(), "OK"); });
    for (const auto& node : client.waiting.nodes()) EXPECT_LT(total(node.address), 500);
}

TEST_P(cluster_fanout, scripts_are_loaded_everywhere_and_exist_only_if_everywhere) {
    const auto exist = [](const std::string& a, const std::string& b) {
        return raw<std::vector<int>>("SCRIPT", "EXISTS", a, b);
    };
    client.each(raw<std::string>("SCRIPT", "FLUSH"), [](const auto& r) { EXPECT_EQ(r.value(), "OK"); });
    const std::string nowhere(40, '0');
    std::string here;
    client.each(raw<std::string>("SCRIPT", "LOAD", "return KEYS[1]"), [&](const auto& r) { here = r.value(); });
    ASSERT_EQ(here.size(), 40U);
    client.each(exist(here, nowhere), [](const auto& r) { EXPECT_EQ(r.value(), (std::vector{1, 0})); });
    for (int i = 0; i < nodes().size(); ++i) EXPECT_EQ(nodes().node(i).admin()({"SCRIPT", "EXISTS", here}), "1");
    for (const char* key : {"a", "b", "c", "d", "e", "f"}) {
        EXPECT_EQ(client.waiting.execute(raw<std::string>("EVALSHA", here, "1", key)), key);
    }
    nodes().primary(2).admin()({"SCRIPT", "FLUSH"});
    client.each(exist(here, nowhere), [](const auto& r) { EXPECT_EQ(r.value(), (std::vector{0, 0})); });
}

TEST_P(cluster_fanout, function_is_loaded_on_every_shard) {
    const std::string library = "#!lua name=lib\nserver.register_function('f', function() return 'done' end)";
    client.each(raw<std::string>("FUNCTION", "LOAD", "REPLACE", library),
                [](const auto& r) { EXPECT_EQ(r.value(), "lib"); });
    for (const char* key : {"a", "b", "c", "d"}) {
        EXPECT_EQ(client.waiting.execute(raw<std::string>("FCALL", "f", "1", key)), "done");
    }
    client.waiting.execute(raw<void>("FUNCTION", "DELETE", "lib"));
    // None of the shards has it now, and each says the same.
    client.each(raw<void>("FUNCTION", "DELETE", "lib"), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::server_error);
        EXPECT_EQ(r.error().text(), "ERR Library not found");
    });
}

TEST_P(cluster_fanout, echo_goes_to_exactly_the_nodes_that_were_named) {
    client.connect();
    const auto runs = [&](const target& to, const std::vector<int>& expected) {
        client.waiting.execute(raw<void>("CONFIG", "RESETSTAT"));
        client.waiting.execute(raw("ECHO", "x"), to);
        EXPECT_EQ(calls_of("echo"), expected);
    };
    std::vector<int> numbers(6);
    for (int i = 0; i < 6; ++i) numbers[static_cast<std::size_t>(i)] = nodes().node(i).role() == "primary" ? 1 : 0;
    runs(on_all_primaries(), numbers);
    for (int& n : numbers) n = 1 - n;
    runs(on_all_replicas(), numbers);
    runs(on_all_nodes(), {1, 1, 1, 1, 1, 1});
    runs(on(std::vector{address_of(nodes().node(1)), address_of(nodes().node(5))}), {0, 1, 0, 0, 0, 1});
    const auto last = address_of(nodes().node(5));
    runs(on(std::vector{last, last}), {0, 0, 0, 0, 0, 2});
    runs(on(last), {0, 0, 0, 0, 0, 1});
}

TEST_P(cluster_fanout, ping_is_answered_by_whomever_it_is_sent_to) {
    client.each(ping(), [](const auto& r) { EXPECT_EQ(r.value(), "PONG"); });
    for (const target& to :
         {on_all_primaries(), on_all_replicas(), on_all_nodes(), on_random_node(), on_default_node()}) {
        client.each(ping(), to, [](const auto& r) { EXPECT_EQ(r.value(), "PONG"); });
    }
    client.each(raw<std::string>("PING", "hello"), [](const auto& r) { EXPECT_EQ(r.value(), "hello"); });
}

TEST_P(cluster_fanout, replies_that_cannot_be_joined_stay_apart) {
    client.each(raw<std::vector<std::vector<std::int64_t>>>("TIME"), on_all_nodes(), [](const auto& r) {
        ASSERT_EQ(r.value().size(), 6U);
        for (const auto& time : r.value()) EXPECT_GT(time.at(0), 1'700'000'000);
    });
    client.each(raw<std::vector<std::int64_t>>("TIME"), on(address_of(nodes().node(4))),
                [](const auto& r) { EXPECT_EQ(r.value().size(), 2U); });
    client.each_node(info(), on_all_nodes(), [](const auto& all) {
        ASSERT_EQ(all.size(), 6U);
        std::set<std::string> ports;
        for (const auto& each : all) {
            EXPECT_EQ(field_of(each.reply.value(), "tcp_port"), std::to_string(each.node.port));
            ports.insert(each.node.text());
        }
        EXPECT_EQ(ports.size(), 6U);
    });
    fill();
    client.each(raw<std::optional<std::string>>("RANDOMKEY"), on(address_of(nodes().primary(1))),
                [](const auto& r) { EXPECT_EQ(r.value().value().substr(0, 5), "fill:"); });
}

TEST_P(cluster_fanout, access_lists_are_written_everywhere) {
    client.each(raw<std::string>("ACL", "SETUSER", "guest", "on", "nopass", "+ping"),
                [](const auto& r) { EXPECT_EQ(r.value(), "OK"); });
    for (int i = 0; i < nodes().size(); ++i) {
        EXPECT_EQ(admin(nodes().node(i).port(), {.password = "any", .user = "guest"})({"PING"}), "PONG");
    }
    EXPECT_EQ(client.waiting.execute(raw<int>("ACL", "DELUSER", "guest")), 1);
    EXPECT_EQ(client.waiting.execute(raw<int>("ACL", "DELUSER", "guest")), 0);
}

TEST_P(cluster_fanout, subscribers_of_all_nodes_are_counted_together) {
    std::vector<admin> subscribers;
    for (int i = 0; i < nodes().size(); ++i) {
        subscribers.push_back(nodes().node(i).admin());
        EXPECT_EQ(subscribers.back()({"SUBSCRIBE", "channel:" + std::to_string(i), "shared"}).substr(0, 9),
                  "subscribe");
        subscribers.push_back(nodes().node(i).admin());
        subscribers.back()({"PSUBSCRIBE", "news.*"});
    }
    client.each(raw<std::vector<std::string>>("PUBSUB", "CHANNELS"), on_all_nodes(), [](const auto& r) {
        EXPECT_EQ(std::set(r.value().begin(), r.value().end()),
                  (std::set<std::string>{"channel:0", "channel:1", "channel:2", "channel:3", "channel:4", "channel:5",
                                         "shared"}));
        EXPECT_EQ(r.value().size(), 7U);
    });
    client.each(raw<std::vector<std::string>>("PUBSUB", "NUMSUB", "channel:3", "shared", "none"), on_all_nodes(),
                [](const auto& r) {
                    EXPECT_EQ(r.value(), (std::vector<std::string>{"channel:3", "1", "shared", "6", "none", "0"}));
                });
    client.each_node(raw<std::vector<std::string>>("PUBSUB", "CHANNELS", "channel*"), on_all_nodes(),
                     [](const auto& all) {
                         for (const auto& each : all) EXPECT_EQ(each.reply.value().size(), 1U) << each.node.text();
                     });
    client.each(raw<int>("PUBSUB", "NUMPAT"), on_all_nodes(), [](const auto& r) { EXPECT_EQ(r.value(), 6); });
}

}  // namespace valkeyxx::testing
