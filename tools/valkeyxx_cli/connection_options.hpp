// The options that every subcommand with a cluster has: which one, how long, and who answers reads.
#pragma once

#include <chrono>
#include <string>

#include <CLI/App.hpp>

#include <valkeyxx/config.hpp>

#include "valkeyxx_cli/observation.hpp"

namespace valkeyxx::cli {

class connection_options {
  public:
    connection_options() = default;
    connection_options(const connection_options&) = delete;  // CLI11 keeps pointers to the members
    connection_options& operator=(const connection_options&) = delete;

    /// `deadline_help` says what the deadline is for.
    void add_cluster(CLI::App& app, const std::string& deadline_help);
    void add_reads(CLI::App& app);

    /// What the URL says, and the options on top of it; with the observer that the options ask for. Throws
    /// CLI::ParseError for what the user must write differently, and valkeyxx::exception for a wrong URL.
    [[nodiscard]] config settings() const;
    [[nodiscard]] bool has_deadline() const { return !deadline_.empty(); }

  private:
    std::string url_;
    std::string deadline_;
    std::string read_from_;
    std::string zone_;
    observation observation_;
};

}  // namespace valkeyxx::cli
