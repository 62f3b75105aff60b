// Commands of the group "hash" on real servers.
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/hashes.hpp>
#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::chrono_literals;
using namespace std::string_literals;
using texts = std::vector<std::string>;
using values = std::vector<std::optional<std::string>>;
using text_pairs = std::vector<std::pair<std::string, std::string>>;
using text_map = std::unordered_map<std::string, std::string>;

template <class Item>
std::vector<Item> sorted(std::vector<Item> items) {
    std::sort(items.begin(), items.end());
    return items;
}

TEST_P(commands, hset_counts_only_new_fields) {
    EXPECT_EQ(run(hset("h", "a", "1")), 1);
    EXPECT_EQ(run(hset("h", "a", "2", "b", "3"s)), 1);
    EXPECT_EQ(run(hset("h", {{"b", "4"}, {"c", "5"}, {"d", "6"}})), 2);
    EXPECT_EQ(run(hset("h", std::map<std::string, std::string>{{"e", "7"}})), 1);
    EXPECT_EQ(run(hset("h", text_pairs{{"e", "8"}})), 0);
    EXPECT_EQ(run(hgetall("h")), (text_map{{"a", "2"}, {"b", "4"}, {"c", "5"}, {"d", "6"}, {"e", "8"}}));
    EXPECT_EQ(run(hgetall("none")), text_map{});
}

TEST_P(commands, hash_fields_and_values_hold_any_bytes) {
    const std::string field = "\0\r\nf"s;
    const std::string content = "\xff\0$-1\r\n"s;
    EXPECT_EQ(run(hset("h", field, content)), 1);
    EXPECT_EQ(run(hget("h", field)), content);
    EXPECT_EQ(run(hstrlen("h", field)), 7);
    EXPECT_EQ(run(hgetall("h")), (text_map{{field, content}}));
    EXPECT_EQ(run(hscan("h", 0)).items, (text_pairs{{field, content}}));
}

TEST_P(commands, hsetnx_leaves_a_field_that_is_there) {
    EXPECT_TRUE(run(hsetnx("h", "f", "1")));
    EXPECT_FALSE(run(hsetnx("h", "f", "2")));
    EXPECT_EQ(run(hget("h", "f")), "1");
}

TEST_P(commands, hmset_sets_fields) {
    run(hmset("h", {{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(run(hgetall("h")), (text_map{{"a", "1"}, {"b", "2"}}));
}

TEST_P(commands, hget_and_hexists_tell_whether_a_field_is_there) {
    EXPECT_EQ(run(hset("h", "f", "")), 1);
    EXPECT_EQ(run(hget("h", "f")), "");
    EXPECT_EQ(run(hget("h", "g")), std::nullopt);
    EXPECT_EQ(run(hget("none", "f")), std::nullopt);
    EXPECT_TRUE(run(hexists("h", "f")));
    EXPECT_FALSE(run(hexists("h", "g")));
    EXPECT_FALSE(run(hexists("none", "f")));
    EXPECT_EQ(run(hstrlen("h", "g")), 0);
}

TEST_P(commands, hmget_returns_values_in_the_order_of_the_fields) {
    EXPECT_EQ(run(hset("h", {{"a", "1"}, {"b", "2"}})), 2);
    EXPECT_EQ(run(hmget("h", "b", "x", "a")), (values{"2", std::nullopt, "1"}));
    EXPECT_EQ(run(hmget("h", {"a", "b"})), (values{"1", "2"}));
    EXPECT_EQ(run(hmget("h", texts{"x"})), values{std::nullopt});
    EXPECT_EQ(run(hmget("none", "a", "b")), (values{std::nullopt, std::nullopt}));
}

TEST_P(commands, hkeys_hvals_and_hlen_tell_of_all_fields) {
    EXPECT_EQ(run(hset("h", {{"a", "1"}, {"b", "2"}})), 2);
    EXPECT_EQ(sorted(run(hkeys("h"))), (texts{"a", "b"}));
    EXPECT_EQ(sorted(run(hvals("h"))), (texts{"1", "2"}));
    EXPECT_EQ(run(hlen("h")), 2);
    EXPECT_EQ(run(hkeys("none")), texts{});
    EXPECT_EQ(run(hvals("none")), texts{});
    EXPECT_EQ(run(hlen("none")), 0);
}

TEST_P(commands, hdel_counts_the_fields_that_were_there) {
    EXPECT_EQ(run(hset("h", {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}})), 4);
    EXPECT_EQ(run(hdel("h", "a")), 1);
    EXPECT_EQ(run(hdel("h", "a", "b", "x")), 1);
    EXPECT_EQ(run(hdel("h", {"c", "d"})), 2);
    EXPECT_EQ(run(exists("h")), 0);
    EXPECT_EQ(run(hdel("none", texts{"a"})), 0);
}

TEST_P(commands, hincrby_adds_to_the_integer_in_a_field) {
    EXPECT_EQ(run(hincrby("h", "n", 5)), 5);
    EXPECT_EQ(run(hincrby("h", "n", -7)), -2);
    EXPECT_EQ(run(hget("h", "n")), "-2");
    EXPECT_EQ(run(hset("h", "t", "text")), 1);
    EXPECT_EQ(refusal(hincrby("h", "t", 1)), "ERR");
}

TEST_P(commands, hincrbyfloat_adds_to_the_number_in_a_field) {
    EXPECT_EQ(run(hincrbyfloat("h", "n", 1.5)), 1.5);
    EXPECT_EQ(run(hincrbyfloat("h", "n", -0.25)), 1.25);
    EXPECT_EQ(run(hincrbyfloat("h", "n", 1e6)), 1000001.25);
    EXPECT_EQ(run(hget("h", "n")), "1000001.25");
}

TEST_P(commands, hrandfield_picks_fields) {
    EXPECT_EQ(run(hset("h", {{"a", "1"}, {"b", "2"}})), 2);
    EXPECT_TRUE(run(hexists("h", run(hrandfield("h")).value())));
    EXPECT_EQ(sorted(run(hrandfield("h", 9))), (texts{"a", "b"}));
    EXPECT_EQ(run(hrandfield("h", -9)).size(), 9U);
    EXPECT_EQ(run(hrandfield("h", 0)), texts{});
    EXPECT_EQ(sorted(run(hrandfield_with_values("h", 2))), (text_pairs{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(run(hrandfield_with_values("h", -5)).size(), 5U);
    EXPECT_EQ(run(hrandfield("none")), std::nullopt);
    EXPECT_EQ(run(hrandfield("none", 2)), texts{});
    EXPECT_EQ(run(hrandfield_with_values("none", 2)), text_pairs{});
}

TEST_P(commands, hscan_takes_several_steps_through_a_big_hash) {
    std::map<std::string, std::string> all;
    for (int i = 0; i < 1000; ++i) all.emplace("f" + std::to_string(i), std::to_string(i));
    EXPECT_EQ(run(hset("h", all)), 1000);

    std::map<std::string, std::string> found;
    std::uint64_t cursor = 0;
    int steps = 0;
    do {
        const auto step = run(hscan("h", cursor, {.count = 50}));
        found.insert(step.items.begin(), step.items.end());
        cursor = step.cursor;
        ++steps;
    } while (cursor != 0);
    EXPECT_EQ(found, all);
    EXPECT_GT(steps, 1);
    EXPECT_LT(steps, 50);  // with the server's own count there would be twice as many
}

TEST_P(commands, hscan_returns_fields_that_match) {
    EXPECT_EQ(run(hset("h", {{"a1", "1"}, {"a2", "2"}, {"b1", "3"}})), 3);
    const auto step = run(hscan("h", 0, {.match = "a*"}));
    EXPECT_EQ(step.cursor, 0U);
    EXPECT_EQ(sorted(step.items), (text_pairs{{"a1", "1"}, {"a2", "2"}}));
    EXPECT_EQ(run(hscan("none", 0)).items, text_pairs{});
}

TEST_P(commands, hscan_fields_leaves_the_values_out) {
    EXPECT_EQ(run(hset("h", {{"a1", "1"}, {"a2", "2"}, {"b1", "3"}})), 3);
    EXPECT_EQ(sorted(run(hscan_fields("h", 0)).items), (texts{"a1", "a2", "b1"}));
    EXPECT_EQ(run(hscan_fields("h", 0, {.match = "b*"})).items, texts{"b1"});
}

using milliseconds = std::chrono::milliseconds;
using seconds = std::chrono::seconds;
using lives = std::vector<time_to_live<milliseconds>>;
using std::chrono::system_clock;
constexpr time_to_live<milliseconds> no_such_field{};
constexpr time_to_live<milliseconds> for_good{.exists = true};

template <class Duration>
bool within(const time_to_live<Duration>& life, milliseconds most) {
    return life.exists && life.left && *life.left > most - stretched(60s) && *life.left <= most;
}

TEST_P(commands, hexpire_gives_fields_a_time_to_live) {
    using enum hexpired;
    run(hset("h", {{"a", "1"}, {"b", "2"}, {"c", "3"}}));
    if (!offers("hpexpire", hexpire("h", 100h, "a"))) return;
    EXPECT_EQ(run(hexpire("h", 100h, "a", "none", "b"s)), (std::vector{done, no_field, done}));
    EXPECT_EQ(run(hpexpire("h", 200h, {"b"})), std::vector{done});
    EXPECT_EQ(run(hpexpire("none", 200h, "a")), std::vector{no_field});
    const auto left = run(hpttl("h", {"a", "b", "c", "none"}));
    ASSERT_EQ(left.size(), 4U);
    EXPECT_TRUE(within(left[0], 100h));
    EXPECT_TRUE(within(left[1], 200h));
    EXPECT_EQ(left[2], for_good);
    EXPECT_EQ(left[3], no_such_field);
    EXPECT_EQ(run(hpttl("none", "a", "b")), (lives{no_such_field, no_such_field}));
    const auto rounded = run(httl("h", "a", "c"));
    ASSERT_EQ(rounded.size(), 2U);
    EXPECT_TRUE(within(rounded[0], 100h));
    EXPECT_EQ(rounded[1], time_to_live<seconds>{.exists = true});
    EXPECT_EQ(run(httl("none", texts{"a"})).at(0), time_to_live<seconds>{});

    EXPECT_EQ(run(hexpire("h", 0ms, texts{"a"})), std::vector{removed});
    EXPECT_FALSE(run(hexists("h", "a")));
    EXPECT_EQ(refusal(hexpire("h", -1ms, "b")), "ERR");
}

TEST_P(commands, hexpire_keeps_to_its_condition) {
    using enum hexpired;
    run(hset("h", {{"a", "1"}, {"b", "2"}}));
    if (!offers("hpexpireat", hexpireat("h", system_clock::now() + 100h, "a"))) return;
    EXPECT_EQ(run(hexpire("h", 100h, {"a"}, expire_if::has_one)), std::vector{not_met});
    EXPECT_EQ(run(hexpire("h", 100h, {"a"}, expire_if::has_none)), std::vector{done});
    EXPECT_EQ(run(hpexpire("h", 200h, {"a", "b"}, expire_if::has_none)), (std::vector{not_met, done}));
    EXPECT_EQ(run(hexpire("h", 50h, {"a"}, expire_if::longer)), std::vector{not_met});
    EXPECT_EQ(run(hexpireat("h", system_clock::now() + 50h, {"a"}, expire_if::shorter)), std::vector{done});
    EXPECT_EQ(run(hpexpireat("h", system_clock::now() + 300h, {"a", "b"}, expire_if::longer)),
              (std::vector{done, done}));
    EXPECT_TRUE(within(run(hpttl("h", "a")).at(0), 300h));
}

TEST_P(commands, hexpireat_sets_the_end_of_fields_lives) {
    using enum hexpired;
    const std::chrono::sys_time<milliseconds> at{4102444800123ms};
    run(hset("h", {{"a", "1"}, {"b", "2"}, {"c", "3"}}));
    if (!offers("hpexpireat", hpexpireat("h", at, "a"))) return;
    EXPECT_EQ(run(hexpireat("h", at, "a", "none")), (std::vector{done, no_field}));
    EXPECT_EQ(run(hpexpireat("h", at + 1s, "b")), std::vector{done});
    const auto exact = run(hpexpiretime("h", "a", "b", "c", "none"));
    ASSERT_EQ(exact.size(), 4U);
    EXPECT_EQ(exact[0].at, at);
    EXPECT_EQ(exact[1].at, at + 1s);
    EXPECT_TRUE(exact[2].exists);
    EXPECT_EQ(exact[2].at, std::nullopt);
    EXPECT_FALSE(exact[3].exists);
    const auto rounded = run(hexpiretime("h", {"a", "c"}));
    ASSERT_EQ(rounded.size(), 2U);
    EXPECT_EQ(rounded[0].at, std::chrono::sys_seconds{4102444800s});
    EXPECT_EQ(rounded[1], end_of_life<std::chrono::sys_seconds>{.exists = true});
    EXPECT_EQ(run(hpexpiretime("none", texts{"a"})).at(0).exists, false);
    EXPECT_EQ(run(hexpiretime("none", "a")).at(0).exists, false);
    EXPECT_EQ(run(hexpireat("h", system_clock::now() - 1h, "a")), std::vector{removed});
    EXPECT_EQ(run(hlen("h")), 2);
}

TEST_P(commands, hpersist_lets_fields_live_for_good) {
    using enum hpersisted;
    run(hset("h", {{"a", "1"}, {"b", "2"}}));
    if (!offers("hpersist", hpersist("h", "a"))) return;
    run(hexpire("h", 100h, "a"));
    EXPECT_EQ(run(hpersist("h", "a", "b", "none")), (std::vector{done, not_met, no_field}));
    EXPECT_EQ(run(hpttl("h", "a")), lives{for_good});
    EXPECT_EQ(run(hpersist("none", {"a"})), std::vector{no_field});
}

TEST_P(commands, hgetex_changes_the_time_to_live_of_fields) {
    run(hset("h", {{"a", "1"}, {"b", "2"}}));
    if (!offers("hgetex", hgetex("h", 100h, "a"))) return;
    EXPECT_EQ(run(hgetex("h", 100h, "a", "none")), (values{"1", std::nullopt}));
    EXPECT_TRUE(within(run(hpttl("h", "a")).at(0), 100h));
    EXPECT_EQ(run(hgetex("h", system_clock::now() + 200h, {"a", "b"})), (values{"1", "2"}));
    EXPECT_TRUE(within(run(hpttl("h", "b")).at(0), 200h));
    EXPECT_EQ(run(hgetex_persist("h", "a")), values{"1"});
    EXPECT_EQ(run(hgetex_persist("h", texts{"none"})), values{std::nullopt});
    EXPECT_EQ(run(hpttl("h", "a")), lives{for_good});
    EXPECT_EQ(run(hgetex("h", system_clock::now() - 1h, "b")), values{"2"});
    EXPECT_FALSE(run(hexists("h", "b")));
    EXPECT_EQ(run(hgetex("none", 1h, texts{"a"})), values{std::nullopt});
}

TEST_P(commands, hsetex_sets_fields_that_live_alike) {
    if (!offers("hsetex", hsetex("h", {{"a", "1"}}))) return;
    EXPECT_FALSE(run(hsetex("h", {{"a", "1"}}, {.condition = set_if::exists})));
    EXPECT_TRUE(run(hsetex("h", {{"a", "1"}, {"b", "2"}}, {.condition = set_if::does_not_exist, .expiry = 100h})));
    EXPECT_FALSE(run(hsetex("h", {{"c", "3"}}, {.condition = set_if::does_not_exist})));
    EXPECT_TRUE(within(run(hpttl("h", "a")).at(0), 100h));
    EXPECT_FALSE(run(hsetex("h", {{"b", "9"}, {"c", "9"}}, {.field_condition = set_if::exists})));
    EXPECT_FALSE(run(hsetex("h", {{"b", "9"}, {"c", "9"}}, {.field_condition = set_if::does_not_exist})));
    EXPECT_TRUE(run(hsetex("h", text_pairs{{"b", "3"}}, {.field_condition = set_if::exists, .keep_ttl = true})));
    EXPECT_TRUE(within(run(hpttl("h", "b")).at(0), 100h));
    EXPECT_TRUE(run(hsetex("h", {{"c", "4"}}, {.expire_at = system_clock::now() + 200h})));
    EXPECT_TRUE(within(run(hpttl("h", "c")).at(0), 200h));
    EXPECT_TRUE(run(hsetex("h", {{"a", "\0\r\n"s}})));
    EXPECT_EQ(run(hpttl("h", "a")), lives{for_good});
    EXPECT_EQ(run(hgetall("h")), (text_map{{"a", "\0\r\n"s}, {"b", "3"}, {"c", "4"}}));
}

TEST_P(commands, hgetdel_returns_and_removes_fields) {
    run(hset("h", {{"a", "1"}, {"b", "2"}, {"c", "3"}}));
    if (!offers("hgetdel", hgetdel("h", "a"))) return;
    EXPECT_EQ(run(hgetdel("h", "a", "none")), (values{"1", std::nullopt}));
    EXPECT_EQ(run(hgetdel("h", {"b", "c"})), (values{"2", "3"}));
    EXPECT_EQ(run(exists("h")), 0);
    EXPECT_EQ(run(hgetdel("h", texts{"a"})), values{std::nullopt});
}

TEST_P(commands, hash_commands_refuse_a_string) {
    EXPECT_TRUE(run(set("k", "v")));
    EXPECT_EQ(refusal(hget("k", "f")), "WRONGTYPE");
    EXPECT_EQ(refusal(hset("k", {{"f", "v"}})), "WRONGTYPE");
    EXPECT_EQ(refusal(hscan("k", 0)), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
