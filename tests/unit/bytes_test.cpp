// The buffer between two ends: order is kept whatever is added, taken, moved and grown.
#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace valkeyxx::base {
namespace {

constexpr std::size_t first_block = 16384;

void fill(bytes& b, std::size_t size, char with) {
    b.append(std::string(size, with));
}

TEST(bytes, begins_with_nothing) {
    bytes b;
    EXPECT_TRUE(b.empty());
    EXPECT_EQ(b.size(), 0U);
    EXPECT_EQ(b.capacity(), 0U);
    EXPECT_EQ(b.view(), "");
}

TEST(bytes, nothing_can_be_added_and_taken) {
    bytes b;
    b.append({});
    b.append("");
    b.commit(0);
    b.consume(0);
    b.trim(0);
    b.clear();
    EXPECT_TRUE(b.empty());
    EXPECT_EQ(b.capacity(), 0U);
}

TEST(bytes, leave_in_the_order_they_came) {
    bytes b;
    b.append("abc");
    b.append("def");
    EXPECT_EQ(b.view(), "abcdef");
    b.consume(2);
    EXPECT_EQ(b.view(), "cdef");
    EXPECT_EQ(b.size(), 4U);
    b.append("g");
    EXPECT_EQ(b.view(), "cdefg");
    b.consume(5);
    EXPECT_TRUE(b.empty());
}

TEST(bytes, prepared_space_counts_once_it_is_committed) {
    bytes b;
    const auto space = b.prepare(3);
    ASSERT_GE(space.size(), 3U);
    std::memcpy(space.data(), "xyz", 3);
    EXPECT_TRUE(b.empty());
    b.commit(2);
    EXPECT_EQ(b.view(), "xy");
    EXPECT_EQ(b.prepare(1).data(), b.view().data() + 2);
}

TEST(bytes, emptied_memory_is_used_from_its_start_again) {
    bytes b;
    b.append("abc");
    const char* const start = b.view().data();
    b.consume(3);
    b.append("d");
    EXPECT_EQ(b.view().data(), start);
    b.clear();
    b.append("e");
    EXPECT_EQ(b.view().data(), start);
    EXPECT_EQ(b.view(), "e");
}

TEST(bytes, what_is_held_moves_to_the_front_if_that_frees_half) {
    bytes b;
    fill(b, first_block, 'a');
    ASSERT_EQ(b.capacity(), first_block);
    b.consume(first_block / 2);
    fill(b, first_block / 2, 'b');
    EXPECT_EQ(b.capacity(), first_block);
    EXPECT_EQ(b.view(), std::string(first_block / 2, 'a') + std::string(first_block / 2, 'b'));
}

TEST(bytes, memory_doubles_if_more_than_half_is_held) {
    bytes b;
    fill(b, first_block, 'a');
    b.consume(first_block / 2 - 1);
    b.append("b");
    EXPECT_EQ(b.capacity(), 2 * first_block);
    EXPECT_EQ(b.view(), std::string(first_block / 2 + 1, 'a') + "b");
}

TEST(bytes, memory_grows_to_what_one_piece_needs) {
    bytes b;
    fill(b, 10, 'a');
    fill(b, 10 * first_block, 'b');
    EXPECT_GE(b.capacity(), 10 + 10 * first_block);
    EXPECT_EQ(b.view(), std::string(10, 'a') + std::string(10 * first_block, 'b'));
    b.consume(b.size());
    EXPECT_GE(b.prepare(20 * first_block).size(), 20 * first_block);
}

TEST(bytes, trim_gives_back_only_what_is_unused_and_too_much) {
    bytes b;
    fill(b, 4 * first_block, 'a');
    const auto grown = b.capacity();
    b.trim(0);
    EXPECT_EQ(b.capacity(), grown);
    b.consume(4 * first_block);
    b.trim(grown);
    EXPECT_EQ(b.capacity(), grown);
    b.trim(grown - 1);
    EXPECT_EQ(b.capacity(), 0U);
    b.append("again");
    EXPECT_EQ(b.view(), "again");
}

TEST(bytes, let_go_of_what_is_in_the_middle) {
    bytes b;
    b.append("-abcdefghij");
    b.consume(1);
    b.pull(3, 1, 4);  // overlapping
    EXPECT_EQ(b.view(), "adefgfghij");
    b.pull(9, 5, 1);
    b.cut_to(6);
    EXPECT_EQ(b.view(), "adefgj");
    b.append("k");
    EXPECT_EQ(b.view(), "adefgjk");
    b.pull(7, 7, 0);
    b.cut_to(0);
    EXPECT_TRUE(b.empty());
}

TEST(bytes, hold_what_a_string_would_whatever_is_done_to_them) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    bytes b;
    std::string expected;
    char next = 0;
    for (int i = 0; i < 20000; ++i) {
        const std::size_t size = random() % (i % 50 == 0 ? 40000 : 700);
        switch (random() % 4) {
            case 0: {
                const std::string more(size, next++);
                b.append(more);
                expected += more;
                break;
            }
            case 1: {
                const auto space = b.prepare(size);
                ASSERT_GE(space.size(), size);
                std::fill_n(space.begin(), size, next);
                b.commit(size);
                expected.append(size, next++);
                break;
            }
            default: {
                const std::size_t taken = std::min(size, expected.size());
                b.consume(taken);
                expected.erase(0, taken);
                if (random() % 8 == 0) b.trim(first_block);
                break;
            }
        }
        ASSERT_EQ(b.view(), expected);
    }
}

}  // namespace
}  // namespace valkeyxx::base
