// A primary is killed, or hangs, under load: what may fail fails honestly, and the client goes on with the new primary.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
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
using clock = std::chrono::steady_clock;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 500ms}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class cluster_failover : public ::testing::Test {
  protected:
    cluster_failover() {
        nodes().heal();
        nodes().flush_all();
        settings.command_timeout = stretched(10s);
    }
    ~cluster_failover() override { nodes().heal(); }

    config settings = config_for(nodes());
};

/// Asks a replica until it says that it is the primary; when that was.
clock::time_point promotion_of(valkey_server& replica) {
    poll_until("the promotion", [&] { return replica.role() == "primary"; });
    return clock::now();
}

/// What one kind of traffic to one key has seen.
struct account {
    std::atomic<std::int64_t> acknowledged{0};
    std::atomic<std::int64_t> may_have_run{0};
    std::atomic<std::int64_t> refused{0};
    std::mutex mutex{};
    std::vector<std::string> problems{};
    clock::time_point first_after{};  ///< the first success that began after `mark`
    std::atomic<clock::rep> mark{clock::time_point::max().time_since_epoch().count()};

    template <class R>
    void enter(const result<R>& r, clock::time_point begun) {
        if (r) {
            ++acknowledged;
            if (begun.time_since_epoch().count() < mark) return;
            const std::lock_guard lock{mutex};
            if (first_after == clock::time_point{}) first_after = clock::now();
            return;
        }
        if (r.error().may_have_run()) {
            ++may_have_run;
        } else {
            ++refused;
        }
        const std::lock_guard lock{mutex};
        problems.push_back(r.error().message());
    }
    bool recovered() {
        const std::lock_guard lock{mutex};
        return first_after != clock::time_point{};
    }
};

void print_lag(const char* what, clock::time_point from, const account& traffic) {
    const auto lag = std::chrono::duration_cast<std::chrono::milliseconds>(traffic.first_after - from);
    std::cout << what << ": first success " << lag.count() << " ms after the promotion was seen; "
              << traffic.acknowledged << " acknowledged, " << traffic.may_have_run << " may have run, "
              << traffic.refused << " did not\n";
}

}  // namespace

TEST_F(cluster_failover, killed_primary_costs_only_what_was_in_flight_and_cannot_be_repeated) {
    cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    valkey_server& heir = nodes().replica(0);
    const std::string counter = key_served_by(nodes(), victim, "counter:");
    const std::string text = key_served_by(nodes(), victim, "text:");
    const std::string elsewhere = key_served_by(nodes(), nodes().primary(1), "other:");
    account incrs;
    account sets;
    account others;
    std::atomic<bool> over{false};
    std::vector<std::jthread> pool;
    const auto traffic = [&](account& into, auto command) {
        pool.emplace_back([&, command] {
            while (!over) {
                const auto begun = clock::now();
                into.enter(client.try_execute(command), begun);
            }
        });
    };
    for (int i = 0; i < 3; ++i) {
        traffic(incrs, incr(counter));
        traffic(sets, set(text, "value"));
    }
    traffic(others, incr(elsewhere));
    poll_until("the load", [&] { return incrs.acknowledged > 500 && sets.acknowledged > 500; });
    victim.kill9();
    const auto promoted = promotion_of(heir);
    for (account* each : {&incrs, &sets, &others}) each->mark = promoted.time_since_epoch().count();
    poll_until("all to go on", [&] { return incrs.recovered() && sets.recovered() && others.recovered(); });
    over = true;
    pool.clear();

    EXPECT_EQ(sets.problems, std::vector<std::string>{});
    EXPECT_EQ(incrs.refused, 0) << incrs.problems.at(0);
    EXPECT_LE(incrs.may_have_run, 3);  // one for each thread
    EXPECT_EQ(others.problems, std::vector<std::string>{});
    print_lag("killed primary, INCR", promoted, incrs);
    print_lag("killed primary, SET", promoted, sets);
    EXPECT_LT(incrs.first_after - promoted, stretched(5s));
    // Replication is asynchronous: the dead primary may have taken its last moments with it.
    const std::int64_t counted = std::stoll(*client.execute(get(counter)));
    std::cout << "counter " << counted << '\n';
    EXPECT_LE(counted, incrs.acknowledged + incrs.may_have_run);
    EXPECT_GE(counted, incrs.acknowledged - 200);
}

TEST_F(cluster_failover, asynchronous_load_survives_a_killed_primary) {
    async_cluster client{settings};
    valkey_server& victim = nodes().primary(1);
    valkey_server& heir = nodes().replica(1);
    const std::string counter = key_served_by(nodes(), victim, "acounter:");
    const std::string text = key_served_by(nodes(), victim, "atext:");
    account incrs;
    account sets;
    std::atomic<bool> over{false};
    std::atomic<int> chains{0};
    std::function<void()> count_on = [&] {
        client.execute(incr(counter), [&, begun = clock::now()](result<std::int64_t> r) {
            incrs.enter(r, begun);
            over ? static_cast<void>(--chains) : count_on();
        });
    };
    std::function<void()> set_on = [&] {
        client.execute(set(text, "value"), [&, begun = clock::now()](result<bool> r) {
            sets.enter(r, begun);
            over ? static_cast<void>(--chains) : set_on();
        });
    };
    for (int i = 0; i < 50; ++i) {
        chains += 2;
        count_on();
        set_on();
    }
    poll_until("the load", [&] { return incrs.acknowledged > 5000 && sets.acknowledged > 5000; });
    victim.kill9();
    const auto promoted = promotion_of(heir);
    for (account* each : {&incrs, &sets}) each->mark = promoted.time_since_epoch().count();
    poll_until("all to go on", [&] { return incrs.recovered() && sets.recovered(); });
    over = true;
    poll_until("the end", [&] { return chains == 0; });
    EXPECT_EQ(sets.problems, std::vector<std::string>{});
    EXPECT_EQ(incrs.refused, 0);
    EXPECT_LE(incrs.may_have_run, 50);
    print_lag("killed primary, 50 INCR at once", promoted, incrs);
    print_lag("killed primary, 50 SET at once", promoted, sets);
    EXPECT_LT(incrs.first_after - promoted, stretched(5s));
}

TEST_F(cluster_failover, silent_primary_lets_commands_end_at_their_deadline_and_is_left_behind) {
    settings.command_timeout = stretched(2500ms);  // longer than the healthy shards refuse for (CLUSTERDOWN)
    cluster client{settings};
    valkey_server& victim = nodes().primary(2);
    valkey_server& heir = nodes().replica(2);
    const std::string stuck = key_served_by(nodes(), victim, "stuck:");
    const std::string free = key_served_by(nodes(), nodes().primary(1), "free:");
    client.execute(set(stuck, "0"));
    client.execute(set(free, "0"));
    victim.pause();
    account others;
    std::atomic<bool> over{false};
    std::jthread elsewhere{[&] {
        while (!over) {
            const auto begun = clock::now();
            others.enter(client.try_execute(get(free)), begun);
        }
    }};
    const stopwatch watch;
    const auto lost = client.try_execute(incr(stuck));
    ASSERT_FALSE(lost);
    // Sooner than at its deadline, if the client's own question has found the node silent before.
    EXPECT_TRUE(lost.error() == errc::timed_out || lost.error() == errc::connection_lost) << lost.error().message();
    EXPECT_EQ(lost.error().executed(), executed::unknown);
    EXPECT_LE(watch.elapsed(), settings.command_timeout + stretched(300ms));

    // The old connection is there and silent; the client finds the new primary all the same.
    const auto promoted = promotion_of(heir);
    poll_until("the new primary to be found", [&] { return client.try_execute(incr(stuck)).has_value(); });
    const auto lag = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - promoted);
    std::cout << "silent primary: first success " << lag.count() << " ms after the promotion was seen\n";
    over = true;
    elsewhere.join();
    EXPECT_EQ(others.problems, std::vector<std::string>{});
    EXPECT_GT(others.acknowledged, 100);
}

TEST_F(cluster_failover, asynchronous_commands_to_a_silent_node_end_at_their_deadline_or_when_it_is_replaced) {
    settings.command_timeout = stretched(800ms);
    async_cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    const std::string stuck = key_served_by(nodes(), victim, "stuck:");
    client.execute(set(stuck, "0"), asio::use_future).get();
    victim.pause();
    std::atomic<int> on_time{0};
    std::atomic<int> open{100};
    std::mutex mutex;
    std::vector<std::string> unexpected;
    for (int i = 0; i < 100; ++i) {
        client.execute(incr(stuck), [&, watch = stopwatch{}](result<std::int64_t> r) {
            const auto late = watch.elapsed() - settings.command_timeout;
            const bool at_deadline = !r && r.error() == errc::timed_out && late > -5ms;
            const bool replaced = !r && r.error() == errc::connection_lost;
            if ((at_deadline || replaced) && r.error().may_have_run() && late < stretched(300ms)) {
                ++on_time;
            } else {
                const std::lock_guard lock{mutex};
                unexpected.push_back((r ? "a reply" : r.error().message()) + " after " +
                                     std::to_string(watch.elapsed().count()) + " ms");
            }
            --open;
        });
    }
    poll_until("all to end", [&] { return open == 0; });
    EXPECT_EQ(on_time, 100);
    EXPECT_EQ(unexpected, std::vector<std::string>{});
}

TEST_F(cluster_failover, whole_cluster_restarts_on_the_same_ports) {
    cluster client{settings};
    async_cluster other{settings};
    const auto keys = key_for_each_slot("restart:");
    for (const std::size_t slot : {0U, 8000U, 16000U}) client.execute(set(keys[slot], "v"));
    other.execute(set("k", "v"), asio::use_future).get();
    for (int i = 0; i < nodes().size(); ++i) nodes().node(i).kill9();
    // Nobody is there, and then somebody is: a command that began before waits for that.
    auto patient = other.execute(set(keys[0], "patient"), asio::use_future);
    nodes().heal();
    EXPECT_TRUE(patient.get());
    for (const std::size_t slot : {0U, 8000U, 16000U}) EXPECT_TRUE(client.execute(set(keys[slot], "w")));
    EXPECT_EQ(other.execute(get(keys[8000]), asio::use_future).get(), "w");
}

}  // namespace valkeyxx::testing
