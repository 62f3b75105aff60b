// The asynchronous client of a cluster.
//
//   vk::async_cluster cluster{"valkey://127.0.0.1:7000"};                       // on a thread of its own
//   cluster.execute(get("user:1"), [](vk::result<std::optional<std::string>> r) { ... });
//
// With <valkeyxx/asio.hpp> any Asio completion token works, and the client can live on your io_context:
//
//   vk::async_cluster cluster{co_await asio::this_coro::executor, config};
//   auto name = co_await cluster.execute(get("user:1"), asio::use_awaitable);
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/async_client.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx {

/// The same cluster client as `cluster`, for callers that do not wait. Commands are run as by every `async_client`.
/// Thread-safe.
class async_cluster : public async_client {
  public:
    /// On a thread of its own. Throws `exception` with `invalid_url` or `invalid_argument`; does not connect.
    explicit async_cluster(std::string_view url);
    explicit async_cluster(config settings);
    /// On the user's io_context, which somebody must run and which must outlive the client.
    async_cluster(boost::asio::io_context& loop, config settings);
    /// On the io_context behind an executor (a strand's or any_io_executor's too). Needs <valkeyxx/asio.hpp>.
    template <class Executor>
        requires(!std::convertible_to<const Executor&, std::string_view> && !std::same_as<Executor, config>)
    async_cluster(const Executor& executor, config settings)
        : async_cluster{detail::context_of(executor), std::move(settings)} {}

    /// The primary that would be asked for the key; nullopt while it is not known.
    [[nodiscard]] std::optional<endpoint> node_for(std::string_view key) const;
    /// Every node of the topology in use; empty before the first command. See topology() for their shards.
    [[nodiscard]] std::vector<node_info> nodes() const { return topology()->nodes(); }
    [[nodiscard]] std::vector<node_info> primaries() const { return topology()->primaries(); }
    [[nodiscard]] std::vector<node_info> replicas() const { return topology()->replicas(); }
    /// Where commands without keys go: a primary, the same one as long as it answers. nullopt before the first command.
    [[nodiscard]] std::optional<endpoint> default_node() const;
    /// Makes another node the default one. False, and nothing happens, if the topology does not name it.
    bool set_default_node(const endpoint& node);
};

}  // namespace valkeyxx
