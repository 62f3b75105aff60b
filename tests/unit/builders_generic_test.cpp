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

TEST(builders_generic, replies_of_the_wrong_shape_are_errors) {
    using testing::array, testing::bulk, testing::integer, testing::reply_from;
    EXPECT_EQ(*decode<migrated>(reply_from("+NOKEY\r\n")), migrated::no_key);
    EXPECT_EQ(decode<migrated>(reply_from("+MAYBE\r\n")).error(), errc::unexpected_reply);
    EXPECT_EQ(decode<migrated>(reply_from(array({}))).error(), errc::unexpected_reply);
    EXPECT_EQ(decode<waitaof_counts>(reply_from(array({integer(1), integer(2)}))).value(),
              (waitaof_counts{.local = 1, .replicas = 2}));
    EXPECT_EQ(decode<waitaof_counts>(reply_from(array({integer(1)}))).error(), errc::unexpected_reply);
}

}  // namespace
}  // namespace valkeyxx::commands
