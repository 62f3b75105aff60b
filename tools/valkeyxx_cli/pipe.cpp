#include "valkeyxx_cli/pipe.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <valkeyxx/command_stream.hpp>

#include "valkeyxx_cli/command_feed.hpp"
#include "valkeyxx_cli/connect.hpp"
#include "valkeyxx_cli/pipe_progress.hpp"
#include "valkeyxx_cli/pipe_tally.hpp"
#include "valkeyxx_cli/show.hpp"

namespace valkeyxx::cli {

namespace {

constexpr std::uint64_t errors_told = 10;

// Two chunks are under way, and all of them may be for one shard; where there is only one it has more room than this.
std::size_t longest_chunk(const config& settings) {
    const auto of_shard =
        settings.max_in_flight_per_shard == 0 ? settings.max_in_flight / 2 : settings.max_in_flight_per_shard;
    return std::max<std::size_t>(std::min(of_shard, settings.max_in_flight) / 2, 1);
}

void tell_error(const command_feed::given& of, const error& why) {
    std::cerr << "valkeyxx: command " << of.number << " (line " << of.begin.line << ", byte " << of.begin.byte
              << "): " << why.message() << '\n';
}

void tell_end(const command_feed& feed, const pipe_tally& tally) {
    if (tally.errors > errors_told) std::cerr << "valkeyxx: " << tally.errors - errors_told << " more errors\n";
    if (!feed.failure().empty()) std::cerr << "valkeyxx: " << feed.failure() << '\n';
    if (feed.interrupted() || !feed.failure().empty()) {
        std::cerr << "valkeyxx: " << (feed.interrupted() ? "interrupted; " : "") << "the first " << feed.bytes()
                  << " bytes were sent, and nothing behind them\n";
    }
}

}  // namespace

pipe::pipe(CLI::App& program)
    : app_{*program.add_subcommand("pipe", "Run the commands of a file or pipe: pipe [OPTIONS] [FILE]")} {
    app_.footer(
        "The input has commands as lines, quoted as for valkey-cli (SET \"two words\" \"\\x00\"), or as RESP arrays "
        "(*3\\r\\n$3\\r\\nSET...), which may hold any bytes. Commands for the same slot take effect in their order; "
        "commands that belong to a connection (MULTI, EXEC, SELECT, SUBSCRIBE) are refused, and those around them run "
        "all the same. An error does not end the run; the first ten are told on stderr. What may have run although its "
        "reply was lost is counted apart and not repeated. Exit code 0 only if no command failed and the input was "
        "read to its end.\n"
        "Example: valkeyxx pipe --url valkey://127.0.0.1:7000 commands.txt");
    connection_.add_cluster(app_, "How long each command may take, such as 250ms or 5s (default: 5s)");
    app_.add_option("FILE", file_, "Where the commands are; without it, or with -, stdin");
    app_.add_option("--chunk", chunk_, "How many commands leave together; twice as many are under way")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range{1, 20'000});
    app_.add_flag("--json", json_, "Print the result as one line of JSON");
    app_.add_flag("--progress", progress_, "Show how far it is on stderr, also if that is no terminal");
}

int pipe::run() const {
    const auto settings = connection_.settings();
    pipe_input input{file_};
    signal_wait signals;
    client nodes = connected(settings);
    return run(nodes, input, signals, std::min(chunk_, longest_chunk(settings)));
}

int pipe::run(client& nodes, pipe_input& input, signal_wait& signals, std::size_t chunk) const {
    command_feed feed{input, signals};
    pipe_tally tally;
    pipe_progress progress{progress_ || (::isatty(STDERR_FILENO) != 0 && !input.is_terminal()), input.size()};
    const auto start = std::chrono::steady_clock::now();
    const auto tell = [&](std::size_t, const result<void>& outcome) {
        const auto of = feed.take_first();
        tally.add(outcome);
        tally.bytes = of.end;
        if (!outcome && tally.errors <= errors_told) {
            progress.clear();
            tell_error(of, outcome.error());
        }
        progress.show(tally);
    };
    do {
        execute_stream(nodes, [&] { return feed.next(); }, tell, {.chunk = chunk});
    } while (feed.wait());
    tally.lasted = std::chrono::steady_clock::now() - start;
    progress.clear();
    tell_end(feed, tally);
    write_result(json_ ? tally.to_json() : tally.to_text());
    return tally.errors == 0 && feed.failure().empty() && !feed.interrupted() ? 0 : 1;
}

}  // namespace valkeyxx::cli
