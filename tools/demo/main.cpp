// valkeyxx_demo: brings up a real cluster on this machine, uses it, breaks it, and shows how the client copes. Exit
// code 0 only if everything was as promised.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "demo/chapters.hpp"
#include "demo/interrupt.hpp"
#include "demo/traces.hpp"

namespace {

using namespace std::chrono_literals;
using namespace valkeyxx;
using demo::narrator;

constexpr auto node_timeout = 1000ms;

void tell_story(narrator& out, testing::valkey_cluster& servers) {
    const auto seed = "valkey://127.0.0.1:" + std::to_string(servers.primary(0).port());
    const auto redirects = std::make_shared<demo::redirect_log>();
    auto settings = parse_url(seed).value();
    settings.command_timeout = 10s;
    settings.watcher = redirects;
    cluster client{settings};

    demo::check_interrupt();
    demo::find_topology(out, seed, client);
    demo::spread_keys(out, seed, client);
    demo::check_interrupt();
    demo::heal_stale_map(out, servers, client, *redirects);
    demo::check_interrupt();
    demo::survive_failover(out, servers, seed, client, node_timeout);
}

// Returns why the story ended early, or nothing. Ctrl-C is not thrown through the servers' ends: with an exception
// under way they would show their logs.
std::string run(narrator& out, demo::traces& left) {
    out.title("valkeyxx demo: a client for Valkey, and servers to try it on");
    out.chapter("A cluster comes up");
    const auto from = std::chrono::steady_clock::now();
    testing::valkey_cluster servers{{.shards = 3, .replicas = 1, .node_timeout = node_timeout}};
    servers.wait();
    left.note(servers);
    out.tell("3 primaries and 3 replicas, " + std::to_string(left.processes().size()) + " processes on 127.0.0.1, in " +
             demo::to_text(std::chrono::steady_clock::now() - from));
    try {
        tell_story(out, servers);
        demo::check_interrupt();
        demo::follow_sentinels(out, left);
        return {};
    } catch (const demo::interrupted& why) {
        return why.what();
    }
}

void clean_up(narrator& out, const demo::traces& left) {
    out.chapter("Everything is taken down");
    left.require_gone();
    out.tell("none of the " + std::to_string(left.processes().size()) + " processes runs, none of the " +
             std::to_string(left.folders().size()) + " folders is there");
}

std::string problem_of(narrator& out) {
    try {
        demo::traces left;
        const auto problem = run(out, left);
        clean_up(out, left);
        return problem;
    } catch (const std::exception& failure) {
        return failure.what();
    }
}

}  // namespace

int main() {
    demo::watch_signals();
    const auto from = std::chrono::steady_clock::now();
    narrator out;
    const auto problem = problem_of(out);
    if (!problem.empty()) {
        out.verdict(false, "demo: FAILED: " + problem);
        return EXIT_FAILURE;
    }
    out.verdict(true, "demo: passed in " + demo::to_text(std::chrono::steady_clock::now() - from));
    return EXIT_SUCCESS;
}
