// A primary that hangs: it is suspected soon, waited for as long as nobody has replaced it, and then left behind. The
// other shards do not notice.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
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
using clock = std::chrono::steady_clock;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 1s}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class suspicions final : public observer {
  public:
    void suspected(const endpoint& node) override {
        const std::lock_guard lock{mutex_};
        suspects_.push_back({node, clock::now()});
    }
    void connected(const endpoint& node, int /*protocol*/) override {
        const std::lock_guard lock{mutex_};
        connections_.push_back(node);
    }
    void disconnected(const endpoint& /*node*/, const error& why) override {
        const std::lock_guard lock{mutex_};
        losses_.push_back(why.text());
    }
    /// When the node was first suspected; the clock's zero if it was not.
    clock::time_point first(const valkey_server& node) const {
        const std::lock_guard lock{mutex_};
        for (const auto& [who, when] : suspects_) {
            if (who.port == node.port()) return when;
        }
        return {};
    }
    std::size_t count() const {
        const std::lock_guard lock{mutex_};
        return suspects_.size();
    }
    auto connections_to(const valkey_server& node) const {
        const std::lock_guard lock{mutex_};
        return std::count_if(connections_.begin(), connections_.end(),
                             [&](const endpoint& e) { return e.port == node.port(); });
    }
    std::vector<std::string> losses() const {
        const std::lock_guard lock{mutex_};
        return losses_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::pair<endpoint, clock::time_point>> suspects_;
    std::vector<endpoint> connections_;
    std::vector<std::string> losses_;
};

class suspicion : public ::testing::Test {
  protected:
    suspicion() {
        nodes().heal();
        let_fail_over_after(stretched(20s));
        nodes().flush_all();
        settings.command_timeout = stretched(10s);
        settings.watcher = seen;
    }
    void TearDown() override {
        nodes().heal();
        let_fail_over_after(stretched(1s));
    }

    /// How long a node may be silent before its replica takes over. It must not where a test says nothing else.
    static void let_fail_over_after(std::chrono::milliseconds time) {
        for (int i = 0; i < nodes().size(); ++i) {
            nodes().node(i).admin()({"CONFIG", "SET", "cluster-node-timeout", std::to_string(time.count())});
        }
    }
    /// Until the client asks nobody by itself any more.
    template <class Client>
    static void calm_down(Client& client, const std::function<void()>& traffic) {
        poll_until("the client to be calm", [&, last = client.statistics().refreshes, watch = stopwatch{}]() mutable {
            traffic();
            if (std::exchange(last, client.statistics().refreshes) != client.statistics().refreshes) watch = {};
            return watch.elapsed() > 700ms;
        });
    }
    /// By then a silent node must be suspected: twice config::suspect_after, and what a busy machine adds.
    std::chrono::milliseconds soon() const { return 2 * settings.suspect_after + stretched(250ms); }
    static int questions(const char* which) {
        int all = 0;
        for (int i = 0; i < nodes().size(); ++i) {
            if (nodes().node(i).is_answering()) all += count_of(nodes().node(i), which).run;
        }
        return all;
    }

    std::shared_ptr<suspicions> seen = std::make_shared<suspicions>();
    config settings = config_for(nodes());
};

}  // namespace

TEST_F(suspicion, falls_on_a_silent_primary_soon_and_the_others_are_asked) {
    cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    valkey_server& heir = nodes().replica(0);
    const std::string key = key_served_by(nodes(), victim, "k:");
    calm_down(client, [&] { client.execute(set(key, "0")); });
    victim.pause();
    forget_counts(nodes());
    const auto begun = clock::now();
    auto call = std::async(std::launch::async, [&] { return client.try_execute(incr(key)); });
    poll_until("the suspicion", [&] { return seen->first(victim) != clock::time_point{}; });
    EXPECT_LE(seen->first(victim) - begun, soon());
    EXPECT_GE(seen->first(victim) - begun, settings.suspect_after);
    poll_until("another node to be asked for the topology", [&] { return questions("cluster|slots") > 0; });
    poll_until("the heir to be asked for its role", [&] { return count_of(heir, "role").run > 0; });
    victim.resume();
    EXPECT_EQ(call.get().value(), 1);
}

TEST_F(suspicion, of_an_asynchronous_client_comes_as_soon) {
    async_cluster client{settings};
    valkey_server& victim = nodes().primary(1);
    const std::string key = key_served_by(nodes(), victim, "k:");
    calm_down(client, [&] { client.execute(set(key, "0"), asio::use_future).get(); });
    victim.pause();
    forget_counts(nodes());
    const auto begun = clock::now();
    auto call = client.execute(incr(key), asio::use_future);
    poll_until("the suspicion", [&] { return seen->first(victim) != clock::time_point{}; });
    EXPECT_LE(seen->first(victim) - begun, soon());
    EXPECT_GE(seen->first(victim) - begun, settings.suspect_after);
    poll_until("another node to be asked for the topology", [&] { return questions("cluster|slots") > 0; });
    victim.resume();
    EXPECT_EQ(call.get(), 1);
}

TEST_F(suspicion, falls_on_nobody_while_all_answer_and_on_nobody_else) {
    async_cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    const std::string stuck = key_served_by(nodes(), victim, "k:");
    const std::string free = key_served_by(nodes(), nodes().primary(1), "f:");
    calm_down(client, [&] { client.execute(set(free, "0"), asio::use_future).get(); });
    EXPECT_EQ(seen->count(), 0U);
    victim.pause();
    auto call = client.execute(incr(stuck), asio::use_future);
    poll_until("the suspicion", [&] {
        client.execute(incr(free), asio::use_future).get();
        return seen->count() > 0;
    });
    for (int i = 0; i < 200; ++i) client.execute(incr(free), asio::use_future).get();
    victim.resume();
    EXPECT_EQ(call.get(), 1);
    EXPECT_EQ(seen->count(), 1U);
    EXPECT_NE(seen->first(victim), clock::time_point{});
}

TEST_F(suspicion, that_proves_wrong_costs_nothing) {
    async_cluster client{settings};
    cluster other{settings};
    valkey_server& victim = nodes().primary(0);
    const std::string key = key_served_by(nodes(), victim, "k:");
    const std::string second = key_served_by(nodes(), victim, "s:");
    calm_down(client, [&] { client.execute(set(key, "0"), asio::use_future).get(); });
    calm_down(other, [&] { other.execute(set(second, "0")); });
    EXPECT_EQ(seen->connections_to(victim), 2);
    for (int round = 1; round <= 2; ++round) {
        victim.pause();
        std::atomic<int> open{200};
        std::atomic<int> failures{0};
        for (int i = 0; i < 200; ++i) {
            client.execute(incr(key), [&](result<std::int64_t> r) {
                if (!r) ++failures;
                --open;
            });
        }
        auto call = std::async(std::launch::async, [&] { return other.try_execute(incr(second)); });
        const auto goal = 2U * static_cast<unsigned>(round);
        poll_until("both to suspect it", [&] { return seen->count() >= goal; });
        EXPECT_EQ(open, 200);
        victim.resume();
        poll_until("all replies", [&] { return open == 0; });
        EXPECT_EQ(failures, 0);
        EXPECT_EQ(call.get().value(), round);
        EXPECT_EQ(client.execute(get(key), asio::use_future).get(), std::to_string(200 * round));
    }
    EXPECT_EQ(seen->losses(), std::vector<std::string>{});
    EXPECT_EQ(seen->connections_to(victim), 2);
    EXPECT_EQ(client.statistics().moved + client.statistics().retries + other.statistics().retries, 0U);
}

namespace {

/// Commands to one key, one after the other, from some threads.
template <class Command>
class stream {
  public:
    stream(cluster& client, const Command& c, int threads) {
        for (int i = 0; i < threads; ++i) {
            pool_.emplace_back([this, &client, c] {
                while (!over_) {
                    const auto begun = clock::now();
                    enter(client.try_execute(c), begun);
                }
            });
        }
    }
    ~stream() { over_ = true; }

    void finish() {
        over_ = true;
        pool_.clear();
    }
    int acknowledged() const { return acknowledged_; }
    int may_have_run() const { return may_have_run_; }
    std::vector<std::string> problems() {
        const std::lock_guard lock{mutex_};
        return problems_;
    }
    /// When the first one that began after this call has succeeded.
    clock::time_point next_success() {
        const auto from = clock::now();
        {
            const std::lock_guard lock{mutex_};
            from_ = from;
            next_ = {};
        }
        poll_until("a success", [&] {
            const std::lock_guard lock{mutex_};
            return next_ != clock::time_point{};
        });
        const std::lock_guard lock{mutex_};
        return next_;
    }

  private:
    template <class R>
    void enter(const result<R>& r, clock::time_point begun) {
        const std::lock_guard lock{mutex_};
        if (r) {
            ++acknowledged_;
            if (begun >= from_ && next_ == clock::time_point{}) next_ = clock::now();
        } else if (r.error().may_have_run()) {
            ++may_have_run_;
        } else {
            problems_.push_back(r.error().message());
        }
    }

    std::mutex mutex_;
    std::atomic<int> acknowledged_{0};
    std::atomic<int> may_have_run_{0};
    std::vector<std::string> problems_;
    clock::time_point from_;
    clock::time_point next_;
    std::atomic<bool> over_{false};
    std::vector<std::jthread> pool_;
};

void print_lag(const char* what, clock::duration lag) {
    std::cout << what << ": " << std::chrono::duration_cast<std::chrono::milliseconds>(lag).count()
              << " ms after the promotion was seen\n";
}

}  // namespace

TEST_F(suspicion, that_proves_right_moves_everything_to_the_new_primary_and_never_back) {
    cluster client{settings};
    valkey_server& victim = nodes().primary(2);
    valkey_server& heir = nodes().replica(2);
    const std::string counter = key_served_by(nodes(), victim, "n:");
    const std::string text = key_served_by(nodes(), victim, "t:");
    client.execute(set(text, "v"));
    client.execute(incr(counter));
    poll_until("the heir to have it all", [&] { return victim.admin()({"WAIT", "1", "500"}) == "1"; });
    let_fail_over_after(500ms);
    victim.pause();
    // From here on whatever is acknowledged is the heir's: it must not be lost.
    stream counts{client, incr(counter), 3};
    stream writes{client, set(text, "w"), 2};
    stream reads{client, get(text), 2};
    poll_until("the promotion", [&] { return heir.role() == "primary"; });
    const auto promoted = clock::now();
    const auto lag = std::max(reads.next_success(), writes.next_success()) - promoted;
    print_lag("reads and repeatable writes", lag);
    EXPECT_LT(lag, stretched(2s));
    print_lag("counters", counts.next_success() - promoted);
    EXPECT_LE(counts.may_have_run(), 3);  // those that were in flight, one for each thread
    // The old primary wakes up, thinks that it is one for a moment, and finds what was in flight to it.
    victim.resume();
    poll_until("traffic", [&, goal = counts.acknowledged() + 500] { return counts.acknowledged() >= goal; });
    poll_until("the old primary to follow", [&] { return victim.role() == "replica"; });
    counts.next_success();
    counts.finish();
    writes.finish();
    reads.finish();
    EXPECT_EQ(reads.problems(), std::vector<std::string>{});
    EXPECT_EQ(reads.may_have_run(), 0);
    EXPECT_EQ(writes.problems(), std::vector<std::string>{});
    EXPECT_EQ(writes.may_have_run(), 0);
    EXPECT_EQ(counts.problems(), std::vector<std::string>{});
    const auto counted = std::stoi(*client.execute(get(counter))) - 1;
    EXPECT_GE(counted, counts.acknowledged());
    EXPECT_LE(counted, counts.acknowledged() + counts.may_have_run());
    EXPECT_EQ(client.node_for(counter)->port, heir.port());
}

TEST_F(suspicion, ends_what_was_in_flight_when_the_node_is_replaced_and_not_at_the_deadline) {
    settings.command_timeout = stretched(60s);
    async_cluster client{settings};
    valkey_server& victim = nodes().primary(1);
    valkey_server& heir = nodes().replica(1);
    const std::string counter = key_served_by(nodes(), victim, "n:");
    const std::string text = key_served_by(nodes(), victim, "t:");
    client.execute(set(text, "v"), asio::use_future).get();
    poll_until("the heir to have it all", [&] { return victim.admin()({"WAIT", "1", "500"}) == "1"; });
    let_fail_over_after(500ms);
    victim.pause();
    std::atomic<int> lost{0};
    std::atomic<int> open{300};
    std::mutex mutex;
    std::vector<std::string> unexpected;
    const auto note = [&](const std::string& what) {
        const std::lock_guard lock{mutex};
        unexpected.push_back(what);
    };
    for (int i = 0; i < 100; ++i) {
        client.execute(incr(counter), [&](result<std::int64_t> r) {
            if (!r && r.error() == errc::connection_lost && r.error().may_have_run()) {
                ++lost;
            } else {
                note(r ? "a reply" : r.error().message());
            }
            --open;
        });
        client.execute(get(text), [&](result<std::optional<std::string>> r) {
            if (!r || !*r) note(r ? "nothing" : r.error().message());
            --open;
        });
        client.execute(set(text, "w"), [&](result<bool> r) {
            if (!r) note(r.error().message());
            --open;
        });
    }
    poll_until("all to end", [&] { return open == 0; });
    EXPECT_EQ(lost, 100);
    EXPECT_EQ(unexpected, std::vector<std::string>{});
    EXPECT_EQ(heir.role(), "primary");
}

TEST_F(suspicion, hanging_shard_takes_no_more_than_its_share) {
    settings.max_in_flight = 100;
    settings.max_in_flight_per_shard = 10;
    async_cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    const std::string stuck = key_served_by(nodes(), victim, "k:");
    const std::string free = key_served_by(nodes(), nodes().primary(1), "f:");
    client.execute(set(stuck, "0"), asio::use_future).get();
    client.execute(set(free, "0"), asio::use_future).get();
    victim.pause();
    std::atomic<int> done{0};
    std::atomic<int> full{0};
    std::atomic<int> other{0};
    const auto to_victim = [&] {
        client.execute(incr(stuck), [&](result<std::int64_t> r) {
            ++(r ? done : r.error() == errc::queue_full && r.error().executed() == executed::no ? full : other);
        });
    };
    for (int i = 0; i < 50; ++i) to_victim();
    poll_until("the refusals", [&] { return full == 40; });
    poll_until("the suspicion", [&] { return seen->count() > 0; });
    for (std::int64_t i = 1; i <= 500; ++i) EXPECT_EQ(client.execute(incr(free), asio::use_future).get(), i);
    for (int i = 0; i < 5; ++i) to_victim();
    poll_until("more refusals", [&] { return full == 45; });
    victim.resume();
    poll_until("the replies", [&] { return done == 10; });
    EXPECT_EQ(client.execute(incr(stuck), asio::use_future).get(), 11);
    EXPECT_EQ(full, 45);
    EXPECT_EQ(other, 0);
}

TEST_F(suspicion, hanging_shard_takes_no_more_bytes_than_its_share) {
    settings.max_bytes_in_flight = 8U << 20U;  // half of it for each shard
    for (const bool connected : {true, false}) {
        SCOPED_TRACE(connected ? "in flight" : "waiting for the connection");
        nodes().flush_all();
        async_cluster client{settings};
        valkey_server& victim = nodes().primary(0);
        const std::string stuck = key_served_by(nodes(), victim, "k:");
        const std::string free = key_served_by(nodes(), nodes().primary(1), "f:");
        client.execute(set(free, "0"), asio::use_future).get();
        if (connected) client.execute(set(stuck, "0"), asio::use_future).get();
        victim.pause();
        const std::string value(256 << 10, 'x');
        std::atomic<int> done{0};
        std::atomic<int> full{0};
        std::atomic<int> other{0};
        std::string why;
        for (int i = 0; i < 100; ++i) {
            client.execute(set(stuck, value), [&](const result<bool>& r) {
                if (r) {
                    ++done;
                } else if (r.error() == errc::queue_full && r.error().executed() == executed::no) {
                    why = r.error().message();  // on the loop's thread alone
                    ++full;
                } else {
                    why = r.error().message();
                    ++other;
                }
            });
        }
        poll_until("the refusals", [&] { return full >= 85; });
        EXPECT_EQ(full, 85) << "15 with what belongs to them are just below 4 MiB";
        EXPECT_NE(why.find("max_bytes_in_flight_per_shard"), std::string::npos) << why;
        const std::string large(3 << 20, 'y');
        for (int i = 0; i < 20; ++i) {
            const auto r = client.try_execute(set(free, large), asio::use_future).get();
            ASSERT_TRUE(r) << r.error().message();
        }
        victim.resume();
        poll_until("the replies", [&] { return done + other == 15; });
        EXPECT_EQ(other, 0) << why;
        // One that is larger than all that may be under way is sent, if it is alone.
        EXPECT_TRUE(client.try_execute(set(stuck, std::string(5 << 20, 'z')), asio::use_future).get());
    }
}

TEST_F(suspicion, hanging_shard_makes_those_wait_that_are_meant_for_it_and_nobody_else) {
    settings.when_full = full_policy::wait;
    settings.max_in_flight = 100;
    settings.max_in_flight_per_shard = 10;
    settings.command_timeout = stretched(30s);
    async_cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    const std::string stuck = key_served_by(nodes(), victim, "k:");
    const std::string free = key_served_by(nodes(), nodes().primary(1), "f:");
    client.execute(set(stuck, "0"), asio::use_future).get();
    client.execute(set(free, "0"), asio::use_future).get();
    victim.pause();
    std::vector<std::int64_t> replies;
    std::atomic<int> ended{0};
    constexpr int count = 2000;
    for (int i = 0; i < count; ++i) {
        client.execute(incr(stuck), [&](result<std::int64_t> r) {
            if (r) replies.push_back(*r);  // on the loop's thread alone
            ++ended;
        });
    }
    poll_until("the suspicion", [&] { return seen->count() > 0; });
    for (std::int64_t i = 1; i <= 500; ++i) EXPECT_EQ(client.execute(incr(free), asio::use_future).get(), i);
    std::atomic<int> others{0};
    for (int i = 0; i < 1000; ++i) {
        client.execute(incr(free), [&](const result<std::int64_t>& r) { others += r ? 1 : 0; });
    }
    poll_until("the others", [&] { return others == 1000; });
    EXPECT_EQ(ended, 0);
    EXPECT_LE(client.statistics().under_way, 10U);
    EXPECT_EQ(client.statistics().waiting_for_room, count - 10U);
    victim.resume();
    poll_until("the replies", [&] { return ended == count; });
    std::vector<std::int64_t> wanted(count);
    std::iota(wanted.begin(), wanted.end(), 1);
    EXPECT_EQ(replies, wanted);
    EXPECT_EQ(client.statistics().under_way, 0U);
}

TEST_F(suspicion, who_waits_for_a_hanging_shard_ends_once_at_the_deadline_or_with_the_client) {
    settings.when_full = full_policy::wait;
    settings.max_in_flight_per_shard = 10;
    const std::string stuck = key_served_by(nodes(), nodes().primary(0), "k:");
    for (const bool closed : {false, true}) {
        SCOPED_TRACE(closed ? "closed" : "too late");
        settings.command_timeout = closed ? stretched(30s) : stretched(500ms);
        valkey_server& victim = nodes().primary(0);
        std::vector<std::atomic<int>> ends(300);
        std::atomic<int> all{0};
        std::atomic<int> without_room{0};
        std::atomic<int> other{0};
        {
            async_cluster client{settings};
            poll_until("a connection",
                       [&] { return client.try_execute(set(stuck, "0"), asio::use_future).get().has_value(); });
            victim.pause();
            for (auto& n : ends) {
                client.execute(incr(stuck), [&](const result<std::int64_t>& r) {
                    if (r || r.error() != (closed ? errc::client_closed : errc::timed_out)) ++other;
                    const bool no_room =
                        !r && r.error().message().find("no room within the deadline") != std::string::npos;
                    if (no_room && r.error().executed() == executed::no) ++without_room;
                    ++n;
                    ++all;
                });
            }
            if (!closed) poll_until("all to end", [&] { return all == 300; });
        }
        EXPECT_EQ(all, 300);
        for (const auto& n : ends) EXPECT_EQ(n, 1);
        EXPECT_EQ(other, 0);
        // Those ten whose replies do not come take their room with them.
        EXPECT_EQ(without_room, closed ? 0 : 290);
        victim.resume();
    }
}

TEST_F(suspicion, threads_wait_for_a_hanging_shard_and_those_of_others_go_on) {
    settings.when_full = full_policy::wait;
    settings.max_in_flight = 8;  // half of it for each shard
    settings.command_timeout = stretched(30s);
    cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    const std::string stuck = key_served_by(nodes(), victim, "k:");
    const std::string free = key_served_by(nodes(), nodes().primary(1), "f:");
    client.execute(set(stuck, "0"));
    client.execute(set(free, "0"));
    victim.pause();
    std::vector<std::future<result<std::int64_t>>> calls;
    for (int i = 0; i < 12; ++i) {
        calls.push_back(std::async(std::launch::async, [&] { return client.try_execute(incr(stuck)); }));
    }
    poll_until("the threads to be there", [&] { return client.statistics().waiting_for_room == 8; });
    for (std::int64_t i = 1; i <= 100; ++i) EXPECT_EQ(client.execute(incr(free)), i);
    victim.resume();
    for (auto& call : calls) EXPECT_TRUE(call.get());
    EXPECT_EQ(client.execute(get(stuck)), "12");
}

TEST_F(suspicion, who_waits_in_line_keeps_the_order_when_the_slot_moves) {
    settings.when_full = full_policy::wait;
    settings.max_in_flight_per_shard = 5;
    settings.command_timeout = stretched(30s);
    async_cluster client{settings};
    valkey_server& from = nodes().primary(0);
    valkey_server& to = nodes().primary(1);
    const std::string key = key_served_by(nodes(), from, "l:");
    client.execute(set(key_served_by(nodes(), to, "o:"), "0"), asio::use_future).get();
    for (int round = 0; round < 5; ++round) {
        client.execute(del(key), asio::use_future).get();
        valkey_server& now = round % 2 == 0 ? from : to;
        valkey_server& next = round % 2 == 0 ? to : from;
        nodes().move_slot(key_slot(key), next);
        now.pause();  // the client does not know yet
        constexpr int count = 1000;
        pipeline all;
        for (int i = 0; i < count; ++i) all.add(rpush(key, std::to_string(i)));
        auto outcome = client.execute(all, asio::use_future);
        now.resume();
        EXPECT_TRUE(outcome.get().ok());
        const auto list = client.execute(lrange(key, 0, -1), asio::use_future).get();
        ASSERT_EQ(list.size(), static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < list.size(); ++i) ASSERT_EQ(list[i], std::to_string(i));
    }
    nodes().move_slot(key_slot(key), from);
}

TEST_F(suspicion, dead_shard_takes_no_more_than_its_share) {
    settings.max_in_flight = 100;
    settings.max_in_flight_per_shard = 10;
    settings.command_timeout = stretched(1500ms);
    async_cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    const std::string stuck = key_served_by(nodes(), victim, "k:");
    const std::string free = key_served_by(nodes(), nodes().primary(1), "f:");
    client.execute(set(stuck, "0"), asio::use_future).get();
    client.execute(set(free, "0"), asio::use_future).get();
    victim.kill9();
    poll_until("the loss", [&] { return !seen->losses().empty(); });  // nothing is sent to it any more
    std::atomic<int> open{0};
    std::atomic<int> full{0};
    std::atomic<int> late{0};
    std::int64_t count = 0;
    // More and more of them for one key, all of which wait for somebody to serve it.
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 20; ++i) {
            ++open;
            client.execute(incr(stuck), [&](result<std::int64_t> r) {
                if (!r) ++(r.error() == errc::queue_full ? full : late);
                --open;
            });
        }
        for (int i = 0; i < 20; ++i) {
            const auto r = client.try_execute(incr(free), asio::use_future).get();
            ASSERT_TRUE(r) << r.error().message();
            EXPECT_EQ(*r, ++count);
        }
        EXPECT_LE(open, 10);
    }
    poll_until("all to end", [&] { return open == 0; });
    EXPECT_EQ(full, 190);
    EXPECT_EQ(late, 10);
}

TEST_F(suspicion, threads_of_one_hanging_shard_are_refused_and_those_of_others_go_on) {
    settings.max_in_flight = 8;  // half of it for each shard
    cluster client{settings};
    valkey_server& victim = nodes().primary(0);
    const std::string stuck = key_served_by(nodes(), victim, "k:");
    const std::string free = key_served_by(nodes(), nodes().primary(1), "f:");
    client.execute(set(stuck, "0"));
    client.execute(set(free, "0"));
    victim.pause();
    std::vector<std::future<result<std::int64_t>>> calls;
    for (int i = 0; i < 4; ++i) {
        calls.push_back(std::async(std::launch::async, [&] { return client.try_execute(incr(stuck)); }));
    }
    poll_until("the shard to be full", [&] { return client.statistics().commands >= 6; });
    const auto refused = client.try_execute(incr(stuck));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::queue_full) << refused.error().message();
    EXPECT_NE(refused.error().message().find("max_in_flight_per_shard"), std::string::npos);
    for (std::int64_t i = 1; i <= 100; ++i) EXPECT_EQ(client.execute(incr(free)), i);
    victim.resume();
    for (auto& call : calls) EXPECT_TRUE(call.get());
    EXPECT_EQ(client.execute(get(stuck)), "4");
}

}  // namespace valkeyxx::testing
