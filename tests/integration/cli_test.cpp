// The command-line program: what it prints where, and how it ends, in success and in every failure.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <valkeyxx/slot.hpp>
#include <valkeyxx/version.hpp>

#include "integration/cli_program.hpp"
#include "support/cluster.hpp"
#include "support/fake_server.hpp"
#include "support/poll.hpp"
#include "support/program.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct servers {
    valkey_cluster cluster{{.shards = 3, .replicas = 1}};
    valkey_server single;

    void wait() {
        single.wait();
        cluster.wait();
    }
};
[[maybe_unused]] const auto registered = use_world<servers>();

std::string cluster_url() {
    return url_of(world<servers>().cluster.node(0).port());
}

// exec at the shared cluster.
program_result exec(const arguments& words, stdout_is kind = stdout_is::pipe) {
    arguments all{"exec", "--url", cluster_url()};
    all.insert(all.end(), words.begin(), words.end());
    return cli(all, kind);
}

TEST(cli_exec, finds_the_cluster_from_any_of_its_nodes) {
    auto& cluster = world<servers>().cluster;
    for (int i = 0; i < cluster.size(); ++i) {
        const auto key = "seed:" + std::to_string(i);
        const auto url = url_of(cluster.node(i).port());
        EXPECT_EQ(cli({"exec", "--url", url, "SET", key, "from " + key}), success("OK\n"));
        EXPECT_EQ(cli({"exec", "--url=" + url, "GET", key}), success("from " + key + "\n"));
        EXPECT_EQ(cluster.node_serving(key_slot(key)).admin()({"GET", key}), "from " + key);
    }
}

TEST(cli_exec, takes_the_url_from_the_environment_unless_it_is_given) {
    const arguments good{"VALKEY_URL=" + cluster_url()};
    const arguments bad{"VALKEY_URL=" + url_of(1)};
    EXPECT_EQ(cli({"exec", "ECHO", "x"}, stdout_is::pipe, good), success("x\n"));
    EXPECT_EQ(cli({"exec", "--url", cluster_url(), "ECHO", "x"}, stdout_is::pipe, bad), success("x\n"));
    EXPECT_EQ(cli({"exec", "ECHO", "x"}), failure("which cluster? Give --url valkey://HOST:PORT or set VALKEY_URL "
                                                  "(see valkeyxx exec --help)"));
}

TEST(cli_exec, leaves_options_after_the_command_to_the_command) {
    for (const std::string word :
         {"--json", "--help", "-3", "--url", "--", "++", "-1", "exec", "[a,b]", "/x", "", "é\n"}) {
        EXPECT_EQ(exec({"ECHO", word}), success(word + "\n"));
    }
    EXPECT_EQ(exec({"SET", "options:1", "v", "--json"}).exit_code, 1);
}

TEST(cli_exec, prints_one_json_value) {
    exec({"DEL", "json:h", "json:l"});
    exec({"HSET", "json:h", "name", "ada \"x\"", "n", "\xff"});
    EXPECT_EQ(exec({"--json", "HGETALL", "json:h"}), success("{\"name\":\"ada \\\"x\\\"\",\"n\":\"\\u00ff\"}\n"));
    EXPECT_EQ(exec({"--json", "-2", "HGETALL", "json:h"}), success("[\"name\",\"ada \\\"x\\\"\",\"n\",\"\\u00ff\"]\n"));
    EXPECT_EQ(exec({"--json", "RPUSH", "json:l", "a", "b"}), success("2\n"));
    EXPECT_EQ(exec({"--json", "LRANGE", "json:l", "0", "-1"}), success("[\"a\",\"b\"]\n"));
    EXPECT_EQ(exec({"--json", "GET", "json:none"}), success("null\n"));
    EXPECT_EQ(exec({"--json", "PING"}, stdout_is::terminal), success("\"PONG\"\n"));
}

// Every command as valkey-cli prints it, on a terminal and into a pipe, with and without the switches.
TEST(cli_exec, prints_what_valkey_cli_prints) {
    try {
        run_program({"valkey-cli", "--version"});
    } catch (const std::system_error&) {
        GTEST_SKIP() << "no valkey-cli here";
    }
    auto& cluster = world<servers>().cluster;
    const arguments prepare[] = {
        {"SET", "k:s", "a\"b\\\n\x01\xff"},
        {"SET", "k:empty", ""},
        {"RPUSH", "k:l", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"},
        {"HSET", "k:h", "field", "value", "other", "two\nlines"},
        {"ZADD", "k:z", "1", "a", "2.5", "b"},
        {"SADD", "k:set", "only"},
        {"GEOADD", "k:geo", "13.361389", "38.115556", "Palermo"},
    };
    for (const auto& words : prepare) ASSERT_EQ(exec(words).exit_code, 0) << words[0];
    // The second word, if there is one, is the key that says which node to ask.
    const arguments commands[] = {
        {"SET", "k:ok", "v"},
        {"GET", "k:s"},
        {"GET", "k:empty"},
        {"GET", "k:none"},
        {"TYPE", "k:l"},
        {"STRLEN", "k:s"},
        {"EXISTS", "k:none"},
        {"LRANGE", "k:l", "0", "-1"},
        {"LRANGE", "k:l", "5", "1"},
        {"HGETALL", "k:h"},
        {"HGETALL", "k:none"},
        {"HMGET", "k:h", "field", "none", "other"},
        {"ZRANGE", "k:z", "0", "-1", "WITHSCORES"},
        {"ZSCORE", "k:z", "b"},
        {"SMEMBERS", "k:set"},
        {"GEOPOS", "k:geo", "Palermo", "Roma"},
        {"PING"},
        {"ECHO", "two words"},
        {"CLUSTER", "KEYSLOT", "k:s"},
        {"COMMAND", "INFO", "GET", "NOSUCH"},
        {"CONFIG", "GET", "maxmemory-p*"},
        {"MEMORY", "DOCTOR"},
        {"LATENCY", "DOCTOR"},
        {"OBJECT", "HELP"},
    };
    for (const auto& command : commands) {
        const auto port = std::to_string(cluster.node_serving(key_slot(command.size() > 1 ? command[1] : "")).port());
        for (const auto kind : {stdout_is::pipe, stdout_is::terminal}) {
            for (const arguments& switches : {arguments{}, {"--raw"}, {"--no-raw"}, {"-3"}}) {
                auto line = switches;
                line.insert(line.end(), command.begin(), command.end());
                const auto ours = exec(line, kind);
                line.insert(line.begin(), {"valkey-cli", "-p", port});
                EXPECT_EQ(ours, run_program(line, kind)) << command[0] << " " << command.back();
            }
        }
    }
}

TEST(cli_exec, shows_reports_as_text_also_on_a_terminal) {
    const auto report = exec({"cluster", "info"}, stdout_is::terminal);
    EXPECT_EQ(report.exit_code, 0);
    EXPECT_EQ(report.out.find("cluster_state:ok\r\n"), 0U) << report.out;
}

TEST(cli_exec, reports_a_wrong_address) {
    EXPECT_EQ(cli({"exec", "--url", url_of(1), "GET", "k"}),
              failure("GET: no node could tell the cluster's topology (127.0.0.1:1: Connection refused)"));
    expect_failure(cli({"exec", "--url", "valkey://nosuch.invalid:7000", "GET", "k"}),
                   "GET: no node could tell the cluster's topology (nosuch.invalid:7000: ", ")");
}

TEST(cli_exec, reports_a_wrong_url) {
    EXPECT_EQ(cli({"exec", "--url", "127.0.0.1:7000", "GET", "k"}),
              failure("a URL looks like valkey://host:port; this one has no scheme"));
    EXPECT_EQ(cli({"exec", "--url", "http://127.0.0.1:7000", "GET", "k"}),
              failure("the scheme \"http\" is not known; use valkey:// or valkey+sentinel://, with TLS valkeys:// or "
                      "valkeys+sentinel://"));
    EXPECT_EQ(cli({"exec", "--url", "valkey://:7000", "GET", "k"}), failure("\":7000\" is not a host with a port"));
    expect_failure(cli({"exec", "--url", "valkey://127.0.0.1:x", "GET", "k"}), "\"127.0.0.1:x\" ", "");
    expect_failure(cli({"exec", "--url", "valkey://127.0.0.1?comand_timeout=1s", "GET", "k"}),
                   "there is no option \"comand_timeout\"", "did you mean \"command_timeout\"?");
}

TEST(cli_exec, warns_where_no_server_has_to_prove_who_it_is) {
    const std::string begin = "valkeyxx: warning: no server has to prove who it is (tls_verify=none)";
    const auto said = [](const std::string& url) { return cli({"exec", "--url", url, "PING"}).err; };
    for (const char* url : {"valkeys://127.0.0.1:1?command_timeout=100ms&tls_verify=none",
                            "valkeys+sentinel://127.0.0.1:1/s?command_timeout=100ms&tls_verify=none"}) {
        EXPECT_EQ(said(url).find(begin), 0U) << said(url);
    }
    for (const char* url : {"valkeys://127.0.0.1:1?command_timeout=100ms", "valkey://127.0.0.1:1?tls_verify=none",
                            "valkeys://127.0.0.1:1?command_timeout=100ms&tls_verify=chain"}) {
        EXPECT_EQ(said(url).find(begin), std::string::npos) << said(url);
    }
}

TEST(cli_exec, reports_a_server_without_cluster_mode) {
    const auto port = world<servers>().single.port();
    EXPECT_EQ(cli({"exec", "--url", url_of(port), "GET", "k"}),
              failure("GET: the server does not run in cluster mode (127.0.0.1:" + std::to_string(port) +
                      ": ERR This instance has cluster support disabled)"));
}

TEST(cli_exec, reports_errors_of_the_server_in_its_own_words) {
    exec({"SET", "error:s", "text"});
    const auto node = "127.0.0.1:" + std::to_string(world<servers>().cluster.node_serving(key_slot("error:s")).port());
    EXPECT_EQ(exec({"LPUSH", "error:s", "x"}),
              failure("LPUSH at " + node + ": WRONGTYPE Operation against a key holding the wrong kind of value"));
    EXPECT_EQ(exec({"INCR", "error:s"}), failure("INCR at " + node + ": ERR value is not an integer or out of range"));
    EXPECT_EQ(exec({"--json", "INCR", "error:s"}),
              failure("INCR at " + node + ": ERR value is not an integer or out of range"));
    expect_failure(exec({"GET", "error:s", "more"}), "GET at ", ": ERR wrong number of arguments for 'get' command");
    expect_failure(exec({"NOSUCH", "error:s"}), "NOSUCH at " + node + ": ERR unknown command 'NOSUCH'", "");
}

TEST(cli_exec, reports_keys_of_several_slots) {
    expect_failure(exec({"MGET", "a", "b"}), "MGET: the keys hash to different slots", "one command for each");
}

TEST(cli_exec, reports_what_the_user_must_write_differently) {
    const std::string hint = " (see valkeyxx exec --help)";
    EXPECT_EQ(exec({}), failure("a command is missing: exec [OPTIONS] CMD [ARG...]" + hint));
    EXPECT_EQ(cli({"exec"}), failure("a command is missing: exec [OPTIONS] CMD [ARG...]" + hint));
    EXPECT_EQ(exec({"--jsno", "GET", "k"}), failure("there is no option --jsno" + hint));
    EXPECT_EQ(exec({"-x", "GET", "k"}), failure("there is no option -x" + hint));
    EXPECT_EQ(exec({"--json", "--raw", "GET", "k"}), failure("--json excludes --raw" + hint));
    EXPECT_EQ(exec({"--deadline", "5", "GET", "k"}),
              failure("--deadline: \"5\" is not a duration such as 250ms or 5s" + hint));
    for (const std::string wrong : {"0s", "-1s", "1.5s", "s", "1h", "9999999999999999999s", "9999999999s", ""}) {
        expect_failure(exec({"--deadline", wrong, "GET", "k"}), "--deadline: ", hint);
    }
    EXPECT_EQ(cli({"exec", "--url"}), failure("--url: 1 required URL missing" + hint));
    EXPECT_EQ(exec({"subscribe", "x"}),
              failure("exec prints one reply, and subscribe does not have exactly one" + hint));
    EXPECT_EQ(cli({}), failure("A subcommand is required (see valkeyxx --help)"));
    EXPECT_EQ(cli({"exce"}), failure("there is no subcommand exce (see valkeyxx --help)"));
    EXPECT_EQ(cli({"playground", "--primaries", "0"}),
              failure("--primaries: Value 0 not in range 1 to 30 (see valkeyxx playground --help)"));
}

TEST(cli_exec, gives_up_at_the_deadline) {
    const auto from = std::chrono::steady_clock::now();
    expect_failure(exec({"--deadline", "200ms", "BLPOP", "deadline:l", "0"}),
                   "BLPOP at 127.0.0.1:", ": no reply within the deadline (the command may have run)");
    fake_server silent{fake_server::script{{}}};
    expect_failure(cli({"exec", "--url", url_of(silent.port()), "--deadline", "200ms", "GET", "k"}), "GET: no reply",
                   "");
    EXPECT_LT(std::chrono::steady_clock::now() - from, stretched(2s));
}

TEST(cli_exec, reports_a_result_that_cannot_be_written) {
    EXPECT_EQ(exec({"PING"}, stdout_is::full_disk), failure("cannot write the result: No space left on device"));
}

TEST(cli, tells_its_version_and_helps) {
    EXPECT_EQ(cli({"--version"}), success("valkeyxx " + std::string{version} + "\n"));
    for (const arguments& words : {arguments{"--help"},
                                   {"exec", "--help"},
                                   {"bench", "--help"},
                                   {"topology", "--help"},
                                   {"playground", "--help"}}) {
        const auto help = cli(words);
        EXPECT_EQ(help.exit_code, 0);
        EXPECT_EQ(help.err, "");
        EXPECT_NE(help.out.find("Usage: valkeyxx"), std::string::npos) << help.out;
    }
}

// The children that /proc lists for a process, as one text.
std::string children_of(pid_t pid) {
    std::string all;
    for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        std::ifstream file(task.path() / "children");
        all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
}

TEST(cli_playground, lives_until_a_signal_and_leaves_nothing_behind) {
    for (const int number : {SIGINT, SIGTERM}) {
        const temp_dir folder;
        const auto output = folder.file("output");
        ASSERT_EQ(::setenv("TMPDIR", folder.path().c_str(), 1), 0);
        process playground;
        playground.start({{VALKEYXX_CLI, "playground", "--primaries", "1", "--replicas", "0"}, output, folder.path()});
        ::unsetenv("TMPDIR");
        poll_until(
            "the playground's URL", [&] { return !lines_of(output).empty() || !playground.running(); }, 30s);
        ASSERT_FALSE(lines_of(output).empty()) << playground.end_text();
        const auto line = lines_of(output).front();
        ASSERT_EQ(line.find("URL valkey://127.0.0.1:"), 0U) << line;
        EXPECT_EQ(cli({"exec", "--url", line.substr(4), "SET", "k", "v"}), success("OK\n"));

        const auto servers = children_of(playground.pid());
        EXPECT_NE(servers, "");
        ::kill(playground.pid(), number);
        poll_until("the playground to end", [&] { return !playground.running(); });
        EXPECT_EQ(playground.end_text(), "exit code 0");
        EXPECT_FALSE(fs::exists("/proc/" + servers.substr(0, servers.find(' '))));
        std::size_t left = 0;
        for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) ++left;
        EXPECT_EQ(left, 1U) << "only the output";
    }
}

}  // namespace

}  // namespace valkeyxx::testing
