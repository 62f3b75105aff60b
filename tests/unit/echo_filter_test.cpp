// What a node sends that another one has sent, and what only looks like it.
#include "session/echo_filter.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace valkeyxx::sessions {
namespace {

using namespace std::chrono_literals;

class echoes : public ::testing::Test {
  protected:
    bool is_echo(std::uint32_t node, const std::string& payload) {
        return filter_.is_echo(node, echo_filter::print_of("c", payload), now_);
    }

    echo_filter filter_;
    echo_filter::time_point now_{1h};
};

}  // namespace

TEST_F(echoes, one_node_repeats_nothing) {
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(is_echo(1, "tick"));
}

TEST_F(echoes, another_node_repeats_what_the_first_has_sent) {
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(is_echo(1, std::to_string(i)));
    now_ += 40ms;
    for (int i = 7; i < 10; ++i) EXPECT_TRUE(is_echo(2, std::to_string(i)));
    EXPECT_FALSE(is_echo(2, "10"));
    EXPECT_TRUE(is_echo(2, "6")) << "also after something new";
    EXPECT_FALSE(is_echo(2, "10")) << "its own messages may be alike";
}

TEST_F(echoes, each_message_has_one_echo) {
    EXPECT_FALSE(is_echo(1, "tick"));
    EXPECT_FALSE(is_echo(1, "tick"));
    EXPECT_TRUE(is_echo(2, "tick"));
    EXPECT_TRUE(is_echo(2, "tick"));
    EXPECT_FALSE(is_echo(2, "tick"));
}

TEST_F(echoes, after_half_a_second_it_is_a_new_message) {
    EXPECT_FALSE(is_echo(1, "a"));
    now_ += 501ms;
    EXPECT_FALSE(is_echo(2, "a"));
}

TEST_F(echoes, of_a_flood_the_last_thousands_are_known) {
    for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(is_echo(1, std::to_string(i)));
    EXPECT_FALSE(is_echo(2, "100"));
    for (int i = 6000; i < 10'000; ++i) ASSERT_TRUE(is_echo(2, std::to_string(i))) << i;
}

TEST_F(echoes, prints_of_different_messages_differ) {
    std::set<std::uint64_t> prints;
    std::size_t count = 0;
    for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 15U, 16U, 63U, 64U, 65U, 1000U}) {
        for (std::size_t at = 0; at < size && at < 64; ++at) {
            if (at >= 32 && at + 32 < size) continue;  // the middle is not looked at
            std::string text(size, 'x');
            text[at] = 'y';
            prints.insert(echo_filter::print_of("c", text));
            ++count;
        }
        prints.insert(echo_filter::print_of("c", std::string(size, 'x')));
        ++count;
    }
    EXPECT_EQ(prints.size(), count);
    EXPECT_NE(echo_filter::print_of("a", "x"), echo_filter::print_of("b", "x"));
}

}  // namespace valkeyxx::sessions
