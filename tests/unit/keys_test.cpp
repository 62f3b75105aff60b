// Where the keys are: by key spec, by hand for the commands whose specs fall short, and never beyond the arguments.
#include "command/keys.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace valkeyxx {
namespace {

using words = std::vector<std::string_view>;

/// "1 3 4", "none", "not_known" or "malformed".
std::string keys_of(const listed_command& command, const words& args) {
    std::vector<std::uint32_t> positions{99};  // what an earlier search left
    const key_search result = find_keys(command, args, positions);
    EXPECT_EQ(result == key_search::found, !positions.empty());
    switch (result) {
        case key_search::none:
            return "none";
        case key_search::not_known:
            return "not_known";
        case key_search::malformed:
            return "malformed";
        case key_search::found:
            break;
    }
    std::string text;
    for (const std::uint32_t at : positions) text += (text.empty() ? "" : " ") + std::to_string(at);
    return text;
}

std::string keys_of(const words& args) {
    const listed_command* command = find_command(args.at(0), args.size() > 1 ? args[1] : std::string_view{});
    EXPECT_NE(command, nullptr) << args[0];
    return command == nullptr ? "" : keys_of(*command, args);
}

TEST(keys_by_spec, one_key) {
    EXPECT_EQ(keys_of({"GET", "k"}), "1");
    EXPECT_EQ(keys_of({"set", "k", "v", "EX", "3"}), "1");
    EXPECT_EQ(keys_of({"OBJECT", "ENCODING", "k"}), "2");
    EXPECT_EQ(keys_of({"MEMORY", "USAGE", "k", "SAMPLES", "5"}), "2");
    EXPECT_EQ(keys_of({"XGROUP", "CREATE", "k", "g", "$"}), "2");
    EXPECT_EQ(keys_of({"XINFO", "STREAM", "k", "FULL"}), "2");
}

TEST(keys_by_spec, ranges) {
    EXPECT_EQ(keys_of({"DEL", "a", "b", "c"}), "1 2 3");
    EXPECT_EQ(keys_of({"MSET", "a", "1", "b", "2"}), "1 3");
    EXPECT_EQ(keys_of({"BLPOP", "a", "b", "0"}), "1 2");
    EXPECT_EQ(keys_of({"LCS", "a", "b", "LEN"}), "1 2");
    EXPECT_EQ(keys_of({"BITOP", "AND", "d", "a", "b"}), "2 3 4");
    EXPECT_EQ(keys_of({"RENAME", "a", "b"}), "1 2");
    EXPECT_EQ(keys_of({"SDIFFSTORE", "d", "a", "b"}), "1 2 3");
    EXPECT_EQ(keys_of({"COPY", "a", "b", "REPLACE"}), "1 2");
}

TEST(keys_by_spec, the_caller_says_how_many) {
    EXPECT_EQ(keys_of({"EVAL", "return 1", "2", "a", "b", "c"}), "3 4");
    EXPECT_EQ(keys_of({"FCALL", "f", "1", "a"}), "3");
    EXPECT_EQ(keys_of({"ZUNION", "2", "a", "b", "WITHSCORES"}), "2 3");
    EXPECT_EQ(keys_of({"ZUNIONSTORE", "d", "2", "a", "b", "WEIGHTS", "1", "2"}), "1 3 4");
    EXPECT_EQ(keys_of({"BLMPOP", "0", "2", "a", "b", "LEFT"}), "3 4");
    EXPECT_EQ(keys_of({"SINTERCARD", "2", "a", "b", "LIMIT", "3"}), "2 3");
}

TEST(keys_by_spec, scripts_may_have_no_keys_but_set_commands_need_one) {
    EXPECT_EQ(keys_of({"EVAL", "return 1", "0"}), "none");
    EXPECT_EQ(keys_of({"EVALSHA", "abc", "0", "not", "keys"}), "none");
    EXPECT_EQ(keys_of({"FCALL_RO", "f", "0"}), "none");
    EXPECT_EQ(keys_of({"ZUNION", "0", "a"}), "malformed");
    EXPECT_EQ(keys_of({"ZUNIONSTORE", "d", "0", "a"}), "malformed");
}

TEST(keys_by_spec, a_number_of_keys_that_is_none_is_malformed) {
    for (const char* number : {"", "x", "1x", "-1", "+1", "01", " 1", "1.0", "0x1", "9", "4294967297",
                               "9223372036854775807", "18446744073709551615", "99999999999999999999999"}) {
        EXPECT_EQ(keys_of({"EVAL", "s", number, "a", "b"}), "malformed") << number;
        EXPECT_EQ(keys_of({"ZUNIONSTORE", "d", number, "a", "b"}), "malformed") << number;
    }
}

TEST(keys_by_spec, missing_arguments_are_malformed) {
    EXPECT_EQ(keys_of({"GET"}), "malformed");
    EXPECT_EQ(keys_of({"GET", "a", "b"}), "malformed");
    EXPECT_EQ(keys_of({"MSET", "a", "1", "b"}), "malformed");
    EXPECT_EQ(keys_of({"EVAL", "s"}), "malformed");
    EXPECT_EQ(keys_of({"EVAL", "s", "1"}), "malformed");
    EXPECT_EQ(keys_of({"BLPOP", "0"}), "malformed");
    EXPECT_EQ(keys_of({"OBJECT", "FREQ"}), "malformed");
}

TEST(keys_by_spec, without_keys_any_number_of_arguments_is_left_to_the_server) {
    EXPECT_EQ(keys_of({"PING"}), "none");
    EXPECT_EQ(keys_of({"PING", "a", "b"}), "none");
    EXPECT_EQ(keys_of({"CLUSTER", "INFO"}), "none");
    EXPECT_EQ(keys_of({"OBJECT", "HELP"}), "none");
    EXPECT_EQ(keys_of({"PUBLISH", "channel", "m"}), "none");
    EXPECT_EQ(keys_of({"SUBSCRIBE", "channel"}), "none");
}

TEST(keys_by_spec, shard_channels_have_slots) {
    EXPECT_EQ(keys_of({"SPUBLISH", "channel", "m"}), "1");
    EXPECT_EQ(keys_of({"SSUBSCRIBE", "a", "b"}), "1 2");
    EXPECT_EQ(keys_of({"SUNSUBSCRIBE", "a"}), "1");
    EXPECT_EQ(keys_of({"SUNSUBSCRIBE"}), "none");
}

TEST(keys_by_spec, nothing_is_known_of_raw) {
    EXPECT_EQ(keys_of(info_of(command_id::raw), {"JSON.GET", "k"}), "not_known");
    EXPECT_EQ(keys_of(info_of(command_id::raw), {}), "not_known");
}

listed_command with(key_spec spec) {
    return {.id = command_id::get, .name = "X", .words = 1, .arity = -1, .keys = {spec}};
}

TEST(keys_by_spec, an_unknown_or_incomplete_spec_is_for_the_server) {
    EXPECT_EQ(keys_of(with({{}, {}, key_flags::none}), {"X", "a"}), "not_known");
    const key_spec half{key_begin::at(1), key_extent::range(0, 1, 0), key_flags::incomplete};
    EXPECT_EQ(keys_of(with(half), {"X", "a"}), "not_known");
}

TEST(keys_by_spec, a_keyword_is_looked_for_from_either_end) {
    const listed_command from_front = with({key_begin::after("KEYS", 2), key_extent::range(-1, 1, 0), key_flags::none});
    EXPECT_EQ(keys_of(from_front, {"X", "KEYS", "a", "keys", "b", "c"}), "4 5");
    EXPECT_EQ(keys_of(from_front, {"X", "KEYS", "a"}), "none");
    EXPECT_EQ(keys_of(from_front, {"X", "a", "KEYS"}), "none");
    EXPECT_EQ(keys_of(from_front, {"X"}), "none");
    const listed_command from_end = with({key_begin::after("KEYS", -2), key_extent::range(-1, 1, 0), key_flags::none});
    EXPECT_EQ(keys_of(from_end, {"X", "KEYS", "a", "KEYS", "b"}), "4");
    EXPECT_EQ(keys_of(from_end, {"X", "KEYS", "a", "b"}), "2 3");
    EXPECT_EQ(keys_of(from_end, {"X", "a"}), "none");
    EXPECT_EQ(keys_of(from_end, {"X"}), "none");
}

TEST(keys_by_spec, a_limit_shares_the_rest) {
    const listed_command half = with({key_begin::at(1), key_extent::range(-1, 1, 2), key_flags::none});
    EXPECT_EQ(keys_of(half, {"X", "a", "b", "1", "2"}), "1 2");
    EXPECT_EQ(keys_of(half, {"X", "a", "b", "1"}), "malformed");
    EXPECT_EQ(keys_of(half, {"X", "a"}), "malformed");
}

TEST(keys_by_hand, sort_obeys_the_last_store) {
    EXPECT_EQ(keys_of({"SORT", "k"}), "1");
    EXPECT_EQ(keys_of({"SORT", "k", "ALPHA", "store", "d"}), "1 4");
    EXPECT_EQ(keys_of({"SORT", "k", "BY", "w*", "LIMIT", "0", "5", "GET", "#", "STORE", "d"}), "1 10");
    EXPECT_EQ(keys_of({"SORT", "k", "BY", "STORE", "GET", "STORE"}), "1");
    EXPECT_EQ(keys_of({"SORT", "k", "STORE", "a", "STORE", "b"}), "1 5");
    EXPECT_EQ(keys_of({"SORT", "k", "STORE", "GET", "STORE", "b"}), "1 5");
    EXPECT_EQ(keys_of({"SORT", "k", "STORE"}), "malformed");
    EXPECT_EQ(keys_of({"SORT", "k", "LIMIT"}), "1");
    EXPECT_EQ(keys_of({"SORT_RO", "k", "BY", "w*", "GET", "v*"}), "1");
}

TEST(keys_by_hand, georadius_obeys_the_last_store) {
    EXPECT_EQ(keys_of({"GEORADIUS", "k", "1", "2", "3", "km"}), "1");
    EXPECT_EQ(keys_of({"GEORADIUS", "k", "1", "2", "3", "km", "STORE", "d"}), "1 7");
    EXPECT_EQ(keys_of({"GEORADIUS", "k", "1", "2", "3", "km", "COUNT", "3", "ANY", "storedist", "d"}), "1 10");
    EXPECT_EQ(keys_of({"GEORADIUS", "k", "1", "2", "3", "km", "STORE", "a", "STOREDIST", "b"}), "1 9");
    EXPECT_EQ(keys_of({"GEORADIUS", "k", "1", "2", "3", "km", "STORE", "STOREDIST"}), "1 7");
    EXPECT_EQ(keys_of({"GEORADIUS", "k", "1", "2", "3", "km", "STORE"}), "malformed");
    EXPECT_EQ(keys_of({"GEORADIUSBYMEMBER", "k", "m", "3", "km", "STORE", "d"}), "1 6");
    EXPECT_EQ(keys_of({"GEORADIUSBYMEMBER", "k", "STORE", "3", "km"}), "1");
    EXPECT_EQ(keys_of({"GEORADIUS_RO", "k", "1", "2", "3", "km"}), "1");
}

TEST(keys_by_hand, migrate_has_one_key_or_a_list) {
    EXPECT_EQ(keys_of({"MIGRATE", "h", "1", "k", "0", "10"}), "3");
    EXPECT_EQ(keys_of({"MIGRATE", "h", "1", "", "0", "10", "KEYS", "a", "b"}), "7 8");
    EXPECT_EQ(keys_of({"MIGRATE", "h", "1", "", "0", "10", "COPY", "AUTH", "KEYS", "keys", "KEYS"}), "10");
    EXPECT_EQ(keys_of({"MIGRATE", "h", "1", "", "0", "10", "AUTH2", "KEYS", "KEYS", "KEYS", "a"}), "10");
    EXPECT_EQ(keys_of({"MIGRATE", "h", "1", "k", "0", "10", "KEYS", "a"}), "malformed");
    EXPECT_EQ(keys_of({"MIGRATE", "h", "1", "", "0", "10", "KEYS"}), "none");
    EXPECT_EQ(keys_of({"MIGRATE", "h", "1", "k", "0", "10", "AUTH"}), "3");
}

TEST(keys_by_hand, streams_may_be_called_streams) {
    EXPECT_EQ(keys_of({"XREAD", "STREAMS", "a", "b", "0", "0"}), "2 3");
    EXPECT_EQ(keys_of({"XREAD", "COUNT", "2", "BLOCK", "0", "streams", "a", "$"}), "6");
    EXPECT_EQ(keys_of({"XREAD", "STREAMS", "STREAMS", "0"}), "2");
    EXPECT_EQ(keys_of({"XREADGROUP", "GROUP", "g", "c", "NOACK", "STREAMS", "k", ">"}), "6");
    EXPECT_EQ(keys_of({"XREADGROUP", "GROUP", "STREAMS", "STREAMS", "STREAMS", "k", ">"}), "5");
    EXPECT_EQ(keys_of({"XREADGROUP", "COUNT", "1", "GROUP", "g", "STREAMS", "STREAMS", "k", ">"}), "7");
    EXPECT_EQ(keys_of({"XREAD", "STREAMS", "a", "b", "0"}), "malformed");
    EXPECT_EQ(keys_of({"XREAD", "COUNT", "1", "STREAMS"}), "malformed");
    EXPECT_EQ(keys_of({"XREAD", "COUNT", "1", "BLOCK"}), "malformed");
}

TEST(keys_of_anything, are_ascending_and_within_the_arguments) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const words vocabulary{"",       "0",       "1",     "2",     "3",     "-1",  "18446744073709551615",
                           "STORE",  "KEYS",    "GROUP", "COUNT", "LIMIT", "GET", "BY",
                           "BLOCK",  "STREAMS", "AUTH",  "AUTH2", "ANY",   "a",   "b",
                           "NOVALUE"};
    std::vector<std::uint32_t> positions;
    for (const listed_command& command : command_table()) {
        for (int round = 0; round < 200; ++round) {
            words args(random() % 12);
            for (std::string_view& word : args) word = vocabulary[random() % vocabulary.size()];
            const key_search result = find_keys(command, args, positions);
            ASSERT_EQ(result == key_search::found, !positions.empty()) << command.name;
            ASSERT_NE(result, key_search::not_known) << command.name;
            for (std::size_t i = 0; i < positions.size(); ++i) {
                ASSERT_LT(positions[i], args.size()) << command.name;
                ASSERT_GT(positions[i], i == 0 ? 0 : positions[i - 1]) << command.name;
            }
        }
    }
}

}  // namespace
}  // namespace valkeyxx
