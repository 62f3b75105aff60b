// valkeyxx scan: the names of all keys, or how many there are.
#pragma once

#include <cstdint>
#include <string>

#include <CLI/App.hpp>

#include <valkeyxx/client.hpp>
#include <valkeyxx/scan_options.hpp>

#include "valkeyxx_cli/connection_options.hpp"

namespace valkeyxx::cli {

class scan {
  public:
    /// Adds the subcommand to the program.
    explicit scan(CLI::App& program);
    scan(const scan&) = delete;  // CLI11 keeps pointers to the members
    scan& operator=(const scan&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Writes keys or counts to stdout, until SIGINT, SIGTERM or SIGHUP; returns the exit code: 0 if all keys were
    /// found. To be called while the program has one thread. Throws as exec::run.
    [[nodiscard]] int run() const;

  private:
    [[nodiscard]] key_scan_options options() const;
    [[nodiscard]] int run(client& nodes) const;

    CLI::App& app_;
    connection_options connection_;
    std::string match_ = "*";
    std::string type_;
    std::string cursor_;
    std::string separator_;
    std::int64_t count_ = 1000;
    std::size_t parallel_ = 1;
    bool unique_ = false;
    bool count_only_ = false;
    bool json_ = false;
    CLI::Option* prefix_option_ = nullptr;
};

}  // namespace valkeyxx::cli
