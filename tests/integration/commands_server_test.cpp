// The commands about servers.
#include <algorithm>
#include <array>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/server.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace valkeyxx::commands;
using texts = std::vector<std::string>;
using optional_text = std::optional<std::string>;

bool has(const texts& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// The code of the error of one node, "" if there is none.
template <class R>
std::string refused(client& c, const command<R>& order, const target& node) {
    const auto r = c.try_execute(order, node);
    return r ? std::string{} : std::string{r.error().server_code()};
}

bool is_near_now(std::chrono::system_clock::time_point t) {
    const auto now = std::chrono::system_clock::now();
    return now - 1h < t && t < now + 1h;
}

void set_some(client& c) {
    for (const char* key : {"a", "b", "c", "d"}) c.execute(raw<void>("SET", key, "v"));
}

/// A command of a millisecond and more, which counts as a latency.
void take_long(valkey_server& server) {
    auto connection = server.admin();
    connection({"CONFIG", "SET", "latency-monitor-threshold", "1"});
    connection({"DEBUG", "SLEEP", "0.002"});
    connection({"CONFIG", "SET", "latency-monitor-threshold", "0"});
}

}  // namespace

TEST_P(commands, flushes_leave_nothing) {
    for (const flush_mode mode : {flush_mode::by_config, flush_mode::sync, flush_mode::async}) {
        set_some(client());
        EXPECT_EQ(run(dbsize()), 4);
        run(flushall(mode));
        EXPECT_EQ(run(dbsize()), 0);
        set_some(client());
        run(flushdb(mode));
        EXPECT_EQ(run(dbsize()), 0);
    }
}

TEST_P(commands, swapdb_needs_databases_that_are_there) {
    EXPECT_EQ(refusal(swapdb(0, 1'000'000)), "ERR");
}

TEST_P(commands, info_has_the_sections_that_are_asked_for) {
    EXPECT_NE(run(info()).find("# Server"), std::string::npos);
    const std::string one = run(info("clients"));
    EXPECT_NE(one.find("connected_clients:"), std::string::npos);
    EXPECT_EQ(one.find("# Server"), std::string::npos);
    for (const std::string& both : {run(info("clients", "server")), run(info(texts{"server", "clients"}))}) {
        EXPECT_NE(both.find("# Clients"), std::string::npos);
        EXPECT_NE(both.find("# Server"), std::string::npos);
        EXPECT_EQ(both.find("# Memory"), std::string::npos);
    }
}

TEST_P(commands, time_goes_on) {
    const auto first = run(time());
    EXPECT_TRUE(is_near_now(first));
    poll_until("a later time", [&] { return run(time()) > first; });
}

TEST_P(commands, role_of_a_primary) {
    const role_info answer = run(role());
    EXPECT_EQ(answer.role, server_role::primary);
    EXPECT_GE(answer.offset, 0);
    EXPECT_TRUE(answer.replicas.empty());
}

TEST_P(commands, lolwut_ends_with_the_version) {
    EXPECT_NE(run(lolwut()).find("ver. "), std::string::npos);
    const std::array<std::int64_t, 3> parameters{10, 1, 1};
    const std::string small = run(lolwut({.version = 5, .parameters = parameters}));
    EXPECT_NE(small.find("Georg Nees"), std::string::npos);
    EXPECT_LT(small.size(), run(lolwut({.version = 5})).size());
}

TEST_P(commands, settings_are_read_and_changed) {
    const auto before = run(config_get("maxmemory-samples", "list-max-*"));
    EXPECT_TRUE(before.contains("maxmemory-samples"));
    EXPECT_TRUE(before.contains("list-max-listpack-size"));
    EXPECT_FALSE(before.contains("maxmemory"));
    EXPECT_TRUE(run(config_get(texts{"no such setting"})).empty());
    run(config_set("maxmemory-samples", "7"));
    EXPECT_EQ(run(config_get("maxmemory-samples")).at("maxmemory-samples"), "7");
    run(config_set({{"maxmemory-samples", "5"}, {"maxmemory-policy", "allkeys-lru"}}));
    const auto after = run(config_get(texts{"maxmemory-samples", "maxmemory-policy"}));
    EXPECT_EQ(after.at("maxmemory-samples"), "5");
    EXPECT_EQ(after.at("maxmemory-policy"), "allkeys-lru");
    run(config_set("maxmemory-policy", "noeviction"));
    EXPECT_FALSE(attempt(config_set("no such setting", "1")));
}

TEST_P(commands, config_resetstat_sets_counters_to_zero) {
    const target node = on(*node_for("k"));
    run(raw<optional_text>("GET", "k"));
    EXPECT_EQ(client().execute(info("stats"), node).find("keyspace_misses:0\r"), std::string::npos);
    run(config_resetstat());
    EXPECT_NE(client().execute(info("stats"), node).find("keyspace_misses:0\r"), std::string::npos);
}

TEST_P(commands, config_rewrite_needs_a_file) {
    EXPECT_EQ(refused(client(), config_rewrite(), on(*default_node())), "ERR");
}

TEST_P(commands, data_are_saved) {
    const target node = on(*node_for("k"));
    const auto at_first = client().execute(lastsave(), node);
    client().execute(save(), node);
    EXPECT_TRUE(is_near_now(client().execute(lastsave(), node)));
    EXPECT_GE(client().execute(lastsave(), node), at_first);
    EXPECT_EQ(client().execute(bgsave(), node), "Background saving started");
    const auto idle = [&] {
        return client().execute(info("persistence"), node).find("rdb_bgsave_in_progress:0") != std::string::npos;
    };
    poll_until("the saving to end", idle);
    EXPECT_EQ(client().execute(bgsave(bgsave_when::possible), node), "Background saving started");
    poll_until("the saving to end", idle);
    EXPECT_EQ(client().execute(bgrewriteaof(), node), "Background append only file rewriting started");
    poll_until("the rewriting to end", [&] {
        return client().execute(info("persistence"), node).find("aof_rewrite_in_progress:0") != std::string::npos;
    });
}

TEST_P(commands, servers_outside_of_clusters_become_replicas) {
    const target node = on(*default_node());
    if (clustered()) {
        for (const auto& order : {replicaof("127.0.0.1", 1), slaveof("127.0.0.1", 1)}) {
            EXPECT_EQ(refused(client(), order, node), "ERR");
        }
        for (const auto& order : {replicaof_no_one(), slaveof_no_one()}) {
            EXPECT_EQ(refused(client(), order, node), "ERR");
        }
        return;
    }
    valkey_server primary;
    primary.wait();
    for (const auto& [begin, end] : {std::pair{replicaof("127.0.0.1", primary.port()), replicaof_no_one()},
                                     std::pair{slaveof("127.0.0.1", primary.port()), slaveof_no_one()}}) {
        client().execute(begin, node);
        const role_info as_replica = client().execute(role(), node);
        EXPECT_EQ(as_replica.role, server_role::replica);
        EXPECT_EQ(as_replica.primary_host, "127.0.0.1");
        EXPECT_EQ(as_replica.primary_port, primary.port());
        client().execute(end, node);
        EXPECT_EQ(client().execute(role(), node).role, server_role::primary);
    }
}

TEST_P(commands, slow_log_tells_of_commands) {
    const target node = on(*node_for("k"));
    client().execute(raw<void>("CLIENT", "SETNAME", "slow"), node);
    run(config_set("slowlog-log-slower-than", "0"));
    run(slowlog_reset());
    const std::string odd{"\0\r\n\xff", 4};
    run(raw<void>("SET", "k", odd));
    run(config_set("slowlog-log-slower-than", "10000"));
    const auto log = run(slowlog_get(std::nullopt));
    EXPECT_EQ(run(slowlog_len()), static_cast<std::int64_t>(log.size()));
    const auto found = std::find_if(log.begin(), log.end(), [&](const slowlog_entry& e) {
        return e.command == texts{"SET", "k", odd};
    });
    ASSERT_NE(found, log.end());
    EXPECT_GT(found->id, 0);
    EXPECT_TRUE(is_near_now(found->at));
    EXPECT_GE(found->duration, 0us);
    EXPECT_LT(found->duration, 1h);
    EXPECT_EQ(found->addr.substr(0, 10), "127.0.0.1:");
    EXPECT_EQ(found->client_name, "slow");
    EXPECT_EQ(client().execute(slowlog_get(1), node).size(), 1U);
    run(slowlog_reset());
    EXPECT_EQ(run(slowlog_len()), 0);
    EXPECT_TRUE(run(slowlog_get()).empty());
}

TEST_P(commands, command_logs_tell_of_what_is_large) {
    if (!offers("commandlog|get", commandlog_get(commandlog::slow))) {
        EXPECT_EQ(refusal(commandlog_len(commandlog::slow)), "ERR");
        EXPECT_EQ(refusal(commandlog_reset(commandlog::slow)), "ERR");
        return;
    }
    const target node = on(*node_for("k"));
    client().execute(raw<void>("CLIENT", "SETNAME", "large"), node);
    using enum commandlog;
    for (const commandlog log : {slow, large_request, large_reply}) run(commandlog_reset(log));
    run(config_set({{"commandlog-request-larger-than", "1000"}, {"commandlog-reply-larger-than", "1000"}}));
    const std::string big(1000, '\xff');
    run(raw<void>("SET", "k", big));
    run(raw<optional_text>("GET", "k"));
    run(raw<void>("SET", "{k}2", big));
    run(config_set({{"commandlog-request-larger-than", "1048576"}, {"commandlog-reply-larger-than", "1048576"}}));
    const auto requests = run(commandlog_get(large_request, std::nullopt));
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].command.at(1), "{k}2");
    EXPECT_EQ(requests[1].command.at(1), "k");
    EXPECT_GT(requests[1].amount, 1000);
    EXPECT_LT(requests[1].amount, 2000);
    EXPECT_GT(requests[0].id, requests[1].id);
    EXPECT_TRUE(is_near_now(requests[0].at));
    EXPECT_EQ(requests[0].addr.substr(0, 10), "127.0.0.1:");
    EXPECT_EQ(requests[0].client_name, "large");
    EXPECT_EQ(run(commandlog_get(large_request, 1)).size(), 1U);
    const auto replies = run(commandlog_get(large_reply));
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies[0].command, (texts{"GET", "k"}));
    EXPECT_EQ(run(commandlog_len(large_request)), 2);
    EXPECT_EQ(run(commandlog_len(slow)), 0);
    run(commandlog_reset(large_request));
    EXPECT_EQ(run(commandlog_len(large_request)), 0);
    EXPECT_EQ(run(commandlog_len(large_reply)), 1);
}

TEST_P(commands, bgsave_can_be_cancelled) {
    const target node = on(*default_node());
    if (!offers_since(8, 1, bgsave_cancel())) return;
    EXPECT_EQ(refused(client(), bgsave_cancel(), node), "ERR");  // nothing is being saved
    // So slowly that it does not end by itself.
    client().execute(raw<void>("DEBUG", "POPULATE", "1000"), node);
    client().execute(raw<void>("CONFIG", "SET", "rdb-key-save-delay", "1000000"), node);
    client().execute(bgsave(), node);
    EXPECT_EQ(client().execute(bgsave_cancel(), node), "Background saving cancelled");
    client().execute(raw<void>("CONFIG", "SET", "rdb-key-save-delay", "0"), node);
    poll_until("the saving to end", [&] {
        return client().execute(info("persistence"), node).find("rdb_bgsave_in_progress:0") != std::string::npos;
    });
    EXPECT_EQ(refused(client(), bgsave_cancel(), node), "ERR");
}

TEST_P(commands, latencies_are_told_and_forgotten) {
    const target node = on(*node_for("k"));
    run(latency_reset());
    EXPECT_TRUE(client().execute(latency_latest(), node).empty());
    EXPECT_TRUE(client().execute(latency_history("command"), node).empty());
    EXPECT_EQ(refused(client(), latency_graph("command"), node), "ERR");
    take_long(server_of("k"));
    const auto latest = client().execute(latency_latest(), node);
    ASSERT_EQ(latest.size(), 1U);
    EXPECT_EQ(latest[0].event, "command");
    EXPECT_TRUE(is_near_now(latest[0].last.at));
    EXPECT_GE(latest[0].last.took, 1ms);
    EXPECT_GE(latest[0].most, latest[0].last.took);
    const auto history = client().execute(latency_history("command"), node);
    ASSERT_FALSE(history.empty());
    EXPECT_EQ(history.back().at, latest[0].last.at);
    EXPECT_GE(history.back().took, 1ms);
    EXPECT_EQ(client().execute(latency_graph("command"), node).substr(0, 9), "command -");
    EXPECT_NE(client().execute(latency_doctor(), node).find("command"), std::string::npos);
    EXPECT_EQ(run(latency_reset({"fork"})), 0);
    EXPECT_EQ(run(latency_reset("command", "fork")), 1);
    EXPECT_TRUE(client().execute(latency_latest(), node).empty());
}

TEST_P(commands, latency_histogram_counts_runs_of_commands) {
    const target node = on(*node_for("k"));
    run(config_resetstat());
    EXPECT_FALSE(client().execute(latency_histogram({"get"}), node).contains("get"));
    for (int i = 0; i < 3; ++i) run(raw<optional_text>("GET", "k"));
    const auto some = client().execute(latency_histogram({"get", "set"}), node);
    ASSERT_EQ(some.size(), 1U);
    EXPECT_EQ(client().execute(latency_histogram("get", "set"), node).size(), 1U);
    EXPECT_EQ(some.at("get").calls, 3);
    ASSERT_FALSE(some.at("get").buckets.empty());
    EXPECT_GT(some.at("get").buckets.back().first, 0us);
    EXPECT_EQ(some.at("get").buckets.back().second, 3);
    EXPECT_TRUE(client().execute(latency_histogram(), node).contains("config|resetstat"));
}

TEST_P(commands, memory_of_a_key_and_of_a_server) {
    EXPECT_EQ(run(memory_usage("k")), std::nullopt);
    run(raw<void>("SET", "k", std::string(1000, 'x')));
    EXPECT_GT(run(memory_usage("k")), 1000);
    for (int i = 0; i < 200; ++i) run(raw<int>("RPUSH", "list", std::string(static_cast<std::size_t>(i) * 5, 'x')));
    EXPECT_GT(run(memory_usage("list", {.samples = std::nullopt})), 90'000);
    const auto stats = run(memory_stats());
    EXPECT_GT(stats.at("peak.allocated").view().as_integer().value(), 0);
    EXPECT_GT(stats.at("dataset.percentage").view().as_real().value(), 0.0);
    EXPECT_FALSE(run(memory_doctor()).empty());
    EXPECT_FALSE(run(memory_malloc_stats()).empty());
    run(memory_purge());
}

TEST_P(commands, modules_are_not_loaded_unasked) {
    const target node = on(*default_node());
    for (const loaded_module& module : client().execute(module_list(), node)) {
        EXPECT_EQ(module.name, "lua");  // which runs scripts, and is a module since Valkey 9.1
        EXPECT_GT(module.version, 0);
        EXPECT_TRUE(module.args.empty());
    }
    for (const auto& order : {module_load("/no/module.so", {"a"}), module_loadex("/no/module.so", {{"n", "v"}}, {"a"}),
                              module_unload("none")}) {
        EXPECT_EQ(refused(client(), order, node), "ERR");
    }
}

TEST_P(commands, command_info_tells_of_commands) {
    const auto some = run(valkeyxx::commands::command_info({"get", "no such command", "xgroup"}));
    ASSERT_EQ(some.size(), 3U);
    ASSERT_TRUE(some[0]);
    EXPECT_EQ(some[0]->name, "get");
    EXPECT_EQ(some[0]->arity, 2);
    EXPECT_TRUE(has(some[0]->flags, "readonly"));
    EXPECT_EQ(some[0]->first_key, 1);
    EXPECT_EQ(some[0]->last_key, 1);
    EXPECT_EQ(some[0]->key_step, 1);
    EXPECT_TRUE(has(some[0]->categories, "@string"));
    EXPECT_EQ(some[0]->key_specs.size(), 1U);
    EXPECT_TRUE(some[0]->subcommands.empty());
    EXPECT_FALSE(some[1]);
    ASSERT_TRUE(some[2]);
    const auto& subs = some[2]->subcommands;
    EXPECT_TRUE(std::any_of(subs.begin(), subs.end(), [](const auto& s) { return s.name == "xgroup|create"; }));
    EXPECT_TRUE(has(run(valkeyxx::commands::command_info("dbsize")).at(0)->tips, "request_policy:all_shards"));
    EXPECT_EQ(static_cast<std::int64_t>(run(valkeyxx::commands::command_info()).size()), run(command_count()));
}

TEST_P(commands, command_docs_document_commands) {
    const auto some = run(command_docs({"slaveof", "xgroup", "no such command"}));
    ASSERT_EQ(some.size(), 2U);
    const command_doc& slaveof = some.at("slaveof");
    EXPECT_EQ(slaveof.summary, "Sets a server as a replica of another, or promotes it to being a primary.");
    EXPECT_EQ(slaveof.since, "1.0.0");
    EXPECT_EQ(slaveof.group, "server");
    EXPECT_EQ(slaveof.complexity, "O(1)");
    EXPECT_EQ(slaveof.module, "");
    EXPECT_EQ(slaveof.flags, texts{"deprecated"});
    EXPECT_EQ(slaveof.deprecated_since, "5.0.0");
    EXPECT_NE(slaveof.replaced_by.find("REPLICAOF"), std::string::npos);
    EXPECT_EQ(slaveof.arguments.size(), 1U);
    const auto& subs = some.at("xgroup").subcommands;
    const auto create =
        std::find_if(subs.begin(), subs.end(), [](const auto& sub) { return sub.first == "xgroup|create"; });
    ASSERT_NE(create, subs.end());
    EXPECT_EQ(create->second.since, "5.0.0");
    ASSERT_EQ(create->second.history.size(), 1U);
    EXPECT_EQ(create->second.history[0].first, "7.0.0");
    EXPECT_EQ(run(command_docs("get", "set")).size(), 2U);
    EXPECT_GT(run(command_docs()).size(), 200U);
}

TEST_P(commands, command_list_has_the_names_that_fit) {
    EXPECT_TRUE(has(run(command_list()), "get"));
    const texts ranges = run(command_list({.pattern = "x*range"}));
    EXPECT_EQ(ranges.size(), 2U);
    EXPECT_TRUE(has(ranges, "xrevrange"));
    EXPECT_TRUE(has(run(command_list({.category = "stream"})), "xadd"));
    EXPECT_FALSE(has(run(command_list({.category = "stream"})), "get"));
    EXPECT_TRUE(run(command_list({.module = "none"})).empty());
    EXPECT_THROW((void)command_list({.category = "stream", .pattern = "x*"}), exception);
}

TEST_P(commands, command_getkeys_finds_keys) {
    EXPECT_EQ(run(command_getkeys({"mset", "a", "1", "b", "2"})), (texts{"a", "b"}));
    EXPECT_EQ(refusal(command_getkeys({"ping"})), "ERR");
    const auto flagged = run(command_getkeysandflags({"get", "a"}));
    ASSERT_EQ(flagged.size(), 1U);
    EXPECT_EQ(flagged[0].first, "a");
    EXPECT_EQ(flagged[0].second, (texts{"RO", "access"}));
}

}  // namespace valkeyxx::testing
