// When to try again: delays with jitter, what connections to one node have in common, and the order of its addresses.
#include "routing/backoff.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "routing/node_dialling.hpp"
#include "session/address_memory.hpp"

namespace valkeyxx::routing {
namespace {

using namespace std::chrono_literals;
using time_point = node_dialling::time_point;

TEST(backoff, stays_between_the_first_delay_and_three_times_the_last_one) {
    base::random dice{7};
    backoff b{10ms, 200ms};
    auto last = backoff::duration{10ms};
    auto longest = last;
    for (int i = 0; i < 10'000; ++i) {
        const auto delay = b.next(dice);
        ASSERT_GE(delay, 10ms);
        ASSERT_LE(delay, std::min<backoff::duration>(last * 3, 200ms));
        last = delay;
        longest = std::max(longest, delay);
    }
    EXPECT_GT(longest, 190ms);
    b.reset();
    EXPECT_LE(b.next(dice), 30ms);
}

TEST(backoff, brings_those_who_failed_together_apart) {
    std::set<backoff::duration> different;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        base::random dice{seed};
        backoff b{10ms, 200ms};
        b.next(dice);
        different.insert(b.next(dice));
    }
    EXPECT_GT(different.size(), 95U);
}

TEST(backoff, never_exceeds_a_limit_below_the_first_delay_times_three) {
    base::random dice{7};
    for (int i = 0; i < 100; ++i) EXPECT_LE((decorrelated<backoff::duration>(1s, 10ms, 12ms, dice)), 12ms);
    EXPECT_EQ((decorrelated<backoff::duration>(0ms, 10ms, 10ms, dice)), 10ms);
}

class dialling : public ::testing::Test {
  protected:
    // How long it is too early.
    backoff::duration pause(time_point at) const {
        auto d = 0us;
        while (node.too_early(at + d)) d += 10us;
        return d;
    }
    void fail(time_point began, time_point at) { node.failed(began, at, why, dice); }

    base::random dice{7};
    node_dialling node;
    time_point now{std::chrono::hours{1}};
    const error why{errc::cannot_connect, "refused"};
};

TEST_F(dialling, is_free_at_first) {
    EXPECT_FALSE(node.failing());
    EXPECT_FALSE(node.under_way());
    EXPECT_FALSE(node.too_early(now));
}

TEST_F(dialling, counts_those_who_dial) {
    node.begin();
    node.begin();
    node.end();
    EXPECT_TRUE(node.under_way());
    node.end();
    EXPECT_FALSE(node.under_way());
}

TEST_F(dialling, failure_is_remembered_until_the_node_answers) {
    fail(now, now);
    EXPECT_TRUE(node.failing());
    EXPECT_TRUE(node.too_early(now + 9ms));
    EXPECT_EQ(node.why().text(), "refused");
    node.answered();
    EXPECT_FALSE(node.failing());
}

TEST_F(dialling, many_that_fail_together_count_once) {
    fail(now, now + 5ms);
    const auto first = pause(now + 5ms);
    for (int i = 0; i < 100; ++i) fail(now, now + 5ms);
    EXPECT_EQ(pause(now + 5ms), first);
}

TEST_F(dialling, answer_alone_does_not_shorten_the_pauses) {
    auto longest = 0us;
    for (int i = 0; i < 50; ++i) {
        now += 1s;
        node.answered();  // it takes the connection, and ends it at once
        fail(now, now + 1ms);
        longest = std::max(longest, std::chrono::duration_cast<std::chrono::microseconds>(pause(now + 1ms)));
    }
    EXPECT_GT(longest, 100ms);
    EXPECT_LE(longest, 201ms);
    node.broke(now, why, dice);  // after having been of use
    EXPECT_LE(pause(now), 31ms);
}

using memory = sessions::address_memory<char>;
using order = std::vector<char>;

TEST(address_memory, keeps_the_order_that_it_is_given) {
    EXPECT_EQ(memory{}.in_order({'a', 'b', 'c'}), (order{'a', 'b', 'c'}));
    EXPECT_EQ(memory{}.in_order({}), order{});
}

TEST(address_memory, begins_with_the_one_that_worked) {
    memory m;
    m.failed('a');
    m.worked('b');
    EXPECT_EQ(m.in_order({'a', 'b', 'c'}), (order{'b', 'a', 'c'}));
    EXPECT_EQ(m.in_order({'a', 'c'}), (order{'a', 'c'}));  // it is another host now
    EXPECT_EQ(m.in_order({'a', 'b', 'c'}), (order{'b', 'a', 'c'}));
}

TEST(address_memory, puts_those_that_failed_behind_the_others) {
    memory m;
    m.failed('a');
    m.failed('b');
    EXPECT_EQ(m.in_order({'a', 'b', 'c', 'd'}), (order{'c', 'd', 'a', 'b'}));
    m.failed('c');
    m.failed('d');
    m.failed('a');
    EXPECT_EQ(m.in_order({'a', 'b', 'c', 'd'}), (order{'b', 'c', 'd', 'a'}));  // each gets its turn
    EXPECT_EQ(m.in_order({'d', 'a'}), (order{'d', 'a'}));
}

TEST(address_memory, forgets_what_worked_once_it_fails) {
    memory m;
    m.worked('b');
    m.failed('b');
    EXPECT_EQ(m.in_order({'a', 'b'}), (order{'a', 'b'}));
}

TEST(address_share, is_fair_and_not_too_short) {
    EXPECT_EQ(sessions::address_share<backoff::duration>(1s, 0), 1s);
    EXPECT_EQ(sessions::address_share<backoff::duration>(1s, 1), 500ms);
    EXPECT_EQ(sessions::address_share<backoff::duration>(1s, 9), 250ms);
}

}  // namespace
}  // namespace valkeyxx::routing
