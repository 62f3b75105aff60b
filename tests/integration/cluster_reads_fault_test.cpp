// Replicas die, hang, load, lose their primary or become it under a stream of reads: no read fails, and each replica is
// read from again when it is well.
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <stdexcept>
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
    // The last: a node that loads its data answers meanwhile, after each so many bytes.
    valkey_cluster nodes{
        {.shards = 3, .replicas = 2, .node_timeout = 1s, .extra = {"--loading-process-events-interval-bytes", "1024"}}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

const std::vector<std::string> none;

/// Replicas of this primary can link to it, or not, nor stay linked. With SYNC, the old way to link, which they try
/// when they may not say PSYNC, they never can: they would not tell the primary how far they are.
void allow_replicas(valkey_server& primary, bool on) {
    auto admin = primary.admin();
    admin({"ACL", "SETUSER", "default", on ? "+psync" : "-psync", "-sync"});
    if (!on) admin({"CLIENT", "KILL", "TYPE", "replica"});
}

bool is_linked(valkey_server& replica) {
    return replica.admin()({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
}

bool is_loading(valkey_server& node) {
    return node.admin()({"INFO", "persistence"}).find("\nloading:1") != std::string::npos;
}

template <class Reads>
class cluster_reads_fault : public ::testing::Test {
  protected:
    cluster_reads_fault() {
        restore();
        nodes().flush_all();
        for (const int shard : {0, 1}) {
            for (const char* name : {"one:", "two:"}) {
                keys.push_back(key_served_by(nodes(), nodes().primary(shard), name));
            }
        }
        plant(nodes(), keys, 2);
        settings.command_timeout = stretched(10s);  // an election may take its time
        settings.reads = read_from::prefer_replica;
    }
    void TearDown() override { restore(); }

    static void restore() {
        nodes().heal();
        for (int i = 0; i < nodes().size(); ++i) nodes().node(i).admin()({"CONFIG", "SET", "key-load-delay", "0"});
        allow_failover(true);
    }
    /// If not, replicas stay what they are and answer although the cluster is down.
    static void allow_failover(bool on) {
        for (int i = 0; i < nodes().size(); ++i) {
            auto admin = nodes().node(i).admin();
            admin({"CONFIG", "SET", "cluster-replica-no-failover", on ? "no" : "yes"});
            admin({"CONFIG", "SET", "cluster-allow-reads-when-down", on ? "no" : "yes"});
        }
    }

    static void go_on(Reads& reads, int by) {
        poll_until("reads to go on",
                   [&, goal = reads.reads() + by] { return reads.reads() >= goal || !reads.problems().empty(); });
    }
    /// Until it has answered reads that began after this call.
    static void wait_to_be_read_from(const char* who, valkey_server& node, Reads& reads) {
        node.admin()({"CONFIG", "RESETSTAT"});
        try {
            poll_until(std::string{who} + " to be read from", [&] { return gets(node) > 0; });
        } catch (const std::runtime_error& e) {
            std::ostringstream why;
            why << e.what() << "; it is " << node.port() << " and the client's topology is\n"
                << *reads.client().topology();
            throw std::runtime_error{why.str()};
        }
    }
    static void wait_to_be_left_out(Reads& reads, valkey_server& node) {
        poll_until("the replica to be left out", [&] {
            node.admin()({"CONFIG", "RESETSTAT"});
            go_on(reads, 200);
            return gets(node) == 0;
        });
    }

    std::vector<std::string> keys;
    config settings = config_for(nodes());
};

using streams = ::testing::Types<sync_reads, async_reads>;
TYPED_TEST_SUITE(cluster_reads_fault, streams);

}  // namespace

TYPED_TEST(cluster_reads_fault, killed_replica_fails_no_read_and_comes_back) {
    TypeParam reads{this->settings, this->keys};
    valkey_server& victim = nodes().replica(0);
    this->wait_to_be_read_from("the replica", victim, reads);
    victim.kill9();
    this->go_on(reads, 2000);
    victim.restart();  // empty at first: it must not be read from before it has what its primary has
    this->wait_to_be_read_from("the replica after its restart", victim, reads);
    this->go_on(reads, 1000);
    EXPECT_EQ(reads.finish(), none);
}

TYPED_TEST(cluster_reads_fault, hanging_replica_fails_no_read_and_comes_back) {
    TypeParam reads{this->settings, this->keys};
    valkey_server& victim = nodes().replica(0);
    this->wait_to_be_read_from("the replica", victim, reads);
    victim.pause();
    this->go_on(reads, 3000);
    victim.resume();
    this->wait_to_be_read_from("the replica", victim, reads);
    EXPECT_EQ(reads.finish(), none);
}

TYPED_TEST(cluster_reads_fault, replica_that_pauses_its_clients_fails_no_read_and_comes_back) {
    TypeParam reads{this->settings, this->keys};
    valkey_server& victim = nodes().replica(0);
    this->wait_to_be_read_from("the replica", victim, reads);
    victim.admin()({"CLIENT", "PAUSE", "1500", "ALL"});  // nobody can end it sooner
    this->go_on(reads, 2000);
    this->wait_to_be_read_from("the replica", victim, reads);
    EXPECT_EQ(reads.finish(), none);
}

TYPED_TEST(cluster_reads_fault, replica_that_is_cut_off_from_its_primary_is_left_out_until_it_is_linked_again) {
    TypeParam reads{this->settings, this->keys};
    valkey_server& primary = nodes().primary(0);
    valkey_server& first = nodes().replica(0, 0);
    valkey_server& second = nodes().replica(0, 1);
    this->wait_to_be_read_from("the replica", first, reads);
    allow_replicas(primary, false);
    poll_until("the links to break", [&] { return !is_linked(first) && !is_linked(second); });
    this->wait_to_be_left_out(reads, first);
    this->wait_to_be_left_out(reads, second);
    this->wait_to_be_read_from("the primary", primary, reads);  // there is no better one
    allow_replicas(primary, true);
    this->wait_to_be_read_from("the replica", first, reads);
    this->wait_to_be_left_out(reads, primary);
    EXPECT_EQ(reads.finish(), none);
}

TYPED_TEST(cluster_reads_fault, loading_replica_fails_no_read_and_comes_back) {
    valkey_server& primary = nodes().primary(0);
    valkey_server& victim = nodes().replica(0);
    primary.admin()({"EVAL", "for i = 1, 1000 do server.call('SET', KEYS[1] .. i, string.rep('x', 100)) end", "1",
                     "{" + this->keys[0] + "}"});
    TypeParam reads{this->settings, this->keys};
    this->wait_to_be_read_from("the replica", victim, reads);
    victim.admin()({"CONFIG", "SET", "key-load-delay", "3000"});  // microseconds for each key
    primary.admin()({"DEBUG", "CHANGE-REPL-ID"});
    primary.admin()({"CLIENT", "KILL", "TYPE", "replica"});
    poll_until("the replica to load", [&] { return is_loading(victim); });
    this->go_on(reads, 1000);
    EXPECT_TRUE(is_loading(victim));  // else it was too quick to prove anything
    victim.admin()({"CONFIG", "SET", "key-load-delay", "0"});
    poll_until("the replica to have loaded", [&] { return !is_loading(victim); });
    this->wait_to_be_read_from("the replica", victim, reads);
    EXPECT_EQ(reads.finish(), none);
}

TYPED_TEST(cluster_reads_fault, without_replicas_the_primary_is_read_from) {
    TypeParam reads{this->settings, this->keys};
    valkey_server& primary = nodes().primary(0);
    valkey_server& first = nodes().replica(0, 0);
    valkey_server& second = nodes().replica(0, 1);
    this->wait_to_be_read_from("the replica", second, reads);
    EXPECT_EQ(count_of(primary, "readonly").run, 0);
    first.kill9();
    second.kill9();
    this->wait_to_be_read_from("the primary", primary, reads);
    this->go_on(reads, 1000);
    nodes().heal();
    this->wait_to_be_read_from("the first replica", first, reads);
    this->wait_to_be_read_from("the second replica", second, reads);
    this->wait_to_be_left_out(reads, primary);
    EXPECT_EQ(reads.finish(), none);
}

TYPED_TEST(cluster_reads_fault, replica_that_is_promoted_fails_no_read) {
    for (const auto how : {read_from::prefer_replica, read_from::round_robin}) {
        this->settings.reads = how;
        TypeParam reads{this->settings, this->keys};
        valkey_server& before = nodes().primary(how == read_from::round_robin ? 1 : 0);
        this->go_on(reads, 200);
        nodes().failover(how == read_from::round_robin ? 1 : 0);
        this->wait_to_be_read_from("the old primary, now a replica,", before, reads);
        this->go_on(reads, 500);
        EXPECT_EQ(reads.finish(), none);
    }
}

TYPED_TEST(cluster_reads_fault, killed_primary_fails_no_read) {
    TypeParam reads{this->settings, this->keys};
    valkey_server& victim = nodes().primary(0);
    this->go_on(reads, 200);
    victim.kill9();
    poll_until("a replica to take over", [&] { return &nodes().primary(0) != &victim; });
    this->go_on(reads, 500);
    victim.restart();
    this->wait_to_be_read_from("the old primary, now a replica,", victim, reads);
    EXPECT_EQ(reads.finish(), none);
}

TYPED_TEST(cluster_reads_fault, hanging_primary_fails_no_read) {
    this->settings.reads = read_from::round_robin;
    TypeParam reads{this->settings, this->keys};
    valkey_server& victim = nodes().primary(0);
    this->go_on(reads, 200);
    victim.pause();
    poll_until("a replica to take over", [&] { return &nodes().primary(0) != &victim; });
    this->go_on(reads, 500);
    victim.resume();
    poll_until("the old primary to follow", [&] { return victim.role() == "replica" && is_linked(victim); });
    this->wait_to_be_read_from("the old primary, now a replica,", victim, reads);
    EXPECT_EQ(reads.finish(), none);
}

TYPED_TEST(cluster_reads_fault, replicas_of_a_dead_primary_are_read_from_if_nobody_takes_over) {
    TestFixture::allow_failover(false);
    valkey_server& victim = nodes().primary(0);
    valkey_server& first = nodes().replica(0, 0);
    valkey_server& second = nodes().replica(0, 1);
    TypeParam reads{this->settings, this->keys};
    this->go_on(reads, 200);
    victim.kill9();
    for (int i = 0; i < 5; ++i) {  // at first, and also when they are known to be cut off
        this->wait_to_be_read_from("the first replica", first, reads);
        this->wait_to_be_read_from("the second replica", second, reads);
        const stopwatch watch;
        poll_until("time for the client to look at them", [&] { return watch.elapsed() > 700ms; });
    }
    EXPECT_EQ(reads.finish(), none);
    victim.restart();
}

TYPED_TEST(cluster_reads_fault, slot_that_moves_fails_no_read) {
    for (const auto how : {read_from::prefer_replica, read_from::round_robin}) {
        this->settings.reads = how;
        TypeParam reads{this->settings, this->keys};
        this->go_on(reads, 200);
        const auto slot = key_slot(this->keys[0]);
        for (int round = 0; round < 6; ++round) {
            valkey_server& target =
                &nodes().node_serving(slot) == &nodes().primary(2) ? nodes().primary(0) : nodes().primary(2);
            nodes().move_slot(slot, target);
            this->go_on(reads, 200);
        }
        EXPECT_EQ(reads.finish(), none);
        EXPECT_GE(reads.client().statistics().moved, 1U);
    }
}

}  // namespace valkeyxx::testing
