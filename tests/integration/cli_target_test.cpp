// valkeyxx exec at chosen nodes, at several of them, across slots, and reading from replicas.
#include <gtest/gtest.h>

#include <algorithm>

#include <valkeyxx/slot.hpp>

#include "integration/cli_program.hpp"
#include "support/cluster.hpp"
#include "support/poll.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

namespace {

using nlohmann::json;

struct servers {
    // Nobody takes over for a node that a test pauses.
    valkey_cluster cluster{{.shards = 3, .replicas = 1, .node_timeout = std::chrono::seconds{5}}};

    void wait() { cluster.wait(); }
};
[[maybe_unused]] const auto registered = use_world<servers>();

valkey_cluster& cluster() {
    return world<servers>().cluster;
}

program_result exec(const arguments& words) {
    arguments all{"exec", "--url", url_of(cluster().primary(0).port())};
    all.insert(all.end(), words.begin(), words.end());
    return cli(all);
}

std::string address_of(const valkey_server& node) {
    return "127.0.0.1:" + std::to_string(node.port());
}

enum class which { all, primaries, replicas };

// Sorted, as text: all ports have as many digits.
std::vector<std::string> addresses(which wanted = which::all) {
    std::vector<std::string> all;
    for (int shard = 0; shard < cluster().shards(); ++shard) {
        if (wanted != which::replicas) all.push_back(address_of(cluster().primary(shard)));
        if (wanted != which::primaries) all.push_back(address_of(cluster().replica(shard)));
    }
    std::sort(all.begin(), all.end());
    return all;
}

std::vector<std::string> names_of(const json& object) {
    std::vector<std::string> names;
    for (const auto& [name, _] : object.items()) names.push_back(name);
    return names;
}

TEST(cli_exec_node, asks_the_node_and_no_other) {
    for (int i = 0; i < cluster().size(); ++i) {
        auto& node = cluster().node(i);
        EXPECT_EQ(exec({"--node", address_of(node), "CLUSTER", "MYID"}), success(cluster().id_of(node) + "\n"));
    }
}

TEST(cli_exec_node, does_not_follow_where_the_node_points) {
    const std::string key = "pointed";
    auto& there = cluster().node_serving(key_slot(key));
    auto& here = cluster().primary(&there == &cluster().primary(0) ? 1 : 0);
    EXPECT_EQ(exec({"--node", address_of(there), "SET", key, "v"}), success("OK\n"));
    EXPECT_EQ(
        exec({"--node", address_of(here), "GET", key}),
        failure("GET at " + address_of(here) + ": MOVED " + std::to_string(key_slot(key)) + " " + address_of(there)));
}

TEST(cli_exec_node, must_be_of_the_cluster) {
    expect_failure(exec({"--node", "127.0.0.1:1", "PING"}), "", "127.0.0.1:1: the node is not part of the cluster");
    for (const std::string wrong : {"127.0.0.1", "7000", ":7000", "127.0.0.1:0", "127.0.0.1:70000", ""}) {
        EXPECT_EQ(exec({"--node", wrong, "PING"}),
                  failure("--node: \"" + wrong + "\" is not a host with a port (see valkeyxx exec --help)"));
    }
}

TEST(cli_exec_nodes, prints_each_reply_below_its_nodes_address) {
    std::string out;
    for (const auto& address : addresses()) out += address + "\nhello\n";
    EXPECT_EQ(exec({"--all-nodes", "ECHO", "hello"}), success(out));

    std::string lists;
    for (const auto& address : addresses(which::primaries)) lists += address + "\n1) \"appendonly\"\n2) \"no\"\n";
    EXPECT_EQ(exec({"--all-primaries", "--no-raw", "CONFIG", "GET", "appendonly"}), success(lists));
}

TEST(cli_exec_nodes, prints_one_json_object_in_the_order_of_addresses) {
    for (const auto& [option, wanted] :
         {std::pair{"--all-nodes", which::all}, std::pair{"--all-primaries", which::primaries},
          std::pair{"--all-replicas", which::replicas}}) {
        const auto run = exec({option, "--json", "ROLE"});
        EXPECT_EQ(run.exit_code, 0);
        EXPECT_EQ(run.err, "");
        EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
        EXPECT_EQ(names_of(nlohmann::ordered_json::parse(run.out)), addresses(wanted));
        const auto primaries = addresses(which::primaries);
        const auto replies = parsed(run.out);
        for (const auto& [address, reply] : replies.items()) {
            const bool is_primary = std::find(primaries.begin(), primaries.end(), address) != primaries.end();
            EXPECT_EQ(reply[0], is_primary ? "master" : "slave");
        }
    }
}

TEST(cli_exec_nodes, tells_which_nodes_failed_and_prints_what_the_others_said) {
    const std::string key = "several";
    auto& serving = cluster().node_serving(key_slot(key));
    ASSERT_EQ(exec({"SET", key, "v"}), success("OK\n"));
    const auto reason = [&](const std::string& address) {
        return "GET at " + address + ": MOVED " + std::to_string(key_slot(key)) + " " + address_of(serving);
    };
    program_result text{.exit_code = 1, .out = address_of(serving) + "\nv\n", .err = ""};
    json object{{address_of(serving), "v"}};
    for (const auto& address : addresses(which::primaries)) {
        if (address == address_of(serving)) continue;
        text.err += "valkeyxx: " + reason(address) + "\n";
        object[address] = {{"error", reason(address)}};
    }
    EXPECT_EQ(exec({"--all-primaries", "GET", key}), text);
    EXPECT_EQ(exec({"--all-primaries", "--json", "GET", key}),
              (program_result{.exit_code = 1, .out = object.dump() + "\n", .err = ""}));
}

TEST(cli_exec_nodes, waits_for_a_silent_one_until_the_deadline) {
    auto& silent = cluster().replica(1);
    const auto all = addresses();
    silent.pause();
    const auto run = exec({"--all-nodes", "--deadline", "500ms", "--json", "PING"});
    silent.resume();
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err, "");
    auto replies = parsed(run.out);
    EXPECT_EQ(names_of(replies), all);
    EXPECT_EQ(names_of(replies[address_of(silent)]), std::vector<std::string>{"error"}) << run.out;
    replies.erase(address_of(silent));
    for (const auto& [address, reply] : replies.items()) EXPECT_EQ(reply, "PONG") << address;
}

TEST(cli_exec_nodes, are_chosen_in_one_way) {
    const std::string hint = " (see valkeyxx exec --help)";
    EXPECT_EQ(exec({"--all-nodes", "--all-primaries", "PING"}), failure("--all-primaries excludes --all-nodes" + hint));
    EXPECT_EQ(exec({"--node", "127.0.0.1:1", "--all-replicas", "PING"}),
              failure("--node excludes --all-replicas" + hint));
    EXPECT_EQ(exec({"--across-slots", "--all-nodes", "DEL", "k"}),
              failure("--all-nodes excludes --across-slots" + hint));
}

TEST(cli_exec_across_slots, takes_a_command_apart_and_joins_the_replies_in_order) {
    EXPECT_EQ(exec({"--across-slots", "MSET", "x:1", "a", "x:2", "b", "x:3", "c", "x:4", "d"}), success("OK\n"));
    for (const auto& [key, value] : {std::pair{"x:1", "a"}, {"x:2", "b"}, {"x:3", "c"}, {"x:4", "d"}}) {
        EXPECT_EQ(cluster().node_serving(key_slot(key)).admin()({"GET", key}), value);
    }
    EXPECT_EQ(exec({"--across-slots", "--json", "MGET", "x:4", "x:none", "x:1", "x:3", "x:1"}),
              success("[\"d\",null,\"a\",\"c\",\"a\"]\n"));
    EXPECT_EQ(exec({"--across-slots", "EXISTS", "x:1", "x:2", "x:none", "x:1"}), success("3\n"));
    EXPECT_EQ(exec({"--across-slots", "DEL", "x:1", "x:2", "x:3", "x:none"}), success("3\n"));
}

TEST(cli_exec_across_slots, is_an_option_since_it_is_not_atomic) {
    expect_failure(exec({"MGET", "x:1", "x:2"}), "MGET: the keys hash to different slots", "");
    expect_failure(exec({"--across-slots", "SINTER", "x:1", "x:2"}), "SINTER: ", "");
}

std::int64_t gets_at(valkey_server& node) {
    const auto stats = node.admin()({"INFO", "commandstats"});
    const std::string label = "cmdstat_get:calls=";
    const auto at = stats.find(label);
    return at == std::string::npos ? 0 : std::stoll(stats.substr(at + label.size()));
}

TEST(cli_exec_reads, go_to_the_replica_when_told_to) {
    const std::string key = "read:1";
    ASSERT_EQ(exec({"SET", key, "v"}), success("OK\n"));
    auto& primary = cluster().node_serving(key_slot(key));
    int shard = 0;
    while (&cluster().primary(shard) != &primary) ++shard;
    auto& replica = cluster().replica(shard);
    poll_until("the replica to have it", [&] {
        auto admin = replica.admin();
        admin({"READONLY"});
        return admin({"GET", key}) == "v";
    });

    const auto at_replica = gets_at(replica);
    const auto at_primary = gets_at(primary);
    EXPECT_EQ(exec({"--read-from", "prefer-replica", "GET", key}), success("v\n"));
    EXPECT_EQ(gets_at(replica), at_replica + 1);
    EXPECT_EQ(exec({"--read-from", "primary", "GET", key}), success("v\n"));
    EXPECT_EQ(exec({"GET", key}), success("v\n"));
    EXPECT_EQ(gets_at(primary), at_primary + 2);
    for (const std::string policy : {"round-robin", "random", "lowest-latency"}) {
        EXPECT_EQ(exec({"--read-from", policy, "GET", key}), success("v\n"));
    }
    EXPECT_EQ(exec({"--read-from", "same-zone", "--availability-zone", "nowhere", "GET", key}), success("v\n"));
}

TEST(cli_exec_reads, refuse_policies_that_are_not_there) {
    const std::string hint = " (see valkeyxx exec --help)";
    EXPECT_EQ(exec({"--read-from", "anyone", "GET", "k"}),
              failure("--read-from: \"anyone\" is none of primary, prefer-replica, round-robin, random, "
                      "lowest-latency, same-zone" +
                      hint));
    EXPECT_EQ(exec({"--read-from", "same-zone", "GET", "k"}),
              failure("to read from the same zone, say which one with --availability-zone ZONE" + hint));
}

}  // namespace

}  // namespace valkeyxx::testing
