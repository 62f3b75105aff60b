// Numbers to text and back.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "resp/number.hpp"

using namespace valkeyxx::resp;

namespace {

constexpr auto min64 = std::numeric_limits<std::int64_t>::min();
constexpr auto max64 = std::numeric_limits<std::int64_t>::max();

std::string decimal(std::uint64_t n) {
    char text[max_integer_size];
    return {text, put_decimal(text, n)};
}

TEST(number, integers_are_read_if_they_are_the_whole_text_and_fit) {
    EXPECT_EQ(parse_integer("0"), 0);
    EXPECT_EQ(parse_integer("-0"), 0);
    EXPECT_EQ(parse_integer("+5"), 5);
    EXPECT_EQ(parse_integer("-9223372036854775808"), min64);
    EXPECT_EQ(parse_integer("9223372036854775807"), max64);
    for (const char* bad : {"", "-", "+", "+-5", "--5", " 5", "5 ", "5x", "0x5", "1.0", "9223372036854775808",
                            "-9223372036854775809", "99999999999999999999999"}) {
        EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
    }
}

TEST(number, reals_are_read_if_they_are_the_whole_text_and_in_range) {
    EXPECT_EQ(parse_real("1.5"), 1.5);
    EXPECT_EQ(parse_real("-10"), -10.0);
    EXPECT_EQ(parse_real("+1e3"), 1000.0);
    EXPECT_EQ(parse_real("2E-2"), 0.02);
    EXPECT_EQ(parse_real(".5"), 0.5);
    EXPECT_EQ(parse_real("inf"), HUGE_VAL);
    EXPECT_EQ(parse_real("-INF"), -HUGE_VAL);
    EXPECT_TRUE(std::isnan(parse_real("nan").value()));
    EXPECT_TRUE(std::isnan(parse_real("-nan").value()));
    for (const char* bad : {"", "-", ".", "e5", "1e", "1,5", " 1", "1 ", "--1", "+-1", "0x10", "infinity", "nan(1)",
                            "in", "info", "1e999", "1.5\r"}) {
        EXPECT_EQ(parse_real(bad), std::nullopt) << bad;
    }
}

TEST(number, decimals_have_as_many_digits_as_their_size_says) {
    std::uint64_t power = 1;
    for (std::size_t digits = 1; digits <= 20; ++digits, power *= 10) {
        EXPECT_EQ(decimal_size(power), digits);
        EXPECT_EQ(decimal(power), std::to_string(power));
        if (digits == 1) continue;
        EXPECT_EQ(decimal_size(power - 1), digits - 1);
        EXPECT_EQ(decimal(power - 1), std::to_string(power - 1));
    }
    EXPECT_EQ(decimal(0), "0");
    EXPECT_EQ(decimal(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(number, formatted_numbers_read_back_as_themselves) {
    for (const std::int64_t n : {std::int64_t{0}, std::int64_t{-7}, std::int64_t{1234567}, min64, max64}) {
        EXPECT_EQ(format(n), std::to_string(n));
        EXPECT_EQ(parse_integer(format(n)), n);
    }
    EXPECT_EQ(format(1.5), "1.5");
    EXPECT_EQ(format(3.0), "3");
    EXPECT_EQ(format(0.1), "0.1");
    EXPECT_EQ(format(HUGE_VAL), "inf");
    EXPECT_EQ(format(-HUGE_VAL), "-inf");
    EXPECT_EQ(format(std::nan("")), "nan");
    EXPECT_EQ(format(-std::nan("")), "nan");

    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random{seed};
    for (int i = 0; i < 20'000; ++i) {
        const auto number = std::bit_cast<double>(random());
        if (!std::isfinite(number)) continue;
        const std::string text = format(number);
        ASSERT_LE(text.size(), max_real_size);
        ASSERT_EQ(parse_real(text), number) << text;
    }
}

}  // namespace
