// The first contact: what a client says when there is nobody, the wrong server, or the wrong password.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <set>
#include <string>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/network.hpp"
#include "support/server.hpp"
#include "support/server_binary.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_cluster locked{{.shards = 1, .replicas = 0, .node_timeout = 5s, .password = "open sesame"}};
    valkey_server single;
    void wait() {
        single.wait();
        locked.wait();
    }
};

const auto registered = use_world<servers>();

valkey_cluster& locked() {
    return world<servers>().locked;
}

error failure_of(const config& c) {
    cluster client{c};
    const auto outcome = client.try_execute(get("key"));
    return outcome ? error{errc::server_error, "it worked"} : outcome.error();
}

bool says(const error& e, const std::string& words) {
    return e.message().find(words) != std::string::npos;
}

config at(std::uint16_t port) {
    config c{.seeds = {{"127.0.0.1", port}}};
    c.command_timeout = stretched(5s);
    return c;
}

}  // namespace

TEST(cluster_start, says_at_once_that_a_server_is_not_a_cluster) {
    const stopwatch watch;
    const error e = failure_of(at(world<servers>().single.port()));
    EXPECT_EQ(e, errc::not_a_cluster) << e.message();
    EXPECT_EQ(e.executed(), executed::no);
    EXPECT_LT(watch.elapsed(), stretched(500ms));
}

TEST(cluster_start, names_address_and_reason_when_nobody_listens) {
    const auto port = next_port();
    cluster client{at(port)};
    for (int i = 0; i < 3; ++i) {  // each time, and not what the client's own back-off makes of it
        const stopwatch watch;
        const auto outcome = client.try_execute(get("key"));
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error(), errc::no_topology);
        EXPECT_EQ(outcome.error().executed(), executed::no);
        EXPECT_TRUE(says(outcome.error(), "127.0.0.1:" + std::to_string(port))) << outcome.error().message();
        EXPECT_TRUE(says(outcome.error(), "Connection refused")) << outcome.error().message();
        EXPECT_LT(watch.elapsed(), stretched(1000ms));
    }
    EXPECT_THROW(client.connect(), exception);
}

TEST(cluster_start, names_the_host_that_cannot_be_resolved) {
    config c{.seeds = {{"no-such-host.invalid", 6379}}};
    c.connect_timeout = stretched(2s);
    const error e = failure_of(c);
    EXPECT_EQ(e, errc::no_topology);
    EXPECT_TRUE(says(e, "no-such-host.invalid:6379")) << e.message();
}

TEST(cluster_start, needs_one_good_seed_among_bad_ones) {
    config c = config_for(locked());
    c.password = "open sesame";
    for (int i = 0; i < 4; ++i) c.seeds.insert(c.seeds.begin(), {"127.0.0.1", next_port()});
    c.seeds.push_back({"127.0.0.1", world<servers>().single.port()});
    for (int i = 0; i < 5; ++i) {  // they are asked in an order of chance
        cluster client{c};
        EXPECT_NO_THROW(client.connect());
        EXPECT_TRUE(client.execute(set("key", "v")));
    }
}

TEST(cluster_start, says_that_a_password_is_needed_or_wrong_and_never_tells_it) {
    config c = config_for(locked());
    EXPECT_TRUE(says(failure_of(c), "NOAUTH")) << failure_of(c).message();
    for (const int protocol : {2, 3}) {
        c.protocol = protocol;
        c.password = "a wrong one";
        const error e = failure_of(c);
        EXPECT_EQ(e.which(), errc::authentication_failed);
        EXPECT_TRUE(says(e, "WRONGPASS")) << e.message();
        EXPECT_FALSE(says(e, "a wrong one")) << e.message();
        c.password = "open sesame";
        EXPECT_NO_THROW(cluster{c}.connect());
    }
}

TEST(cluster_start, logs_in_as_a_user_and_shows_what_that_user_may_not) {
    auto admin = locked().node(0).admin();
    admin({"ACL", "SETUSER", "reader", "on", ">pass word:@/", "~open:*", "+@read", "+@connection", "+cluster|slots",
           "+acl|whoami"});
    admin({"SET", "open:1", "v"});
    for (const int protocol : {2, 3}) {
        config c = config_for(locked());
        c.protocol = protocol;
        c.username = "reader";
        c.password = "pass word:@/";
        c.client_name = "the-reader";
        cluster client{c};
        EXPECT_EQ(client.execute(get("open:1")), "v");
        EXPECT_EQ(client.execute(raw<std::string>("ACL", "WHOAMI")), "reader");
        EXPECT_EQ(client.execute(raw<std::string>("CLIENT", "GETNAME")), "the-reader");
        const auto forbidden = client.try_execute(set("open:1", "w"));
        ASSERT_FALSE(forbidden);
        EXPECT_EQ(forbidden.error().server_code(), "NOPERM");
    }
    cluster by_url{"valkey://reader:pass%20word%3A%40%2F@127.0.0.1:" + std::to_string(locked().node(0).port())};
    EXPECT_EQ(by_url.execute(get("open:1")), "v");
}

TEST(cluster_start, refuses_a_configuration_that_cannot_be_right) {
    EXPECT_THROW(cluster{config{}}, exception);
    EXPECT_THROW(cluster{"http://127.0.0.1"}, exception);
    EXPECT_THROW(cluster{"valkey://127.0.0.1:7000?no_such_option=1"}, exception);
    config c = at(7000);
    c.protocol = 4;
    EXPECT_THROW(cluster{c}, exception);
}

TEST(cluster_start, says_what_the_server_says_about_a_database_that_it_does_not_have) {
    config c = at(locked().node(0).port());
    c.password = "open sesame";
    c.database = 3;
    const error e = failure_of(c);
    EXPECT_TRUE(says(e, "SELECT") || says(e, "DB index")) << e.message();
    EXPECT_EQ(e.executed(), executed::no);
}

// Valkey 8 has none of these; see VALKEY_NEWER_BIN_DIR.
TEST(cluster_databases, are_apart_wherever_keys_go) {
    const auto program = newer_server_binary();
    if (!program) GTEST_SKIP() << "VALKEY_NEWER_BIN_DIR is not set";
    valkey_cluster nodes{{.replicas = 1, .extra = {"--cluster-databases", "16"}, .program = *program}};
    nodes.wait();
    config c = config_for(nodes);
    cluster zero{c};
    c.database = 3;
    cluster three{c};
    async_cluster started{c};
    constexpr int count = 300;
    const auto key = [](int i) { return "key" + std::to_string(i); };
    pipeline fill;
    for (int i = 0; i < count; ++i) fill.add(set(key(i), "three"));
    EXPECT_TRUE(three.execute(fill).ok());
    zero.execute(set(key(0), "zero"));
    EXPECT_EQ(zero.execute(dbsize()), 1);
    EXPECT_EQ(three.execute(dbsize()), count);
    EXPECT_EQ(started.execute(get(key(0)), asio::use_future).get(), "three");
    // Slots that move take all databases with them.
    for (const int i : {0, 1, 2}) {
        const auto slot = key_slot(key(i));
        auto& to = other_primary(nodes, slot);
        const auto text = std::to_string(slot);
        nodes.node_serving(slot).admin()(
            {"CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", text, text, "NODE", to.admin()({"CLUSTER", "MYID"})});
        poll_until("the slot to have moved", [&] { return &nodes.node_serving(slot) == &to; });
    }
    for (int i = 0; i < count; ++i) EXPECT_EQ(three.execute(get(key(i))), "three");
    EXPECT_EQ(zero.execute(get(key(0))), "zero");
    std::set<std::string> seen;
    for (const auto& k : scan(three, {.match = "key*"})) seen.insert(k);
    EXPECT_EQ(seen.size(), std::size_t{count});
    // A new primary is spoken to in the same database, and so is a replica.
    nodes.failover(0, failover_mode::graceful);
    c.reads = read_from::prefer_replica;
    cluster reads{c};
    for (int i = 0; i < count; ++i) {
        EXPECT_EQ(started.execute(get(key(i)), asio::use_future).get(), "three");
        EXPECT_EQ(reads.execute(get(key(i))), "three");
    }
    c.database = 99;
    EXPECT_TRUE(says(failure_of(c), "DB index is out of range")) << failure_of(c).message();
}

}  // namespace valkeyxx::testing
