// valkeyxx pubsub: lines for messages and events, and publishing.
#include <gtest/gtest.h>
#include <signal.h>

#include "integration/cli_program.hpp"
#include "support/cluster.hpp"
#include "support/poll.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::testing {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = stretched(5s)}};
    void wait() { nodes.wait(); }
};
[[maybe_unused]] const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

arguments words(const arguments& of) {
    arguments all{"pubsub"};
    all.push_back(of.front());
    all.insert(all.end(), {"--url", nodes().url()});
    all.insert(all.end(), of.begin() + 1, of.end());
    return all;
}

// A program that listens, and what it has written so far.
class listener {
  public:
    explicit listener(const arguments& of) {
        auto all = words(of);
        all.insert(all.begin(), VALKEYXX_CLI);
        program_.start({.argv = all, .output = folder_.file("out"), .folder = folder_.path()});
    }

    std::vector<std::string> lines(std::size_t count) {
        std::vector<std::string> found;
        poll_until("lines", [&] {
            found = lines_of(folder_.file("out"));
            return found.size() >= count;
        });
        return found;
    }
    process& program() { return program_; }

  private:
    temp_dir folder_;
    process program_;
};

}  // namespace

TEST(cli_pubsub, lines_of_json_tell_of_messages_and_subscriptions) {
    listener on{{"ssub", "--json", "--count", "2", "a", "b"}};
    on.lines(2);
    EXPECT_EQ(cli(words({"spub", "a", "x\ny"})), success("1\n"));
    EXPECT_EQ(cli(words({"spub", "b", "z"})), success("1\n"));
    const auto lines = on.lines(4);
    for (const auto i : {0U, 1U}) EXPECT_EQ(parsed(lines[i])["event"], "subscribed");
    const auto& owner = nodes().node_serving(key_slot("a"));
    EXPECT_EQ(parsed(lines[2]), (json{{"event", "message"},
                                      {"kind", "shard"},
                                      {"channel", "a"},
                                      {"payload", "x\ny"},
                                      {"node", "127.0.0.1:" + std::to_string(owner.port())}}));
    EXPECT_EQ(parsed(lines[3])["payload"], "z");
    poll_until("the end", [&] { return !on.program().running(); });
}

TEST(cli_pubsub, patterns_are_told_and_a_lost_connection_is) {
    listener on{{"psub", "--json", "n*"}};
    on.lines(1);
    cli(words({"pub", "news", "1"}));
    EXPECT_EQ(parsed(on.lines(2)[1])["pattern"], "n*");
    for (int i = 0; i < nodes().size(); ++i) nodes().node(i).admin()({"CLIENT", "KILL", "TYPE", "PUBSUB"});
    const auto lines = on.lines(4);
    EXPECT_EQ(parsed(lines[2])["event"], "gap_began");
    const auto gap = parsed(lines[3]);
    EXPECT_EQ(gap["event"], "gap");
    EXPECT_LE(gap["from"].get<double>(), gap["to"].get<double>());
    EXPECT_GT(gap["from"].get<double>(), 1.7e9);
    ::kill(on.program().pid(), SIGINT);
    poll_until("the end", [&] { return !on.program().running(); });
}

TEST(cli_pubsub, keys_of_all_nodes_are_told_of) {
    for (int i = 0; i < nodes().size(); ++i)
        nodes().node(i).admin()({"CONFIG", "SET", "notify-keyspace-events", "KEA"});
    listener on{{"keyspace", "__keyevent@0__:set"}};
    on.lines(1);
    for (const char* key : {"a", "b", "c", "d"}) {
        nodes().node_serving(key_slot(key)).admin()({"SET", key, "v"});
    }
    const auto lines = on.lines(5);
    for (const char* key : {"a", "b", "c", "d"}) {
        EXPECT_NE(std::find(lines.begin(), lines.end(), std::string{"__keyevent@0__:set "} + key), lines.end()) << key;
    }
    ::kill(on.program().pid(), SIGTERM);
    poll_until("the end", [&] { return !on.program().running(); });
}

TEST(cli_pubsub, what_cannot_be_is_said_in_one_sentence) {
    expect_failure(cli(words({"sub"})), "", "(see valkeyxx pubsub --help)");
    expect_failure(cli({"pubsub"}), "", "(see valkeyxx pubsub --help)");
    expect_failure(cli({"pubsub", "sub", "--url", "valkey://127.0.0.1:1", "--deadline", "300ms", "c"}),
                   "not all subscriptions were confirmed within 300 ms", "");
    expect_failure(cli({"pubsub", "keyspace", "--url", nodes().url(), "user:*"}),
                   "no keyspace notification can match the pattern \"user:*\": use \"__keyspace@0__:user:*\" for",
                   "or \"__keyevent@0__:user:*\" for the events user:*");
}

}  // namespace valkeyxx::testing
