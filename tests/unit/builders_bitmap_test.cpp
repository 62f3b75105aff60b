// What can be said of commands on bitmaps without a server.
#include <valkeyxx/commands/bitmap.hpp>

#include <gtest/gtest.h>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

using testing::request;

TEST(builders_bitmap, bitfield_says_overflow_only_where_it_changes) {
    using enum bitfield_overflow;
    const auto list = bitfield_operations{}
                          .set(unsigned_bits(8), at_bit(100), -1)
                          .increment(signed_bits(64), at_index(3), 1, fail)
                          .get(unsigned_bits(1), at_bit(0))
                          .set(unsigned_bits(8), at_bit(0), 7, fail)
                          .increment(unsigned_bits(8), at_bit(0), -9, saturate)
                          .increment(unsigned_bits(8), at_bit(0), 1);
    EXPECT_EQ(bitfield("k", list).encoded().bytes(),
              request({"BITFIELD", "k",        "SET",  "u8",       "100", "-1",     "OVERFLOW", "FAIL",
                       "INCRBY",   "i64",      "#3",   "1",        "GET", "u1",     "0",        "SET",
                       "u8",       "0",        "7",    "OVERFLOW", "SAT", "INCRBY", "u8",       "0",
                       "-9",       "OVERFLOW", "WRAP", "INCRBY",   "u8",  "0",      "1"}));
}

TEST(builders_bitmap, bitfield_ro_is_a_read) {
    const auto c = bitfield_ro("k", {{signed_bits(5), at_bit(100)}, {unsigned_bits(63), at_index(0)}});
    EXPECT_EQ(c.encoded().bytes(), request({"BITFIELD_RO", "k", "GET", "i5", "100", "GET", "u63", "#0"}));
    EXPECT_TRUE(c.encoded().facts().repeatable);
    EXPECT_FALSE(bitfield("k", bitfield_operations{}.get(signed_bits(5), at_bit(0))).encoded().facts().repeatable);
}

TEST(builders_bitmap, bitop_needs_keys_of_one_slot) {
    using enum bit_operation;
    EXPECT_EQ(bitop(and_, "{k}to", {"{k}1", "k"}).encoded().facts().slot, key_slot("k"));
    EXPECT_EQ(bitop(and_, "{k}to", {"{k}1", "k"}).encoded().facts().route, key_route::slot);
    EXPECT_EQ(bitop(and_, "a", {"a", "b"}).encoded().facts().route, key_route::cross_slot);
    EXPECT_EQ(bitop_not("a", "b").encoded().facts().route, key_route::cross_slot);
}

}  // namespace
}  // namespace valkeyxx::commands
