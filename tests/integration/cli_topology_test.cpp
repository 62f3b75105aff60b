// valkeyxx topology: what it tells is what the nodes say of themselves, also of those that are gone.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include <valkeyxx/slot.hpp>

#include "integration/cli_program.hpp"
#include "support/cluster.hpp"
#include "support/nodes_view.hpp"
#include "support/poll.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

struct servers {
    // Asked only: no test changes it.
    valkey_cluster calm{{.customize = [](int index, node_options& node) {
        if (index != 1) node.extra = {"--availability-zone", "zone-" + std::to_string(index)};
    }}};
    valkey_cluster changing{{.node_timeout = 500ms}};

    void wait() {
        calm.wait();
        changing.wait();
    }
};
[[maybe_unused]] const auto registered = use_world<servers>();

program_result topology(valkey_cluster& of, const arguments& words = {}) {
    arguments all{"topology", "--url", of.url()};
    all.insert(all.end(), words.begin(), words.end());
    return cli(all);
}

json report(valkey_cluster& of) {
    const auto run = topology(of, {"--json"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
    return parsed(run.out);
}

// The node's entry in a report; null if it is not there.
json entry_of(const json& report, valkey_cluster& cluster, const valkey_server& node) {
    const auto& nodes = report["nodes"];
    const auto found =
        std::find_if(nodes.begin(), nodes.end(), [&](const json& entry) { return entry["id"] == cluster.id_of(node); });
    return found == nodes.end() ? json{} : *found;
}

json slots_of(const nodes_line& line) {
    auto slots = json::array();
    for (const auto& range : line.slots) slots.push_back({range.first, range.last});
    return slots;
}

TEST(cli_topology, tells_in_json_what_the_nodes_say) {
    auto& cluster = world<servers>().calm;
    const auto r = report(cluster);
    EXPECT_EQ(r["covered_slots"], 16384);
    EXPECT_EQ(r.size(), 2U);
    ASSERT_EQ(r["nodes"].size(), 6U);
    const auto view = parse_nodes(cluster.node(0).admin()({"CLUSTER", "NODES"}));
    for (int i = 0; i < cluster.size(); ++i) {
        auto& node = cluster.node(i);
        const auto line = std::find_if(view.lines.begin(), view.lines.end(),
                                       [&](const auto& l) { return l.id == cluster.id_of(node); });
        ASSERT_NE(line, view.lines.end());
        EXPECT_EQ(entry_of(r, cluster, node), (json{{"id", line->id},
                                                    {"address", "127.0.0.1:" + std::to_string(node.port())},
                                                    {"role", line->is_primary() ? "primary" : "replica"},
                                                    {"shard", i % 3},
                                                    {"slots", slots_of(*line)},
                                                    {"availability_zone", i == 1 ? "" : "zone-" + std::to_string(i)},
                                                    {"up", true}}));
    }
}

TEST(cli_topology, lists_shards_in_the_order_of_slots_and_primaries_first) {
    const auto r = report(world<servers>().calm);
    std::vector<std::pair<int, std::string>> order;
    for (const auto& node : r["nodes"]) order.emplace_back(node["shard"], node["role"]);
    EXPECT_EQ(order,
              (std::vector<std::pair<int, std::string>>{
                  {0, "primary"}, {0, "replica"}, {1, "primary"}, {1, "replica"}, {2, "primary"}, {2, "replica"}}));
}

TEST(cli_topology, prints_a_table_with_lags_for_people) {
    auto& cluster = world<servers>().calm;
    const auto run = topology(cluster);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 8) << run.out;
    EXPECT_TRUE(run.out.ends_with("16384 of 16384 slots are served\n")) << run.out;
    std::string flat;  // runs of blanks are a matter of taste
    std::unique_copy(run.out.begin(), run.out.end(), std::back_inserter(flat),
                     [](char a, char b) { return a == ' ' && b == ' '; });
    const auto line = [&](int index, const std::string& rest) {
        auto& node = cluster.node(index);
        return "127.0.0.1:" + std::to_string(node.port()) + rest + cluster.id_of(node) + " ";
    };
    EXPECT_NE(flat.find(line(0, " primary up - - zone-0 ") + "0-5460\n"), std::string::npos) << flat;
    EXPECT_NE(flat.find(line(1, " primary up - - - ") + "5461-10921\n"), std::string::npos) << flat;
    EXPECT_NE(flat.find(" replica up up "), std::string::npos) << flat;
    EXPECT_NE(flat.find(" bytes zone-4 " + cluster.id_of(cluster.node(4)) + " -\n"), std::string::npos) << flat;
}

TEST(cli_topology, tells_a_silent_node_from_one_that_answers) {
    auto& cluster = world<servers>().calm;
    auto& silent = cluster.replica(2);
    silent.pause();
    const auto run = topology(cluster, {"--json", "--deadline", "500ms"});
    silent.resume();
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const auto r = parsed(run.out);
    for (int i = 0; i < cluster.size(); ++i) {
        EXPECT_EQ(entry_of(r, cluster, cluster.node(i))["up"], &cluster.node(i) != &silent);
    }
}

TEST(cli_topology, says_what_it_does_not_understand) {
    const std::string hint = " (see valkeyxx topology --help)";
    EXPECT_EQ(cli({"topology"}), failure("which cluster? Give --url valkey://HOST:PORT or set VALKEY_URL" + hint));
    expect_failure(cli({"topology", "--url", url_of(1)}), "",
                   "no node could tell the cluster's topology (127.0.0.1:1: Connection refused)");
    EXPECT_EQ(topology(world<servers>().calm, {"--deadline", "5"}),
              failure("--deadline: \"5\" is not a duration such as 250ms or 5s" + hint));
    expect_failure(topology(world<servers>().calm, {"--nosuch"}), "", "--nosuch" + hint);
}

// The program with --watch, what it prints in a file.
struct watching {
    watching(valkey_cluster& cluster, const arguments& words) {
        arguments line{VALKEYXX_CLI, "topology", "--watch", "--url", cluster.url()};
        line.insert(line.end(), words.begin(), words.end());
        program.start({line, output, folder.path()});
    }

    void end(int signal) {
        ::kill(program.pid(), signal);
        poll_until("topology to end", [&] { return !program.running(); });
        EXPECT_EQ(program.end_text(), "exit code 0");
    }

    temp_dir folder;
    std::string output = folder.file("output");
    process program;
};

TEST(cli_topology_watch, prints_once_while_nothing_changes_and_ends_at_a_signal) {
    auto& cluster = world<servers>().calm;
    for (const int signal : {SIGINT, SIGTERM}) {
        watching watch(cluster, {"--json"});
        poll_until("the first report", [&] { return !lines_of(watch.output).empty(); });
        watch.end(signal);
        const auto lines = lines_of(watch.output);
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_EQ(parsed(lines.front()), report(cluster));
    }
}

TEST(cli_topology_watch, prints_again_when_a_replica_takes_over) {
    auto& cluster = world<servers>().changing;
    watching watch(cluster, {"--json"});
    poll_until("the first report", [&] { return !lines_of(watch.output).empty(); });
    auto& before = cluster.primary(0);
    EXPECT_EQ(entry_of(parsed(lines_of(watch.output).front()), cluster, before)["role"], "primary");
    cluster.failover(0);
    poll_until("the new roles", [&] {
        const auto last = parsed(lines_of(watch.output).back());
        return entry_of(last, cluster, before)["role"] == "replica" &&
               entry_of(last, cluster, cluster.primary(0))["role"] == "primary";
    });
    watch.end(SIGTERM);
}

// From here on nodes die, and stay dead.
TEST(cli_topology_losses, show_a_killed_replica_before_and_after_the_cluster_notices) {
    auto& cluster = world<servers>().changing;
    auto& dead = cluster.replica(1);
    watching watch(cluster, {"--json"});
    poll_until("the first report", [&] { return !lines_of(watch.output).empty(); });
    dead.kill9();
    const auto expect_dead = [&](const json& r) {
        EXPECT_EQ(r["nodes"].size(), 6U) << r;
        for (int i = 0; i < cluster.size(); ++i) {
            EXPECT_EQ(entry_of(r, cluster, cluster.node(i))["up"], &cluster.node(i) != &dead) << r;
        }
        EXPECT_EQ(entry_of(r, cluster, dead)["shard"], 1);
        EXPECT_EQ(entry_of(r, cluster, dead)["role"], "replica");
        EXPECT_EQ(r["covered_slots"], 16384);
    };
    expect_dead(report(cluster));
    poll_until("the cluster to notice", [&] {
        const auto view = parse_nodes(cluster.primary(1).admin()({"CLUSTER", "NODES"}));
        return std::any_of(view.lines.begin(), view.lines.end(),
                           [&](const nodes_line& l) { return l.id == cluster.id_of(dead) && l.has_flag("fail"); });
    });
    expect_dead(report(cluster));
    poll_until("the watcher to tell",
               [&] { return entry_of(parsed(lines_of(watch.output).back()), cluster, dead)["up"] == false; });
    watch.end(SIGINT);
}

TEST(cli_topology_losses, show_a_killed_primary_in_the_shard_that_its_replica_took_over) {
    auto& cluster = world<servers>().changing;
    auto& dead = cluster.primary(2);
    auto& heir = cluster.replica(2);
    dead.kill9();
    cluster.wait_ok();
    const auto r = report(cluster);
    EXPECT_EQ(r["covered_slots"], 16384);
    const auto lost = entry_of(r, cluster, dead);
    EXPECT_EQ(lost["up"], false) << r;
    EXPECT_EQ(lost["slots"], json::array());
    EXPECT_EQ(lost["shard"], 2);
    const auto now = entry_of(r, cluster, heir);
    EXPECT_EQ(now["role"], "primary");
    EXPECT_EQ(now["slots"], (json{{10922, 16383}}));
    EXPECT_EQ(now["up"], true);
}

}  // namespace

}  // namespace valkeyxx::testing
