// Looks once, or again and again.
#include "valkeyxx_cli/topology.hpp"

#include <atomic>
#include <iostream>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <valkeyxx/observer.hpp>

#include "valkeyxx_cli/observation.hpp"
#include "valkeyxx_cli/show.hpp"
#include "valkeyxx_cli/signal_wait.hpp"

namespace valkeyxx::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 1s;

class change_watcher final : public observer {
  public:
    void topology_changed(const shard_map& /*now*/) override { changed_ = true; }
    /// Since the last call.
    bool take() { return changed_.exchange(false); }

  private:
    std::atomic<bool> changed_{false};
};

void complain(const std::string& sentence) {
    std::cerr << "valkeyxx: " << sentence << '\n';
}

}  // namespace

topology::topology(CLI::App& program)
    : app_{*program.add_subcommand("topology", "Show the cluster's nodes, shards, slots and replication")} {
    app_.footer(
        "A node is up if it answers a PING. Also listed are nodes that clients are not told of, such as replicas that "
        "failed.\n"
        "Example: valkeyxx topology --url valkey://127.0.0.1:7000 --watch");
    connection_.add_cluster(app_, "How long each question to the nodes may take, such as 250ms or 5s (default: 2s)");
    app_.add_flag("--json", json_, "Print one line of JSON");
    app_.add_flag("--watch", watch_, "Print again whenever something changes, until Ctrl-C");
}

int topology::run() const {
    auto settings = connection_.settings();
    if (!connection_.has_deadline()) settings.command_timeout = 2s;
    if (watch_) return watch(std::move(settings));
    cluster client{settings};
    const auto report = look_at(client, settings);
    write_result(shown(report));
    for (const auto& problem : report.problems) complain(problem);
    return report.problems.empty() ? 0 : 1;
}

int topology::watch(config settings) const {
    signal_wait signals;
    const auto changes = std::make_shared<change_watcher>();
    settings.watcher = both(settings.watcher, changes);
    if (settings.refresh_every == 0ms) settings.refresh_every = look_every;
    cluster client{settings};
    std::string last;
    std::string last_problems;
    int exit_code = 0;
    do {
        std::string problems;
        try {
            const auto report = look_at(client, settings);
            for (const auto& problem : report.problems) problems += "valkeyxx: " + problem + "\n";
            // A node that went down or came back is a change too, though not of the map.
            auto now = to_json(report);
            if (changes->take() || now != last) write_result((last.empty() || json_ ? "" : "\n") + shown(report));
            last = std::move(now);
        } catch (const exception& failure) {  // as long as it watches, it may get better
            problems = std::string{"valkeyxx: "} + failure.what() + "\n";
        }
        if (problems != last_problems) std::cerr << problems << std::flush;
        if (!problems.empty()) exit_code = 1;
        last_problems = std::move(problems);
    } while (signals.wait(signal_wait::clock::now() + look_every) != signal_wait::reason::signal);
    return exit_code;
}

std::string topology::shown(const cluster_report& report) const {
    return json_ ? to_json(report) : to_text(report);
}

}  // namespace valkeyxx::cli
