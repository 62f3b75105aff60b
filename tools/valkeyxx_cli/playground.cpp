// Servers that live until a signal.
#include "valkeyxx_cli/playground.hpp"

#include <signal.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "support/cluster.hpp"
#include "support/sentinel_set.hpp"
#include "valkeyxx_cli/show.hpp"

namespace valkeyxx::cli {

playground::playground(CLI::App& program)
    : app_{*program.add_subcommand("playground", "Run a throw-away cluster on this machine until Ctrl-C")} {
    auto* shards =
        app_.add_option("--primaries", primaries_, "How many shards")->capture_default_str()->check(CLI::Range{1, 30});
    app_.add_option("--replicas", replicas_, "How many replicas each shard has")
        ->capture_default_str()
        ->check(CLI::Range{0, 5});
    app_.add_flag("--sentinel", sentinel_, "No cluster: one primary with its replicas, and three sentinels")
        ->excludes(shards);
    app_.footer(
        "Prints one line, URL valkey://... or URL valkey+sentinel://..., when all are ready. Needs valkey-server or "
        "valkey-tools.");
}

void playground::run() const {
    // Before the first thread, so that none of them is interrupted instead of us. A signal that comes while the servers
    // start waits until they are up: two seconds.
    sigset_t ending;
    sigemptyset(&ending);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, number);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);

    const auto live = [&ending](auto& servers) {
        servers.wait();
        write_result("URL " + servers.url() + "\n");
        int number = 0;
        sigwait(&ending, &number);
    };
    if (sentinel_) {
        testing::sentinel_set servers{{.replicas = replicas_}};
        live(servers);
    } else {
        testing::valkey_cluster servers{{.shards = primaries_, .replicas = replicas_}};
        live(servers);
    }
}

}  // namespace valkeyxx::cli
