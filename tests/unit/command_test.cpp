// A command as a value: its bytes, where its keys send it, and whether it may be repeated.
#include <valkeyxx/command.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/wire.hpp"

#include <valkeyxx/command_id.hpp>

namespace valkeyxx {
namespace {

using testing::request;
using keys = encoded_command::keys;
using words = std::vector<std::string_view>;

encoded_command built(command_id id, const words& args, keys where) {
    return encoded_command{id, args, where};
}

encoded_command raw_of(const words& all) {
    return encoded_command{all};
}

// Whether the bytes live inside the object.
bool is_inline(const encoded_command& c) {
    const auto* const start = reinterpret_cast<const char*>(&c);
    return c.bytes().data() >= start && c.bytes().data() < start + sizeof c;
}

// A GET whose request takes exactly `size` bytes.
encoded_command get_of_size(std::size_t size, char fill) {
    // "*2\r\n$3\r\nGET\r\n$nn\r\n" and the key's own line end; keys of 10 to 99 bytes.
    const std::string key(size - (4 + 9 + 5 + 2), fill);
    return built(command_id::get, {key}, keys::first);
}

TEST(command_bytes, are_an_array_of_bulk_strings) {
    EXPECT_EQ(built(command_id::get, {"k"}, keys::first).bytes(), "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
    EXPECT_EQ(built(command_id::ping, {}, keys::none).bytes(), "*1\r\n$4\r\nPING\r\n");
    EXPECT_EQ(built(command_id::cluster_info, {}, keys::none).bytes(), "*2\r\n$7\r\nCLUSTER\r\n$4\r\nINFO\r\n");
    EXPECT_EQ(built(command_id::object_encoding, {"k"}, keys::first).bytes(), request({"OBJECT", "ENCODING", "k"}));
    EXPECT_EQ(raw_of({"get", "k"}).bytes(), "*2\r\n$3\r\nget\r\n$1\r\nk\r\n");
}

TEST(command_bytes, may_hold_anything) {
    using namespace std::string_view_literals;
    EXPECT_EQ(built(command_id::set, {""sv, "\r\n\0$5"sv}, keys::first).bytes(), request({"SET", "", "\r\n\0$5"sv}));
    EXPECT_EQ(raw_of({"SET", std::string_view{}, "\xFF"}).bytes(), request({"SET", "", "\xFF"}));
    const std::string big(100'000, 'x');
    EXPECT_EQ(built(command_id::set, {"k", big}, keys::first).bytes(), request({"SET", "k", big}));
}

TEST(command_bytes, move_to_the_heap_behind_ninety_six) {
    for (std::size_t size = 94; size <= 98; ++size) {
        const auto c = get_of_size(size, 'k');
        EXPECT_EQ(c.bytes().size(), size);
        EXPECT_EQ(c.bytes(), request({"GET", std::string(size - 20, 'k')}));
        EXPECT_EQ(is_inline(c), size <= encoded_command::inline_bytes) << size;
        const std::string key(size - 20, 'k');
        EXPECT_EQ(is_inline(raw_of({"GET", key})), size <= encoded_command::inline_bytes) << size;
    }
}

TEST(command_value, copies_are_equal_and_independent) {
    for (const std::size_t size : {50U, 96U, 97U, 110U}) {
        const auto original = get_of_size(size, 'a');
        const std::string bytes{original.bytes()};
        auto copy = original;
        EXPECT_EQ(copy.bytes(), bytes);
        EXPECT_NE(copy.bytes().data(), original.bytes().data());
        EXPECT_EQ(copy.facts().slot, original.facts().slot);
        copy = get_of_size(60, 'b');
        EXPECT_EQ(original.bytes(), bytes);
    }
}

TEST(command_value, assigns_between_inline_and_heap) {
    for (const std::size_t from : {40U, 96U, 97U, 110U}) {
        for (const std::size_t to : {30U, 96U, 97U, 119U}) {
            const auto source = get_of_size(from, 'a');
            const std::string expected{source.bytes()};

            auto copied = get_of_size(to, 'b');
            copied = source;
            EXPECT_EQ(copied.bytes(), expected);
            EXPECT_EQ(copied.facts().slot, source.facts().slot);
            EXPECT_EQ(source.bytes(), expected);
            EXPECT_EQ(is_inline(copied), is_inline(source));

            auto moved = get_of_size(to, 'b');
            auto given = source;
            moved = std::move(given);
            EXPECT_EQ(moved.bytes(), expected);
            EXPECT_EQ(moved.facts().slot, source.facts().slot);
            given = get_of_size(to, 'c');  // a moved-from value can be given a new one
            EXPECT_EQ(given.bytes().size(), to);
            EXPECT_EQ(moved.bytes(), expected);
        }
    }
}

TEST(command_value, survives_assignment_to_itself) {
    for (const std::size_t size : {50U, 97U}) {
        auto c = get_of_size(size, 'a');
        const std::string expected{c.bytes()};
        auto& same = c;
        c = same;
        EXPECT_EQ(c.bytes(), expected);
        c = std::move(same);
        EXPECT_EQ(c.bytes(), expected);
    }
}

TEST(command_value, moving_takes_the_heap_along_and_leaves_no_dangling_bytes) {
    auto source = get_of_size(110, 'a');
    const char* const where = source.bytes().data();
    const auto taken = std::move(source);
    EXPECT_EQ(taken.bytes().data(), where);
    EXPECT_EQ(source.bytes(), "");  // NOLINT(bugprone-use-after-move)
}

TEST(command_route, follows_the_keys_a_builder_names) {
    const auto none = built(command_id::echo, {"foo"}, keys::none).facts();
    EXPECT_EQ(none.route, key_route::any);
    const auto first = built(command_id::set, {"foo", "bar"}, keys::first).facts();
    EXPECT_EQ(first.route, key_route::slot);
    EXPECT_EQ(first.slot, 12182);
    const auto all = built(command_id::del, {"{foo}1", "{foo}2", "foo"}, keys::all).facts();
    EXPECT_EQ(all.route, key_route::slot);
    EXPECT_EQ(all.slot, 12182);
    const auto pairs = built(command_id::mset, {"foo", "bar", "{foo}", "hello"}, keys::every_other).facts();
    EXPECT_EQ(pairs.route, key_route::slot);
    EXPECT_EQ(pairs.slot, 12182);
}

TEST(command_route, keys_of_several_slots_are_cross_slot) {
    EXPECT_EQ(built(command_id::del, {"foo", "{foo}", "bar"}, keys::all).facts().route, key_route::cross_slot);
    EXPECT_EQ(built(command_id::mget, {"foo", "bar"}, keys::all).facts().route, key_route::cross_slot);
    EXPECT_EQ(built(command_id::mset, {"foo", "1", "bar", "1"}, keys::every_other).facts().route,
              key_route::cross_slot);
}

TEST(command_route, without_arguments_any_node_may_refuse_it) {
    EXPECT_EQ(built(command_id::del, {}, keys::all).facts().route, key_route::any);
    EXPECT_EQ(built(command_id::mset, {}, keys::every_other).facts().route, key_route::any);
}

TEST(command_route, of_raw_words_comes_from_the_table) {
    struct {
        words all;
        key_route route;
        std::string_view key;
    } const cases[] = {
        {{"get", "foo"}, key_route::slot, "foo"},
        {{"MSET", "{foo}1", "bar", "foo", "baz"}, key_route::slot, "foo"},
        {{"MSET", "foo", "1", "bar", "2"}, key_route::cross_slot, ""},
        {{"EVAL", "return 1", "1", "foo", "bar"}, key_route::slot, "foo"},
        {{"EVAL", "return 1", "2", "foo", "bar"}, key_route::cross_slot, ""},
        {{"EVAL", "return 1", "0", "foo"}, key_route::any, ""},
        {{"EVAL", "return 1", "x", "foo"}, key_route::any, ""},  // malformed: the server says so
        {{"XREAD", "COUNT", "1", "STREAMS", "foo", "{foo}2", "0", "0"}, key_route::slot, "foo"},
        {{"XREAD", "STREAMS", "foo", "bar", "0", "0"}, key_route::cross_slot, ""},
        {{"XREADGROUP", "GROUP", "g", "c", "STREAMS", "foo", ">"}, key_route::slot, "foo"},
        {{"OBJECT", "ENCODING", "foo"}, key_route::slot, "foo"},
        {{"SPUBLISH", "foo", "message"}, key_route::slot, "foo"},
        {{"PUBLISH", "foo", "message"}, key_route::any, ""},
        {{"ZUNIONSTORE", "foo", "2", "{foo}1", "{foo}2"}, key_route::slot, "foo"},
        {{"PING"}, key_route::any, ""},
        {{"CLUSTER", "INFO"}, key_route::any, ""},
        {{"GET"}, key_route::any, ""},
    };
    for (const auto& c : cases) {
        const auto facts = raw_of(c.all).facts();
        EXPECT_EQ(facts.route, c.route) << c.all[0] << ' ' << c.all.size();
        if (c.route == key_route::slot) {
            EXPECT_EQ(facts.slot, key_slot(c.key)) << c.all[0];
        }
    }
}

TEST(command_route, of_an_unknown_command_is_not_known_yet) {
    const auto module = raw_of({"JSON.GET", "foo", "$.a"}).facts();
    EXPECT_EQ(module.route, key_route::unlisted);
    EXPECT_EQ(module.slot, key_slot("foo"));  // the guess, by which it waits until a server has told
    EXPECT_FALSE(module.repeatable);
    EXPECT_EQ(raw_of({"FT._LIST"}).facts().route, key_route::unlisted);
    EXPECT_FALSE(raw_of({"FT._LIST"}).facts().repeatable);
    EXPECT_EQ(raw_of({"CLUSTER", "NONESUCH", "foo"}).facts().route, key_route::unlisted);
}

TEST(command_repeatability, is_the_tables) {
    EXPECT_TRUE(built(command_id::get, {"k"}, keys::first).facts().repeatable);
    EXPECT_TRUE(built(command_id::ping, {}, keys::none).facts().repeatable);
    EXPECT_TRUE(built(command_id::mset, {"k", "v"}, keys::every_other).facts().repeatable);
    EXPECT_TRUE(built(command_id::pexpire, {"k", "5"}, keys::first).facts().repeatable);
    EXPECT_FALSE(built(command_id::incr, {"k"}, keys::first).facts().repeatable);
    EXPECT_FALSE(built(command_id::del, {"k"}, keys::all).facts().repeatable);
    EXPECT_FALSE(built(command_id::hset, {"k", "f", "v"}, keys::first).facts().repeatable);
    EXPECT_FALSE(raw_of({"EVAL", "return 1", "1", "k"}).facts().repeatable);
    EXPECT_TRUE(raw_of({"cluster", "slots"}).facts().repeatable);
}

TEST(command_repeatability, depends_on_options_and_on_nothing_that_spells_one) {
    const std::pair<words, bool> cases[] = {
        {{"k", "v"}, true},        {{"k", "v", "PX", "5"}, true},    {{"k", "v", "NX"}, false},
        {{"k", "v", "xx"}, false}, {{"k", "v", "GET"}, false},       {{"k", "v", "PX", "5", "NX"}, false},
        {{"NX", "GET"}, true},     {{"GET", "XX", "KEEPTTL"}, true},
    };
    for (const auto& [args, repeatable] : cases) {
        EXPECT_EQ(built(command_id::set, args, keys::first).facts().repeatable, repeatable) << args.back();
        words all{"SET"};
        all.insert(all.end(), args.begin(), args.end());
        EXPECT_EQ(raw_of(all).facts().repeatable, repeatable) << args.back();
    }
}

TEST(command_name, is_the_servers_own_for_known_commands) {
    EXPECT_EQ(built(command_id::get, {"k"}, keys::first).name(), "GET");
    EXPECT_EQ(built(command_id::cluster_info, {}, keys::none).name(), "CLUSTER INFO");
    EXPECT_EQ(raw_of({"get", "k"}).name(), "GET");
    EXPECT_EQ(raw_of({"object", "encoding", "k"}).name(), "OBJECT ENCODING");
    EXPECT_EQ(raw_of({"COMMAND"}).name(), "COMMAND");
}

TEST(command_name, of_an_unknown_command_is_as_it_was_given) {
    EXPECT_EQ(raw_of({"JSON.GET", "secret"}).name(), "JSON.GET");
    EXPECT_EQ(raw_of({"json.get"}).name(), "json.get");
    const std::string long_name(120, 'x');
    EXPECT_EQ(raw_of({long_name, "secret"}).name(), long_name);
    EXPECT_EQ(raw_of({"CLUSTER", "NONSENSE", "secret"}).name(), "CLUSTER");
    EXPECT_EQ(raw_of({"", "secret"}).name(), "");
}

TEST(raw, takes_whatever_reads_like_a_string) {
    const std::string key = "k";
    const auto c = raw<std::int64_t>("STRLEN", key);
    EXPECT_EQ(c.encoded().bytes(), request({"STRLEN", "k"}));
    static_assert(std::is_same_v<decltype(c)::reply_type, std::int64_t>);
    static_assert(std::is_same_v<decltype(raw("PING"))::reply_type, value>);
    const words counted{"DEL", "{a}1", "{a}2"};
    EXPECT_EQ(raw<int>(counted).encoded().facts().slot, key_slot("a"));
}

TEST(typed_command, keeps_its_request_under_another_type) {
    auto c = raw<std::string>("GET", "k");
    const auto numeric = c.as<std::int64_t>();
    static_assert(std::is_same_v<decltype(numeric)::reply_type, std::int64_t>);
    EXPECT_EQ(numeric.encoded().bytes(), c.encoded().bytes());
    EXPECT_EQ(std::move(c).as<void>().encoded().bytes(), request({"GET", "k"}));
}

}  // namespace
}  // namespace valkeyxx
