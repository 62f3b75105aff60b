// Commands of the group "list" on real servers.
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/lists.hpp>
#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::chrono_literals;
using namespace std::string_literals;
using enum list_end;
using texts = std::vector<std::string>;
using found = popped_element;
using popped = popped_elements;
using indexes = std::vector<std::int64_t>;

constexpr auto soon = 20ms;      // the end of waiting for what does not come
constexpr auto much_later = 1h;  // longer than the client's own limit for a command

TEST_P(commands, lpush_puts_the_last_element_first) {
    EXPECT_EQ(run(lpush("l", "a")), 1);
    EXPECT_EQ(run(lpush("l", "b", "c"s)), 3);
    EXPECT_EQ(run(lpush("l", {"d", "e"})), 5);
    EXPECT_EQ(run(lrange("l", 0, -1)), (texts{"e", "d", "c", "b", "a"}));
}

TEST_P(commands, rpush_keeps_the_order) {
    EXPECT_EQ(run(rpush("l", "a")), 1);
    EXPECT_EQ(run(rpush("l", "b", "c"s)), 3);
    EXPECT_EQ(run(rpush("l", texts{"d", "e"})), 5);
    EXPECT_EQ(run(lrange("l", 0, -1)), (texts{"a", "b", "c", "d", "e"}));
}

TEST_P(commands, lpushx_and_rpushx_push_only_to_a_list_that_is_there) {
    EXPECT_EQ(run(lpushx("l", "a")), 0);
    EXPECT_EQ(run(rpushx("l", "a")), 0);
    EXPECT_EQ(run(exists("l")), 0);
    EXPECT_EQ(run(rpush("l", "m")), 1);
    EXPECT_EQ(run(lpushx("l", "b", "a")), 3);
    EXPECT_EQ(run(rpushx("l", {"y", "z"})), 5);
    EXPECT_EQ(run(lrange("l", 0, -1)), (texts{"a", "b", "m", "y", "z"}));
}

TEST_P(commands, list_elements_hold_any_bytes) {
    const std::string element = "\0\r\n\xff$-1\r\n"s;
    EXPECT_EQ(run(rpush("l", element)), 1);
    EXPECT_EQ(run(lindex("l", 0)), element);
    EXPECT_EQ(run(lpos("l", element)), 0);
    EXPECT_EQ(run(lpop("l")), element);
}

TEST_P(commands, lpop_and_rpop_take_from_their_ends) {
    EXPECT_EQ(run(rpush("l", {"a", "b", "c", "d", "e", "f"})), 6);
    EXPECT_EQ(run(lpop("l")), "a");
    EXPECT_EQ(run(rpop("l")), "f");
    EXPECT_EQ(run(lpop("l", 2)), (texts{"b", "c"}));
    EXPECT_EQ(run(lpop("l", 0)), texts{});
    EXPECT_EQ(run(rpop("l", 9)), (texts{"e", "d"}));
    EXPECT_EQ(run(exists("l")), 0);
    EXPECT_EQ(run(lpop("l")), std::nullopt);
    EXPECT_EQ(run(rpop("l")), std::nullopt);
    EXPECT_EQ(run(lpop("l", 2)), std::nullopt);
    EXPECT_EQ(run(rpop("l", 2)), std::nullopt);
}

TEST_P(commands, lmpop_takes_from_the_first_list_that_has_elements) {
    EXPECT_EQ(run(lmpop({"{k}1", "{k}2"}, left)), std::nullopt);
    EXPECT_EQ(run(rpush("{k}2", {"a", "b", "c", "d"})), 4);
    EXPECT_EQ(run(lmpop({"{k}1", "{k}2"}, left)), (popped{"{k}2", {"a"}}));
    EXPECT_EQ(run(lmpop({"{k}1", "{k}2"}, right, 2)), (popped{"{k}2", {"d", "c"}}));
    EXPECT_EQ(run(lmpop(texts{"{k}2"}, right, 9)), (popped{"{k}2", {"b"}}));
}

TEST_P(commands, lmove_moves_between_any_two_ends) {
    EXPECT_EQ(run(rpush("{k}1", {"a", "b", "c", "d"})), 4);
    EXPECT_EQ(run(lmove("{k}1", "{k}2", left, left)), "a");
    EXPECT_EQ(run(lmove("{k}1", "{k}2", right, left)), "d");
    EXPECT_EQ(run(lmove("{k}1", "{k}2", left, right)), "b");
    EXPECT_EQ(run(lmove("{k}1", "{k}2", right, right)), "c");
    EXPECT_EQ(run(lrange("{k}2", 0, -1)), (texts{"d", "a", "b", "c"}));
    EXPECT_EQ(run(lmove("{k}1", "{k}2", left, left)), std::nullopt);
}

TEST_P(commands, rpoplpush_moves_the_last_element_to_the_front) {
    EXPECT_EQ(run(rpush("{k}1", "a", "b")), 2);
    EXPECT_EQ(run(rpush("{k}2", "c")), 1);
    EXPECT_EQ(run(rpoplpush("{k}1", "{k}2")), "b");
    EXPECT_EQ(run(lrange("{k}2", 0, -1)), (texts{"b", "c"}));
    EXPECT_EQ(run(rpoplpush("{k}none", "{k}2")), std::nullopt);
}

TEST_P(commands, lindex_and_llen_tell_what_is_there) {
    EXPECT_EQ(run(rpush("l", "a", "b", "c")), 3);
    EXPECT_EQ(run(llen("l")), 3);
    EXPECT_EQ(run(lindex("l", 0)), "a");
    EXPECT_EQ(run(lindex("l", -1)), "c");
    EXPECT_EQ(run(lindex("l", 3)), std::nullopt);
    EXPECT_EQ(run(llen("none")), 0);
    EXPECT_EQ(run(lindex("none", 0)), std::nullopt);
}

TEST_P(commands, lrange_includes_both_ends) {
    EXPECT_EQ(run(rpush("l", {"a", "b", "c", "d"})), 4);
    EXPECT_EQ(run(lrange("l", 1, 2)), (texts{"b", "c"}));
    EXPECT_EQ(run(lrange("l", -2, 99)), (texts{"c", "d"}));
    EXPECT_EQ(run(lrange("l", 2, 1)), texts{});
    EXPECT_EQ(run(lrange("none", 0, -1)), texts{});
}

TEST_P(commands, lpos_finds_one_match) {
    EXPECT_EQ(run(rpush("l", {"a", "b", "c", "b", "b"})), 5);
    EXPECT_EQ(run(lpos("l", "b")), 1);
    EXPECT_EQ(run(lpos("l", "b", {.rank = 2})), 3);
    EXPECT_EQ(run(lpos("l", "b", {.rank = -1})), 4);
    EXPECT_EQ(run(lpos("l", "c", {.max_length = 2})), std::nullopt);
    EXPECT_EQ(run(lpos("l", "c", {.max_length = 3})), 2);
    EXPECT_EQ(run(lpos("l", "x")), std::nullopt);
    EXPECT_EQ(run(lpos("none", "x")), std::nullopt);
    EXPECT_EQ(refusal(lpos("l", "b", {.rank = 0})), "ERR");
}

TEST_P(commands, lpos_with_a_count_finds_many_matches) {
    EXPECT_EQ(run(rpush("l", {"a", "b", "c", "b", "b"})), 5);
    EXPECT_EQ(run(lpos("l", "b", std::nullopt)), (indexes{1, 3, 4}));
    EXPECT_EQ(run(lpos("l", "b", 2)), (indexes{1, 3}));
    EXPECT_EQ(run(lpos("l", "b", 2, {.rank = -1})), (indexes{4, 3}));
    EXPECT_EQ(run(lpos("l", "b", std::nullopt, {.rank = 2, .max_length = 4})), (indexes{3}));
    EXPECT_EQ(run(lpos("l", "x", std::nullopt)), indexes{});
    EXPECT_EQ(run(lpos("none", "x", std::nullopt)), indexes{});
}

TEST_P(commands, linsert_puts_an_element_next_to_another) {
    EXPECT_EQ(run(linsert("l", insert_at::before, "b", "x")), 0);
    EXPECT_EQ(run(rpush("l", "a", "b")), 2);
    EXPECT_EQ(run(linsert("l", insert_at::before, "b", "x")), 3);
    EXPECT_EQ(run(linsert("l", insert_at::after, "b", "y")), 4);
    EXPECT_EQ(run(linsert("l", insert_at::after, "none", "z")), -1);
    EXPECT_EQ(run(lrange("l", 0, -1)), (texts{"a", "x", "b", "y"}));
}

TEST_P(commands, lrem_removes_from_either_end_or_everywhere) {
    EXPECT_EQ(run(rpush("l", {"a", "x", "b", "x", "c", "x", "x"})), 7);
    EXPECT_EQ(run(lrem("l", 1, "x")), 1);
    EXPECT_EQ(run(lrange("l", 0, -1)), (texts{"a", "b", "x", "c", "x", "x"}));
    EXPECT_EQ(run(lrem("l", -2, "x")), 2);
    EXPECT_EQ(run(lrange("l", 0, -1)), (texts{"a", "b", "x", "c"}));
    EXPECT_EQ(run(lrem("l", 0, "x")), 1);
    EXPECT_EQ(run(lrem("l", 0, "x")), 0);
    EXPECT_EQ(run(lrem("none", 0, "x")), 0);
}

TEST_P(commands, lset_replaces_one_element) {
    EXPECT_EQ(run(rpush("l", "a", "b", "c")), 3);
    run(lset("l", 0, "x"));
    run(lset("l", -1, "z"));
    EXPECT_EQ(run(lrange("l", 0, -1)), (texts{"x", "b", "z"}));
    EXPECT_EQ(refusal(lset("l", 3, "y")), "ERR");
    EXPECT_EQ(refusal(lset("none", 0, "y")), "ERR");
}

TEST_P(commands, ltrim_keeps_a_range) {
    EXPECT_EQ(run(rpush("l", {"a", "b", "c", "d"})), 4);
    run(ltrim("l", 1, -2));
    EXPECT_EQ(run(lrange("l", 0, -1)), (texts{"b", "c"}));
    run(ltrim("l", 5, 6));
    EXPECT_EQ(run(exists("l")), 0);
}

TEST_P(commands, blpop_and_brpop_take_at_once_what_is_there) {
    EXPECT_EQ(run(rpush("{k}2", {"a", "b", "c"})), 3);
    EXPECT_EQ(run(blpop({"{k}1", "{k}2"}, 0ms)), (found{"{k}2", "a"}));
    EXPECT_EQ(run(brpop({"{k}1", "{k}2"}, 0ms)), (found{"{k}2", "c"}));
    EXPECT_EQ(run(blpop(texts{"{k}2"}, 36h)), (found{"{k}2", "b"}));
}

TEST_P(commands, blocking_pops_of_lists_end_with_their_time) {
    EXPECT_EQ(run(blpop({"{k}1", "{k}2"}, soon)), std::nullopt);
    EXPECT_EQ(run(brpop({"{k}1", "{k}2"}, soon)), std::nullopt);
    EXPECT_EQ(run(blmpop({"{k}1", "{k}2"}, left, soon)), std::nullopt);
    EXPECT_EQ(run(blmove("{k}1", "{k}2", left, right, soon)), std::nullopt);
    EXPECT_EQ(run(brpoplpush("{k}1", "{k}2", soon)), std::nullopt);
}

TEST_P(commands, blpop_waits_for_a_push) {
    auto other = server_of("l").admin();  // the connection of the one that waits is held up by it
    auto waiting = std::async(std::launch::async, [&] { return run(blpop({"l"}, much_later)); });
    poll_until("a client that waits", [&] {
        return other({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos;
    });
    other({"RPUSH", "l", "a"});
    EXPECT_EQ(waiting.get(), (found{"l", "a"}));
}

TEST_P(commands, blmpop_takes_several_elements) {
    EXPECT_EQ(run(rpush("{k}2", {"a", "b", "c"})), 3);
    EXPECT_EQ(run(blmpop({"{k}1", "{k}2"}, left, 0ms)), (popped{"{k}2", {"a"}}));
    EXPECT_EQ(run(blmpop({"{k}1", "{k}2"}, right, 1500ms, 9)), (popped{"{k}2", {"c", "b"}}));
}

TEST_P(commands, blmove_and_brpoplpush_move_what_is_there) {
    EXPECT_EQ(run(rpush("{k}1", {"a", "b", "c"})), 3);
    EXPECT_EQ(run(blmove("{k}1", "{k}2", left, right, 1s)), "a");
    EXPECT_EQ(run(blmove("{k}1", "{k}2", right, left, 1s)), "c");
    EXPECT_EQ(run(brpoplpush("{k}1", "{k}2", 1s)), "b");
    EXPECT_EQ(run(lrange("{k}2", 0, -1)), (texts{"b", "c", "a"}));
}

TEST_P(commands, list_commands_refuse_a_string) {
    EXPECT_TRUE(run(set("k", "v")));
    EXPECT_EQ(refusal(rpush("k", "a")), "WRONGTYPE");
    EXPECT_EQ(refusal(lrange("k", 0, -1)), "WRONGTYPE");
    EXPECT_EQ(refusal(blpop({"k"}, 1s)), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
