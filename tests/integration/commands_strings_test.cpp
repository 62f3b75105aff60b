// Commands of the group "string" on real servers.
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::chrono_literals;
using namespace std::string_literals;
using std::chrono::system_clock;
using optional_string = std::optional<std::string>;
using values = std::vector<optional_string>;

constexpr time_to_live<std::chrono::milliseconds> for_good{.exists = true};
template <class Duration>
bool within(const time_to_live<Duration>& life, std::chrono::milliseconds most) {
    return life.exists && life.left && *life.left > most - stretched(60s) && *life.left <= most;
}

TEST_P(commands, get_returns_what_was_set) {
    EXPECT_EQ(run(get("k")), std::nullopt);
    EXPECT_TRUE(run(set("k", "v")));
    EXPECT_EQ(run(get("k")), "v");
    EXPECT_TRUE(run(set("k", "")));
    EXPECT_EQ(run(get("k")), "");
}

TEST_P(commands, keys_and_values_hold_any_bytes) {
    const std::string key = "\0\r\n\xff"s;
    const std::string value = "\r\n$-1\r\n\0"s;
    EXPECT_TRUE(run(set(key, value)));
    EXPECT_EQ(run(get(key)), value);
    EXPECT_EQ(run(append(key, "\0"s)), 9);
    EXPECT_EQ(run(getdel(key)), value + '\0');
}

TEST_P(commands, set_keeps_to_its_condition) {
    EXPECT_FALSE(run(set("k", "v", {.condition = set_if::exists})));
    EXPECT_EQ(run(get("k")), std::nullopt);
    EXPECT_TRUE(run(set("k", "v", {.condition = set_if::does_not_exist})));
    EXPECT_FALSE(run(set("k", "w", {.condition = set_if::does_not_exist})));
    EXPECT_EQ(run(get("k")), "v");
    EXPECT_TRUE(run(set("k", "w", {.condition = set_if::exists})));
    EXPECT_EQ(run(get("k")), "w");
}

TEST_P(commands, set_gives_or_keeps_a_time_to_live) {
    EXPECT_TRUE(run(set("k", "v", {.expiry = 100h})));
    EXPECT_TRUE(within(run(pttl("k")), 100h));
    EXPECT_TRUE(run(set("k", "w", {.keep_ttl = true})));
    EXPECT_EQ(run(get("k")), "w");
    EXPECT_TRUE(within(run(pttl("k")), 100h));
    EXPECT_TRUE(run(set("k", "x")));
    EXPECT_EQ(run(pttl("k")), for_good);
    EXPECT_TRUE(run(set("k", "v", {.expire_at = system_clock::now() + 200h})));
    EXPECT_TRUE(within(run(pttl("k")), 200h));
    EXPECT_EQ(refusal(set("k", "v", {.expiry = 1s, .keep_ttl = true})), "ERR");
    EXPECT_EQ(refusal(set("k", "v", {.expiry = -1s})), "ERR");
}

TEST_P(commands, set_takes_a_point_in_time_to_the_millisecond) {
    const std::chrono::sys_time<std::chrono::milliseconds> at{4102444800123ms};
    EXPECT_TRUE(run(set("k", "v", {.expire_at = at + 999us})));
    EXPECT_EQ(run(raw<std::int64_t>("PEXPIRETIME", "k")), 4102444800123);
}

TEST_P(commands, set_get_returns_the_old_value) {
    EXPECT_EQ(run(set_get("k", "v")), std::nullopt);
    EXPECT_EQ(run(set_get("k", "w", {.expiry = 100h})), "v");
    EXPECT_EQ(run(get("k")), "w");
    EXPECT_TRUE(within(run(pttl("k")), 100h));
    EXPECT_EQ(run(set_get("k", "x", {.condition = set_if::does_not_exist})), "w");
    EXPECT_EQ(run(get("k")), "w");
    EXPECT_EQ(run(set_get("none", "x", {.condition = set_if::exists})), std::nullopt);
    EXPECT_EQ(run(get("none")), std::nullopt);
    EXPECT_EQ(run(set_get("k", "y", {.condition = set_if::exists, .keep_ttl = true})), "w");
    EXPECT_TRUE(within(run(pttl("k")), 100h));
}

TEST_P(commands, set_compares_with_the_old_value) {
    run(set("k", "v"));
    if (!offers_since(8, 1, set("k", "w", {.if_equal = "v"}))) return;
    EXPECT_FALSE(run(set("k", "w", {.if_equal = "x"})));
    EXPECT_EQ(run(get("k")), "v");
    EXPECT_TRUE(run(set("k", "w", {.if_equal = "v", .expiry = 100h})));
    EXPECT_EQ(run(get("k")), "w");
    EXPECT_TRUE(within(run(pttl("k")), 100h));
    EXPECT_EQ(run(set_get("k", "", {.if_equal = "w"})), "w");
    EXPECT_TRUE(run(set("k", "y", {.if_equal = ""})));
    EXPECT_FALSE(run(set("none", "v", {.if_equal = ""})));
    EXPECT_EQ(refusal(set("k", "v", {.condition = set_if::exists, .if_equal = "y"})), "ERR");
}

TEST_P(commands, delifeq_compares_with_the_value) {
    run(set("k", "v"));
    if (!offers("delifeq", delifeq("k", "v"))) return;
    EXPECT_FALSE(run(delifeq("k", "w")));
    EXPECT_EQ(run(get("k")), "v");
    EXPECT_TRUE(run(delifeq("k", "v")));
    EXPECT_FALSE(run(delifeq("k", "v")));
    EXPECT_EQ(run(exists("k")), 0);
}

TEST_P(commands, msetex_sets_keys_that_live_alike) {
    if (!offers("msetex", msetex({{"{k}1", "a"}}))) return;
    EXPECT_FALSE(run(msetex({{"{k}1", "a"}, {"{k}2", "b"}}, {.condition = set_if::exists})));
    EXPECT_TRUE(run(msetex({{"{k}1", "a"}, {"{k}2", "b"}}, {.condition = set_if::does_not_exist, .expiry = 100h})));
    EXPECT_EQ(run(mget("{k}1", "{k}2")), (values{"a", "b"}));
    EXPECT_TRUE(within(run(pttl("{k}1")), 100h));
    EXPECT_TRUE(within(run(pttl("{k}2")), 100h));
    EXPECT_FALSE(run(msetex({{"{k}2", "c"}, {"{k}3", "d"}}, {.condition = set_if::does_not_exist})));
    EXPECT_TRUE(run(msetex({{"{k}2", "c"}}, {.keep_ttl = true})));
    EXPECT_TRUE(within(run(pttl("{k}2")), 100h));
    EXPECT_TRUE(run(msetex({{"{k}2", "d"}}, {.expire_at = system_clock::now() + 200h})));
    EXPECT_TRUE(within(run(pttl("{k}2")), 200h));
    EXPECT_TRUE(run(msetex(std::map<std::string, std::string>{{"{k}1", "e"}})));
    EXPECT_EQ(run(pttl("{k}1")), for_good);
    EXPECT_EQ(run(mget("{k}1", "{k}2", "{k}3")), (values{"e", "d", std::nullopt}));
}

TEST_P(commands, getdel_returns_and_removes) {
    run(set("k", "v"));
    EXPECT_EQ(run(getdel("k")), "v");
    EXPECT_EQ(run(getdel("k")), std::nullopt);
    EXPECT_EQ(run(exists("k")), 0);
}

TEST_P(commands, getex_changes_the_time_to_live) {
    EXPECT_EQ(run(getex("k", 1s)), std::nullopt);
    run(set("k", "v"));
    EXPECT_EQ(run(getex("k", 100h)), "v");
    EXPECT_TRUE(within(run(pttl("k")), 100h));
    EXPECT_EQ(run(getex_persist("k")), "v");
    EXPECT_EQ(run(pttl("k")), for_good);
    EXPECT_EQ(run(getex("k", system_clock::now() + 200h)), "v");
    EXPECT_TRUE(within(run(pttl("k")), 200h));
    EXPECT_EQ(run(getex("k", system_clock::now() - 1h)), "v");
    EXPECT_EQ(run(exists("k")), 0);
    EXPECT_EQ(run(getex_persist("k")), std::nullopt);
}

TEST_P(commands, ranges_are_read_and_overwritten) {
    EXPECT_EQ(run(getrange("k", 0, -1)), "");
    EXPECT_EQ(run(strlen("k")), 0);
    run(set("k", "This is a string"));
    EXPECT_EQ(run(getrange("k", 0, 3)), "This");
    EXPECT_EQ(run(getrange("k", -3, -1)), "ing");
    EXPECT_EQ(run(getrange("k", 10, 100)), "string");
    EXPECT_EQ(run(substr("k", 5, 6)), "is");
    EXPECT_EQ(run(setrange("k", 10, "thing!")), 16);
    EXPECT_EQ(run(get("k")), "This is a thing!");
    EXPECT_EQ(run(strlen("k")), 16);
    EXPECT_EQ(run(setrange("gap", 3, "x")), 4);
    EXPECT_EQ(run(get("gap")), "\0\0\0x"s);
    EXPECT_EQ(run(setrange("none", 3, "")), 0);
    EXPECT_EQ(run(exists("none")), 0);
    EXPECT_EQ(refusal(setrange("k", -1, "x")), "ERR");
}

TEST_P(commands, append_returns_the_new_length) {
    EXPECT_EQ(run(append("k", "Hello")), 5);
    EXPECT_EQ(run(append("k", " World")), 11);
    EXPECT_EQ(run(get("k")), "Hello World");
}

TEST_P(commands, counters_count_up_and_down) {
    EXPECT_EQ(run(incr("k")), 1);
    EXPECT_EQ(run(incrby("k", 41)), 42);
    EXPECT_EQ(run(incrby("k", -2)), 40);
    EXPECT_EQ(run(decr("k")), 39);
    EXPECT_EQ(run(decrby("k", 50)), -11);
    EXPECT_EQ(run(decrby("k", -1)), -10);
    EXPECT_EQ(refusal(decrby("k", std::numeric_limits<std::int64_t>::min())), "ERR");
    EXPECT_EQ(run(incrby("most", std::numeric_limits<std::int64_t>::max())), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(refusal(incr("most")), "ERR");
    run(set("text", "x"));
    EXPECT_EQ(refusal(incr("text")), "ERR");
}

TEST_P(commands, incrbyfloat_adds_fractions) {
    EXPECT_DOUBLE_EQ(run(incrbyfloat("k", 10.5)), 10.5);
    EXPECT_DOUBLE_EQ(run(incrbyfloat("k", 0.1)), 10.6);
    EXPECT_DOUBLE_EQ(run(incrbyfloat("k", -5)), 5.6);
    EXPECT_DOUBLE_EQ(run(incrbyfloat("large", 5e20)), 5e20);
    EXPECT_DOUBLE_EQ(run(incrbyfloat("small", 2.5e-7)), 2.5e-7);
    EXPECT_EQ(refusal(incrbyfloat("k", std::numeric_limits<double>::infinity())), "ERR");
    EXPECT_EQ(refusal(incrbyfloat("k", std::nan(""))), "ERR");
}

TEST_P(commands, several_keys_are_set_and_read_at_once) {
    EXPECT_TRUE(run(mset({{"{k}1", "a"}, {"{k}2", "b"}})));
    EXPECT_TRUE(run(mset(std::vector<std::string_view>{"{k}3", "c", "{k}4", "d"})));
    EXPECT_TRUE(run(mset(std::map<std::string, std::string>{{"{k}5", "e"}})));
    EXPECT_EQ(run(mget({"{k}1", "{k}2", "{k}none"})), (values{"a", "b", std::nullopt}));
    EXPECT_EQ(run(mget("{k}3", "{k}4"s)), (values{"c", "d"}));
    EXPECT_EQ(run(mget(std::vector<std::string>{"{k}5"})), values{"e"});
    run(raw("LPUSH", "{k}list", "x"));
    EXPECT_EQ(run(mget("{k}list", "{k}1")), (values{std::nullopt, "a"}));
}

TEST_P(commands, msetnx_sets_all_or_nothing) {
    EXPECT_TRUE(run(msetnx({{"{k}1", "a"}, {"{k}2", "b"}})));
    EXPECT_FALSE(run(msetnx({{"{k}2", "c"}, {"{k}3", "d"}})));
    EXPECT_EQ(run(mget("{k}1", "{k}2", "{k}3")), (values{"a", "b", std::nullopt}));
}

TEST_P(commands, lcs_finds_what_two_values_have_in_common) {
    run(mset({{"{k}1", "ohmytext"}, {"{k}2", "mynewtext"}}));
    EXPECT_EQ(run(lcs("{k}1", "{k}2")), "mytext");
    EXPECT_EQ(run(lcs_len("{k}1", "{k}2")), 6);
    EXPECT_EQ(run(lcs("{k}1", "{k}none")), "");

    const auto all = run(lcs_idx("{k}1", "{k}2"));
    const lcs_match text{.in_first = {4, 7}, .in_second = {5, 8}, .length = 4};
    const lcs_match my{.in_first = {2, 3}, .in_second = {0, 1}, .length = 2};
    EXPECT_EQ(all.matches, (std::vector{text, my}));
    EXPECT_EQ(all.length, 6);

    const auto longer = run(lcs_idx("{k}1", "{k}2", {.min_match_length = 3}));
    EXPECT_EQ(longer.matches, std::vector{text});
    EXPECT_EQ(longer.length, 6);
    EXPECT_TRUE(run(lcs_idx("{k}1", "{k}none")).matches.empty());
}

TEST_P(commands, deprecated_ways_to_set_still_work) {
    EXPECT_TRUE(run(setnx("k", "v")));
    EXPECT_FALSE(run(setnx("k", "w")));
    EXPECT_EQ(run(getset("k", "x")), "v");
    EXPECT_EQ(run(getset("new", "x")), std::nullopt);
    EXPECT_EQ(run(get("k")), "x");
    run(setex("k", 360000s, "y"));
    EXPECT_TRUE(within(run(pttl("k")), 100h));
    run(psetex("k", 720000000ms, "z"));
    EXPECT_TRUE(within(run(pttl("k")), 200h));
    EXPECT_EQ(run(get("k")), "z");
    EXPECT_EQ(refusal(setex("k", 0s, "y")), "ERR");
}

TEST_P(commands, values_of_another_type_are_refused) {
    run(raw("LPUSH", "k", "x"));
    EXPECT_EQ(refusal(get("k")), "WRONGTYPE");
    EXPECT_EQ(refusal(set_get("k", "v")), "WRONGTYPE");
    EXPECT_EQ(refusal(strlen("k")), "WRONGTYPE");
    EXPECT_EQ(refusal(append("k", "v")), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
