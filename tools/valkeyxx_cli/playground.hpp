// valkeyxx playground: a throw-away cluster, or servers with sentinels, on this machine.
#pragma once

#include <CLI/App.hpp>

namespace valkeyxx::cli {

class playground {
  public:
    /// Adds the subcommand to the program.
    explicit playground(CLI::App& program);
    playground(const playground&) = delete;  // CLI11 keeps pointers to the members
    playground& operator=(const playground&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Starts the servers, prints their URL, and returns after SIGINT, SIGTERM or SIGHUP, when nothing is left of them.
    /// To be called while the program has one thread. Throws std::runtime_error when they do not come up.
    void run() const;

  private:
    CLI::App& app_;
    int primaries_ = 3;
    int replicas_ = 1;
    bool sentinel_ = false;
};

}  // namespace valkeyxx::cli
