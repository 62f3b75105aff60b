// Reading values, and flat copies of replies.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "resp/decoder.hpp"

using namespace valkeyxx;

namespace {

// An owning copy, made from bytes that are gone afterwards.
value decoded(std::string wire) {
    resp::decoder d;
    EXPECT_EQ(d.parse(wire), resp::decoder::status::ready) << wire << d.problem();
    EXPECT_EQ(d.consumed(), wire.size());
    return value{d.reply()};
}

template <class T>
std::string problem_of(const result<T>& r) {
    return r ? "none" : r.error().text();
}

TEST(value, default_and_moved_from_values_are_null) {
    value v;
    EXPECT_EQ(v.kind(), value_kind::null);
    EXPECT_EQ(v.text(), "");
    EXPECT_TRUE(reply_view{}.is_null());
    EXPECT_EQ(reply_view{}, v.view());

    value full = decoded("*1\r\n+a\r\n");
    const value taken = std::move(full);
    EXPECT_EQ(taken.size(), 1U);
    EXPECT_TRUE(full.view().is_null());  // NOLINT(bugprone-use-after-move): that is the promise
}

TEST(value, integers_come_from_integers_and_from_strings_that_hold_one) {
    EXPECT_EQ(decoded(":-12\r\n").view().as_integer().value(), -12);
    EXPECT_EQ(decoded("$2\r\n42\r\n").view().as_integer().value(), 42);
    EXPECT_EQ(decoded("+42\r\n").view().as_integer().value(), 42);
    const auto text = decoded("$6\r\nsecret\r\n").view().as_integer();
    EXPECT_TRUE(text.error() == errc::unexpected_reply);
    EXPECT_EQ(text.error().text(), "expected an integer, got a bulk string that holds none");
    EXPECT_EQ(text.error().executed(), executed::yes);
    EXPECT_EQ(problem_of(decoded("*0\r\n").view().as_integer()), "expected an integer, got an array");
    EXPECT_EQ(problem_of(decoded("_\r\n").view().as_integer()), "expected an integer, got null");
    EXPECT_EQ(problem_of(decoded(",1\r\n").view().as_integer()), "expected an integer, got a real");
}

TEST(value, reals_come_from_numbers_and_from_strings_that_hold_one) {
    EXPECT_EQ(decoded(",1.5\r\n").view().as_real().value(), 1.5);
    EXPECT_EQ(decoded(",-inf\r\n").view().as_real().value(), -HUGE_VAL);
    EXPECT_TRUE(std::isnan(decoded(",nan\r\n").view().as_real().value()));
    EXPECT_EQ(decoded(":3\r\n").view().as_real().value(), 3.0);
    EXPECT_EQ(decoded("$3\r\n2.5\r\n").view().as_real().value(), 2.5);
    EXPECT_EQ(problem_of(decoded("#t\r\n").view().as_real()), "expected a real number, got a boolean");
}

TEST(value, truth_comes_from_booleans_integers_null_and_ok) {
    EXPECT_TRUE(decoded("#t\r\n").view().as_boolean().value());
    EXPECT_FALSE(decoded("#f\r\n").view().as_boolean().value());
    EXPECT_TRUE(decoded(":2\r\n").view().as_boolean().value());
    EXPECT_FALSE(decoded(":0\r\n").view().as_boolean().value());
    EXPECT_FALSE(decoded("$-1\r\n").view().as_boolean().value());
    EXPECT_TRUE(decoded("+OK\r\n").view().as_boolean().value());
    EXPECT_EQ(problem_of(decoded("+QUEUED\r\n").view().as_boolean()),
              "expected a boolean, got a simple string that holds none");
    EXPECT_EQ(problem_of(decoded("$2\r\nOK\r\n").view().as_boolean()),
              "expected a boolean, got a bulk string that holds none");
    EXPECT_EQ(problem_of(decoded("-ERR\r\n").view().as_boolean()), "expected a boolean, got an error");
}

TEST(value, children_are_reached_by_index_and_in_order) {
    const value v = decoded("*4\r\n:1\r\n*2\r\n:2\r\n*1\r\n:3\r\n%1\r\n+k\r\n:4\r\n_\r\n");
    ASSERT_EQ(v.size(), 4U);
    EXPECT_EQ(v[0].text(), "1");
    EXPECT_EQ(v[1][1][0].text(), "3");
    EXPECT_EQ(v[2].kind(), value_kind::map);
    EXPECT_EQ(v[2].size(), 2U);
    EXPECT_EQ(v[2][1].text(), "4");
    EXPECT_TRUE(v[3].is_null());
    std::string kinds;
    for (const reply_view child : v.view()) kinds += std::string{to_string(child.kind())} + ' ';
    EXPECT_EQ(kinds, "integer array map null ");
    EXPECT_EQ(v[0].begin(), v[0].end());
    EXPECT_TRUE(v[0].empty());
}

TEST(value, copy_of_a_part_owns_only_that_part) {
    const value whole = decoded("*2\r\n$3\r\nbig\r\n*2\r\n=7\r\ntxt:abc\r\n$0\r\n\r\n");
    const value part{whole[1]};
    ASSERT_EQ(part.size(), 2U);
    EXPECT_EQ(part[0].kind(), value_kind::verbatim_string);
    EXPECT_EQ(part[0].text(), "abc");
    EXPECT_EQ(part[1].text(), "");
    EXPECT_EQ(part.view(), whole[1]);
    const value again = part;
    EXPECT_EQ(again, part);
}

TEST(value, equality_looks_at_kinds_texts_order_and_shape) {
    EXPECT_EQ(decoded("$-1\r\n"), decoded("*-1\r\n"));
    EXPECT_EQ(decoded("-E x\r\n"), decoded("!3\r\nE x\r\n"));
    EXPECT_EQ(decoded("|1\r\n+a\r\n+b\r\n:1\r\n"), decoded(":1\r\n"));
    EXPECT_FALSE(decoded("+a\r\n") == decoded("$1\r\na\r\n"));
    EXPECT_FALSE(decoded("+a\r\n") == decoded("+b\r\n"));
    EXPECT_FALSE(decoded(",1\r\n") == decoded(",1.0\r\n"));
    EXPECT_FALSE(decoded("*2\r\n:1\r\n:2\r\n") == decoded("*2\r\n:2\r\n:1\r\n"));
    EXPECT_FALSE(decoded("*2\r\n*1\r\n:1\r\n:2\r\n") == decoded("*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n"));
    EXPECT_FALSE(decoded("*2\r\n*1\r\n:1\r\n*0\r\n") == decoded("*2\r\n*0\r\n*1\r\n:1\r\n"));
    EXPECT_FALSE(decoded("*1\r\n:1\r\n") == decoded("~1\r\n:1\r\n"));
}

}  // namespace
