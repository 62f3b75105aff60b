// Connections to sentinels that several clients share.
//
//   vk::config c = vk::parse_url("valkey+sentinel://10.0.0.1:26379,10.0.0.2:26379/orders").value();
//   c.shared_sentinels = std::make_shared<vk::sentinel_link>(c);
//   vk::client orders{c};
//   c.service = "users";
//   vk::client users{c};  // each sentinel has one connection from this process, not two
#pragma once

#include <memory>

#include <valkeyxx/async_client.hpp>
#include <valkeyxx/config.hpp>

namespace valkeyxx {

namespace clients {
class engine;
class shared_line;
}  // namespace clients

/// Asks the sentinels of one set for all clients whose `config::shared_sentinels` it is, and passes on to each what
/// they announce of its service. Each client goes on to judge for itself what it is told.
///
/// Somebody must be listening all the time, so it has a thread of its own, or lives on the user's io_context. Clients
/// that an `async_sentinel` makes on an io_context share one without being told so. Thread-safe; lives as long as the
/// last client that has it.
class sentinel_link : private async_client {
  public:
    /// On a thread of its own. Of the configuration it uses what says how to reach sentinels: `sentinel_username`,
    /// `sentinel_password`, `sentinel_events`, `tls`, `sentinel_tls`, `protocol`, `client_name`, `connect_timeout`,
    /// `suspect_after`, `address_remap`, `remap_seeds` and `watcher`. Which sentinels there are its clients know, by
    /// their `seeds`. Throws `exception` with `invalid_argument`; does not connect.
    explicit sentinel_link(config settings);
    /// On the user's io_context, which somebody must run and which must outlive this and the clients.
    sentinel_link(boost::asio::io_context& loop, config settings);
    sentinel_link(const sentinel_link&) = delete;
    sentinel_link& operator=(const sentinel_link&) = delete;
    ~sentinel_link();

  private:
    friend class clients::shared_line;
    std::shared_ptr<clients::engine> engine_;
};

}  // namespace valkeyxx
