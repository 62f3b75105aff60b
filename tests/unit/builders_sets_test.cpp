// The requests of the group "set" that a server's reply does not tell apart.
#include <valkeyxx/commands/sets.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

using testing::request;

template <class Reply>
std::string words(const command<Reply>& c) {
    return std::string{c.encoded().bytes()};
}

template <class Reply>
key_route route(const command<Reply>& c) {
    return c.encoded().facts().route;
}

TEST(builders_sets, all_forms_of_many_members_are_the_same_request) {
    const std::string expected = request({"SADD", "k", "a", "b"});
    const std::vector<std::string> members{"a", "b"};
    EXPECT_EQ(words(sadd("k", "a", "b")), expected);
    EXPECT_EQ(words(sadd("k", {"a", "b"})), expected);
    EXPECT_EQ(words(sadd("k", members)), expected);
    EXPECT_EQ(words(sadd("k", std::vector<std::string_view>{"a", "b"})), expected);
}

TEST(builders_sets, sintercard_sends_its_limit_if_there_is_one) {
    EXPECT_EQ(words(sintercard({"{k}1", "{k}2"})), request({"SINTERCARD", "2", "{k}1", "{k}2"}));
    EXPECT_EQ(words(sintercard({"k"}, 5)), request({"SINTERCARD", "1", "k", "LIMIT", "5"}));
}

TEST(builders_sets, all_keys_are_considered) {
    EXPECT_EQ(route(smove("a", "b", "m")), key_route::cross_slot);
    EXPECT_EQ(route(smove("{k}1", "{k}2", "m")), key_route::slot);
    EXPECT_EQ(route(sinter("a", "b")), key_route::cross_slot);
    EXPECT_EQ(route(sunion("{k}1", "{k}2")), key_route::slot);
    EXPECT_EQ(route(sdiffstore("a", "b")), key_route::cross_slot);
    EXPECT_EQ(route(sintercard({"a", "b"})), key_route::cross_slot);
    EXPECT_EQ(route(sintercard({"{k}1", "{k}2"}, 1)), key_route::slot);
    EXPECT_EQ(route(sadd("a", "b", "c")), key_route::slot);
}

}  // namespace
}  // namespace valkeyxx::commands
