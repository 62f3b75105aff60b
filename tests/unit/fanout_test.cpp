// Which commands spread by themselves, and what a command becomes that is taken apart by slot.
#include "routing/fanout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/wire.hpp"

#include <valkeyxx/command.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

using namespace std::string_literals;
using testing::request;
using words_list = std::vector<std::string_view>;

spread spread_of_words(std::initializer_list<std::string_view> words) {
    return spread_of(encoded_command{std::span{words.begin(), words.size()}}.facts());
}

encoded_command command_of(const std::vector<std::string>& words) {
    const words_list views{words.begin(), words.end()};
    encoded_command made{std::span{views}};
    made.allow_split();
    return made;
}

std::vector<fragment> split(const std::vector<std::string>& words) {
    const encoded_command whole = command_of(words);
    EXPECT_EQ(spread_of(whole.facts()), spread::slots);
    return split_by_slot(whole.bytes(), whole.facts());
}

TEST(fanout, what_has_a_slot_goes_to_one_node) {
    EXPECT_EQ(spread_of_words({"GET", "a"}), spread::one);
    EXPECT_EQ(spread_of_words({"MGET", "{t}a", "{t}b"}), spread::one);
    EXPECT_EQ(spread_of(across_slots(raw("DEL", "a")).encoded().facts()), spread::one);
}

TEST(fanout, keys_of_several_slots_need_leave_to_be_taken_apart) {
    for (const std::string_view name : {"MGET", "DEL", "UNLINK", "EXISTS", "TOUCH"}) {
        const auto c = raw(name, "a", "b");
        EXPECT_EQ(spread_of(c.encoded().facts()), spread::one) << name;
        EXPECT_EQ(spread_of(across_slots(c).encoded().facts()), spread::slots) << name;
    }
    EXPECT_EQ(spread_of(across_slots(raw("MSET", "a", "1", "b", "2")).encoded().facts()), spread::slots);
}

TEST(fanout, what_the_server_does_at_once_is_never_taken_apart) {
    for (const auto& c : {raw("MSETNX", "a", "1", "b", "2"), raw("RENAME", "a", "b"), raw("SUNION", "a", "b"),
                          raw("EVAL", "return 1", "2", "a", "b"), raw("PFCOUNT", "a", "b")}) {
        ASSERT_EQ(c.encoded().facts().route, key_route::cross_slot) << c.encoded().name();
        EXPECT_EQ(spread_of(across_slots(c).encoded().facts()), spread::one) << c.encoded().name();
    }
}

TEST(fanout, keyless_commands_follow_the_servers_tips) {
    for (const auto& words : {words_list{"DBSIZE"}, words_list{"KEYS", "*"}, words_list{"FLUSHALL"},
                              words_list{"SCRIPT", "EXISTS", "x"}, words_list{"FUNCTION", "LOAD", "x"},
                              words_list{"script", "kill"}, words_list{"PING"}, words_list{"MEMORY", "PURGE"}}) {
        EXPECT_EQ(spread_of(encoded_command{std::span{words}}.facts()), spread::primaries) << words.front();
    }
    for (const auto& words :
         {words_list{"CONFIG", "SET", "a", "b"}, words_list{"SCRIPT", "LOAD", "x"}, words_list{"SLOWLOG", "GET"},
          words_list{"SLOWLOG", "LEN"}, words_list{"ACL", "SETUSER", "x"}, words_list{"LATENCY", "RESET"}}) {
        EXPECT_EQ(spread_of(encoded_command{std::span{words}}.facts()), spread::nodes) << words.front();
    }
}

TEST(fanout, what_has_no_joint_reply_goes_to_one_node) {
    for (const auto& words :
         {words_list{"INFO"}, words_list{"RANDOMKEY"}, words_list{"SCAN", "0"}, words_list{"MEMORY", "STATS"},
          words_list{"LATENCY", "LATEST"}, words_list{"FUNCTION", "STATS"}}) {
        EXPECT_EQ(spread_of(encoded_command{std::span{words}}.facts()), spread::one) << words.front();
    }
}

TEST(fanout, what_speaks_of_its_own_connection_goes_to_one_node) {
    EXPECT_EQ(spread_of_words({"CLIENT", "SETNAME", "me"}), spread::one);
    EXPECT_EQ(spread_of_words({"CLIENT", "SETINFO", "lib-name", "x"}), spread::one);
    EXPECT_EQ(spread_of_words({"WAIT", "1", "0"}), spread::one);
    EXPECT_EQ(spread_of_words({"WAITAOF", "1", "0", "0"}), spread::one);
}

TEST(fanout, commands_without_tips_or_outside_the_table_go_to_one_node) {
    EXPECT_EQ(spread_of_words({"TIME"}), spread::one);
    EXPECT_EQ(spread_of_words({"CLUSTER", "INFO"}), spread::one);
    EXPECT_EQ(spread_of_words({"NOT.KNOWN"}), spread::one);
    EXPECT_EQ(spread_of_words({"NOT.KNOWN", "a"}), spread::one);
    EXPECT_EQ(spread_of_words({"MGET"}), spread::one);
    EXPECT_EQ(spread_of_words({"MSET", "a", "1", "b"}), spread::one);
}

// split_by_slot relies on it.
TEST(fanout, all_commands_that_can_be_taken_apart_have_evenly_spaced_keys_to_their_end) {
    std::set<std::string_view> names;
    for (const listed_command& info : command_table()) {
        if (info.request != request_policy::multi_shard) continue;
        names.insert(info.name);
        ASSERT_EQ(info.keys.size(), 1U) << info.name;
        EXPECT_EQ(info.keys[0].begin.how, key_begin::kind::index) << info.name;
        EXPECT_EQ(info.keys[0].begin.from, info.words) << info.name;
        EXPECT_EQ(info.keys[0].extent.how, key_extent::kind::range) << info.name;
        EXPECT_EQ(info.keys[0].extent.last, -1) << info.name;
        EXPECT_LE(info.keys[0].extent.limit, 1) << info.name;
        EXPECT_GE(info.keys[0].extent.step, 1) << info.name;
    }
    EXPECT_EQ(names, (std::set<std::string_view>{"DEL", "EXISTS", "MGET", "MSET", "TOUCH", "UNLINK"}));
}

TEST(words, are_the_requests_own_bytes) {
    EXPECT_EQ(words_of(request({"PING"})), words_list{"PING"});
    EXPECT_EQ(words_of(request({})), words_list{});
    const std::string binary = "a\r\n$3\r\n\0{x}"s;
    const std::string long_word(1234, '*');
    const std::string bytes = request({"SET", binary, long_word, ""});
    const auto words = words_of(bytes);
    EXPECT_EQ(words, (words_list{"SET", binary, long_word, ""}));
    for (const std::string_view word : words) {
        EXPECT_TRUE(word.data() >= bytes.data() && word.data() + word.size() <= bytes.data() + bytes.size());
    }
}

TEST(split, makes_one_fragment_for_each_slot_in_the_order_they_appear) {
    const auto parts = split({"MGET", "b", "{a}1", "{b}2", "a", "c"});
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(parts[0].bytes, request({"MGET", "b", "{b}2"}));
    EXPECT_EQ(parts[0].places, (std::vector<std::uint32_t>{0, 2}));
    EXPECT_EQ(parts[1].bytes, request({"MGET", "{a}1", "a"}));
    EXPECT_EQ(parts[1].places, (std::vector<std::uint32_t>{1, 3}));
    EXPECT_EQ(parts[2].bytes, request({"MGET", "c"}));
    EXPECT_EQ(parts[2].places, (std::vector<std::uint32_t>{4}));
}

TEST(split, gives_each_fragment_its_own_slot_and_the_rest_of_the_facts) {
    const encoded_command whole = command_of({"mget", "a", "b"});
    const auto parts = split_by_slot(whole.bytes(), whole.facts());
    ASSERT_EQ(parts.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        const command_facts& facts = parts[i].facts;
        EXPECT_EQ(facts.slot, key_slot(i == 0 ? "a" : "b"));
        EXPECT_EQ(facts.route, key_route::slot);
        EXPECT_EQ(facts.info, &info_of(command_id::mget));
        EXPECT_TRUE(facts.repeatable);
        EXPECT_FALSE(facts.split);
        EXPECT_EQ(spread_of(facts), spread::one);
    }
    EXPECT_FALSE(split({"DEL", "a", "b"})[0].facts.repeatable);
}

TEST(split, keeps_the_values_of_mset_with_their_keys_and_in_order) {
    const auto parts = split({"MSET", "b", "1", "a", "2", "{b}", "3", "b", "4", "{a}x", ""});
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].bytes, request({"MSET", "b", "1", "{b}", "3", "b", "4"}));
    EXPECT_EQ(parts[0].places, (std::vector<std::uint32_t>{0, 2, 3}));
    EXPECT_EQ(parts[1].bytes, request({"MSET", "a", "2", "{a}x", ""}));
    EXPECT_EQ(parts[1].places, (std::vector<std::uint32_t>{1, 4}));
}

TEST(split, leaves_a_missing_value_to_the_server_to_refuse) {
    const words_list args{"a", "1", "b"};
    encoded_command whole{command_id::mset, args, encoded_command::keys::every_other};
    whole.allow_split();
    const auto parts = split_by_slot(whole.bytes(), whole.facts());
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].bytes, request({"MSET", "a", "1"}));
    EXPECT_EQ(parts[1].bytes, request({"MSET", "b"}));
}

TEST(split, keeps_duplicates) {
    const auto parts = split({"EXISTS", "a", "b", "a", "a"});
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].bytes, request({"EXISTS", "a", "a", "a"}));
    EXPECT_EQ(parts[0].places, (std::vector<std::uint32_t>{0, 2, 3}));
}

TEST(split, takes_any_bytes_for_a_key) {
    const std::string odd = "\r\n$1\r\n\0{}"s;
    const auto parts = split({"DEL", odd, "", "a", odd});
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(parts[0].bytes, request({"DEL", odd, odd}));
    EXPECT_EQ(parts[0].facts.slot, key_slot(odd));
    EXPECT_EQ(parts[1].bytes, request({"DEL", ""}));
    EXPECT_EQ(parts[1].facts.slot, 0);
    EXPECT_EQ(parts[2].bytes, request({"DEL", "a"}));
}

TEST(split, of_a_hundred_thousand_keys_has_each_key_once_and_at_its_place) {
    constexpr std::size_t count = 100'000;
    std::vector<std::string> words{"MSET"};
    for (std::size_t i = 0; i < count; ++i) {
        words.push_back("key:" + std::to_string(i));
        words.push_back(std::to_string(i));
    }
    std::vector<bool> seen(count);
    const auto parts = split(words);
    EXPECT_LE(parts.size(), slot_count);
    EXPECT_GT(parts.size(), slot_count / 2U);
    for (const fragment& part : parts) {
        const auto own = words_of(part.bytes);
        ASSERT_EQ(own.size(), 1 + 2 * part.places.size());
        EXPECT_TRUE(std::is_sorted(part.places.begin(), part.places.end()));
        for (std::size_t i = 0; i < part.places.size(); ++i) {
            const std::uint32_t place = part.places[i];
            EXPECT_EQ(own[1 + 2 * i], words[1 + 2 * place]);
            EXPECT_EQ(own[2 + 2 * i], words[2 + 2 * place]);
            EXPECT_EQ(key_slot(own[1 + 2 * i]), part.facts.slot);
            EXPECT_FALSE(seen[place]);
            seen[place] = true;
        }
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), static_cast<std::ptrdiff_t>(count));
}

}  // namespace
}  // namespace valkeyxx::routing
