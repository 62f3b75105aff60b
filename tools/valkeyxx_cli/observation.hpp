// What the options --metrics-port and --log ask for, while the program runs.
#pragma once

#include <memory>
#include <string>

#include <CLI/App.hpp>

#include <valkeyxx/observer.hpp>

namespace valkeyxx::cli {

class observation {
  public:
    observation();
    observation(const observation&) = delete;  // CLI11 keeps pointers to the members
    observation& operator=(const observation&) = delete;
    ~observation();

    void add_options(CLI::App& app);
    /// The observer that a client shall have; nullptr if none is asked for. The first call begins with it: it opens the
    /// log, and says on stderr where metrics are served. Throws std::system_error.
    [[nodiscard]] std::shared_ptr<observer> watcher() const;

  private:
    struct running;
    [[nodiscard]] std::shared_ptr<observer> start() const;

    int port_ = -1;
    std::string address_ = "127.0.0.1";
    std::string log_;
    std::string format_ = "logfmt";
    mutable std::unique_ptr<running> running_;
};

/// Both; each may be nullptr.
std::shared_ptr<observer> both(std::shared_ptr<observer> one, std::shared_ptr<observer> other);

}  // namespace valkeyxx::cli
