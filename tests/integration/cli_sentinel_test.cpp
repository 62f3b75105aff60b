// The command-line program with sentinels: what they say, a failover, and exec at the primary.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <string>

#include "integration/cli_program.hpp"
#include "support/poll.hpp"
#include "support/process.hpp"
#include "support/sentinel_set.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;

struct servers {
    sentinel_set set;
    void wait() { set.wait(); }
};
[[maybe_unused]] const auto registered = use_world<servers>();

sentinel_set& watched() {
    return world<servers>().set;
}

std::string at(const valkey_server& s) {
    return "127.0.0.1:" + std::to_string(s.port());
}

program_result sentinel(const arguments& words) {
    arguments all{"sentinel", "--url", watched().url()};
    all.insert(all.end(), words.begin(), words.end());
    return cli(all);
}

}  // namespace

TEST(cli_sentinel, tells_the_primary_and_the_replicas) {
    EXPECT_EQ(sentinel({"primary"}), success(at(watched().primary()) + "\n"));
    EXPECT_EQ(parsed(sentinel({"primary", "--json"}).out)["primary"], at(watched().primary()));
    const auto listed = sentinel({"replicas"});
    EXPECT_EQ(listed.exit_code, 0) << listed;
    for (int i = 0; i < 2; ++i)
        EXPECT_NE(listed.out.find(at(watched().replica(i)) + "\n"), std::string::npos) << listed;
    EXPECT_EQ(parsed(sentinel({"--json", "replicas"}).out)["replicas"].size(), 2U);
}

TEST(cli_sentinel, pipe_loads_the_primary) {
    const temp_dir folder;
    std::ofstream{folder.file("commands")} << "SET piped 1\nINCR piped\n";
    EXPECT_EQ(cli({"pipe", "--url", watched().url(), folder.file("commands")}),
              success("2 commands, 0 errors (0 may have run)\n"));
    EXPECT_EQ(watched().primary().admin()({"GET", "piped"}), "2");
}

TEST(cli_sentinel, says_what_is_wrong) {
    const std::string none = "valkey+sentinel://127.0.0.1:1/mymaster";
    const auto gone = cli({"sentinel", "--url", none, "primary"});
    EXPECT_EQ(gone.exit_code, 1);
    EXPECT_EQ(gone.out, "");
    EXPECT_NE(gone.err.find("127.0.0.1:1"), std::string::npos) << gone.err;
    expect_failure(cli({"sentinel", "--url", "valkey://127.0.0.1:1", "primary"}), "which service of which sentinels?",
                   "(see valkeyxx sentinel --help)");
    EXPECT_EQ(sentinel({}).exit_code, 1);
    const auto unknown = cli({"sentinel", "--url", watched().url() + "x", "replicas"});
    EXPECT_NE(unknown.err.find("No such master with that name"), std::string::npos) << unknown.err;
}

TEST(cli_sentinel, exec_runs_at_the_primary) {
    EXPECT_EQ(cli({"exec", "--url", watched().url(), "SET", "user:1", "ada"}), success("OK\n"));
    EXPECT_EQ(watched().primary().admin()({"GET", "user:1"}), "ada");
    EXPECT_EQ(cli({"exec", "--url", watched().url(), "GET", "user:1"}), success("ada\n"));
    const auto all = cli({"exec", "--json", "--all-nodes", "--url", watched().url(), "ROLE"});
    EXPECT_EQ(parsed(all.out).size(), 3U) << all;
}

TEST(cli_sentinel, fails_over_while_another_one_watches) {
    const temp_dir folder;
    const std::string path = folder.file("out");
    process watch;
    watch.start({{VALKEYXX_CLI, "sentinel", "--url", watched().url(), "watch", "--json"}, path, folder.path()});
    poll_until("the first line", [&] { return !lines_of(path).empty(); });
    const std::string old = at(watched().primary());
    EXPECT_EQ(parsed(lines_of(path)[0])["primary"], old);

    const auto done = sentinel({"failover"});
    EXPECT_EQ(done.exit_code, 0) << done;
    EXPECT_NE(done.out, old + "\n");
    poll_until("the change to be shown",
               [&] { return parsed(lines_of(path).back())["primary"].get<std::string>() + "\n" == done.out; });
    kill(watch.pid(), SIGINT);
    poll_until("the end", [&] { return !watch.running(); });
    EXPECT_EQ(watch.end_text(), "exit code 0");
    watched().heal();
}

TEST(cli_sentinel, playground_brings_up_sentinels_and_takes_them_down) {
    const temp_dir folder;
    const std::string path = folder.file("out");
    process playground;
    playground.start({{VALKEYXX_CLI, "playground", "--sentinel"}, path, folder.path()});
    poll_until(
        "the URL", [&] { return !lines_of(path).empty(); }, 20s);
    const std::string line = lines_of(path)[0];
    ASSERT_TRUE(line.starts_with("URL valkey+sentinel://")) << line;
    EXPECT_EQ(cli({"exec", "--url", line.substr(4), "PING"}), success("PONG\n"));
    kill(playground.pid(), SIGTERM);
    poll_until("the end", [&] { return !playground.running(); });
    EXPECT_EQ(cli({"exec", "--url", line.substr(4), "PING"}).exit_code, 1);
}

}  // namespace valkeyxx::testing
