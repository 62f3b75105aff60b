// Replies as structures of the user's.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/wire.hpp"

#include <valkeyxx/aggregates.hpp>
#include <valkeyxx/commands/hashes.hpp>

namespace valkeyxx {
namespace {

using testing::reply_from;

struct person {
    std::string name;
    int born = 0;
    std::optional<std::string> city;
};

struct point {
    double x = 0;
    double y = 0;
};

struct line {
    point from;
    point to;
};

struct own {
    int value = 0;
};

}  // namespace

template <>
struct reply_to<own> {
    static result<own> from(reply_view) { return own{42}; }
};

namespace {

template <class T>
std::string refusal(std::string_view wire) {
    const auto r = decode<T>(reply_from(wire));
    return r ? "none" : std::string{r.error().text()};
}

}  // namespace

TEST(aggregates, take_one_element_for_each_field) {
    const auto ada = decode<person>(reply_from("*3\r\n$3\r\nada\r\n$4\r\n1815\r\n$-1\r\n")).value();
    EXPECT_EQ(ada.name, "ada");
    EXPECT_EQ(ada.born, 1815);
    EXPECT_EQ(ada.city, std::nullopt);
    EXPECT_EQ(decode<person>(reply_from("*3\r\n$1\r\nb\r\n:1\r\n$6\r\nLondon\r\n"))->city, "London");
}

TEST(aggregates, stand_inside_each_other_and_in_containers) {
    const auto l = decode<line>(reply_from("*2\r\n*2\r\n,1.5\r\n,2\r\n*2\r\n$1\r\n3\r\n:4\r\n")).value();
    EXPECT_EQ(l.from.x, 1.5);
    EXPECT_EQ(l.to.y, 4);
    const auto points =
        decode<std::vector<std::optional<point>>>(reply_from("*2\r\n*2\r\n:1\r\n:2\r\n*-1\r\n")).value();
    EXPECT_EQ(points.at(0)->y, 2);
    EXPECT_FALSE(points.at(1));
    // Which are aggregates too, and have a decoding of their own.
    EXPECT_EQ((decode<std::array<int, 2>>(reply_from("*2\r\n:1\r\n:2\r\n")).value()), (std::array{1, 2}));
}

TEST(aggregates, do_not_take_the_place_of_a_types_own_decoding) {
    EXPECT_EQ(decode<own>(reply_from("+OK\r\n"))->value, 42);
}

TEST(aggregates, say_which_element_does_not_fit) {
    EXPECT_NE(refusal<point>("*3\r\n:1\r\n:2\r\n:3\r\n").find("an array of 2"), std::string::npos);
    EXPECT_NE(refusal<point>("+OK\r\n").find("an array of 2"), std::string::npos);
    EXPECT_TRUE(refusal<person>("*3\r\n$1\r\na\r\n$1\r\nx\r\n$-1\r\n").starts_with("element 2: "))
        << refusal<person>("*3\r\n$1\r\na\r\n$1\r\nx\r\n$-1\r\n");
    EXPECT_TRUE(refusal<person>("*3\r\n$-1\r\n:1\r\n$-1\r\n").starts_with("element 1: "));
}

TEST(aggregates, are_what_a_command_decodes_to) {
    const auto c = commands::hmget("user:1", "name", "born", "city").as<person>();
    static_assert(std::is_same_v<decltype(c), const command<person>>);
    EXPECT_EQ(c.encoded().name(), "HMGET");
}

}  // namespace valkeyxx
