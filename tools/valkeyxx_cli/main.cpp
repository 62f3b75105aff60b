// valkeyxx: Valkey clusters from the command line. Results go to stdout, everything else to stderr; exit code 0 only
// when all was well, else 1.
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include <valkeyxx/version.hpp>

#include "valkeyxx_cli/bench.hpp"
#include "valkeyxx_cli/exec.hpp"
#include "valkeyxx_cli/pipe.hpp"
#include "valkeyxx_cli/playground.hpp"
#include "valkeyxx_cli/pubsub.hpp"
#include "valkeyxx_cli/scan.hpp"
#include "valkeyxx_cli/sentinel.hpp"
#include "valkeyxx_cli/topology.hpp"

namespace {

int complain(const std::string& sentence) {
    std::cerr << "valkeyxx: " << sentence << '\n';
    return 1;
}

std::string help_of(const CLI::App& program) {
    const auto chosen = program.get_subcommands();
    return "valkeyxx " + (chosen.empty() ? "" : chosen.front()->get_name() + " ") + "--help";
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App program{"Valkey clusters from the command line.", "valkeyxx"};
    program.set_version_flag("--version", "valkeyxx " + std::string{valkeyxx::version}, "Print the version and exit");
    program.require_subcommand(1);
    const valkeyxx::cli::exec exec{program};
    const valkeyxx::cli::scan scan{program};
    const valkeyxx::cli::pipe pipe{program};
    const valkeyxx::cli::bench bench{program};
    const valkeyxx::cli::topology topology{program};
    const valkeyxx::cli::sentinel sentinel{program};
    const valkeyxx::cli::pubsub pubsub{program};
    const valkeyxx::cli::playground playground{program};
    try {
        program.parse(argc, argv);
        if (exec.chosen()) return exec.run();
        if (scan.chosen()) return scan.run();
        if (pipe.chosen()) return pipe.run();
        if (bench.chosen()) return bench.run();
        if (topology.chosen()) return topology.run();
        if (sentinel.chosen()) return sentinel.run();
        if (pubsub.chosen()) return pubsub.run();
        if (playground.chosen()) playground.run();
        return 0;
    } catch (const CLI::Success& asked) {  // for help or the version
        return program.exit(asked);
    } catch (const CLI::RequiredError& missing) {
        const bool unknown = argc > 1 && argv[1][0] != '-' && program.get_subcommands().empty();
        const std::string what = unknown ? std::string{"there is no subcommand "} + argv[1] : missing.what();
        return complain(what + " (see " + help_of(program) + ")");
    } catch (const CLI::ParseError& wrong) {
        return complain(std::string{wrong.what()} + " (see " + help_of(program) + ")");
    } catch (const std::exception& failure) {
        return complain(failure.what());
    }
}
