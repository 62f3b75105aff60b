// The network between a client and its nodes breaks in every way a proxy can arrange: at most one command pays for it,
// and what it is told is true.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <string_view>
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
    valkey_cluster nodes{{.shards = 2, .replicas = 0, .node_timeout = 5s, .proxies = true}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class connection_fault : public ::testing::Test {
  protected:
    connection_fault() {
        nodes().flush_all();
        settings.watcher = seen;
    }
    ~connection_fault() override { nodes().heal(); }

    /// What the server itself has at the key of all these tests.
    std::string held(const std::string& k) { return node.admin()({"GET", k}); }
    void cut_next_reply() {
        proxy.set([](toxics& now) {
            now.reset_after = 0;
            now.cuts = 1;
        });
    }

    /// Connections that were lost for this reason, after so many others. (Those by which a silent one is to be looked
    /// into may be lost, too.)
    std::ptrdiff_t losses_since(std::size_t others, std::string_view reason) const {
        const auto all = seen->losses();
        return std::count_if(all.begin() + static_cast<std::ptrdiff_t>(others), all.end(),
                             [reason](const error& e) { return e.text() == reason; });
    }

    valkey_server& node = nodes().node(0);
    fault_proxy& proxy = nodes().proxy_of(node);
    const std::string key = key_served_by(nodes(), node, "key:");
    const std::string elsewhere = key_served_by(nodes(), nodes().node(1), "other:");
    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
    config settings = config_for(nodes());
};

}  // namespace

TEST_F(connection_fault, lost_reply_is_asked_for_again_where_that_is_safe) {
    cluster client{settings};
    client.execute(set(key, "5"));
    cut_next_reply();
    EXPECT_EQ(client.execute(get(key)), "5");
    cut_next_reply();
    EXPECT_TRUE(client.execute(set(key, "6")));
    EXPECT_EQ(client.execute(get(key)), "6");
    EXPECT_EQ(seen->losses().size(), 2U);
    EXPECT_GE(client.statistics().retries, 2U);
}

TEST_F(connection_fault, lost_reply_of_a_command_that_counts_is_an_honest_error) {
    cluster client{settings};
    client.execute(set(key, "5"));
    cut_next_reply();
    const auto lost = client.try_execute(incr(key));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error(), errc::connection_lost) << lost.error().message();
    EXPECT_TRUE(lost.error().may_have_run());
    EXPECT_EQ(lost.error().attempts(), 1);
    EXPECT_EQ(lost.error().command(), "INCR");
    EXPECT_EQ(lost.error().node(), "127.0.0.1:" + std::to_string(proxy.port()));
    EXPECT_EQ(held(key), "6");  // it had run, once
    EXPECT_EQ(client.execute(incr(key)), 7);
}

TEST_F(connection_fault, at_least_once_repeats_any_command) {
    settings.repeat = repeat_policy::at_least_once;
    cluster client{settings};
    client.execute(set(key, "5"));
    cut_next_reply();
    EXPECT_EQ(client.execute(incr(key)), 7);  // and says what the second one gave
}

TEST_F(connection_fault, asynchronous_commands_are_told_the_same) {
    async_cluster client{settings};
    client.execute(set(key, "5"), asio::use_future).get();
    for (const bool reset : {true, false}) {
        proxy.set([reset](toxics& now) {
            (reset ? now.reset_after : now.close_after) = 0;
            now.cuts = 1;
        });
        auto read = client.execute(get(key), asio::use_future);
        EXPECT_EQ(read.get(), "5");
        proxy.set([reset](toxics& now) {
            (reset ? now.reset_after : now.close_after) = 0;
            now.cuts = 1;
        });
        const auto lost = client.try_execute(incr(key), asio::use_future).get();
        ASSERT_FALSE(lost);
        EXPECT_EQ(lost.error(), errc::connection_lost);
        EXPECT_TRUE(lost.error().may_have_run());
        EXPECT_EQ(held(key), "6");
        client.execute(set(key, "5"), asio::use_future).get();
    }
}

TEST_F(connection_fault, connection_that_died_between_calls_costs_nothing) {
    async_cluster client{settings};
    client.execute(set(key, "5"), asio::use_future).get();
    const auto connected = seen->protocols().size();
    for (int round = 0; round < 5; ++round) {
        const auto losses = seen->losses().size();
        round % 2 == 0 ? proxy.reset_all() : proxy.close_all();
        poll_until("the loss to be seen", [&] { return seen->losses().size() > losses; });
        EXPECT_EQ(client.execute(incr(key), asio::use_future).get(), 6 + round);
    }
    EXPECT_EQ(seen->protocols().size(), connected + 5);
}

TEST_F(connection_fault, synchronous_client_finds_a_dead_connection_after_a_pause) {
    cluster client{settings};
    client.execute(set(key, "5"));
    for (int round = 0; round < 5; ++round) {
        round % 2 == 0 ? proxy.reset_all() : proxy.close_all();
        const stopwatch pause;  // calls in quick succession do not look
        poll_until("a pause", [&] { return pause.elapsed() > 60ms; });
        EXPECT_EQ(client.execute(incr(key)), 6 + round);
    }
}

TEST_F(connection_fault, reply_cut_in_half_is_asked_for_again) {
    cluster client{settings};
    const std::string text(100'000, 'x');
    client.execute(set(key, text));
    for (const std::size_t bytes : {1U, 7U, 50'000U, 100'007U}) {
        proxy.set([bytes](toxics& now) {
            now.reset_after = bytes;
            now.cuts = 1;
        });
        EXPECT_TRUE(client.execute(get(key)) == text) << bytes;
    }
    EXPECT_EQ(seen->losses().size(), 4U);
}

TEST_F(connection_fault, single_bytes_both_ways_make_whole_replies) {
    proxy.set([](toxics& now) {
        now.chunk = 1;
        now.chunk_gap = 5us;
    });
    cluster client{settings};
    pipeline batch;
    for (int i = 0; i < 20; ++i) {
        batch.add(set(key, std::string(static_cast<std::size_t>(i), 'x')));
        batch.add(get(key));
        batch.add(mget(key, key, "{" + key + "}none"));
    }
    const auto done = client.execute(batch);
    EXPECT_TRUE(done.ok());
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(done.get<std::string>(3 * i + 1).value(), std::string(i, 'x'));
}

TEST_F(connection_fault, late_replies_are_never_taken_for_those_of_others) {
    settings.command_timeout = stretched(60ms);
    cluster client{settings};
    for (int i = 0; i < 10; ++i) node.admin()({"SET", "{" + key + "}" + std::to_string(i), std::to_string(i)});
    client.execute(get("{" + key + "}0"));
    proxy.set([](toxics& now) { now.delay = std::chrono::duration_cast<std::chrono::microseconds>(stretched(45ms)); });
    int late = 0;
    for (int i = 0; i < 30; ++i) {
        if (i == 20) proxy.clear();
        const std::string digit = std::to_string(i % 10);
        const stopwatch watch;
        const auto r = client.try_execute(get("{" + key + "}" + digit));
        EXPECT_LT(watch.elapsed(), stretched(200ms));
        if (r) {
            EXPECT_EQ(*r, digit);
        } else {
            ++late;
            EXPECT_EQ(r.error(), errc::timed_out);
        }
    }
    EXPECT_GE(late, 10);
    EXPECT_EQ(client.execute(get("{" + key + "}7")), "7");
}

TEST_F(connection_fault, refused_connections_are_tried_until_they_are_not) {
    cluster client{settings};
    client.execute(set(elsewhere, "v"));
    client.execute(set(key, "1"));
    proxy.set([](toxics& now) { now.refuse = true; });
    proxy.reset_all();
    auto patient = std::async(std::launch::async, [&] { return client.execute(incr(key)); });
    poll_until("some tries", [&] { return client.statistics().retries > 5; });
    EXPECT_EQ(client.execute(get(elsewhere)), "v");
    EXPECT_EQ(patient.wait_for(0s), std::future_status::timeout);
    proxy.clear();
    EXPECT_EQ(patient.get(), 2);
}

TEST_F(connection_fault, refused_until_the_deadline_names_the_reason) {
    settings.command_timeout = stretched(300ms);
    cluster client{settings};
    client.execute(set(key, "1"));
    proxy.set([](toxics& now) { now.refuse = true; });
    proxy.reset_all();
    poll_until("the first failure to have been told",
               [&] { return client.try_execute(get(key)).has_value() == false; });
    const auto never = client.try_execute(incr(key));
    ASSERT_FALSE(never);
    EXPECT_EQ(never.error(), errc::timed_out);
    EXPECT_EQ(never.error().executed(), executed::no);
    EXPECT_NE(never.error().message().find("Connection refused"), std::string::npos) << never.error().message();
    EXPECT_EQ(held(key), "1");
}

TEST_F(connection_fault, accepted_and_closed_at_once_is_tried_again) {
    cluster client{settings};
    client.execute(set(key, "1"));
    proxy.set([](toxics& now) { now.accept_then_close = true; });
    proxy.reset_all();
    auto patient = std::async(std::launch::async, [&] { return client.execute(set(key, "2")); });
    poll_until("some tries", [&] { return client.statistics().retries > 3; });
    proxy.clear();
    EXPECT_TRUE(patient.get());
}

TEST_F(connection_fault, silent_connection_ends_commands_at_their_deadline_and_is_given_up) {
    settings.command_timeout = stretched(300ms);
    settings.connect_timeout = stretched(300ms);
    async_cluster client{settings};
    client.execute(set(key, "5"), asio::use_future).get();
    client.execute(set(elsewhere, "v"), asio::use_future).get();
    const bool ways[] = {true, false};
    for (const bool up : ways) {
        const auto losses = seen->losses().size();
        proxy.set([up](toxics& now) { (up ? now.blackhole_up : now.blackhole_down) = true; });
        const stopwatch watch;
        const auto lost = client.try_execute(incr(key), asio::use_future).get();
        ASSERT_FALSE(lost);
        EXPECT_EQ(lost.error(), errc::timed_out) << lost.error().message();
        EXPECT_TRUE(lost.error().may_have_run());
        EXPECT_GE(watch.elapsed(), settings.command_timeout - 5ms);
        EXPECT_LE(watch.elapsed(), settings.command_timeout + stretched(300ms));
        EXPECT_EQ(client.execute(get(elsewhere), asio::use_future).get(), "v");
        poll_until("the connection to be given up",
                   [&] { return losses_since(losses, "the node has stopped answering") != 0; });
        proxy.clear();
        poll_until("it to work again",
                   [&] { return client.try_execute(set(key, "5"), asio::use_future).get().has_value(); });
    }
}

TEST_F(connection_fault, connection_that_alone_is_silent_is_replaced_long_before_any_deadline) {
    settings.command_timeout = stretched(60s);
    settings.connect_timeout = stretched(300ms);
    settings.seeds = {{"127.0.0.1", proxy.port()}};
    client waiting{settings};  // these ask nothing else by themselves
    async_client started{settings};
    struct way {
        bool up;
        bool down;
    };
    for (const way lost : {way{true, true}, way{true, false}, way{false, true}}) {
        SCOPED_TRACE(std::string{lost.up ? "up" : ""} + (lost.down ? " down" : ""));
        waiting.execute(set(key, "5"));
        EXPECT_EQ(started.execute(get(key), asio::use_future).get(), "5");
        const auto losses = seen->losses().size();
        proxy.forget_open(lost.up, lost.down);
        // A read is had by the next connection; of a command that counts nobody knows.
        auto read = started.execute(get(key), asio::use_future);
        auto counted = started.try_execute(incr(key), asio::use_future);
        EXPECT_EQ(waiting.execute(get(key)).value().substr(0, 1), lost.up ? "5" : "6");
        EXPECT_FALSE(read.get()->empty());
        const auto outcome = counted.get();
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error(), errc::connection_lost) << outcome.error().message();
        EXPECT_TRUE(outcome.error().may_have_run());
        EXPECT_NE(outcome.error().message().find("although the node is well"), std::string::npos)
            << outcome.error().message();
        EXPECT_EQ(held(key), lost.up ? "5" : "6");
        EXPECT_EQ(losses_since(losses, "nothing comes by this connection any more, although the node is well"), 2);
        proxy.clear();
    }
}

TEST_F(connection_fault, node_that_has_paused_its_clients_is_waited_for) {
    settings.command_timeout = stretched(60s);
    settings.connect_timeout = stretched(500ms);
    async_cluster of_nodes{settings};
    settings.seeds = {{"127.0.0.1", proxy.port()}};
    async_client of_one{settings};
    std::int64_t count = 0;
    const auto expect_waited_for = [&](async_client& client, const std::string& what) {
        EXPECT_EQ(client.execute(incr(key), asio::use_future).get(), ++count);
        const std::chrono::milliseconds pause{stretched(2500ms)};
        node.admin()({"CLIENT", "PAUSE", std::to_string(pause.count()), what});
        const auto outcome = client.try_execute(incr(key), asio::use_future).get();
        ASSERT_TRUE(outcome) << outcome.error().message();
        EXPECT_EQ(*outcome, ++count);
    };
    expect_waited_for(of_one, "WRITE");
    expect_waited_for(of_nodes, "WRITE");
    EXPECT_TRUE(seen->losses().empty());
    expect_waited_for(of_one, "ALL");  // who would ask it is not let in
}

TEST_F(connection_fault, node_that_does_not_tell_of_its_clients_is_asked_once) {
    settings.command_timeout = stretched(3s);
    settings.connect_timeout = stretched(100ms);
    settings.seeds = {{"127.0.0.1", proxy.port()}};
    async_client client{settings};
    client.execute(set(key, "5"), asio::use_future).get();
    auto admin = node.admin();
    admin({"ACL", "SETUSER", "default", "-client|list"});
    admin({"CONFIG", "RESETSTAT"});
    proxy.forget_open(true, true);
    const auto outcome = client.try_execute(get(key), asio::use_future).get();
    const std::string asked = admin({"INFO", "commandstats"});
    admin({"ACL", "SETUSER", "default", "+client|list"});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error(), errc::timed_out) << outcome.error().message();
    const auto at = asked.find("cmdstat_client|list:");
    ASSERT_NE(at, std::string::npos) << asked;
    EXPECT_NE(asked.substr(at, asked.find('\n', at) - at).find("rejected_calls=1,"), std::string::npos) << asked;
}

TEST_F(connection_fault, other_nodes_do_not_suffer_from_a_silent_one) {
    cluster client{settings};
    client.execute(set(key, "1"));
    client.execute(set(elsewhere, "0"));
    proxy.set([](toxics& now) { now.blackhole_down = true; });
    auto stuck = std::async(std::launch::async, [&] { return client.execute(get(key)); });
    std::chrono::milliseconds slowest{0};
    for (int i = 1; i <= 2000; ++i) {
        const stopwatch watch;
        EXPECT_EQ(client.execute(incr(elsewhere)), i);
        slowest = std::max(slowest, watch.elapsed());
    }
    EXPECT_LT(slowest, stretched(50ms));
    proxy.clear();
    EXPECT_EQ(stuck.get(), "1");
}

// Nothing is asked of it: it would be found dead by the next command, at that command's expense.
TEST_F(connection_fault, connection_that_rests_is_replaced_when_it_has_died) {
    settings.ping_interval = 100ms;
    settings.connect_timeout = stretched(300ms);
    async_cluster client{settings};
    client.execute(set(key, "5"), asio::use_future).get();
    const auto losses = seen->losses().size();
    proxy.set([](toxics& now) { now.blackhole_down = true; });
    poll_until("the connection to be given up",
               [&] { return losses_since(losses, "the node has stopped answering") != 0; });
    proxy.clear();
    EXPECT_EQ(client.execute(incr(key), asio::use_future).get(), 6);
}

TEST_F(connection_fault, connection_that_rests_is_not_asked_if_so_configured) {
    settings.ping_interval = 0ms;
    async_cluster client{settings};
    client.execute(config_resetstat(), on_all_primaries(), asio::use_future).get();
    // Meanwhile one at another node is asked five times.
    auto& other = nodes().node(1);
    settings.ping_interval = 100ms;
    settings.seeds = {{other.host(), other.port()}};
    async_client asking{settings};
    asking.execute(set(elsewhere, "v"), asio::use_future).get();
    poll_until("the other one to be asked", [&] {
        const std::string seen_there = other.admin()({"INFO", "commandstats"});
        const std::string_view name = "cmdstat_ping:calls=";
        const auto at = seen_there.find(name);
        return at != std::string::npos && std::stoi(seen_there.substr(at + name.size())) >= 5;
    });
    EXPECT_EQ(
        client.execute(info({"commandstats"}), on_slot(key_slot(key)), asio::use_future).get().find("cmdstat_ping"),
        std::string::npos);
}

// What was sent behind the question may only be late: it is waited for as long as its caller does.
TEST_F(connection_fault, command_behind_an_unanswered_question_is_not_given_up) {
    settings.ping_interval = 100ms;
    settings.connect_timeout = stretched(1500ms);
    settings.command_timeout = stretched(10s);
    settings.seeds = {{"127.0.0.1", proxy.port()}};
    async_client client{settings};  // which asks nothing else by itself
    client.execute(set(key, "5"), asio::use_future).get();
    const auto losses = seen->losses().size();
    proxy.set([](toxics& now) { now.blackhole_down = true; });
    poll_until("the node to be suspected", [&] {
        const auto all = client.node_statistics();
        return std::any_of(all.begin(), all.end(), [](const node_stats& n) { return n.suspected; });
    });
    auto late = client.execute(incr(key), asio::use_future);
    EXPECT_EQ(late.wait_for(settings.connect_timeout * 3 / 2), std::future_status::timeout);
    const auto all = seen->losses();  // at most of connections by which the silent one was to be looked into
    EXPECT_TRUE(std::all_of(all.begin() + static_cast<std::ptrdiff_t>(losses), all.end(),
                            [](const error& e) { return e.which() == errc::cannot_connect; }));
    proxy.clear();
    EXPECT_EQ(late.get(), 6);
}

}  // namespace valkeyxx::testing
