// The commands of scripts and functions.
#include "integration/commands_world.hpp"

#include <valkeyxx/commands/scripting.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace valkeyxx::commands;
using texts = std::vector<std::string>;

constexpr std::string_view library =
    "#!lua name=lib\n"
    "server.register_function{function_name = 'second', callback = function(keys, args) return args[2] end,\n"
    "                         flags = {'no-writes'}, description = 'the second argument'}\n"
    "server.register_function('put', function(keys, args) return server.call('SET', keys[1], args[1]) end)\n";
constexpr std::string_view endless =
    "#!lua name=endless\n"
    "server.register_function{function_name = 'hang', callback = function() while true do end end,\n"
    "                         flags = {'no-writes'}}\n";
constexpr std::string_view digest_of_return_1 = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";

/// What runs for too long is told apart from what the server waits for after this time.
void answer_soon_while_busy(valkey_server& server) {
    server.admin()({"CONFIG", "SET", "busy-reply-threshold", "1"});
}

}  // namespace

TEST_P(commands, eval_gives_keys_and_arguments_to_the_script) {
    const std::string odd{"\0\r\n\xff", 4};
    EXPECT_EQ(run(eval<texts>("return {KEYS[1], KEYS[2], ARGV[1]}", {"{k}1", "{k}2"}, {odd})),
              (texts{"{k}1", "{k}2", odd}));
    EXPECT_EQ(run(eval<std::int64_t>("return 7")), 7);
    EXPECT_EQ(run(eval("return {1, 'two', {3}}"))[2][0].text(), "3");
    EXPECT_EQ(run(eval<std::string>("return redis.call('SET', KEYS[1], ARGV[1])", {"k"}, {"v"})), "OK");
    EXPECT_EQ(run(raw<std::string>("GET", "k")), "v");
    EXPECT_EQ(refusal(eval("return redis.error_reply('MINE is wrong')")), "MINE");
    const auto scattered = attempt(eval<int>("return 1", {"a", "b"}));  // on nodes of a cluster
    EXPECT_EQ(scattered.has_value(), !clustered());
    if (!scattered) {
        EXPECT_EQ(scattered.error().which(), errc::cross_slot);
    }
}

TEST_P(commands, eval_ro_reads_only) {
    run(raw<void>("SET", "k", "v"));
    EXPECT_EQ(run(eval_ro<std::string>("return redis.call('GET', KEYS[1])", {"k"})), "v");
    EXPECT_EQ(refusal(eval_ro("return redis.call('DEL', KEYS[1])", {"k"})), "ERR");
    EXPECT_EQ(run(raw<std::string>("GET", "k")), "v");
}

TEST_P(commands, evalsha_runs_what_was_loaded) {
    const std::string sha1 = run(script_load("return redis.call('INCRBY', KEYS[1], ARGV[1])"));
    EXPECT_EQ(run(evalsha<std::int64_t>(sha1, {"k"}, {"4"})), 4);
    EXPECT_EQ(run(evalsha<std::int64_t>(sha1, {"other"}, {"5"})), 5);  // wherever its key is
    EXPECT_EQ(refusal(evalsha(std::string(40, '0'), {"k"})), "NOSCRIPT");
    const std::string reader = run(script_load("return redis.call('GET', KEYS[1])"));
    EXPECT_EQ(run(evalsha_ro<std::string>(reader, {"k"})), "4");
    EXPECT_EQ(refusal(evalsha_ro(sha1, {"k"}, {"4"})), "ERR");
    EXPECT_EQ(refusal(evalsha_ro(std::string(40, '0'))), "NOSCRIPT");
}

TEST_P(commands, scripts_are_known_until_they_are_flushed) {
    for (const flush_mode mode : {flush_mode::by_config, flush_mode::sync, flush_mode::async}) {
        EXPECT_EQ(run(script_load("return 1")), digest_of_return_1);
        EXPECT_EQ(run(script_show(digest_of_return_1)), "return 1");
        EXPECT_EQ(run(script_exists(digest_of_return_1, "unknown")), (std::vector<bool>{true, false}));
        run(script_flush(mode));
        EXPECT_EQ(run(script_exists(texts{std::string{digest_of_return_1}})), std::vector<bool>{false});
        EXPECT_EQ(refusal(script_show(digest_of_return_1)), "NOSCRIPT");
    }
    EXPECT_EQ(refusal(script_load("no Lua")), "ERR");
}

TEST_P(commands, script_kill_ends_a_script) {
    auto& server = server_of("k");
    answer_soon_while_busy(server);
    auto runner = server.admin();
    runner.send({"EVAL", "while true do end", "0"});
    poll_until("the script to be killed", [&] { return attempt(script_kill()).has_value(); });
    EXPECT_TRUE(runner.read().is_error());
    EXPECT_FALSE(attempt(script_kill()));
}

TEST_P(commands, functions_are_called_by_name) {
    EXPECT_EQ(run(function_load(library, {.replace = true})), "lib");
    EXPECT_EQ(run(fcall<std::string>("put", {"k"}, {"v"})), "OK");
    EXPECT_EQ(run(raw<std::string>("GET", "k")), "v");
    EXPECT_EQ(run(fcall<std::string>("second", {}, {"a", "b"})), "b");
    EXPECT_EQ(run(fcall_ro<std::string>("second", {"k"}, {"a", "b"})), "b");
    EXPECT_EQ(run(fcall_ro("second")).kind(), value_kind::null);
    EXPECT_EQ(refusal(fcall_ro("put", {"k"}, {"v"})), "ERR");
    EXPECT_EQ(refusal(fcall("unknown")), "ERR");
}

TEST_P(commands, function_load_replaces_if_it_is_told_to) {
    run(function_flush());
    EXPECT_EQ(run(function_load(library)), "lib");
    EXPECT_FALSE(attempt(function_load(library)));
    EXPECT_EQ(run(function_load(library, {.replace = true})), "lib");
    run(function_delete("lib"));
    EXPECT_FALSE(attempt(function_delete("lib")));
    EXPECT_TRUE(run(function_list()).empty());
}

TEST_P(commands, function_list_tells_of_libraries) {
    run(function_flush());
    run(function_load(library));
    run(function_load(endless));
    const auto found = run(function_list({.library = "li*", .with_code = true}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].name, "lib");
    EXPECT_EQ(found[0].engine, "LUA");
    EXPECT_EQ(found[0].code, library);
    ASSERT_EQ(found[0].functions.size(), 2U);
    const bool put_first = found[0].functions[0].name == "put";
    const library_function& put = found[0].functions[put_first ? 0 : 1];
    const library_function& second = found[0].functions[put_first ? 1 : 0];
    EXPECT_EQ(put.name, "put");
    EXPECT_EQ(put.description, std::nullopt);
    EXPECT_TRUE(put.flags.empty());
    EXPECT_EQ(second.name, "second");
    EXPECT_EQ(second.description, "the second argument");
    EXPECT_EQ(second.flags, texts{"no-writes"});
    const auto all = run(function_list());
    EXPECT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].code, std::nullopt);
}

TEST_P(commands, functions_are_dumped_and_restored) {
    run(function_flush());
    run(function_load(library));
    const std::string dumped = run(function_dump());
    EXPECT_FALSE(attempt(function_restore(dumped)));
    run(function_restore(dumped, function_restore_policy::replace));
    run(function_load(endless));
    run(function_restore(dumped, function_restore_policy::flush));
    EXPECT_EQ(run(function_list()).size(), 1U);
    for (const flush_mode mode : {flush_mode::sync, flush_mode::async}) {
        run(function_flush(mode));
        EXPECT_TRUE(run(function_list()).empty());
        run(function_restore(dumped, function_restore_policy::append));
        EXPECT_EQ(run(function_list()).at(0).name, "lib");
    }
    EXPECT_FALSE(attempt(function_restore("nothing like it")));
}

TEST_P(commands, function_stats_tells_what_runs_and_function_kill_ends_it) {
    run(function_flush());
    run(function_load(library));
    run(function_load(endless));
    const auto idle = run(function_stats());
    EXPECT_EQ(idle.engines.at("LUA").libraries, 2);
    EXPECT_EQ(idle.engines.at("LUA").functions, 3);
    EXPECT_FALSE(idle.running);

    auto& server = server_of("k");
    answer_soon_while_busy(server);
    auto runner = server.admin();
    runner.send({"FCALL", "hang", "1", "k", "x"});
    poll_until("the function to run",
               [&] { return client().execute(function_stats(), on(*node_for("k"))).running.has_value(); });
    const auto busy = client().execute(function_stats(), on(*node_for("k"))).running;
    ASSERT_TRUE(busy);
    EXPECT_EQ(busy->name, "hang");
    EXPECT_EQ(busy->command, (texts{"FCALL", "hang", "1", "k", "x"}));
    EXPECT_GT(busy->duration, 0ms);
    run(function_kill());
    EXPECT_TRUE(runner.read().is_error());
    EXPECT_FALSE(attempt(function_kill()));
}

}  // namespace valkeyxx::testing
