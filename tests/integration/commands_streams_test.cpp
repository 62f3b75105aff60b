// The commands of streams.
#include <future>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/streams.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace valkeyxx::commands;
using texts = std::vector<std::string>;
using text_pairs = std::vector<std::pair<std::string, std::string>>;

texts ids_of(const std::vector<stream_entry>& entries) {
    texts ids;
    for (const stream_entry& e : entries) ids.push_back(e.id);
    return ids;
}

/// Three entries "1-0" to "3-0" and a group "g" that begins with the first.
void add_stream(valkeyxx::client& c) {
    for (const char* id : {"1-0", "2-0", "3-0"}) c.execute(xadd("s", {{"n", id}}, {.id = id}));
    c.execute(xgroup_create("s", "g", "0"));
}

/// All three become pending.
void deliver_to(valkeyxx::client& c, std::string_view consumer) {
    c.execute(xreadgroup("g", consumer, {{"s", ">"}}));
}

}  // namespace

TEST_P(commands, xadd_gives_an_entry_an_id_of_the_server) {
    const std::string first = run(xadd("s", {{"a", "1"}}));
    const std::string second = run(xadd("s", {{"a", "2"}}));
    EXPECT_NE(first, second);
    EXPECT_EQ(ids_of(run(xrange("s"))), (texts{first, second}));
}

TEST_P(commands, xadd_keeps_fields_in_order_and_binary) {
    const std::string odd{"\0\r\n\xff", 4};
    EXPECT_EQ(run(xadd("s", {{"b", odd}, {"a", ""}, {"b", "again"}}, {.id = "5-1"})), "5-1");
    const auto entries = run(xrange("s"));
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].id, "5-1");
    EXPECT_EQ(entries[0].fields, (text_pairs{{"b", odd}, {"a", ""}, {"b", "again"}}));
    EXPECT_EQ(refusal(xadd("s", {{"a", "1"}}, {.id = "5-0"})), "ERR");
    EXPECT_EQ(run(xadd("s", {{"a", "1"}}, {.id = "5-*"})), "5-2");
}

TEST_P(commands, xadd_to_another_type_is_refused) {
    run(raw<void>("SET", "s", "v"));
    EXPECT_EQ(refusal(xadd("s", {{"a", "1"}})), "WRONGTYPE");
    EXPECT_EQ(refusal(xrange("s")), "WRONGTYPE");
}

TEST_P(commands, xadd_if_exists_makes_no_stream) {
    EXPECT_EQ(run(xadd_if_exists("s", {{"a", "1"}})), std::nullopt);
    EXPECT_EQ(run(xlen("s")), 0);
    run(xadd("s", {{"a", "1"}}, {.id = "1-0"}));
    EXPECT_EQ(run(xadd_if_exists("s", {{"a", "1"}}, {.id = "2-0"})), "2-0");
    EXPECT_EQ(run(xlen("s")), 2);
}

TEST_P(commands, xadd_trims_to_a_length_or_an_id) {
    add_stream(client());
    run(xadd("s", {{"n", "4"}}, {.id = "4-0", .trim = {.max_length = 3}}));
    EXPECT_EQ(ids_of(run(xrange("s"))), (texts{"2-0", "3-0", "4-0"}));
    run(xadd("s", {{"n", "5"}}, {.id = "5-0", .trim = {.min_id = "4"}}));
    EXPECT_EQ(ids_of(run(xrange("s"))), (texts{"4-0", "5-0"}));
    run(xadd("s", {{"n", "6"}}, {.id = "6-0", .trim = {.max_length = 1, .approximately = true, .limit = 10}}));
    EXPECT_EQ(run(xlen("s")), 3);  // a node of the server's tree is not full yet
    EXPECT_THROW((void)xadd("s", {{"n", "7"}}, {.trim = {.max_length = 1, .min_id = "1"}}), exception);
    EXPECT_THROW((void)xadd("s", {{"n", "7"}}, {.trim = {.approximately = true}}), exception);
}

TEST_P(commands, xtrim_tells_how_many_went) {
    add_stream(client());
    EXPECT_EQ(run(xtrim("s", {.max_length = 2, .approximately = true, .limit = 5})), 0);
    EXPECT_EQ(run(xtrim("s", {.max_length = 2})), 1);
    EXPECT_EQ(run(xtrim("s", {.min_id = "3-0"})), 1);
    EXPECT_EQ(ids_of(run(xrange("s"))), (texts{"3-0"}));
    EXPECT_EQ(refusal(xtrim("s", {.max_length = 0, .limit = 5})), "ERR");
    EXPECT_EQ(run(xtrim("absent", {.max_length = 2})), 0);
    EXPECT_THROW((void)xtrim("s", {}), exception);
    EXPECT_THROW((void)xtrim("s", {.max_length = 1, .min_id = "1"}), exception);
}

TEST_P(commands, xdel_counts_what_was_there) {
    add_stream(client());
    EXPECT_EQ(run(xdel("s", "1-0", "9-0")), 1);
    EXPECT_EQ(run(xdel("s", texts{"1-0", "2-0", "3-0"})), 2);
    EXPECT_EQ(run(xlen("s")), 0);
    EXPECT_EQ(run(xdel("absent", "1-0")), 0);
}

TEST_P(commands, xsetid_moves_the_last_id) {
    add_stream(client());
    run(xsetid("s", "9-0"));
    EXPECT_EQ(refusal(xadd("s", {{"n", "5"}}, {.id = "5-0"})), "ERR");
    run(xsetid("s", "9-1", {.entries_added = 12, .max_deleted_id = "4-0"}));
    const auto state = run(xinfo_stream("s"));
    EXPECT_EQ(state.last_generated_id, "9-1");
    EXPECT_EQ(state.entries_added, 12);
    EXPECT_EQ(state.max_deleted_entry_id, "4-0");
    EXPECT_EQ(refusal(xsetid("s", "1-0")), "ERR");
}

TEST_P(commands, xrange_has_both_ends) {
    add_stream(client());
    EXPECT_EQ(ids_of(run(xrange("s"))), (texts{"1-0", "2-0", "3-0"}));
    EXPECT_EQ(ids_of(run(xrange("s", "2", "3"))), (texts{"2-0", "3-0"}));
    EXPECT_EQ(ids_of(run(xrange("s", "(1-0", "+", {.count = 1}))), (texts{"2-0"}));
    EXPECT_TRUE(run(xrange("s", "-", "+", {.count = 0})).empty());
    EXPECT_TRUE(run(xrange("absent")).empty());
    EXPECT_EQ(refusal(xrange("s", "no id")), "ERR");
}

TEST_P(commands, xrevrange_goes_backwards) {
    add_stream(client());
    EXPECT_EQ(ids_of(run(xrevrange("s"))), (texts{"3-0", "2-0", "1-0"}));
    EXPECT_EQ(ids_of(run(xrevrange("s", "2", "1"))), (texts{"2-0", "1-0"}));
    EXPECT_EQ(ids_of(run(xrevrange("s", "+", "-", {.count = 1}))), (texts{"3-0"}));
}

TEST_P(commands, xread_reads_what_comes_after_an_id) {
    add_stream(client());
    run(xadd("{s}2", {{"m", "1"}}, {.id = "7-0"}));
    const auto read = run(xread({{"s", "2-0"}, {"{s}2", "0"}}));
    ASSERT_EQ(read.size(), 2U);
    const bool as_asked = read[0].key == "s";
    const stream_batch& one = read[as_asked ? 0 : 1];
    const stream_batch& two = read[as_asked ? 1 : 0];
    EXPECT_EQ(one.key, "s");
    EXPECT_EQ(ids_of(one.entries), (texts{"3-0"}));
    EXPECT_EQ(one.entries[0].fields, (text_pairs{{"n", "3-0"}}));
    EXPECT_EQ(two.key, "{s}2");
    EXPECT_EQ(ids_of(two.entries), (texts{"7-0"}));
}

TEST_P(commands, xread_leaves_out_streams_without_news) {
    add_stream(client());
    const auto read = run(xread({{"s", "0"}, {"{s}2", "0"}}, {.count = 2}));
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(ids_of(read[0].entries), (texts{"1-0", "2-0"}));
    EXPECT_TRUE(run(xread({{"s", "$"}})).empty());
    EXPECT_TRUE(run(xread({{"s", "$"}}, {.block = 1ms})).empty());
    EXPECT_EQ(ids_of(run(xread({{"s", "+"}})).at(0).entries), (texts{"3-0"}));
}

TEST_P(commands, xread_waits_for_an_entry) {
    add_stream(client());
    auto waiting = std::async(std::launch::async, [&] { return run(xread({{"s", "$"}}, {.block = 0ms})); });
    auto other = server_of("s").admin();  // the reader's own connection is held up by it
    poll_until("the reader to wait", [&] {
        return other({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos;
    });
    other({"XADD", "s", "4-0", "n", "4"});
    EXPECT_EQ(ids_of(waiting.get().at(0).entries), (texts{"4-0"}));
}

TEST_P(commands, xreadgroup_delivers_each_entry_once) {
    add_stream(client());
    const auto first = run(xreadgroup("g", "a", {{"s", ">"}}, {.count = 2}));
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].key, "s");
    EXPECT_EQ(ids_of(first[0].entries), (texts{"1-0", "2-0"}));
    EXPECT_EQ(ids_of(run(xreadgroup("g", "b", {{"s", ">"}})).at(0).entries), (texts{"3-0"}));
    EXPECT_TRUE(run(xreadgroup("g", "b", {{"s", ">"}}, {.block = 1ms})).empty());
    EXPECT_EQ(ids_of(run(xreadgroup("g", "a", {{"s", "0"}})).at(0).entries), (texts{"1-0", "2-0"}));
    EXPECT_EQ(refusal(xreadgroup("none", "a", {{"s", ">"}})), "NOGROUP");
}

TEST_P(commands, xreadgroup_shows_deleted_pending_entries_without_fields) {
    add_stream(client());
    deliver_to(client(), "a");
    run(xdel("s", "1-0"));
    const auto entries = run(xreadgroup("g", "a", {{"s", "0"}})).at(0).entries;
    EXPECT_EQ(ids_of(entries), (texts{"1-0", "2-0", "3-0"}));
    EXPECT_TRUE(entries[0].fields.empty());
    EXPECT_EQ(entries[1].fields, (text_pairs{{"n", "2-0"}}));
}

TEST_P(commands, xreadgroup_without_acknowledgement_leaves_nothing_pending) {
    add_stream(client());
    EXPECT_EQ(run(xreadgroup("g", "a", {{"s", ">"}}, {.no_ack = true})).at(0).entries.size(), 3U);
    EXPECT_EQ(run(xpending("s", "g")).count, 0);
}

TEST_P(commands, keys_of_readers_may_spell_like_options) {
    add_stream(client());
    // Each of these words is an option's name, too.
    run(xgroup_create("COUNT", "STREAMS", "0", {.create_stream = true}));
    run(xadd("COUNT", {{"a", "1"}}, {.id = "1-0"}));
    EXPECT_EQ(ids_of(run(xreadgroup("STREAMS", "BLOCK", {{"COUNT", ">"}})).at(0).entries), (texts{"1-0"}));
    EXPECT_EQ(ids_of(run(xread({{"COUNT", "0"}})).at(0).entries), (texts{"1-0"}));
}

TEST_P(commands, xack_counts_what_was_pending) {
    add_stream(client());
    deliver_to(client(), "a");
    EXPECT_EQ(run(xack("s", "g", "1-0", "9-0")), 1);
    EXPECT_EQ(run(xack("s", "g", texts{"1-0", "2-0", "3-0"})), 2);
    EXPECT_EQ(run(xack("absent", "g", "1-0")), 0);
}

TEST_P(commands, xclaim_moves_entries_to_another_consumer) {
    add_stream(client());
    deliver_to(client(), "a");
    const auto claimed = run(xclaim("s", "g", "b", 0ms, {"1-0", "2-0"}));
    EXPECT_EQ(ids_of(claimed), (texts{"1-0", "2-0"}));
    EXPECT_EQ(claimed[0].fields, (text_pairs{{"n", "1-0"}}));
    EXPECT_EQ(run(xpending("s", "g")).consumers,
              (std::vector<std::pair<std::string, std::int64_t>>{{"a", 1}, {"b", 2}}));
    EXPECT_TRUE(run(xclaim("s", "g", "b", 1h, {"3-0"})).empty());
    EXPECT_EQ(run(xclaim_justid("s", "g", "b", 0ms, {"3-0", "9-0"})), (texts{"3-0"}));
    EXPECT_EQ(refusal(xclaim("s", "none", "b", 0ms, {"1-0"})), "NOGROUP");
}

TEST_P(commands, xclaim_can_set_what_is_known_of_a_delivery) {
    add_stream(client());
    deliver_to(client(), "a");
    run(xclaim("s", "g", "b", 0ms, {"1-0"}, {.idle = 2h, .deliveries = 7}));
    const auto hour_ago =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now() - 1h);
    run(xclaim_justid("s", "g", "b", 0ms, {"2-0"}, {.delivered_at = hour_ago}));
    const auto pending = run(xpending("s", "g", "-", "+", 10, {.consumer = "b"}));
    ASSERT_EQ(pending.size(), 2U);
    EXPECT_GE(pending[0].idle, 2h);
    EXPECT_EQ(pending[0].deliveries, 7);
    EXPECT_GE(pending[1].idle, 59min);
    EXPECT_EQ(pending[1].deliveries, 1);
    EXPECT_THROW((void)xclaim("s", "g", "b", 0ms, {"1-0"}, {.idle = 1h, .delivered_at = hour_ago}), exception);
}

TEST_P(commands, xclaim_can_make_entries_pending) {
    add_stream(client());
    EXPECT_TRUE(run(xclaim("s", "g", "b", 0ms, {"1-0"})).empty());
    EXPECT_EQ(ids_of(run(xclaim("s", "g", "b", 0ms, {"1-0"}, {.force = true, .last_id = "2-0"}))), (texts{"1-0"}));
    EXPECT_EQ(run(xinfo_groups("s")).at(0).last_delivered_id, "2-0");
}

TEST_P(commands, xautoclaim_goes_through_what_is_pending) {
    add_stream(client());
    deliver_to(client(), "a");
    const auto first = run(xautoclaim("s", "g", "b", 0ms, "0-0", {.count = 2}));
    EXPECT_EQ(ids_of(first.entries), (texts{"1-0", "2-0"}));
    EXPECT_EQ(first.entries[1].fields, (text_pairs{{"n", "2-0"}}));
    EXPECT_EQ(first.next, "3-0");
    EXPECT_TRUE(first.deleted.empty());
    run(xdel("s", "3-0"));
    const auto second = run(xautoclaim("s", "g", "b", 0ms, first.next));
    EXPECT_EQ(second.next, "0-0");
    EXPECT_TRUE(second.entries.empty());
    EXPECT_EQ(second.deleted, (texts{"3-0"}));
    EXPECT_TRUE(run(xautoclaim("s", "g", "b", 1h)).entries.empty());
}

TEST_P(commands, xautoclaim_justid_gives_ids_alone) {
    add_stream(client());
    deliver_to(client(), "a");
    run(xdel("s", "2-0"));
    const auto claimed = run(xautoclaim_justid("s", "g", "b", 0ms));
    EXPECT_EQ(claimed.ids, (texts{"1-0", "3-0"}));
    EXPECT_EQ(claimed.deleted, (texts{"2-0"}));
    EXPECT_EQ(claimed.next, "0-0");
    EXPECT_EQ(refusal(xautoclaim_justid("s", "none", "b", 0ms)), "NOGROUP");
}

TEST_P(commands, xpending_sums_up) {
    add_stream(client());
    auto all = run(xpending("s", "g"));
    EXPECT_EQ(all.count, 0);
    EXPECT_EQ(all.first_id, std::nullopt);
    EXPECT_EQ(all.last_id, std::nullopt);
    EXPECT_TRUE(all.consumers.empty());
    deliver_to(client(), "a");
    all = run(xpending("s", "g"));
    EXPECT_EQ(all.count, 3);
    EXPECT_EQ(all.first_id, "1-0");
    EXPECT_EQ(all.last_id, "3-0");
    EXPECT_EQ(all.consumers, (std::vector<std::pair<std::string, std::int64_t>>{{"a", 3}}));
    EXPECT_EQ(refusal(xpending("s", "none")), "NOGROUP");
}

TEST_P(commands, xpending_lists_entries) {
    add_stream(client());
    EXPECT_TRUE(run(xpending("s", "g", "-", "+", 10)).empty());
    deliver_to(client(), "a");
    run(xclaim("s", "g", "b", 0ms, {"3-0"}, {.idle = 1h}));
    const auto all = run(xpending("s", "g", "-", "+", 10));
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].id, "1-0");
    EXPECT_EQ(all[0].consumer, "a");
    EXPECT_LT(all[0].idle, 1h);
    EXPECT_EQ(all[0].deliveries, 1);
    EXPECT_EQ(all[2].consumer, "b");
    EXPECT_EQ(all[2].deliveries, 2);
    EXPECT_EQ(run(xpending("s", "g", "(1-0", "+", 1)).at(0).id, "2-0");
    EXPECT_EQ(run(xpending("s", "g", "-", "+", 10, {.consumer = "a"})).size(), 2U);
    EXPECT_EQ(run(xpending("s", "g", "-", "+", 10, {.min_idle = 30min})).at(0).id, "3-0");
}

TEST_P(commands, xgroup_create_needs_a_stream_or_makes_one) {
    EXPECT_EQ(refusal(xgroup_create("s", "g", "$")), "ERR");
    run(xgroup_create("s", "g", "$", {.create_stream = true, .entries_read = 3}));
    EXPECT_EQ(refusal(xgroup_create("s", "g", "$")), "BUSYGROUP");
    EXPECT_EQ(run(xlen("s")), 0);
    EXPECT_EQ(run(xinfo_groups("s")).at(0).entries_read, 3);
}

TEST_P(commands, groups_and_consumers_come_and_go) {
    add_stream(client());
    EXPECT_TRUE(run(xgroup_createconsumer("s", "g", "a")));
    EXPECT_FALSE(run(xgroup_createconsumer("s", "g", "a")));
    deliver_to(client(), "a");
    EXPECT_EQ(run(xgroup_delconsumer("s", "g", "a")), 3);
    EXPECT_EQ(run(xgroup_delconsumer("s", "g", "a")), 0);
    EXPECT_TRUE(run(xgroup_destroy("s", "g")));
    EXPECT_FALSE(run(xgroup_destroy("s", "g")));
    EXPECT_EQ(refusal(xgroup_createconsumer("s", "g", "a")), "NOGROUP");
}

TEST_P(commands, xgroup_setid_delivers_again) {
    add_stream(client());
    deliver_to(client(), "a");
    run(xgroup_setid("s", "g", "1-0", {.entries_read = 1}));
    EXPECT_EQ(run(xinfo_groups("s")).at(0).lag, 2);
    EXPECT_EQ(ids_of(run(xreadgroup("g", "a", {{"s", ">"}})).at(0).entries), (texts{"2-0", "3-0"}));
    EXPECT_EQ(refusal(xgroup_setid("s", "none", "0")), "NOGROUP");
}

TEST_P(commands, xinfo_stream_tells_its_state) {
    add_stream(client());
    run(xdel("s", "1-0"));
    const auto state = run(xinfo_stream("s"));
    EXPECT_EQ(state.length, 2);
    EXPECT_EQ(state.radix_tree_keys, 1);
    EXPECT_EQ(state.radix_tree_nodes, 2);
    EXPECT_EQ(state.groups, 1);
    EXPECT_EQ(state.last_generated_id, "3-0");
    EXPECT_EQ(state.max_deleted_entry_id, "1-0");
    EXPECT_EQ(state.entries_added, 3);
    EXPECT_EQ(state.recorded_first_entry_id, "2-0");
    ASSERT_TRUE(state.first_entry && state.last_entry);
    EXPECT_EQ(state.first_entry->id, "2-0");
    EXPECT_EQ(state.last_entry->fields, (text_pairs{{"n", "3-0"}}));
    run(xtrim("s", {.max_length = 0}));
    EXPECT_FALSE(run(xinfo_stream("s")).first_entry);
    EXPECT_EQ(refusal(xinfo_stream("absent")), "ERR");
}

TEST_P(commands, xinfo_stream_full_has_groups_and_consumers) {
    add_stream(client());
    const auto before = std::chrono::system_clock::now() - 1h;
    deliver_to(client(), "a");
    run(xgroup_createconsumer("s", "g", "idle"));
    const auto state = run(xinfo_stream_full("s"));
    EXPECT_EQ(state.length, 3);
    EXPECT_EQ(state.radix_tree_keys, 1);
    EXPECT_EQ(state.radix_tree_nodes, 2);
    EXPECT_EQ(state.last_generated_id, "3-0");
    EXPECT_EQ(state.max_deleted_entry_id, "0-0");
    EXPECT_EQ(state.entries_added, 3);
    EXPECT_EQ(state.recorded_first_entry_id, "1-0");
    EXPECT_EQ(ids_of(state.entries), (texts{"1-0", "2-0", "3-0"}));
    ASSERT_EQ(state.groups.size(), 1U);
    const stream_group_details& group = state.groups[0];
    EXPECT_EQ(group.name, "g");
    EXPECT_EQ(group.last_delivered_id, "3-0");
    EXPECT_EQ(group.entries_read, 3);
    EXPECT_EQ(group.lag, 0);
    EXPECT_EQ(group.pending_count, 3);
    ASSERT_EQ(group.pending.size(), 3U);
    EXPECT_EQ(group.pending[1].id, "2-0");
    EXPECT_EQ(group.pending[1].consumer, "a");
    EXPECT_GT(group.pending[1].delivered_at, before);
    EXPECT_EQ(group.pending[1].deliveries, 1);
    ASSERT_EQ(group.consumers.size(), 2U);
    const stream_consumer_details& a = group.consumers[0];
    EXPECT_EQ(a.name, "a");
    EXPECT_GT(a.seen_at, before);
    ASSERT_TRUE(a.active_at);
    EXPECT_GT(*a.active_at, before);
    EXPECT_EQ(a.pending_count, 3);
    ASSERT_EQ(a.pending.size(), 3U);
    EXPECT_EQ(a.pending[2].id, "3-0");
    EXPECT_EQ(a.pending[2].consumer, "");
    EXPECT_GT(a.pending[2].delivered_at, before);
    EXPECT_EQ(a.pending[2].deliveries, 1);
    EXPECT_EQ(group.consumers[1].active_at, std::nullopt);
    EXPECT_EQ(run(xinfo_stream_full("s", {.count = 1})).entries.size(), 1U);
    EXPECT_EQ(run(xinfo_stream_full("s", {.count = std::nullopt})).entries.size(),
              static_cast<std::size_t>(run(xlen("s"))));
}

TEST_P(commands, xinfo_groups_and_consumers_tell_their_state) {
    add_stream(client());
    run(xreadgroup("g", "a", {{"s", ">"}}, {.count = 2}));
    run(xgroup_createconsumer("s", "g", "idle"));
    const auto groups = run(xinfo_groups("s"));
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].name, "g");
    EXPECT_EQ(groups[0].consumers, 2);
    EXPECT_EQ(groups[0].pending, 2);
    EXPECT_EQ(groups[0].last_delivered_id, "2-0");
    EXPECT_EQ(groups[0].entries_read, 2);
    EXPECT_EQ(groups[0].lag, 1);
    run(xdel("s", "2-0"));
    run(xgroup_create("s", "behind", "1-0"));
    EXPECT_EQ(run(xinfo_groups("s")).at(0).entries_read, std::nullopt);

    const auto consumers = run(xinfo_consumers("s", "g"));
    ASSERT_EQ(consumers.size(), 2U);
    EXPECT_EQ(consumers[0].name, "a");
    EXPECT_EQ(consumers[0].pending, 2);
    EXPECT_LT(consumers[0].idle, 1h);
    ASSERT_TRUE(consumers[0].inactive);
    EXPECT_LT(*consumers[0].inactive, 1h);
    EXPECT_EQ(consumers[1].inactive, std::nullopt);
    EXPECT_EQ(refusal(xinfo_consumers("s", "none")), "NOGROUP");
    EXPECT_EQ(refusal(xinfo_groups("absent")), "ERR");
}

}  // namespace valkeyxx::testing
