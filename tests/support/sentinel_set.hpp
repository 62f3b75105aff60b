// A replicated server watched by sentinels: one primary, its replicas, and the sentinels that replace it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "support/server.hpp"

namespace valkeyxx::testing {

struct sentinel_options {
    int sentinels = 3;  ///< the majority of them is the quorum
    int replicas = 2;
    std::chrono::milliseconds down_after{1000};  ///< silence after which a sentinel takes the primary for dead
    std::string name = "mymaster";
    std::string password{};           ///< of the servers, also between them
    std::string sentinel_password{};  ///< of the sentinels, also between them
    arguments extra{};                ///< for every server
    /// What has a server or sentinel listen for TLS at this port, too, and speak it to the others; these then name each
    /// other by such ports. Admins speak plainly.
    std::function<arguments(std::uint16_t port, bool sentinel)> tls{};
    std::string bind = "127.0.0.1";  ///< as server_options::bind, for all of them
    std::string host{};              ///< by which they reach the first primary; empty: the first of `bind`
    std::string sentinel_lines{};    ///< of the sentinels' configuration, before the service is named
};

/// Starts the primary when made; wait() starts the rest in the order that does not lose time (a third of a second in
/// all).
class sentinel_set {
  public:
    explicit sentinel_set(sentinel_options options = {});
    sentinel_set(const sentinel_set&) = delete;
    sentinel_set& operator=(const sentinel_set&) = delete;

    /// Until every sentinel knows all the others and all replicas, and agrees with them on the primary.
    void wait();

    const std::string& name() const { return options_.name; }

    /// The first primary is server 0.
    valkey_server& server(int index) { return servers_.at(static_cast<std::size_t>(index)); }
    valkey_server& server_at(std::uint16_t port);  ///< by its port for TLS, if it has one
    valkey_server& sentinel(int index) { return sentinels_.at(static_cast<std::size_t>(index)); }
    int servers() const { return static_cast<int>(servers_.size()); }
    int sentinels() const { return static_cast<int>(sentinels_.size()); }

    /// The primary's port as one sentinel names it.
    std::uint16_t primary_port(int sentinel = 0);
    /// All of what it names: "127.0.0.1 22003".
    std::string primary_as_named(int sentinel = 0);
    /// The server that all running sentinels name; throws while they differ (fit for poll_until).
    valkey_server& primary();
    /// A running replica of it, by its role.
    valkey_server& replica(int which = 0);

    /// SENTINEL FAILOVER; waits until all sentinels name another primary and that one is writable.
    void failover();
    /// Waits until the running sentinels all name another server than this one, and that one says it is primary.
    void wait_replaced(const valkey_server& old);
    /// Brings back dead and paused servers and sentinels and waits as wait() does.
    void heal();

    /// "valkey+sentinel://127.0.0.1:22003,127.0.0.1:22004/mymaster"
    std::string url() const;

  private:
    std::string first_host() { return options_.host.empty() ? server(0).host() : options_.host; }
    server_options base(bool sentinel) const;
    void start_replicas();
    void start_sentinels();
    void set_periods(const admin::request& periods);
    void await_agreement();
    bool knows_all(valkey_server& sentinel);

    sentinel_options options_;
    std::deque<valkey_server> servers_;
    std::deque<valkey_server> sentinels_;
};

}  // namespace valkeyxx::testing
