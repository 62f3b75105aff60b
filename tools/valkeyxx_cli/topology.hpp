// valkeyxx topology: the cluster's nodes, their shards and slots, and how far replicas are behind.
#pragma once

#include <CLI/App.hpp>

#include <valkeyxx/cluster.hpp>

#include "valkeyxx_cli/cluster_report.hpp"
#include "valkeyxx_cli/connection_options.hpp"

namespace valkeyxx::cli {

class topology {
  public:
    /// Adds the subcommand to the program.
    explicit topology(CLI::App& program);
    topology(const topology&) = delete;  // CLI11 keeps pointers to the members
    topology& operator=(const topology&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Writes what it finds to stdout, with --watch again after each change until SIGINT, SIGTERM or SIGHUP. Returns
    /// the exit code: 0 if everything could be found out. To be called while the program has one thread. Throws as
    /// exec::run.
    [[nodiscard]] int run() const;

  private:
    [[nodiscard]] int watch(config settings) const;
    [[nodiscard]] std::string shown(const cluster_report& report) const;

    CLI::App& app_;
    connection_options connection_;
    bool json_ = false;
    bool watch_ = false;
};

}  // namespace valkeyxx::cli
