// The requests of the group "list" that a server's reply does not tell apart.
#include <valkeyxx/commands/lists.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

using namespace std::chrono_literals;
using testing::request;

template <class Reply>
std::string words(const command<Reply>& c) {
    return std::string{c.encoded().bytes()};
}

template <class Reply>
key_route route(const command<Reply>& c) {
    return c.encoded().facts().route;
}

TEST(builders_lists, timeouts_are_sent_in_seconds) {
    EXPECT_EQ(words(blpop({"k"}, 0ms)), request({"BLPOP", "k", "0"}));
    EXPECT_EQ(words(blpop({"k"}, 1500ms)), request({"BLPOP", "k", "1.5"}));
    EXPECT_EQ(words(blpop({"k"}, 1ms)), request({"BLPOP", "k", "0.001"}));
    EXPECT_EQ(words(brpop({"k"}, 1234567ms)), request({"BRPOP", "k", "1234.567"}));
    EXPECT_EQ(words(blmove("{k}1", "{k}2", list_end::left, list_end::right, 2s)),
              request({"BLMOVE", "{k}1", "{k}2", "LEFT", "RIGHT", "2"}));
    EXPECT_EQ(words(blmpop({"{k}1", "{k}2"}, list_end::right, 500ms, 3)),
              request({"BLMPOP", "0.5", "2", "{k}1", "{k}2", "RIGHT", "COUNT", "3"}));
    EXPECT_EQ(words(brpoplpush("{k}1", "{k}2", 2s)), request({"BRPOPLPUSH", "{k}1", "{k}2", "2"}));
}

TEST(builders_lists, options_at_their_defaults_are_not_sent) {
    EXPECT_EQ(words(lpos("k", "e")), request({"LPOS", "k", "e"}));
    EXPECT_EQ(words(lpos("k", "e", std::nullopt)), request({"LPOS", "k", "e", "COUNT", "0"}));
    EXPECT_EQ(words(lmpop({"k"}, list_end::left)), request({"LMPOP", "1", "k", "LEFT"}));
}

TEST(builders_lists, what_was_popped_has_exactly_one_shape) {
    using testing::array, testing::bulk, testing::reply_from;
    EXPECT_EQ(decode<popped_element>(reply_from(array({bulk("k"), bulk("e")}))).value(), (popped_element{"k", "e"}));
    EXPECT_EQ(decode<popped_element>(reply_from(array({bulk("k")}))).error(), errc::unexpected_reply);
    EXPECT_EQ(decode<popped_elements>(reply_from(array({bulk("k"), bulk("e")}))).error(), errc::unexpected_reply);
}

TEST(builders_lists, all_keys_are_considered) {
    EXPECT_EQ(route(lmove("a", "b", list_end::left, list_end::left)), key_route::cross_slot);
    EXPECT_EQ(route(rpoplpush("a", "b")), key_route::cross_slot);
    EXPECT_EQ(route(lmpop({"a", "b"}, list_end::left)), key_route::cross_slot);
    EXPECT_EQ(route(blpop({"a", "b"}, 1s)), key_route::cross_slot);
    EXPECT_EQ(route(brpop({"a", "b"}, 1s)), key_route::cross_slot);
    EXPECT_EQ(route(blmpop({"a", "b"}, list_end::left, 1s)), key_route::cross_slot);
    EXPECT_EQ(route(blmove("a", "b", list_end::left, list_end::left, 1s)), key_route::cross_slot);
    EXPECT_EQ(route(brpoplpush("a", "b", 1s)), key_route::cross_slot);
    // The timeout and an element are no keys.
    EXPECT_EQ(route(blpop({"{k}1", "{k}2"}, 1s)), key_route::slot);
    EXPECT_EQ(blpop({"{k}1", "{k}2"}, 1s).encoded().facts().slot, key_slot("k"));
    EXPECT_EQ(route(rpush("a", "b", "c")), key_route::slot);
}

}  // namespace
}  // namespace valkeyxx::commands
