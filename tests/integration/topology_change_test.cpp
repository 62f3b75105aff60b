// A real cluster that changes: slots that nobody serves, nodes that come and go, all of it stopped and started again.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/reads_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_cluster nodes{
        {.shards = 3, .replicas = 1, .node_timeout = 1s, .extra = {"--cluster-require-full-coverage", "no"}}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

bool names(const shard_map& map, const valkey_server& node) {
    const auto all = map.nodes();
    return std::any_of(all.begin(), all.end(), [&](const node_info& n) { return n.address.port == node.port(); });
}

class topology_change : public ::testing::Test {
  protected:
    topology_change() {
        nodes().heal();
        nodes().flush_all();
    }
    void TearDown() override { nodes().heal(); }

    /// Takes the slot from its owner, as seen by all nodes; or gives it back.
    static void serve(std::uint16_t slot, valkey_server& owner, bool on) {
        const std::vector<std::string> command{"CLUSTER", on ? "ADDSLOTS" : "DELSLOTS", std::to_string(slot)};
        owner.admin()(command);
        poll_until("all to know of the slot", [&] {
            bool all = true;
            for (int i = 0; i < nodes().size(); ++i) {
                const auto assigned = on ? "cluster_slots_assigned:16384" : "cluster_slots_assigned:16383";
                const auto info = nodes().node(i).admin()({"CLUSTER", "INFO"});
                if (info.find(assigned) == std::string::npos) {
                    // Nobody tells that a slot is not served any more, and the owner's last word may still come after
                    // this: it is said again then.
                    if (!on) nodes().node(i).admin().call(command);
                    all = false;
                }
                all = all && info.find("cluster_state:ok") != std::string::npos;
            }
            return all;
        });
    }

    const std::vector<std::string> keys = key_for_each_slot("c:");
    config settings = config_for(nodes());
};

}  // namespace

TEST_F(topology_change, slot_that_loses_its_owner_fails_alone_and_works_again_with_an_owner) {
    settings.command_timeout = stretched(700ms);
    cluster client{settings};
    const std::uint16_t slot = 12182;
    valkey_server& owner = nodes().node_serving(slot);
    EXPECT_EQ(client.execute(exists(keys[slot])), 0);
    serve(slot, owner, false);
    for (int i = 0; i < 2; ++i) {  // by the old map, and by the new one
        const auto none = client.try_execute(exists(keys[slot]));
        ASSERT_FALSE(none);
        EXPECT_TRUE(none.error() == errc::slot_not_served || none.error() == errc::timed_out) << none.error().message();
        EXPECT_EQ(none.error().executed(), executed::no) << none.error().message();
        EXPECT_EQ(client.execute(exists(keys[static_cast<std::size_t>(slot) + 1])), 0);
    }
    {
        cluster late{settings};
        late.connect();
        EXPECT_EQ(late.topology()->covered_slots(), 16383U);
        settings.require_full_coverage = true;
        cluster strict{settings};
        const auto refused = strict.try_execute(exists(keys[0]));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error(), errc::no_topology) << refused.error().message();
    }
    serve(slot, owner, true);
    poll_until("the slot to be served", [&] { return client.try_execute(exists(keys[slot])).has_value(); });
    EXPECT_EQ(client.execute(set(keys[slot], "v")), true);
    EXPECT_EQ(client.execute(exists(keys[slot])), 1);
    EXPECT_NO_THROW(cluster{settings}.connect());
}

TEST_F(topology_change, refresh_without_a_reason_sees_nodes_go_and_come) {
    settings.refresh_every = 50ms;
    settings.refresh_interval = 20ms;
    async_cluster client{settings};
    client.execute(set("k", "v"), asio::use_future).get();
    valkey_server& replica = nodes().replica(0);
    poll_until("the replica to be known", [&] { return names(*client.topology(), replica); });
    replica.kill9();
    poll_until("the replica to be forgotten", [&] { return !names(*client.topology(), replica); });
    replica.restart();
    poll_until("the replica to be known again", [&] { return names(*client.topology(), replica); });
    valkey_server& next = nodes().replica(1);
    nodes().failover(1);
    poll_until("the new primary to be known", [&] {
        const auto primaries = client.topology()->primaries();
        return std::any_of(primaries.begin(), primaries.end(),
                           [&](const node_info& n) { return n.address.port == next.port(); });
    });
    EXPECT_EQ(client.statistics().retries, 0U);
    EXPECT_EQ(client.statistics().moved, 0U);
}

TEST_F(topology_change, whole_cluster_is_found_again_by_its_seeds) {
    for (const bool dynamic : {true, false}) {
        settings.dynamic_seeds = dynamic;
        settings.seeds.resize(2);
        settings.command_timeout = stretched(15s);
        cluster client{settings};
        settings.reads = read_from::prefer_replica;
        async_cluster other{settings};
        EXPECT_TRUE(client.execute(set(keys[5], "v")));
        EXPECT_TRUE(other.execute(set(keys[6], "v"), asio::use_future).get());
        for (int i = 0; i < nodes().size(); ++i) nodes().node(i).kill9();
        auto waiting = other.execute(set(keys[7], "v"), asio::use_future);
        auto reading = other.execute(get(keys[8]), asio::use_future);
        nodes().heal();
        EXPECT_TRUE(waiting.get());
        EXPECT_EQ(reading.get(), std::nullopt);
        for (const std::size_t slot : {5U, 6000U, 16000U}) EXPECT_TRUE(client.execute(set(keys[slot], "w")));
        EXPECT_EQ(client.topology()->covered_slots(), 16384U);
    }
}

TEST_F(topology_change, whole_cluster_that_hangs_for_a_while_counts_nothing_twice) {
    settings.command_timeout = stretched(15s);
    cluster client{settings};
    for (const std::size_t slot : {1U, 6000U, 16000U}) EXPECT_EQ(client.execute(incr(keys[slot])), 1);
    for (int i = 0; i < nodes().size(); ++i) nodes().node(i).pause();
    std::vector<std::future<result<std::int64_t>>> calls;
    for (const std::size_t slot : {1U, 6000U, 16000U}) {
        calls.push_back(std::async(std::launch::async, [&, slot] { return client.try_execute(incr(keys[slot])); }));
    }
    poll_until("questions to be asked in vain", [&] { return client.statistics().refreshes >= 2; });
    for (int i = 0; i < nodes().size(); ++i) nodes().node(i).resume();
    for (auto& call : calls) {
        const auto sum = call.get();
        if (sum) {
            EXPECT_EQ(*sum, 2);
        } else {
            EXPECT_TRUE(sum.error().may_have_run()) << sum.error().message();
        }
    }
    nodes().wait_ok();
    for (const std::size_t slot : {1U, 6000U, 16000U}) {
        const auto sum = client.execute(incr(keys[slot]));
        EXPECT_TRUE(sum == 2 || sum == 3) << sum;
    }
}

}  // namespace valkeyxx::testing
