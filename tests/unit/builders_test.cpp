// Every builder: the exact request, the type of its reply, where it goes, and whether it may be repeated.
#include <valkeyxx/commands.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

using namespace std::chrono_literals;
using testing::request;
using list = std::vector<std::string_view>;
using optional_string = std::optional<std::string>;

struct expected {
    std::string bytes;
    std::optional<std::string_view> key;  // that decides the slot; none: any node
    bool repeatable;
};

template <class Reply>
void check(const command<Reply>& c, const expected& e) {
    EXPECT_EQ(c.encoded().bytes(), e.bytes);
    const command_facts& facts = c.encoded().facts();
    EXPECT_EQ(facts.repeatable, e.repeatable) << e.bytes;
    EXPECT_EQ(facts.route, e.key ? key_route::slot : key_route::any) << e.bytes;
    EXPECT_EQ(facts.slot, e.key ? key_slot(*e.key) : 0) << e.bytes;
}

TEST(builders, connection) {
    check<std::string>(ping(), {request({"PING"}), {}, true});
    check<std::string>(echo("hello"), {request({"ECHO", "hello"}), {}, true});
}

TEST(builders, server) {
    check<std::int64_t>(dbsize(), {request({"DBSIZE"}), {}, true});
    check<std::string>(info(), {request({"INFO"}), {}, true});
    check<std::string>(cluster_info(), {request({"CLUSTER", "INFO"}), {}, true});
}

TEST(builders, del_and_exists) {
    check<std::int64_t>(del("a"), {request({"DEL", "a"}), "a", false});
    check<std::int64_t>(del("{a}1", std::string{"{a}2"}), {request({"DEL", "{a}1", "{a}2"}), "a", false});
    check<std::int64_t>(del(list{"{a}1", "{a}2"}), {request({"DEL", "{a}1", "{a}2"}), "a", false});
    check<std::int64_t>(exists("a"), {request({"EXISTS", "a"}), "a", true});
    check<std::int64_t>(exists("a", "a"), {request({"EXISTS", "a", "a"}), "a", true});
    check<std::int64_t>(exists(list{"a", "{a}"}), {request({"EXISTS", "a", "{a}"}), "a", true});
    EXPECT_EQ(del("a", "b").encoded().facts().route, key_route::cross_slot);
    EXPECT_EQ(exists(list{"a", "b"}).encoded().facts().route, key_route::cross_slot);
}

TEST(builders, expire_and_pttl) {
    check<bool>(expire("a", 1500ms), {request({"PEXPIRE", "a", "1500"}), "a", true});
    check<bool>(expire("a", 2h), {request({"PEXPIRE", "a", "7200000"}), "a", true});
    check<bool>(expire("a", -1ms), {request({"PEXPIRE", "a", "-1"}), "a", true});
    check<time_to_live<std::chrono::milliseconds>>(pttl("a"), {request({"PTTL", "a"}), "a", true});
}

TEST(builders, hashes) {
    check<std::int64_t>(hset("a", "f", "v"), {request({"HSET", "a", "f", "v"}), "a", false});
    check<std::int64_t>(hset("a", "f", "v", "g", std::string{"w"}),
                        {request({"HSET", "a", "f", "v", "g", "w"}), "a", false});
    check<optional_string>(hget("a", "f"), {request({"HGET", "a", "f"}), "a", true});
    check<std::unordered_map<std::string, std::string>>(hgetall("a"), {request({"HGETALL", "a"}), "a", true});
}

TEST(builders, get_and_set) {
    check<optional_string>(get("a"), {request({"GET", "a"}), "a", true});
    check<bool>(set("a", "v"), {request({"SET", "a", "v"}), "a", true});
}

TEST(builders, set_with_options) {
    using enum set_if;
    check<bool>(set("a", "v", {}), {request({"SET", "a", "v"}), "a", true});
    check<bool>(set("a", "v", {.expiry = 1500ms}), {request({"SET", "a", "v", "PX", "1500"}), "a", true});
    check<bool>(set("a", "v", {.keep_ttl = true}), {request({"SET", "a", "v", "KEEPTTL"}), "a", true});
    check<bool>(set("a", "v", {.condition = exists}), {request({"SET", "a", "v", "XX"}), "a", false});
    check<bool>(set("a", "v", {.condition = does_not_exist}), {request({"SET", "a", "v", "NX"}), "a", false});
    check<bool>(set("a", "v", {.condition = does_not_exist, .expiry = 10s}),
                {request({"SET", "a", "v", "PX", "10000", "NX"}), "a", false});
    check<bool>(set("a", "v", {.condition = exists, .keep_ttl = true}),
                {request({"SET", "a", "v", "KEEPTTL", "XX"}), "a", false});
    // What cannot be right is the server's to refuse, not ours to hide.
    check<bool>(set("a", "v", {.condition = exists, .expiry = -5ms, .keep_ttl = true}),
                {request({"SET", "a", "v", "PX", "-5", "KEEPTTL", "XX"}), "a", false});
}

TEST(builders, counters) {
    check<std::int64_t>(incr("a"), {request({"INCR", "a"}), "a", false});
    check<std::int64_t>(incrby("a", 5), {request({"INCRBY", "a", "5"}), "a", false});
    check<std::int64_t>(incrby("a", std::numeric_limits<std::int64_t>::min()),
                        {request({"INCRBY", "a", "-9223372036854775808"}), "a", false});
    check<std::int64_t>(incrby("a", std::numeric_limits<std::int64_t>::max()),
                        {request({"INCRBY", "a", "9223372036854775807"}), "a", false});
}

TEST(builders, mget_and_mset) {
    using values = std::vector<optional_string>;
    check<values>(mget("a"), {request({"MGET", "a"}), "a", true});
    check<values>(mget("{a}1", "{a}2", "a"), {request({"MGET", "{a}1", "{a}2", "a"}), "a", true});
    check<values>(mget(list{"{a}1", "a"}), {request({"MGET", "{a}1", "a"}), "a", true});
    check<bool>(mset(list{"a", "1", "{a}2", "2"}), {request({"MSET", "a", "1", "{a}2", "2"}), "a", true});
    EXPECT_EQ(mget("a", "b").encoded().facts().route, key_route::cross_slot);
    EXPECT_EQ(mset(list{"a", "1", "b", "2"}).encoded().facts().route, key_route::cross_slot);
}

TEST(builders, keys_may_have_any_length) {
    for (std::size_t length = 0; length <= 300; ++length) {
        const std::string key(length, 'k');
        check<optional_string>(get(key), {request({"GET", key}), key, true});
        check<bool>(set(key, key), {request({"SET", key, key}), key, true});
        check<std::int64_t>(del(key, key), {request({"DEL", key, key}), key, false});
    }
    const std::string megabyte(1U << 20U, 'k');
    check<optional_string>(get(megabyte), {request({"GET", megabyte}), megabyte, true});
    check<optional_string>(hget(megabyte, "f"), {request({"HGET", megabyte, "f"}), megabyte, true});
}

TEST(builders, keys_and_values_may_hold_any_bytes) {
    using namespace std::string_view_literals;
    check<bool>(set("\0\r\n"sv, ""), {request({"SET", "\0\r\n"sv, ""}), "\0\r\n"sv, true});
}

}  // namespace
}  // namespace valkeyxx::commands
