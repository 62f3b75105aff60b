// Commands of the group "sorted-set" on real servers.
#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/sets.hpp>
#include <valkeyxx/commands/sorted_sets.hpp>
#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::chrono_literals;
using namespace std::string_literals;
using enum sort_order;
using enum score_end;
using texts = std::vector<std::string>;
using scores = std::vector<std::optional<double>>;
using popped = popped_members;
using ranked = ranked_score;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr auto soon = 20ms;      // the end of waiting for what does not come
constexpr auto much_later = 1h;  // longer than the client's own limit for a command

// a 1, b 2, c 3, d 4
void add_four(client& where, std::string_view key) {
    ASSERT_EQ(where.execute(zadd(key, {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}})), 4);
}

// a, b, c, d with the same score
void add_four_alike(client& where, std::string_view key) {
    ASSERT_EQ(where.execute(zadd(key, {{"a", 0}, {"b", 0}, {"c", 0}, {"d", 0}})), 4);
}

TEST_P(commands, zadd_counts_only_new_members) {
    EXPECT_EQ(run(zadd("z", 1.5, "a")), 1);
    EXPECT_EQ(run(zadd("z", {{"a", 2}, {"b", 0.5}})), 1);
    EXPECT_EQ(run(zadd("z", std::map<std::string, double>{{"c", -1}, {"d", infinity}})), 2);
    EXPECT_EQ(run(zadd("z", std::vector<std::pair<std::string_view, int>>{{"e", 7}, {"a", 3}})), 1);
    EXPECT_EQ(run(zrange_with_scores("z", 0, -1)),
              (member_scores{{"c", -1}, {"b", 0.5}, {"a", 3}, {"e", 7}, {"d", infinity}}));
    EXPECT_EQ(run(zadd("z", run(zrange_with_scores("z", 0, -1)))), 0);
}

TEST_P(commands, sorted_set_members_hold_any_bytes) {
    const std::string member = "\0\r\n\xff*-1\r\n"s;
    EXPECT_EQ(run(zadd("z", 1, member)), 1);
    EXPECT_EQ(run(zscore("z", member)), 1);
    EXPECT_EQ(run(zrange("z", 0, -1)), texts{member});
    EXPECT_EQ(run(zrange("z", lex_range{lex_bound::inclusive(member), lex_bound::inclusive(member)})), texts{member});
    EXPECT_EQ(run(zpopmin("z")), (scored_member{member, 1}));
}

TEST_P(commands, scores_keep_every_bit) {
    for (const double score : {0.1, -1.0 / 3, 1e300, -5e-324, 123456789012345678.0, -infinity}) {
        EXPECT_EQ(run(zadd("z", score, "m")), score == 0.1 ? 1 : 0);
        EXPECT_EQ(run(zscore("z", "m")), score);
        EXPECT_EQ(run(zcount("z", {score, score})), 1);
    }
    EXPECT_EQ(refusal(zadd("z", std::numeric_limits<double>::quiet_NaN(), "m")), "ERR");
}

TEST_P(commands, zadd_keeps_to_its_condition) {
    EXPECT_EQ(run(zadd("z", 5, "a", {.condition = zadd_if::exists})), 0);
    EXPECT_EQ(run(exists("z")), 0);
    EXPECT_EQ(run(zadd("z", 5, "a", {.condition = zadd_if::does_not_exist})), 1);
    EXPECT_EQ(run(zadd("z", 6, "a", {.condition = zadd_if::does_not_exist})), 0);
    EXPECT_EQ(run(zscore("z", "a")), 5);
    EXPECT_EQ(run(zadd("z", 6, "a", {.condition = zadd_if::exists})), 0);
    EXPECT_EQ(run(zscore("z", "a")), 6);

    const auto set_both = [&](double score, zadd_if condition) {
        run(del("z"));
        EXPECT_EQ(run(zadd("z", 5, "a")), 1);
        run(zadd("z", {{"a", score}, {"new", score}}, {.condition = condition}));
        return run(zmscore("z", "a", "new"));
    };
    EXPECT_EQ(set_both(6, zadd_if::greater), (scores{6, 6}));
    EXPECT_EQ(set_both(4, zadd_if::greater), (scores{5, 4}));
    EXPECT_EQ(set_both(6, zadd_if::less), (scores{5, 6}));
    EXPECT_EQ(set_both(4, zadd_if::less), (scores{4, 4}));
    EXPECT_EQ(set_both(6, zadd_if::exists_and_greater), (scores{6, std::nullopt}));
    EXPECT_EQ(set_both(4, zadd_if::exists_and_greater), (scores{5, std::nullopt}));
    EXPECT_EQ(set_both(6, zadd_if::exists_and_less), (scores{5, std::nullopt}));
    EXPECT_EQ(set_both(4, zadd_if::exists_and_less), (scores{4, std::nullopt}));
}

TEST_P(commands, zadd_can_count_what_it_changes) {
    EXPECT_EQ(run(zadd("z", {{"a", 1}, {"b", 2}})), 2);
    EXPECT_EQ(run(zadd("z", {{"a", 1}, {"b", 3}, {"c", 3}})), 1);
    EXPECT_EQ(run(zadd("z", {{"a", 1}, {"b", 4}, {"d", 3}}, {.count_changed = true})), 2);
}

TEST_P(commands, zadd_incr_and_zincrby_return_the_sum) {
    EXPECT_EQ(run(zadd_incr("z", 1.5, "a")), 1.5);
    EXPECT_EQ(run(zadd_incr("z", 2, "a", zadd_if::greater)), 3.5);
    EXPECT_EQ(run(zadd_incr("z", -2, "a", zadd_if::greater)), std::nullopt);
    EXPECT_EQ(run(zadd_incr("z", 1, "a", zadd_if::does_not_exist)), std::nullopt);
    EXPECT_EQ(run(zincrby("z", -1.25, "a")), 2.25);
    EXPECT_EQ(run(zincrby("z", 7, "b")), 7);
    EXPECT_EQ(run(zscore("z", "a")), 2.25);
}

TEST_P(commands, zrem_counts_the_members_that_were_there) {
    add_four(client(), "z");
    EXPECT_EQ(run(zrem("z", "a")), 1);
    EXPECT_EQ(run(zrem("z", "a", "b")), 1);
    EXPECT_EQ(run(zrem("z", {"c", "d"})), 2);
    EXPECT_EQ(run(exists("z")), 0);
    EXPECT_EQ(run(zrem("none", "a")), 0);
}

TEST_P(commands, zremrangeby_commands_remove_ranges) {
    add_four(client(), "z");
    EXPECT_EQ(run(zremrangebyrank("z", -1, -1)), 1);
    EXPECT_EQ(run(zremrangebyrank("none", 0, -1)), 0);
    EXPECT_EQ(run(zremrangebyscore("z", {.max = score_bound::exclusive(2)})), 1);
    EXPECT_EQ(run(zrange("z", 0, -1)), (texts{"b", "c"}));
    EXPECT_EQ(run(zremrangebyscore("z", {3, 9})), 1);
    EXPECT_EQ(run(zremrangebyscore("z", {3, 9})), 0);

    add_four_alike(client(), "alike");
    EXPECT_EQ(run(zremrangebylex("alike", {.min = lex_bound::exclusive("b")})), 2);
    EXPECT_EQ(run(zrange("alike", 0, -1)), (texts{"a", "b"}));
}

TEST_P(commands, zpopmin_and_zpopmax_take_from_their_ends) {
    add_four(client(), "z");
    EXPECT_EQ(run(zpopmin("z")), (scored_member{"a", 1}));
    EXPECT_EQ(run(zpopmax("z")), (scored_member{"d", 4}));
    EXPECT_EQ(run(zpopmin("z", 1)), (member_scores{{"b", 2}}));
    EXPECT_EQ(run(zpopmin("z", 0)), member_scores{});
    EXPECT_EQ(run(zadd("z", 5, "e")), 1);
    EXPECT_EQ(run(zpopmax("z", 9)), (member_scores{{"e", 5}, {"c", 3}}));
    EXPECT_EQ(run(exists("z")), 0);
    EXPECT_EQ(run(zpopmin("z")), std::nullopt);
    EXPECT_EQ(run(zpopmax("z")), std::nullopt);
    EXPECT_EQ(run(zpopmin("z", 2)), member_scores{});
    EXPECT_EQ(run(zpopmax("z", 2)), member_scores{});
}

TEST_P(commands, zmpop_takes_from_the_first_sorted_set_that_has_members) {
    EXPECT_EQ(run(zmpop({"{k}1", "{k}2"}, lowest)), std::nullopt);
    add_four(client(), "{k}2");
    EXPECT_EQ(run(zmpop({"{k}1", "{k}2"}, lowest)), (popped{"{k}2", {{"a", 1}}}));
    EXPECT_EQ(run(zmpop({"{k}1", "{k}2"}, highest, 2)), (popped{"{k}2", {{"d", 4}, {"c", 3}}}));
}

TEST_P(commands, blocking_pops_of_sorted_sets_take_at_once_what_is_there) {
    add_four(client(), "{k}2");
    EXPECT_EQ(run(bzpopmin({"{k}1", "{k}2"}, 0ms)), (popped_member{"{k}2", "a", 1}));
    EXPECT_EQ(run(bzpopmax({"{k}1", "{k}2"}, 36h)), (popped_member{"{k}2", "d", 4}));
    EXPECT_EQ(run(bzmpop({"{k}1", "{k}2"}, lowest, 0ms)), (popped{"{k}2", {{"b", 2}}}));
    EXPECT_EQ(run(bzmpop({"{k}1", "{k}2"}, highest, 1500ms, 9)), (popped{"{k}2", {{"c", 3}}}));
}

TEST_P(commands, blocking_pops_of_sorted_sets_end_with_their_time) {
    EXPECT_EQ(run(bzpopmin({"{k}1", "{k}2"}, soon)), std::nullopt);
    EXPECT_EQ(run(bzpopmax({"{k}1", "{k}2"}, soon)), std::nullopt);
    EXPECT_EQ(run(bzmpop({"{k}1", "{k}2"}, lowest, soon)), std::nullopt);
}

TEST_P(commands, bzpopmin_waits_for_a_member) {
    auto other = server_of("z").admin();  // the connection of the one that waits is held up by it
    auto waiting = std::async(std::launch::async, [&] { return run(bzpopmin({"z"}, much_later)); });
    poll_until("a client that waits", [&] {
        return other({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos;
    });
    other({"ZADD", "z", "2", "a"});
    EXPECT_EQ(waiting.get(), (popped_member{"z", "a", 2}));
}

TEST_P(commands, zscore_and_zmscore_tell_scores) {
    add_four(client(), "z");
    EXPECT_EQ(run(zscore("z", "b")), 2);
    EXPECT_EQ(run(zscore("z", "x")), std::nullopt);
    EXPECT_EQ(run(zscore("none", "a")), std::nullopt);
    EXPECT_EQ(run(zmscore("z", "b", "x", "a")), (scores{2, std::nullopt, 1}));
    EXPECT_EQ(run(zmscore("z", {"d", "c"})), (scores{4, 3}));
    EXPECT_EQ(run(zmscore("none", texts{"a"})), scores{std::nullopt});
}

TEST_P(commands, zrank_and_zrevrank_count_from_their_ends) {
    add_four(client(), "z");
    EXPECT_EQ(run(zrank("z", "b")), 1);
    EXPECT_EQ(run(zrevrank("z", "b")), 2);
    EXPECT_EQ(run(zrank_with_score("z", "b")), (ranked{1, 2}));
    EXPECT_EQ(run(zrevrank_with_score("z", "b")), (ranked{2, 2}));
    EXPECT_EQ(run(zrank("z", "x")), std::nullopt);
    EXPECT_EQ(run(zrevrank("none", "b")), std::nullopt);
    EXPECT_EQ(run(zrank_with_score("z", "x")), std::nullopt);
    EXPECT_EQ(run(zrevrank_with_score("none", "b")), std::nullopt);
}

TEST_P(commands, zcard_zcount_and_zlexcount_count) {
    add_four(client(), "z");
    EXPECT_EQ(run(zcard("z")), 4);
    EXPECT_EQ(run(zcard("none")), 0);
    EXPECT_EQ(run(zcount("z", {})), 4);
    EXPECT_EQ(run(zcount("z", {2, 3})), 2);
    EXPECT_EQ(run(zcount("z", {2, score_bound::exclusive(3)})), 1);
    EXPECT_EQ(run(zcount("z", {.min = score_bound::exclusive(2.5)})), 2);
    EXPECT_EQ(run(zcount("none", {})), 0);

    add_four_alike(client(), "alike");
    EXPECT_EQ(run(zlexcount("alike", {})), 4);
    EXPECT_EQ(run(zlexcount("alike", {lex_bound::inclusive("b"), lex_bound::exclusive("d")})), 2);
    EXPECT_EQ(run(zlexcount("alike", {.max = lex_bound::inclusive("a")})), 1);
}

TEST_P(commands, zrandmember_leaves_the_members) {
    EXPECT_EQ(run(zadd("z", {{"a", 1}, {"b", 2}})), 2);
    EXPECT_TRUE(run(zscore("z", run(zrandmember("z")).value())));
    texts both = run(zrandmember("z", 9));
    std::sort(both.begin(), both.end());
    EXPECT_EQ(both, (texts{"a", "b"}));
    EXPECT_EQ(run(zrandmember("z", -9)).size(), 9U);
    member_scores with_scores = run(zrandmember_with_scores("z", 2));
    std::sort(with_scores.begin(), with_scores.end());
    EXPECT_EQ(with_scores, (member_scores{{"a", 1}, {"b", 2}}));
    EXPECT_EQ(run(zcard("z")), 2);
    EXPECT_EQ(run(zrandmember("none")), std::nullopt);
    EXPECT_EQ(run(zrandmember("none", 2)), texts{});
    EXPECT_EQ(run(zrandmember_with_scores("none", 2)), member_scores{});
}

TEST_P(commands, zscan_takes_several_steps_through_a_big_sorted_set) {
    std::map<std::string, double> all;
    for (int i = 0; i < 1000; ++i) all.emplace("m" + std::to_string(i), i + 0.5);
    EXPECT_EQ(run(zadd("z", all)), 1000);

    std::map<std::string, double> found;
    std::set<std::string> members;
    std::uint64_t cursor = 0;
    int steps = 0;
    do {
        const auto step = run(zscan("z", cursor, {.match = "m*", .count = 50}));
        found.insert(step.items.begin(), step.items.end());
        const auto same_step = run(zscan_members("z", cursor, {.match = "m*", .count = 50}));
        members.insert(same_step.items.begin(), same_step.items.end());
        cursor = step.cursor;
        ++steps;
    } while (cursor != 0);
    EXPECT_EQ(found, all);
    EXPECT_EQ(members.size(), 1000U);
    EXPECT_GT(steps, 1);
    EXPECT_LT(steps, 50);  // with the server's own count there would be twice as many
}

TEST_P(commands, zscan_returns_members_that_match) {
    EXPECT_EQ(run(zadd("z", {{"a1", 1}, {"b1", 2}})), 2);
    EXPECT_EQ(run(zscan("z", 0, {.match = "a*"})).items, (member_scores{{"a1", 1}}));
    EXPECT_EQ(run(zscan_members("z", 0, {.match = "b*"})).items, texts{"b1"});
    EXPECT_EQ(run(zscan("none", 0)).items, member_scores{});
}

TEST_P(commands, zrange_by_index_includes_both_ends) {
    add_four(client(), "z");
    EXPECT_EQ(run(zrange("z", 1, 2)), (texts{"b", "c"}));
    EXPECT_EQ(run(zrange("z", -2, -1)), (texts{"c", "d"}));
    EXPECT_EQ(run(zrange("z", 0, 1, descending)), (texts{"d", "c"}));
    EXPECT_EQ(run(zrange("z", 5, 9)), texts{});
    EXPECT_EQ(run(zrange("none", 0, -1)), texts{});
    EXPECT_EQ(run(zrange_with_scores("z", 0, 1)), (member_scores{{"a", 1}, {"b", 2}}));
    EXPECT_EQ(run(zrange_with_scores("z", 0, 1, descending)), (member_scores{{"d", 4}, {"c", 3}}));
    EXPECT_EQ(run(zrange_with_scores("none", 0, -1)), member_scores{});
}

TEST_P(commands, zrange_by_score_has_the_lower_end_first) {
    add_four(client(), "z");
    EXPECT_EQ(run(zrange("z", score_range{})), (texts{"a", "b", "c", "d"}));
    EXPECT_EQ(run(zrange("z", score_range{2, 3})), (texts{"b", "c"}));
    EXPECT_EQ(run(zrange("z", {2, score_bound::exclusive(3)})), (texts{"b"}));
    EXPECT_EQ(run(zrange("z", score_range{2, 4}, {.order = descending})), (texts{"d", "c", "b"}));
    EXPECT_EQ(run(zrange("z", score_range{.min = 2}, {.limit = {.offset = 1}})), (texts{"c", "d"}));
    EXPECT_EQ(run(zrange("z", score_range{.min = 2}, {.limit = {.count = 1}})), (texts{"b"}));
    EXPECT_EQ(run(zrange("z", score_range{.min = 2}, {.limit = {.count = 0}})), texts{});
    EXPECT_EQ(run(zrange("z", score_range{}, {.order = descending, .limit = {.offset = 1, .count = 2}})),
              (texts{"c", "b"}));
    EXPECT_EQ(run(zrange_with_scores("z", score_range{.max = score_bound::exclusive(2)})), (member_scores{{"a", 1}}));
    EXPECT_EQ(run(zrange_with_scores("z", score_range{}, {.order = descending, .limit = {.count = 1}})),
              (member_scores{{"d", 4}}));
}

TEST_P(commands, infinite_scores_can_be_left_out_of_a_range) {
    EXPECT_EQ(run(zadd("z", {{"a", -infinity}, {"b", 0}, {"c", infinity}})), 3);
    EXPECT_EQ(run(zrange("z", score_range{score_bound::lowest(), score_bound::highest()})), (texts{"a", "b", "c"}));
    EXPECT_EQ(run(zrange("z", score_range{score_bound::exclusive(-infinity), score_bound::exclusive(infinity)})),
              (texts{"b"}));
}

TEST_P(commands, zrange_by_lex_has_the_lower_end_first) {
    add_four_alike(client(), "z");
    EXPECT_EQ(run(zrange("z", lex_range{})), (texts{"a", "b", "c", "d"}));
    EXPECT_EQ(run(zrange("z", lex_range{lex_bound::inclusive("b"), lex_bound::exclusive("d")})), (texts{"b", "c"}));
    EXPECT_EQ(run(zrange("z", lex_range{.min = lex_bound::exclusive("b")}, {.order = descending})), (texts{"d", "c"}));
    EXPECT_EQ(run(zrange("z", lex_range{}, {.limit = {.offset = 1, .count = 2}})), (texts{"b", "c"}));
    EXPECT_EQ(run(zrange("z", lex_range{.max = lex_bound::lowest()})), texts{});
}

TEST_P(commands, zrangestore_stores_a_range) {
    add_four(client(), "{k}1");
    EXPECT_EQ(run(zrangestore("{k}out", "{k}1", 0, 1, descending)), 2);
    EXPECT_EQ(run(zrange_with_scores("{k}out", 0, -1)), (member_scores{{"c", 3}, {"d", 4}}));
    EXPECT_EQ(run(zrangestore("{k}out", "{k}1", score_range{.max = 3}, {.limit = {.offset = 1}})), 2);
    EXPECT_EQ(run(zrange("{k}out", 0, -1)), (texts{"b", "c"}));
    EXPECT_EQ(run(zrangestore("{k}out", "{k}1", 7, 9)), 0);
    EXPECT_EQ(run(exists("{k}out")), 0);

    add_four_alike(client(), "{k}2");
    EXPECT_EQ(run(zrangestore("{k}out", "{k}2", lex_range{.min = lex_bound::inclusive("c")}, {.order = descending})),
              2);
    EXPECT_EQ(run(zrange("{k}out", 0, -1)), (texts{"c", "d"}));
}

TEST_P(commands, deprecated_ranges_return_what_zrange_does) {
    add_four(client(), "z");
    EXPECT_EQ(run(zrevrange("z", 0, 1)), (texts{"d", "c"}));
    EXPECT_EQ(run(zrevrange_with_scores("z", 0, 1)), (member_scores{{"d", 4}, {"c", 3}}));
    EXPECT_EQ(run(zrangebyscore("z", {2, score_bound::exclusive(4)})), (texts{"b", "c"}));
    EXPECT_EQ(run(zrangebyscore("z", {}, {.offset = 1, .count = 2})), (texts{"b", "c"}));
    EXPECT_EQ(run(zrangebyscore_with_scores("z", {.max = 2}, {.offset = 1})), (member_scores{{"b", 2}}));
    EXPECT_EQ(run(zrevrangebyscore("z", {2, score_bound::exclusive(4)})), (texts{"c", "b"}));
    EXPECT_EQ(run(zrevrangebyscore("z", {}, {.count = 1})), (texts{"d"}));
    EXPECT_EQ(run(zrevrangebyscore_with_scores("z", {.min = 3})), (member_scores{{"d", 4}, {"c", 3}}));

    add_four_alike(client(), "alike");
    const lex_range middle{lex_bound::inclusive("b"), lex_bound::exclusive("d")};
    EXPECT_EQ(run(zrangebylex("alike", middle)), (texts{"b", "c"}));
    EXPECT_EQ(run(zrevrangebylex("alike", middle)), (texts{"c", "b"}));
    EXPECT_EQ(run(zrangebylex("alike", {}, {.offset = 1, .count = 1})), (texts{"b"}));
    EXPECT_EQ(run(zrevrangebylex("alike", {}, {.offset = 1, .count = 1})), (texts{"c"}));
}

TEST_P(commands, zunion_and_zinter_add_up_scores) {
    EXPECT_EQ(run(zadd("{k}1", {{"a", 1}, {"b", 2}})), 2);
    EXPECT_EQ(run(zadd("{k}2", {{"b", 10}, {"c", 20}})), 2);
    EXPECT_EQ(run(zunion({"{k}1", "{k}2"})), (texts{"a", "b", "c"}));
    EXPECT_EQ(run(zunion_with_scores({"{k}1", "{k}2"})), (member_scores{{"a", 1}, {"b", 12}, {"c", 20}}));
    EXPECT_EQ(run(zinter({"{k}1", "{k}2"})), (texts{"b"}));
    EXPECT_EQ(run(zinter_with_scores({"{k}1", "{k}2"})), (member_scores{{"b", 12}}));
    EXPECT_EQ(run(zinter(texts{"{k}1", "{k}none"})), texts{});
    EXPECT_EQ(run(zunion_with_scores(texts{"{k}none"})), member_scores{});
}

TEST_P(commands, zunion_and_zinter_weigh_and_aggregate_scores) {
    EXPECT_EQ(run(zadd("{k}1", {{"a", 1}, {"b", 2}})), 2);
    EXPECT_EQ(run(zadd("{k}2", {{"a", 8}, {"b", 4}})), 2);
    const std::vector<double> weights{10, 0.5};
    using enum zaggregate;
    EXPECT_EQ(run(zunion_with_scores({"{k}1", "{k}2"}, {.weights = weights})), (member_scores{{"a", 14}, {"b", 22}}));
    EXPECT_EQ(run(zunion({"{k}1", "{k}2"}, {.weights = std::array{0.0, -1.0}})), (texts{"a", "b"}));
    EXPECT_EQ(run(zunion_with_scores({"{k}1", "{k}2"}, {.aggregate = min})), (member_scores{{"a", 1}, {"b", 2}}));
    EXPECT_EQ(run(zinter_with_scores({"{k}1", "{k}2"}, {.aggregate = max})), (member_scores{{"b", 4}, {"a", 8}}));
    EXPECT_EQ(run(zinter({"{k}1", "{k}2"}, {.aggregate = max})), (texts{"b", "a"}));
    EXPECT_EQ(run(zinter_with_scores({"{k}1", "{k}2"}, {.weights = weights, .aggregate = min})),
              (member_scores{{"b", 2}, {"a", 4}}));
    EXPECT_EQ(refusal(zunion({"{k}1", "{k}2"}, {.weights = std::array{1.0}})), "ERR");
}

TEST_P(commands, zunion_takes_sets_too) {
    EXPECT_EQ(run(zadd("{k}1", 5, "a")), 1);
    EXPECT_EQ(run(sadd("{k}2", "a", "b")), 2);
    EXPECT_EQ(run(zunion_with_scores({"{k}1", "{k}2"})), (member_scores{{"b", 1}, {"a", 6}}));
}

TEST_P(commands, zdiff_keeps_the_scores_of_the_first) {
    add_four(client(), "{k}1");
    EXPECT_EQ(run(zadd("{k}2", {{"b", 7}, {"d", 7}})), 2);
    EXPECT_EQ(run(zdiff({"{k}1", "{k}2"})), (texts{"a", "c"}));
    EXPECT_EQ(run(zdiff_with_scores({"{k}1", "{k}2"})), (member_scores{{"a", 1}, {"c", 3}}));
    EXPECT_EQ(run(zdiff(texts{"{k}none"})), texts{});
}

TEST_P(commands, combined_sorted_sets_can_be_stored) {
    EXPECT_EQ(run(zadd("{k}1", {{"a", 1}, {"b", 2}})), 2);
    EXPECT_EQ(run(zadd("{k}2", {{"b", 10}, {"c", 20}})), 2);
    EXPECT_EQ(run(zunionstore("{k}out", {"{k}1", "{k}2"}, {.weights = std::array{2.0, 1.0}})), 3);
    EXPECT_EQ(run(zrange_with_scores("{k}out", 0, -1)), (member_scores{{"a", 2}, {"b", 14}, {"c", 20}}));
    EXPECT_EQ(run(zinterstore("{k}out", {"{k}1", "{k}2"}, {.aggregate = zaggregate::max})), 1);
    EXPECT_EQ(run(zrange_with_scores("{k}out", 0, -1)), (member_scores{{"b", 10}}));
    EXPECT_EQ(run(zdiffstore("{k}out", {"{k}1", "{k}2"})), 1);
    EXPECT_EQ(run(zrange_with_scores("{k}out", 0, -1)), (member_scores{{"a", 1}}));
    EXPECT_EQ(run(zunionstore("{k}out", "{k}1", "{k}2")), 3);
    EXPECT_EQ(run(zinterstore("{k}out", "{k}1", "{k}2"s)), 1);
    EXPECT_EQ(run(zdiffstore("{k}out", "{k}2", "{k}1")), 1);
    EXPECT_EQ(run(zrange_with_scores("{k}out", 0, -1)), (member_scores{{"c", 20}}));
    EXPECT_EQ(run(zunion("{k}1", "{k}2")), (texts{"a", "b", "c"}));
    EXPECT_EQ(run(zunion_with_scores("{k}1", "{k}none")), (member_scores{{"a", 1}, {"b", 2}}));
    EXPECT_EQ(run(zinter("{k}1", "{k}2")), texts{"b"});
    EXPECT_EQ(run(zinter_with_scores("{k}1", "{k}2")), (member_scores{{"b", 12}}));
    EXPECT_EQ(run(zdiff("{k}1", "{k}2")), texts{"a"});
    EXPECT_EQ(run(zdiff_with_scores("{k}2", "{k}1")), (member_scores{{"c", 20}}));
    EXPECT_EQ(run(zinterstore("{k}out", texts{"{k}1", "{k}none"})), 0);
    EXPECT_EQ(run(exists("{k}out")), 0);
}

TEST_P(commands, zintercard_counts_up_to_its_limit) {
    add_four(client(), "{k}1");
    EXPECT_EQ(run(zadd("{k}2", {{"b", 7}, {"d", 7}})), 2);
    EXPECT_EQ(run(zintercard({"{k}1", "{k}2"})), 2);
    EXPECT_EQ(run(zintercard({"{k}1", "{k}2"}, 1)), 1);
    EXPECT_EQ(run(zintercard(texts{"{k}1", "{k}none"})), 0);
}

TEST_P(commands, sorted_set_commands_refuse_a_string) {
    EXPECT_TRUE(run(set("k", "v")));
    EXPECT_EQ(refusal(zadd("k", 1, "a")), "WRONGTYPE");
    EXPECT_EQ(refusal(zrange("k", 0, -1)), "WRONGTYPE");
    EXPECT_EQ(refusal(bzpopmin({"k"}, 1s)), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
