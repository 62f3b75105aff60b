// From replies to C++ types: what fits, and how a misfit is told.
#include <valkeyxx/convert.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/wire.hpp"

#include <valkeyxx/detail/receiver.hpp>

namespace valkeyxx {

namespace {
struct point {
    int x = 0;
    int y = 0;
    bool operator==(const point&) const = default;
};
struct broken {};
struct more_broken {};
}  // namespace

template <>
struct reply_to<point> {
    static result<point> from(reply_view v) {
        const auto parts = decode<std::vector<int>>(v);
        if (!parts) return parts.error();
        if (parts->size() != 2) return detail::shape_error("a pair", v);
        return point{(*parts)[0], (*parts)[1]};
    }
};
template <>
struct reply_to<broken> {
    static result<broken> from(reply_view) { throw std::runtime_error{"out of ideas"}; }
};
template <>
struct reply_to<more_broken> {
    static result<more_broken> from(reply_view) { throw 42; }
};

namespace {

using testing::reply_from;

template <class T>
T good(std::string_view wire) {
    const value reply = reply_from(wire);
    auto r = decode<T>(reply);
    EXPECT_TRUE(r) << (r ? "" : r.error().message());
    return r ? *std::move(r) : T{};
}

// The text of the misfit; whatever misfits, the command has run.
template <class T>
std::string misfit(std::string_view wire) {
    const value reply = reply_from(wire);
    const auto r = decode<T>(reply);
    if (r) return "it fits";
    EXPECT_TRUE(r.error() == errc::unexpected_reply);
    EXPECT_EQ(r.error().executed(), executed::yes);
    return r.error().text();
}

TEST(decode, any_reply_is_a_value) {
    EXPECT_EQ(good<value>("*2\r\n:1\r\n$1\r\na\r\n"), reply_from("*2\r\n:1\r\n$1\r\na\r\n"));
    EXPECT_TRUE(decode<void>(reply_from("*0\r\n")).has_value());
    EXPECT_TRUE(decode<void>(reply_from("$-1\r\n")).has_value());
}

TEST(decode, strings_and_numbers_are_strings) {
    EXPECT_EQ(good<std::string>("$3\r\nabc\r\n"), "abc");
    EXPECT_EQ(good<std::string>("$0\r\n\r\n"), "");
    EXPECT_EQ(good<std::string>("+OK\r\n"), "OK");
    EXPECT_EQ(good<std::string>("=7\r\ntxt:abc\r\n"), "abc");
    EXPECT_EQ(good<std::string>(":-5\r\n"), "-5");
    EXPECT_EQ(good<std::string>(",1.50\r\n"), "1.50");
    EXPECT_EQ(good<std::string>("(12345678901234567890123\r\n"), "12345678901234567890123");
    const value reply = reply_from("$3\r\nabc\r\n");
    EXPECT_EQ(decode<std::string_view>(reply).value().data(), reply.text().data());
}

TEST(decode, what_is_no_string_is_told) {
    EXPECT_EQ(misfit<std::string>("$-1\r\n"), "the reply is not a string: the server sent null");
    EXPECT_EQ(misfit<std::string>("*2\r\n:1\r\n:2\r\n"), "the reply is not a string: the server sent array of 2");
    EXPECT_EQ(misfit<std::string>("%1\r\n+a\r\n+b\r\n"), "the reply is not a string: the server sent map of 2");
    EXPECT_EQ(misfit<std::string_view>("_\r\n"), "the reply is not a string: the server sent null");
    EXPECT_EQ(misfit<std::string_view>("~0\r\n"), "the reply is not a string: the server sent set of 0");
}

TEST(decode, an_error_among_other_replies_is_no_string) {
    EXPECT_EQ(misfit<std::vector<std::string>>("*2\r\n+a\r\n-ERR no\r\n"),
              "the reply is not a string: the server sent error");
    EXPECT_EQ(misfit<std::vector<std::string_view>>("*1\r\n-ERR no\r\n"),
              "the reply is not a string: the server sent error");
    EXPECT_EQ(misfit<std::vector<std::optional<std::string>>>("*1\r\n!6\r\nERR no\r\n"),
              "the reply is not a string: the server sent error");
    EXPECT_EQ(misfit<std::vector<int>>("*1\r\n-5\r\n"), "expected an integer, got an error");
    EXPECT_EQ(misfit<std::vector<double>>("*1\r\n-5\r\n"), "expected a real number, got an error");
    EXPECT_EQ(misfit<std::vector<bool>>("*1\r\n-OK\r\n"), "expected a boolean, got an error");
}

TEST(decode, integers_fit_their_type_or_are_refused) {
    EXPECT_EQ(good<std::int64_t>(":9223372036854775807\r\n"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(good<std::int64_t>("$3\r\n-12\r\n"), -12);
    EXPECT_EQ(good<std::uint8_t>(":255\r\n"), 255);
    EXPECT_EQ(good<signed char>(":-128\r\n"), -128);
    EXPECT_EQ(good<std::uint64_t>(":0\r\n"), 0U);
    const auto out_of_range = [](std::string_view kind) {
        return "the reply is not an integer in the range of the type asked for: the server sent " + std::string{kind};
    };
    EXPECT_EQ(misfit<std::uint8_t>(":256\r\n"), out_of_range("integer"));
    EXPECT_EQ(misfit<std::uint64_t>(":-1\r\n"), out_of_range("integer"));
    EXPECT_EQ(misfit<std::int32_t>("$10\r\n2147483648\r\n"), out_of_range("bulk string"));
    EXPECT_EQ(misfit<std::int64_t>("$1\r\nx\r\n"), "expected an integer, got a bulk string that holds none");
    EXPECT_EQ(misfit<std::int64_t>("$-1\r\n"), "expected an integer, got null");
    EXPECT_EQ(misfit<int>("*0\r\n"), "expected an integer, got an array");
}

TEST(decode, reals) {
    EXPECT_EQ(good<double>(",2.5\r\n"), 2.5);
    EXPECT_EQ(good<double>("$3\r\n2.5\r\n"), 2.5);
    EXPECT_EQ(good<float>(":7\r\n"), 7.0F);
    EXPECT_TRUE(std::isinf(good<double>(",inf\r\n")));
    EXPECT_EQ(misfit<double>("$1\r\nx\r\n"), "expected a real number, got a bulk string that holds none");
    EXPECT_EQ(misfit<double>("$-1\r\n"), "expected a real number, got null");
}

TEST(decode, booleans) {
    EXPECT_TRUE(good<bool>("+OK\r\n"));
    EXPECT_TRUE(good<bool>(":1\r\n"));
    EXPECT_TRUE(good<bool>("#t\r\n"));
    EXPECT_FALSE(good<bool>(":0\r\n"));
    EXPECT_FALSE(good<bool>("$-1\r\n"));  // SET NX that did not hold
    EXPECT_EQ(misfit<bool>("*0\r\n"), "expected a boolean, got an array");
    EXPECT_EQ(misfit<bool>("$4\r\ntrue\r\n"), "expected a boolean, got a bulk string that holds none");
}

TEST(decode, null_is_no_value) {
    EXPECT_EQ(good<std::optional<std::string>>("$-1\r\n"), std::nullopt);
    EXPECT_EQ(good<std::optional<std::string>>("*-1\r\n"), std::nullopt);
    EXPECT_EQ(good<std::optional<std::string>>("_\r\n"), std::nullopt);
    EXPECT_EQ(good<std::optional<std::string>>("$0\r\n\r\n"), "");
    EXPECT_EQ(good<std::optional<int>>(":5\r\n"), 5);
    EXPECT_EQ(misfit<std::optional<int>>("$1\r\nx\r\n"), "expected an integer, got a bulk string that holds none");
}

TEST(decode, vectors_come_from_every_aggregate) {
    EXPECT_EQ(good<std::vector<int>>("*2\r\n:1\r\n:2\r\n"), (std::vector<int>{1, 2}));
    EXPECT_EQ(good<std::vector<int>>("~2\r\n:1\r\n:2\r\n"), (std::vector<int>{1, 2}));
    EXPECT_EQ(good<std::vector<int>>("%1\r\n:1\r\n:2\r\n"), (std::vector<int>{1, 2}));
    EXPECT_EQ(good<std::vector<int>>("*0\r\n"), std::vector<int>{});
    using nested = std::vector<std::vector<std::string>>;
    EXPECT_EQ(good<nested>("*2\r\n*1\r\n+a\r\n*0\r\n"), (nested{{"a"}, {}}));
    using optionals = std::vector<std::optional<std::string>>;
    EXPECT_EQ(good<optionals>("*2\r\n$1\r\na\r\n$-1\r\n"), (optionals{"a", std::nullopt}));
    EXPECT_EQ(misfit<std::vector<int>>(":1\r\n"), "the reply is not an array: the server sent integer");
    EXPECT_EQ(misfit<std::vector<int>>("$-1\r\n"), "the reply is not an array: the server sent null");
    EXPECT_EQ(misfit<std::vector<int>>("*2\r\n:1\r\n+x\r\n"),
              "expected an integer, got a simple string that holds none");
}

TEST(decode, maps_come_from_maps_and_from_flat_arrays) {
    using by_name = std::map<std::string, int>;
    EXPECT_EQ(good<by_name>("%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n"), (by_name{{"a", 1}, {"b", 2}}));
    EXPECT_EQ(good<by_name>("*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n"), (by_name{{"a", 1}, {"b", 2}}));
    EXPECT_EQ(good<by_name>("*0\r\n"), by_name{});
    EXPECT_EQ(good<by_name>("*4\r\n+a\r\n:1\r\n+a\r\n:2\r\n"), (by_name{{"a", 2}}));
    using hashed = std::unordered_map<std::string, std::vector<int>>;
    EXPECT_EQ(good<hashed>("%1\r\n+a\r\n*1\r\n:1\r\n"), (hashed{{"a", {1}}}));
    EXPECT_EQ(misfit<by_name>("*1\r\n+a\r\n"), "the reply is not a map: the server sent array of 1");
    EXPECT_EQ(misfit<by_name>("+a\r\n"), "the reply is not a map: the server sent simple string");
    EXPECT_EQ(misfit<by_name>("$-1\r\n"), "the reply is not a map: the server sent null");
    EXPECT_EQ(misfit<by_name>("*2\r\n*0\r\n:1\r\n"), "the reply is not a string: the server sent array of 0");
    EXPECT_EQ(misfit<by_name>("*2\r\n+a\r\n+b\r\n"), "expected an integer, got a simple string that holds none");
}

TEST(decode, users_types_take_part) {
    EXPECT_EQ(good<point>("*2\r\n:1\r\n:2\r\n"), (point{1, 2}));
    EXPECT_EQ(good<std::vector<point>>("*1\r\n*2\r\n:1\r\n:2\r\n"), (std::vector<point>{{1, 2}}));
    EXPECT_EQ(misfit<point>("*1\r\n:1\r\n"), "the reply is not a pair: the server sent array of 1");
    EXPECT_EQ(misfit<point>("*2\r\n:1\r\n+x\r\n"), "expected an integer, got a simple string that holds none");
}

TEST(decode_safely, a_decoder_that_throws_gives_an_error) {
    const auto told = detail::decode_safely<broken>(reply_from(":1\r\n"));
    ASSERT_FALSE(told);
    EXPECT_TRUE(told.error() == errc::unexpected_reply);
    EXPECT_EQ(told.error().text(), "decoding the reply failed: out of ideas");
    EXPECT_EQ(told.error().executed(), executed::yes);
    const auto mute = detail::decode_safely<more_broken>(reply_from(":1\r\n"));
    ASSERT_FALSE(mute);
    EXPECT_TRUE(mute.error() == errc::unexpected_reply);
    EXPECT_EQ(mute.error().executed(), executed::yes);
    EXPECT_EQ(detail::decode_safely<int>(reply_from(":1\r\n")).value(), 1);
}

}  // namespace
}  // namespace valkeyxx
