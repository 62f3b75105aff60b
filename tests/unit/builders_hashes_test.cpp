// The requests of the group "hash" that a server's reply does not tell apart, and replies that no server sends.
#include <valkeyxx/commands/hashes.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

using namespace std::chrono_literals;
using testing::array;
using testing::bulk;
using testing::integer;
using testing::reply_from;
using testing::request;

template <class Reply>
std::string words(const command<Reply>& c) {
    return std::string{c.encoded().bytes()};
}

TEST(builders_hashes, hset_takes_pairs_in_order) {
    const auto c = hset("h", {{"a", "1"}, {"b", "2"}});
    EXPECT_EQ(words(c), request({"HSET", "h", "a", "1", "b", "2"}));
    EXPECT_EQ(c.encoded().facts().slot, key_slot("h"));
    EXPECT_FALSE(c.encoded().facts().repeatable);
    EXPECT_TRUE(hmset("h", {{"a", "1"}}).encoded().facts().repeatable);
}

TEST(builders_hashes, hscan_sends_only_options_that_are_not_the_servers_own) {
    EXPECT_EQ(words(hscan("h", 0)), request({"HSCAN", "h", "0"}));
    EXPECT_EQ(words(hscan("h", 7, {.match = "a*", .count = 50})),
              request({"HSCAN", "h", "7", "MATCH", "a*", "COUNT", "50"}));
    EXPECT_EQ(words(hscan_fields("h", 0)), request({"HSCAN", "h", "0", "NOVALUES"}));
    EXPECT_EQ(words(hscan("h", std::numeric_limits<std::uint64_t>::max())),
              request({"HSCAN", "h", "18446744073709551615"}));
}

TEST(builders_hashes, fields_stand_behind_their_number) {
    EXPECT_EQ(words(hexpire("h", 2s, {"a", "NX"}, expire_if::longer)),
              request({"HPEXPIRE", "h", "2000", "GT", "FIELDS", "2", "a", "NX"}));
    EXPECT_EQ(words(hpexpireat("h", std::chrono::system_clock::time_point{1999us}, "a")),
              request({"HPEXPIREAT", "h", "1", "FIELDS", "1", "a"}));
    EXPECT_EQ(words(hgetex("h", 1s, "a")), request({"HGETEX", "h", "PX", "1000", "FIELDS", "1", "a"}));
    EXPECT_EQ(words(hsetex("h", {{"a", "1"}},
                           {.condition = set_if::exists, .field_condition = set_if::does_not_exist, .expiry = 1s})),
              request({"HSETEX", "h", "XX", "FNX", "PX", "1000", "FIELDS", "1", "a", "1"}));
}

TEST(builders_hashes, conditions_and_ends_of_life_forbid_repetition) {
    const auto repeatable = [](const auto& c) { return c.encoded().facts().repeatable; };
    EXPECT_TRUE(repeatable(hexpire("h", 1s, "a")));
    EXPECT_FALSE(repeatable(hexpire("h", 1s, {"a"}, expire_if::has_one)));
    EXPECT_TRUE(repeatable(hgetex("h", 1s, "a")));
    EXPECT_TRUE(repeatable(hgetex_persist("h", "a")));
    EXPECT_FALSE(repeatable(hgetex("h", std::chrono::system_clock::time_point{}, "a")));
    EXPECT_TRUE(repeatable(hsetex("h", {{"a", "1"}}, {.expiry = 1s})));
    EXPECT_FALSE(repeatable(hsetex("h", {{"a", "1"}}, {.field_condition = set_if::exists})));
    EXPECT_FALSE(repeatable(hgetdel("h", "a")));
    EXPECT_FALSE(repeatable(hpersist("h", "a")));
    EXPECT_TRUE(repeatable(httl("h", "a")));
}

TEST(builders_hashes, outcomes_of_fields_are_known_numbers) {
    EXPECT_EQ(decode<hexpired>(reply_from(integer(2))).value(), hexpired::removed);
    EXPECT_EQ(decode<hpersisted>(reply_from(integer(-1))).value(), hpersisted::not_met);
    for (const std::string& wire : {integer(3), integer(-1), bulk("x"), array({})}) {
        EXPECT_EQ(decode<hexpired>(reply_from(wire)).error(), errc::unexpected_reply) << wire;
    }
    EXPECT_EQ(decode<hpersisted>(reply_from(integer(2))).error(), errc::unexpected_reply);
}

TEST(builders_hashes, cursors_use_all_their_bits) {
    const value reply = reply_from(array({bulk("18446744073709551615"), array({bulk("a")})}));
    const auto step = decode<scan_step<std::string>>(reply);
    ASSERT_TRUE(step);
    EXPECT_EQ(step->cursor, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(step->items, std::vector<std::string>{"a"});
}

TEST(builders_hashes, what_is_not_a_step_of_a_scan_is_refused) {
    for (const std::string& wire :
         {bulk("0"), array({bulk("0")}), array({bulk(""), array({})}), array({bulk("-1"), array({})}),
          array({bulk("1x"), array({})}), array({bulk("18446744073709551616"), array({})}),
          array({bulk("0"), bulk("a")}), array({array({}), array({})}), array({bulk("0"), array({integer(1)})})}) {
        const auto step = decode<scan_step<std::pair<std::string, std::string>>>(reply_from(wire));
        ASSERT_FALSE(step) << wire;
        EXPECT_EQ(step.error().which(), errc::unexpected_reply) << wire;
    }
}

}  // namespace
}  // namespace valkeyxx::commands
