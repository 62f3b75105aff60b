// What happens to commands for which there is no room: they fail at once, or wait for their turn.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/memory.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_server one;
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = 5s}};
    void wait() {
        one.wait();
        nodes.wait();
    }
};
const auto registered = use_world<servers>();

valkey_server& one() {
    return world<servers>().one;
}

class back_pressure : public ::testing::Test {
  protected:
    back_pressure() { one().admin()({"FLUSHALL"}); }
    ~back_pressure() override { one().resume(); }

    static config settings() {
        config c{.seeds = {{"127.0.0.1", one().port()}}};
        c.command_timeout = stretched(10s);
        c.suspect_after = stretched(c.suspect_after);
        return c;
    }
    static config waiting(std::size_t commands) {
        config c = settings();
        c.when_full = full_policy::wait;
        c.max_in_flight = commands;
        return c;
    }
};

}  // namespace

TEST_F(back_pressure, stopped_server_under_full_load_does_not_fill_the_memory) {
    config c = settings();
    c.max_bytes_in_flight = 64U << 20U;
    // It must not be given up: then all would end, and there would be room again.
    c.suspect_after = 60s;
    c.command_timeout = stretched(60s);
    async_client started{c};
    started.execute(ping(), asio::use_future).get();
    one().pause();
    const std::string value(64 << 10, 'x');
    constexpr int count = 20'000;  // 1.2 GiB
    std::atomic<int> done = 0;
    std::atomic<int> full = 0;
    std::atomic<int> other = 0;
    const std::size_t before = resident_bytes();
    std::size_t most = before;
    for (int i = 0; i < count; ++i) {
        started.execute(set("k" + std::to_string(i % 10), value), [&](const auto& r) {
            ++(r ? done : r.error() == errc::queue_full && r.error().executed() == executed::no ? full : other);
        });
        if (i % 100 == 0) most = std::max(most, resident_bytes());
    }
    poll_until("those without room to be told", [&] { return full > 0 && full >= count - 1100; });
    most = std::max(most, resident_bytes());
    one().resume();
    poll_until("all to end", [&] { return done + full + other == count; });
    EXPECT_EQ(other, 0);
    EXPECT_GT(done, 900);
    const auto grown = (most - before) >> 20U;
    std::cout << count << " commands of 64 KiB to a stopped server, 64 MiB allowed: memory grew by " << grown
              << " MiB, " << full << " failed at once, " << done << " were done when it went on\n";
    // What the commands hold, and once more what waits to be written. (Sanitizers keep more.)
    EXPECT_LT(grown, 200U + (stretched(1s) > 1s ? 1000U : 0U));
}

TEST_F(back_pressure, commands_that_were_given_up_do_not_fill_the_memory) {
    config c = settings();
    c.max_bytes_in_flight = 64U << 20U;
    // Not stretched: again and again the whole of what may be under way is given up, long before the connection is.
    c.command_timeout = 100ms;
    c.connect_timeout = 60s;
    c.tcp_user_timeout = 0ms;  // for which a peer that reads nothing is as good as gone
    async_client started{c};
    poll_until("a connection", [&] { return started.try_execute(ping(), asio::use_future).get().has_value(); });
    one().pause();
    const std::string value(64 << 10, 'x');
    constexpr std::size_t wanted = 16'000;  // 1 GiB
    std::atomic<std::size_t> unsent = 0;
    std::atomic<std::size_t> may_have_run = 0;
    std::atomic<std::size_t> full = 0;
    std::atomic<std::size_t> other = 0;
    std::size_t given = 0;
    const std::size_t before = resident_bytes();
    std::size_t most = before;
    const auto end = [&](const result<std::int64_t>& r) {
        if (!r && r.error() == errc::queue_full) {
            ++full;
        } else if (!r && r.error() == errc::timed_out) {
            ++(r.error().executed() == executed::no ? unsent : may_have_run);
        } else {
            ++other;
        }
    };
    poll_until(
        "most of 1 GiB to be given up",
        [&] {
            for (int i = 0; i < 200; ++i, ++given) started.execute(rpush("list", value), end);
            most = std::max(most, resident_bytes());
            return unsent >= wanted;
        },
        60s);
    poll_until("all to end", [&] { return unsent + may_have_run + full + other == given; });
    most = std::max(most, resident_bytes());
    const auto grown = (most - before) >> 20U;
    std::cout << unsent + may_have_run << " commands of 64 KiB were given up after 100 ms each, 64 MiB allowed: memory "
              << "grew by " << grown << " MiB; " << unsent << " were never sent, " << may_have_run << " may have run\n";
    EXPECT_LT(grown, 300U + (stretched(1s) > 1s ? 1000U : 0U));
    EXPECT_EQ(other, 0U);
    one().resume();
    poll_until("it to go on", [&] { return started.try_execute(ping(), asio::use_future).get().has_value(); });
    EXPECT_LE(std::stoul(one().admin()({"LLEN", "list"})), may_have_run);
    EXPECT_EQ(started.statistics().disconnects, 0U);
    EXPECT_EQ(started.statistics().under_way, 0U);
}

TEST_F(back_pressure, error_says_how_much_is_under_way_and_what_to_set) {
    config c = settings();
    c.max_bytes_in_flight = 1000;
    async_client started{c};
    started.execute(ping(), asio::use_future).get();
    one().pause();
    auto large = started.execute(set("k", std::string(5000, 'x')), asio::use_future);  // one may always be
    auto another = started.try_execute(get("k"), asio::use_future);
    const auto r = another.get();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error(), errc::queue_full);
    EXPECT_NE(r.error().message().find("1 commands of 50"), std::string::npos) << r.error().message();
    EXPECT_NE(r.error().message().find("max_bytes_in_flight"), std::string::npos) << r.error().message();
    one().resume();
    large.get();
    EXPECT_EQ(started.execute(get("k"), asio::use_future).get()->size(), 5000U);
}

TEST_F(back_pressure, commands_wait_for_their_turn_and_keep_their_order) {
    for (const bool bytes : {false, true}) {
        config c = waiting(bytes ? 100'000 : 7);
        if (bytes) c.max_bytes_in_flight = 200;
        async_client started{c};
        constexpr int count = 20'000;
        std::atomic<int> ended = 0;
        std::vector<std::int64_t> replies;
        one().admin()({"DEL", "n"});
        for (int i = 0; i < count; ++i) {
            started.execute(incr("n"), [&](const auto& r) {
                if (r) replies.push_back(*r);  // on the loop's thread alone
                ++ended;
            });
        }
        poll_until("all to end", [&] { return ended == count; });
        std::vector<std::int64_t> wanted(count);
        std::iota(wanted.begin(), wanted.end(), 1);
        EXPECT_EQ(replies, wanted);
    }
}

TEST_F(back_pressure, threads_wait_as_well) {
    client shared{waiting(3)};
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) shared.execute(incr("n"));
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(shared.execute(get("n")), "8000");
}

TEST_F(back_pressure, who_waits_for_room_gives_up_at_the_deadline) {
    config c = waiting(2);
    c.command_timeout = stretched(300ms);
    async_client started{c};
    started.execute(ping(), asio::use_future).get();
    one().pause();
    std::vector<std::future<result<std::int64_t>>> all;
    for (int i = 0; i < 10; ++i) all.push_back(started.try_execute(incr("n"), asio::use_future));
    int without_room = 0;
    for (auto& f : all) {
        const auto r = f.get();
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::timed_out) << r.error().message();
        if (r.error().message().find("no room within the deadline") == std::string::npos) continue;
        EXPECT_EQ(r.error().executed(), executed::no);
        ++without_room;
    }
    // Those two whose replies do not come make room for others, just before these are too late as well.
    EXPECT_GE(without_room, 1);
    EXPECT_LE(without_room, 8);
    one().resume();
    poll_until("it to go on", [&] { return started.try_execute(ping(), asio::use_future).get().has_value(); });
    const std::string n = one().admin()({"GET", "n"});
    EXPECT_LE(n.empty() ? 0 : std::stoi(n), 10 - without_room);
}

TEST_F(back_pressure, closing_ends_who_waits_for_room_once) {
    std::vector<std::atomic<int>> ends(100);
    {
        async_client started{waiting(2)};
        started.execute(ping(), asio::use_future).get();
        one().pause();
        for (auto& n : ends) {
            started.execute(incr("n"), [&n](const auto& r) {
                EXPECT_EQ(r.error(), errc::client_closed) << r.error().message();
                ++n;
            });
        }
        EXPECT_EQ(started.statistics().under_way, 2U);
        EXPECT_EQ(started.statistics().waiting_for_room, 98U);
    }
    for (const auto& n : ends) EXPECT_EQ(n, 1);
}

TEST_F(back_pressure, pipelines_and_commands_to_several_nodes_find_room_for_their_parts) {
    config c = config_for(world<servers>().nodes);
    c.when_full = full_policy::wait;
    c.max_in_flight = 2;
    cluster nodes{c};
    nodes.execute(flushall());
    pipeline fill;
    std::vector<std::string> keys;
    for (int i = 0; i < 1000; ++i) {
        keys.push_back("key" + std::to_string(i));
        fill.add(set(keys.back(), std::to_string(i)));
    }
    EXPECT_TRUE(nodes.execute(fill).ok());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i) EXPECT_EQ(nodes.execute(across_slots(mget(keys))).size(), keys.size());
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(nodes.execute(dbsize()), 1000);
}

TEST_F(back_pressure, of_one_shard_has_all_the_room_of_the_client) {
    config c = settings();
    c.max_in_flight = 10;
    async_client started{c};
    started.execute(ping(), asio::use_future).get();
    one().pause();
    std::vector<std::future<result<std::int64_t>>> all;
    for (int i = 0; i < 11; ++i) all.push_back(started.try_execute(incr("n"), asio::use_future));
    EXPECT_EQ(all.back().get().error(), errc::queue_full);
    one().resume();
    for (std::int64_t i = 1; i <= 10; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i - 1)].get().value(), i);
}

TEST_F(back_pressure, one_command_at_a_time_is_room_enough_for_a_connection_to_be_made) {
    config c = settings();
    c.max_in_flight = 1;
    c.max_in_flight_per_shard = 1;
    for (int i = 0; i < 5; ++i) {
        async_client started{c};
        for (std::int64_t n = 1; n <= 20; ++n) {
            const auto r = started.try_execute(incr("n" + std::to_string(i)), asio::use_future).get();
            ASSERT_TRUE(r) << r.error().message();
            EXPECT_EQ(*r, n);
        }
    }
    cluster nodes{[&] {
        config of_cluster = config_for(world<servers>().nodes);
        of_cluster.max_in_flight_per_shard = 1;
        return of_cluster;
    }()};
    for (int i = 0; i < 200; ++i) nodes.execute(set("key" + std::to_string(i), "v"));
}

TEST_F(back_pressure, who_never_ceases_to_try_again_does_not_keep_close_from_returning) {
    std::atomic<int> refusals = 0;
    std::atomic<bool> stop = false;
    std::atomic<int> idle = 0;
    auto started = std::make_unique<async_client>(settings());
    started->execute(ping(), asio::use_future).get();
    std::function<void()> again = [&] {
        started->execute(incr("n"), [&](const auto& r) {
            if (!r) ++refusals;
            if (stop) {
                ++idle;
            } else {
                again();
            }
        });
    };
    constexpr int workers = 3;
    for (int i = 0; i < workers; ++i) again();
    started->close();
    const int before = refusals;
    poll_until("them to go on in the loop", [&] { return refusals > before + 10'000; });
    stop = true;
    poll_until("them to stop", [&] { return idle == workers; });
    started.reset();
    EXPECT_EQ(idle, workers);
}

TEST_F(back_pressure, destructor_tells_a_chain_of_refusals_to_its_end) {
    asio::io_context loop;
    int told = 0;
    std::function<void()> again;  // outlives the client, which calls it to the last
    {
        async_client started{loop, settings()};
        again = [&] {
            started.execute(incr("n"), [&](const auto& r) {
                EXPECT_EQ(r.error(), errc::client_closed);
                if (++told < 1000) again();
            });
        };
        again();
        started.close();
        EXPECT_GE(told, 1);
        EXPECT_LT(told, 1000);
    }
    EXPECT_EQ(told, 1000);
    loop.run();
    EXPECT_EQ(told, 1000);
}

TEST_F(back_pressure, who_tries_again_at_once_does_not_keep_the_loop_from_reading) {
    config c = settings();
    c.max_in_flight = 2;
    async_client started{c};
    started.execute(ping(), asio::use_future).get();
    std::atomic<int> done = 0;
    std::atomic<int> idle = 0;
    std::function<void()> again = [&] {
        started.execute(incr("n"), [&](const auto& r) {
            if (r) ++done;
            if (done < 2000 && (r || r.error() == errc::queue_full)) {
                again();
            } else {
                ++idle;
            }
        });
    };
    constexpr int workers = 8;
    for (int i = 0; i < workers; ++i) again();
    poll_until("all to be done", [&] { return idle == workers; });
    EXPECT_GE(done, 2000);
}

}  // namespace valkeyxx::testing
