// The histogram behind `valkeyxx bench`: percentiles of known values.
#include <gtest/gtest.h>

#include "valkeyxx_cli/latency_histogram.hpp"

namespace valkeyxx::cli {

namespace {

using std::chrono::nanoseconds;

// What it tells of a value is never less, and at most 1.6 % more.
void expect_near(nanoseconds told, std::int64_t truth) {
    EXPECT_GE(told.count(), truth);
    EXPECT_LE(static_cast<double>(told.count()), static_cast<double>(truth) * 1.016);
}

TEST(latency_histogram, is_zero_without_values) {
    const latency_histogram none;
    EXPECT_EQ(none.percentile(0.5).count(), 0);
    EXPECT_EQ(none.max().count(), 0);
}

TEST(latency_histogram, tells_any_value_within_1_6_percent) {
    for (std::int64_t ns = 1; ns < std::int64_t{1} << 50; ns += 1 + ns / 7) {
        latency_histogram h;
        h.add(nanoseconds{ns});
        h.add(nanoseconds{std::int64_t{1} << 60});  // else the maximum would bound it
        expect_near(h.percentile(0.5), ns);
        EXPECT_EQ(h.max().count(), std::int64_t{1} << 60);
    }
}

TEST(latency_histogram, keeps_the_largest_and_the_smallest_there_are) {
    latency_histogram h;
    h.add(nanoseconds::max());
    EXPECT_EQ(h.percentile(1), nanoseconds::max());
    h.add(nanoseconds{-5});  // a clock that went back: it took no time
    EXPECT_EQ(h.percentile(0.5).count(), 0);
}

TEST(latency_histogram, finds_percentiles_of_a_thousand_values) {
    latency_histogram h;
    for (std::int64_t us = 1; us <= 1000; ++us) h.add(nanoseconds{us * 1000});
    expect_near(h.percentile(0.5), 500'000);
    expect_near(h.percentile(0.99), 990'000);
    expect_near(h.percentile(0.999), 999'000);
    EXPECT_EQ(h.percentile(1).count(), 1'000'000);
    EXPECT_EQ(h.total(), 1000U);
}

TEST(latency_histogram, adds_up) {
    latency_histogram fast;
    latency_histogram slow;
    fast.add(nanoseconds{1000}, 99);
    slow.add(nanoseconds{9'000'000}, 1);
    fast.add(slow);
    EXPECT_EQ(fast.total(), 100U);
    expect_near(fast.percentile(0.99), 1000);
    EXPECT_EQ(fast.percentile(0.991).count(), 9'000'000);
    EXPECT_EQ(fast.max().count(), 9'000'000);
}

}  // namespace

}  // namespace valkeyxx::cli
