// valkeyxx exec: one command, and its reply or the reply of each node.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

#include <valkeyxx/cluster.hpp>

#include "valkeyxx_cli/connection_options.hpp"
#include "valkeyxx_cli/show.hpp"

namespace valkeyxx::cli {

class exec {
  public:
    /// Adds the subcommand to the program.
    explicit exec(CLI::App& program);
    exec(const exec&) = delete;  // CLI11 keeps pointers to the members
    exec& operator=(const exec&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Runs the command, writes what was replied to stdout, and returns the exit code: 1 if one of several nodes
    /// failed. Throws CLI::ParseError for what the user must write differently, valkeyxx::exception and
    /// std::system_error for what failed.
    [[nodiscard]] int run() const;

  private:
    using words = std::span<const std::string_view>;

    void add_format_options();
    void add_target_options();
    [[nodiscard]] format chosen_format() const;
    [[nodiscard]] std::optional<target> chosen_target() const;
    [[nodiscard]] int run_one(client& nodes, words command, const std::optional<target>& to) const;
    [[nodiscard]] int run_each(client& nodes, words command, const target& to) const;

    CLI::App& app_;
    connection_options connection_;
    bool json_ = false;
    bool raw_ = false;
    bool no_raw_ = false;
    bool resp2_ = false;
    bool resp3_ = false;
    std::string node_;
    bool all_primaries_ = false;
    bool all_replicas_ = false;
    bool all_nodes_ = false;
    bool across_slots_ = false;
};

}  // namespace valkeyxx::cli
