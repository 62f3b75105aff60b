// The decoder: every type, every way to cut the input, and input that means harm.
#include <gtest/gtest.h>

#include <string>

#include "decoder_probe.hpp"

using namespace valkeyxx;
using resp::decoder;
using status = decoder::status;
using namespace std::string_literals;
using decoder_probe::exact_copy;
using decoder_probe::samples;
using decoder_probe::tape_of;

namespace {

std::string decoded(std::string_view wire) {
    const exact_copy input{wire};
    decoder d;
    EXPECT_EQ(d.parse(input.text), status::ready) << wire << ": " << d.problem();
    return tape_of(d);
}

// Why a decoder refuses `wire`.
std::string refused(std::string_view wire, resp::limits limits = {}) {
    const exact_copy input{wire};
    decoder d{limits};
    EXPECT_EQ(d.parse(input.text), status::bad) << wire;
    EXPECT_EQ(d.parse("+OK\r\n"), status::bad) << "bad must last";
    const std::string problem = d.problem();
    d.reset();
    EXPECT_EQ(d.parse("+OK\r\n"), status::ready);
    return problem;
}

status status_of(std::string_view wire, resp::limits limits = {}) {
    const exact_copy input{wire};
    return decoder{limits}.parse(input.text);
}

TEST(decoder, tape_lists_values_in_the_order_of_the_wire) {
    EXPECT_EQ(decoded("+OK\r\n"), "5 bytes\nsimple string at 1 size 2 span 1");
    EXPECT_EQ(decoded("-ERR x\r\n"), "8 bytes\nerror at 1 size 5 span 1");
    EXPECT_EQ(decoded("!5\r\nERR y\r\n"), "11 bytes\nerror at 4 size 5 span 1");
    EXPECT_EQ(decoded(":-12\r\n"), "6 bytes\ninteger at 1 size 3 span 1");
    EXPECT_EQ(decoded("$3\r\na\r\n\r\n"), "9 bytes\nbulk string at 4 size 3 span 1");
    EXPECT_EQ(decoded("=7\r\ntxt:abc\r\n"), "13 bytes\nverbatim string at 8 size 3 span 1");
    EXPECT_EQ(decoded("$-1\r\n"), "5 bytes\nnull at 1 size 0 span 1");
    EXPECT_EQ(decoded("*-1\r\n"), "5 bytes\nnull at 1 size 0 span 1");
    EXPECT_EQ(decoded("_\r\n"), "3 bytes\nnull at 1 size 0 span 1");
    EXPECT_EQ(decoded("#t\r\n"), "4 bytes\nboolean at 1 size 1 span 1");
    EXPECT_EQ(decoded(",1.5\r\n"), "6 bytes\nreal at 1 size 3 span 1");
    EXPECT_EQ(decoded(",nan\r\n"), "6 bytes\nreal at 1 size 3 span 1");
    EXPECT_EQ(decoded("(123\r\n"), "6 bytes\nbig number at 1 size 3 span 1");
    EXPECT_EQ(decoded("~0\r\n"), "4 bytes\nset at 0 size 0 span 1");
    EXPECT_EQ(decoded(">1\r\n:1\r\n"), "8 bytes\npush at 0 size 1 span 2\ninteger at 5 size 1 span 1");
    EXPECT_EQ(decoded("*2\r\n%1\r\n+a\r\n*0\r\n:1\r\n"),
              "20 bytes\narray at 0 size 2 span 5\nmap at 0 size 2 span 3\nsimple string at 9 size 1 span 1\n"
              "array at 0 size 0 span 1\ninteger at 17 size 1 span 1");
}

TEST(decoder, attributes_are_checked_and_dropped) {
    EXPECT_EQ(decoded("|1\r\n+ttl\r\n*1\r\n:9\r\n:1\r\n"), "22 bytes\ninteger at 19 size 1 span 1");
    EXPECT_EQ(decoded("*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n|0\r\n:2\r\n"),
              "28 bytes\narray at 0 size 2 span 3\ninteger at 17 size 1 span 1\ninteger at 25 size 1 span 1");
    EXPECT_EQ(refused("|1\r\n+a\r\n:x\r\n:1\r\n"), "byte 9 of the reply: an integer is not one of 64 bits");
}

TEST(decoder, a_reply_ends_where_the_next_begins) {
    decoder d;
    std::string_view unread = "*1\r\n:1\r\n$2\r\nab\r\n_\r\n*1\r\n+x\r\n";
    std::string lengths;
    while (!unread.empty()) {
        ASSERT_EQ(d.parse(unread), status::ready);
        lengths += std::to_string(d.consumed()) + " ";
        unread.remove_prefix(d.consumed());
    }
    EXPECT_EQ(lengths, "8 8 3 8 ");
    EXPECT_EQ(d.parse(unread), status::need_more);
    EXPECT_EQ(d.missing(), 1U);
}

TEST(decoder, every_truncation_needs_more_and_never_more_than_there_is) {
    for (const std::string& wire : samples) {
        for (std::size_t size = 0; size < wire.size(); ++size) {
            const exact_copy input{std::string_view{wire}.substr(0, size)};
            decoder d;
            ASSERT_EQ(d.parse(input.text), status::need_more) << wire << " cut at " << size << ": " << d.problem();
            ASSERT_GE(d.missing(), 1U);
            ASSERT_LE(d.missing(), wire.size() - size) << wire << " cut at " << size;
        }
    }
}

TEST(decoder, two_pieces_give_the_same_tape_as_the_whole) {
    for (const std::string& wire : samples) {
        const std::string whole = decoded(wire);
        for (std::size_t size = 0; size < wire.size(); ++size) {
            decoder d;
            {
                const exact_copy first{std::string_view{wire}.substr(0, size)};
                ASSERT_EQ(d.parse(first.text), status::need_more);
            }
            const exact_copy all{wire + "+next\r\n"};
            ASSERT_EQ(d.parse(all.text), status::ready) << wire << " cut at " << size << ": " << d.problem();
            ASSERT_EQ(tape_of(d), whole) << wire << " cut at " << size;
        }
    }
}

TEST(decoder, byte_by_byte_gives_the_same_tapes_one_reply_after_the_other) {
    decoder d;
    for (const std::string& wire : samples) {
        for (std::size_t size = 0; size < wire.size(); ++size) {
            const exact_copy piece{std::string_view{wire}.substr(0, size)};
            ASSERT_EQ(d.parse(piece.text), status::need_more) << wire << " cut at " << size << ": " << d.problem();
        }
        const exact_copy all{wire};
        ASSERT_EQ(d.parse(all.text), status::ready) << wire << ": " << d.problem();
        ASSERT_EQ(tape_of(d), decoded(wire));
    }
}

TEST(decoder, missing_knows_the_rest_of_a_bulk_string) {
    decoder d;
    ASSERT_EQ(d.parse("$1000\r\nabc"), status::need_more);
    EXPECT_EQ(d.missing(), 999U);
    ASSERT_EQ(d.parse("$1000\r\nabcdef"), status::need_more);
    EXPECT_EQ(d.missing(), 996U);
    d.reset();
    ASSERT_EQ(d.parse("*2\r\n:1\r\n$20\r\n"), status::need_more);
    EXPECT_EQ(d.missing(), 22U);
}

TEST(decoder, hostile_headers_are_refused_at_once) {
    EXPECT_EQ(
        refused("*4000000000\r\n"),
        "byte 0 of the reply: a header announces 4000000001 values of one reply, more than the limit of 16777216");
    EXPECT_EQ(refused("$9223372036854775808\r\n"), "byte 1 of the reply: an announced size has too many digits");
    EXPECT_EQ(refused("$536870913\r\n"),
              "byte 0 of the reply: a header announces 536870913 bytes of one bulk string, more than the limit of "
              "536870912");
    EXPECT_EQ(refused("%999999999999999999\r\n").substr(0, 21), "byte 0 of the reply: ");
    EXPECT_EQ(refused("$-2\r\n"), "byte 2 of the reply: expected '1', got '2'");
    EXPECT_EQ(refused("$-1x\r\n"), "byte 3 of the reply: expected CR, got 'x'");
    EXPECT_EQ(refused("*1x\r\n"), "byte 2 of the reply: expected CR, got 'x'");
    EXPECT_EQ(refused("*+1\r\n"), "byte 1 of the reply: expected the digits of a size, got '+'");
    EXPECT_EQ(refused("* 1\r\n"), "byte 1 of the reply: expected the digits of a size, got 0x20");
    EXPECT_EQ(refused("$\r\n"), "byte 1 of the reply: expected the digits of a size, got CR");
    EXPECT_EQ(refused("$3\nabc\r\n"), "byte 2 of the reply: expected CR, got LF");
    EXPECT_EQ(refused("$3\rabc\r\n"), "byte 3 of the reply: expected LF, got 'a'");
    EXPECT_EQ(refused("$3\r\nabcd\r\n"), "byte 7 of the reply: expected CR, got 'd'");
    EXPECT_EQ(refused("$3\r\nabc\rx"), "byte 8 of the reply: expected LF, got 'x'");
    for (const char* wire : {"%-1\r\n", "~-1\r\n", ">-1\r\n", "!-1\r\n", "=-1\r\n", "|-1\r\n", "*-\r\n", "*--1\r\n"}) {
        EXPECT_EQ(status_of(wire), status::bad) << wire;
    }
}

TEST(decoder, malformed_scalars_are_refused) {
    EXPECT_EQ(refused("HTTP/1.1 400\r\n"), "byte 0 of the reply: no reply type starts with 'H'");
    EXPECT_EQ(refused("\xff"), "byte 0 of the reply: no reply type starts with 0xff");
    EXPECT_EQ(refused("+a\nb\r\n"), "byte 2 of the reply: expected CR, got LF");
    EXPECT_EQ(refused("+a\rb\r\n"), "byte 3 of the reply: expected LF, got 'b'");
    EXPECT_EQ(refused(":\r\n"), "byte 1 of the reply: an integer is not one of 64 bits");
    EXPECT_EQ(refused("#x\r\n"), "byte 1 of the reply: a boolean is neither 't' nor 'f'");
    EXPECT_EQ(refused("#tt\r\n"), "byte 2 of the reply: expected CR, got 't'");
    EXPECT_EQ(refused("_x\r\n"), "byte 1 of the reply: expected CR, got 'x'");
    EXPECT_EQ(refused(",1.5x\r\n"), "byte 1 of the reply: a real is not a number");
    EXPECT_EQ(refused("(12a\r\n"), "byte 1 of the reply: a big number is not all digits");
    EXPECT_EQ(refused("=3\r\ntxt\r\n"), "byte 0 of the reply: a verbatim string is too short for its format prefix");
    EXPECT_EQ(refused("=7\r\ntext:ab\r\n"),
              "byte 4 of the reply: a verbatim string's format prefix is not three characters and ':'");
    EXPECT_EQ(refused(":" + std::string(40, '1')),
              "byte 0 of the reply: the line of one integer is longer than the limit of 32 bytes");
    for (const char* wire :
         {":1.0\r\n", ":--1\r\n", ":+-1\r\n", ":1 \r\n", ": 1\r\n", ":9223372036854775808\r\n", ":-\r\n", ",\r\n",
          ",-\r\n", ",.\r\n", ",1e999\r\n", ",0x1\r\n", ",infinity\r\n", "(\r\n", "(-\r\n", "(1.5\r\n"}) {
        EXPECT_EQ(status_of(wire), status::bad) << wire;
        EXPECT_EQ(status_of("*1\r\n"s + wire), status::bad) << wire;
    }
}

TEST(decoder, streamed_replies_are_refused) {
    for (const char* wire : {"$?\r\n", "*?\r\n", "%?\r\n", "~?\r\n", ";4\r\n", ".\r\n"}) {
        EXPECT_NE(refused(wire).find("streamed replies are not supported"), std::string::npos) << wire;
    }
}

TEST(decoder, limits_hold_exactly) {
    EXPECT_EQ(status_of("$5\r\nabcde\r\n", {.max_bulk_bytes = 5}), status::ready);
    EXPECT_EQ(status_of("$6\r\n", {.max_bulk_bytes = 5}), status::bad);
    EXPECT_EQ(status_of("+abcde\r\n", {.max_line_bytes = 5}), status::ready);
    EXPECT_EQ(status_of("+abcde", {.max_line_bytes = 5}), status::need_more);
    EXPECT_EQ(status_of("+abcdef", {.max_line_bytes = 5}), status::bad);
    EXPECT_EQ(status_of("+abcdef\r\n", {.max_line_bytes = 5}), status::bad);
    EXPECT_EQ(status_of("*2\r\n*1\r\n:1\r\n:2\r\n", {.max_elements = 4}), status::ready);
    EXPECT_EQ(status_of("*2\r\n*2\r\n", {.max_elements = 4}), status::bad);
    EXPECT_EQ(status_of("%2\r\n", {.max_elements = 4}), status::bad);
    EXPECT_EQ(status_of("|1\r\n:1\r\n:2\r\n:3\r\n", {.max_elements = 4}), status::ready);
    EXPECT_EQ(status_of("|1\r\n:1\r\n:2\r\n|0\r\n", {.max_elements = 4}), status::bad);
    EXPECT_EQ(status_of("*1\r\n*1\r\n:1\r\n", {.max_depth = 2}), status::ready);
    EXPECT_EQ(status_of("*1\r\n*1\r\n*0\r\n", {.max_depth = 2}), status::ready);
    EXPECT_EQ(status_of("*1\r\n*1\r\n*1\r\n", {.max_depth = 2}), status::bad);
    EXPECT_EQ(status_of("*2\r\n*1\r\n:1\r\n*1\r\n:1\r\n", {.max_depth = 2}), status::ready);
    EXPECT_EQ(status_of("$3\r\nabc\r\n+more\r\n", {.max_reply_bytes = 9}), status::ready);
    EXPECT_EQ(status_of("$4\r\n", {.max_reply_bytes = 9}), status::bad);
    EXPECT_EQ(status_of("*2\r\n:1\r\n:2\r\n", {.max_reply_bytes = 12}), status::ready);
    EXPECT_EQ(status_of("*2\r\n:1\r\n:2\r\n", {.max_reply_bytes = 11}), status::bad);
    EXPECT_EQ(refused("+abcdefghijk\r\n", {.max_reply_bytes = 10}),
              "byte 0 of the reply: the reply is longer than the limit of 10 bytes");
}

TEST(decoder, nesting_costs_no_stack_and_is_refused_at_the_limit) {
    std::string deep;
    for (int i = 0; i < 10'000; ++i) deep += "*1\r\n";
    deep += ":1\r\n";
    EXPECT_EQ(refused(deep), "byte 512 of the reply: aggregates are nested deeper than the limit of 128");
    decoder d{{.max_depth = 10'000}};
    ASSERT_EQ(d.parse(deep), status::ready);
    EXPECT_EQ(d.reply().node()->span, 10'001U);
    std::string attributes;
    for (int i = 0; i < 10'000; ++i) attributes += "|1\r\n";
    EXPECT_EQ(status_of(attributes), status::bad);
}

}  // namespace
