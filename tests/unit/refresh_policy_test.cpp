// When the topology is asked for: one at a time, not too often, no wish forgotten.
#include "topology/refresh_policy.hpp"

#include <gtest/gtest.h>

#include <set>

namespace valkeyxx::topology {
namespace {

using namespace std::chrono_literals;

struct refresh_policy_test : testing::Test {
    using reason = refresh_policy::reason;
    static constexpr auto interval = 200ms;

    base::random random{3};
    refresh_policy policy{interval};
    refresh_policy::time_point start{1h};

    bool want(refresh_policy::duration after) { return policy.want(start + after, random); }
};

TEST_F(refresh_policy_test, first_wish_is_granted_at_once) {
    EXPECT_FALSE(policy.running());
    EXPECT_EQ(policy.next(), std::nullopt);
    EXPECT_TRUE(want(0ms));
    EXPECT_TRUE(policy.running());
    EXPECT_EQ(policy.next(), std::nullopt);
}

TEST_F(refresh_policy_test, one_runs_at_a_time) {
    want(0ms);
    EXPECT_FALSE(want(1h));
    policy.done();
    EXPECT_TRUE(want(1h));
}

TEST_F(refresh_policy_test, a_wish_during_a_refresh_leads_to_another) {
    want(0ms);
    EXPECT_FALSE(want(10ms));
    EXPECT_EQ(policy.next(), std::nullopt);  // while one runs there is nothing to wait for
    policy.done();
    ASSERT_TRUE(policy.next());
    EXPECT_GE(*policy.next(), start + interval);
    EXPECT_LE(*policy.next(), start + interval * 3 / 2);
    EXPECT_TRUE(policy.want(*policy.next(), random));
    policy.done();
    EXPECT_EQ(policy.next(), std::nullopt);  // that granted the wish
}

TEST_F(refresh_policy_test, without_a_wish_there_is_no_next_one) {
    want(0ms);
    policy.done();
    EXPECT_EQ(policy.next(), std::nullopt);
}

TEST_F(refresh_policy_test, a_wish_too_early_is_kept_until_it_is_due) {
    want(0ms);
    policy.done();
    EXPECT_FALSE(want(interval - 1ns));
    ASSERT_TRUE(policy.next());
    const auto due = *policy.next();
    EXPECT_FALSE(policy.want(due - 1ns, random));
    EXPECT_EQ(policy.next(), due);  // wishing again does not put it off
    EXPECT_TRUE(policy.want(due, random));
}

TEST_F(refresh_policy_test, gaps_are_stretched_at_random_by_up_to_half) {
    std::set<refresh_policy::duration> gaps;
    refresh_policy::time_point now = start;
    for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(policy.want(now, random));
        policy.done();
        ASSERT_FALSE(policy.want(now, random));
        const auto due = policy.next().value();
        ASSERT_GE(due - now, interval);
        ASSERT_LE(due - now, interval * 3 / 2);
        gaps.insert(due - now);
        now = due;
    }
    EXPECT_GT(gaps.size(), 190U);
    EXPECT_LT(*gaps.begin(), interval * 11 / 10);
    EXPECT_GT(*gaps.rbegin(), interval * 14 / 10);
}

TEST_F(refresh_policy_test, news_that_the_refresh_confirms_leads_to_no_other) {
    want(0ms);
    EXPECT_FALSE(policy.want(start + 10ms, random, reason::news));
    policy.confirmed();
    policy.done();
    EXPECT_EQ(policy.next(), std::nullopt);
}

TEST_F(refresh_policy_test, news_that_the_refresh_does_not_confirm_leads_to_another) {
    want(0ms);
    EXPECT_FALSE(policy.want(start + 10ms, random, reason::news));
    policy.done();
    ASSERT_TRUE(policy.next());
    EXPECT_TRUE(policy.want(*policy.next(), random));
    policy.done();
    EXPECT_EQ(policy.next(), std::nullopt);
}

TEST_F(refresh_policy_test, doubts_are_not_dispelled_by_news_confirmed) {
    want(0ms);
    EXPECT_FALSE(want(10ms));
    EXPECT_FALSE(policy.want(start + 20ms, random, reason::news));
    policy.confirmed();
    policy.done();
    EXPECT_TRUE(policy.next());
}

TEST_F(refresh_policy_test, a_long_refresh_is_no_reason_to_wait_after_it) {
    want(0ms);
    want(400ms);
    policy.done();
    EXPECT_LE(policy.next().value(), start + 400ms);  // due already
    EXPECT_TRUE(want(400ms));
}

TEST_F(refresh_policy_test, without_an_interval_only_the_one_that_runs_counts) {
    refresh_policy eager{refresh_policy::duration{0}};
    EXPECT_TRUE(eager.want(start, random));
    EXPECT_FALSE(eager.want(start, random));
    eager.done();
    EXPECT_TRUE(eager.want(start, random));
}

}  // namespace
}  // namespace valkeyxx::topology
