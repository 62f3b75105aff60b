// What a server says of a command, read: also what no well-behaved server says.
#include "command/described.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "command/keys.hpp"
#include "support/wire.hpp"

namespace valkeyxx {
namespace {

using testing::bulk;
using testing::integer;
using testing::null;
using testing::reply_from;

std::string array(const std::vector<std::string>& items) {
    std::string all = "*" + std::to_string(items.size()) + "\r\n";
    for (const std::string& item : items) all += item;
    return all;
}

std::string texts(const std::vector<std::string>& words) {
    std::vector<std::string> items;
    for (const std::string& word : words) items.push_back(bulk(word));
    return array(items);
}

// As RESP2 has it; RESP3 only differs in the first byte.
std::string map(const std::vector<std::string>& names_and_values, bool resp3) {
    std::string all = array(names_and_values);
    if (resp3) all.replace(0, all.find('\r'), "%" + std::to_string(names_and_values.size() / 2));
    return all;
}

struct spec {
    std::string begin_type = "index";
    std::vector<std::string> begin = {bulk("index"), integer(1)};
    std::string find_type = "range";
    std::vector<std::string> find = {bulk("lastkey"), integer(0),    bulk("keystep"),
                                     integer(1),      bulk("limit"), integer(0)};
    std::vector<std::string> flags = {"RW"};

    [[nodiscard]] std::string wire(bool resp3) const {
        return map({bulk("flags"), texts(flags), bulk("begin_search"),
                    map({bulk("type"), bulk(begin_type), bulk("spec"), map(begin, resp3)}, resp3), bulk("find_keys"),
                    map({bulk("type"), bulk(find_type), bulk("spec"), map(find, resp3)}, resp3)},
                   resp3);
    }
};

struct entry {
    std::string name = "mod.set";
    int arity = -2;
    std::vector<std::string> flags = {"write", "module"};
    std::vector<std::string> tips = {};
    std::vector<spec> specs = {{}};
    std::vector<std::string> subcommands = {};

    [[nodiscard]] std::string wire(bool resp3 = false) const {
        std::vector<std::string> wired;
        for (const spec& s : specs) wired.push_back(s.wire(resp3));
        return array({bulk(name), integer(arity), texts(flags), integer(0), integer(0), integer(0), texts({"@all"}),
                      texts(tips), array(wired), array(subcommands)});
    }
};

std::unique_ptr<const described_command> read(const entry& e, bool resp3 = false) {
    return described_command::read(reply_from(e.wire(resp3)), "MOD.SET");
}

std::vector<std::uint32_t> keys_of(const described_command& c, const std::vector<std::string_view>& words) {
    std::vector<std::uint32_t> positions;
    find_keys(c.info(), words, positions);
    return positions;
}

}  // namespace

TEST(described, is_the_same_in_both_protocols) {
    for (const bool resp3 : {false, true}) {
        const auto c = read({.tips = {"request_policy:all_shards", "response_policy:agg_sum", "no such tip"}}, resp3);
        ASSERT_NE(c, nullptr);
        EXPECT_EQ(c->info().name, "MOD.SET");
        EXPECT_EQ(c->info().arity, -2);
        EXPECT_TRUE(c->info().has(command_flags::write | command_flags::module));
        EXPECT_EQ(c->info().repeat, repeatable::never);
        EXPECT_EQ(c->info().request, request_policy::all_shards);
        EXPECT_EQ(c->info().response, response_policy::agg_sum);
        EXPECT_FALSE(c->hides_keys());
        EXPECT_EQ(keys_of(*c, {"mod.set", "k", "v"}), (std::vector<std::uint32_t>{1}));
    }
}

TEST(described, may_be_sent_again_only_if_it_reads) {
    EXPECT_EQ(read({.flags = {"readonly"}})->info().repeat, repeatable::read_only);
    EXPECT_EQ(read({.flags = {"readonly", "what is new"}})->info().repeat, repeatable::read_only);
}

TEST(described, finds_keys_after_words_and_numbers) {
    spec counted;
    counted.begin = {bulk("index"), integer(2)};
    counted.find_type = "keynum";
    counted.find = {bulk("keynumidx"), integer(0), bulk("firstkey"), integer(1), bulk("keystep"), integer(1)};
    EXPECT_EQ(keys_of(*read({.specs = {counted}}), {"c", "x", "2", "a", "b", "c"}), (std::vector<std::uint32_t>{3, 4}));
    spec after;
    after.begin_type = "keyword";
    after.begin = {bulk("keyword"), bulk("KEYS"), bulk("startfrom"), integer(1)};
    after.find = {bulk("lastkey"), integer(-1), bulk("keystep"), integer(1), bulk("limit"), integer(0)};
    EXPECT_EQ(keys_of(*read({.specs = {after}}), {"c", "x", "keys", "a", "b"}), (std::vector<std::uint32_t>{3, 4}));
}

TEST(described, hides_keys_that_its_specs_do_not_find) {
    EXPECT_TRUE(read({.specs = {{.begin_type = "unknown", .begin = {}}}})->hides_keys());
    EXPECT_TRUE(read({.specs = {{.begin_type = "what is new", .begin = {}}}})->hides_keys());
    EXPECT_TRUE(read({.specs = {{.find_type = "unknown", .find = {}}}})->hides_keys());
    EXPECT_TRUE(read({.specs = {{}, {.flags = {"incomplete"}}}})->hides_keys());
    EXPECT_TRUE(read({.specs = {{}, {}, {}, {}}})->hides_keys());
    EXPECT_TRUE(read({.flags = {"movablekeys"}, .specs = {}})->hides_keys());
    EXPECT_FALSE(read({.flags = {"movablekeys"}})->hides_keys());
    EXPECT_FALSE(read({.specs = {}})->hides_keys());
}

TEST(described, has_subcommands_by_name) {
    const entry get{.name = "mod.config|get", .flags = {"readonly"}};
    const auto c = read({.specs = {}, .subcommands = {get.wire(), integer(7), bulk("no entry")}});
    ASSERT_NE(c->subcommand("GeT"), nullptr);
    EXPECT_EQ(c->subcommand("get")->info().name, "MOD.SET get");
    EXPECT_EQ(c->subcommand("get")->info().words, 2);
    EXPECT_TRUE(c->subcommand("get")->info().has(command_flags::readonly));
    EXPECT_EQ(c->subcommand("set"), nullptr);
}

TEST(described, is_nothing_if_the_reply_is_no_entry) {
    for (const auto* wire : {"$-1\r\n", "+OK\r\n", ":1\r\n", "*0\r\n", "*2\r\n$1\r\na\r\n:1\r\n"}) {
        EXPECT_EQ(described_command::read(reply_from(wire), "X"), nullptr) << wire;
    }
}

TEST(described, survives_what_makes_no_sense) {
    for (const int n : {0, -1, 1, 127, -128, 32767, -32768, 1000000, -1000000}) {
        for (const int step : {0, -1, 1, 3, 32767}) {
            spec range;
            range.begin = {bulk("index"), integer(n)};
            range.find = {bulk("lastkey"), integer(n), bulk("keystep"), integer(step), bulk("limit"), integer(n)};
            spec counted = range;
            counted.find_type = "keynum";
            counted.find = {bulk("keynumidx"), integer(n),      bulk("firstkey"),
                            integer(n),        bulk("keystep"), integer(step)};
            spec keyword = range;
            keyword.begin_type = "keyword";
            keyword.begin = {bulk("keyword"), bulk("2"), bulk("startfrom"), integer(n)};
            for (const spec& s : {range, counted, keyword}) {
                const auto c = read({.arity = n, .specs = {s}});
                ASSERT_NE(c, nullptr);
                for (std::size_t size = 1; size < 6; ++size) {
                    for (std::uint32_t at : keys_of(*c, std::vector<std::string_view>(size, "2"))) EXPECT_LT(at, size);
                }
            }
        }
    }
    // Values without names, names without values, things in the place of others.
    EXPECT_NE(read({.specs = {{.begin = {bulk("index")}}}}), nullptr);
    EXPECT_NE(read({.specs = {{.begin = {integer(1), array({})}}}}), nullptr);
    EXPECT_NE(described_command::read(
                  reply_from(array({integer(1), bulk("x"), integer(2), null(), integer(0), integer(0), bulk("y"),
                                    integer(3), array({bulk("no spec"), integer(5)}), "*-1\r\n"})),
                  "X"),
              nullptr);
}

}  // namespace valkeyxx
