// Scans of real servers: nothing is missed while slots migrate and primaries die, cursors go from client to client.
// VALKEYXX_SCAN_KEYS=1000000 makes it a large one.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
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
using asio::use_awaitable;

struct servers {
    valkey_cluster calm{{.shards = 3, .replicas = 0, .node_timeout = 5s}};
    valkey_cluster moving{{.shards = 3, .replicas = 1, .node_timeout = 1s}};
    valkey_server single{};
    void wait() {
        single.wait();
        calm.wait();
        moving.wait();
    }
};
const auto registered = use_world<servers>();

using keys = std::unordered_set<std::string>;

int wanted_keys() {
    const char* wanted = std::getenv("VALKEYXX_SCAN_KEYS");
    return wanted != nullptr ? std::atoi(wanted) : 20'000;
}

// "key:0" ..., each with its own slot, and a few large slots.
keys fill(client& c, int count, const std::string& prefix = "key:") {
    keys all;
    pipeline batch;
    const auto send = [&] {
        const auto done = c.execute(batch);
        done.throw_first_error();
        batch.clear();
    };
    for (int i = 0; i < count; ++i) {
        const std::string name = i % 10 == 0 ? "{large}" + prefix + std::to_string(i) : prefix + std::to_string(i);
        all.insert(name);
        batch.add(set(name, "v"));
        if (batch.size() == 10'000) send();
    }
    if (batch.size() != 0) send();
    return all;
}

template <class Scan>
keys all_of(Scan&& scan, std::size_t* returned = nullptr) {
    keys found;
    std::size_t n = 0;
    for (const std::string& key : scan) {
        found.insert(key);
        ++n;
    }
    if (returned != nullptr) *returned = n;
    return found;
}

void expect_all(const keys& wanted, const keys& found) {
    std::size_t missing = 0;
    for (const auto& key : wanted) {
        if (!found.contains(key) && ++missing < 5) ADD_FAILURE() << key << " is missing";
    }
    EXPECT_EQ(missing, 0U);
}

// The whole world: a cluster that does not change.
struct scan_of_calm_cluster : ::testing::Test {
    scan_of_calm_cluster() {
        nodes.flush_all();
        wanted = fill(client, 3000);
    }
    valkey_cluster& nodes = world<servers>().calm;
    cluster client{config_for(nodes)};
    keys wanted;
};

}  // namespace

TEST_F(scan_of_calm_cluster, finds_each_key_once) {
    std::size_t returned = 0;
    EXPECT_EQ(all_of(scan(client), &returned), wanted);
    EXPECT_EQ(returned, wanted.size());
    for (const std::size_t nodes_at_once : {2U, 3U, 50U}) {
        EXPECT_EQ(all_of(scan(client, {.count = 100, .parallel = nodes_at_once}), &returned), wanted);
        EXPECT_EQ(returned, wanted.size());
    }
}

TEST_F(scan_of_calm_cluster, filters_by_name_and_type) {
    client.execute(sadd("set:1", {"m"}));
    client.execute(sadd("set:2", {"m"}));
    EXPECT_EQ(all_of(scan(client, {.type = "set"})), (keys{"set:1", "set:2"}));
    EXPECT_EQ(all_of(scan(client, {.match = "*:1", .type = "set"})), (keys{"set:1"}));
    EXPECT_EQ(all_of(scan(client, {.match = "key:11*"})).size(), 100U);  // 11, 11x, 11xx, without those in {large}
}

TEST_F(scan_of_calm_cluster, asks_only_one_node_for_a_hash_tag) {
    client.connect();
    const auto before = client.statistics().commands;
    EXPECT_EQ(all_of(scan(client, {.match = "{large}*"})).size(), 300U);
    EXPECT_EQ(all_of(scan(client, {.match = "key:7"})), (keys{"key:7"}));
    EXPECT_LT(client.statistics().commands - before, 20U);
}

TEST_F(scan_of_calm_cluster, goes_on_in_another_client_after_every_page) {
    keys found;
    std::string cursor;
    std::size_t returned = 0;
    int pages = 0;
    do {
        cluster another{config_for(nodes)};
        auto part = scan(another, {.count = 50, .parallel = 2, .cursor = cursor});
        if (auto page = part.next_page()) {
            returned += page->size();
            found.insert(page->begin(), page->end());
        }
        cursor = part.cursor();
        EXPECT_EQ(cursor == "0", part.finished());
        ASSERT_LT(++pages, 500);
    } while (cursor != "0");
    EXPECT_EQ(found, wanted);
    EXPECT_EQ(returned, wanted.size());
    EXPECT_GT(pages, 20);
}

TEST_F(scan_of_calm_cluster, repeats_a_page_that_was_not_read_to_its_end) {
    auto first = scan(client, {.count = 100});
    keys found;
    for (int i = 0; i < 130; ++i) found.insert(first.next().value());
    const auto rest = all_of(scan(client, {.cursor = first.cursor()}));
    EXPECT_GT(rest.size() + found.size(), wanted.size());
    found.insert(rest.begin(), rest.end());
    EXPECT_EQ(found, wanted);
}

TEST_F(scan_of_calm_cluster, refuses_cursors_that_are_not_its_own) {
    auto some = scan(client, {.match = "key:*", .count = 10});
    ASSERT_TRUE(some.next_page());
    const std::string good = some.cursor();
    const auto refused = [this](const std::string& cursor, std::string_view match) -> std::string {
        try {
            auto never = scan(client, {.match = match, .cursor = cursor});
        } catch (const exception& e) {
            EXPECT_EQ(e.error().which(), errc::invalid_argument);
            return e.error().text();
        }
        return "accepted";
    };
    EXPECT_EQ(refused(good, "key:*"), "accepted");
    EXPECT_NE(refused(good, "*").find("another match"), std::string::npos);
    EXPECT_NE(refused(good.substr(0, good.size() / 2), "key:*").find("cannot be used"), std::string::npos);
    EXPECT_NE(refused("42", "key:*").find("cannot be used"), std::string::npos);
    EXPECT_THROW(static_cast<void>(scan(client, {.count = 0})), exception);
    EXPECT_THROW(static_cast<void>(scan(client, {.parallel = 0})), exception);
}

TEST_F(scan_of_calm_cluster, tells_of_failures_and_can_be_gone_on_with) {
    client.close();
    auto closed = scan(client);
    const auto page = closed.try_next();
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().which(), errc::client_closed);
    cluster other{config_for(nodes)};
    auto wrong = scan(other, {.type = "no such type"});
    for (int i = 0; i < 2; ++i) EXPECT_EQ(wrong.try_next().error().server_code(), "ERR");
}

TEST_F(scan_of_calm_cluster, finds_the_members_of_large_collections) {
    std::set<std::string> members;
    std::map<std::string, std::string> fields;
    std::map<std::string, double> scores;
    pipeline batch;
    for (int i = 0; i < 5000; ++i) {
        const std::string name = "m" + std::to_string(i);
        members.insert(name);
        fields[name] = std::to_string(i);
        scores[name] = i / 2.0;
        batch.add(sadd("s", {name}));
        batch.add(hset("h", {{name, std::to_string(i)}}));
        batch.add(raw("ZADD", "z", std::to_string(i / 2.0), name));
    }
    client.execute(batch).throw_first_error();

    std::set<std::string> found;
    for (const auto& m : sscan(client, "s", {.count = 100})) EXPECT_TRUE(found.insert(m).second);
    EXPECT_EQ(found, members);
    std::map<std::string, std::string> found_fields;
    for (const auto& f : hscan(client, "h")) found_fields.insert(f);
    EXPECT_EQ(found_fields, fields);
    found.clear();
    for (const auto& f : hscan_fields(client, "h", {.match = "m1*"})) found.insert(f);
    EXPECT_EQ(found.size(), 1111U);
    std::map<std::string, double> found_scores;
    for (const auto& s : zscan(client, "z")) found_scores.insert(s);
    EXPECT_EQ(found_scores, scores);
    EXPECT_EQ(sscan(client, "none").next(), std::nullopt);
    EXPECT_EQ(sscan(client, "h").try_next().error().server_code(), "WRONGTYPE");
}

TEST_F(scan_of_calm_cluster, begins_a_collection_again_when_its_key_moves) {
    std::set<std::string> members;
    for (int i = 0; i < 3000; ++i) members.insert("m" + std::to_string(i));
    for (const auto& m : members) client.execute(sadd("{moves}s", {m}));
    const auto slot = key_slot("{moves}s");
    auto& from = nodes.node_serving(slot);
    auto& to = &from == &nodes.node(0) ? nodes.node(1) : nodes.node(0);
    std::set<std::string> found;
    auto run = sscan(client, "{moves}s", {.count = 100});
    for (int i = 0; i < 500; ++i) found.insert(run.next().value());
    nodes.move_slot(slot, to);
    while (auto m = run.next()) found.insert(*m);
    EXPECT_EQ(found, members);
}

namespace {

asio::awaitable<void> stream_all(valkey_cluster& nodes, const keys& wanted) {
    const auto executor = co_await asio::this_coro::executor;
    async_cluster client{executor, config_for(nodes)};
    keys found;
    auto one_by_one = scan(client, key_scan_options{.count = 100, .parallel = 3});
    while (true) {
        auto key = co_await one_by_one.next(use_awaitable);
        if (!key) break;
        found.insert(*key);
    }
    EXPECT_EQ(found, wanted);
    EXPECT_EQ(one_by_one.cursor(), "0");
    found.clear();
    auto by_page = scan(client);
    while (true) {
        auto page = co_await by_page.try_next_page(use_awaitable);
        EXPECT_TRUE(page);
        if (!page || !*page) break;
        found.insert((*page)->begin(), (*page)->end());
    }
    EXPECT_EQ(found, wanted);
    auto members = sscan(client, "key:1");
    bool failed = false;
    try {
        co_await members.next(use_awaitable);
    } catch (const exception& e) {
        failed = e.error().server_code() == "WRONGTYPE";
    }
    EXPECT_TRUE(failed);
}

}  // namespace

TEST_F(scan_of_calm_cluster, streams_to_coroutines) {
    asio::io_context loop;
    auto end = asio::co_spawn(loop, stream_all(nodes, wanted), asio::use_future);
    loop.run();
    end.get();
}

TEST_F(scan_of_calm_cluster, streams_to_callbacks) {
    async_cluster other{config_for(nodes)};
    auto stream = scan(other, {.count = 100});
    keys found;
    std::promise<void> over;
    std::function<void(result<std::optional<std::string>>)> next = [&](result<std::optional<std::string>> key) {
        if (!key || !*key) {
            EXPECT_TRUE(key) << key.error().message();
            over.set_value();
            return;
        }
        found.insert(**key);
        stream.next([&](result<std::optional<std::string>> k) { next(std::move(k)); });
    };
    stream.next([&](result<std::optional<std::string>> k) { next(std::move(k)); });
    // One at a time.
    std::optional<errc> second;
    for (int i = 0; i < 1 && !second; ++i) {
        auto busy = scan(other);
        std::promise<void> first_over;
        busy.next_page([&](auto&&) { first_over.set_value(); });
        busy.next_page([&](result<std::optional<std::vector<std::string>>> r) {
            if (!r) second = r.error().which();
        });
        first_over.get_future().get();
    }
    over.get_future().get();
    EXPECT_EQ(found, wanted);
    EXPECT_EQ(second, errc::invalid_argument);
}

TEST_F(scan_of_calm_cluster, ends_with_the_asynchronous_client) {
    std::optional<errc> outcome;
    {
        async_cluster other{config_for(nodes)};
        auto stream = scan(other);
        std::promise<void> told;
        other.close();
        stream.next([&](result<std::optional<std::string>> k) {
            outcome = k ? std::nullopt : std::optional{k.error().which()};
            told.set_value();
        });
        told.get_future().get();
    }
    EXPECT_EQ(outcome, errc::client_closed);
}

TEST(scan_of_one_server, finds_each_key_and_notices_a_restart) {
    valkey_server& server = world<servers>().single;
    server.admin()({"FLUSHALL"});
    client c{"valkey://127.0.0.1:" + std::to_string(server.port())};
    const auto wanted = fill(c, 5000);
    std::size_t returned = 0;
    EXPECT_EQ(all_of(scan(c, {.unique = true}), &returned), wanted);
    EXPECT_EQ(returned, wanted.size());

    auto first = scan(c, {.count = 100});
    auto found = first.next_page().value();
    const std::string cursor = first.cursor();
    EXPECT_THROW(static_cast<void>(scan(c, {.match = "x*", .cursor = cursor})), exception);
    // The same keys in another process, which goes through them in another order.
    server.restart();
    const auto again = fill(c, 5000);
    EXPECT_EQ(again, wanted);
    auto rest = all_of(scan(c, {.cursor = cursor}));
    expect_all(wanted, rest);
}

// Slots move all the time, and a primary is killed: everything that was there at the beginning is found.
TEST(scan_of_moving_cluster, misses_nothing_that_was_there_throughout) {
    valkey_cluster& nodes = world<servers>().moving;
    config settings = config_for(nodes);
    settings.command_timeout = stretched(20s);
    cluster client{settings};
    const auto wanted = fill(client, wanted_keys());
    ASSERT_GT(wanted.size(), 1000U);
    for (const node_info& primary : client.primaries()) {
        EXPECT_EQ(client.execute(wait(1, stretched(20s)), on(primary.address)), 1);
    }

    std::atomic<bool> stop{false};
    std::atomic<int> moved{0};
    std::atomic<bool> killed{false};
    std::atomic<std::size_t> found_so_far{0};
    std::thread mover{[&] {
        std::mt19937 dice{7};
        while (!stop) {
            if (!killed && moved >= 5 && found_so_far > wanted.size() / 3) {
                nodes.primary(1).kill9();
                nodes.wait_ok();
                nodes.heal();  // before slots move on: else the old primary follows whoever took its last slot
                killed = true;
                continue;
            }
            const auto slot = moved % 3 == 0 ? key_slot("{large}") : static_cast<std::uint16_t>(dice() % slot_count);
            auto& from = nodes.node_serving(slot);
            auto& to = nodes.primary(static_cast<int>(dice() % 3));
            if (&from == &to) continue;
            nodes.move_slot(slot, to);
            ++moved;
        }
    }};
    const stopwatch watch;
    std::size_t returned = 0;
    int scans = 0;
    // As many scans as it takes for all of that to happen.
    do {
        keys found;
        auto run = scan(client, {.count = wanted.size() > 100'000 ? 1000 : 20, .parallel = 2});
        std::size_t handed_on = 0;
        while (auto page = run.next_page()) {
            returned += page->size();
            found.insert(page->begin(), page->end());
            found_so_far = found.size();
            if (found.size() > wanted.size() / 6 * (handed_on + 1)) {
                ++handed_on;
                run = scan(client, {.count = 100, .parallel = 2, .cursor = std::string{run.cursor()}});
            }
        }
        EXPECT_GE(handed_on, 5U);
        expect_all(wanted, found);
        ++scans;
    } while ((!killed || moved < 15) && !HasFailure());
    stop = true;
    mover.join();
    std::cout << "  " << wanted.size() << " keys, " << scans << " scans in " << watch.elapsed().count() << " ms, "
              << returned - wanted.size() * static_cast<std::size_t>(scans) << " keys twice, " << moved
              << " slots moved, one primary killed\n";
}

// A migration that nobody finishes: half of the slot's keys are at each node.
TEST(scan_of_moving_cluster, finds_the_keys_of_a_slot_that_is_at_two_nodes) {
    valkey_cluster& nodes = world<servers>().moving;
    nodes.flush_all();
    cluster client{config_for(nodes)};
    const auto wanted = fill(client, 2000);
    const auto slot = key_slot("{large}");
    auto& from = nodes.node_serving(slot);
    auto& to = nodes.primary(0).port() == from.port() ? nodes.primary(1) : nodes.primary(0);
    nodes.begin_migration(slot, to);
    EXPECT_EQ(nodes.migrate_keys(slot, to, 100), 100);
    std::size_t returned = 0;
    expect_all(wanted, all_of(scan(client, {.count = 30, .unique = true}), &returned));
    EXPECT_EQ(returned, wanted.size());
    expect_all(wanted, all_of(scan(client, {.count = 30, .clusterscan = false})));
    nodes.migrate_keys(slot, to);
    nodes.finish_migration(slot, to);
}

}  // namespace valkeyxx::testing
