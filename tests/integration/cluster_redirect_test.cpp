// Slots that move under a client: it follows, quietly, and no command fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <iostream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
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

class cluster_redirect : public ::testing::Test {
  protected:
    cluster_redirect() {
        nodes().flush_all();
        settings.watcher = seen;
    }

    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
    config settings = config_for(nodes());
};

/// Sets and counts from several threads until told to end; everything must succeed and add up.
class load {
  public:
    explicit load(cluster& client, const std::string& tag) {
        for (int thread = 0; thread < 4; ++thread) {
            pool_.emplace_back([this, &client, name = tag + std::to_string(thread)] { run(client, name); });
        }
    }
    ~load() { over_ = true; }

    int commands() const { return commands_; }
    /// Ends it. Returns the failures' messages, none if all is well.
    std::vector<std::string> finish() {
        over_ = true;
        pool_.clear();
        return failures_;
    }

  private:
    void run(cluster& client, const std::string& name) {
        for (std::int64_t i = 1; !over_; ++i) {
            const auto sum = client.try_execute(incr(name + ":n"));
            if (!sum) {
                note(sum.error().message());
            } else if (*sum != i) {
                note("counter is " + std::to_string(*sum) + ", not " + std::to_string(i));
            }
            const std::string key = name + ":" + std::to_string(i % 50);
            const auto stored = client.try_execute(set(key, std::to_string(i)));
            const auto text = client.try_execute(get(key));
            if (!stored) note(stored.error().message());
            if (!text) note(text.error().message());
            if (text && *text != std::to_string(i))
                note("read " + text->value_or("nothing") + " after writing " + std::to_string(i));
            commands_ += 3;
        }
    }
    void note(std::string text) {
        const std::lock_guard lock{mutex_};
        failures_.push_back(std::move(text));
        over_ = true;
    }

    std::atomic<bool> over_{false};
    std::atomic<int> commands_{0};
    std::mutex mutex_;
    std::vector<std::string> failures_;
    std::vector<std::jthread> pool_;
};

const std::vector<std::string> none;

}  // namespace

TEST_F(cluster_redirect, stale_map_costs_one_moved_and_then_none) {
    const std::string key = "moved";
    const auto slot = key_slot(key);
    cluster client{settings};
    client.execute(set(key, "1"));
    const auto from = client.node_for(key);
    valkey_server& target = other_primary(nodes(), slot);
    nodes().move_slot(slot, target);
    EXPECT_EQ(client.node_for(key), from);
    EXPECT_EQ(client.execute(incr(key)), 2);
    ASSERT_EQ(seen->redirects().size(), 1U);
    const auto redirect = seen->redirects()[0];
    EXPECT_EQ(redirect.kind, observer::redirect_kind::moved);
    EXPECT_EQ(redirect.slot, slot);
    EXPECT_EQ(redirect.from, from);
    EXPECT_EQ(redirect.to, (endpoint{"127.0.0.1", target.port()}));
    EXPECT_EQ(client.node_for(key), redirect.to);  // the slot's place is known at once, without a new map
    for (std::int64_t i = 3; i < 100; ++i) EXPECT_EQ(client.execute(incr(key)), i);
    EXPECT_EQ(client.statistics().moved, 1U);
    EXPECT_EQ(client.statistics().ask, 0U);
}

TEST_F(cluster_redirect, moved_brings_a_new_map_soon) {
    const std::string key = "refreshed";
    cluster client{settings};
    client.execute(set(key, "1"));
    nodes().move_slot(key_slot(key), other_primary(nodes(), key_slot(key)));
    poll_until("the refresh", [&] {
        client.execute(get(key));
        return client.statistics().refreshes >= 2 && seen->maps() >= 2;
    });
    EXPECT_EQ(client.topology()->covered_slots(), 16384U);
}

TEST_F(cluster_redirect, ask_is_followed_and_changes_nothing) {
    const std::string key = "{asked}new";
    const auto slot = key_slot(key);
    cluster client{settings};
    client.execute(set("{asked}old", "here"));
    const auto owner = client.node_for(key);
    valkey_server& target = other_primary(nodes(), slot);
    nodes().begin_migration(slot, target);
    for (std::int64_t i = 1; i <= 10; ++i) EXPECT_EQ(client.execute(incr(key)), i);
    EXPECT_EQ(client.execute(get("{asked}old")), "here");
    EXPECT_EQ(client.statistics().ask, 10U);
    EXPECT_EQ(client.statistics().moved, 0U);
    EXPECT_EQ(client.node_for(key), owner);
    EXPECT_EQ(seen->redirects()[0].kind, observer::redirect_kind::ask);
    EXPECT_EQ(seen->redirects()[0].to.port, target.port());

    pipeline batch;  // one half here, one half there
    for (int i = 0; i < 100; ++i) {
        batch.add(set("{asked}" + std::to_string(i), std::to_string(i)));
        batch.add(get("{asked}" + std::to_string(i)));
        batch.add(get("{asked}old"));
    }
    const auto done = client.execute(batch);
    EXPECT_TRUE(done.ok());
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(done.get<std::string>(3 * i + 1).value(), std::to_string(i));
    nodes().migrate_keys(slot, target);
    nodes().finish_migration(slot, target);
    EXPECT_EQ(client.execute(get(key)), "10");
    EXPECT_EQ(client.statistics().moved, 1U);
}

TEST_F(cluster_redirect, split_keys_are_ridden_out) {
    const auto slot = key_slot("{split}");
    cluster client{settings};
    client.execute(set("{split}a", "1"));
    client.execute(set("{split}b", "2"));
    valkey_server& target = other_primary(nodes(), slot);
    nodes().begin_migration(slot, target);
    ASSERT_EQ(nodes().migrate_keys(slot, target, 1), 1);
    auto both = std::async(std::launch::async, [&] { return client.execute(mget("{split}a", "{split}b")); });
    poll_until("some refusals", [&] { return client.statistics().retries >= 3; });
    // Single keys are not held up by those who wait.
    const stopwatch watch;
    EXPECT_EQ(client.execute(get("{split}a")), "1");
    EXPECT_EQ(client.execute(get("{split}b")), "2");
    EXPECT_LT(watch.elapsed(), stretched(100ms));
    EXPECT_EQ(both.wait_for(0s), std::future_status::timeout);
    nodes().migrate_keys(slot, target);
    nodes().finish_migration(slot, target);
    EXPECT_EQ(both.get(), (std::vector<std::optional<std::string>>{"1", "2"}));
    for (const auto& why : seen->retries()) EXPECT_EQ(why.substr(0, 14), "MGET: TRYAGAIN") << why;
}

TEST_F(cluster_redirect, pipeline_over_a_slot_that_has_moved_keeps_its_order) {
    const std::string key = "order";
    const auto slot = key_slot(key);
    cluster client{settings};
    client.execute(set("warm", "up"));
    for (int round = 0; round < 5; ++round) {
        client.execute(del(key));
        nodes().move_slot(slot, other_primary(nodes(), slot));
        pipeline batch;
        std::string expected;
        for (int i = 0; i < 200; ++i) {
            batch.add(raw("APPEND", key, std::to_string(i) + ","));
            expected += std::to_string(i) + ",";
        }
        EXPECT_TRUE(client.execute(batch).ok());
        EXPECT_TRUE(client.execute(get(key)) == expected);
    }
}

TEST_F(cluster_redirect, slot_that_moves_back_and_forth_under_load_loses_nothing) {
    cluster client{settings};
    const std::string hot = "load:0:n";  // one of the load's counters
    load traffic{client, "load:"};
    int moves = 0;
    poll_until(
        "twenty thousand commands",
        [&] {
            nodes().move_slot(key_slot(hot), other_primary(nodes(), key_slot(hot)));
            ++moves;
            return traffic.commands() >= 20'000;
        },
        60s);
    EXPECT_EQ(traffic.finish(), none);
    EXPECT_GE(client.statistics().moved, 1U);
    std::cout << traffic.commands() << " commands during " << moves << " moves: " << client.statistics().moved
              << " MOVED, " << client.statistics().ask << " ASK, " << client.statistics().retries << " retries\n";
}

TEST_F(cluster_redirect, asynchronous_commands_survive_moves_once_each) {
    async_cluster client{settings};
    const std::string name = "{async}";
    const auto slot = key_slot(name);
    constexpr int count = 3000;
    std::atomic<int> failures{0};
    std::atomic<int> open{0};
    for (int i = 0; i < count; ++i) {
        if (i % 500 == 250) nodes().move_slot(slot, other_primary(nodes(), slot));
        open += 2;
        client.execute(incr(name + "n"), [&](result<std::int64_t> r) {
            if (!r) ++failures;
            --open;
        });
        client.execute(raw("RPUSH", name + "list", std::to_string(i)), [&](result<value> r) {
            if (!r) ++failures;
            --open;
        });
    }
    poll_until("all replies", [&] { return open == 0; });
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(client.execute(get(name + "n"), asio::use_future).get(), std::to_string(count));
    auto list = client.execute(raw<std::vector<int>>("LRANGE", name + "list", "0", "-1"), asio::use_future).get();
    std::sort(list.begin(), list.end());
    std::vector<int> expected(count);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_TRUE(list == expected);
}

TEST_F(cluster_redirect, graceful_failover_under_load_fails_nothing) {
    cluster client{settings};
    client.connect();
    load traffic{client, "failover:"};
    for (int shard = 0; shard < nodes().shards(); ++shard) {
        const int before = traffic.commands();
        nodes().failover(shard);
        poll_until("traffic after the failover", [&] { return traffic.commands() > before + 2000; });
    }
    EXPECT_EQ(traffic.finish(), none);
    std::cout << traffic.commands() << " commands during three failovers: " << client.statistics().moved << " MOVED, "
              << client.statistics().retries << " retries\n";
    const auto map = client.topology();
    EXPECT_EQ(map->shards().size(), 3U);
}

}  // namespace valkeyxx::testing
