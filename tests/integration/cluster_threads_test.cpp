// Many threads share one synchronous client: each gets its own replies, and close() ends all of them once.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;

constexpr int threads = 16;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = 5s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

std::string value_of(const std::string& key) {
    return "<" + key + std::string(std::hash<std::string>{}(key) % 300, '.') + ">";
}

template <class Work>
void on_all_threads(Work work) {
    std::vector<std::jthread> pool;
    for (int i = 0; i < threads; ++i) pool.emplace_back(work, i);
    for (auto& one : pool) one.join();
}

/// A key whose node will not answer, and makes a caller wait, until released.
class paused_node {
  public:
    explicit paused_node(valkey_server& node) : node_{node} { node_.pause(); }
    ~paused_node() { node_.resume(); }

  private:
    valkey_server& node_;
};

}  // namespace

TEST(cluster_threads, each_reply_belongs_to_its_request) {
    cluster client{config_for(nodes())};
    std::atomic<int> wrong{0};
    on_all_threads([&](int thread) {
        for (int i = 0; i < 1000; ++i) {
            const std::string key = "t" + std::to_string(thread) + ":" + std::to_string(i);
            if (!client.execute(set(key, value_of(key)))) ++wrong;
            if (client.execute(get(key)) != value_of(key)) ++wrong;
        }
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(client.statistics().commands, 2U * 1000U * threads);
    EXPECT_EQ(client.statistics().disconnects, 0U);
    EXPECT_LE(client.statistics().connects, 4U);
}

TEST(cluster_threads, pipelines_and_single_commands_mix) {
    cluster client{config_for(nodes())};
    std::atomic<int> wrong{0};
    on_all_threads([&](int thread) {
        const std::string name = "m" + std::to_string(thread) + ":";
        pipeline batch;
        pipeline_result done;
        for (int round = 0; round < 50; ++round) {
            batch.clear();
            for (int i = 0; i < 40; ++i) {
                const std::string key = name + std::to_string(i);
                batch.add(set(key, value_of(key) + std::to_string(round)));
                batch.add(get(key));
            }
            client.execute(batch, done);
            if (!done.ok()) ++wrong;
            for (std::size_t i = 0; i < 40 && done.ok(); ++i) {
                const std::string expected = value_of(name + std::to_string(i)) + std::to_string(round);
                if (done.get<std::string_view>(2 * i + 1).value() != expected) ++wrong;
            }
            if (client.execute(get(name + "7")) != value_of(name + "7") + std::to_string(round)) ++wrong;
        }
    });
    EXPECT_EQ(wrong, 0);
}

TEST(cluster_threads, counters_lose_nothing) {
    nodes().flush_all();
    cluster client{config_for(nodes())};
    on_all_threads([&](int) {
        for (int i = 0; i < 500; ++i) client.execute(incr("counter:" + std::to_string(i % 10)));
    });
    std::int64_t sum = 0;
    for (int i = 0; i < 10; ++i) sum += std::stoll(*client.execute(get("counter:" + std::to_string(i))));
    EXPECT_EQ(sum, 500 * threads);
}

TEST(cluster_threads, one_slow_node_does_not_hold_up_the_others) {
    config c = config_for(nodes());
    c.command_timeout = stretched(1s);
    cluster client{c};
    const std::string stuck = key_served_by(nodes(), nodes().node(0), "stuck:");
    const std::string free = key_served_by(nodes(), nodes().node(1), "free:");
    client.execute(set(stuck, "v"));
    client.execute(set(free, "v"));
    const paused_node pause{nodes().node(0)};
    std::jthread waiting{[&] { EXPECT_EQ(client.try_execute(get(stuck)).error(), errc::timed_out); }};
    std::chrono::milliseconds slowest{0};
    const stopwatch all;
    while (all.elapsed() < stretched(500ms)) {
        const stopwatch one;
        EXPECT_EQ(client.execute(get(free)), "v");
        slowest = std::max(slowest, one.elapsed());
    }
    waiting.join();
    EXPECT_LT(slowest, stretched(100ms));
}

TEST(cluster_threads, close_ends_each_call_once) {
    for (int round = 0; round < 20; ++round) {
        cluster client{config_for(nodes())};
        client.connect();
        std::atomic<int> answered{0};
        std::atomic<int> closed{0};
        std::atomic<int> other{0};
        std::latch running{threads};
        std::vector<std::jthread> pool;
        for (int thread = 0; thread < threads; ++thread) {
            pool.emplace_back([&, thread] {
                for (int i = 0;; ++i) {
                    const auto r = client.try_execute(incr("n" + std::to_string(thread)));
                    if (i == 0) running.count_down();
                    if (r) {
                        ++answered;
                        continue;
                    }
                    ++(r.error() == errc::client_closed ? closed : other);
                    return;
                }
            });
        }
        running.wait();
        client.close();
        for (auto& one : pool) one.join();
        EXPECT_EQ(closed, threads);
        EXPECT_EQ(other, 0);
        EXPECT_GE(answered, threads);
    }
}

TEST(cluster_threads, close_wakes_those_who_wait_for_a_silent_node) {
    cluster client{config_for(nodes())};
    const std::string stuck = key_served_by(nodes(), nodes().node(2), "silent:");
    client.execute(set(stuck, "v"));
    const paused_node pause{nodes().node(2)};
    std::atomic<int> closed{0};
    std::vector<std::jthread> pool;
    for (int i = 0; i < threads; ++i) {
        pool.emplace_back([&, i] {
            pipeline batch;
            batch.add(get(stuck));
            const auto r = i % 4 == 0 ? client.execute(batch).get<value>(0) : client.try_execute(raw("GET", stuck));
            if (!r && r.error() == errc::client_closed && r.error().may_have_run()) ++closed;
        });
    }
    poll_until("all calls to be under way", [&] { return client.statistics().commands == threads + 1U; });
    const stopwatch watch;
    client.close();
    for (auto& one : pool) one.join();
    EXPECT_EQ(closed, threads);
    EXPECT_LT(watch.elapsed(), stretched(1s));
}

}  // namespace valkeyxx::testing
