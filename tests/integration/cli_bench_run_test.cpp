// valkeyxx bench while it runs: signals, slots that move, and its schedule.
#include <gtest/gtest.h>
#include <signal.h>

#include "integration/cli_bench_program.hpp"
#include "support/poll.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace valkeyxx::testing {

namespace {

using nlohmann::json;

// The program while it runs, its report in a file.
struct running_bench {
    explicit running_bench(const arguments& words) {
        auto line = bench_line(words);
        line.insert(line.begin(), VALKEYXX_CLI);
        program.start({line, output, folder.path()});
    }

    json end(int signal) {
        ::kill(program.pid(), signal);
        poll_until("bench to end", [&] { return !program.running(); });
        EXPECT_EQ(program.end_text(), "exit code 0");
        const auto lines = lines_of(output);
        return lines.size() == 1 ? parsed(lines.front()) : json{};
    }

    temp_dir folder;
    std::string output = folder.file("output");
    process program;
};

TEST(cli_bench_run, ends_at_a_signal_and_reports_what_there_is) {
    for (const int signal : {SIGINT, SIGTERM}) {
        for (const std::string mode : {"sync", "pipeline", "async"}) {
            const auto prefix = "signal:" + std::to_string(signal) + ":" + mode + ":";
            running_bench bench(
                {"--mode", mode, "--command", "incr", "--keys", "3", "--seconds", "600", "--prefix", prefix, "--json"});
            poll_until("bench to count", [&] { return counted(prefix, 3) > 0; });
            const auto r = bench.end(signal);
            EXPECT_GT(r["ops"], 0);
            EXPECT_EQ(r["ops"], r["incr_acknowledged"]);
            EXPECT_EQ(r["incr_acknowledged"], counted(prefix, 3));
        }
    }
}

TEST(cli_bench_run, ends_at_a_signal_while_nothing_is_due) {
    for (const std::string mode : {"sync", "pipeline", "async"}) {
        const auto prefix = "idle:" + mode + ":";
        running_bench bench({"--mode", mode, "--command", "incr", "--keys", "1", "--pipeline", "1", "--rate", "0.001",
                             "--seconds", "9000", "--prefix", prefix, "--json"});
        poll_until("the first count", [&] { return counted(prefix, 1) > 0; });
        EXPECT_EQ(bench.end(SIGINT)["ops"], 1);
    }
}

TEST(cli_bench_run, counts_redirects_of_a_slot_that_moves_and_nothing_is_lost) {
    for (const std::string mode : {"sync", "pipeline", "async"}) {
        const auto prefix = "moves:" + mode + ":";
        const auto slot = key_slot(prefix + "counter:0");
        running_bench bench(
            {"--mode", mode, "--command", "incr", "--keys", "1", "--seconds", "600", "--prefix", prefix, "--json"});
        poll_until("bench to count", [&] { return counted(prefix, 1) > 0; });
        auto& here = cluster().node_serving(slot);
        auto& there = cluster().primary(&here == &cluster().primary(0) ? 1 : 0);
        cluster().move_slot(slot, there);
        const auto before = counted(prefix, 1);
        poll_until("bench to count there", [&] { return counted(prefix, 1) > before; });
        const auto r = bench.end(SIGINT);
        EXPECT_GE(r["redirects"]["moved"], 1);
        EXPECT_EQ(r["errors"]["total"], 0);
        EXPECT_EQ(r["incr_acknowledged"], counted(prefix, 1));
        cluster().move_slot(slot, here);
    }
}

TEST(cli_bench_run, does_not_run_ahead_of_its_rate) {
    for (const std::string mode : {"sync", "pipeline", "async"}) {
        const auto r = report({"--mode", mode, "--requests", "101", "--pipeline", "1", "--keys", "10", "--rate", "400",
                               "--prefix", "rate:"});
        EXPECT_LE(r["ops_per_second"], 404.1) << "the last one is due after 250 ms";
    }
}

TEST(cli_bench_run, counts_latency_from_when_an_operation_was_due) {
    // All are due within the first millisecond: who comes last has waited for all the others.
    const auto r =
        report({"--clients", "1", "--requests", "2000", "--keys", "10", "--rate", "2000000", "--prefix", "due:"});
    EXPECT_GE(r["latency_us"]["max"].get<double>() + 1100, 1e6 * 2000 / r["ops_per_second"].get<double>());
}

TEST(cli_bench_run, says_when_the_rate_was_too_high) {
    const auto run = bench({"--seconds", "0.1", "--keys", "10", "--rate", "1000000000", "--prefix", "high:"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err.find("valkeyxx: the rate was too high: "), 0U) << run.err;
}

}  // namespace

}  // namespace valkeyxx::testing
