// Commands to several nodes of which some refuse, hang or are dead, or whose client ends: each part is accounted for.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "integration/all_faces.hpp"
#include "integration/client_world.hpp"
#include "integration/kill.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using values = std::vector<std::optional<std::string>>;
using words = std::vector<std::string_view>;

struct servers {
    // Nobody takes over while a node hangs or is dead for a moment.
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = stretched(10s)}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

std::string name_of(const valkey_server& node) {
    return "127.0.0.1:" + std::to_string(node.port());
}

class cluster_fanout_fault : public ::testing::Test {
  protected:
    cluster_fanout_fault() {
        nodes().heal();
        nodes().flush_all();
    }
    void TearDown() override { nodes().heal(); }

    /// A user who may do everything, but not this on these nodes.
    void forbid(const std::string& rule, const std::vector<valkey_server*>& where) {
        for (int i = 0; i < nodes().size(); ++i) {
            auto admin = nodes().node(i).admin();
            admin({"ACL", "SETUSER", "guest", "reset", "on", ">pw", "~*", "&*", "+@all"});
            if (std::find(where.begin(), where.end(), &nodes().node(i)) == where.end()) continue;
            admin({"ACL", "SETUSER", "guest", rule});
        }
        settings.username = "guest";
        settings.password = "pw";
    }
    /// One key of each shard, in their order.
    static std::vector<std::string> key_of_each_shard() {
        std::vector<std::string> keys;
        for (int shard = 0; shard < 3; ++shard) keys.push_back(key_served_by(nodes(), nodes().primary(shard), "of:"));
        return keys;
    }

    config settings = config_for(nodes());
};

/// The one cause, which is this node's.
const error& cause_at(const valkey_server& node, const error& why) {
    EXPECT_EQ(why, errc::partly_failed) << why.message();
    EXPECT_EQ(why.causes().size(), 1U);
    EXPECT_NE(why.message().find(name_of(node)), std::string::npos) << why.message();
    const error& cause = why.causes().empty() ? why : why.causes()[0];
    EXPECT_EQ(cause.node(), name_of(node));
    return cause;
}

}  // namespace

TEST_F(cluster_fanout_fault, one_that_refuses_is_named_and_the_others_have_done_it) {
    valkey_server& refusing = nodes().primary(1);
    forbid("-flushall", {&refusing});
    const auto keys = key_of_each_shard();
    all_faces client{settings};
    client.each(raw<void>("FLUSHALL"), [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(cause_at(refusing, r.error()).server_code(), "NOPERM");
        EXPECT_NE(r.error().executed(), executed::no);
        EXPECT_EQ(r.error().command(), "FLUSHALL");
    });
    for (const auto& key : keys) client.waiting.execute(set(key, "v"));
    EXPECT_FALSE(client.waiting.try_execute(raw<void>("FLUSHALL")));
    EXPECT_EQ(client.waiting.execute(across_slots(mget(keys[0], keys[1], keys[2]))),
              (values{std::nullopt, "v", std::nullopt}));
    client.each_node(raw<std::string>("FLUSHALL"), on_all_primaries(), [&](const auto& all) {
        ASSERT_EQ(all.size(), 3U);
        for (const auto& each : all) EXPECT_EQ(each.reply.has_value(), each.node.text() != name_of(refusing));
    });
}

TEST_F(cluster_fanout_fault, all_that_refuse_alike_are_one_server_error) {
    forbid("-dbsize", {&nodes().primary(0), &nodes().primary(1), &nodes().primary(2)});
    all_faces client{settings};
    client.each(dbsize(), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::server_error);
        EXPECT_EQ(r.error().server_code(), "NOPERM");
        EXPECT_EQ(r.error().command(), "DBSIZE");
        EXPECT_TRUE(r.error().causes().empty());
    });
    client.each(raw<void>("CONFIG", "SET", "maxmemory-policy", "nonsense"), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::server_error) << r.error().message();
        EXPECT_EQ(r.error().server_code(), "ERR");
    });
    forbid("-dbsize", {&nodes().primary(0), &nodes().primary(2)});
    client.each(dbsize(), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::partly_failed);
        EXPECT_EQ(r.error().causes().size(), 2U);
    });
}

TEST_F(cluster_fanout_fault, part_of_the_keys_may_be_refused) {
    const auto keys = key_of_each_shard();
    forbid("-mset", {&nodes().primary(2)});
    all_faces client{settings};
    client.each(across_slots(mset(words{keys[0], "0", keys[1], "1", keys[2], "2"})), [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(cause_at(nodes().primary(2), r.error()).server_code(), "NOPERM");
    });
    EXPECT_EQ(client.waiting.execute(across_slots(mget(keys[2], keys[1], keys[0]))), (values{std::nullopt, "1", "0"}));
}

TEST_F(cluster_fanout_fault, one_that_succeeds_is_enough_where_that_is_the_rule) {
    all_faces client{settings};
    client.each(raw<void>("SCRIPT", "KILL"), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().server_code(), "NOTBUSY") << r.error().message();
    });
    auto busy = nodes().primary(2).admin();
    busy({"CONFIG", "SET", "busy-reply-threshold", "10"});  // so long it would not listen to anybody
    busy.send({"EVAL", "while true do end", "0"});
    poll_until("the script to be killed",
               [&] { return client.waiting.try_execute(raw<void>("SCRIPT", "KILL")).has_value(); });
    EXPECT_TRUE(busy.read().is_error());
}

TEST_F(cluster_fanout_fault, dead_node_is_the_only_one_that_is_missing) {
    valkey_server& dead = nodes().replica(1);
    all_faces client{settings};
    client.connect();
    kill(dead);
    client.each(raw<void>("ECHO", "x"), on_all_nodes(), [&](const auto& r) {
        ASSERT_FALSE(r);
        cause_at(dead, r.error());
    });
    client.each_node(raw<std::string>("ECHO", "x"), on_all_nodes(), [&](const auto& all) {
        ASSERT_EQ(all.size(), 6U);
        for (const auto& each : all) EXPECT_EQ(each.reply.has_value(), each.node.text() != name_of(dead));
    });
}

TEST_F(cluster_fanout_fault, dead_shard_is_named_by_those_who_waited_for_its_keys) {
    settings.command_timeout = stretched(300ms);
    const auto keys = key_of_each_shard();
    all_faces client{settings};
    client.waiting.execute(across_slots(mset(words{keys[0], "0", keys[1], "1", keys[2], "2"})));
    valkey_server& dead = nodes().primary(2);
    kill(dead);
    client.each(across_slots(mget(keys[0], keys[1], keys[2])), [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(cause_at(dead, r.error()), errc::timed_out);
    });
    const auto written = client.waiting.try_execute(across_slots(mset(words{keys[0], "a", keys[2], "c"})));
    ASSERT_FALSE(written);
    EXPECT_EQ(cause_at(dead, written.error()).executed(), executed::no);
    EXPECT_NE(written.error().executed(), executed::no);
    EXPECT_EQ(client.waiting.execute(get(keys[0])), "a");
}

TEST_F(cluster_fanout_fault, hanging_node_is_waited_for_until_the_deadline) {
    settings.command_timeout = stretched(300ms);
    settings.connect_timeout = settings.suspect_after = stretched(5s);
    valkey_server& stuck = nodes().replica(0);
    all_faces client{settings};
    client.connect();
    client.each(raw<void>("ECHO", "x"), on_all_nodes(), [](const auto& r) { ASSERT_TRUE(r); });
    stuck.pause();
    stopwatch watch;
    client.each(raw<void>("CONFIG", "RESETSTAT"), [&](const auto& r) {
        ASSERT_FALSE(r);
        const error& cause = cause_at(stuck, r.error());
        EXPECT_EQ(cause, errc::timed_out);
        EXPECT_EQ(cause.executed(), executed::unknown);
        EXPECT_GE(watch.elapsed(), settings.command_timeout - 5ms);
        EXPECT_LT(watch.elapsed(), settings.command_timeout + stretched(500ms));
        watch = {};
    });
    client.each_node(raw<std::string>("ECHO", "x"), on_all_nodes(), [&](const auto& all) {
        ASSERT_EQ(all.size(), 6U);
        for (const auto& each : all) {
            EXPECT_EQ(each.reply.has_value(), each.node.text() != name_of(stuck));
            if (!each.reply) {
                EXPECT_EQ(each.reply.error(), errc::timed_out);
            }
        }
    });
    for (int i = 0; i < nodes().size(); ++i) nodes().node(i).pause();
    client.each(raw<void>("ECHO", "x"), on_all_nodes(), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::timed_out) << r.error().message();
    });
}

TEST_F(cluster_fanout_fault, too_many_parts_are_refused_and_leave_no_trace) {
    settings.max_in_flight = 4;
    all_faces client{settings};
    client.connect();
    for (int i = 0; i < 200; ++i) {
        client.each(raw<void>("ECHO", "x"), on_all_nodes(), [](const auto& r) {
            ASSERT_FALSE(r);
            ASSERT_EQ(r.error(), errc::partly_failed) << r.error().message();
            EXPECT_EQ(r.error().causes()[0], errc::queue_full);
        });
        client.each(dbsize(), [](const auto& r) { ASSERT_TRUE(r) << r.error().message(); });
    }
}

}  // namespace valkeyxx::testing
