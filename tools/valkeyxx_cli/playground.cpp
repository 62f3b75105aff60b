// Servers that live until a signal.
#include "valkeyxx_cli/playground.hpp"

#include <signal.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "support/cluster.hpp"
#include "valkeyxx_cli/show.hpp"

namespace valkeyxx::cli {

playground::playground(CLI::App& program)
    : app_{*program.add_subcommand("playground", "Run a throw-away cluster on this machine until Ctrl-C")} {
    app_.add_option("--primaries", primaries_, "How many shards")->capture_default_str()->check(CLI::Range{1, 30});
    app_.add_option("--replicas", replicas_, "How many replicas each shard has")
        ->capture_default_str()
        ->check(CLI::Range{0, 5});
    app_.footer("Prints one line, URL valkey://..., when the cluster is ready. Needs valkey-server or valkey-tools.");
}

void playground::run() const {
    // Before the first thread, so that none of them is interrupted instead of us. A signal that comes while the servers
    // start waits until they are up: two seconds.
    sigset_t ending;
    sigemptyset(&ending);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, number);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);

    testing::valkey_cluster servers{{.shards = primaries_, .replicas = replicas_}};
    servers.wait();
    write_result("URL " + servers.url() + "\n");
    int number = 0;
    sigwait(&ending, &number);
}

}  // namespace valkeyxx::cli
