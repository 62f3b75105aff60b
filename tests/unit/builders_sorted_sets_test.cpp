// The requests of the group "sorted-set" that a server's reply does not tell apart, and replies that no server sends.
#include <valkeyxx/commands/sorted_sets.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

using namespace std::chrono_literals;
using testing::array;
using testing::bulk;
using testing::reply_from;
using testing::request;

template <class Reply>
std::string words(const command<Reply>& c) {
    return std::string{c.encoded().bytes()};
}

template <class Reply>
key_route route(const command<Reply>& c) {
    return c.encoded().facts().route;
}

TEST(builders_sorted_sets, zadd_sends_options_before_scores) {
    EXPECT_EQ(words(zadd("k", 1.5, "m")), request({"ZADD", "k", "1.5", "m"}));
    EXPECT_EQ(words(zadd("k", {{"a", 1}, {"b", -2}}, {.condition = zadd_if::exists_and_less, .count_changed = true})),
              request({"ZADD", "k", "XX", "LT", "CH", "1", "a", "-2", "b"}));
    EXPECT_EQ(words(zadd_incr("k", 2, "m", zadd_if::greater)), request({"ZADD", "k", "GT", "INCR", "2", "m"}));
}

TEST(builders_sorted_sets, score_bounds_are_written_as_the_server_reads_them) {
    EXPECT_EQ(words(zcount("k", {})), request({"ZCOUNT", "k", "-inf", "inf"}));
    EXPECT_EQ(words(zcount("k", {1, score_bound::exclusive(2.5)})), request({"ZCOUNT", "k", "1", "(2.5"}));
    const double longest = -std::numeric_limits<double>::min();
    EXPECT_EQ(words(zcount("k", {score_bound::exclusive(longest), 0})),
              request({"ZCOUNT", "k", "(-2.2250738585072014e-308", "0"}));
}

TEST(builders_sorted_sets, lex_bounds_take_members_as_they_are) {
    EXPECT_EQ(words(zlexcount("k", {})), request({"ZLEXCOUNT", "k", "-", "+"}));
    EXPECT_EQ(words(zlexcount("k", {lex_bound::inclusive("(a"), lex_bound::exclusive("+")})),
              request({"ZLEXCOUNT", "k", "[(a", "(+"}));
    EXPECT_EQ(words(zlexcount("k", {lex_bound::inclusive(""), lex_bound::highest()})),
              request({"ZLEXCOUNT", "k", "[", "+"}));
}

TEST(builders_sorted_sets, descending_ranges_are_sent_from_their_upper_end) {
    constexpr zrange_options options{.order = sort_order::descending, .limit = {.offset = 1, .count = 2}};
    EXPECT_EQ(words(zrange("k", score_range{1, 5}, options)),
              request({"ZRANGE", "k", "5", "1", "BYSCORE", "REV", "LIMIT", "1", "2"}));
    EXPECT_EQ(words(zrange("k", lex_range{lex_bound::lowest(), lex_bound::inclusive("b")}, options)),
              request({"ZRANGE", "k", "[b", "-", "BYLEX", "REV", "LIMIT", "1", "2"}));
    EXPECT_EQ(words(zrange_with_scores("k", 0, -1, sort_order::descending)),
              request({"ZRANGE", "k", "0", "-1", "REV", "WITHSCORES"}));
    EXPECT_EQ(words(zrevrangebyscore("k", {1, 5})), request({"ZREVRANGEBYSCORE", "k", "5", "1"}));
}

TEST(builders_sorted_sets, options_at_their_defaults_are_not_sent) {
    EXPECT_EQ(words(zrange("k", 0, -1)), request({"ZRANGE", "k", "0", "-1"}));
    EXPECT_EQ(words(zrange("k", score_range{})), request({"ZRANGE", "k", "-inf", "inf", "BYSCORE"}));
    EXPECT_EQ(words(zunion({"k"})), request({"ZUNION", "1", "k"}));
    EXPECT_EQ(words(zintercard({"k"})), request({"ZINTERCARD", "1", "k"}));
    EXPECT_EQ(words(zmpop({"k"}, score_end::lowest)), request({"ZMPOP", "1", "k", "MIN"}));
    EXPECT_EQ(words(bzmpop({"k"}, score_end::highest, 1500ms, 2)),
              request({"BZMPOP", "1.5", "1", "k", "MAX", "COUNT", "2"}));
}

TEST(builders_sorted_sets, only_keys_are_taken_for_keys) {
    EXPECT_EQ(route(zrange("k", 0, -1)), key_route::slot);
    EXPECT_EQ(route(zrangestore("a", "b", 0, -1)), key_route::cross_slot);
    EXPECT_EQ(route(zrangestore("{k}1", "{k}2", score_range{})), key_route::slot);
    EXPECT_EQ(route(zunion({"a", "b"})), key_route::cross_slot);
    EXPECT_EQ(route(zunion({"{k}1", "{k}2"}, {.aggregate = zaggregate::max})), key_route::slot);
    EXPECT_EQ(route(zunionstore("a", {"b"})), key_route::cross_slot);
    EXPECT_EQ(route(zdiffstore("{k}1", {"{k}2", "k"})), key_route::slot);
    EXPECT_EQ(route(zintercard({"a", "b"}, 1)), key_route::cross_slot);
    EXPECT_EQ(route(zmpop({"a", "b"}, score_end::lowest)), key_route::cross_slot);
    EXPECT_EQ(route(bzpopmin({"a", "b"}, 1s)), key_route::cross_slot);
    EXPECT_EQ(route(bzpopmax({"{k}1", "{k}2"}, 1s)), key_route::slot);
    EXPECT_EQ(route(bzmpop({"a", "b"}, score_end::lowest, 1s)), key_route::cross_slot);
}

TEST(builders_sorted_sets, a_popped_member_has_exactly_one_shape) {
    using one = std::optional<scored_member>;
    EXPECT_EQ(decode<one>(reply_from(array({}))).value(), std::nullopt);
    EXPECT_EQ(decode<one>(reply_from(array({bulk("m"), bulk("1.5")}))).value(), (scored_member{"m", 1.5}));
    for (const std::string& wire : {array({bulk("m")}), array({bulk("m"), bulk("x")}), bulk("m"),
                                    array({bulk("a"), bulk("1"), bulk("b"), bulk("2")})}) {
        EXPECT_FALSE(decode<one>(reply_from(wire))) << wire;
    }
    EXPECT_EQ(decode<popped_member>(reply_from(array({bulk("k"), bulk("m"), bulk("2")}))).value(),
              (popped_member{"k", "m", 2}));
    EXPECT_FALSE(decode<popped_member>(reply_from(array({bulk("k"), bulk("m")}))));
}

}  // namespace
}  // namespace valkeyxx::commands
