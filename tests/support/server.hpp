// One real valkey-server (or sentinel) process on the loopback.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "support/admin.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace valkeyxx::testing {

struct server_options {
    arguments extra{};           ///< appended to the command line, so they win: {"--maxmemory", "1mb"}
    std::uint16_t port = 0;      ///< 0: next_port()
    std::uint16_t tls_port = 0;  ///< where it also listens, for those who speak TLS, as `extra` tells it; 0: nowhere
    std::string bind = "127.0.0.1";  ///< numeric addresses with spaces between; admin() uses the first
    std::string password{};          ///< sets requirepass and primaryauth; admin() uses it
    std::string sentinel_config{};   ///< not empty: runs as a sentinel with these lines as its configuration file
    std::string program{};           ///< empty: server_binary()
};

/// Starts when made, without waiting: start all servers a program needs, then wait() for each.
/// Debug commands are allowed, nothing is saved to disk, replication starts without delays.
/// Example: `valkey_server server; server.wait(); server.admin()({"SET", "k", "v"});`
class valkey_server {
  public:
    explicit valkey_server(server_options options = {});
    valkey_server(const valkey_server&) = delete;
    valkey_server& operator=(const valkey_server&) = delete;
    ~valkey_server();

    /// Until it answers PING. Throws at once, with the end of its log, when the process has ended.
    void wait();

    void kill9();    ///< SIGKILL: connections are reset, memory is lost, cluster state on disk stays
    void pause();    ///< SIGSTOP: connections open and no answers
    void resume();   ///< SIGCONT
    void restart();  ///< killed if it runs; then started with the same command line and waited for
    void start();    ///< like restart() without waiting

    bool is_running() { return process_.running(); }
    /// Running and not paused by us.
    bool is_answering() { return process_.running() && !process_.stopped(); }

    testing::admin admin() const;
    testing::admin admin(std::chrono::milliseconds timeout) const;

    /// "primary", "replica" or "sentinel", from ROLE.
    std::string role() const;

    std::uint16_t port() const { return options_.port; }
    /// By which other servers, and clients, reach it if all of them speak TLS where they can.
    std::uint16_t secure_port() const { return options_.tls_port != 0 ? options_.tls_port : port(); }
    const std::string& host() const { return host_; }
    pid_t pid() { return process_.pid(); }
    const std::string& folder() const { return folder_.path(); }
    std::string log_tail(std::size_t lines = 25) const;

  private:
    arguments command_line() const;

    server_options options_;
    std::string host_;
    temp_dir folder_;
    process process_;
};

}  // namespace valkeyxx::testing
