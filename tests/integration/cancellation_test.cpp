// Calls that are given up by way of Asio's cancellation slots: each ends once, gives back what it held, and takes
// nothing with it. No co_await expression here holds a capturing lambda, an initializer list or an aggregate temporary:
// GCC 12 miscompiles those.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;
using asio::cancellation_type;
using asio::use_awaitable;

struct servers {
    valkey_server one;
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = 20s}};
    void wait() {
        one.wait();
        nodes.wait();
    }
};
const auto registered = use_world<servers>();

valkey_server& one() {
    return world<servers>().one;
}
valkey_cluster& nodes() {
    return world<servers>().nodes;
}

/// A call with a signal of its own, and what came of it.
template <class Outcome>
struct pending {
    asio::cancellation_signal stop;
    std::optional<Outcome> outcome;
    int ends = 0;

    /// The token to start it with.
    auto token() {
        return asio::bind_cancellation_slot(stop.slot(), [this](Outcome o) {
            outcome.emplace(std::move(o));
            ++ends;
        });
    }
    [[nodiscard]] bool over() const { return ends != 0; }
    void cancel(cancellation_type type = cancellation_type::terminal) { stop.emit(type); }
    /// That of a cancelled one.
    [[nodiscard]] error why() const {
        EXPECT_EQ(ends, 1);
        if (ends == 0 || *outcome) return error{errc::server_error, "it was not cancelled"};
        return outcome->error();
    }
};
template <class R>
using pending_result = pending<result<R>>;

class cancellation : public ::testing::Test {
  protected:
    cancellation() {
        one().admin()({"FLUSHALL"});
        settings.command_timeout = stretched(20s);
        settings.suspect_after = 60s;  // stopped servers are to be waited for
        settings.connect_timeout = stretched(20s);
        settings.watcher = seen;
    }
    ~cancellation() override {
        one().resume();
        for (int i = 0; i < nodes().shards(); ++i) nodes().node(i).resume();
    }

    config of_cluster() const {
        config c = config_for(nodes());
        c.command_timeout = settings.command_timeout;
        c.suspect_after = settings.suspect_after;
        c.connect_timeout = settings.connect_timeout;
        c.watcher = seen;
        return c;
    }
    /// Turns the loop, which is nobody else's, until then.
    template <class Done>
    void turn_until(std::string_view what, Done done) {
        poll_until(what, [&] {
            turn();
            return done();
        });
    }
    void turn() {
        if (loop.stopped()) loop.restart();
        loop.run_for(1ms);
    }
    /// Connects, so that what is started after that is written.
    template <class Client>
    void connect(Client& c) {
        auto there = c.execute(ping(), asio::use_future);
        turn_until("the connection", [&] { return there.wait_for(0s) == std::future_status::ready; });
        there.get();
    }
    void wait_for_blocked(valkey_server& at, int count) {
        turn_until("clients that wait at the server", [&] {
            const auto text = at.admin()({"INFO", "clients"});
            return text.find("blocked_clients:" + std::to_string(count) + "\r") != std::string::npos;
        });
    }

    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
    config settings{.seeds = {{"127.0.0.1", one().port()}}};
    asio::io_context loop{1};
};

}  // namespace

TEST_F(cancellation, error_is_known_to_the_standard_library) {
    EXPECT_EQ(std::error_code{errc::cancelled}, std::errc::operation_canceled);
    EXPECT_NE(std::error_code{errc::timed_out}, std::errc::operation_canceled);
    EXPECT_EQ(to_string(errc::cancelled), "cancelled");
    EXPECT_EQ(make_error_code(errc::cancelled).message(), "cancelled");
}

TEST_F(cancellation, command_in_flight_ends_at_once_and_its_late_reply_is_dropped) {
    async_client client{loop, settings};
    connect(client);
    one().pause();
    pending_result<std::int64_t> given_up;
    pending_result<std::int64_t> wanted;
    client.execute(incr("n"), given_up.token());
    client.execute(incr("n"), wanted.token());
    turn();
    given_up.cancel();
    EXPECT_FALSE(given_up.over()) << "told from within the signal";
    turn_until("the end of the first one", [&] { return given_up.over(); });
    EXPECT_EQ(given_up.why(), errc::cancelled);
    EXPECT_EQ(given_up.why().executed(), executed::unknown);
    EXPECT_EQ(given_up.why().command(), "INCR");
    EXPECT_EQ(client.statistics().under_way, 1U);
    given_up.cancel();  // there is nothing left to be given up
    one().resume();
    turn_until("the other one", [&] { return wanted.over(); });
    EXPECT_EQ(**wanted.outcome, 2) << "in flight it was not taken back";
    EXPECT_EQ(given_up.ends, 1);
    EXPECT_TRUE(seen->losses().empty());
}

TEST_F(cancellation, others_keep_their_order_and_their_replies) {
    settings.max_in_flight_per_shard = 10'000;
    async_client client{loop, settings};
    connect(client);
    constexpr std::size_t count = 1000;
    one().pause();
    std::vector<pending_result<std::string>> calls(count);
    for (std::size_t i = 0; i < count; ++i) client.execute(echo(std::to_string(i)), calls[i].token());
    turn();
    for (std::size_t i = 1; i < count; i += 2) calls[i].cancel();
    turn_until("every second one", [&] { return calls[count - 1].over(); });
    EXPECT_EQ(client.statistics().under_way, count / 2);
    one().resume();
    turn_until("the others", [&] { return calls[count - 2].over(); });
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(calls[i].ends, 1) << i;
        if (i % 2 == 0) {
            EXPECT_EQ(**calls[i].outcome, std::to_string(i));
        } else {
            EXPECT_EQ(calls[i].why(), errc::cancelled);
        }
    }
    connect(client);  // nothing is left over that the next one could take for its reply
}

TEST_F(cancellation, room_is_free_at_once) {
    settings.max_in_flight = 2;
    settings.max_in_flight_per_shard = 1000;
    settings.when_full = full_policy::wait;
    async_client client{loop, settings};
    connect(client);
    one().pause();
    std::array<pending_result<std::int64_t>, 5> calls;
    for (auto& each : calls) client.execute(incr("n"), each.token());
    turn();
    const auto written = [&] { return client.node_statistics().front().in_flight; };
    EXPECT_EQ(written(), 2U);
    calls[3].cancel();  // at the gate
    turn_until("the one at the gate", [&] { return calls[3].over(); });
    EXPECT_EQ(calls[3].why(), errc::cancelled);
    EXPECT_EQ(calls[3].why().executed(), executed::no);
    calls[0].cancel();  // in flight
    turn_until("who waits to come in", [&] { return written() == 3; });
    EXPECT_TRUE(calls[0].over());
    EXPECT_EQ(client.statistics().under_way, 2U);
    one().resume();
    turn_until("the rest", [&] { return calls[1].over() && calls[2].over() && calls[4].over(); });
    EXPECT_EQ(**calls[4].outcome, 4);
    EXPECT_EQ(client.statistics().under_way, 0U);
}

TEST_F(cancellation, queued_command_is_never_sent) {
    async_client client{loop, settings};
    one().pause();  // the network accepts, nobody shakes hands
    std::array<pending_result<std::int64_t>, 4> calls;
    for (auto& each : calls) client.execute(incr("n"), each.token());
    turn();
    calls[1].cancel();
    calls[3].cancel();
    turn_until("two of them", [&] { return calls[1].over() && calls[3].over(); });
    for (const std::size_t i : {std::size_t{1}, std::size_t{3}}) {
        EXPECT_EQ(calls[i].why(), errc::cancelled);
        EXPECT_EQ(calls[i].why().executed(), executed::no);
    }
    one().resume();
    turn_until("the others", [&] { return calls[0].over() && calls[2].over(); });
    EXPECT_EQ(**calls[0].outcome, 1);
    EXPECT_EQ(**calls[2].outcome, 2);
    EXPECT_EQ(one().admin()({"GET", "n"}), "2");
}

TEST_F(cancellation, command_that_waits_for_a_topology_leaves) {
    for (int i = 0; i < nodes().shards(); ++i) nodes().node(i).pause();  // nobody tells it
    async_cluster client{loop, of_cluster()};
    pending_result<std::int64_t> waits;
    client.execute(incr("n"), waits.token());
    turn_until("it to be tried", [&] { return client.statistics().under_way == 1; });
    waits.cancel(cancellation_type::total);
    turn_until("its end", [&] { return waits.over(); });
    EXPECT_EQ(waits.why(), errc::cancelled);
    EXPECT_EQ(waits.why().executed(), executed::no);
    for (int i = 0; i < nodes().shards(); ++i) nodes().node(i).resume();
}

// TRYAGAIN: half of its keys are here.
TEST_F(cancellation, command_that_waits_for_its_next_try_leaves) {
    nodes().flush_all();
    async_cluster client{loop, of_cluster()};
    pending_result<bool> stored;
    client.execute(mset({{"{cancel}a", "1"}, {"{cancel}b", "2"}}).as<bool>(), stored.token());
    turn_until("the keys", [&] { return stored.over(); });
    const auto slot = key_slot("cancel");
    auto& target = other_primary(nodes(), slot);
    nodes().begin_migration(slot, target);
    ASSERT_EQ(nodes().migrate_keys(slot, target, 1), 1);
    pending_result<std::vector<std::optional<std::string>>> both;
    client.execute(mget("{cancel}a", "{cancel}b"), both.token());
    turn_until("some refusals", [&] { return client.statistics().retries >= 3; });
    both.cancel();
    turn_until("its end", [&] { return both.over(); });
    EXPECT_EQ(both.why(), errc::cancelled);
    EXPECT_EQ(both.why().executed(), executed::no) << "it was refused each time";
    nodes().migrate_keys(slot, target);
    nodes().finish_migration(slot, target);
}

TEST_F(cancellation, blocking_command_that_was_given_up_takes_nothing) {
    settings.max_exclusive_connections = 1;
    async_client client{loop, settings};
    const auto wait_for = [](const char* key) { return blpop({key}, 0s); };
    using popped = pending_result<std::optional<popped_element>>;
    popped first;
    popped second;
    popped third;
    client.execute(wait_for("a"), first.token());
    wait_for_blocked(one(), 1);
    client.execute(wait_for("b"), second.token());  // in line for the connection
    client.execute(wait_for("c"), third.token());
    turn();
    second.cancel(cancellation_type::total);
    first.cancel(cancellation_type::total);  // it may have taken something: no
    turn_until("the one in line", [&] { return second.over(); });
    EXPECT_EQ(second.why(), errc::cancelled);
    EXPECT_EQ(second.why().executed(), executed::no);
    EXPECT_FALSE(first.over());
    first.cancel(cancellation_type::partial);
    turn_until("the first one", [&] { return first.over(); });
    EXPECT_EQ(first.why(), errc::cancelled);
    EXPECT_EQ(first.why().executed(), executed::unknown);
    // Its connection has gone, and the third one has another.
    wait_for_blocked(one(), 1);
    one().admin()({"RPUSH", "a", "x"});
    one().admin()({"RPUSH", "b", "x"});
    one().admin()({"RPUSH", "c", "y"});
    turn_until("the third one", [&] { return third.over(); });
    EXPECT_EQ((**third.outcome)->element, "y");
    EXPECT_EQ(one().admin()({"LLEN", "a"}), "1");
    EXPECT_EQ(one().admin()({"LLEN", "b"}), "1");
    connect(client);
    EXPECT_EQ(client.topology()->shards().size(), 1U);
}

TEST_F(cancellation, total_alone_cancels_what_nobody_can_notice) {
    async_client client{loop, settings};
    connect(client);
    one().pause();
    pending_result<std::int64_t> write;
    pending_result<std::optional<std::string>> read;
    pending<pipeline_result> writes;
    pending<pipeline_result> reads;
    pipeline both;
    both.add(get("n"));
    pipeline mixed = both;
    mixed.add(incr("n"));
    client.execute(incr("n"), write.token());
    client.execute(get("n"), read.token());
    client.execute(mixed, writes.token());
    client.execute(both, reads.token());
    turn();
    write.cancel(cancellation_type::total);
    read.cancel(cancellation_type::total);
    writes.cancel(cancellation_type::total);
    reads.cancel(cancellation_type::total);
    turn_until("the reads", [&] { return read.over() && reads.over(); });
    EXPECT_EQ(read.why(), errc::cancelled);
    EXPECT_EQ(reads.outcome->failure(0), errc::cancelled);
    EXPECT_FALSE(write.over() || writes.over());
    one().resume();
    turn_until("the writes", [&] { return write.over() && writes.over(); });
    EXPECT_EQ(**write.outcome, 1);
    EXPECT_TRUE(writes.outcome->ok());
}

TEST_F(cancellation, session_loses_its_connection_with_the_command_that_was_sent) {
    async_client client{loop, settings};
    auto session = client.new_session();
    pending_result<void> watching;
    session.execute(raw<void>("WATCH", "n"), watching.token());
    turn_until("WATCH", [&] { return watching.over(); });
    one().pause();
    pending_result<std::int64_t> in_flight;
    session.execute(incr("n"), in_flight.token());
    turn();
    in_flight.cancel(cancellation_type::total);
    turn();
    EXPECT_FALSE(in_flight.over());
    in_flight.cancel();
    turn_until("its end", [&] { return in_flight.over(); });
    EXPECT_EQ(in_flight.why(), errc::cancelled);
    EXPECT_EQ(in_flight.why().executed(), executed::unknown);
    EXPECT_FALSE(session.harmless());
    one().resume();
    pending_result<std::int64_t> after;
    session.execute(incr("n"), after.token());
    turn_until("the next one", [&] { return after.over(); });
    EXPECT_EQ(after.why(), errc::connection_lost);

    // One that was given up before it had a connection leaves the session as it is.
    auto fresh = client.new_session();
    one().pause();
    transaction t;
    const auto sum = t.add(incr("m"));
    pending<result<pipeline_result>> queued;
    fresh.execute(t, queued.token());
    turn();
    queued.cancel(cancellation_type::total);
    turn_until("its end", [&] { return queued.over(); });
    EXPECT_EQ(queued.why(), errc::cancelled);
    EXPECT_EQ(queued.why().executed(), executed::no);
    one().resume();
    pending<result<pipeline_result>> done;
    fresh.execute(t, done.token());
    turn_until("the transaction", [&] { return done.over(); });
    ASSERT_TRUE(*done.outcome) << done.outcome->error().message();
    EXPECT_EQ((**done.outcome)[sum].value(), 1);
}

TEST_F(cancellation, transaction_in_flight_leaves_no_reply_to_others) {
    async_client client{loop, settings};
    connect(client);
    one().pause();
    transaction t;
    t.add(incr("n"));
    t.add(incr("n"));
    pending<result<pipeline_result>> given_up;
    pending_result<std::string> wanted;
    client.execute(t, given_up.token());
    client.execute(echo("mine"), wanted.token());
    turn();
    given_up.cancel();
    turn_until("its end", [&] { return given_up.over(); });
    EXPECT_EQ(given_up.why(), errc::cancelled);
    EXPECT_EQ(given_up.why().executed(), executed::unknown);
    one().resume();
    turn_until("the other one", [&] { return wanted.over(); });
    EXPECT_EQ(**wanted.outcome, "mine");
}

TEST_F(cancellation, pipeline_keeps_what_was_answered) {
    settings.max_exclusive_connections = 1;
    async_client client{loop, settings};
    pipeline batch;
    const auto stored = batch.add(set("k", "v"));
    const auto first = batch.add(blpop({"a"}, 0s));
    const auto second = batch.add(blpop({"a"}, 0s));
    pending<pipeline_result> call;
    client.execute(batch, call.token());
    wait_for_blocked(one(), 1);
    turn_until("the answer to the first command", [&] { return client.statistics().under_way == 2; });
    call.cancel();
    turn_until("its end", [&] { return call.over(); });
    EXPECT_EQ(call.ends, 1);
    EXPECT_TRUE((*call.outcome)[stored].value());
    EXPECT_EQ((*call.outcome)[first].error(), errc::cancelled);
    EXPECT_EQ((*call.outcome)[first].error().executed(), executed::unknown);
    EXPECT_EQ((*call.outcome)[second].error(), errc::cancelled);
    EXPECT_EQ((*call.outcome)[second].error().executed(), executed::no);
    EXPECT_EQ(client.statistics().under_way, 0U);
    wait_for_blocked(one(), 0);
    one().admin()({"RPUSH", "a", "x"});
    EXPECT_EQ(one().admin()({"LLEN", "a"}), "1");
}

TEST_F(cancellation, command_for_several_nodes_ends_with_all_its_parts) {
    nodes().flush_all();
    async_cluster client{loop, of_cluster()};
    connect(client);
    valkey_server& silent = nodes().primary(1);
    const auto here = key_served_by(nodes(), nodes().primary(0), "here");
    const auto there = key_served_by(nodes(), silent, "there");
    {
        pending<result<std::vector<node_result<void>>>> all;  // which are connected then
        client.execute_each(raw<void>("PING"), on_all_primaries(), all.token());
        turn_until("all primaries", [&] { return all.over(); });
    }
    silent.pause();
    pending_result<std::int64_t> removed;
    pending<result<std::vector<node_result<std::string>>>> each;
    pending_result<void> targeted;
    client.execute(across_slots(del(here, there)), removed.token());
    client.execute_each(echo("hello"), on_all_primaries(), each.token());
    client.execute(raw<void>("PING"), on_slot(key_slot(there)), targeted.token());
    turn();
    const auto refreshes = client.statistics().refreshes;
    turn_until("the parts that are answered", [&] { return client.statistics().under_way <= 3 + 3; });
    removed.cancel(cancellation_type::total);  // a part of it has run
    each.cancel();
    targeted.cancel();
    turn_until("two of them", [&] { return each.over() && targeted.over(); });
    EXPECT_FALSE(removed.over());
    removed.cancel();
    turn_until("the third one", [&] { return removed.over(); });
    EXPECT_EQ(removed.why(), errc::cancelled);
    EXPECT_EQ(removed.why().executed(), executed::unknown);
    EXPECT_EQ(targeted.why(), errc::cancelled);
    ASSERT_TRUE(*each.outcome);
    ASSERT_EQ((*each.outcome)->size(), 3U);
    int cancelled = 0;
    for (const auto& [node, reply] : **each.outcome) {
        if (reply) {
            EXPECT_EQ(*reply, "hello");
        } else {
            EXPECT_EQ(reply.error(), errc::cancelled);
            EXPECT_EQ(node.port, silent.port());
            ++cancelled;
        }
    }
    EXPECT_EQ(cancelled, 1);
    EXPECT_EQ(client.statistics().under_way, 0U);
    EXPECT_EQ(client.statistics().refreshes, refreshes) << "a cancelled command is no news of the topology";
    EXPECT_TRUE(seen->losses().empty());
    silent.resume();
}

TEST_F(cancellation, scan_goes_on_where_it_was) {
    constexpr int count = 3000;
    {
        auto admin = one().admin();
        for (int i = 0; i < count; ++i) admin({"SET", "k" + std::to_string(i), "v"});
    }
    async_client client{loop, settings};
    auto keys = scan(client);
    using page = std::optional<std::vector<std::string>>;
    std::set<std::string> found;
    for (int pages = 0;; ++pages) {
        const bool disturb = pages % 7 == 1;
        if (disturb) one().pause();
        pending_result<page> next;
        keys.try_next_page(next.token());
        if (disturb) {
            turn();
            next.cancel(cancellation_type::total);
            turn_until("the end of the call", [&] { return next.over(); });
            EXPECT_EQ(next.why(), errc::cancelled);
            one().resume();
            continue;
        }
        turn_until("a page", [&] { return next.over(); });
        ASSERT_TRUE(*next.outcome) << next.outcome->error().message();
        if (!**next.outcome) break;
        found.insert((**next.outcome)->begin(), (**next.outcome)->end());
    }
    EXPECT_EQ(found.size(), static_cast<std::size_t>(count));

    auto members = sscan(client, "none");
    one().pause();
    pending<result<std::optional<std::string>>> member;
    members.try_next(member.token());
    turn();
    member.cancel();
    turn_until("the end of the call", [&] { return member.over(); });
    EXPECT_EQ(member.why(), errc::cancelled);
    one().resume();
    pending<result<std::optional<std::string>>> again;
    members.try_next(again.token());
    turn_until("the end of the set", [&] { return again.over(); });
    ASSERT_TRUE(*again.outcome);
    EXPECT_EQ(**again.outcome, std::nullopt);
}

namespace {

using namespace asio::experimental::awaitable_operators;

asio::awaitable<void> blpop_or_timer(async_client& client) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, 20ms};
    auto command = blpop({"list"}, 0s);
    auto popping = client.execute(std::move(command), use_awaitable);
    auto waiting = timer.async_wait(use_awaitable);
    auto either = std::move(popping) || std::move(waiting);
    const auto which = co_await std::move(either);
    EXPECT_EQ(which.index(), 1U);

    // The other way round the timer is cancelled.
    asio::steady_timer later{executor, 1h};
    auto quick = client.execute(get("list-none"), use_awaitable);
    auto slow = later.async_wait(use_awaitable);
    auto both = std::move(quick) || std::move(slow);
    const auto first = co_await std::move(both);
    EXPECT_EQ(first.index(), 0U);
}

template <class T>
asio::awaitable<void> note_failure(asio::awaitable<T> call, std::error_code& why) {
    try {
        co_await std::move(call);
    } catch (const exception& e) {
        why = e.code();
        throw;
    }
}

}  // namespace

TEST_F(cancellation, command_loses_against_a_timer) {
    async_client client{loop, settings};
    auto end = asio::co_spawn(loop, blpop_or_timer(client), asio::use_future);
    turn_until("the coroutine", [&] { return end.wait_for(0s) == std::future_status::ready; });
    EXPECT_NO_THROW(end.get());
    wait_for_blocked(one(), 0);
    one().admin()({"RPUSH", "list", "x"});
    EXPECT_EQ(one().admin()({"LLEN", "list"}), "1");
}

TEST_F(cancellation, coroutine_passes_its_cancellation_on) {
    async_client client{loop, settings};
    async_subscriber silence = client.subscriber({.events = false});
    silence.subscribe("silence");
    const auto expect_cancelled = [&]<class T>(asio::awaitable<T> call, auto begun) {
        asio::cancellation_signal stop;
        std::error_code why;
        bool ended = false;
        asio::co_spawn(loop, note_failure(std::move(call), why),
                       asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) { ended = e != nullptr; }));
        begun();
        stop.emit(cancellation_type::terminal);
        turn_until("the coroutine", [&] { return ended; });
        EXPECT_EQ(why, errc::cancelled);
        EXPECT_EQ(why, std::errc::operation_canceled);
    };
    expect_cancelled(client.execute(blpop({"list"}, 0s), use_awaitable), [&] { wait_for_blocked(one(), 1); });
    expect_cancelled(silence.next(use_awaitable), [&] { turn(); });
    one().pause();
    silence.subscribe("more");
    expect_cancelled(silence.ready(use_awaitable), [&] { turn(); });
}

TEST_F(cancellation, signal_after_the_end_is_harmless) {
    auto client = std::make_unique<async_client>(loop, settings);
    connect(*client);
    one().pause();
    pending_result<std::int64_t> closed;
    pending_result<std::int64_t> destroyed;
    client->execute(incr("n"), closed.token());
    client->execute(incr("n"), destroyed.token());
    turn();
    client->close();
    closed.cancel();  // its end is on its way
    client.reset();
    destroyed.cancel();
    turn_until("both", [&] { return closed.over() && destroyed.over(); });
    EXPECT_EQ(closed.why(), errc::client_closed);
    EXPECT_EQ(destroyed.why(), errc::client_closed);
    closed.cancel();
    one().resume();

    // A handler that is never called, since nobody turns the loop any more.
    pending_result<std::int64_t> orphan;
    {
        asio::io_context short_lived;
        async_client another{short_lived, settings};
        another.execute(incr("n"), orphan.token());
    }
    EXPECT_EQ(orphan.ends, 0);
    orphan.cancel();
}

namespace {

/// Starts one call after the other and cancels at random moments, all on a strand of its own.
class disturber : public std::enable_shared_from_this<disturber> {
  public:
    struct totals {
        std::atomic<int> started = 0;  // increments
        std::atomic<int> confirmed = 0;
        std::atomic<int> may_have_run = 0;
        std::atomic<int> calls = 0;
        std::atomic<int> ends = 0;
        std::atomic<int> cancelled = 0;
        std::atomic<int> strange = 0;  // neither answered nor cancelled
    };

    disturber(asio::io_context& loop, async_cluster& client, totals& all, unsigned seed, int calls)
        : strand_{asio::make_strand(loop)}, timer_{strand_}, client_{client}, all_{all}, random_{seed}, left_{calls} {}

    void start() {
        asio::post(strand_, [self = shared_from_this()] { self->next(); });
    }

  private:
    template <class Outcome>
    auto then(void (disturber::*look)(const Outcome&)) {
        auto handler = [self = shared_from_this(), look](Outcome o) {
            ++self->all_.ends;
            ((*self).*look)(o);
            self->next();
        };
        return asio::bind_executor(strand_, asio::bind_cancellation_slot(stop_.slot(), std::move(handler)));
    }

    void next() {
        if (left_-- == 0) {
            timer_.cancel();
            return;
        }
        ++all_.calls;
        switch (random_() % 5) {
            case 0:
                client_.try_execute(across_slots(mget("a", "b", "c")),
                                    then<result<std::vector<std::optional<std::string>>>>(&disturber::count_read));
                break;
            case 1:
                client_.try_execute(blpop({"nothing"}, 1ms),
                                    then<result<std::optional<popped_element>>>(&disturber::count_read));
                break;
            case 2: {
                pipeline both;
                both.add(incr("n"));
                both.add(incr("n"));
                all_.started += 2;
                client_.execute(std::move(both), then<pipeline_result>(&disturber::count_pipeline));
                break;
            }
            default:
                ++all_.started;
                client_.try_execute(incr("n"), then<result<std::int64_t>>(&disturber::count_increment));
        }
        const auto delay = std::chrono::microseconds{random_() % 400};
        if (delay < 50us) {
            stop_.emit(cancellation_type::all);  // before it got to the loop, perhaps
        } else {
            timer_.expires_after(delay);
            timer_.async_wait([self = shared_from_this()](boost::system::error_code) {
                self->stop_.emit(cancellation_type::terminal);  // whatever is under way by then
            });
        }
    }

    void count(const error* why) {
        if (why == nullptr) return;
        ++(*why == errc::cancelled ? all_.cancelled : all_.strange);
    }
    void count_increment(const error* why) {
        count(why);
        if (why == nullptr) {
            ++all_.confirmed;
        } else if (why->may_have_run()) {
            ++all_.may_have_run;
        }
    }
    template <class R>
    void count_read(const result<R>& r) {
        count(r ? nullptr : &r.error());
    }
    void count_increment(const result<std::int64_t>& r) { count_increment(r ? nullptr : &r.error()); }
    void count_pipeline(const pipeline_result& done) {
        for (std::size_t i = 0; i < done.size(); ++i) count_increment(done.failed(i) ? &done.failure(i) : nullptr);
    }

    asio::strand<asio::io_context::executor_type> strand_;
    asio::steady_timer timer_;
    async_cluster& client_;
    totals& all_;
    std::minstd_rand random_;
    asio::cancellation_signal stop_;
    int left_;
};

void storm(bool on_the_same_loop) {
    nodes().flush_all();
    constexpr int strands = 16;
    constexpr int calls = 400;
    config c = config_for(nodes());
    c.command_timeout = stretched(20s);
    c.max_in_flight = 12;
    c.max_in_flight_per_shard = 10'000;  // what was given up counts until its reply comes
    c.when_full = full_policy::wait;
    asio::io_context loop;
    auto client = on_the_same_loop ? async_cluster{loop, c} : async_cluster{c};
    disturber::totals all;
    for (unsigned i = 0; i < strands; ++i) std::make_shared<disturber>(loop, client, all, i + 1, calls)->start();
    {
        const auto work = asio::make_work_guard(loop);
        std::vector<std::jthread> pool;
        for (int i = 0; i < 4; ++i) pool.emplace_back([&] { loop.run(); });
        poll_until(
            "all calls to end", [&] { return all.ends == strands * calls; }, 120s);
        client.close();
        loop.stop();
    }
    EXPECT_EQ(all.calls, all.ends);
    EXPECT_EQ(all.strange, 0);
    EXPECT_GT(all.cancelled, 0);
    EXPECT_GT(all.confirmed, 0);
    EXPECT_EQ(client.statistics().under_way, 0U);
    const auto text = nodes().node_serving(key_slot("n")).admin()({"GET", "n"});
    const int ran = text.empty() ? 0 : std::stoi(text);
    EXPECT_GE(ran, all.confirmed);
    EXPECT_LE(ran, all.confirmed + all.may_have_run) << "one ran of which it was said that it did not";
    EXPECT_LE(ran, all.started);
}

}  // namespace

TEST_F(cancellation, storm_of_signals_on_the_loop_of_the_client) {
    storm(true);
}

TEST_F(cancellation, storm_of_signals_in_other_threads_than_the_client) {
    storm(false);
}

}  // namespace valkeyxx::testing
