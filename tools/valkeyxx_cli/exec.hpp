// valkeyxx exec: one command, one reply.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace valkeyxx::cli {

class exec {
  public:
    /// Adds the subcommand to the program.
    explicit exec(CLI::App& program);
    exec(const exec&) = delete;  // CLI11 keeps pointers to the members
    exec& operator=(const exec&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Runs the command and writes its reply to stdout. Throws CLI::ParseError for what the user must write
    /// differently, valkeyxx::exception and std::system_error for what failed.
    void run() const;

  private:
    CLI::App& app_;
    std::string url_;
    std::string deadline_;
    bool json_ = false;
    bool raw_ = false;
    bool no_raw_ = false;
    bool resp2_ = false;
    bool resp3_ = false;
};

}  // namespace valkeyxx::cli
