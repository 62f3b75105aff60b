// Commands of the group "hash" on real servers.
#include <algorithm>
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

TEST_P(commands, hash_commands_refuse_a_string) {
    EXPECT_TRUE(run(set("k", "v")));
    EXPECT_EQ(refusal(hget("k", "f")), "WRONGTYPE");
    EXPECT_EQ(refusal(hset("k", {{"f", "v"}})), "WRONGTYPE");
    EXPECT_EQ(refusal(hscan("k", 0)), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
