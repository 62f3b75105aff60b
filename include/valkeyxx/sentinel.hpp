// The sentinels of one or more services: clients that follow a primary, and the sentinels' own commands.
//
//   vk::sentinel watch{"valkey+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster"};
//   vk::client primary = watch.primary();                     // follows the primary over any number of failovers
//   vk::client replica = watch.replica();                     // reads from the replicas in turn
//   watch.execute(sentinel_ckquorum("mymaster"));
//
// Who needs no more than a client need not make a `sentinel`: `vk::client{"valkey+sentinel://..."}` is the same client.
#pragma once

#include <string_view>
#include <vector>

#include <valkeyxx/async_client.hpp>
#include <valkeyxx/client.hpp>
#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/sentinel_commands.hpp>

namespace valkeyxx {

/// As a `client` it is one of the sentinels: each command goes to one of those in `config::seeds`, always the same one
/// as long as it answers, then to the next. `on_all_nodes()` means all of them, `on(endpoint)` a certain one.
/// Thread-safe, as every client.
class sentinel : public client {
  public:
    /// Throws `exception` with `invalid_url` or `invalid_argument` if the configuration cannot be right; does not
    /// connect. `config::service` may be empty if a service is named with each call.
    explicit sentinel(std::string_view url);
    explicit sentinel(config settings);

    /// A client that follows the primary of the service, by default of `config::service`. It is a client of its own,
    /// and outlives this one. Throws `exception` with `invalid_argument` if no service is named.
    [[nodiscard]] client primary(std::string_view service = {}) const;
    /// The same for what only reads: from the replicas in turn, or as `config::reads` says; from the primary if no
    /// replica is well. Writes go to the primary.
    [[nodiscard]] client replica(std::string_view service = {}) const;

    /// Where the primary is: the sentinels are asked all at once, and the node that they name is asked for its role.
    /// Waits up to `config::command_timeout` for one that is well. Errors: `no_topology`: no sentinel answers, or none
    /// watches the service; `timed_out` says what is wrong with the primary.
    [[nodiscard]] result<endpoint> try_find_primary(std::string_view service = {}) const;
    /// The same; throws `exception`.
    [[nodiscard]] endpoint find_primary(std::string_view service = {}) const {
        return try_find_primary(service).value();
    }
    /// The replicas that the sentinel finds up and may tell of. Errors: ERR if it does not watch the service.
    [[nodiscard]] result<std::vector<endpoint>> try_find_replicas(std::string_view service = {});
    [[nodiscard]] std::vector<endpoint> find_replicas(std::string_view service = {}) {
        return try_find_replicas(service).value();
    }

  private:
    config settings_;
};

/// The same for callers that do not wait; see `sentinel`. Thread-safe.
class async_sentinel : public async_client {
  public:
    /// On a thread of its own; clients get threads of their own, too.
    explicit async_sentinel(std::string_view url);
    explicit async_sentinel(config settings);
    /// On the user's io_context, which somebody must run and which must outlive this and the clients. These share their
    /// connections to the sentinels: see sentinel_link.hpp.
    async_sentinel(boost::asio::io_context& loop, config settings);

    [[nodiscard]] async_client primary(std::string_view service = {}) const;
    [[nodiscard]] async_client replica(std::string_view service = {}) const;

  private:
    [[nodiscard]] async_client follow(config settings) const;

    config settings_;
    boost::asio::io_context* loop_ = nullptr;  // nullptr: everybody has one of his own
};

}  // namespace valkeyxx
