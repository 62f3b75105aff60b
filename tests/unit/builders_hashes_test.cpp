// The requests of the group "hash" that a server's reply does not tell apart, and replies that no server sends.
#include <valkeyxx/commands/hashes.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

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
