// How replies of several nodes, and of a command taken apart, become one.
#include "routing/gather.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/wire.hpp"

#include <valkeyxx/command.hpp>

namespace valkeyxx::routing {
namespace {

using namespace std::string_literals;
using testing::array;
using testing::bulk;
using testing::integer;
using testing::null;
using testing::reply_from;

// Added last to first, so that no rule passes for following the order of arrival.
result<value> join(const listed_command& command, const std::vector<std::string>& parts) {
    gather g{command, parts.size()};
    for (std::size_t i = parts.size(); i-- > 0;) g.add(i, reply_from(parts[i]));
    const auto joined = g.joined();
    if (!joined) return joined.error();
    return value{*joined};
}

void expect_join(command_id id, const std::vector<std::string>& parts, const std::string& wanted) {
    const auto joined = join(info_of(id), parts);
    ASSERT_TRUE(joined.has_value()) << info_of(id).name << ": " << joined.error().message();
    EXPECT_TRUE(*joined == reply_from(wanted)) << info_of(id).name << ", wanted " << wanted;
}

std::string misfit_of(const listed_command& command, const std::vector<std::string>& parts) {
    const auto joined = join(command, parts);
    if (joined) return "they fit";
    EXPECT_EQ(joined.error().which(), errc::unexpected_reply);
    EXPECT_EQ(joined.error().executed(), executed::yes);
    return joined.error().text();
}

std::string misfit_of(command_id id, const std::vector<std::string>& parts) {
    return misfit_of(info_of(id), parts);
}

// For the policies that no command of the table has.
listed_command with_policy(response_policy policy) {
    listed_command made = info_of(command_id::dbsize);
    made.response = policy;
    return made;
}

TEST(gather, adds_numbers_up) {
    expect_join(command_id::dbsize, {":3\r\n", ":0\r\n", ":40\r\n"}, ":43\r\n");
    expect_join(command_id::slowlog_len, {":1\r\n", ":2\r\n"}, ":3\r\n");
    expect_join(command_id::latency_reset, {":1\r\n", ":-2\r\n"}, ":-1\r\n");
    expect_join(command_id::pubsub_numpat, {":1\r\n", ":2\r\n"}, ":3\r\n");
    expect_join(command_id::dbsize, {"$1\r\n3\r\n", ":4\r\n", "+5\r\n"}, ":12\r\n");
    expect_join(command_id::dbsize, {"*2\r\n:1\r\n:2\r\n", "*2\r\n:10\r\n$2\r\n20\r\n"}, "*2\r\n:11\r\n:22\r\n");
    expect_join(command_id::dbsize, {"*0\r\n", "*0\r\n"}, "*0\r\n");
}

TEST(gather, does_not_let_a_sum_overflow) {
    EXPECT_EQ(misfit_of(command_id::dbsize, {":9223372036854775807\r\n", ":1\r\n"}),
              "the sum of the replies is out of an integer's range");
    EXPECT_EQ(misfit_of(command_id::pubsub_numsub, {"*2\r\n+a\r\n:9223372036854775807\r\n", "*2\r\n+a\r\n:1\r\n"}),
              "the sum of the replies is out of an integer's range");
    expect_join(command_id::dbsize, {":9223372036854775806\r\n", ":1\r\n"}, ":9223372036854775807\r\n");
}

TEST(gather, finds_the_least_and_the_greatest_number) {
    expect_join(command_id::wait, {":2\r\n", ":1\r\n", ":3\r\n"}, ":1\r\n");
    expect_join(command_id::waitaof, {"*2\r\n:1\r\n:5\r\n", "*2\r\n:0\r\n:7\r\n"}, "*2\r\n:0\r\n:5\r\n");
    const auto greatest = join(with_policy(response_policy::agg_max), {":-2\r\n", ":-1\r\n", ":-3\r\n"});
    ASSERT_TRUE(greatest);
    EXPECT_TRUE(*greatest == reply_from(":-1\r\n"));
    const auto each = join(with_policy(response_policy::agg_max), {"*2\r\n:1\r\n:5\r\n", "*2\r\n:0\r\n:7\r\n"});
    ASSERT_TRUE(each);
    EXPECT_TRUE(*each == reply_from("*2\r\n:1\r\n:7\r\n"));
}

TEST(gather, is_true_where_all_or_any_are) {
    expect_join(command_id::script_exists, {"*3\r\n:1\r\n:1\r\n:0\r\n", "*3\r\n:1\r\n:0\r\n:0\r\n"},
                "*3\r\n:1\r\n:0\r\n:0\r\n");
    expect_join(command_id::script_exists, {"*2\r\n:2\r\n$1\r\n1\r\n", "*2\r\n#t\r\n#f\r\n"}, "*2\r\n:1\r\n:0\r\n");
    expect_join(command_id::script_exists, {"*2\r\n#t\r\n#t\r\n", "*2\r\n:1\r\n:0\r\n"}, "*2\r\n#t\r\n#f\r\n");
    expect_join(command_id::script_exists, {"#t\r\n", "#t\r\n"}, "#t\r\n");
    expect_join(command_id::script_exists, {":3\r\n", ":2\r\n"}, ":1\r\n");
    const listed_command any = with_policy(response_policy::agg_logical_or);
    for (const auto& [parts, wanted] : std::map<std::vector<std::string>, std::string>{
             {{":0\r\n", ":1\r\n"}, ":1\r\n"},
             {{":0\r\n", ":0\r\n"}, ":0\r\n"},
             {{"#f\r\n", "#t\r\n", "#f\r\n"}, "#t\r\n"},
             {{"*2\r\n:0\r\n:0\r\n", "*2\r\n:0\r\n:1\r\n"}, "*2\r\n:0\r\n:1\r\n"}}) {
        const auto joined = join(any, parts);
        ASSERT_TRUE(joined) << parts[0];
        EXPECT_TRUE(*joined == reply_from(wanted)) << wanted;
    }
}

TEST(gather, says_which_numbers_do_not_fit) {
    EXPECT_EQ(misfit_of(command_id::dbsize, {":1\r\n", "*1\r\n:1\r\n"}),
              "the replies do not fit together: part 1 sent array of 1, not integer as part 0");
    EXPECT_EQ(misfit_of(command_id::waitaof, {"*2\r\n:1\r\n:1\r\n", "*2\r\n:1\r\n:1\r\n", "*1\r\n:1\r\n"}),
              "the replies do not fit together: part 2 sent array of 1, not array of 2 as part 0");
    EXPECT_EQ(misfit_of(command_id::dbsize, {":1\r\n", "$6\r\nsecret\r\n"}),
              "the replies do not fit together: part 1 sent bulk string, not a number");
    EXPECT_EQ(misfit_of(command_id::dbsize, {"$-1\r\n", ":1\r\n"}),
              "the replies do not fit together: part 0 sent null, not a number");
    EXPECT_EQ(misfit_of(command_id::script_exists, {"*1\r\n:1\r\n", "*1\r\n*0\r\n"}),
              "the replies do not fit together: part 1 sent array of 1, not numbers only");
    EXPECT_EQ(misfit_of(command_id::dbsize, {"%1\r\n+a\r\n:1\r\n", "%1\r\n+a\r\n:1\r\n"}),
              "the replies do not fit together: part 0 sent map of 2, not an array");
}

TEST(gather, takes_the_first_parts_reply_where_all_say_the_same) {
    expect_join(command_id::flushall, {"+OK\r\n", "+OK\r\n"}, "+OK\r\n");
    expect_join(command_id::script_load, {bulk("first"), bulk("second")}, bulk("first"));
    for (const auto id :
         {command_id::config_set, command_id::config_rewrite, command_id::config_resetstat, command_id::client_setname,
          command_id::slowlog_reset, command_id::memory_purge, command_id::script_flush, command_id::ping,
          command_id::client_pause, command_id::client_unpause, command_id::save, command_id::bgsave}) {
        expect_join(id, {"+first\r\n", "+second\r\n", "+third\r\n"}, "+first\r\n");
    }
}

TEST(gather, takes_the_first_to_succeed_where_one_is_enough) {
    gather g{info_of(command_id::script_kill), 3};
    g.add(2, reply_from("+OK\r\n"));
    g.add(0, reply_from("+LATER\r\n"));
    EXPECT_EQ(g.joined().value().text(), "OK");
}

TEST(gather, unblocks_a_client_if_any_node_did) {
    expect_join(command_id::client_unblock, {":0\r\n", ":1\r\n", ":0\r\n"}, ":1\r\n");
    expect_join(command_id::client_unblock, {":0\r\n", ":0\r\n"}, ":0\r\n");
    expect_join(command_id::client_unblock, {":1\r\n", ":1\r\n"}, ":1\r\n");
}

TEST(gather, joins_key_lists_without_the_keys_that_are_at_two_nodes) {
    for (const auto id : {command_id::keys, command_id::pubsub_channels, command_id::pubsub_shardchannels}) {
        expect_join(id, {array({bulk("b"), bulk("a")}), array({}), array({bulk("c"), bulk("a"), bulk("")})},
                    array({bulk("b"), bulk("a"), bulk("c"), bulk("")}));
        expect_join(id, {array({}), array({})}, array({}));
    }
    expect_join(command_id::keys, {array({bulk("x\0y"s)}), array({bulk("x\0z"s), bulk("x\0y"s)})},
                array({bulk("x\0y"s), bulk("x\0z"s)}));
}

TEST(gather, joins_the_elements_of_lists_and_keeps_equal_ones) {
    const std::string entry = array({integer(1), integer(2), array({bulk("GET"), bulk("a")})});
    const std::string other = array({integer(2), integer(2), array({})});
    expect_join(command_id::slowlog_get, {array({entry}), array({entry, other}), array({})},
                array({entry, entry, other}));
    expect_join(command_id::cluster_slot_stats, {array({}), array({})}, array({}));
}

TEST(gather, unites_sets) {
    expect_join(command_id::slowlog_get, {"~2\r\n:1\r\n*1\r\n:2\r\n", "~3\r\n*1\r\n:2\r\n:3\r\n$1\r\n1\r\n"},
                "~4\r\n:1\r\n*1\r\n:2\r\n:3\r\n$1\r\n1\r\n");
    expect_join(command_id::slowlog_get, {"*1\r\n+a\r\n", "~2\r\n+a\r\n+b\r\n"}, "*2\r\n+a\r\n+b\r\n");
    expect_join(command_id::slowlog_get, {"~2\r\n+a\r\n+b\r\n", "*1\r\n+c\r\n"}, "~3\r\n+a\r\n+b\r\n+c\r\n");
}

TEST(gather, joins_the_entries_of_maps) {
    expect_join(command_id::slowlog_get, {"%1\r\n+a\r\n:1\r\n", "%0\r\n", "%2\r\n+b\r\n*0\r\n+a\r\n:2\r\n"},
                "%3\r\n+a\r\n:1\r\n+b\r\n*0\r\n+a\r\n:2\r\n");
    expect_join(command_id::slowlog_get, {"%1\r\n+a\r\n:1\r\n", "*2\r\n+b\r\n:2\r\n"},
                "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n");
    expect_join(command_id::slowlog_get, {"*2\r\n+b\r\n:2\r\n", "%1\r\n+a\r\n:1\r\n"},
                "*4\r\n+b\r\n:2\r\n+a\r\n:1\r\n");
}

TEST(gather, makes_a_list_of_scalars) {
    expect_join(command_id::slowlog_get, {"+a\r\n", ":1\r\n", "_\r\n"}, "*3\r\n+a\r\n:1\r\n_\r\n");
}

TEST(gather, says_which_elements_do_not_fit) {
    EXPECT_EQ(misfit_of(command_id::keys, {array({}), array({}), "+OK\r\n"}),
              "the replies do not fit together: part 2 sent simple string, not array of 0 as part 0");
    EXPECT_EQ(misfit_of(command_id::keys, {"+OK\r\n", array({})}),
              "the replies do not fit together: part 1 sent array of 0, not simple string as part 0");
    EXPECT_EQ(misfit_of(command_id::slowlog_get, {"%0\r\n", "*1\r\n:1\r\n"}),
              "the replies do not fit together: part 1 sent array of 1, not keys and values in turn");
    EXPECT_NE(misfit_of(command_id::slowlog_get, {"%0\r\n", "~0\r\n"}), "they fit");
}

TEST(gather, adds_up_the_numbers_of_each_channel) {
    for (const auto id : {command_id::pubsub_numsub, command_id::pubsub_shardnumsub}) {
        expect_join(id,
                    {"*4\r\n$1\r\nb\r\n:1\r\n$1\r\na\r\n:0\r\n", "*4\r\n$1\r\na\r\n:5\r\n$1\r\nb\r\n:2\r\n",
                     "*2\r\n$1\r\nc\r\n:7\r\n", "*0\r\n"},
                    "*6\r\n$1\r\nb\r\n:3\r\n$1\r\na\r\n:5\r\n$1\r\nc\r\n:7\r\n");
        expect_join(id, {"%1\r\n$1\r\na\r\n:1\r\n", "*2\r\n$1\r\na\r\n$1\r\n2\r\n"}, "%1\r\n$1\r\na\r\n:3\r\n");
        expect_join(id, {"*2\r\n$1\r\na\r\n:1\r\n", "%1\r\n$1\r\na\r\n:2\r\n"}, "*2\r\n$1\r\na\r\n:3\r\n");
    }
}

TEST(gather, counts_a_channel_that_is_asked_for_twice_once) {
    const std::string twice = "*4\r\n$1\r\na\r\n:1\r\n$1\r\na\r\n:1\r\n";
    expect_join(command_id::pubsub_numsub, {twice, twice}, "*2\r\n$1\r\na\r\n:2\r\n");
}

TEST(gather, says_what_is_no_list_of_channels) {
    const std::string fine = "*2\r\n$1\r\na\r\n:1\r\n";
    for (const auto& bad : {"*1\r\n$1\r\na\r\n"s, "*2\r\n:1\r\n:1\r\n"s, "*2\r\n+a\r\n+b\r\n"s, ":1\r\n"s, "~0\r\n"s}) {
        EXPECT_NE(misfit_of(command_id::pubsub_numsub, {fine, bad}).find("part 1 sent "), std::string::npos) << bad;
    }
}

TEST(gather, has_one_element_for_each_part_where_there_is_no_rule) {
    const std::string odd =
        "%2\r\n+a\r\n*3\r\n_\r\n#t\r\n,1.50\r\n$1\r\nb\r\n~2\r\n(12345678901234567890\r\n"
        "=7\r\ntxt:a\nb\r\n";
    const std::string failed = "*2\r\n-ERR inside\r\n$-1\r\n";
    for (const auto id : {command_id::info, command_id::config_get, command_id::time, command_id::client_list,
                          command_id::randomkey, command_id::scan, command_id::cluster_slots, command_id::raw}) {
        expect_join(id, {odd, failed, ":1\r\n", "*0\r\n", "$0\r\n\r\n"},
                    "*5\r\n" + odd + failed + ":1\r\n*0\r\n$0\r\n\r\n");
    }
}

TEST(gather, leaves_a_single_reply_as_it_is) {
    for (const auto id : {command_id::dbsize, command_id::keys, command_id::info, command_id::raw,
                          command_id::pubsub_numsub, command_id::script_exists, command_id::flushall}) {
        for (const auto& reply : {"*3\r\n$1\r\na\r\n$1\r\na\r\n,1.5\r\n"s, "$1\r\n7\r\n"s, "_\r\n"s, "*0\r\n"s}) {
            expect_join(id, {reply}, reply);
        }
    }
}

TEST(gather, joins_those_that_answered) {
    gather sum{info_of(command_id::dbsize), 4};
    sum.add(3, reply_from(":3\r\n"));
    sum.add(1, reply_from(":4\r\n"));
    EXPECT_EQ(sum.joined().value().text(), "7");
    gather list{info_of(command_id::info), 3};
    list.add(2, reply_from("+a\r\n"));
    EXPECT_TRUE(list.joined().value() == reply_from("*1\r\n+a\r\n").view());
    gather nothing{info_of(command_id::dbsize), 2};
    EXPECT_EQ(nothing.joined().error().text(), "there is no reply");
    EXPECT_EQ((gather{info_of(command_id::dbsize), 0}.joined().error().text()), "there is no reply");
}

TEST(gather, can_be_asked_again_when_more_has_come) {
    gather g{info_of(command_id::slowlog_get), 2};
    g.add(1, reply_from("*1\r\n+b\r\n"));
    EXPECT_TRUE(g.joined().value() == reply_from("*1\r\n+b\r\n").view());
    g.add(0, reply_from("*1\r\n+a\r\n"));
    EXPECT_TRUE(g.joined().value() == reply_from("*2\r\n+a\r\n+b\r\n").view());
    EXPECT_TRUE(g.joined().value() == reply_from("*2\r\n+a\r\n+b\r\n").view());
}

TEST(gather, joins_a_million_keys) {
    constexpr int count = 250'000;
    std::vector<std::string> parts;
    for (int part = 0; part < 4; ++part) {
        parts.push_back("*" + std::to_string(count) + "\r\n");
        // Each key from the middle on is at the next node, too.
        for (int i = 0; i < count; ++i) parts.back() += bulk("key:" + std::to_string(part * count / 2 + i));
    }
    const auto joined = join(info_of(command_id::keys), parts);
    ASSERT_TRUE(joined);
    ASSERT_EQ(joined->size(), 5U * count / 2U);
    int i = 0;
    for (const reply_view key : joined->view()) ASSERT_EQ(key.text(), "key:" + std::to_string(i++));
}

// The parts of a command, taken apart as the client does it.
struct taken_apart {
    explicit taken_apart(const std::vector<std::string>& words) {
        const std::vector<std::string_view> views{words.begin(), words.end()};
        encoded_command whole{std::span{views}};
        whole.allow_split();
        info = whole.facts().info;
        keys = (words.size() - 1) / static_cast<std::size_t>(info->keys[0].extent.step);
        fragments = split_by_slot(whole.bytes(), whole.facts());
    }
    [[nodiscard]] gather gathered() const { return {*info, fragments, keys}; }

    const listed_command* info;
    std::size_t keys;
    std::vector<fragment> fragments;
};

TEST(gather, puts_the_values_of_mget_back_in_the_order_of_the_keys) {
    const taken_apart parts{{"MGET", "b", "a", "{b}1", "c", "a"}};
    ASSERT_EQ(parts.fragments.size(), 3U);
    gather g = parts.gathered();
    g.add(2, reply_from(array({bulk("of c")})));
    g.add(0, reply_from(array({null(), bulk("of {b}1")})));
    g.add(1, reply_from("*2\r\n$4\r\nof a\r\n_\r\n"));
    const auto joined = g.joined();
    ASSERT_TRUE(joined);
    EXPECT_TRUE(*joined == reply_from(array({null(), bulk("of a"), bulk("of {b}1"), bulk("of c"), "_\r\n"})).view());
}

TEST(gather, needs_a_reply_for_each_key_of_mget) {
    const taken_apart parts{{"MGET", "b", "a", "{b}1"}};
    gather missing = parts.gathered();
    missing.add(0, reply_from("*2\r\n+x\r\n+y\r\n"));
    EXPECT_EQ(missing.joined().error().text(), "part 1 has no reply");
    for (const auto& [reply, sent] : std::map<std::string, std::string>{{"*0\r\n", "array of 0"},
                                                                        {"*2\r\n+x\r\n+y\r\n", "array of 2"},
                                                                        {"+x\r\n", "simple string"},
                                                                        {"_\r\n", "null"},
                                                                        {"~1\r\n+x\r\n", "set of 1"}}) {
        gather g = parts.gathered();
        g.add(0, reply_from("*2\r\n+x\r\n+y\r\n"));
        g.add(1, reply_from(reply));
        const auto joined = g.joined();
        ASSERT_FALSE(joined);
        EXPECT_EQ(joined.error(), errc::unexpected_reply);
        EXPECT_EQ(joined.error().text(), "the replies do not fit together: part 1 sent " + sent + ", not array of 1");
    }
}

TEST(gather, joins_the_parts_of_the_other_commands_by_their_policy) {
    for (const std::string name : {"DEL", "UNLINK", "EXISTS", "TOUCH"}) {
        const taken_apart parts{{name, "b", "a", "c", "a"}};
        gather g = parts.gathered();
        for (std::size_t i = 0; i < 3; ++i) g.add(i, reply_from(integer(static_cast<int>(i))));
        EXPECT_TRUE(g.joined().value() == reply_from(":3\r\n").view()) << name;
    }
    const taken_apart parts{{"MSET", "b", "1", "a", "2"}};
    gather g = parts.gathered();
    g.add(1, reply_from("+OK\r\n"));
    g.add(0, reply_from("+OK\r\n"));
    EXPECT_TRUE(g.joined().value() == reply_from("+OK\r\n").view());
}

TEST(gather, adds_up_ten_thousand_deletions) {
    std::vector<std::string> words{"DEL"};
    for (int i = 0; i < 10'000; ++i) words.push_back(std::to_string(i));
    const taken_apart parts{words};
    gather g = parts.gathered();
    for (std::size_t i = 0; i < parts.fragments.size(); ++i) {
        g.add(i, reply_from(integer(static_cast<std::int64_t>(parts.fragments[i].places.size()))));
    }
    EXPECT_EQ(g.joined().value().text(), "10000");
}

// What a server with these keys says to an MGET.
std::string answer(std::string_view request, const std::map<std::string, std::string, std::less<>>& data, bool resp3) {
    const auto words = words_of(request);
    std::string reply = "*" + std::to_string(words.size() - 1) + "\r\n";
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto found = data.find(words[i]);
        reply += found != data.end() ? bulk(found->second) : resp3 ? "_\r\n"s : null();
    }
    return reply;
}

TEST(gather, undoes_what_split_by_slot_did_whatever_the_keys) {
    std::mt19937 random{20240901};
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    const auto any_bytes = [&](std::size_t longest) {
        std::string text(below(longest + 1), '\0');
        for (char& c : text) c = "ab{}\r\n$*:\0\xff 1"[below(14)];
        return text;
    };
    for (int round = 0; round < 2000; ++round) {
        std::map<std::string, std::string, std::less<>> data;
        std::vector<std::string> words{"MGET"};
        const std::size_t count = 2 + below(40);
        while (words.size() <= count) {
            // Some keys are asked for again.
            words.push_back(words.size() > 1 && below(4) == 0 ? words[1 + below(words.size() - 1)] : any_bytes(6));
            if (below(3) != 0) data[words.back()] = any_bytes(12);
        }
        const std::vector<std::string_view> views{words.begin(), words.end()};
        encoded_command whole{std::span{views}};
        whole.allow_split();
        if (spread_of(whole.facts()) != spread::slots) continue;

        const taken_apart parts{words};
        std::vector<std::size_t> order(parts.fragments.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::shuffle(order.begin(), order.end(), random);
        const bool resp3 = below(2) == 0;
        gather g = parts.gathered();
        for (const std::size_t i : order) g.add(i, reply_from(answer(parts.fragments[i].bytes, data, resp3)));
        const auto joined = g.joined();
        ASSERT_TRUE(joined) << joined.error().message();
        ASSERT_TRUE(*joined == reply_from(answer(whole.bytes(), data, resp3)).view()) << "round " << round;
    }
}

TEST(reply_builder, copies_every_kind_of_value) {
    for (const std::string& text :
         {"+OK\r\n"s, "-ERR x\r\n"s, ":-5\r\n"s, "$3\r\na\0b\r\n"s, "$-1\r\n"s, "*-1\r\n"s, "_\r\n"s, "#t\r\n"s,
          "#f\r\n"s, ",1e-10\r\n"s, ",inf\r\n"s, "(3492890328409238509324850943850943825024385\r\n"s,
          "!5\r\nERR x\r\n"s, "=7\r\ntxt:abc\r\n"s, "*0\r\n"s, "%0\r\n"s, "~0\r\n"s, ">1\r\n+x\r\n"s,
          "%1\r\n*2\r\n+a\r\n~1\r\n%1\r\n:1\r\n_\r\n$0\r\n\r\n"s}) {
        const value original = reply_from(text);
        reply_builder alone;
        alone.copy(original);
        EXPECT_TRUE(alone.finish().value() == original.view()) << text;
        reply_builder nested;
        nested.open(value_kind::array);
        nested.integer(-1);
        nested.copy(original);
        nested.boolean(true);
        nested.copy(original);
        EXPECT_TRUE(nested.finish().value() == reply_from("*4\r\n:-1\r\n" + text + "#t\r\n" + text).view()) << text;
    }
}

TEST(reply_builder, refuses_more_than_its_limit) {
    const value five = reply_from("+12345\r\n");
    reply_builder b{10};
    b.open(value_kind::array);
    b.copy(five);
    b.copy(five);
    EXPECT_EQ(b.finish().value().size(), 2U);
    b.integer(1);
    EXPECT_EQ(b.finish().error().text(), "the replies together have more than 10 bytes");
    b.copy(reply_from("$0\r\n\r\n"));
    EXPECT_EQ(b.finish().error(), errc::unexpected_reply);
    reply_builder nested{10};
    nested.copy(reply_from("*2\r\n+12345\r\n*1\r\n+123456\r\n"));
    EXPECT_EQ(nested.finish().error(), errc::unexpected_reply);
}

}  // namespace
}  // namespace valkeyxx::routing
