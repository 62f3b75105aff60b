// From keys to slots: the checksum against its definition, hash tags against the specification and a real server.
#include <valkeyxx/slot.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "command/crc16.hpp"

namespace valkeyxx {
namespace {

using namespace std::string_view_literals;

// The definition, one bit after the other.
std::uint16_t bitwise_crc16(std::string_view bytes) {
    unsigned crc = 0;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8U;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
        crc &= 0xFFFFU;
    }
    return static_cast<std::uint16_t>(crc);
}

// Every way of computing it that this processor has.
void expect_crc(std::string_view bytes, std::uint16_t expected) {
    ASSERT_EQ(detail::crc16_sliced(bytes), expected);
    ASSERT_EQ(detail::crc16(bytes), expected);
    if (detail::can_multiply) {
        ASSERT_EQ(detail::crc16_multiplied(bytes), expected);
    }
}

TEST(crc16, check_value_is_that_of_xmodem) {
    EXPECT_EQ(bitwise_crc16("123456789"), 0x31C3);
    expect_crc("123456789", 0x31C3);
    expect_crc("A", 0x58E5);
    expect_crc("", 0);
    expect_crc({}, 0);
}

TEST(crc16, every_way_agrees_with_the_definition_for_every_length) {
    std::mt19937 random{20240817};
    for (std::size_t length = 0; length <= 300; ++length) {
        for (int round = 0; round < 4; ++round) {
            std::string bytes(length, '\0');
            for (char& c : bytes) c = static_cast<char>(random());
            SCOPED_TRACE("length " + std::to_string(length) + ", round " + std::to_string(round));
            expect_crc(bytes, bitwise_crc16(bytes));
        }
    }
}

TEST(crc16, every_way_agrees_with_the_definition_for_every_byte_at_every_place) {
    for (std::size_t at = 0; at < 35; ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string bytes(35, '\x5A');
            bytes[at] = static_cast<char>(byte);
            SCOPED_TRACE("byte " + std::to_string(byte) + " at " + std::to_string(at));
            expect_crc(bytes, bitwise_crc16(bytes));
        }
    }
}

TEST(hash_tag, is_what_stands_between_the_first_braces) {
    EXPECT_EQ(hash_tag("{user1000}.following"), "user1000");
    EXPECT_EQ(hash_tag("a{b}"), "b");
    EXPECT_EQ(hash_tag("{a}"), "a");
    EXPECT_EQ(hash_tag("foo{bar}{zap}"), "bar");
    EXPECT_EQ(hash_tag("foo{{bar}}zap"), "{bar");
    EXPECT_EQ(hash_tag("a}b{c}d"), "c");
    EXPECT_EQ(hash_tag("{{}}"), "{");
    EXPECT_EQ(hash_tag("{ }"), " ");
    EXPECT_EQ(hash_tag("{a}{}"), "a");
}

TEST(hash_tag, is_the_whole_key_without_a_closed_pair) {
    for (const auto key : {"", "foo", "{", "}", "}{", "a{", "{a", "{{a", "a}b{c", "a}b", "{{{"}) {
        EXPECT_EQ(hash_tag(key), key);
    }
    EXPECT_EQ(hash_tag(std::string_view{}), "");
}

TEST(hash_tag, is_the_whole_key_if_the_first_pair_is_empty_whatever_follows) {
    for (const auto key : {"{}", "foo{}", "{}foo", "foo{}{bar}", "{}{a}", "{}}"}) EXPECT_EQ(hash_tag(key), key);
}

TEST(hash_tag, knows_no_end_of_string) {
    EXPECT_EQ(hash_tag("a\0{b\0c}d"sv), "b\0c"sv);
    EXPECT_EQ(hash_tag("\0"sv), "\0"sv);
}

TEST(key_slot, agrees_with_a_real_server) {
    // As CLUSTER KEYSLOT of Valkey 8.0.1 has them.
    const std::pair<std::string_view, int> known[] = {
        {"", 0},
        {"a", 15495},
        {"foo", 12182},
        {"bar", 5061},
        {"hello", 866},
        {"123456789", 12739},
        {"somekey", 11058},
        {"user:1000", 1649},
        {"{user1000}.following", 3443},
        {"{user1000}.followers", 3443},
        {"foo{}{bar}", 8363},
        {"foo{{bar}}zap", 4015},
        {"foo{bar}{zap}", 5061},
        {"{}", 15257},
        {"{}foo", 9500},
        {"{", 4092},
        {"}", 12090},
        {"}{", 12793},
        {"a{", 14311},
        {"a}b{c", 13587},
        {"{a}", 15495},
        {"{a", 10276},
        {"{{}}", 4092},
        {"{{a}", 10276},
        {"x{y}z{w}", 12222},
        {"{}{a}", 13650},
        {"foo{}", 5542},
        {"{ }", 9314},
        {"a{b}", 3300},
        {"key with spaces", 13638},
        {"Gr\xC3\xBC\xC3\x9F"
         "e",
         8844},
        {"{user}:1", 5474},
        {"valkey", 7659},
        {"0", 13907},
        {"1", 9842},
        {"-1", 5832},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 5960},
    };
    for (const auto& [key, slot] : known) EXPECT_EQ(key_slot(key), slot) << key;
}

TEST(key_slot, any_bytes_are_a_key) {
    EXPECT_EQ(key_slot("\0"sv), bitwise_crc16("\0"sv) % slot_count);
    EXPECT_EQ(key_slot("\xFF\xFE\0\r\n"sv), bitwise_crc16("\xFF\xFE\0\r\n"sv) % slot_count);
    EXPECT_EQ(key_slot("{\xFF\0}\0"sv), key_slot("\xFF\0"sv));
    const std::string long_key(1U << 20U, 'k');
    EXPECT_EQ(key_slot(long_key), bitwise_crc16(long_key) % slot_count);
}

}  // namespace
}  // namespace valkeyxx
