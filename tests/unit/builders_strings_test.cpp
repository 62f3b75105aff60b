// What can be said of string commands without a server, and is not in builders_test.cpp.
#include <valkeyxx/commands/strings.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "support/wire.hpp"

#include <valkeyxx/commands/generic.hpp>

namespace valkeyxx::commands {
namespace {

using namespace std::chrono_literals;
using testing::array, testing::bulk, testing::integer, testing::reply_from, testing::request;
using time_point = std::chrono::system_clock::time_point;

template <class R>
std::string sent(const command<R>& c) {
    return std::string{c.encoded().bytes()};
}

template <class R>
bool repeatable(const command<R>& c) {
    return c.encoded().facts().repeatable;
}

TEST(builders_strings, points_in_time_are_rounded_to_the_past) {
    EXPECT_EQ(sent(set("k", "v", {.expire_at = time_point{1999us}})), request({"SET", "k", "v", "PXAT", "1"}));
    EXPECT_EQ(sent(getex("k", time_point{-1us})), request({"GETEX", "k", "PXAT", "-1"}));
}

TEST(builders_strings, what_looks_at_the_old_value_is_not_repeated) {
    EXPECT_FALSE(repeatable(set_get("k", "v")));
    EXPECT_EQ(sent(set_get("k", "v", {.condition = set_if::exists})), request({"SET", "k", "v", "XX", "GET"}));
    EXPECT_TRUE(repeatable(getex("k", 1s)));
    EXPECT_TRUE(repeatable(getex_persist("k")));
    EXPECT_FALSE(repeatable(getex("k", time_point{})));
    EXPECT_TRUE(repeatable(set("k", "v", {.expire_at = time_point{}})));
}

TEST(builders_strings, comparing_and_conditions_forbid_repetition) {
    EXPECT_EQ(sent(set("k", "v", {.if_equal = "", .expiry = 2s})),
              request({"SET", "k", "v", "PX", "2000", "IFEQ", ""}));
    EXPECT_FALSE(repeatable(set("k", "v", {.if_equal = "w"})));
    EXPECT_FALSE(repeatable(delifeq("k", "v")));
    EXPECT_TRUE(repeatable(msetex({{"k", "v"}}, {.expiry = 1s})));
    EXPECT_FALSE(repeatable(msetex({{"k", "v"}}, {.condition = set_if::exists})));
}

TEST(builders_strings, an_expiry_of_nothing_is_sent_for_the_server_to_refuse) {
    EXPECT_EQ(sent(set("k", "v", {.expiry = 0s})), request({"SET", "k", "v", "PX", "0"}));
}

TEST(builders_strings, keys_must_be_of_one_slot) {
    EXPECT_EQ(sent(msetex({{"a", "1"}, {"{a}2", "2"}}, {.condition = set_if::exists, .keep_ttl = true})),
              request({"MSETEX", "2", "a", "1", "{a}2", "2", "XX", "KEEPTTL"}));
    EXPECT_EQ(msetex({{"a", "b"}, {"{a}2", "c"}}).encoded().facts().slot, key_slot("a"));
    EXPECT_EQ(msetex({{"a", "1"}, {"b", "2"}}).encoded().facts().route, key_route::cross_slot);

    EXPECT_EQ(lcs_len("a", "b").encoded().facts().route, key_route::cross_slot);
    EXPECT_EQ(lcs_idx("a", "{a}b", {.min_match_length = 2}).encoded().facts().slot, key_slot("a"));
    EXPECT_EQ(msetnx({{"a", "1"}, {"b", "2"}}).encoded().facts().route, key_route::cross_slot);
    EXPECT_EQ(sent(mset(std::map<std::string, std::string>{{"a", "1"}})), request({"MSET", "a", "1"}));
}

TEST(builders_strings, matches_are_read_from_what_lcs_says) {
    const std::string match = array({array({integer(4), integer(7)}), array({integer(5), integer(8)}), integer(4)});
    const auto good = decode<lcs_matches>(reply_from(
        array({bulk("matches"), array({match}), bulk("something new"), bulk("x"), bulk("len"), integer(6)})));
    ASSERT_TRUE(good);
    EXPECT_EQ(good->length, 6);
    EXPECT_EQ(good->matches, (std::vector{lcs_match{.in_first = {4, 7}, .in_second = {5, 8}, .length = 4}}));
    for (const auto& bad : {bulk("len"), array({bulk("len")}), array({bulk("len"), bulk("x")}),
                            array({bulk("matches"), array({array({integer(1)})})})}) {
        EXPECT_EQ(decode<lcs_matches>(reply_from(bad)).error(), errc::unexpected_reply) << bad;
    }
}

}  // namespace
}  // namespace valkeyxx::commands

// As users have it: outside of our namespaces, where C's functions are.
using namespace valkeyxx::commands;

namespace {

template <class Text>
constexpr bool strlen_takes = requires(Text text) { strlen(text); };
template <class Text>
constexpr bool unlink_takes = requires(Text text) { unlink(text); };
template <class Text>
constexpr bool rename_takes = requires(Text text) { rename(text, text); };

using literal = const char (&)[2];

TEST(builders_strings, string_literals_do_not_pick_functions_of_c) {
    static_assert(!strlen_takes<literal> && !unlink_takes<literal> && !rename_takes<literal>);
    static_assert(strlen_takes<std::string> && unlink_takes<std::string> && rename_takes<std::string>);
    EXPECT_EQ(valkeyxx::commands::strlen("k").encoded().bytes(), strlen(std::string{"k"}).encoded().bytes());
    EXPECT_EQ(valkeyxx::commands::unlink("k").encoded().bytes(), unlink(std::string{"k"}).encoded().bytes());
    EXPECT_EQ(valkeyxx::commands::rename("k", "l").encoded().bytes(),
              rename(std::string{"k"}, std::string{"l"}).encoded().bytes());
}

}  // namespace
