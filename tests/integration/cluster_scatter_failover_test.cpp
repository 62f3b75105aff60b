// A primary is killed or replaced while commands are scattered over all shards: what may be repeated survives, what may
// not says so.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
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

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 1s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class cluster_scatter_failover : public ::testing::Test {
  protected:
    cluster_scatter_failover() {
        nodes().heal();
        nodes().flush_all();
        settings.command_timeout = stretched(10s);
        for (int i = 0; i < 50; ++i) keys.push_back("scatter:" + std::to_string(i));
    }
    void TearDown() override { nodes().heal(); }

    std::vector<std::string_view> pairs() const {
        std::vector<std::string_view> all;
        for (const auto& key : keys) all.insert(all.end(), {key, key});
        return all;
    }
    std::vector<std::string_view> names() const { return {keys.begin(), keys.end()}; }

    std::vector<std::string> keys;
    config settings = config_for(nodes());
};

/// What one kind of traffic has seen.
struct account {
    template <class R>
    void enter(const result<R>& r) {
        ++(r ? done : failed);
        if (r) return;
        const std::lock_guard lock{mutex};
        problems.push_back(r.error());
    }
    std::vector<std::string> messages() {
        const std::lock_guard lock{mutex};
        std::vector<std::string> all;
        for (const error& why : problems) all.push_back(why.message());
        return all;
    }

    std::atomic<int> done{0};
    std::atomic<int> failed{0};
    std::mutex mutex{};
    std::vector<error> problems{};
};

/// Runs a command again and again until it is destroyed: with a waiting thread, and on the loop of an async_cluster.
template <class R>
class traffic {
  public:
    traffic(cluster& waiting, async_cluster& started, command<R> c) : started_{started}, command_{std::move(c)} {
        thread_ = std::jthread{[this, &waiting] {
            while (!over_) by_waiting.enter(waiting.try_execute(command_));
        }};
        go_on();
    }
    ~traffic() { finish(); }
    traffic(const traffic&) = delete;
    traffic& operator=(const traffic&) = delete;

    void finish() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
        poll_until("the last reply", [this] { return ended_.load(); });
    }
    /// Until each of the two has done some more.
    void await_more(int count) {
        const int waited = by_waiting.done + by_waiting.failed;
        const int looped = by_loop.done + by_loop.failed;
        poll_until("traffic", [&] {
            return by_waiting.done + by_waiting.failed >= waited + count &&
                   by_loop.done + by_loop.failed >= looped + count;
        });
    }

    account by_waiting;
    account by_loop;

  private:
    void go_on() {
        started_.execute(command_, [this](result<R> r) {
            by_loop.enter(r);
            if (over_) {
                ended_ = true;
            } else {
                go_on();
            }
        });
    }

    async_cluster& started_;
    command<R> command_;
    std::atomic<bool> over_{false};
    std::atomic<bool> ended_{false};
    std::jthread thread_;
};

const std::vector<std::string> none;

}  // namespace

TEST_F(cluster_scatter_failover, reading_from_all_shards_survives_a_killed_primary) {
    cluster waiting{settings};
    async_cluster started{settings};
    waiting.execute(across_slots(mset(pairs())));
    poll_until("the replicas to have it",
               [&] { return nodes().replica(0).admin()({"DBSIZE"}) == nodes().primary(0).admin()({"DBSIZE"}); });
    valkey_server& heir = nodes().replica(0);
    traffic sizes{waiting, started, dbsize()};
    traffic reads{waiting, started, across_slots(mget(names()))};
    sizes.await_more(50);
    reads.await_more(50);
    kill(nodes().primary(0));
    poll_until("the promotion", [&] { return heir.role() == "primary"; });
    nodes().wait_ok();
    sizes.await_more(50);
    reads.await_more(50);
    for (auto* each : {&sizes.by_waiting, &sizes.by_loop}) EXPECT_EQ(each->messages(), none);
    for (auto* each : {&reads.by_waiting, &reads.by_loop}) EXPECT_EQ(each->messages(), none);
    EXPECT_EQ(waiting.execute(dbsize()), 50);
}

TEST_F(cluster_scatter_failover, setting_keys_of_all_slots_survives_a_killed_primary) {
    cluster waiting{settings};
    async_cluster started{settings};
    traffic writes{waiting, started, across_slots(mset(pairs()))};
    writes.await_more(50);
    valkey_server& heir = nodes().replica(1);
    kill(nodes().primary(1));
    poll_until("the promotion", [&] { return heir.role() == "primary"; });
    nodes().wait_ok();
    writes.await_more(50);
    writes.finish();
    EXPECT_EQ(writes.by_waiting.messages(), none);
    EXPECT_EQ(writes.by_loop.messages(), none);
    const auto all = waiting.execute(across_slots(mget(names())));
    EXPECT_TRUE(std::equal(keys.begin(), keys.end(), all.begin(), all.end()));
}

TEST_F(cluster_scatter_failover, flushall_whose_part_was_lost_says_that_it_may_have_run) {
    cluster waiting{settings};
    async_cluster started{settings};
    traffic flushes{waiting, started, raw<void>("FLUSHALL")};
    flushes.await_more(50);
    valkey_server& victim = nodes().primary(2);
    valkey_server& heir = nodes().replica(2);
    prepare_to_kill(victim);
    account many;
    victim.pause();  // so that it takes what it gets with it
    for (int i = 0; i < 100; ++i) started.execute(raw<void>("FLUSHALL"), [&](result<void> r) { many.enter(r); });
    const std::string elsewhere = key_for_each_slot("other:")[0];
    started.execute(set(elsewhere, "v"), boost::asio::use_future).get();  // they are on their way
    ::kill(victim.pid(), SIGKILL);  // at once, where kill9() would let it run on for a moment
    victim.kill9();
    poll_until("the promotion", [&] { return heir.role() == "primary"; });
    poll_until("all to end", [&] { return many.done + many.failed == 100; });
    nodes().wait_ok();
    flushes.await_more(20);
    flushes.finish();
    EXPECT_EQ(many.failed, 100);
    EXPECT_EQ(flushes.by_waiting.failed, 1);
    EXPECT_EQ(flushes.by_loop.failed, 1);
    for (const account* each : {&many, &flushes.by_waiting, &flushes.by_loop}) {
        for (const error& why : each->problems) {
            EXPECT_EQ(why.executed(), executed::unknown) << why.message();
            EXPECT_EQ(why, errc::partly_failed) << why.message();
            ASSERT_EQ(why.causes().size(), 1U) << why.message();
            EXPECT_EQ(why.causes()[0], errc::connection_lost) << why.message();
            EXPECT_EQ(why.causes()[0].node(), "127.0.0.1:" + std::to_string(victim.port()));
        }
    }
    waiting.execute(raw<void>("FLUSHALL"));
    EXPECT_EQ(waiting.execute(dbsize()), 0);
}

TEST_F(cluster_scatter_failover, graceful_failovers_fail_nothing) {
    cluster waiting{settings};
    async_cluster started{settings};
    waiting.execute(across_slots(mset(pairs())));
    traffic sizes{waiting, started, dbsize()};
    traffic writes{waiting, started, across_slots(mset(pairs()))};
    traffic reads{waiting, started, across_slots(mget(names()))};
    for (int shard = 0; shard < 3; ++shard) {
        writes.await_more(20);
        nodes().failover(shard);
    }
    writes.await_more(50);
    for (auto* each : {&sizes.by_waiting, &sizes.by_loop}) EXPECT_EQ(each->messages(), none);
    for (auto* each : {&writes.by_waiting, &writes.by_loop}) EXPECT_EQ(each->messages(), none);
    for (auto* each : {&reads.by_waiting, &reads.by_loop}) EXPECT_EQ(each->messages(), none);
}

TEST_F(cluster_scatter_failover, flushall_after_a_failover_reaches_the_new_primary) {
    cluster waiting{settings};
    async_cluster started{settings};
    for (int shard = 0; shard < 3; ++shard) {
        waiting.execute(across_slots(mset(pairs())));
        started.execute(dbsize(), boost::asio::use_future).get();
        nodes().failover(shard, failover_mode::takeover);
        waiting.execute(raw<void>("FLUSHALL", "SYNC"));  // where READONLY is the first answer of a shard
        for (int i = 0; i < 3; ++i) EXPECT_EQ(nodes().primary(i).admin()({"DBSIZE"}), "0") << shard << ' ' << i;
        EXPECT_EQ(started.execute(dbsize(), boost::asio::use_future).get(), 0);
    }
}

}  // namespace valkeyxx::testing
