// valkeyxx bench: a load on the cluster, and what it meets.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "valkeyxx_cli/bench_plan.hpp"
#include "valkeyxx_cli/connection_options.hpp"

namespace valkeyxx::cli {

class bench {
  public:
    /// Adds the subcommand to the program.
    explicit bench(CLI::App& program);
    bench(const bench&) = delete;  // CLI11 keeps pointers to the members
    bench& operator=(const bench&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Measures, writes the report to stdout, and returns the exit code: 0 if there was no error at all. Ends early at
    /// SIGINT, SIGTERM or SIGHUP. To be called while the program has one thread. Throws as exec::run.
    [[nodiscard]] int run() const;

  private:
    void add_load_options();
    void add_amount_options();
    [[nodiscard]] bench_plan plan() const;

    CLI::App& app_;
    connection_options connection_;
    std::string mode_ = "sync";
    std::string command_ = "mix";
    std::string seconds_ = "10";
    std::string rate_;
    bench_plan plan_;
    bool json_ = false;
    bool verbose_ = false;
};

}  // namespace valkeyxx::cli
