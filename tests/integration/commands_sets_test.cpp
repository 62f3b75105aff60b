// Commands of the group "set" on real servers.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/sets.hpp>
#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::string_literals;
using texts = std::vector<std::string>;
using text_set = std::unordered_set<std::string>;
using truths = std::vector<bool>;

texts sorted(texts items) {
    std::sort(items.begin(), items.end());
    return items;
}

TEST_P(commands, sadd_counts_only_new_members) {
    EXPECT_EQ(run(sadd("s", "a")), 1);
    EXPECT_EQ(run(sadd("s", "a", "b", "c"s)), 2);
    EXPECT_EQ(run(sadd("s", {"c", "d"})), 1);
    EXPECT_EQ(run(sadd("s", std::set<std::string>{"e", "f"})), 2);
    EXPECT_EQ(run(smembers("s")), (text_set{"a", "b", "c", "d", "e", "f"}));
    EXPECT_EQ(run(scard("s")), 6);
    EXPECT_EQ(run(smembers("none")), text_set{});
    EXPECT_EQ(run(scard("none")), 0);
}

TEST_P(commands, set_members_hold_any_bytes) {
    const std::string member = "\0\r\n\xff*-1\r\n"s;
    EXPECT_EQ(run(sadd("s", member)), 1);
    EXPECT_TRUE(run(sismember("s", member)));
    EXPECT_EQ(run(smembers("s")), text_set{member});
    EXPECT_EQ(run(sscan("s", 0)).items, texts{member});
}

TEST_P(commands, srem_counts_the_members_that_were_there) {
    EXPECT_EQ(run(sadd("s", {"a", "b", "c", "d"})), 4);
    EXPECT_EQ(run(srem("s", "a")), 1);
    EXPECT_EQ(run(srem("s", "a", "b")), 1);
    EXPECT_EQ(run(srem("s", {"c", "d"})), 2);
    EXPECT_EQ(run(exists("s")), 0);
    EXPECT_EQ(run(srem("none", "a")), 0);
}

TEST_P(commands, smove_moves_a_member_that_is_there) {
    EXPECT_EQ(run(sadd("{k}1", "a", "b")), 2);
    EXPECT_TRUE(run(smove("{k}1", "{k}2", "a")));
    EXPECT_FALSE(run(smove("{k}1", "{k}2", "a")));
    EXPECT_EQ(run(smembers("{k}1")), text_set{"b"});
    EXPECT_EQ(run(smembers("{k}2")), text_set{"a"});
}

TEST_P(commands, sismember_and_smismember_tell_who_is_in) {
    EXPECT_EQ(run(sadd("s", "a", "b")), 2);
    EXPECT_TRUE(run(sismember("s", "a")));
    EXPECT_FALSE(run(sismember("s", "x")));
    EXPECT_FALSE(run(sismember("none", "a")));
    EXPECT_EQ(run(smismember("s", "a", "x", "b")), (truths{true, false, true}));
    EXPECT_EQ(run(smismember("s", {"x", "a"})), (truths{false, true}));
    EXPECT_EQ(run(smismember("none", texts{"a", "b"})), (truths{false, false}));
}

TEST_P(commands, spop_takes_random_members) {
    EXPECT_EQ(run(sadd("s", {"a", "b", "c"})), 3);
    const auto one = run(spop("s"));
    ASSERT_TRUE(one);
    EXPECT_FALSE(run(sismember("s", *one)));
    texts all = run(spop("s", 9));
    EXPECT_EQ(all.size(), 2U);
    all.push_back(*one);
    EXPECT_EQ(sorted(all), (texts{"a", "b", "c"}));
    EXPECT_EQ(run(exists("s")), 0);
    EXPECT_EQ(run(spop("s")), std::nullopt);
    EXPECT_EQ(run(spop("s", 2)), texts{});
}

TEST_P(commands, srandmember_leaves_the_members) {
    EXPECT_EQ(run(sadd("s", {"a", "b", "c"})), 3);
    EXPECT_TRUE(run(sismember("s", run(srandmember("s")).value())));
    EXPECT_EQ(sorted(run(srandmember("s", 9))), (texts{"a", "b", "c"}));
    EXPECT_EQ(run(srandmember("s", 2)).size(), 2U);
    EXPECT_EQ(run(srandmember("s", -9)).size(), 9U);
    EXPECT_EQ(run(scard("s")), 3);
    EXPECT_EQ(run(srandmember("none")), std::nullopt);
    EXPECT_EQ(run(srandmember("none", 2)), texts{});
}

TEST_P(commands, sdiff_sinter_and_sunion_combine_sets) {
    EXPECT_EQ(run(sadd("{k}1", {"a", "b", "c"})), 3);
    EXPECT_EQ(run(sadd("{k}2", {"b", "c", "d"})), 3);
    EXPECT_EQ(run(sdiff("{k}1", "{k}2")), text_set{"a"});
    EXPECT_EQ(run(sdiff({"{k}2", "{k}1"})), text_set{"d"});
    EXPECT_EQ(run(sinter("{k}1", "{k}2")), (text_set{"b", "c"}));
    EXPECT_EQ(run(sinter({"{k}1", "{k}2", "{k}none"})), text_set{});
    EXPECT_EQ(run(sunion("{k}1", "{k}2"s, "{k}none")), (text_set{"a", "b", "c", "d"}));
    EXPECT_EQ(run(sunion(texts{"{k}none"})), text_set{});
}

TEST_P(commands, combined_sets_can_be_stored) {
    EXPECT_EQ(run(sadd("{k}1", {"a", "b", "c"})), 3);
    EXPECT_EQ(run(sadd("{k}2", {"b", "c", "d"})), 3);
    EXPECT_EQ(run(sdiffstore("{k}out", "{k}1", "{k}2")), 1);
    EXPECT_EQ(run(smembers("{k}out")), text_set{"a"});
    EXPECT_EQ(run(sinterstore("{k}out", "{k}1", "{k}2")), 2);
    EXPECT_EQ(run(smembers("{k}out")), (text_set{"b", "c"}));
    EXPECT_EQ(run(sunionstore("{k}out", {"{k}1", "{k}2"})), 4);
    EXPECT_EQ(run(smembers("{k}out")), (text_set{"a", "b", "c", "d"}));
    EXPECT_EQ(run(sunionstore("{k}out", texts{"{k}none"})), 0);
    EXPECT_EQ(run(exists("{k}out")), 0);
    EXPECT_EQ(run(sdiffstore("{k}out", {"{k}2", "{k}1"})), 1);
    EXPECT_EQ(run(sinterstore("{k}out", {"{k}1"})), 3);
    EXPECT_EQ(run(sunionstore("{k}out", "{k}2")), 3);
}

TEST_P(commands, sintercard_counts_up_to_its_limit) {
    EXPECT_EQ(run(sadd("{k}1", {"a", "b", "c"})), 3);
    EXPECT_EQ(run(sadd("{k}2", {"b", "c", "d"})), 3);
    EXPECT_EQ(run(sintercard({"{k}1", "{k}2"})), 2);
    EXPECT_EQ(run(sintercard({"{k}1", "{k}2"}, 1)), 1);
    EXPECT_EQ(run(sintercard(texts{"{k}1", "{k}none"})), 0);
}

TEST_P(commands, sscan_takes_several_steps_through_a_big_set) {
    std::set<std::string> all;
    for (int i = 0; i < 1000; ++i) all.insert("m" + std::to_string(i));
    EXPECT_EQ(run(sadd("s", all)), 1000);

    std::set<std::string> found;
    std::uint64_t cursor = 0;
    int steps = 0;
    do {
        const auto step = run(sscan("s", cursor, {.match = "m*", .count = 50}));
        found.insert(step.items.begin(), step.items.end());
        cursor = step.cursor;
        ++steps;
    } while (cursor != 0);
    EXPECT_EQ(found, all);
    EXPECT_GT(steps, 1);
    EXPECT_LT(steps, 50);  // with the server's own count there would be twice as many
}

TEST_P(commands, sscan_returns_members_that_match) {
    EXPECT_EQ(run(sadd("s", {"a1", "a2", "b1"})), 3);
    EXPECT_EQ(sorted(run(sscan("s", 0, {.match = "a*"})).items), (texts{"a1", "a2"}));
    EXPECT_EQ(run(sscan("none", 0)).items, texts{});
}

TEST_P(commands, set_commands_refuse_a_string) {
    EXPECT_TRUE(run(set("k", "v")));
    EXPECT_EQ(refusal(sadd("k", "a")), "WRONGTYPE");
    EXPECT_EQ(refusal(smembers("k")), "WRONGTYPE");
    EXPECT_EQ(refusal(sinter("k")), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
