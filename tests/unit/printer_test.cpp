// Replies as text. What `to_cli_text` and `to_raw_text` are expected to say was printed by valkey-cli 8.0.1 (-3
// --no-raw and -3 --raw) for the same bytes.
#include <gtest/gtest.h>

#include <string>

#include <valkeyxx/print.hpp>

#include "resp/decoder.hpp"

using namespace valkeyxx;

namespace {

value decoded(const std::string& wire, resp::limits limits = {}) {
    resp::decoder d{limits};
    EXPECT_EQ(d.parse(wire), resp::decoder::status::ready) << wire << d.problem();
    EXPECT_EQ(d.consumed(), wire.size());
    return value{d.reply()};
}

std::string cli(const std::string& wire) {
    return to_cli_text(decoded(wire));
}
std::string raw_text(const std::string& wire) {
    return to_raw_text(decoded(wire));
}
std::string json(const std::string& wire) {
    return to_json(decoded(wire));
}

TEST(cli_text, scalars) {
    EXPECT_EQ(cli("+OK\r\n"), "OK");
    EXPECT_EQ(cli("+\r\n"), "");
    EXPECT_EQ(cli("$5\r\nhello\r\n"), "\"hello\"");
    EXPECT_EQ(cli("$0\r\n\r\n"), "\"\"");
    EXPECT_EQ(cli(":1\r\n"), "(integer) 1");
    EXPECT_EQ(cli("_\r\n"), "(nil)");
    EXPECT_EQ(cli("$-1\r\n"), "(nil)");
    EXPECT_EQ(cli("*-1\r\n"), "(nil)");
    EXPECT_EQ(cli("-WRONGTYPE Operation against a key\r\n"), "(error) WRONGTYPE Operation against a key");
    EXPECT_EQ(cli(",1.5\r\n"), "(double) 1.5");
    EXPECT_EQ(cli(",1e10\r\n"), "(double) 1e10");
    EXPECT_EQ(cli(",-inf\r\n"), "(double) -inf");
    EXPECT_EQ(cli("#t\r\n"), "(true)");
    EXPECT_EQ(cli("#f\r\n"), "(false)");
    EXPECT_EQ(cli("=8\r\ntxt:line\r\n"), "line");
}

TEST(cli_text, bulk_strings_are_quoted_and_escaped) {
    EXPECT_EQ(cli("$14\r\na\"b\\c\n\r\t\a\b\x01\x7f\xc3\xa9\r\n"), R"("a\"b\\c\n\r\t\a\b\x01\x7f\xc3\xa9")");
}

TEST(cli_text, empty_aggregates) {
    EXPECT_EQ(cli("*3\r\n*0\r\n%0\r\n~0\r\n"), "1) (empty array)\n2) (empty hash)\n3) (empty set)");
    EXPECT_EQ(cli("*1\r\n>0\r\n"), "1) (empty push)");
}

TEST(cli_text, arrays_number_their_entries_and_indent_what_is_inside) {
    EXPECT_EQ(cli("*4\r\n:1\r\n*2\r\n:2\r\n*2\r\n$1\r\nx\r\n*0\r\n*2\r\n:3\r\n$1\r\nb\r\n_\r\n"),
              "1) (integer) 1\n"
              "2) 1) (integer) 2\n"
              "   2) 1) \"x\"\n"
              "      2) (empty array)\n"
              "3) 1) (integer) 3\n"
              "   2) \"b\"\n"
              "4) (nil)");
    EXPECT_EQ(cli("*2\r\n*2\r\n$1\r\nm\r\n,1.5\r\n*2\r\n$1\r\nn\r\n,3\r\n"),
              "1) 1) \"m\"\n   2) (double) 1.5\n2) 1) \"n\"\n   2) (double) 3");
    EXPECT_EQ(cli("*2\r\n-ERR z\r\n+QUEUED\r\n"), "1) (error) ERR z\n2) QUEUED");
    EXPECT_EQ(cli("*1\r\n>2\r\n+a\r\n:3\r\n"), "1) 1) a\n   2) (integer) 3");
}

TEST(cli_text, numbers_are_aligned_to_the_longest) {
    EXPECT_EQ(
        cli("*12\r\n:1\r\n:2\r\n*2\r\n$1\r\nn\r\n%1\r\n$1\r\nk\r\n*2\r\n$1\r\nz\r\n:1\r\n:4\r\n:5\r\n:6\r\n:7\r\n:8\r\n"
            ":9\r\n:10\r\n:11\r\n:12\r\n"),
        " 1) (integer) 1\n"
        " 2) (integer) 2\n"
        " 3) 1) \"n\"\n"
        "    2) 1# \"k\" => \n"
        "          1) \"z\"\n"
        "          2) (integer) 1\n"
        " 4) (integer) 4\n"
        " 5) (integer) 5\n"
        " 6) (integer) 6\n"
        " 7) (integer) 7\n"
        " 8) (integer) 8\n"
        " 9) (integer) 9\n"
        "10) (integer) 10\n"
        "11) (integer) 11\n"
        "12) (integer) 12");
}

TEST(cli_text, sets_and_maps_have_marks_of_their_own) {
    EXPECT_EQ(cli("~2\r\n~2\r\n:1\r\n:2\r\n%1\r\n:1\r\n~1\r\n:3\r\n"),
              "1~ 1~ (integer) 1\n   2~ (integer) 2\n2~ 1# (integer) 1 => 1~ (integer) 3");
    EXPECT_EQ(cli("%2\r\n$2\r\nf1\r\n$2\r\nv1\r\n$2\r\nf2\r\n$2\r\nv2\r\n"),
              "1# \"f1\" => \"v1\"\n2# \"f2\" => \"v2\"");
    EXPECT_EQ(cli("%1\r\n=6\r\ntxt:hi\r\n=6\r\ntxt:yo\r\n"), "1# hi => yo");
}

TEST(cli_text, map_values_of_several_entries_start_on_their_own_line) {
    EXPECT_EQ(cli("%1\r\n$1\r\na\r\n*3\r\n:1\r\n:2\r\n~1\r\n$1\r\nq\r\n"),
              "1# \"a\" => \n   1) (integer) 1\n   2) (integer) 2\n   3) 1~ \"q\"");
    EXPECT_EQ(cli("%2\r\n%1\r\n+a\r\n+b\r\n*1\r\n*1\r\n:3\r\n+z\r\n%2\r\n:3\r\n:4\r\n:3\r\n*2\r\n:4\r\n:5\r\n"),
              "1# 1# a => b => 1) 1) (integer) 3\n"
              "2# z => \n"
              "   1# (integer) 3 => (integer) 4\n"
              "   2# (integer) 3 => \n"
              "      1) (integer) 4\n"
              "      2) (integer) 5");
    EXPECT_EQ(cli("%1\r\n$1\r\nk\r\n~2\r\n+a\r\n%2\r\n+x\r\n*1\r\n+y\r\n+z\r\n~0\r\n"),
              "1# \"k\" => \n   1~ a\n   2~ 1# x => 1) y\n      2# z => (empty set)");
    EXPECT_EQ(cli("%1\r\n*2\r\n:1\r\n:2\r\n%1\r\n:3\r\n:4\r\n"),
              "1# 1) (integer) 1\n   2) (integer) 2 => 1# (integer) 3 => (integer) 4");
}

TEST(cli_text, big_numbers_at_which_valkey_cli_gives_up_are_shown) {
    EXPECT_EQ(cli("(12345678901234567890\r\n"), "(big number) 12345678901234567890");
}

TEST(raw_text, scalars_are_their_bytes) {
    EXPECT_EQ(raw_text("+OK\r\n"), "OK");
    EXPECT_EQ(raw_text("$0\r\n\r\n"), "");
    EXPECT_EQ(raw_text("$3\r\na\"\n\r\n"), "a\"\n");
    EXPECT_EQ(raw_text("=6\r\ntxt:hi\r\n"), "hi");
    EXPECT_EQ(raw_text(":-3\r\n"), "-3");
    EXPECT_EQ(raw_text(",1.50\r\n"), "1.50");
    EXPECT_EQ(raw_text(",inf\r\n"), "inf");
    EXPECT_EQ(raw_text("_\r\n"), "");
    EXPECT_EQ(raw_text("#t\r\n"), "(true)");
    EXPECT_EQ(raw_text("#f\r\n"), "(false)");
    EXPECT_EQ(raw_text("-ERR no\r\n"), "ERR no\n");
    EXPECT_EQ(raw_text("(12345678901234567890\r\n"), "12345678901234567890");
}

TEST(raw_text, aggregates_have_one_entry_a_line) {
    EXPECT_EQ(raw_text("*0\r\n"), "");
    EXPECT_EQ(raw_text("%0\r\n"), "");
    EXPECT_EQ(raw_text("*2\r\n_\r\n_\r\n"), "\n");
    EXPECT_EQ(raw_text("*2\r\n-E x\r\n:1\r\n"), "E x\n\n1");
    EXPECT_EQ(raw_text("*3\r\n:1\r\n~2\r\n+a\r\n*0\r\n-E x\r\n"), "1\na\n\nE x\n");
    EXPECT_EQ(raw_text("%2\r\n+a\r\n%2\r\n+b\r\n:1\r\n+c\r\n_\r\n+d\r\n*2\r\n:1\r\n:2\r\n"), "a b 1\nc \nd 1\n2");
    EXPECT_EQ(raw_text("%1\r\n*2\r\n:1\r\n:2\r\n%1\r\n:3\r\n:4\r\n"), "1\n2 3 4");
}

TEST(json, scalars) {
    EXPECT_EQ(json("+OK\r\n"), R"("OK")");
    EXPECT_EQ(json("$0\r\n\r\n"), R"("")");
    EXPECT_EQ(json("=7\r\ntxt:abc\r\n"), R"("abc")");
    EXPECT_EQ(json(":-3\r\n"), "-3");
    EXPECT_EQ(json(":+007\r\n"), "7");
    EXPECT_EQ(json(",1.50\r\n"), "1.5");
    EXPECT_EQ(json(",.5\r\n"), "0.5");
    EXPECT_EQ(json(",10000000000000000000000\r\n"), "1e+22");
    EXPECT_EQ(json(",inf\r\n"), R"("inf")");
    EXPECT_EQ(json(",-inf\r\n"), R"("-inf")");
    EXPECT_EQ(json(",nan\r\n"), R"("nan")");
    EXPECT_EQ(json("(12345678901234567890\r\n"), R"("12345678901234567890")");
    EXPECT_EQ(json("_\r\n"), "null");
    EXPECT_EQ(json("#t\r\n"), "true");
    EXPECT_EQ(json("#f\r\n"), "false");
    EXPECT_EQ(json("-ERR no\r\n"), R"({"error":"ERR no"})");
}

TEST(json, strings_are_escaped_and_always_valid_utf8) {
    const auto text = [](std::string_view bytes) {
        return json("$" + std::to_string(bytes.size()) + "\r\n" + std::string{bytes} + "\r\n");
    };
    EXPECT_EQ(text("a\"b\\c\n\r\t\x01\x7f/"), R"("a\"b\\c\n\r\t\u0001\u007f/")");
    EXPECT_EQ(text("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    EXPECT_EQ(text("\xff\x80x"), R"("\u00ff\u0080x")");
    EXPECT_EQ(text("\xe2\x82"), R"("\u00e2\u0082")");                      // cut short
    EXPECT_EQ(text("\xe2\x82x"), R"("\u00e2\u0082x")");                    // broken off
    EXPECT_EQ(text("\xc0\x80"), R"("\u00c0\u0080")");                      // overlong
    EXPECT_EQ(text("\xe0\x80\x80"), R"("\u00e0\u0080\u0080")");            // overlong
    EXPECT_EQ(text("\xf0\x80\x80\x80"), R"("\u00f0\u0080\u0080\u0080")");  // overlong
    EXPECT_EQ(text("\xed\xa0\x80"), R"("\u00ed\u00a0\u0080")");            // surrogate
    EXPECT_EQ(text("\xf4\x90\x80\x80"), R"("\u00f4\u0090\u0080\u0080")");  // above U+10FFFF
    EXPECT_EQ(text("\xf4\x8f\xbf\xbf\xed\x9f\xbf"), "\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\"");
    EXPECT_EQ(text(std::string_view{"\0", 1}), R"("\u0000")");
}

TEST(json, aggregates) {
    EXPECT_EQ(json("*0\r\n"), "[]");
    EXPECT_EQ(json("%0\r\n"), "{}");
    EXPECT_EQ(json("*3\r\n:1\r\n~2\r\n+a\r\n*0\r\n-E x\r\n"), R"([1,["a",[]],{"error":"E x"}])");
    EXPECT_EQ(json("%2\r\n+a\r\n%1\r\n+b\r\n:1\r\n+c\r\n_\r\n"), R"({"a":{"b":1},"c":null})");
    EXPECT_EQ(json(">2\r\n+message\r\n+x\r\n"), R"(["message","x"])");
}

TEST(json, keys_are_always_strings) {
    EXPECT_EQ(json("%6\r\n:1\r\n:1\r\n,1.50\r\n:2\r\n#t\r\n:3\r\n_\r\n:4\r\n*2\r\n+a\r\n$1\r\nb\r\n:5\r\n-E\r\n:6\r\n"),
              R"({"1":1,"1.50":2,"true":3,"null":4,"1) a\n2) \"b\"":5,"E":6})");
}

TEST(printers, deep_nesting_costs_no_stack) {
    constexpr std::uint32_t depth = 20'000;
    std::string wire;
    for (std::uint32_t i = 0; i < depth; ++i) wire += "*1\r\n";
    const value deep = decoded(wire + ":1\r\n", {.max_depth = depth});
    EXPECT_EQ(to_json(deep).size(), 2 * depth + 1);
    EXPECT_EQ(to_raw_text(deep), "1");
    EXPECT_EQ(to_cli_text(deep).size(), 3 * depth + std::string{"(integer) 1"}.size());
}

}  // namespace
