// Runs `valkeyxx bench` at a cluster, and looks at its servers.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include <valkeyxx/slot.hpp>

#include "integration/cli_program.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

struct bench_servers {
    valkey_cluster cluster{{.shards = 3, .replicas = 1}};

    void wait() { cluster.wait(); }
};
[[maybe_unused]] inline const auto registered = use_world<bench_servers>();

inline valkey_cluster& cluster() {
    return world<bench_servers>().cluster;
}

inline arguments bench_line(const arguments& words) {
    arguments all{"bench", "--url", url_of(cluster().node(0).port())};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

inline program_result bench(const arguments& words) {
    return cli(bench_line(words));
}

/// The report of a run without errors.
inline nlohmann::json report(arguments words) {
    words.emplace_back("--json");
    const auto run = bench(words);
    EXPECT_EQ(run.exit_code, 0) << run.out;
    EXPECT_EQ(run.err, "");
    return parsed(run.out);
}

/// What the servers counted in `prefix`counter:0 to `keys` - 1.
inline std::int64_t counted(const std::string& prefix, int keys) {
    std::int64_t sum = 0;
    for (int i = 0; i < keys; ++i) {
        const auto key = prefix + "counter:" + std::to_string(i);
        const auto text = cluster().node_serving(key_slot(key)).admin()({"GET", key});
        if (!text.empty()) sum += std::stoll(text);
    }
    return sum;
}

}  // namespace valkeyxx::testing
