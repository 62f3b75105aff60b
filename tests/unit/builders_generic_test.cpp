// What can be said of generic commands without a server: their words where these are many, and what is refused.
#include <valkeyxx/commands/generic.hpp>

#include <gtest/gtest.h>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

using namespace std::chrono_literals;
using testing::request;

template <class R>
std::string sent(const command<R>& c) {
    return std::string{c.encoded().bytes()};
}

template <class R>
key_route route(const command<R>& c) {
    return c.encoded().facts().route;
}

template <class Make>
errc refusal(Make make) {
    try {
        static_cast<void>(make());
    } catch (const exception& e) {
        return e.error().which();
    }
    return {};
}

TEST(builders_generic, migrate_names_its_keys_last) {
    const auto c = migrate("10.0.0.1", 7000, {"{k}1", "{k}2"}, 1500ms,
                           {.database = 2, .keep = true, .replace = true, .username = "me", .password = "KEYS"});
    EXPECT_EQ(sent(c), request({"MIGRATE", "10.0.0.1", "7000", "", "2", "1500", "COPY", "REPLACE", "AUTH2", "me",
                                "KEYS", "KEYS", "{k}1", "{k}2"}));
    EXPECT_EQ(c.encoded().facts().slot, key_slot("k"));
    EXPECT_FALSE(c.encoded().facts().repeatable);
    EXPECT_EQ(route(migrate("10.0.0.1", 7000, {"a", "b"}, 1s)), key_route::cross_slot);
}

TEST(builders_generic, migrate_refuses_what_cannot_be_right) {
    EXPECT_EQ(refusal([] { return migrate("h", 1, std::vector<std::string>{}, 1s); }), errc::invalid_argument);
    EXPECT_EQ(refusal([] { return migrate("h", 1, "k", 1s, {.username = "me"}); }), errc::invalid_argument);
}

TEST(builders_generic, restore_refuses_two_ends_of_life) {
    const std::chrono::system_clock::time_point at{};
    EXPECT_EQ(refusal([&] { return restore("k", "", {.expiry = 1s, .expire_at = at}); }), errc::invalid_argument);
    EXPECT_EQ(refusal([&] { return restore("k", "", {.expiry = 0s}); }), errc::invalid_argument);
    EXPECT_EQ(sent(restore("k", "d")), request({"RESTORE", "k", "0", "d"}));
}

TEST(builders_generic, points_in_time_are_rounded_to_the_past) {
    const std::chrono::system_clock::time_point epoch{};
    EXPECT_EQ(sent(expireat("k", epoch + 1999us)), request({"PEXPIREAT", "k", "1"}));
    EXPECT_EQ(sent(expireat("k", epoch - 1us)), request({"PEXPIREAT", "k", "-1"}));
}

TEST(builders_generic, a_condition_or_a_destination_forbids_repetition) {
    EXPECT_TRUE(expireat("k", {}).encoded().facts().repeatable);
    EXPECT_FALSE(expireat("k", {}, expire_if::longer).encoded().facts().repeatable);
    EXPECT_FALSE(expire("k", 1s, expire_if::has_none).encoded().facts().repeatable);
    EXPECT_TRUE(sort("k").encoded().facts().repeatable);
    EXPECT_FALSE(sort_store("k", "{k}").encoded().facts().repeatable);
}

TEST(builders_generic, two_keys_must_be_of_one_slot) {
    EXPECT_EQ(route(copy("a", "b")), key_route::cross_slot);
    const auto one_slot = copy("a", "{a}", {.replace = true, .database = 3});
    EXPECT_EQ(route(one_slot), key_route::slot);
    EXPECT_EQ(sent(one_slot), request({"COPY", "a", "{a}", "DB", "3", "REPLACE"}));
    EXPECT_EQ(route(commands::rename("a", "b")), key_route::cross_slot);
    EXPECT_EQ(route(renamenx("a", "b")), key_route::cross_slot);
    EXPECT_EQ(route(sort_store("a", "b")), key_route::cross_slot);
    EXPECT_EQ(route(sort_get_store("a", {"STORE"}, "{a}")), key_route::slot);
}

TEST(builders_generic, a_cursor_leads_to_the_slot_it_stands_for) {
    const auto c = clusterscan("0-{06S}-0", {.match = "a*", .count = 5, .type = "set", .slot = std::uint16_t{7}});
    EXPECT_EQ(sent(c), request({"CLUSTERSCAN", "0-{06S}-0", "MATCH", "a*", "COUNT", "5", "TYPE", "set", "SLOT", "7"}));
    EXPECT_EQ(c.encoded().facts().slot, key_slot("06S"));
    EXPECT_TRUE(c.encoded().facts().repeatable);
    EXPECT_EQ(sent(clusterscan("0")), request({"CLUSTERSCAN", "0"}));
}

TEST(builders_generic, a_life_has_an_end_or_not) {
    using testing::integer, testing::reply_from;
    using life = time_to_live<std::chrono::seconds>;
    EXPECT_EQ(decode<life>(reply_from(integer(7))).value(), (life{.exists = true, .left = 7s}));
    EXPECT_EQ(decode<life>(reply_from(integer(0))).value(), (life{.exists = true, .left = 0s}));
    EXPECT_EQ(decode<life>(reply_from(integer(-1))).value(), life{.exists = true});
    EXPECT_EQ(decode<life>(reply_from(integer(-2))).value(), life{});
    EXPECT_EQ(decode<life>(reply_from(integer(-3))).error(), errc::unexpected_reply);
    EXPECT_EQ(decode<life>(reply_from(testing::array({}))).error(), errc::unexpected_reply);
    using end = end_of_life<std::chrono::sys_seconds>;
    EXPECT_EQ(decode<end>(reply_from(integer(7))).value().at, std::chrono::sys_seconds{7s});
    EXPECT_EQ(decode<end>(reply_from(integer(-2))).value(), end{});
}

TEST(builders_generic, replies_of_the_wrong_shape_are_errors) {
    using testing::array, testing::bulk, testing::integer, testing::reply_from;
    EXPECT_EQ(decode<clusterscan_step>(reply_from(array({bulk("0")}))).error(), errc::unexpected_reply);
    EXPECT_EQ(*decode<migrated>(reply_from("+NOKEY\r\n")), migrated::no_key);
    EXPECT_EQ(decode<migrated>(reply_from("+MAYBE\r\n")).error(), errc::unexpected_reply);
    EXPECT_EQ(decode<migrated>(reply_from(array({}))).error(), errc::unexpected_reply);
    EXPECT_EQ(decode<waitaof_counts>(reply_from(array({integer(1), integer(2)}))).value(),
              (waitaof_counts{.local = 1, .replicas = 2}));
    EXPECT_EQ(decode<waitaof_counts>(reply_from(array({integer(1)}))).error(), errc::unexpected_reply);
}

}  // namespace
}  // namespace valkeyxx::commands
