// The clients of one server.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/private_hosts.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_server one;
    valkey_server secret{{.password = "pass word"}};
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = 5s}};
    valkey_server first;  // of two that replicate, without sentinels
    valkey_server second{{.extra = {"--replicaof", "127.0.0.1", std::to_string(first.port())}}};
    void wait() {
        one.wait();
        secret.wait();
        first.wait();
        second.wait();
        poll_until("the second server to replicate",
                   [this] { return second.admin()({"ROLE"}).find("connected") != std::string::npos; });
        nodes.wait();
    }
};

const auto registered = use_world<servers>();

valkey_server& server() {
    return world<servers>().one;
}

std::string url_of(const valkey_server& s, const std::string& rest = {}) {
    return "valkey://127.0.0.1:" + std::to_string(s.port()) + rest;
}

class one_server : public ::testing::Test {
  protected:
    one_server() { server().admin()({"FLUSHALL"}); }
    client waiting{url_of(server())};
    async_client started{url_of(server())};
};

}  // namespace

TEST_F(one_server, gets_every_command_whatever_its_keys) {
    for (int i = 0; i < 100; ++i) {
        const std::string key = "k" + std::to_string(i);
        waiting.execute(set(key, std::to_string(i)));
        EXPECT_EQ(started.execute(get(key), asio::use_future).get(), std::to_string(i));
    }
    EXPECT_EQ(waiting.execute(dbsize()), 100);
    EXPECT_EQ(started.execute(dbsize(), asio::use_future).get(), 100);
    EXPECT_EQ(waiting.statistics().connects, 1U);
    EXPECT_EQ(waiting.statistics().refreshes, 0U);
}

TEST_F(one_server, runs_commands_with_keys_that_would_be_of_different_slots) {
    waiting.execute(raw("MSET", "a", "1", "b", "2", "c", "3"));
    EXPECT_EQ(waiting.execute(raw<std::vector<int>>("MGET", "a", "b", "c")), (std::vector{1, 2, 3}));
    EXPECT_EQ(started.execute(across_slots(raw<int>("DEL", "a", "b")), asio::use_future).get(), 2);
    waiting.execute(raw("RPUSH", "list", "2", "1"));
    EXPECT_EQ(waiting.execute(raw<int>("SORT", "list", "STORE", "other")), 2);
    EXPECT_EQ(waiting.execute(raw<std::vector<std::string>>("EVAL", "return KEYS", "2", "x", "y")),
              (std::vector<std::string>{"x", "y"}));
}

TEST_F(one_server, pipelines_keep_order_and_results) {
    pipeline batch;
    std::vector<pipeline::handle<std::int64_t>> counts;
    for (int i = 0; i < 1000; ++i) counts.push_back(batch.add(incr("n")));
    const auto size = batch.add(dbsize());
    const auto done = waiting.execute(batch);
    for (std::size_t i = 0; i < counts.size(); ++i) EXPECT_EQ(done[counts[i]].value(), static_cast<int>(i) + 1);
    EXPECT_EQ(done[size].value(), 1);
    EXPECT_EQ(started.execute(batch, asio::use_future).get()[counts.back()].value(), 2000);
}

TEST_F(one_server, every_target_is_that_server) {
    waiting.execute(set("k", "v"));
    for (const target& to : {on_all_nodes(), on_all_primaries(), on_random_node(), on_default_node(), on_primary(),
                             on_slot(7), on(endpoint{"127.0.0.1", server().port()})}) {
        EXPECT_EQ(waiting.execute(dbsize(), to), 1);
    }
    EXPECT_EQ(waiting.execute_each(dbsize(), on_all_nodes()).size(), 1U);
    EXPECT_EQ(waiting.try_execute(dbsize(), on({"127.0.0.1", 1})).error().which(), errc::unknown_node);
}

TEST_F(one_server, has_numbered_databases_in_both_protocols) {
    for (const char* protocol : {"2", "3"}) {
        client other{url_of(server(), "/3?protocol=" + std::string{protocol})};
        other.execute(set("only", protocol));
        EXPECT_EQ(waiting.execute(get("only")), std::nullopt);
        EXPECT_EQ(other.execute(get("only")), protocol);
        EXPECT_EQ(server().admin()({"SWAPDB", "0", "3"}), "OK");
        EXPECT_EQ(waiting.execute(get("only")), protocol);
        server().admin()({"FLUSHALL"});
    }
    client none{url_of(server(), "/99")};
    const auto r = none.try_execute(get("k"));
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().text().find("DB index is out of range"), std::string::npos) << r.error().text();
}

TEST_F(one_server, is_found_again_when_it_comes_back) {
    valkey_server mortal;
    mortal.wait();
    client c{url_of(mortal)};
    c.execute(set("k", "v"));
    mortal.kill9();
    config quick = parse_url(url_of(mortal)).value();
    quick.command_timeout = 200ms;
    client hasty{quick};
    const auto r = hasty.try_execute(get("k"));
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().executed(), executed::no);
    auto waits = std::async(std::launch::async, [&] { return c.try_execute(set("k", "w")); });
    mortal.restart();
    EXPECT_TRUE(waits.get());
    EXPECT_EQ(c.execute(get("k")), "w");
}

TEST_F(one_server, unknown_commands_are_not_asked_about) {
    server().admin()({"CONFIG", "RESETSTAT"});
    EXPECT_EQ(waiting.try_execute(raw("NO.SUCH", "a")).error().which(), errc::server_error);
    const std::string counts = server().admin()({"INFO", "commandstats"});
    EXPECT_EQ(counts.find("cmdstat_command"), std::string::npos) << counts;
}

TEST_F(one_server, of_a_cluster_refuses_what_belongs_to_others_and_says_why) {
    auto& nodes = world<servers>().nodes;
    client c{url_of(nodes.primary(0))};
    int refused = 0;
    for (const char* key : {"a", "b", "c", "d"}) {
        const auto r = c.try_execute(set(key, "v"));
        if (r) continue;
        ++refused;
        EXPECT_TRUE(r.error().text().starts_with("MOVED")) << r.error().text();
        EXPECT_NE(r.error().text().find("valkeyxx::cluster"), std::string::npos) << r.error().text();
        EXPECT_EQ(r.error().executed(), executed::no);
    }
    EXPECT_GT(refused, 0);
}

TEST(client_of_a_replica, is_sent_on_to_the_primary_and_stays_there) {
    auto& [one, secret, nodes, first, second] = world<servers>();
    for (const char* protocol : {"2", "3"}) {
        client c{url_of(second, std::string{"?protocol="} + protocol)};
        c.execute(set("k", protocol));
        EXPECT_EQ(first.admin()({"GET", "k"}), protocol);
        EXPECT_EQ(c.execute(get("k")), protocol);
        EXPECT_EQ(c.statistics().moved, 1U);
        EXPECT_EQ(c.topology()->shards()[0].primary.address.port, first.port());
    }
}

TEST(client_of_a_replica, follows_a_failover_without_sentinels) {
    auto& [one, secret, nodes, first, second] = world<servers>();
    client waiting{url_of(first)};
    async_client started{url_of(first)};
    waiting.execute(set("n", "0"));
    auto* primary = &first;
    auto* replica = &second;
    int expected = 0;
    for (int i = 0; i < 4; ++i) {
        std::atomic<bool> over{false};
        auto counts = std::async(std::launch::async, [&] {
            int done = 0;
            for (; !over; ++done) waiting.execute(incr("n"));
            return done;
        });
        primary->admin()({"FAILOVER", "TO", "127.0.0.1", std::to_string(replica->port())});
        poll_until("the roles to be exchanged",
                   [&] { return replica->role() == "primary" && primary->role() == "replica"; });
        std::swap(primary, replica);
        started.execute(incr("n"), asio::use_future).get();
        over = true;
        expected += counts.get() + 1;  // none has failed, or get() throws
        EXPECT_EQ(primary->admin()({"GET", "n"}), std::to_string(expected)) << "each counted once";
        EXPECT_EQ(waiting.topology()->shards()[0].primary.address.port, primary->port());
    }
}

TEST(client_configuration, that_cannot_be_right_is_refused) {
    const auto refusal = [](config c, bool of_cluster) {
        try {
            if (of_cluster) {
                cluster made{std::move(c)};
            } else {
                client made{std::move(c)};
            }
        } catch (const exception& e) {
            return e.error().text();
        }
        return std::string{};
    };
    const std::vector<endpoint> two{{"a", 1}, {"b", 2}};
    EXPECT_NE(refusal({.seeds = two}, false).find("2 addresses"), std::string::npos);
    EXPECT_EQ(refusal({.seeds = two}, true), "");
    EXPECT_EQ(refusal({.seeds = {{"a", 1}}, .database = 1}, true), "") << "some clusters have it";
    EXPECT_EQ(refusal({.seeds = {{"a", 1}}, .database = 1}, false), "");
    EXPECT_NE(refusal({.seeds = {{"a", 1}}, .database = -1}, false).find("negative"), std::string::npos);
    config reads{.seeds = {{"a", 1}}};
    reads.reads = read_from::random;
    EXPECT_NE(refusal(reads, false).find("replicas"), std::string::npos);
    EXPECT_THROW(client{"valkey://host:1/x"}, exception);
}

TEST(client_configuration, password_is_used_and_never_shown) {
    const auto& secret = world<servers>().secret;
    config c{.seeds = {{"127.0.0.1", secret.port()}}};
    c.password = "pass word";
    client good{c};
    EXPECT_EQ(good.execute(echo("x")), "x");
    c.password = "guessed";
    client bad{c};
    const auto r = bad.try_execute(echo("x"));
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().message().find("guessed"), std::string::npos);
}

/// What works with one server works with a cluster.
TEST(client, is_what_a_cluster_is_too) {
    const auto count = [](client& c) { return c.execute(incr("shared")); };
    cluster nodes{config_for(world<servers>().nodes)};
    client one{url_of(server())};
    EXPECT_EQ(count(nodes), 1);
    EXPECT_EQ(count(one), 1);
    EXPECT_EQ(count(nodes), 2);
}

// On a thread of its own, which alone sees the names.
template <class Test>
void with_private_hosts(Test test) {
    bool done = false;
    std::thread alone{[&] {
        const private_hosts hosts;
        if (!hosts.possible()) return;
        test(hosts);
        done = true;
    }};
    alone.join();
    if (!done) GTEST_SKIP() << "this user may not mount a file over /etc/hosts";
}

TEST(names, are_looked_up_again_for_each_connection) {
    with_private_hosts([](const private_hosts& hosts) {
        valkey_server old;
        valkey_server next{{.port = old.port(), .bind = "127.0.0.2"}};
        old.wait();
        next.wait();
        config c{.seeds = {{"moving.test", old.port()}}};
        c.command_timeout = stretched(5s);
        hosts.set("127.0.0.1 moving.test\n");
        client waiting{c};
        async_client started{c};
        waiting.execute(set("waiting", "old"));
        started.execute(set("started", "old"), asio::use_future).get();
        EXPECT_EQ(old.admin()({"DBSIZE"}), "2");
        // The name moves, as names of managed services do in a failover; then the old server goes.
        hosts.set("127.0.0.2 moving.test\n");
        waiting.execute(set("waiting", "old"));
        EXPECT_EQ(next.admin()({"DBSIZE"}), "0") << "a connection that stands is kept";
        old.kill9();
        waiting.execute(set("waiting", "next"));
        started.execute(set("started", "next"), asio::use_future).get();
        EXPECT_EQ(next.admin()({"GET", "waiting"}), "next");
        EXPECT_EQ(next.admin()({"GET", "started"}), "next");
    });
}

TEST(names, stand_for_several_addresses_and_each_is_tried) {
    with_private_hosts([](const private_hosts& hosts) {
        valkey_server only{{.bind = "127.0.0.3"}};
        only.wait();
        config c{.seeds = {{"several.test", only.port()}}};
        c.command_timeout = stretched(5s);
        hosts.set("127.0.0.1 several.test\n127.0.0.2 several.test\n127.0.0.3 several.test\n");
        client waiting{c};
        async_client started{c};
        waiting.execute(set("k", "v"));
        EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "v");
    });
}

TEST(names, that_are_unknown_at_first_are_asked_for_until_the_deadline) {
    with_private_hosts([](const private_hosts& hosts) {
        config c{.seeds = {{"late.test", server().port()}}};
        c.command_timeout = 300ms;
        client waiting{c};
        const auto r = waiting.try_execute(get("k"));
        ASSERT_FALSE(r);
        EXPECT_NE(r.error().message().find("late.test"), std::string::npos) << r.error().message();
        hosts.set("127.0.0.1 late.test\n");
        c.command_timeout = stretched(5s);
        client later{c};
        later.execute(set("k", "v"));
        EXPECT_EQ(waiting.execute(get("k")), "v");
    });
}

}  // namespace valkeyxx::testing
