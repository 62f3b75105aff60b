// valkeyxx scan: keys on stdout, and after an interruption a way to go on.
#include <gtest/gtest.h>
#include <signal.h>

#include <set>
#include <sstream>

#include "integration/cli_program.hpp"
#include "support/cluster.hpp"
#include "support/poll.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {

namespace {

using namespace std::chrono_literals;
using namespace commands;

struct servers {
    valkey_cluster cluster{{.shards = 3, .replicas = 0}};
    valkey_server single{};
    void wait() {
        single.wait();
        cluster.wait();
        fill();
    }
    void fill() {
        valkeyxx::cluster c{cluster.url()};
        pipeline batch;
        for (int i = 0; i < 20'000; ++i) {
            batch.add(set((i % 4 == 0 ? "user:" : "order:") + std::to_string(i), "v"));
        }
        batch.add(set("plain", "v"));
        batch.add(sadd("members", {"m"}));
        c.execute(batch).throw_first_error();
    }
};
const auto registered = use_world<servers>();

program_result scan(const arguments& words, const std::string& url = world<servers>().cluster.url()) {
    arguments all{"scan", "--url", url};
    all.insert(all.end(), words.begin(), words.end());
    return cli(all);
}

std::set<std::string> lines(const std::string& text) {
    std::istringstream in{text};
    std::set<std::string> all;
    for (std::string line; std::getline(in, line);) all.insert(line);
    return all;
}

}  // namespace

TEST(cli_scan, prints_the_keys) {
    const auto all = scan({"--parallel", "3"});
    EXPECT_EQ(all.exit_code, 0);
    EXPECT_EQ(all.err, "");
    EXPECT_EQ(lines(all.out).size(), 20'002U);
    EXPECT_EQ(lines(scan({"--match", "user:*", "--unique"}).out).size(), 5000U);
    EXPECT_EQ(scan({"--type", "set"}), success("members\n"));
    EXPECT_EQ(scan({"--type", "set", "--json"}), success("\"members\"\n"));
}

TEST(cli_scan, counts_the_keys) {
    EXPECT_EQ(scan({"--count-only"}), success("20002\n"));
    EXPECT_EQ(scan({"--count-only", "--json", "--match", "user:*"}), success("{\"keys\":5000}\n"));
    EXPECT_EQ(scan({"--count-by-prefix"}), success("15000  order:\n"
                                                   " 5000  user:\n"
                                                   "    2  (none)\n"
                                                   "20002  in all\n"));
    EXPECT_EQ(scan({"--count-by-prefix", "r:", "--json"}),
              success("{\"keys\":20002,\"by_prefix\":{\"orde\":15000,\"use\":5000,\"\":2}}\n"));
}

TEST(cli_scan, scans_a_single_server_too) {
    valkey_server& server = world<servers>().single;
    server.admin()({"SET", "one", "v"});
    EXPECT_EQ(scan({}, url_of(server.port())), success("one\n"));
}

TEST(cli_scan, refuses_what_cannot_be) {
    expect_failure(scan({"--count", "0"}), "--count", "(see valkeyxx scan --help)");
    expect_failure(scan({"--cursor", "77"}), "the scan's cursor cannot be used", "over all keys");
}

// With a step for each key it is under way long enough.
TEST(cli_scan, says_where_to_go_on_when_it_is_interrupted) {
    const temp_dir folder;
    const std::string output = folder.file("output");
    process program;
    program.start(
        {{VALKEYXX_CLI, "scan", "--count", "1", "--url", world<servers>().cluster.url()}, output, folder.path()});
    poll_until("some keys", [&] { return lines_of(output).size() > 100; });
    ::kill(program.pid(), SIGINT);
    poll_until("its end", [&] { return !program.running(); });
    EXPECT_EQ(program.end_text(), "exit code 1");
    const auto said = lines_of(output);
    const std::string before = "valkeyxx: the scan ended early; to go on: --cursor ";
    ASSERT_EQ(said.back().substr(0, before.size()), before);
    const std::set<std::string> first(said.begin(), std::prev(said.end()));
    ASSERT_LT(first.size(), 20'002U) << "it was not interrupted";
    auto all = lines(scan({"--cursor", said.back().substr(before.size())}).out);
    EXPECT_LT(all.size(), 20'002U);
    all.insert(first.begin(), first.end());
    EXPECT_EQ(all.size(), 20'002U);
}

}  // namespace valkeyxx::testing
