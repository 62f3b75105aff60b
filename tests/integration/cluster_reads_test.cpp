// Where reads go when replicas may answer them: by policy, by zone, by speed; and that nothing else goes there.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/fake_node.hpp"
#include "integration/reads_world.hpp"
#include "integration/view_node.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_cluster nodes{{.shards = 2, .replicas = 2, .node_timeout = 5s, .proxies = true}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class cluster_reads : public ::testing::Test {
  protected:
    cluster_reads() {
        nodes().heal();
        nodes().flush_all();
        zones("", "", "");
        key = key_served_by(nodes(), nodes().primary(0), "read:");
        plant(nodes(), {key}, 2);
        forget_counts(nodes());
        settings.watcher = seen;
    }
    void TearDown() override { nodes().heal(); }

    static void zones(const std::string& of_primary, const std::string& of_first, const std::string& of_second) {
        const auto set = [](valkey_server& node, const std::string& zone) {
            node.admin()({"CONFIG", "SET", "availability-zone", zone});
        };
        set(nodes().primary(0), of_primary);
        set(nodes().replica(0, 0), of_first);
        set(nodes().replica(0, 1), of_second);
    }

    /// Reads the key so often and returns how many reads the primary, the first and the second replica answered.
    template <class Client>
    std::vector<int> answered(Client& client, int count) {
        forget_counts(nodes());
        for (int i = 0; i < count; ++i) EXPECT_EQ(read(client), key);
        return {gets(nodes().primary(0)), gets(nodes().replica(0, 0)), gets(nodes().replica(0, 1))};
    }
    std::optional<std::string> read(cluster& client) { return client.execute(get(key)); }
    std::optional<std::string> read(async_cluster& client) { return client.execute(get(key), asio::use_future).get(); }

    template <class Client>
    void settle(const std::string& on, Client& client, const std::vector<int>& expected) {
        poll_until("reads to settle on " + on, [&] { return answered(client, 30) == expected; });
    }

    std::string key;
    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
    config settings = config_for(nodes());
};

template <class Client>
class cluster_reads_by : public cluster_reads {
  protected:
    Client client_with(read_from how) {
        settings.reads = how;
        return Client{settings};
    }
};

using clients = ::testing::Types<cluster, async_cluster>;
TYPED_TEST_SUITE(cluster_reads_by, clients);

}  // namespace

TYPED_TEST(cluster_reads_by, default_is_the_primary_alone) {
    TypeParam client{this->settings};
    EXPECT_EQ(this->answered(client, 60), (std::vector<int>{60, 0, 0}));
    for (int i = 0; i < nodes().size(); ++i) EXPECT_EQ(count_of(nodes().node(i), "readonly").run, 0);
}

TYPED_TEST(cluster_reads_by, prefer_replica_is_the_replicas_in_turn) {
    auto client = this->client_with(read_from::prefer_replica);
    EXPECT_EQ(this->answered(client, 60), (std::vector<int>{0, 30, 30}));
}

TYPED_TEST(cluster_reads_by, round_robin_is_every_node_of_the_shard_in_turn) {
    auto client = this->client_with(read_from::round_robin);
    EXPECT_EQ(this->answered(client, 60), (std::vector<int>{20, 20, 20}));
}

TYPED_TEST(cluster_reads_by, random_is_every_node_about_as_often) {
    auto client = this->client_with(read_from::random);
    const auto each = this->answered(client, 600);
    EXPECT_EQ(each[0] + each[1] + each[2], 600);
    for (const int n : each) {
        EXPECT_GT(n, 130);  // six standard deviations below 200
        EXPECT_LT(n, 270);
    }
    EXPECT_NE(each, (std::vector<int>{200, 200, 200}));
}

TYPED_TEST(cluster_reads_by, same_zone_is_the_replicas_there_else_the_primary_there_else_any_replica) {
    this->zones("there", "here", "nearby");
    this->settings.availability_zone = "here";
    auto at_replica = this->client_with(read_from::same_zone);
    this->settle("the replica of the zone", at_replica, {0, 30, 0});
    this->settings.availability_zone = "there";
    auto at_primary = this->client_with(read_from::same_zone);
    this->settle("the primary of the zone", at_primary, {30, 0, 0});
    this->settings.availability_zone = "elsewhere";
    auto at_nobody = this->client_with(read_from::same_zone);
    EXPECT_EQ(this->answered(at_nobody, 30), (std::vector<int>{0, 15, 15}));
    for (const auto& node : at_replica.topology()->nodes()) {
        if (node.address.port == nodes().client_port(nodes().replica(0, 0))) {
            EXPECT_EQ(node.availability_zone, "here");
        }
    }
    this->zones("there", "here", "here");
    this->settings.availability_zone = "here";
    auto at_both = this->client_with(read_from::same_zone);
    this->settle("both replicas of the zone", at_both, {0, 15, 15});
}

TYPED_TEST(cluster_reads_by, same_zone_leaves_a_zone_that_is_down_and_comes_back) {
    this->zones("there", "here", "nearby");
    this->settings.availability_zone = "here";
    auto client = this->client_with(read_from::same_zone);
    this->settle("the replica of the zone", client, {0, 30, 0});
    valkey_server& near = nodes().replica(0, 0);
    near.kill9();
    for (int i = 0; i < 60; ++i) EXPECT_EQ(this->read(client), this->key);
    EXPECT_GE(gets(nodes().replica(0, 0)), 30);  // which was the second one before
    nodes().heal();
    // It has lost its zone with its memory, and the client has kept it: zones are asked for once.
    this->settle("the zone again", client, {0, 30, 0});
}

TYPED_TEST(cluster_reads_by, lowest_latency_is_whoever_answers_soonest_now) {
    const auto slow = [](valkey_server& node, std::chrono::milliseconds by) {
        nodes().proxy_of(node).set([by](toxics& t) { t.delay = by; });
    };
    slow(nodes().primary(0), 15ms);
    slow(nodes().replica(0, 0), 15ms);
    auto client = this->client_with(read_from::lowest_latency);
    this->settle("the second replica", client, {0, 0, 30});
    slow(nodes().replica(0, 1), 30ms);
    slow(nodes().primary(0), 0ms);
    this->settle("the primary", client, {30, 0, 0});
    nodes().proxy_of(nodes().replica(0, 1)).clear();
    nodes().proxy_of(nodes().primary(0)).set([](toxics& t) { t.delay = 15ms; });
    this->settle("the second replica again", client, {0, 0, 30});
}

TYPED_TEST(cluster_reads_by, readonly_is_said_once_for_each_connection_to_a_replica) {
    for (const int protocol : {2, 3}) {
        forget_counts(nodes());
        this->settings.protocol = protocol;
        auto client = this->client_with(read_from::round_robin);
        for (int i = 0; i < 90; ++i) EXPECT_EQ(this->read(client), this->key);
        for (const int which : {0, 1}) {
            EXPECT_EQ(count_of(nodes().replica(0, which), "readonly").run, 1);
            EXPECT_EQ(count_of(nodes().replica(0, which), "get").refused, 0);
        }
        EXPECT_EQ(count_of(nodes().primary(0), "readonly").run, 0);
        nodes().proxy_of(nodes().replica(0, 0)).reset_all();
        poll_until("the replica to be read from again", [&] {
            EXPECT_EQ(this->read(client), this->key);
            return count_of(nodes().replica(0, 0), "readonly").run == 2;
        });
        EXPECT_EQ(client.statistics().moved, 0U);
    }
}

TEST_F(cluster_reads, writes_go_to_primaries_alone) {
    for (const auto how : {read_from::prefer_replica, read_from::round_robin, read_from::random,
                           read_from::lowest_latency, read_from::same_zone}) {
        settings.reads = how;
        settings.availability_zone = "here";
        cluster client{settings};
        forget_counts(nodes());
        for (int i = 0; i < 50; ++i) {
            client.execute(set("w:" + std::to_string(i), "v"));
            client.execute(incr("n:" + std::to_string(i)));
            client.execute(raw("GETSET", key, key));  // it returns something, and writes
            client.execute(raw("GETEX", key));        // a read by its name
        }
        EXPECT_EQ(client.statistics().moved, 0U);
        EXPECT_EQ(count_of(nodes().primary(0), "getset").run, 50);
        EXPECT_EQ(count_of(nodes().primary(0), "getex").run, 50);
        for (const int which : {0, 1}) {
            for (const char* name : {"set", "incr", "getset", "getex"}) {
                EXPECT_EQ(count_of(nodes().replica(0, which), name).refused, 0) << name;
            }
            EXPECT_EQ(count_of(nodes().replica(0, which), "getex").run, 0);
        }
    }
}

TEST_F(cluster_reads, whatever_only_reads_goes_to_replicas) {
    settings.reads = read_from::prefer_replica;
    cluster client{settings};
    forget_counts(nodes());
    client.execute(mget(key, key));
    client.execute(exists(key));
    client.execute(pttl(key));
    client.execute(raw("GETRANGE", key, "0", "-1"));
    client.execute(raw("EVAL_RO", "return server.call('GET', KEYS[1])", "1", key));
    client.execute(raw("OBJECT", "ENCODING", key));
    for (const char* name : {"mget", "exists", "pttl", "getrange", "eval_ro", "object|encoding"}) {
        EXPECT_EQ(count_of(nodes().primary(0), name).run, 0) << name;
        EXPECT_EQ(count_of(nodes().replica(0, 0), name).run + count_of(nodes().replica(0, 1), name).run, 1) << name;
    }
    EXPECT_EQ(client.statistics().moved, 0U);
}

TEST_F(cluster_reads, a_pipeline_reads_from_replicas_and_writes_to_the_primary) {
    settings.reads = read_from::prefer_replica;
    cluster client{settings};
    pipeline batch;
    for (int i = 0; i < 50; ++i) {
        batch.add(get(key));
        batch.add(incr("{" + key + "}n"));
    }
    forget_counts(nodes());
    const auto done = client.execute(batch);
    EXPECT_TRUE(done.ok());
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(done.get<std::string>(2 * i).value(), key);
        EXPECT_EQ(done.get<std::int64_t>(2 * i + 1).value(), static_cast<std::int64_t>(i + 1));
    }
    EXPECT_EQ(gets(nodes().primary(0)), 0);
    EXPECT_EQ(gets(nodes().replica(0, 0)) + gets(nodes().replica(0, 1)), 50);
    EXPECT_EQ(client.statistics().moved, 0U);
}

TEST_F(cluster_reads, on_primary_reads_what_was_written) {
    settings.reads = read_from::prefer_replica;
    cluster client{settings};
    async_cluster other{settings};
    EXPECT_EQ(client.execute(get(key)), key);
    forget_counts(nodes());
    for (int i = 0; i < 100; ++i) {
        const std::string text = std::to_string(i);
        client.execute(set(key, text));
        EXPECT_EQ(client.execute(get(key), on_primary()), text);
        EXPECT_EQ(other.execute(get(key), on_primary(), asio::use_future).get(), text);
    }
    EXPECT_EQ(gets(nodes().primary(0)), 200);
    EXPECT_EQ(gets(nodes().replica(0, 0)) + gets(nodes().replica(0, 1)), 0);
}

TEST_F(cluster_reads, user_who_may_not_ask_for_the_role_reads_from_replicas_all_the_same) {
    for (int i = 0; i < nodes().size(); ++i) {
        nodes().node(i).admin()({"ACL", "SETUSER", "app", "on", ">secret", "~*", "+@read", "+@write", "+@connection",
                                 "+cluster|slots", "+readonly", "-@dangerous"});
    }
    settings.username = "app";
    settings.password = "secret";
    settings.reads = read_from::prefer_replica;
    cluster client{settings};
    EXPECT_EQ(client.execute(get(key)), key);
    poll_until("the role to have been asked for", [&] {
        EXPECT_EQ(client.execute(get(key)), key);
        return count_of(nodes().replica(0, 0), "role").refused > 0;
    });
    EXPECT_EQ(answered(client, 30), (std::vector<int>{0, 15, 15}));
}

TEST(cluster_reads_fake, readonly_comes_before_the_first_read_of_its_connection_and_nowhere_else) {
    using request = fake_node::request;
    const auto serve = [](const request& r) -> answer {
        if (is_command(r, "ROLE")) {
            return resp::array({resp::bulk("slave"), resp::bulk("127.0.0.1"), resp::integer(1), resp::bulk("connected"),
                                resp::integer(1)});
        }
        return resp::bulk("value");
    };
    for (const int protocol : {2, 3}) {
        fake_node primary{serve};
        fake_node replica{serve};
        const auto node = [](const fake_node& n) {
            return resp::array({resp::bulk("127.0.0.1"), resp::integer(n.port()),
                                resp::bulk(std::string(40, n.port() % 2 == 0 ? 'a' : 'b') + std::to_string(n.port()))});
        };
        const auto slots =
            resp::array({resp::array({resp::integer(0), resp::integer(16383), node(primary), node(replica)})});
        primary.tell(slots);
        replica.tell(slots);
        config c = parse_url(primary.url()).value();
        c.protocol = protocol;
        c.reads = read_from::round_robin;
        cluster client{c};
        for (int i = 0; i < 10; ++i) {
            EXPECT_EQ(client.execute(get("k")), "value");
            EXPECT_TRUE(client.try_execute(raw("SET", "k", "v")));
        }
        EXPECT_EQ(primary.count("READONLY"), 0);
        EXPECT_EQ(primary.count("GET"), 5);
        EXPECT_EQ(primary.count("SET"), 10);
        EXPECT_EQ(replica.count("READONLY"), 1);
        EXPECT_EQ(replica.count("GET"), 5);
        EXPECT_EQ(replica.count("SET"), 0);
        for (int connection = 0; connection < replica.server().accepted(); ++connection) {
            const auto all = replica.server().requests_on(connection);
            const auto place = [&](const char* name) {
                return std::find_if(all.begin(), all.end(), [&](const request& r) { return is_command(r, name); });
            };
            if (place("GET") != all.end()) {
                EXPECT_LT(place("READONLY"), place("GET"));
            }
        }
    }
}

TEST(cluster_reads_fake, pipelines_with_the_same_result_share_nothing_else) {
    view_node primary;
    view_node replica;
    for (view_node* each : {&primary, &replica}) each->tell({slots_of(0, 16383, {primary.here(), replica.here()})});
    config c{.seeds = {primary.at(), replica.at()}};
    c.reads = read_from::prefer_replica;
    cluster client{c};
    pipeline insists;
    const auto there = insists.add(get("k"), on_primary());
    pipeline does_not;
    const auto anywhere = does_not.add(get("k"));
    pipeline_result outcome;
    client.execute(insists, outcome);
    EXPECT_EQ(outcome[there].value(), std::to_string(primary.port()));
    client.execute(does_not, outcome);
    EXPECT_EQ(outcome[anywhere].value(), std::to_string(replica.port()));
}

TEST(cluster_reads_fake, reads_from_a_replica_do_not_wait_behind_writes_that_wait_for_the_primary) {
    view_node primary;
    view_node replica;
    for (view_node* each : {&primary, &replica}) each->tell({slots_of(0, 16383, {primary.here(), replica.here()})});
    config c{.seeds = {primary.at(), replica.at()}};
    c.command_timeout = stretched(3s);
    c.reads = read_from::prefer_replica;
    c.max_in_flight_per_shard = 1;
    async_cluster client{c};
    EXPECT_EQ(client.execute(get("k"), asio::use_future).get(), std::to_string(replica.port()));
    EXPECT_EQ(client.execute(raw<int>("SET", "k", "v"), asio::use_future).get(), 1);
    primary.server().refuse(true);
    primary.server().reset_all();
    auto write = client.try_execute(set("k", "w"), asio::use_future);
    poll_until("the write to wait", [&] { return client.statistics().retries > 0; });
    EXPECT_EQ(client.try_execute(set("k", "x"), asio::use_future).get().error(), errc::queue_full);
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(client.execute(get("k"), asio::use_future).get(), std::to_string(replica.port()));
    }
    EXPECT_EQ(write.wait_for(0s), std::future_status::timeout);  // all of them took less time than it may wait
    const auto lost = write.get();
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error(), errc::timed_out) << lost.error().message();
}

}  // namespace valkeyxx::testing
