// Whom a client believes when nodes tell different things about their cluster, and how often it asks.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/view_node.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

/// Who served slot 0 in each topology that came into use.
class owner_log final : public observer {
  public:
    void topology_changed(const shard_map& now) override {
        const std::lock_guard lock{mutex_};
        owners_.push_back(now.shard_of(0) == nullptr ? endpoint{"nobody", 0} : now.shard_of(0)->primary.address);
    }
    std::vector<endpoint> owners() const {
        const std::lock_guard lock{mutex_};
        return owners_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<endpoint> owners_;
};

class topology_view : public ::testing::Test {
  protected:
    /// Both serve everything, each in its own view, with the other as its replica.
    topology_view() {
        a.tell({slots_of(0, 16383, {a.here(), b.here()})});
        b.tell({slots_of(0, 16383, {b.here(), a.here()})});
    }

    config config_for(const std::vector<const view_node*>& seeds) {
        config c;
        for (const auto* seed : seeds) c.seeds.push_back(seed->at());
        c.command_timeout = stretched(5s);
        c.connect_timeout = stretched(1s);
        c.refresh_interval = 10ms;
        c.watcher = seen;
        return c;
    }
    /// A client that asks all the time, until the node has been asked `times` more. It has connections to both nodes.
    void ask_until(const config& settings, const view_node& node, int times) {
        config c = settings;
        c.refresh_every = 10ms;
        async_cluster client{c};
        client.execute(get("k"), asio::use_future).get();
        for (const auto& known : client.nodes()) client.execute(raw("PING"), on(known), asio::use_future).get();
        poll_until("the node to be asked", [&, goal = node.asked() + times] { return node.asked() >= goal; });
    }
    /// There was one refresh to connect, and one more. Of a node that is slow another one is asked, too, and if that
    /// is the one that has told the first topology, somebody else must confirm what it says now.
    void expect_asked_once_more(std::uint64_t refreshes) const {
        const auto questions = static_cast<std::uint64_t>(a.asked() + b.asked());
        EXPECT_GE(questions, refreshes);
        EXPECT_LT(questions, 2 * refreshes);  // at first there is but one to ask
        EXPECT_GE(refreshes, 2U);
        EXPECT_LE(refreshes, questions == refreshes ? 2U : 3U);
    }
    bool nobody_but(const view_node& node) const {
        const auto all = seen->owners();
        return !all.empty() && std::all_of(all.begin(), all.end(), [&](const endpoint& o) { return o == node.at(); });
    }

    std::shared_ptr<owner_log> seen = std::make_shared<owner_log>();
    view_node a;
    view_node b;
};

}  // namespace

TEST_F(topology_view, node_that_is_behind_never_wins_over_what_is_known) {
    a.know("ok", 10);
    b.know("ok", 9);
    ask_until(config_for({&a}), b, 5);
    EXPECT_TRUE(nobody_but(a));
    EXPECT_EQ(b.served(), 0);
}

TEST_F(topology_view, node_that_is_behind_and_asked_first_is_found_out) {
    a.know("ok", 10);
    b.know("ok", 9);
    for (const auto* first : {&b, &a}) {
        cluster client{config_for({first})};
        poll_until("the newer view", [&] {
            client.execute(get("k"));
            return client.node_for("k") == a.at();
        });
    }
    EXPECT_EQ(seen->owners().back(), a.at());
    seen = std::make_shared<owner_log>();
    ask_until(config_for({&b}), b, 5);
    const auto owners = seen->owners();
    const auto truth = std::find(owners.begin(), owners.end(), a.at());
    EXPECT_LE(truth - owners.begin(), 2);
    EXPECT_EQ(std::find(truth, owners.end(), b.at()), owners.end());
}

TEST_F(topology_view, node_that_sees_a_failing_cluster_is_not_believed_while_another_one_answers) {
    a.know("ok", 10);
    b.know("fail", 10);
    for (int i = 0; i < 20; ++i) {  // which one is asked first is chance
        cluster client{config_for({&a, &b})};
        client.connect();
        EXPECT_EQ(client.execute(get("k")), std::to_string(a.port()));
    }
    ask_until(config_for({&a}), b, 5);
    EXPECT_TRUE(nobody_but(a));
    EXPECT_GE(b.asked(), 5);
    EXPECT_EQ(b.served(), 0);
}

TEST_F(topology_view, node_that_sees_a_failing_cluster_is_better_than_nobody) {
    a.know("ok", 10);
    b.know("fail", 10);
    cluster client{config_for({&a, &b})};
    client.execute(get("k"));
    a.server().refuse(true);
    a.server().reset_all();
    EXPECT_EQ(client.execute(get("k")), std::to_string(b.port()));
}

TEST_F(topology_view, newer_epoch_wins_between_two_that_disagree) {
    a.know("ok", 10);
    b.know("ok", 11);
    for (int i = 0; i < 10; ++i) {
        cluster client{config_for({&a, &b})};
        poll_until("the newer view", [&] {
            client.execute(get("k"));
            return client.node_for("k") == b.at();
        });
    }
    seen = std::make_shared<owner_log>();
    ask_until(config_for({&b}), a, 5);
    EXPECT_TRUE(nobody_but(b));
}

TEST_F(topology_view, cluster_that_was_set_up_anew_is_believed_though_its_epoch_is_lower) {
    a.know("ok", 10);
    config c = config_for({&a});
    c.refresh_every = 10ms;
    async_cluster client{c};
    client.execute(get("k"), asio::use_future).get();
    b.know("ok", 2);
    a.know("ok", 2);
    a.tell({slots_of(0, 16383, {b.here()})});
    b.tell({slots_of(0, 16383, {b.here()})});
    poll_until("the new cluster", [&] { return client.node_for("k") == b.at(); });
    EXPECT_EQ(client.execute(get("k"), asio::use_future).get(), std::to_string(b.port()));
}

TEST_F(topology_view, node_that_does_not_answer_gets_company) {
    a.hang();
    b.tell({slots_of(0, 16383, {b.here()})});
    for (int i = 0; i < 10; ++i) {
        config c = config_for({&a, &b});
        c.connect_timeout = stretched(30s);
        c.command_timeout = stretched(900ms);  // less than the time for one question
        EXPECT_EQ(cluster{c}.execute(get("k")), std::to_string(b.port()));
    }
    EXPECT_GE(a.asked(), 1);
}

TEST_F(topology_view, thousand_commands_that_are_sent_on_ask_once) {
    config c = config_for({&a});
    a.tell({slots_of(0, 16383, {a.here()})});
    b.tell({slots_of(0, 16383, {b.here()})});
    b.know("ok", 2);
    c.refresh_interval = 100ms;
    // Nothing is read while they are given, however long that takes: all go to the node that sends them on.
    asio::io_context loop;
    async_cluster client{loop, c};
    const auto turn = [&loop] {
        loop.restart();
        loop.run_for(2ms);
    };
    std::atomic<bool> ready{false};
    client.execute(get("k"), [&](const result<std::optional<std::string>>& r) { ready = r.has_value(); });
    poll_until("the first reply", [&] {
        turn();
        return ready.load();
    });
    EXPECT_EQ(a.asked() + b.asked(), 1);
    a.send_on_to("127.0.0.1:" + std::to_string(b.port()));
    std::atomic<int> open{1000};
    std::atomic<int> failures{0};
    for (int i = 0; i < 1000; ++i) {
        client.execute(get("k" + std::to_string(i)), [&](result<std::optional<std::string>> r) {
            if (!r || *r != std::to_string(b.port())) ++failures;
            --open;
        });
    }
    poll_until("all replies", [&] {
        turn();
        return open == 0;
    });
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(client.statistics().moved, 1000U);
    const stopwatch watch;
    poll_until("time for more questions", [&] {
        turn();
        return watch.elapsed() > 400ms;
    });
    expect_asked_once_more(client.statistics().refreshes);
    EXPECT_EQ(client.node_for("k"), b.at());
}

TEST_F(topology_view, many_threads_that_are_sent_on_ask_once) {
    config c = config_for({&a});
    a.tell({slots_of(0, 16383, {a.here()})});
    b.tell({slots_of(0, 16383, {b.here()})});
    b.know("ok", 2);
    c.refresh_interval = 100ms;
    cluster client{c};
    client.execute(get("k"));
    a.send_on_to("127.0.0.1:" + std::to_string(b.port()));
    std::atomic<int> failures{0};
    {
        std::vector<std::jthread> pool;
        for (int thread = 0; thread < 40; ++thread) {
            pool.emplace_back([&, thread] {
                const stopwatch watch;
                for (int i = 0; watch.elapsed() < 400ms; ++i) {
                    const auto r = client.try_execute(get("k" + std::to_string(thread) + ":" + std::to_string(i % 25)));
                    if (!r || *r != std::to_string(b.port())) ++failures;
                }
            });
        }
    }
    EXPECT_EQ(failures, 0);
    EXPECT_GE(client.statistics().moved, 40U);
    expect_asked_once_more(client.statistics().refreshes);
}

TEST_F(topology_view, moved_to_a_replica_makes_it_the_primary_of_its_whole_shard) {
    view_node c;
    const std::vector<std::string> view{slots_of(0, 8191, {a.here(), b.here()}), slots_of(8192, 16383, {c.here()})};
    for (auto* each : {&a, &b, &c}) each->tell(view);
    cluster client{config_for({&a})};
    const auto keys = key_for_each_slot("k:");
    client.execute(get(keys[0]));
    poll_until("the second opinion", [&] {
        client.execute(get(keys[0]));
        return client.statistics().refreshes >= 2;
    });
    for (auto* each : {&a, &b, &c}) each->answer_slots("-ERR not now\r\n");  // there is only the MOVED to go by
    a.send_on_to("127.0.0.1:" + std::to_string(b.port()));
    EXPECT_EQ(client.execute(get(keys[100])), std::to_string(b.port()));
    const auto now = client.topology();
    ASSERT_EQ(now->shards().size(), 2U);
    const auto* shard = now->shard_of(100);
    ASSERT_NE(shard, nullptr);
    EXPECT_EQ(shard->primary.address, b.at());
    ASSERT_EQ(shard->replicas.size(), 1U);
    EXPECT_EQ(shard->replicas[0].address, a.at());
    EXPECT_EQ(shard->slots, (std::vector<valkeyxx::slot_range>{{0, 8191}}));
    EXPECT_EQ(now->shard_of(8192)->primary.address, c.at());
    for (const std::size_t slot : {0U, 5000U, 8191U}) {
        EXPECT_EQ(client.execute(get(keys[slot])), std::to_string(b.port()));
    }
    EXPECT_EQ(client.statistics().moved, 1U);
}

TEST_F(topology_view, lost_primary_is_replaced_by_what_the_others_say) {
    b.answer_slots(resp::array({slots_of(0, 16383, {a.here(), b.here()})}));
    cluster client{config_for({&a, &b})};
    client.execute(get("k"));
    b.tell({slots_of(0, 16383, {b.here(), a.here()})});
    b.know("ok", 2);
    a.server().refuse(true);
    a.server().reset_all();
    EXPECT_EQ(client.execute(get("k")), std::to_string(b.port()));
    EXPECT_EQ(client.node_for("k"), b.at());
    const auto map = client.topology();
    ASSERT_EQ(map->shard_of(0)->replicas.size(), 1U);
    EXPECT_EQ(map->shard_of(0)->replicas[0].address, a.at());
}

TEST_F(topology_view, cluster_that_is_down_is_asked_again_and_forgotten_when_another_one_serves) {
    a.tell({slots_of(0, 16383, {a.here()})});
    std::atomic<bool> refused{false};
    a.react([&](const view_node::request&) -> std::optional<answer> {
        refused = true;
        return resp::error("CLUSTERDOWN The cluster is down. Use CLUSTER INFO for more information");
    });
    a.know("fail", 1);
    cluster client{config_for({&a})};
    auto call = std::async(std::launch::async, [&] { return client.execute(get("k")); });
    poll_until("the first refusal", [&] { return refused.load(); });
    a.tell({slots_of(0, 16383, {b.here()})});
    b.tell({slots_of(0, 16383, {b.here()})});
    for (auto* each : {&a, &b}) each->know("ok", 2);
    EXPECT_EQ(call.get(), std::to_string(b.port()));
    EXPECT_EQ(b.served(), 1);
    ASSERT_EQ(client.nodes().size(), 1U);
    EXPECT_EQ(client.nodes()[0].address, b.at());
}

TEST_F(topology_view, only_seeds_are_asked_if_told_so) {
    b.answer_slots(resp::array({slots_of(0, 16383, {b.here(), a.here()})}));
    a.answer_slots(resp::array({slots_of(0, 16383, {b.here(), a.here()})}));
    config c = config_for({&a});
    c.dynamic_seeds = false;
    ask_until(c, a, 20);
    EXPECT_EQ(b.asked(), 0);
    EXPECT_EQ(b.served(), 1);
    c.dynamic_seeds = true;
    ask_until(c, b, 1);
}

TEST_F(topology_view, seeds_are_never_forgotten) {
    // The seed is no part of the cluster, as the name of a service is none. All that it named dies at once.
    view_node seed;
    seed.tell({slots_of(0, 16383, {a.here()})});
    a.tell({slots_of(0, 16383, {a.here()})});
    b.tell({slots_of(0, 16383, {b.here()})});
    for (const bool dynamic : {true, false}) {
        config c = config_for({&seed});
        c.dynamic_seeds = dynamic;
        cluster client{c};
        EXPECT_EQ(client.execute(get("k")), std::to_string(a.port()));
        seed.tell({slots_of(0, 16383, {b.here()})});
        a.server().refuse(true);
        a.server().reset_all();
        EXPECT_EQ(client.execute(get("k")), std::to_string(b.port()));
        a.server().refuse(false);
        seed.tell({slots_of(0, 16383, {a.here()})});
    }
}

TEST_F(topology_view, refresh_without_a_reason_finds_new_replicas_and_shards) {
    view_node c;
    a.tell({slots_of(0, 16383, {a.here()})});
    config settings = config_for({&a});
    settings.refresh_every = 20ms;
    async_cluster client{settings};
    client.execute(get("k"), asio::use_future).get();
    a.tell({slots_of(0, 16383, {a.here(), b.here()})});
    b.tell({slots_of(0, 16383, {a.here(), b.here()})});
    poll_until("the replica", [&] { return client.replicas().size() == 1; });
    for (auto* each : {&a, &b, &c}) {
        each->tell({slots_of(0, 8191, {a.here(), b.here()}), slots_of(8192, 16383, {c.here()})});
        each->know("ok", 2);
    }
    poll_until("the shard", [&] { return client.primaries().size() == 2; });
    const auto keys = key_for_each_slot("k:");
    EXPECT_EQ(client.execute(get(keys[16000]), asio::use_future).get(), std::to_string(c.port()));
    EXPECT_EQ(client.statistics().moved, 0U);
    EXPECT_EQ(client.statistics().retries, 0U);
}

TEST_F(topology_view, connection_to_a_node_that_has_left_is_closed) {
    config c = config_for({&a});
    c.refresh_every = 20ms;
    a.know("ok", 2);
    async_cluster client{c};
    client.execute(get("k"), asio::use_future).get();
    client.execute(raw("PING"), on(b.at()), asio::use_future).get();
    poll_until("the connection", [&] { return b.server().open_connections() == 1; });
    a.tell({slots_of(0, 16383, {a.here()})});
    a.know("ok", 3);
    poll_until("its end", [&] { return b.server().open_connections() == 0; });
    EXPECT_EQ(client.try_execute(raw("PING"), on(b.at()), asio::use_future).get().error(), errc::unknown_node);
    EXPECT_EQ(a.server().open_connections(), 1);
    EXPECT_EQ(client.statistics().disconnects, 0U);
}

TEST_F(topology_view, without_refresh_every_nobody_is_asked_for_nothing) {
    a.tell({slots_of(0, 16383, {a.here()})});
    async_cluster client{config_for({&a})};
    const stopwatch watch;
    poll_until("some traffic", [&] {
        client.execute(get("k"), asio::use_future).get();
        return watch.elapsed() > 300ms;
    });
    EXPECT_EQ(a.asked(), 1);
}

TEST_F(topology_view, full_coverage_is_required_only_if_told_so) {
    for (auto* each : {&a, &b}) each->tell({slots_of(0, 5459, {a.here()}), slots_of(5461, 16383, {a.here()})});
    const auto keys = key_for_each_slot("k:");
    config c = config_for({&a});
    c.command_timeout = stretched(600ms);
    {
        cluster client{c};
        EXPECT_EQ(client.execute(get(keys[5459])), std::to_string(a.port()));
        EXPECT_EQ(client.topology()->covered_slots(), 16383U);
        EXPECT_EQ(client.topology()->shard_of(5460), nullptr);
        const auto none = client.try_execute(get(keys[5460]));
        ASSERT_FALSE(none);
        EXPECT_EQ(none.error(), errc::slot_not_served) << none.error().message();
    }
    c.require_full_coverage = true;
    cluster client{c};
    const auto refused = client.try_execute(get(keys[5459]));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::no_topology) << refused.error().message();
    EXPECT_NE(refused.error().message().find("16383 of the 16384 slots"), std::string::npos)
        << refused.error().message();
    for (auto* each : {&a, &b}) each->tell({slots_of(0, 16383, {a.here()})});
    EXPECT_EQ(client.execute(get(keys[5460])), std::to_string(a.port()));
    EXPECT_EQ(client.topology()->covered_slots(), 16384U);
}

TEST_F(topology_view, topology_with_a_hole_does_not_replace_a_full_one_that_is_required) {
    a.tell({slots_of(0, 16383, {a.here()})});
    config c = config_for({&a});
    c.require_full_coverage = true;
    c.refresh_every = 10ms;
    async_cluster client{c};
    client.execute(get("k"), asio::use_future).get();
    a.tell({slots_of(1, 16383, {a.here()})});
    a.know("ok", 2);
    poll_until("some refreshes", [&, goal = a.asked() + 3] { return a.asked() >= goal; });
    EXPECT_EQ(client.topology()->covered_slots(), 16384U);
    EXPECT_EQ(client.execute(get("k"), asio::use_future).get(), std::to_string(a.port()));
}

}  // namespace valkeyxx::testing
