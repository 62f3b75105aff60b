// valkeyxx sentinel: what sentinels say of a service, and what they can be told to do.
#pragma once

#include <CLI/App.hpp>

#include <valkeyxx/config.hpp>

#include "valkeyxx_cli/connection_options.hpp"

namespace valkeyxx::cli {

class sentinel {
  public:
    /// Adds the subcommand to the program.
    explicit sentinel(CLI::App& program);
    sentinel(const sentinel&) = delete;  // CLI11 keeps pointers to the members
    sentinel& operator=(const sentinel&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Does it, writes what there is to tell to stdout, and returns the exit code. Throws CLI::ParseError for what the
    /// user must write differently, valkeyxx::exception and std::system_error for what failed.
    [[nodiscard]] int run() const;

  private:
    [[nodiscard]] config settings() const;
    [[nodiscard]] int primary() const;
    [[nodiscard]] int replicas() const;
    [[nodiscard]] int watch() const;
    [[nodiscard]] int failover() const;

    CLI::App& app_;
    connection_options connection_;
    CLI::App* primary_ = nullptr;
    CLI::App* replicas_ = nullptr;
    CLI::App* watch_ = nullptr;
    CLI::App* failover_ = nullptr;
    bool json_ = false;
};

}  // namespace valkeyxx::cli
