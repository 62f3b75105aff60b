// Commands of the group "bitmap" on real servers.
#include <optional>
#include <string>
#include <vector>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/bitmap.hpp>
#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::string_literals;
using numbers = std::vector<std::int64_t>;
using optional_numbers = std::vector<std::optional<std::int64_t>>;

constexpr auto u4 = unsigned_bits(4);
constexpr auto u8 = unsigned_bits(8);
constexpr auto i8 = signed_bits(8);

TEST_P(commands, setbit_returns_what_the_bit_was) {
    EXPECT_FALSE(run(getbit("k", 7)));
    EXPECT_FALSE(run(setbit("k", 7, true)));
    EXPECT_TRUE(run(setbit("k", 7, true)));
    EXPECT_TRUE(run(getbit("k", 7)));
    EXPECT_FALSE(run(getbit("k", 6)));
    EXPECT_FALSE(run(getbit("k", 1000)));
    EXPECT_EQ(run(get("k")), "\x01"s);
    EXPECT_TRUE(run(setbit("k", 7, false)));
    EXPECT_EQ(run(get("k")), "\0"s);
    EXPECT_EQ(refusal(setbit("k", -1, true)), "ERR");
}

TEST_P(commands, bitcount_counts_in_bytes_or_bits) {
    EXPECT_EQ(run(bitcount("k")), 0);
    run(set("k", "foobar"));
    EXPECT_EQ(run(bitcount("k")), 26);
    EXPECT_EQ(run(bitcount("k", {.first = 1, .last = 1})), 6);
    EXPECT_EQ(run(bitcount("k", {.first = -1})), 4);
    EXPECT_EQ(run(bitcount("k", {.first = 5, .last = 30, .unit = bitmap_unit::bits})), 17);
    EXPECT_EQ(run(bitcount("none", {.first = 1})), 0);
}

TEST_P(commands, bitpos_finds_the_first_bit) {
    EXPECT_EQ(run(bitpos("none", true)), -1);
    EXPECT_EQ(run(bitpos("none", false)), 0);
    run(set("k", "\xff\xf0\x00"s));
    EXPECT_EQ(run(bitpos("k", false)), 12);
    EXPECT_EQ(run(bitpos("k", true)), 0);
    EXPECT_EQ(run(bitpos("k", true, {.first = 2})), -1);
    EXPECT_EQ(run(bitpos("k", false, {.last = 0})), -1);
    EXPECT_EQ(run(bitpos("k", true, {.first = 1})), 8);
    EXPECT_EQ(run(bitpos("k", false, {.first = 13, .unit = bitmap_unit::bits})), 13);
    run(set("full", "\xff"));
    EXPECT_EQ(run(bitpos("full", false)), 8);
}

TEST_P(commands, bitop_combines_strings) {
    run(mset({{"{k}a", "\x0f\xff"}, {"{k}b", "\x3c"}}));
    EXPECT_EQ(run(bitop(bit_operation::and_, "{k}to", {"{k}a", "{k}b"})), 2);
    EXPECT_EQ(run(get("{k}to")), "\x0c\0"s);
    EXPECT_EQ(run(bitop(bit_operation::or_, "{k}to", {"{k}a", "{k}b"})), 2);
    EXPECT_EQ(run(get("{k}to")), "\x3f\xff"s);
    EXPECT_EQ(run(bitop(bit_operation::xor_, "{k}to", {"{k}a", "{k}b", "{k}none"})), 2);
    EXPECT_EQ(run(get("{k}to")), "\x33\xff"s);
    EXPECT_EQ(run(bitop_not("{k}to", "{k}b")), 1);
    EXPECT_EQ(run(get("{k}to")), "\xc3");
    EXPECT_EQ(run(bitop_not("{k}to", "{k}none")), 0);
    EXPECT_EQ(run(exists("{k}to")), 0);
}

TEST_P(commands, bitfield_reads_writes_and_adds) {
    bitfield_operations list;
    list.set(u8, at_bit(0), 200).get(u8, at_bit(0)).set(i8, at_index(1), -3);
    list.increment(i8, at_index(1), 5);
    EXPECT_EQ(run(bitfield("k", list)), (optional_numbers{0, 200, 0, 2}));
    EXPECT_EQ(run(get("k")), "\xc8\x02");
    EXPECT_EQ(run(bitfield("k", bitfield_operations{}.get(u4, at_index(1)).get(u4, at_bit(4)))),
              (optional_numbers{8, 8}));
    EXPECT_EQ(run(bitfield("k", {})), optional_numbers{});
}

TEST_P(commands, bitfield_obeys_each_operations_overflow) {
    using enum bitfield_overflow;
    const auto all = bitfield_operations{}
                         .set(u8, at_index(0), 250)
                         .set(u8, at_index(1), 250)
                         .set(u8, at_index(2), 250)
                         .increment(u8, at_index(0), 10, saturate)
                         .increment(u8, at_index(1), 10, fail)
                         .increment(u8, at_index(2), 10)
                         .get(u8, at_index(1))
                         .set(u8, at_index(3), 300, saturate)
                         .get(u8, at_index(3));
    EXPECT_EQ(run(bitfield("k", all)), (optional_numbers{0, 0, 0, 255, std::nullopt, 4, 250, 0, 255}));
}

TEST_P(commands, bitfield_ro_reads_only) {
    EXPECT_EQ(run(bitfield_ro("k", {{u8, at_bit(0)}})), numbers{0});
    EXPECT_EQ(run(exists("k")), 0);
    run(set("k", "\xff\x01"));
    EXPECT_EQ(run(bitfield_ro("k", {{i8, at_bit(0)}, {u8, at_index(1)}, {unsigned_bits(63), at_bit(0)}})),
              (numbers{-1, 1, 0x7f80800000000000}));
    EXPECT_EQ(refusal(bitfield_ro("k", {{unsigned_bits(64), at_bit(0)}})), "ERR");
    EXPECT_EQ(run(bitfield_ro("k", {{signed_bits(64), at_bit(0)}})),
              numbers{static_cast<std::int64_t>(0xff01ULL << 48U)});
}

TEST_P(commands, bits_of_another_type_are_refused) {
    run(raw("LPUSH", "k", "x"));
    EXPECT_EQ(refusal(getbit("k", 0)), "WRONGTYPE");
    EXPECT_EQ(refusal(bitfield("k", bitfield_operations{}.get(u8, at_bit(0)))), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
