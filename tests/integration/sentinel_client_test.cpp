// Clients of a service that real sentinels watch: finding the primary and the replicas, and following a failover.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/sentinel_world.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>
#include <valkeyxx/lock.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    sentinel_set three;
    sentinel_set guarded{
        {.sentinels = 1, .replicas = 1, .name = "guarded", .password = "secret", .sentinel_password = "watch"}};
    valkey_server lone;
    void wait() {
        lone.wait();
        three.wait();
        guarded.wait();
    }
};

const auto registered = use_world<servers>();

sentinel_set& three() {
    return world<servers>().three;
}

std::string where(const valkey_server& s) {
    return "127.0.0.1:" + std::to_string(s.port());
}

std::string primary_of(const client& c) {
    const auto map = c.topology();
    return map->shards().empty() ? std::string{} : map->shards()[0].primary.address.text();
}

// Connections of this library to each sentinel of three().
std::vector<int> connections_to_sentinels() {
    std::vector<int> all;
    for (int i = 0; i < three().sentinels(); ++i) {
        const std::string clients = three().sentinel(i).admin()({"CLIENT", "LIST"});
        constexpr std::string_view mark = "lib-name=valkeyxx";
        int count = 0;
        for (auto at = clients.find(mark); at != std::string::npos; at = clients.find(mark, at + 1)) ++count;
        all.push_back(count);
    }
    return all;
}

void wait_for_connections(int each) {
    const std::vector<int> wanted(static_cast<std::size_t>(three().sentinels()), each);
    poll_until(std::to_string(each) + " connection(s) to each sentinel",
               [&] { return connections_to_sentinels() == wanted; });
}

// The sentinels of three() watch one more service, as long as this lives.
class other_service {
  public:
    other_service() {
        for (int i = 0; i < three().sentinels(); ++i) {
            three().sentinel(i).admin()(
                {"SENTINEL", "MONITOR", "other", "127.0.0.1", std::to_string(world<servers>().lone.port()), "2"});
        }
        poll_until("the sentinels to meet", [] {
            return three().sentinel(0).admin()({"SENTINEL", "CKQUORUM", "other"}).starts_with("OK 3");
        });
    }
    other_service(const other_service&) = delete;
    other_service& operator=(const other_service&) = delete;
    ~other_service() {
        for (int i = 0; i < three().sentinels(); ++i) {
            three().sentinel(i).admin().call({"SENTINEL", "REMOVE", "other"});
        }
    }
    config settings() const {
        config c = config_for(three());
        c.service = "other";
        return c;
    }
};

}  // namespace

TEST(sentinel_client, finds_the_primary_and_runs_everything_there) {
    client waiting{config_for(three())};
    async_client started{config_for(three())};
    waiting.execute(set("k", "v"));
    EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "v");
    EXPECT_EQ(three().primary().admin()({"GET", "k"}), "v");
    EXPECT_EQ(waiting.execute(raw<std::vector<std::string>>("MGET", "k", "k")), (std::vector<std::string>{"v", "v"}));
    waiting.execute(raw("MSET", "a", "1", "b", "2"));
    EXPECT_EQ(waiting.execute(ping()), "PONG");
    pipeline batch;
    const auto n = batch.add(incr("n"));
    const auto size = batch.add(dbsize());
    const auto done = waiting.execute(batch);
    EXPECT_EQ(done[n].value(), 1);
    EXPECT_GE(done[size].value(), 4);
    const auto map = waiting.topology();
    ASSERT_EQ(map->shards().size(), 1U);
    EXPECT_EQ(map->shards()[0].primary.address.text(), where(three().primary()));
    EXPECT_EQ(map->shards()[0].replicas.size(), 2U);
    const auto roles = waiting.execute_each(raw("ROLE"), on_all_nodes());
    EXPECT_EQ(roles.size(), 3U);
    for (const auto& [node, role] : roles) EXPECT_TRUE(role) << node.text() << ": " << role.error().message();
    waiting.execute(flushall());
}

TEST(sentinel_client, one_sentinel_that_is_named_is_enough_and_the_others_are_learned) {
    config c = config_for(three());
    c.seeds.resize(1);
    async_client started{c};
    started.execute(set("k", "v"), asio::use_future).get();
    // The one that was named dies: the others are asked, and listened to.
    three().sentinel(0).kill9();
    auto& old = three().primary();
    three().sentinel(1).admin()({"SENTINEL", "FAILOVER", three().name()});
    three().wait_replaced(old);
    started.execute(set("k", "w"), asio::use_future).get();
    EXPECT_EQ(started.topology()->shards()[0].primary.address.text(), where(three().primary()));
    EXPECT_EQ(three().primary().admin()({"GET", "k"}), "w");
    three().heal();
}

TEST(sentinel_client, dead_sentinels_among_the_named_are_no_obstacle) {
    valkey_server dead;
    config c = config_for(three());
    c.seeds.insert(c.seeds.begin(), {"127.0.0.1", 1});
    client waiting{c};
    EXPECT_EQ(waiting.execute(echo("x")), "x");
}

TEST(sentinel_client, says_why_there_is_no_primary) {
    const auto failure = [](config c) {
        client waiting{std::move(c)};
        const stopwatch time;
        const auto r = waiting.try_execute(get("k"));
        EXPECT_LT(time.elapsed(), stretched(3s)) << "it need not wait for the deadline";
        if (r) return std::string{"it found one"};
        EXPECT_EQ(r.error().which(), errc::no_topology);
        return r.error().message();
    };
    config unknown = config_for(three());
    unknown.service = "nobody";
    EXPECT_NE(failure(unknown).find("No such master with that name"), std::string::npos) << failure(unknown);
    config nowhere = config_for(three());
    nowhere.seeds = {{"127.0.0.1", 1}, {"127.0.0.1", 2}};
    EXPECT_NE(failure(nowhere).find("127.0.0.1:2"), std::string::npos) << failure(nowhere);
    config no_sentinel = config_for(three());
    no_sentinel.seeds = {{"127.0.0.1", world<servers>().lone.port()}};
    EXPECT_NE(failure(no_sentinel).find("unknown command"), std::string::npos) << failure(no_sentinel);
}

TEST(sentinel_client, waits_for_enough_other_sentinels_and_says_so) {
    config c = config_for(three(), "?min_other_sentinels=2");
    client good{c};
    EXPECT_EQ(good.execute(echo("x")), "x");
    c.min_other_sentinels = 3;
    c.command_timeout = 300ms;
    client strict{c};
    const auto r = strict.try_execute(echo("x"));
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().which(), errc::timed_out);
    EXPECT_NE(r.error().text().find("2 other sentinels, and 3 are asked for"), std::string::npos) << r.error().text();
}

TEST(sentinel_client, passwords_of_sentinels_are_not_those_of_servers) {
    auto& set = world<servers>().guarded;
    config c = config_for(set, "?sentinel_password=watch");
    c.password = "secret";
    client waiting{c};
    waiting.execute(valkeyxx::commands::set("k", "v"));
    EXPECT_EQ(waiting.execute(get("k")), "v");
    c.sentinel_password = "guessed";
    client wrong{c};
    const auto r = wrong.try_execute(get("k"));
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().message().find("WRONGPASS"), std::string::npos) << r.error().message();
    EXPECT_EQ(r.error().message().find("guessed"), std::string::npos);
    c.sentinel_password = "watch";
    c.password = "guessed";
    c.command_timeout = 500ms;
    client also_wrong{c};
    const auto s = also_wrong.try_execute(get("k"));
    ASSERT_FALSE(s);
    EXPECT_NE(s.error().message().find("WRONGPASS"), std::string::npos) << s.error().message();
}

TEST(sentinel_client, addresses_are_translated) {
    std::set<std::string> seen;
    config c = config_for(three());
    c.address_remap = [&seen](const endpoint& at) {
        seen.insert(at.text());
        return endpoint{"localhost", at.port};
    };
    client waiting{c};
    EXPECT_EQ(waiting.execute(echo("x")), "x");
    EXPECT_EQ(waiting.topology()->shards()[0].primary.address.host, "localhost");
    EXPECT_TRUE(seen.contains(where(three().primary())));
}

TEST(sentinel_client, speaks_resp2_and_then_does_not_listen) {
    client waiting{config_for(three(), "?protocol=2")};
    EXPECT_EQ(waiting.execute(echo("x")), "x");
    for (int i = 0; i < three().sentinels(); ++i) {
        const auto clients = three().sentinel(i).admin()({"CLIENT", "LIST"});
        EXPECT_EQ(clients.find("lib-name=valkeyxx resp=2 sub=1"), std::string::npos) << clients;
    }
}

TEST(sentinel_client, reads_come_from_replicas_if_told_so_and_from_the_primary_at_last) {
    client writes{config_for(three())};
    writes.execute(set("k", "v"));
    for (int i = 0; i < 2; ++i) {
        poll_until("the replica to have it", [&] { return three().replica(i).admin()({"GET", "k"}) == "v"; });
    }
    const auto gets = [](valkey_server& s) {
        const std::string text = s.admin()({"INFO", "commandstats"});
        const auto at = text.find("cmdstat_get:calls=");
        return at == std::string::npos ? 0 : std::stoi(text.substr(at + 18));
    };
    for (const char* how : {"prefer_replica", "round_robin", "random", "lowest_latency"}) {
        std::vector<int> before;
        for (int i = 0; i < three().servers(); ++i) before.push_back(gets(three().server(i)));
        client reads{config_for(three(), std::string{"?read_from="} + how)};
        for (int i = 0; i < 60; ++i) EXPECT_EQ(reads.execute(get("k")), "v");
        std::vector<int> served;
        int at_primary = 0;
        for (int i = 0; i < three().servers(); ++i) {
            served.push_back(gets(three().server(i)) - before[static_cast<std::size_t>(i)]);
            if (&three().server(i) == &three().primary()) at_primary = served.back();
        }
        if (std::string{how} == "prefer_replica") {
            EXPECT_EQ(at_primary, 0);
        } else if (std::string{how} == "round_robin") {
            for (const int n : served) EXPECT_GE(n, 15);
        }
        EXPECT_EQ(served[0] + served[1] + served[2], 60) << how;
    }
    // No replica is left: the primary answers, and no read fails.
    client reads{config_for(three(), "?read_from=prefer_replica")};
    EXPECT_EQ(reads.execute(get("k")), "v");
    three().replica(1).kill9();
    three().replica(0).kill9();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(reads.execute(get("k")), "v");
    three().heal();
    // Restarted as replicas of whom they were told when they were first started, they have old data for a moment.
    poll_until("the replicas to be read from again", [&] {
        const int before = gets(three().primary());
        const auto found = reads.execute(get("k"));
        return gets(three().primary()) == before && found == "v";
    });
}

TEST(sentinel_client, follows_one_failover_after_the_other_waiting_and_not) {
    client waiting{config_for(three())};
    async_client started{config_for(three())};
    started.execute(echo("x"), asio::use_future).get();
    for (int i = 0; i < 3; ++i) {
        waiting.execute(set("round", std::to_string(i)));
        three().failover();
        const std::string now = std::to_string(i) + " after";
        poll_until("who hears of it to follow",
                   [&] { return started.topology()->shards()[0].primary.address.text() == where(three().primary()); });
        waiting.execute(set("waiting", now));
        started.execute(set("started", now), asio::use_future).get();
        EXPECT_EQ(three().primary().admin()({"GET", "waiting"}), now);
        EXPECT_EQ(three().primary().admin()({"GET", "started"}), now);
        EXPECT_EQ(waiting.topology()->shards()[0].primary.address.text(), where(three().primary()));
        three().wait();
    }
}

TEST(sentinel_client, follows_without_announcements_too) {
    client waiting{config_for(three(), "?sentinel_events=no")};
    async_client started{config_for(three(), "?sentinel_events=no&protocol=2")};
    waiting.execute(set("k", "v"));
    three().failover();
    poll_until("both to follow", [&] {
        waiting.execute(set("waiting", "there"));
        started.execute(set("started", "there"), asio::use_future).get();
        return waiting.topology()->shards()[0].primary.address.text() == where(three().primary()) &&
               started.topology()->shards()[0].primary.address.text() == where(three().primary());
    });
    EXPECT_EQ(three().primary().admin()({"GET", "waiting"}), "there");
    three().heal();
}

TEST(sentinel_client, goes_on_without_any_sentinel) {
    client waiting{config_for(three())};
    waiting.execute(set("k", "v"));
    for (int i = 0; i < three().sentinels(); ++i) three().sentinel(i).kill9();
    const stopwatch time;
    for (int i = 0; i < 200; ++i) waiting.execute(incr("n"));
    EXPECT_LT(time.elapsed(), stretched(2s));
    three().heal();
}

TEST(sentinel_client, old_primary_is_left_at_once) {
    async_client started{config_for(three())};
    started.execute(set("k", "v"), asio::use_future).get();
    auto& old = three().primary();
    three().sentinel(0).admin()({"SENTINEL", "FAILOVER", three().name()});
    poll_until("the client to know",
               [&] { return started.topology()->shards()[0].primary.address.port != old.port(); });
    const std::string clients = old.admin()({"CLIENT", "LIST", "TYPE", "NORMAL"});
    EXPECT_EQ(clients.find("lib-name=valkeyxx"), std::string::npos) << clients;
    three().heal();
}

TEST(sentinel_sharing, without_it_each_client_has_its_own_connections) {
    const other_service other;
    client orders{config_for(three())};
    client users{other.settings()};
    orders.execute(echo("x"));
    users.execute(echo("x"));
    wait_for_connections(2);
}

TEST(sentinel_sharing, clients_of_all_services_listen_by_one_connection_to_each_sentinel) {
    const other_service other;
    config orders = config_for(three());
    config users = other.settings();
    orders.shared_sentinels = users.shared_sentinels = std::make_shared<sentinel_link>(orders);
    {
        client waiting{orders};
        async_client started{orders};
        async_client reads_too{users};
        client in_between{users};
        waiting.execute(set("k", "v"));
        EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "v");
        EXPECT_EQ(in_between.execute(echo("x")), "x");
        EXPECT_EQ(reads_too.execute(raw<std::string>("INFO", "server"), asio::use_future)
                          .get()
                          .find("tcp_port:" + std::to_string(world<servers>().lone.port())) != std::string::npos,
                  true);
        wait_for_connections(1);

        auto* old = &three().primary();
        three().failover();
        poll_until("who hears of it to follow",
                   [&] { return started.topology()->shards()[0].primary.address.text() == where(three().primary()); });
        EXPECT_NE(where(*old), where(three().primary()));
        waiting.execute(set("k", "w"));
        EXPECT_EQ(three().primary().admin()({"GET", "k"}), "w");
        EXPECT_EQ(primary_of(in_between), where(world<servers>().lone)) << "another service";
        EXPECT_EQ(connections_to_sentinels(), (std::vector{1, 1, 1}));

        // What is lost is made anew, for all, and listened to again.
        for (int i = 0; i < three().sentinels(); ++i) {
            three().sentinel(i).admin()({"CLIENT", "KILL", "TYPE", "pubsub"});
        }
        wait_for_connections(1);
        three().wait();
        three().failover();
        poll_until("who hears of it to follow",
                   [&] { return started.topology()->shards()[0].primary.address.text() == where(three().primary()); });
        EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "w");
        EXPECT_EQ(waiting.execute(get("k")), "w");
        wait_for_connections(1);
    }
    wait_for_connections(1);  // it lasts as long as somebody has it
    orders.shared_sentinels.reset();
    users.shared_sentinels.reset();
    wait_for_connections(0);
    three().heal();
}

TEST(sentinel_sharing, clients_that_come_and_go_leave_the_others_alone) {
    config orders = config_for(three());
    orders.shared_sentinels = std::make_shared<sentinel_link>(orders);
    client stays{orders};
    stays.execute(set("k", "v"));
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 10; ++i) {
                // Some of them are gone before the sentinels have answered.
                if ((i + t) % 2 == 0) {
                    async_client brief{orders};
                    brief.try_execute(get("k"), [&](const auto& r) { good += r.has_value() ? 1 : 0; });
                } else {
                    client brief{orders};
                    good += brief.try_execute(get("k")).has_value() ? 1 : 0;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_GE(good, 20) << "those that waited";
    EXPECT_EQ(stays.execute(get("k")), "v");
    wait_for_connections(1);
}

TEST(sentinel_sharing, is_given_to_the_clients_that_are_made_on_an_io_context) {
    const other_service other;
    asio::io_context loop;
    auto busy = asio::make_work_guard(loop);
    std::thread runs{[&loop] { loop.run(); }};
    {
        async_sentinel watch{loop, config_for(three())};
        async_client orders = watch.primary();
        async_client users = watch.primary("other");
        async_client reads = watch.replica();
        orders.execute(set("k", "v"), asio::use_future).get();
        users.execute(echo("x"), asio::use_future).get();
        reads.execute(echo("x"), asio::use_future).get();
        wait_for_connections(1);
    }
    wait_for_connections(0);
    busy.reset();
    runs.join();
}

TEST(sentinel_sharing, sentinels_that_cannot_be_reached_are_told_to_all) {
    config nowhere = config_for(three());
    nowhere.seeds = {{"127.0.0.1", 1}, {"127.0.0.1", 2}};
    nowhere.shared_sentinels = std::make_shared<sentinel_link>(nowhere);
    for (int i = 0; i < 2; ++i) {
        client waiting{nowhere};
        const auto r = waiting.try_execute(get("k"));
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().which(), errc::no_topology);
        EXPECT_NE(r.error().message().find("127.0.0.1:2"), std::string::npos) << r.error().message();
    }
}

TEST(sentinel_client, what_has_a_connection_of_its_own_at_a_replaced_primary_ends_at_once_and_once) {
    config c = config_for(three());
    c.client_name = "exclusive";
    client waiting{config_for(three())};
    waiting.execute(del({"queue"}));
    waiting.execute(set("stock", "5"));
    session watching = waiting.new_session();
    watching.execute(raw("WATCH", "stock"));
    constexpr std::size_t callers = 8;
    std::array<std::atomic<int>, callers> ends{};
    std::mutex mutex;
    std::vector<error> failures;
    auto& old = three().primary();
    {
        async_client started{c};
        for (std::size_t i = 0; i < callers; ++i) {
            started.try_execute(blpop({"queue"}, 0ms), [&, i](const auto& r) {
                ++ends[i];
                const std::lock_guard lock{mutex};
                if (!r) failures.push_back(r.error());
            });
        }
        poll_until("all to wait at the server", [&] {
            return old.admin()({"INFO", "clients"}).find("blocked_clients:8\r") != std::string::npos;
        });
        three().sentinel(0).admin()({"SENTINEL", "FAILOVER", three().name()});
        poll_until("the client to know",
                   [&] { return started.topology()->shards()[0].primary.address.port != old.port(); });
        const std::string clients = old.admin()({"CLIENT", "LIST", "TYPE", "NORMAL"});
        EXPECT_EQ(clients.find("name=exclusive"), std::string::npos) << clients;
        three().wait_replaced(old);
        // Whom the old primary turned away goes on waiting, at the new one.
        for (std::size_t i = 0; i < callers; ++i) started.execute(rpush("queue", "x"), asio::use_future).get();
        poll_until("everybody to be told",
                   [&] { return std::all_of(ends.begin(), ends.end(), [](const auto& n) { return n > 0; }); });
    }
    for (const auto& n : ends) EXPECT_EQ(n, 1);
    for (const error& e : failures) {
        EXPECT_EQ(e.which(), errc::connection_lost) << e.message();
        EXPECT_TRUE(e.may_have_run()) << e.message();
    }
    std::optional<error> gone;
    poll_until("the session to be over", [&] {
        const auto r = watching.try_execute(get("stock"));
        if (!r) gone = r.error();
        return gone && gone->which() == errc::connection_lost;
    });
    EXPECT_FALSE(watching.try_execute(get("stock")));
    session next = waiting.new_session();
    next.execute(raw("WATCH", "stock"));
    transaction t;
    const auto left = t.add(decr("stock"));
    EXPECT_EQ(next.execute(t)[left].value(), 4);
    EXPECT_EQ(three().primary().admin()({"GET", "stock"}), "4");
    three().heal();
}

TEST(sentinel_client, transactions_and_optimistic_ones_go_on_at_the_new_primary) {
    client waiting{config_for(three())};
    waiting.execute(set("n", "0"));
    const auto add = [&waiting] {
        return try_optimistic(waiting, {"n"}, [](session& s, transaction& t) {
            const auto n = s.execute(get("n").as<std::int64_t>());
            t.add(set("n", std::to_string(n + 1)));
        });
    };
    std::atomic<bool> over{false};
    std::vector<error> failures;
    std::atomic<int> done{0};
    std::thread busy{[&] {
        while (!over) {
            const auto r = add();
            if (r) ++done;
            if (!r) failures.push_back(r.error());
        }
    }};
    async_client started{config_for(three())};
    transaction pair;
    pair.add(set("a", "1"));
    const auto read = pair.add(get("a"));
    three().failover();
    for (int i = 0; i < 20; ++i) {
        const auto r = started.try_execute(pair, asio::use_future).get();
        ASSERT_TRUE(r) << r.error().message();
        EXPECT_EQ((*r)[read].value(), "1");
    }
    // What the old primary has said until a moment after the announcement is lost with it.
    poll_until("the waiting client to follow", [&] { return primary_of(waiting) == where(three().primary()); });
    const int before = done;
    poll_until("it to go on", [&] { return done > before + 5; });
    over = true;
    busy.join();
    // Nothing is known of the one that was under way when the old primary was left, and of that one only.
    EXPECT_LE(failures.size(), 1U);
    for (const error& e : failures) {
        EXPECT_EQ(e.which(), errc::connection_lost) << e.message();
        EXPECT_TRUE(e.may_have_run()) << e.message();
    }
    const auto n = waiting.execute(get("n").as<std::int64_t>());
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(add());
    EXPECT_EQ(waiting.execute(get("n").as<std::int64_t>()), n + 10);
    EXPECT_EQ(three().primary().admin()({"GET", "n"}), std::to_string(n + 10));
    three().heal();
}

TEST(sentinel_client, scripts_locks_and_scans_outlive_a_failover) {
    client waiting{config_for(three())};
    waiting.execute(flushall());
    pipeline fill;
    for (int i = 0; i < 3000; ++i) fill.add(set("key" + std::to_string(i), "x"));
    EXPECT_TRUE(waiting.execute(fill).ok());
    const script count{"return redis.call('INCRBY', KEYS[1], ARGV[1])"};
    EXPECT_EQ(waiting.execute(count.call<std::int64_t>({"n"}, {"2"})), 2);
    lock mine{waiting, "l", {.lease = 60s}};
    ASSERT_TRUE(mine.try_acquire());
    auto keys = scan(waiting, {.match = "key*", .count = 100});
    std::set<std::string> seen;
    const auto page = [&] {
        const auto found = keys.next_page();
        if (found) seen.insert(found->begin(), found->end());
        return found.has_value();
    };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(page());
    poll_until("the replicas to have it all", [&] { return waiting.execute(raw<int>("WAIT", "2", "1000")) == 2; });
    three().failover();
    EXPECT_EQ(waiting.execute(count.call<std::int64_t>({"n"}, {"2"})), 4) << "the new primary does not know it yet";
    EXPECT_TRUE(mine.owned());
    EXPECT_TRUE(mine.extend(30s));
    while (page()) {
    }
    EXPECT_EQ(seen.size(), 3000U) << "its cursor meant nothing to the new primary";
    EXPECT_TRUE(mine.release());
    waiting.execute(flushall());
    three().heal();
}

// A primary and a replica, watched by one sentinel: the client finds both, and follows a failover.
void expect_found_and_followed(sentinel_set& set, const config& c, const std::string& host) {
    set.wait();
    EXPECT_EQ(set.primary_as_named(), host + " " + std::to_string(set.primary().port()));
    client waiting{c};
    async_client started{c};
    config reading = c;
    reading.reads = read_from::prefer_replica;
    for (const char* round : {"before", "after"}) {
        waiting.execute(commands::set("waiting", round));
        started.execute(commands::set("started", round), asio::use_future).get();
        EXPECT_EQ(set.primary().admin()({"GET", "waiting"}), round);
        EXPECT_EQ(set.primary().admin()({"GET", "started"}), round);
        client reads{reading};
        poll_until("the replica to be read from", [&] {
            return reads.execute(get("waiting")) == round &&
                   set.replica().admin()({"INFO", "commandstats"}).find("cmdstat_get") != std::string::npos;
        });
        if (round == std::string{"after"}) break;
        set.failover();
        set.wait();
    }
    EXPECT_EQ(set.primary_as_named(), host + " " + std::to_string(set.primary().port()));
}

TEST(sentinel_addresses, are_of_ipv6_as_well) {
    sentinel_set six{{.sentinels = 1, .replicas = 1, .name = "six", .bind = "::1"}};
    six.wait();
    const config c = config_for(six);
    EXPECT_EQ(c.seeds.at(0).host, "::1");
    expect_found_and_followed(six, c, "::1");
}

TEST(sentinel_addresses, are_names_where_sentinels_announce_names) {
    sentinel_set named{{.sentinels = 1,
                        .replicas = 1,
                        .name = "named",
                        .extra = {"--replica-announce-ip", "localhost"},
                        .bind = "127.0.0.1 ::1",
                        .host = "localhost",
                        .sentinel_lines = "sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\n"
                                          "sentinel announce-ip localhost\n"}};
    named.wait();
    config c = config_for(named);
    expect_found_and_followed(named, c, "localhost");
    {
        client waiting{c};
        waiting.execute(echo("x"));
        EXPECT_EQ(waiting.topology()->shards()[0].primary.address.host, "localhost");
    }
    // And they are translated as addresses are, before and after a failover.
    c.address_remap = [](const endpoint& at) { return endpoint{at.host == "localhost" ? "127.0.0.1" : "?", at.port}; };
    client waiting{c};
    waiting.execute(commands::set("remapped", "before"));
    EXPECT_EQ(primary_of(waiting), where(named.primary()));
    named.failover();
    waiting.execute(commands::set("remapped", "after"));
    EXPECT_EQ(primary_of(waiting), where(named.primary()));
    EXPECT_EQ(named.primary().admin()({"GET", "remapped"}), "after");
}

TEST(sentinel_face, finds_primary_and_replicas_and_makes_clients_of_them) {
    sentinel watch{three().url()};
    EXPECT_EQ(watch.find_primary().text(), where(three().primary()));
    EXPECT_EQ(watch.find_replicas().size(), 2U);
    EXPECT_EQ(watch.try_find_primary("nobody").error().which(), errc::no_topology);
    EXPECT_EQ(watch.try_find_replicas("nobody").error().server_code(), "ERR");
    client primary = watch.primary();
    primary.execute(set("k", "v"));
    EXPECT_EQ(three().primary().admin()({"GET", "k"}), "v");
    client replica = watch.replica();
    poll_until("the replica to have it", [&] { return replica.execute(get("k")) == "v"; });
    client writes_too = watch.replica("mymaster");
    writes_too.execute(set("k", "w"));
    EXPECT_EQ(primary.execute(get("k")), "w");

    async_sentinel started{three().url()};
    async_client follower = started.primary();
    EXPECT_EQ(follower.execute(get("k"), asio::use_future).get(), "w");
    EXPECT_EQ(started.execute(sentinel_myid(), asio::use_future).get().size(), 40U);
    EXPECT_EQ(started.replica().execute(echo("x"), asio::use_future).get(), "x");
}

TEST(sentinel_face, runs_the_commands_of_sentinels) {
    config c = config_for(three());
    sentinel watch{c};
    const std::string name = three().name();
    for (const int protocol : {2, 3}) {
        c.protocol = protocol;
        sentinel also{c};
        ASSERT_EQ(also.execute(sentinel_masters()).size(), 1U);
        const auto state = also.execute(sentinel_master(name));
        EXPECT_EQ(state.name, name);
        EXPECT_EQ(state.address.text(), where(three().primary()));
        EXPECT_TRUE(state.flags.primary && !state.flags.s_down && !state.flags.o_down);
        EXPECT_EQ(state.other_sentinels, 2);
        EXPECT_EQ(state.quorum, 2);
        EXPECT_EQ(state.down_after, 1000ms);
        std::vector<sentinel_replica> replicas;
        poll_until("the replicas to be told of the primary", [&] {
            replicas = also.execute(sentinel_replicas(name));
            return replicas.at(0).primary.text() == where(three().primary()) && replicas.at(0).linked;
        });
        ASSERT_EQ(replicas.size(), 2U);
        EXPECT_TRUE(replicas[0].flags.replica && replicas[0].linked && replicas[0].announced);
        EXPECT_EQ(also.execute(sentinel_sentinels(name)).size(), 2U);
        EXPECT_EQ(also.execute(sentinel_get_master_addr_by_name(name))->text(), where(three().primary()));
        EXPECT_EQ(also.execute(sentinel_get_master_addr_by_name("nobody")), std::nullopt);
        EXPECT_EQ(also.execute(sentinel_myid()).size(), 40U);
        EXPECT_TRUE(also.execute(sentinel_ckquorum(name)).starts_with("OK")) << "with its text, not only its truth";
        EXPECT_EQ(also.execute(sentinel_config_get("resolve-hostnames")).at("resolve-hostnames"), "no");
        EXPECT_GE(also.execute(sentinel_info_cache(name)).size(), 2U);
        also.execute(sentinel_pending_scripts());
    }
    watch.execute(sentinel_flushconfig());
    watch.execute(sentinel_config_set("announce-hostnames", "no"));
    watch.execute(commands::sentinel_set(name, "down-after-milliseconds", "1000"));
    const endpoint other{"127.0.0.1", world<servers>().lone.port()};
    watch.execute(sentinel_monitor("other", other, 1));
    EXPECT_EQ(watch.execute(sentinel_masters()).size(), 2U);
    EXPECT_EQ(watch.find_primary("other"), other) << "one sentinel of three watches it";
    EXPECT_EQ(watch.execute(sentinel_reset("other")), 1);
    watch.execute(sentinel_remove("other"));
    EXPECT_EQ(watch.try_execute(sentinel_remove("other")).error().server_code(), "ERR");
    EXPECT_EQ(watch.try_execute(sentinel_failover("nobody")).error().server_code(), "ERR");
    EXPECT_EQ(watch.execute_each(sentinel_myid(), on_all_nodes()).size(), 3U);
}

TEST(sentinel_face, goes_on_with_the_next_sentinel_when_one_dies_or_hangs) {
    for (const bool hangs : {false, true}) {
        sentinel watch{config_for(three())};
        const auto id = watch.execute(sentinel_myid());
        const auto first = watch.topology()->shards()[0].primary.address.port;
        for (int i = 0; i < three().sentinels(); ++i) {
            if (three().sentinel(i).port() != first) continue;
            if (hangs) {
                three().sentinel(i).pause();
            } else {
                three().sentinel(i).kill9();
            }
        }
        EXPECT_NE(watch.execute(sentinel_myid()), id);
        EXPECT_NE(watch.topology()->shards()[0].primary.address.port, first) << "another one is asked first now";
        const stopwatch time;
        for (int i = 0; i < 10; ++i) EXPECT_NE(watch.execute(sentinel_myid()), id);
        EXPECT_LT(time.elapsed(), stretched(500ms));
        three().heal();
    }
}

TEST(sentinel_configuration, that_cannot_be_right_is_refused) {
    EXPECT_THROW(cluster{three().url()}, exception);
    EXPECT_THROW(client{"valkey+sentinel://10.0.0.1"}, exception);
    config c = config_for(three());
    c.min_other_sentinels = -1;
    EXPECT_THROW(client{c}, exception);
    c = config_for(three());
    c.sentinel_username = "ada";
    EXPECT_THROW(client{c}, exception);
}

}  // namespace valkeyxx::testing
