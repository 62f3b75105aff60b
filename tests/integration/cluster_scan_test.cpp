// SCAN node by node: what each primary and each replica has, step by step.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = stretched(5s)}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

class cluster_scan : public ::testing::TestWithParam<int> {
  protected:
    cluster_scan() {
        nodes().flush_all();
        client.connect();
        for (int i = 0; i < 100; ++i) all_.insert(name_of(i));
        for (const std::string& key : all_) client.execute(set(key, "v"));
        for (const char* key : {"set:1", "set:2", "set:3"}) client.execute(sadd(key, {"member"}));
        // Each replica has what its primary has.
        for (const node_info& primary : client.primaries()) {
            EXPECT_EQ(client.execute(wait(1, stretched(2000ms)), on(primary.address)), 1);
        }
    }
    static std::string name_of(int i) { return (i % 2 == 0 ? "even:" : "odd:") + std::to_string(i); }
    static config settings() {
        config c = config_for(nodes());
        c.protocol = GetParam();
        return c;
    }

    /// All keys of the nodes together; no two nodes may have the same.
    std::set<std::string> scanned(const std::vector<node_info>& where, const scan_options& how) {
        std::set<std::string> found;
        for (const node_info& each : where) {
            std::set<std::string> here;  // a scan may return a key twice
            std::uint64_t cursor = 0;
            do {
                const auto step = client.execute(scan(cursor, how), on(each.address));
                here.insert(step.items.begin(), step.items.end());
                cursor = step.cursor;
            } while (cursor != 0);
            found.merge(here);
            EXPECT_TRUE(here.empty()) << *here.begin() << " is at two nodes";
        }
        return found;
    }

    cluster client{settings()};
    std::set<std::string> all_;
};

INSTANTIATE_TEST_SUITE_P(protocols, cluster_scan, ::testing::Values(2, 3),
                         [](const auto& version) { return "resp" + std::to_string(version.param); });

}  // namespace

TEST_P(cluster_scan, primaries_have_every_key_between_them) {
    auto expected = all_;
    expected.insert({"set:1", "set:2", "set:3"});
    EXPECT_EQ(scanned(client.primaries(), {.count = 5}), expected);
}

TEST_P(cluster_scan, replicas_have_the_same) {
    auto expected = all_;
    expected.insert({"set:1", "set:2", "set:3"});
    EXPECT_EQ(client.replicas().size(), 3U);
    EXPECT_EQ(scanned(client.replicas(), {.count = 5}), expected);
}

TEST_P(cluster_scan, names_and_types_can_be_asked_for) {
    const auto even = scanned(client.primaries(), {.match = "even:*"});
    EXPECT_EQ(even.size(), 50U);
    EXPECT_EQ(scanned(client.replicas(), {.match = "even:*"}), even);
    EXPECT_EQ(scanned(client.primaries(), {.type = "set"}), (std::set<std::string>{"set:1", "set:2", "set:3"}));
    EXPECT_EQ(scanned(client.primaries(), {.match = "*:2", .type = "set"}), (std::set<std::string>{"set:2"}));
}

}  // namespace valkeyxx::testing
