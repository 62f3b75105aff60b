// The command table: look-up by name, what single entries say, and rules that hold for all of them.
#include "command/table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace valkeyxx {
namespace {

command_id id_of(std::string_view name, std::string_view first_arg = {}) {
    const listed_command* found = find_command(name, first_arg);
    return found == nullptr ? command_id::raw : found->id;
}

repeatable class_of(std::vector<std::string_view> args) {
    const listed_command* found = find_command(args.at(0), args.size() > 1 ? args[1] : std::string_view{});
    EXPECT_NE(found, nullptr) << args[0];
    return repeat_class(*found, args);
}

TEST(command_table, a_command_is_found_in_any_case) {
    EXPECT_EQ(id_of("GET"), command_id::get);
    EXPECT_EQ(id_of("get", "key"), command_id::get);
    EXPECT_EQ(id_of("gEt", "INFO"), command_id::get);
    EXPECT_EQ(id_of("restore-asking"), command_id::restore_asking);
}

TEST(command_table, a_subcommand_is_found_by_both_words) {
    EXPECT_EQ(id_of("cluster", "INFO"), command_id::cluster_info);
    EXPECT_EQ(id_of("Client", "no-Evict"), command_id::client_no_evict);
    EXPECT_EQ(id_of("XGROUP", "create"), command_id::xgroup_create);
}

TEST(command_table, a_container_alone_is_itself_and_with_an_unknown_word_nothing) {
    EXPECT_EQ(id_of("COMMAND"), command_id::command);
    EXPECT_EQ(id_of("cluster"), command_id::cluster);
    EXPECT_EQ(id_of("CLUSTER", "NOSUCH"), command_id::raw);
    EXPECT_EQ(id_of("CLUSTER", "INF"), command_id::raw);
    EXPECT_EQ(id_of("CLUSTER", std::string(1000, 'I')), command_id::raw);
}

TEST(command_table, what_the_server_does_not_know_is_not_found) {
    EXPECT_EQ(find_command("", ""), nullptr);
    EXPECT_EQ(find_command("NOSUCH", "x"), nullptr);
    EXPECT_EQ(find_command("GETT", ""), nullptr);
    EXPECT_EQ(find_command("GE", "T"), nullptr);
    EXPECT_EQ(find_command(std::string(100'000, 'G'), ""), nullptr);
    EXPECT_EQ(find_command(std::string_view("GET\0", 4), ""), nullptr);
    EXPECT_EQ(find_command("\xC7\xC5\xD4", ""), nullptr);
}

TEST(command_table, both_words_in_one_argument_are_no_command_as_for_the_server) {
    EXPECT_EQ(find_command("CLUSTER INFO", ""), nullptr);
    EXPECT_EQ(find_command("CLUSTER|INFO", ""), nullptr);
    EXPECT_EQ(find_command("CLUSTERINFO", ""), nullptr);
    EXPECT_EQ(find_command("CLUSTER I", "NFO"), nullptr);
}

TEST(command_table, every_entry_is_found_by_its_name_and_by_its_id) {
    EXPECT_GT(command_table().size(), 300u);
    for (const listed_command& entry : command_table()) {
        const std::string name{entry.name};
        const auto space = name.find(' ');
        const std::string first = name.substr(0, space);
        const std::string second = space == std::string::npos ? "" : name.substr(space + 1);
        EXPECT_EQ(find_command(first, second), &entry) << name;
        EXPECT_EQ(&info_of(entry.id), &entry) << name;
    }
}

TEST(command_table, the_head_is_the_name_as_bulk_strings) {
    EXPECT_EQ(info_of(command_id::get).head, "$3\r\nGET\r\n");
    EXPECT_EQ(info_of(command_id::cluster_info).head, "$7\r\nCLUSTER\r\n$4\r\nINFO\r\n");
    for (const listed_command& entry : command_table()) {
        std::string expected;
        std::string_view rest = entry.name;
        for (int word = 0; word < entry.words; ++word) {
            const std::string_view one = rest.substr(0, rest.find(' '));
            expected += "$" + std::to_string(one.size()) + "\r\n" + std::string(one) + "\r\n";
            rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        }
        EXPECT_TRUE(rest.empty()) << entry.name;
        EXPECT_EQ(entry.head, expected);
    }
}

TEST(command_table, names_are_sorted_and_ids_follow) {
    const auto table = command_table();
    EXPECT_TRUE(std::is_sorted(table.begin(), table.end(),
                               [](const listed_command& a, const listed_command& b) { return a.id < b.id; }));
    EXPECT_EQ(static_cast<int>(table.front().id), 1);
}

TEST(command_table, raw_promises_nothing) {
    const listed_command& raw = info_of(command_id::raw);
    EXPECT_EQ(static_cast<int>(command_id::raw), 0);
    EXPECT_TRUE(raw.name.empty());
    EXPECT_TRUE(raw.head.empty());
    EXPECT_TRUE(raw.keys.empty());
    EXPECT_EQ(raw.flags, command_flags::none);
    EXPECT_EQ(raw.repeat, repeatable::never);
}

TEST(command_table, an_entry_says_what_the_server_says) {
    const listed_command& del = info_of(command_id::del);
    EXPECT_EQ(del.arity, -2);
    EXPECT_TRUE(del.has(command_flags::write));
    EXPECT_FALSE(del.has(command_flags::readonly));
    EXPECT_FALSE(del.has(command_flags::write | command_flags::readonly));
    EXPECT_EQ(del.request, request_policy::multi_shard);
    EXPECT_EQ(del.response, response_policy::agg_sum);
    EXPECT_EQ(del.since, "1.0.0");
    ASSERT_EQ(del.keys.size(), 1u);
    EXPECT_EQ(del.keys[0].flags, key_flags::remove | key_flags::erase);
    EXPECT_TRUE(info_of(command_id::blpop).has(command_flags::blocking));
    EXPECT_TRUE(info_of(command_id::hgetall).has(command_tips::nondeterministic_output_order));
    EXPECT_EQ(info_of(command_id::script_exists).response, response_policy::agg_logical_and);
    EXPECT_EQ(info_of(command_id::scan).request, request_policy::special);
}

TEST(command_table, newer_commands_stand_among_the_others) {
    EXPECT_EQ(id_of("hpexpire", "k"), command_id::hpexpire);
    EXPECT_EQ(id_of("commandlog", "len"), command_id::commandlog_len);
    EXPECT_EQ(id_of("cluster", "migrateslots"), command_id::cluster_migrateslots);
    EXPECT_EQ(info_of(command_id::hsetex).since, "9.0.0");
    EXPECT_NE(table_version(), newer_table_version());
}

TEST(command_table, only_what_ends_in_its_keys_can_be_taken_apart) {
    EXPECT_EQ(info_of(command_id::msetex).request, request_policy::none);
    for (const listed_command& entry : command_table()) {
        if (entry.request != request_policy::multi_shard) continue;
        ASSERT_EQ(entry.keys.size(), 1u) << entry.name;
        EXPECT_EQ(entry.keys[0].begin.how, key_begin::kind::index) << entry.name;
        EXPECT_EQ(entry.keys[0].extent.how, key_extent::kind::range) << entry.name;
        EXPECT_EQ(entry.keys[0].extent.last, -1) << entry.name;
    }
}

TEST(command_table, arity_counts_the_words_of_the_name) {
    EXPECT_TRUE(info_of(command_id::get).takes(2));
    EXPECT_FALSE(info_of(command_id::get).takes(3));
    EXPECT_TRUE(info_of(command_id::del).takes(2));
    EXPECT_TRUE(info_of(command_id::del).takes(200));
    EXPECT_FALSE(info_of(command_id::del).takes(1));
    EXPECT_TRUE(info_of(command_id::cluster_info).takes(2));
}

TEST(repeatability, what_only_reads_may_always_be_repeated) {
    for (const listed_command& entry : command_table()) {
        const bool repeatable_at_will = entry.repeat == repeatable::read_only;
        EXPECT_TRUE(repeatable_at_will || !entry.has(command_flags::readonly)) << entry.name;
        EXPECT_FALSE(repeatable_at_will && entry.has(command_flags::write)) << entry.name;
    }
    EXPECT_EQ(class_of({"PING"}), repeatable::read_only);
    EXPECT_EQ(class_of({"CLUSTER", "SHARDS"}), repeatable::read_only);
    EXPECT_EQ(class_of({"EVAL_RO", "return 1", "0"}), repeatable::read_only);
}

TEST(repeatability, writes_are_classed_by_data_and_reply_of_a_second_run) {
    EXPECT_EQ(class_of({"SET", "k", "v"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"MSET", "k", "v"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"EXPIRE", "k", "10"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"HPEXPIRE", "k", "10", "FIELDS", "1", "f"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"MSETEX", "1", "k", "v"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"DELIFEQ", "k", "v"}), repeatable::checked);
    EXPECT_EQ(class_of({"HGETDEL", "k", "FIELDS", "1", "f"}), repeatable::checked);
    EXPECT_EQ(class_of({"CLUSTER", "FLUSHSLOT", "1"}), repeatable::never);
    EXPECT_EQ(class_of({"CLUSTERSCAN", "0"}), repeatable::read_only);
    EXPECT_EQ(class_of({"DEL", "k"}), repeatable::checked);
    EXPECT_EQ(class_of({"SETNX", "k", "v"}), repeatable::checked);
    EXPECT_EQ(class_of({"HSET", "k", "f", "v"}), repeatable::checked);
    EXPECT_EQ(class_of({"INCR", "k"}), repeatable::accumulating);
    EXPECT_EQ(class_of({"LTRIM", "k", "1", "-1"}), repeatable::accumulating);
    EXPECT_EQ(class_of({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "k", ">"}), repeatable::accumulating);
    EXPECT_EQ(class_of({"PUBLISH", "c", "m"}), repeatable::accumulating);
    EXPECT_EQ(class_of({"EVAL", "return 1", "0"}), repeatable::never);
    EXPECT_EQ(class_of({"EXEC"}), repeatable::never);
    EXPECT_EQ(class_of({"FLUSHALL"}), repeatable::never);
    EXPECT_EQ(class_of({"SELECT", "1"}), repeatable::never);
}

TEST(repeatability, options_put_a_command_in_a_stricter_class) {
    EXPECT_EQ(class_of({"SET", "k", "v", "EX", "10"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"SET", "k", "v", "EX", "10", "nx"}), repeatable::checked);
    EXPECT_EQ(class_of({"set", "k", "v", "Get"}), repeatable::checked);
    EXPECT_EQ(class_of({"EXPIRE", "k", "10", "GT"}), repeatable::checked);
    EXPECT_EQ(class_of({"SET", "k", "v", "ifeq", "w"}), repeatable::checked);
    EXPECT_EQ(class_of({"HSETEX", "k", "FNX", "FIELDS", "1", "f", "v"}), repeatable::checked);
    EXPECT_EQ(class_of({"HEXPIRE", "k", "10", "LT", "FIELDS", "1", "f"}), repeatable::checked);
    EXPECT_EQ(class_of({"HGETEX", "k", "PXAT", "10", "FIELDS", "1", "f"}), repeatable::checked);
    EXPECT_EQ(class_of({"MSETEX", "1", "k", "v", "XX"}), repeatable::checked);
    EXPECT_EQ(class_of({"ZADD", "k", "1", "m"}), repeatable::checked);
    EXPECT_EQ(class_of({"ZADD", "k", "INCR", "1", "m"}), repeatable::accumulating);
    EXPECT_EQ(class_of({"SORT", "k"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"SORT", "k", "STORE", "d"}), repeatable::checked);
}

TEST(repeatability, keys_and_values_that_spell_an_option_are_none) {
    EXPECT_EQ(class_of({"SET", "NX", "GET"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"SET", "k", "v", "NXX"}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"SET", "k", "v", ""}), repeatable::last_write_wins);
    EXPECT_EQ(class_of({"SET", "k", "v", "NX XX"}), repeatable::last_write_wins);
}

}  // namespace
}  // namespace valkeyxx
