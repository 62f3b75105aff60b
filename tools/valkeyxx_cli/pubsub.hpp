// valkeyxx pubsub: listens to channels, patterns, channels of shards and what happens to keys; and publishes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include <valkeyxx/subscriber.hpp>

#include "valkeyxx_cli/connection_options.hpp"

namespace valkeyxx::cli {

class pubsub {
  public:
    /// Adds the subcommand, with its own, to the program.
    explicit pubsub(CLI::App& program);
    pubsub(const pubsub&) = delete;  // CLI11 keeps pointers to the members
    pubsub& operator=(const pubsub&) = delete;

    /// Whether the user asked for it.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    /// Publishes, or listens until Ctrl-C or as many messages as asked for have come. Returns the exit code: 1 if a
    /// subscription was refused. Throws as exec::run does.
    [[nodiscard]] int run() const;

  private:
    CLI::App& add(const std::string& name, const std::string& help, const std::string& of);
    CLI::App& add_publisher(const std::string& name, const std::string& help);
    [[nodiscard]] int publish() const;
    [[nodiscard]] int listen() const;
    void subscribe(subscriber& feed) const;

    CLI::App& app_;
    CLI::App& sub_;
    CLI::App& psub_;
    CLI::App& ssub_;
    CLI::App& keyspace_;
    CLI::App& pub_;
    CLI::App& spub_;
    connection_options connection_;
    bool json_ = false;
    std::size_t count_ = 0;
    std::vector<std::string> names_;
    std::string channel_;
    std::string message_;
};

}  // namespace valkeyxx::cli
