// What a command does to its connection, by its words.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "command/blocking.hpp"

namespace valkeyxx {
namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string_view>;
using time = std::optional<std::chrono::milliseconds>;

constexpr auto for_ever = std::chrono::milliseconds::max();

time blocks(const words& request) {
    return blocking_time(*find_command(request[0], {}), request);
}

handling how(const words& request) {
    // A word too many does not matter: only commands with subcommands look at it.
    return handling_of(*find_command(request.front(), request[std::min<std::size_t>(1, request.size() - 1)]), request);
}

TEST(handling, time_to_wait_is_where_each_command_has_it) {
    EXPECT_EQ(blocks({"BLPOP", "a", "b", "2.5"}), 2500ms);
    EXPECT_EQ(blocks({"BLPOP", "a", "0.0001"}), 1ms);
    EXPECT_EQ(blocks({"BRPOP", "a", "0"}), for_ever);
    EXPECT_EQ(blocks({"BLMOVE", "a", "b", "LEFT", "RIGHT", "1"}), 1000ms);
    EXPECT_EQ(blocks({"BRPOPLPUSH", "a", "b", "3"}), 3000ms);
    EXPECT_EQ(blocks({"BZPOPMIN", "a", "1"}), 1000ms);
    EXPECT_EQ(blocks({"BLMPOP", "1.5", "1", "a", "LEFT"}), 1500ms);
    EXPECT_EQ(blocks({"BZMPOP", "0", "1", "a", "MIN"}), for_ever);
    EXPECT_EQ(blocks({"XREAD", "block", "20", "STREAMS", "x", "$"}), 20ms);
    EXPECT_EQ(blocks({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "x", ">"}), for_ever);
}

TEST(handling, there_is_none_if_a_name_only_reads_like_an_option_or_the_server_will_refuse_it) {
    EXPECT_EQ(blocks({"XREAD", "STREAMS", "BLOCK", "5"}), std::nullopt);
    EXPECT_EQ(blocks({"XREADGROUP", "GROUP", "BLOCK", "7", "STREAMS", "x", ">"}), std::nullopt);
    EXPECT_EQ(blocks({"XREAD", "BLOCK", "soon", "STREAMS", "x", "$"}), std::nullopt);
    EXPECT_EQ(blocks({"BLPOP", "a", "-1"}), std::nullopt);
    EXPECT_EQ(blocks({"BLPOP", "a", "nan"}), std::nullopt);
    EXPECT_EQ(blocks({"BLPOP", "a"}), std::nullopt);
    EXPECT_EQ(blocks({"BLPOP", "a", "1e300"}), for_ever);
    EXPECT_EQ(blocks({"GET", "a"}), std::nullopt);
}

TEST(handling, is_ordinary_for_what_neither_waits_nor_changes_anything) {
    EXPECT_EQ(how({"GET", "a"}), handling::ordinary);
    EXPECT_EQ(how({"XREAD", "STREAMS", "x", "0"}), handling::ordinary);
    EXPECT_EQ(how({"XREAD", "BLOCK", "1", "STREAMS", "x", "0"}), handling::blocks);
    EXPECT_EQ(how({"HELLO"}), handling::ordinary);
    EXPECT_EQ(how({"HELLO", "3"}), handling::binds);
    EXPECT_EQ(how({"WATCH", "a"}), handling::binds);
    EXPECT_EQ(how({"CLIENT", "SETNAME", "x"}), handling::ordinary);
    EXPECT_EQ(how({"CLIENT", "TRACKING", "ON"}), handling::binds);
    EXPECT_EQ(how({"MONITOR"}), handling::breaks);
    EXPECT_EQ(how({"WAIT", "1", "0"}), handling::ordinary);
}

}  // namespace
}  // namespace valkeyxx
