// Runs simulations: many seeds, or one of them with everything that happens in it.
#include <unistd.h>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "cost.hpp"
#include "run.hpp"

namespace {

using namespace valkeyxx::simulation;

struct options {
    std::uint64_t runs = 1;
    std::uint64_t first_seed = 1;
    bool verbose = false;
    bool keep_going = false;
    bool cost = false;
    wishes wanted;
};

constexpr const char* usage =
    "usage: valkeyxx_simulation [--runs N] [--first-seed S] [--seed X [--verbose]] [--nodes N] [--profile FAULT]\n"
    "                           [--keep-going] [--cost]\n";

[[noreturn]] void refuse(const std::string& what) {
    std::fprintf(stderr, "%s\n%s", what.c_str(), usage);
    std::exit(2);
}

options parse(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        const auto text = [&]() -> std::string_view {
            if (i + 1 == argc) refuse(std::string{name} + " needs a value");
            return argv[++i];
        };
        const auto number = [&] {
            const std::string_view t = text();
            std::uint64_t n = 0;
            const auto [end, failure] = std::from_chars(t.data(), t.data() + t.size(), n);
            if (failure != std::errc{} || end != t.data() + t.size()) refuse(std::string{t} + " is no number");
            return n;
        };
        if (name == "--runs") {
            o.runs = number();
        } else if (name == "--first-seed" || name == "--seed") {
            o.first_seed = number();
        } else if (name == "--nodes") {
            o.wanted.nodes = number();
        } else if (name == "--profile") {
            o.wanted.profile = text();
        } else if (name == "--verbose") {
            o.verbose = true;
        } else if (name == "--keep-going") {
            o.keep_going = true;
        } else if (name == "--cost") {
            o.cost = true;
        } else {
            refuse("unknown option " + std::string{name});
        }
    }
    return o;
}

// For a run that ends the program: which one it was.
char replay[256];
constexpr unsigned longest_run_seconds = 120;

extern "C" void died(int signal) {
    const char* const what = signal == SIGALRM ? "\na run does not end; again with: " : "\ndied in: ";
    // Nothing can be done if stderr is gone.
    if (::write(2, what, std::strlen(what)) < 0 || ::write(2, replay, std::strlen(replay)) < 0) ::_exit(1);
    std::signal(signal, SIG_DFL);
    std::raise(signal == SIGALRM ? SIGABRT : signal);
}

void note_seed(const options& o, std::uint64_t seed) {
    std::string line = "valkeyxx_simulation --seed " + std::to_string(seed);
    if (o.wanted.nodes != 0) line += " --nodes " + std::to_string(o.wanted.nodes);
    if (!o.wanted.profile.empty()) line += " --profile " + o.wanted.profile;
    line += " --verbose\n";
    std::snprintf(replay, sizeof replay, "%s", line.c_str());
    ::alarm(longest_run_seconds);
}

struct totals {
    std::uint64_t runs = 0, violated = 0, commands = 0, failed = 0, events = 0;
    valkeyxx::stats client;
    std::array<std::uint64_t, fault_kinds> faults{};
    duration virtual_time{};
    std::vector<double> recovery_ms;

    void add(const outcome& r) {
        ++runs;
        violated += r.violation.has_value();
        commands += r.commands;
        failed += r.failed;
        events += r.events;
        client.moved += r.client.moved;
        client.ask += r.client.ask;
        client.retries += r.client.retries;
        client.refreshes += r.client.refreshes;
        client.connects += r.client.connects;
        client.disconnects += r.client.disconnects;
        for (std::size_t i = 0; i < fault_kinds; ++i) faults[i] += r.faults[i];
        virtual_time += r.virtual_time;
        recovery_ms.push_back(std::chrono::duration<double, std::milli>(r.recovery).count());
    }
};

void print(totals& t, double seconds) {
    const auto n = [](std::uint64_t v) { return static_cast<unsigned long long>(v); };
    std::printf("%llu runs (%llu violated) in %.1f s: %.0f each second; %.0f virtual hours, %llu events\n", n(t.runs),
                n(t.violated), seconds, static_cast<double>(t.runs) / seconds,
                std::chrono::duration<double, std::ratio<3600>>(t.virtual_time).count(), n(t.events));
    std::printf("%llu commands, %llu failed; %llu MOVED and %llu ASK followed, %llu retries\n", n(t.commands),
                n(t.failed), n(t.client.moved), n(t.client.ask), n(t.client.retries));
    std::printf("%llu refreshes, %llu connections made, %llu broken\nfaults:", n(t.client.refreshes),
                n(t.client.connects), n(t.client.disconnects));
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        if (t.faults[i] != 0) {
            const auto name = to_string(static_cast<fault>(i));
            std::printf(" %.*s %llu", static_cast<int>(name.size()), name.data(), n(t.faults[i]));
        }
    }
    std::sort(t.recovery_ms.begin(), t.recovery_ms.end());
    const auto at = [&](double share) {
        return t.recovery_ms[static_cast<std::size_t>(share * static_cast<double>(t.recovery_ms.size() - 1))];
    };
    std::printf("\nthe client is well after the cluster is (ms): median %.0f, 90 %% %.0f, 99 %% %.0f, longest %.0f\n",
                at(0.5), at(0.9), at(0.99), at(1));
}

// Again, with the trace: only a violation costs the time to write it.
void show(const options& o, std::uint64_t seed, const outcome& first) {
    const outcome again = run(make_plan(seed, o.wanted), trace::mode::tail);
    for (const std::string& line : again.trace) std::printf("%s\n", line.c_str());
    std::printf("seed %llu: %s\nagain with: %s", static_cast<unsigned long long>(seed), first.violation->c_str(),
                replay);
    if (again.fingerprint != first.fingerprint) std::printf("(the second run was another one: not deterministic)\n");
}

}  // namespace

int main(int argc, char** argv) {
    const options o = parse(argc, argv);
    if (o.cost) {
        measure_cost();
        return 0;
    }
    for (const int s : {SIGABRT, SIGSEGV, SIGALRM, SIGFPE, SIGILL, SIGBUS}) std::signal(s, died);
    const auto begin = std::chrono::steady_clock::now();
    totals all;
    for (std::uint64_t seed = o.first_seed; seed < o.first_seed + o.runs; ++seed) {
        note_seed(o, seed);
        const outcome r = run(make_plan(seed, o.wanted), o.verbose ? trace::mode::all : trace::mode::off);
        all.add(r);
        if (!r.violation) continue;
        if (o.keep_going) {
            std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), r.violation->c_str());
            continue;
        }
        if (o.verbose) {
            std::printf("%s\n", r.violation->c_str());
        } else {
            show(o, seed, r);
        }
        break;
    }
    print(all, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    return all.violated == 0 ? 0 : 1;
}
