// valkeyxx bench: every number of its report is there, and those that can be checked at the servers are true.
#include <gtest/gtest.h>

#include <set>
#include <stop_token>
#include <thread>

#include "integration/cli_bench_program.hpp"

namespace valkeyxx::testing {

namespace {

using nlohmann::json;

// How often a command was called at all primaries or replicas.
std::int64_t calls(const std::string& command, bool at_replicas) {
    std::int64_t sum = 0;
    for (int shard = 0; shard < cluster().shards(); ++shard) {
        auto& node = at_replicas ? cluster().replica(shard) : cluster().primary(shard);
        const auto stats = node.admin()({"INFO", "commandstats"});
        const auto label = "cmdstat_" + command + ":calls=";
        const auto at = stats.find(label);
        if (at != std::string::npos) sum += std::stoll(stats.substr(at + label.size()));
    }
    return sum;
}

TEST(cli_bench, reports_all_fields_in_every_mode_for_every_command) {
    for (const std::string mode : {"sync", "pipeline", "async"}) {
        for (const std::string command : {"get", "set", "incr", "mix"}) {
            SCOPED_TRACE(mode + " " + command);
            const auto prefix = mode + ":" + command + ":";
            const auto r = report({"--mode", mode, "--command", command, "--clients", "3", "--depth", "5", "--pipeline",
                                   "7", "--keys", "20", "--size", "33", "--requests", "500", "--prefix", prefix});
            std::vector<std::string> names;
            for (const auto& [name, _] : r.items()) names.push_back(name);
            EXPECT_EQ(names, (std::vector<std::string>{"cpu_us_per_op", "errors", "incr_acknowledged", "incr_keys",
                                                       "latency_us", "longest_gap_ms", "ops", "ops_per_second",
                                                       "reconnects", "redirects", "refreshes"}));
            EXPECT_EQ(r["ops"], 500);
            EXPECT_GT(r["ops_per_second"], 0);
            EXPECT_EQ(r["errors"], (json{{"total", 0}, {"may_have_run", 0}, {"by_kind", json::object()}}));
            EXPECT_GT(r["latency_us"]["p50"], 0);
            EXPECT_GE(r["latency_us"]["p99"], r["latency_us"]["p50"]);
            EXPECT_GE(r["latency_us"]["p999"], r["latency_us"]["p99"]);
            EXPECT_GE(r["latency_us"]["max"], r["latency_us"]["p999"]);
            EXPECT_GT(r["cpu_us_per_op"], 0);
            EXPECT_GT(r["longest_gap_ms"], 0);
            EXPECT_LE(r["longest_gap_ms"].get<double>() / 1000, 1.001 * 500 / r["ops_per_second"].get<double>());
            EXPECT_EQ(r["redirects"], (json{{"moved", 0}, {"ask", 0}}));
            EXPECT_TRUE(r["refreshes"].is_number_unsigned());
            EXPECT_EQ(r["reconnects"], 0);
            EXPECT_EQ(r["incr_keys"], (json{{"prefix", prefix + "counter:"}, {"count", 20}}));
            EXPECT_EQ(r["incr_acknowledged"], counted(prefix, 20));
            if (command == "incr") {
                EXPECT_EQ(r["incr_acknowledged"], 500);
            }
        }
    }
}

TEST(cli_bench, mixes_gets_sets_and_incrs_six_to_three_to_one) {
    const auto gets = calls("get", false);
    const auto sets = calls("set", false);
    const auto r = report({"--command", "mix", "--keys", "50", "--requests", "5000", "--prefix", "mix:"});
    // The draws are pseudo-random with fixed seeds: 5 standard deviations and more.
    EXPECT_NEAR(static_cast<double>(calls("get", false) - gets), 3000, 200);
    EXPECT_NEAR(static_cast<double>(calls("set", false) - sets - 50), 1500, 200) << "50 were set before";
    EXPECT_NEAR(r["incr_acknowledged"].get<double>(), 500, 150);
}

TEST(cli_bench, uses_keys_of_all_shards_with_values_of_the_size) {
    report({"--command", "set", "--keys", "30", "--size", "100", "--requests", "2000", "--prefix", "size:"});
    std::set<std::string> values;
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 30; ++i) {
        const auto key = "size:key:" + std::to_string(i);
        auto& node = cluster().node_serving(key_slot(key));
        const auto value = node.admin()({"GET", key});
        EXPECT_EQ(value.size(), 100U);
        values.insert(value);
        ports.insert(node.port());
    }
    EXPECT_EQ(values.size(), 30U) << "each key has its own";
    EXPECT_EQ(ports.size(), 3U);
}

TEST(cli_bench, accepts_values_that_runs_with_another_size_have_set) {
    report({"--command", "set", "--keys", "5", "--size", "300", "--requests", "50", "--prefix", "sizes:"});
    const std::jthread other([](const std::stop_token& over) {
        while (!over.stop_requested())
            bench({"--command", "set", "--keys", "5", "--size", "9", "--requests", "50", "--prefix", "sizes:"});
    });
    report({"--command", "get", "--keys", "5", "--requests", "2000", "--rate", "4000", "--prefix", "sizes:"});
}

TEST(cli_bench, finds_values_that_nobody_set) {
    for (const std::string mode : {"sync", "pipeline", "async"}) {
        const std::jthread vandal([](const std::stop_token& over) {
            const std::string key = "wrong:key:0";
            auto admin = cluster().node_serving(key_slot(key)).admin();
            while (!over.stop_requested()) admin({"SET", key, "something else"});
        });
        const auto run = bench({"--mode", mode, "--command", "get", "--keys", "1", "--requests", "2000", "--rate",
                                "4000", "--prefix", "wrong:", "--json"});
        EXPECT_EQ(run.exit_code, 1);
        const auto r = parsed(run.out);
        EXPECT_GT(r["errors"]["total"], 0);
        EXPECT_EQ(r["errors"]["by_kind"], (json{{"wrong_value", r["errors"]["total"]}}));
        EXPECT_EQ(r["errors"]["may_have_run"], 0);
        EXPECT_EQ(r["ops"].get<int>() + r["errors"]["total"].get<int>(), 2000);
    }
}

TEST(cli_bench, counts_errors_by_their_kind) {
    const std::string key = "kinds:counter:0";
    cluster().node_serving(key_slot(key)).admin()({"RPUSH", key, "no counter"});
    for (const std::string mode : {"sync", "pipeline", "async"}) {
        const auto run = bench(
            {"--mode", mode, "--command", "incr", "--keys", "1", "--requests", "20", "--prefix", "kinds:", "--json"});
        EXPECT_EQ(run.exit_code, 1);
        const auto r = parsed(run.out);
        EXPECT_EQ(r["ops"], 0);
        EXPECT_EQ(r["errors"],
                  (json{{"total", 20}, {"may_have_run", 0}, {"by_kind", {{"server_error:WRONGTYPE", 20}}}}));
        EXPECT_EQ(r["latency_us"], (json{{"p50", 0.0}, {"p99", 0.0}, {"p999", 0.0}, {"max", 0.0}}));
        EXPECT_EQ(r["incr_acknowledged"], 0);
    }
    const auto run = bench({"--command", "incr", "--keys", "1", "--requests", "20", "--prefix", "kinds:"});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.out.find("20 server_error:WRONGTYPE, such as: INCR at 127.0.0.1:"), std::string::npos) << run.out;
}

TEST(cli_bench, reads_from_replicas_when_told_to) {
    for (const std::string mode : {"sync", "pipeline", "async"}) {
        const auto before = calls("get", true);
        const auto r = report({"--mode", mode, "--command", "get", "--keys", "30", "--requests", "300", "--read-from",
                               "prefer-replica", "--prefix", "reads:"});
        EXPECT_GT(calls("get", true), before);
        EXPECT_EQ(r["reconnects"], 0);
    }
}

TEST(cli_bench, prints_a_table_for_people) {
    const auto run =
        bench({"--command", "mix", "--requests", "500", "--keys", "30", "--prefix", "table:", "--verbose"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(run.out.find("60 % GET, 30 % SET, 10 % INCR; 4 threads"), 0U) << run.out;
    for (const std::string part : {"\nsucceeded         500 in ", "\nlatency           p50 ", "\nlongest gap       ",
                                   " ms in slots 0-5460\n", " ms in slots 5461-10921\n", " ms in slots 10922-16383\n",
                                   "\nerrors            0, of which 0 may have run\n"}) {
        EXPECT_NE(run.out.find(part), std::string::npos) << part << " in " << run.out;
    }
}

TEST(cli_bench, refuses_what_it_does_not_understand) {
    const std::string hint = " (see valkeyxx bench --help)";
    EXPECT_EQ(bench({"--mode", "fast"}), failure("--mode: \"fast\" is none of sync, pipeline, async" + hint));
    EXPECT_EQ(bench({"--command", "del"}), failure("--command: \"del\" is none of get, set, incr, mix" + hint));
    EXPECT_EQ(bench({"--clients", "0"}), failure("--clients: Value 0 not in range 1 to 1000" + hint));
    for (const std::string wrong : {"0", "-1", "nan", "inf", "1s", "", "1e300", "0x10"}) {
        EXPECT_EQ(bench({"--seconds", wrong}),
                  failure("--seconds: \"" + wrong + "\" is not a number above 0 such as 10 or 0.5" + hint));
        EXPECT_EQ(bench({"--rate", wrong}),
                  failure("--rate: \"" + wrong + "\" is not a number above 0 such as 10 or 0.5" + hint));
    }
    for (const std::string option : {"--requests", "--keys", "--size", "--depth", "--pipeline"}) {
        for (const std::string wrong : {"0", "-1", "many", "99999999999999999999999"}) {
            expect_failure(bench({option, wrong}), option + ": ", hint);
        }
    }
    EXPECT_EQ(bench({"--seconds", "1", "--requests", "1"}), failure("--seconds excludes --requests" + hint));
    expect_failure(bench({"--nosuch"}), "", "--nosuch" + hint);
    EXPECT_EQ(cli({"bench"}), failure("which cluster? Give --url valkey://HOST:PORT or set VALKEY_URL" + hint));
    EXPECT_EQ(cli({"bench", "--url", url_of(1), "--mode", "async"}),
              failure("PING: no node could tell the cluster's topology (127.0.0.1:1: Connection refused)"));
}

}  // namespace

}  // namespace valkeyxx::testing
