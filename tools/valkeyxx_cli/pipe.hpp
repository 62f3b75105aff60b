// valkeyxx pipe: many commands from a file or a pipe, as fast as the servers take them.
#pragma once

#include <cstddef>
#include <string>

#include <CLI/App.hpp>

#include <valkeyxx/client.hpp>

#include "valkeyxx_cli/connection_options.hpp"
#include "valkeyxx_cli/pipe_input.hpp"
#include "valkeyxx_cli/signal_wait.hpp"

namespace valkeyxx::cli {

class pipe {
  public:
    /// Adds the subcommand to the program.
    explicit pipe(CLI::App& program);
    pipe(const pipe&) = delete;  // CLI11 keeps pointers to the members
    pipe& operator=(const pipe&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Runs the commands until the input ends or is malformed, or until SIGINT, SIGTERM or SIGHUP; writes to stdout
    /// what became of them, and returns the exit code: 0 if all succeeded. To be called while the program has one
    /// thread. Throws as exec::run.
    [[nodiscard]] int run() const;

  private:
    [[nodiscard]] int run(client& nodes, pipe_input& input, signal_wait& signals, std::size_t chunk) const;

    CLI::App& app_;
    connection_options connection_;
    std::string file_ = "-";
    std::size_t chunk_ = 1000;
    bool json_ = false;
    bool progress_ = false;
};

}  // namespace valkeyxx::cli
