// Pipelines over slots and nodes that move, break and answer as they like.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/kill.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 1s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class cluster_pipeline : public ::testing::TestWithParam<int> {
  protected:
    cluster_pipeline() {
        nodes().flush_all();
        settings.protocol = GetParam();
        settings.watcher = seen;
    }

    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
    config settings = config_for(nodes());
};

INSTANTIATE_TEST_SUITE_P(resp, cluster_pipeline, ::testing::Values(2, 3));

TEST_P(cluster_pipeline, results_are_in_the_order_of_its_commands) {
    cluster c{settings};
    pipeline batch;
    std::vector<pipeline::handle<std::optional<std::string>>> got;
    for (int i = 0; i < 10; ++i) {
        const std::string key = "k" + std::to_string(i);
        batch.add(set(key, std::to_string(i)));
        got.push_back(batch.add(get(key)));
    }
    const auto done = c.execute(batch);
    EXPECT_TRUE(done.ok());
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(done[got[i]].value(), std::to_string(i));
    EXPECT_EQ(c.execute(pipeline{}).size(), 0U);
}

TEST_P(cluster_pipeline, takes_what_concerns_no_key_or_all_nodes_or_several_keys) {
    cluster c{settings};
    pipeline batch;
    batch.add(mset({{"{k}1", "a"}, {"{k}2", "b"}}));
    const auto both = batch.add(mget("{k}1", "{k}2"));
    const auto renamed = batch.add(renamenx("{k}1", "{k}3"));
    const auto gone = batch.add(del({"{k}2", "{k}3"}));
    const auto said = batch.add(echo("hello"));
    const auto crossed = batch.add(mget("a", "b", "c"));
    batch.add(across_slots(mset({{"a", "1"}, {"b", "2"}, {"c", "3"}})));
    const auto sizes = batch.add(raw<std::int64_t>("SCRIPT", "EXISTS").as<value>());
    const auto done = c.execute(batch);
    EXPECT_EQ(done[both].value()[1], "b");
    EXPECT_TRUE(done[renamed].value());
    EXPECT_EQ(done[gone].value(), 2);
    EXPECT_EQ(done[said].value(), "hello");
    EXPECT_EQ(done[crossed].error().which(), errc::cross_slot);
    EXPECT_FALSE(done[sizes].has_value());  // the server's own error
    EXPECT_THROW(done.throw_first_error(), exception);

    pipeline after;
    const auto three = after.add(across_slots(mget("a", "b", "c")));
    const auto all = after.add(dbsize());
    const auto one = after.add(dbsize(), on(c.primaries()[0]));
    const auto each = after.add(ping(), on_all_nodes());
    const auto nowhere = after.add(ping(), on(endpoint{"192.0.2.1", 1}));
    const auto then = c.execute(after);
    EXPECT_EQ(then[three].value()[2], "3");
    EXPECT_EQ(then[all].value(), 3);
    EXPECT_LT(then[one].value(), 4);
    EXPECT_TRUE(then[each].has_value());
    EXPECT_EQ(then[nowhere].error().which(), errc::unknown_node);
}

TEST_P(cluster_pipeline, follows_slots_that_move_and_keeps_their_order) {
    cluster c{settings};
    const auto slot = key_slot("m");
    c.execute(set("m", "0"));
    valkey_server& home = nodes().node_serving(slot);
    valkey_server& next = other_primary(nodes(), slot);
    pipeline batch;
    std::vector<pipeline::handle<std::int64_t>> counts;
    for (int i = 0; i < 50; ++i) {
        counts.push_back(batch.add(incr("m")));
        batch.add(incr("other" + std::to_string(i)));
    }
    const auto in_order = [&](const pipeline_result& done, std::int64_t first) {
        EXPECT_TRUE(done.ok());
        for (std::size_t i = 0; i < counts.size(); ++i) {
            EXPECT_EQ(done[counts[i]].value(), first + static_cast<std::int64_t>(i));
        }
    };
    nodes().move_slot(slot, next);
    in_order(c.execute(batch), 1);  // by MOVED
    nodes().begin_migration(slot, home);
    nodes().migrate_keys(slot, home);
    in_order(c.execute(batch), 51);  // by ASK
    nodes().finish_migration(slot, home);
    async_cluster a{settings};
    in_order(a.execute(batch, asio::use_future).get(), 101);
}

TEST_P(cluster_pipeline, reads_again_when_its_connections_were_closed) {
    cluster c{settings};
    pipeline reads;
    for (int i = 0; i < 100; ++i) reads.add(get("r" + std::to_string(i)));
    EXPECT_TRUE(c.execute(reads).ok());
    for (int shard = 0; shard < 3; ++shard) nodes().primary(shard).admin()({"CLIENT", "KILL", "TYPE", "normal"});
    EXPECT_TRUE(c.execute(reads).ok());
}

TEST_P(cluster_pipeline, reads_from_replicas_if_it_may) {
    {
        cluster c{settings};
        for (int i = 0; i < 30; ++i) c.execute(set("r" + std::to_string(i), std::to_string(i)));
        for (int shard = 0; shard < 3; ++shard) {
            const auto key = key_served_by(nodes(), nodes().primary(shard), "r");
            c.execute(wait(1, stretched(5s)), on_slot(key_slot(key)));
        }
    }
    settings.reads = read_from::prefer_replica;
    cluster c{settings};
    c.execute(config_resetstat());
    pipeline batch;
    std::vector<pipeline::handle<std::optional<std::string>>> got;
    for (int i = 0; i < 30; ++i) got.push_back(batch.add(get("r" + std::to_string(i))));
    const auto done = c.execute(batch);
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(done[got[i]].value(), std::to_string(i));
    for (const auto& [node, text] : c.execute_each(raw<std::string>("INFO", "commandstats"), on_all_primaries())) {
        EXPECT_EQ(text.value().find("cmdstat_get:"), std::string::npos) << node.text();
    }
}

// While two shards pass slots to each other, the third one's primary is killed. No INCR is run twice, none is lost that
// was acknowledged by the two, and the third loses only what it had not given its replica.
TEST_P(cluster_pipeline, of_many_incrs_survives_migrations_and_a_killed_primary) {
    constexpr int total = 100'000;
    constexpr int chunk = 1000;
    constexpr std::size_t key_count = 300;
    cluster c{settings};
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < key_count; ++i) keys.push_back("i" + std::to_string(i));
    valkey_server& victim = nodes().primary(2);
    std::vector<bool> was_victims;
    std::vector<std::uint16_t> moving;
    for (const auto& key : keys) {
        was_victims.push_back(&nodes().node_serving(key_slot(key)) == &victim);
        if (!was_victims.back() && moving.size() < 8) moving.push_back(key_slot(key));
    }
    std::atomic<bool> over{false};
    std::atomic<int> moves{0};
    std::thread mover{[&] {
        while (!over) {
            for (const auto slot : moving) {
                valkey_server& owner = nodes().node_serving(slot);
                nodes().move_slot(slot, &owner == &nodes().primary(0) ? nodes().primary(1) : nodes().primary(0));
                ++moves;
            }
        }
    }};
    std::thread killer;
    std::vector<std::int64_t> acknowledged(key_count);
    std::vector<std::int64_t> ambiguous(key_count);
    int refused = 0;
    std::uint64_t dice = 88172645463325252ULL;
    for (int done = 0; done < total; done += chunk) {
        if (done == total / 2) {
            poll_until("slots have moved", [&] { return moves > 4; });
            over = true;  // the fixture's moves wait for all nodes to agree, which a dead one does not
            mover.join();
            killer = std::thread{[&] { kill(victim); }};
        }
        pipeline batch;
        std::vector<std::size_t> which;
        for (int i = 0; i < chunk; ++i) {
            dice ^= dice << 13U;
            dice ^= dice >> 7U;
            dice ^= dice << 17U;
            which.push_back(dice % key_count);
            batch.add(incr(keys[which.back()]));
        }
        const auto results = c.execute(batch);
        for (std::size_t i = 0; i < which.size(); ++i) {
            if (!results.failed(i)) {
                ++acknowledged[which[i]];
            } else if (results.failure(i).may_have_run()) {
                ++ambiguous[which[i]];
            } else {
                ++refused;
            }
        }
    }
    killer.join();
    std::int64_t all_ambiguous = 0;
    std::int64_t lost = 0;
    for (std::size_t k = 0; k < key_count; ++k) {
        const std::int64_t found = std::stoll(c.execute(get(keys[k])).value_or("0"));
        all_ambiguous += ambiguous[k];
        EXPECT_LE(found, acknowledged[k] + ambiguous[k]) << keys[k];
        if (was_victims[k]) {
            lost += std::max<std::int64_t>(acknowledged[k] - found, 0);
        } else {
            EXPECT_GE(found, acknowledged[k]) << keys[k];
        }
    }
    std::cout << moves << " slots moved, " << all_ambiguous << " may have run, " << refused << " refused, " << lost
              << " acknowledged and not replicated\n";
    EXPECT_EQ(refused, 0);
    EXPECT_LE(all_ambiguous, chunk);
    EXPECT_LE(lost, chunk);
    EXPECT_GT(c.statistics().moved, 0U);
    nodes().wait_ok();
    nodes().heal();
}

}  // namespace
}  // namespace valkeyxx::testing
