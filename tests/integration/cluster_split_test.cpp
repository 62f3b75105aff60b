// MGET, MSET, DEL, UNLINK, EXISTS and TOUCH with keys of any slots: taken apart, run everywhere, and put together
// again.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/all_faces.hpp"
#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using values = std::vector<std::optional<std::string>>;
using words = std::vector<std::string_view>;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = stretched(5s)}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

words views_of(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

command<std::int64_t> counting(std::string_view name, const words& keys) {
    words all{name};
    all.insert(all.end(), keys.begin(), keys.end());
    return across_slots(raw<std::int64_t>(all));
}

/// What it reads tells whether everything was done in its order.
struct ordered_batch {
    ordered_batch() {
        for (int round = 0; round < 20; ++round) {
            const std::string text = std::to_string(round);
            batch.add(across_slots(mset(words{"a", text, "b", text, "c", text})));
            batch.add(set("b", "between " + text));
            reads.push_back(batch.add(across_slots(mget("a", "b", "c"))));
            expected.push_back({text, "between " + text, text});
            batch.add(across_slots(del("a", "c")));
            reads.push_back(batch.add(across_slots(mget("c", "b", "a"))));
            expected.push_back({std::nullopt, "between " + text, std::nullopt});
            refused = batch.add(mget("a", "b")).index;
        }
    }
    void check(const pipeline_result& done) const {
        for (std::size_t i = 0; i < reads.size(); ++i) ASSERT_EQ(done[reads[i]].value(), expected[i]) << i;
        EXPECT_EQ(done.get<value>(refused).error(), errc::cross_slot);
    }

    pipeline batch;
    std::vector<pipeline::handle<values>> reads;
    std::vector<values> expected;
    std::size_t refused = 0;
};

/// Every test in both protocols: what is joined must not tell them apart.
class cluster_split : public ::testing::TestWithParam<int> {
  protected:
    cluster_split() {
        nodes().flush_all();
        for (int i = 0; i < 500; ++i) keys.push_back("split:" + std::to_string(i));
        std::shuffle(keys.begin(), keys.end(), std::mt19937{1});
    }

    /// A value for each of the keys.
    void fill() {
        words pairs;
        std::vector<std::string> texts;
        for (const auto& key : keys) texts.push_back("value of " + key);
        for (std::size_t i = 0; i < keys.size(); ++i) pairs.insert(pairs.end(), {keys[i], texts[i]});
        ASSERT_TRUE(client.waiting.execute(across_slots(mset(pairs))));
    }
    static config settings() {
        config c = config_for(nodes());
        c.protocol = GetParam();
        return c;
    }

    std::vector<std::string> keys;
    all_faces client{settings()};
};

INSTANTIATE_TEST_SUITE_P(protocols, cluster_split, ::testing::Values(2, 3),
                         [](const auto& version) { return "resp" + std::to_string(version.param); });

}  // namespace

TEST_P(cluster_split, values_come_in_the_order_of_the_keys) {
    client.each(across_slots(mget(views_of(keys))), [&](const auto& r) { EXPECT_EQ(r.value(), values(keys.size())); });
    fill();
    values expected;
    for (const auto& key : keys) expected.emplace_back("value of " + key);
    client.each(across_slots(mget(views_of(keys))), [&](const auto& r) { EXPECT_EQ(r.value(), expected); });
    EXPECT_EQ(client.waiting.execute(dbsize()), 500);
    EXPECT_EQ(client.waiting.statistics().moved + client.started.statistics().moved, 0U);
}

TEST_P(cluster_split, every_slot_at_once_is_not_too_much) {
    keys = key_for_each_slot("every:");
    fill();
    client.each(across_slots(mget(views_of(keys))), [&](const auto& r) {
        ASSERT_EQ(r.value().size(), keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(r.value()[i], "value of " + keys[i]);
    });
    client.each(counting("EXISTS", views_of(keys)), [](const auto& r) { EXPECT_EQ(r.value(), 16384); });
    EXPECT_EQ(client.waiting.execute(counting("UNLINK", views_of(keys))), 16384);
}

TEST_P(cluster_split, numbers_of_all_shards_are_added_up) {
    const auto all = views_of(keys);
    for (const char* removing : {"DEL", "UNLINK"}) {
        fill();
        client.each(counting("EXISTS", all), [](const auto& r) { EXPECT_EQ(r.value(), 500); });
        client.each(counting("TOUCH", all), [](const auto& r) { EXPECT_EQ(r.value(), 500); });
        const words half{all.begin(), all.begin() + 250};
        EXPECT_EQ(client.waiting.execute(counting(removing, half)), 250);
        client.each(counting(removing, half), [](const auto& r) { EXPECT_EQ(r.value(), 0); });
        client.each(counting("EXISTS", all), [](const auto& r) { EXPECT_EQ(r.value(), 250); });
        EXPECT_EQ(client.started.execute(counting(removing, all), boost::asio::use_future).get(), 250);
        EXPECT_EQ(client.waiting.execute(dbsize()), 0);
    }
}

TEST_P(cluster_split, keys_may_be_missing_twice_there_or_of_another_type) {
    client.waiting.execute(set("a", "1"));
    client.waiting.execute(set("b", "2"));
    client.waiting.execute(raw("RPUSH", "list", "x"));
    client.each(across_slots(mget("a", "none", "b", "a", "list", "none", "b")), [](const auto& r) {
        EXPECT_EQ(r.value(), (values{"1", std::nullopt, "2", "1", std::nullopt, std::nullopt, "2"}));
    });
    client.each(across_slots(exists("a", "b", "a", "none", "list")), [](const auto& r) { EXPECT_EQ(r.value(), 4); });
    client.each(across_slots(mset(std::vector<std::string_view>{"a", "x", "b", "y", "a", "z"})),
                [](const auto& r) { EXPECT_TRUE(r.value()); });
    EXPECT_EQ(client.waiting.execute(across_slots(mget("a", "b"))), (values{"z", "y"}));
    EXPECT_EQ(client.waiting.execute(across_slots(del("a", "b", "a", "list"))), 3);
}

TEST_P(cluster_split, keys_and_values_may_be_any_bytes) {
    using namespace std::string_literals;
    keys = {"",         "\r\n",        "$3\r\nabc\r\n",         "\0"s, "\0\0"s, "{}", "{", "}{",
            "a{b}c{d}", "{a}\xff\xfe", std::string(70'000, 'k')};
    for (int i = 0; i < 256; ++i) keys.push_back("byte " + std::string(1, static_cast<char>(i)));
    words pairs;
    for (const auto& key : keys) pairs.insert(pairs.end(), {key, key});  // each is its own value
    client.each(across_slots(mset(pairs)), [](const auto& r) { EXPECT_TRUE(r.value()); });
    client.each(across_slots(mget(views_of(keys))), [&](const auto& r) {
        EXPECT_TRUE(std::equal(keys.begin(), keys.end(), r.value().begin(), r.value().end()));
    });
    EXPECT_EQ(client.waiting.execute(dbsize()), static_cast<std::int64_t>(keys.size()));
    EXPECT_EQ(client.waiting.execute(counting("DEL", views_of(keys))), static_cast<std::int64_t>(keys.size()));
}

TEST_P(cluster_split, command_that_the_server_would_refuse_is_refused_by_the_server) {
    const words none;
    for (const auto& c : {across_slots(mget(none)).as<value>(), across_slots(mset(none)).as<value>(),
                          across_slots(del(none)).as<value>(), across_slots(mset(words{"a"})).as<value>(),
                          across_slots(mset(words{"a", "1", "b"})).as<value>()}) {
        client.each(c, [](const auto& r) {
            ASSERT_FALSE(r);
            EXPECT_NE(r.error().message().find("wrong number of arguments"), std::string::npos) << r.error().message();
        });
    }
    EXPECT_EQ(client.waiting.execute(exists("b")), 0);
}

TEST_P(cluster_split, one_slot_is_not_taken_apart) {
    client.connect();
    const auto before = client.waiting.statistics().commands;
    client.waiting.execute(across_slots(mset(words{"{t}a", "1", "{t}b", "2"})));
    EXPECT_EQ(client.waiting.execute(across_slots(mget("{t}a", "{t}b"))), (values{"1", "2"}));
    EXPECT_EQ(client.waiting.execute(across_slots(get("{t}a"))), "1");
    EXPECT_EQ(client.waiting.statistics().commands, before + 3);
}

TEST_P(cluster_split, without_leave_the_keys_slots_are_told) {
    const std::string other(100, 'x');
    const auto told = [&](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error(), errc::cross_slot);
        EXPECT_EQ(r.error().executed(), executed::no);
        EXPECT_EQ(r.error().attempts(), 0);
        const std::string& text = r.error().message();
        EXPECT_NE(text.find("\"{t}a\" is of slot " + std::to_string(key_slot("{t}a"))), std::string::npos) << text;
        EXPECT_NE(text.find("is of slot " + std::to_string(key_slot(other))), std::string::npos) << text;
    };
    client.each(mget("{t}a", "{t}b", other), told);
    client.each(mset(words{"{t}a", "secret", other, "secret"}), [&](const auto& r) {
        told(r);
        EXPECT_EQ(r.error().message().find("secret"), std::string::npos);
    });
    client.each(across_slots(raw("SUNION", "{t}a", other)), told);  // no one could put its parts together
}

TEST_P(cluster_split, pipeline_keeps_the_order_of_what_concerns_a_slot) {
    client.connect();
    const ordered_batch story;
    pipeline_result again;
    for (int i = 0; i < 3; ++i) client.waiting.execute(story.batch, again);
    story.check(again);
    story.check(client.waiting.execute(story.batch));
    story.check(client.started.execute(story.batch, boost::asio::use_future).get());
}

TEST_P(cluster_split, first_pipeline_of_a_client_keeps_its_order_too) {
    const ordered_batch story;
    story.check(client.waiting.execute(story.batch));
    story.check(client.started.execute(story.batch, boost::asio::use_future).get());
}

TEST_P(cluster_split, slots_that_move_meanwhile_fail_nothing) {
    fill();
    std::vector<std::string> problems;  // the thread's until it is over
    std::atomic<bool> over{false};
    std::atomic<int> rounds{0};
    std::jthread load{[&] {
        const auto read = across_slots(mget(views_of(keys)));
        while (!over) {
            const auto r = client.waiting.try_execute(read);
            if (!r) problems.push_back(r.error().message());
            for (std::size_t i = 0; r && i < keys.size(); ++i) {
                if ((*r)[i] != "value of " + keys[i]) problems.push_back("no value of " + keys[i]);
            }
            ++rounds;
        }
    }};
    for (std::size_t i = 0; i < 12; ++i) {
        const auto slot = key_slot(keys[i]);
        valkey_server& to = other_primary(nodes(), slot);
        nodes().begin_migration(slot, to);
        poll_until("traffic during the migration", [&, before = rounds.load()] { return rounds > before + 1; });
        const std::string text = "value of " + keys[i];
        const auto write = across_slots(mset(words{keys[i], text, "elsewhere", "v"}));
        EXPECT_TRUE(client.started.execute(write, boost::asio::use_future).get());
        nodes().migrate_keys(slot, to);
        nodes().finish_migration(slot, to);
    }
    over = true;
    load.join();
    EXPECT_EQ(problems, std::vector<std::string>{});
}

TEST_P(cluster_split, half_migrated_slot_is_waited_for) {
    client.waiting.execute(across_slots(mset(words{"{half}a", "1", "{half}b", "2", "other", "3"})));
    const auto slot = key_slot("{half}");
    valkey_server& to = other_primary(nodes(), slot);
    nodes().begin_migration(slot, to);
    ASSERT_EQ(nodes().migrate_keys(slot, to, 1), 1);
    auto all = client.started.execute(across_slots(mget("{half}a", "other", "{half}b")), boost::asio::use_future);
    poll_until("some refusals", [&] { return client.started.statistics().retries >= 3; });
    EXPECT_EQ(all.wait_for(0s), std::future_status::timeout);
    nodes().migrate_keys(slot, to);
    nodes().finish_migration(slot, to);
    EXPECT_EQ(all.get(), (values{"1", "3", "2"}));
}

}  // namespace valkeyxx::testing
