// The synchronous client of a cluster.
//
//   vk::cluster cluster{"valkey://127.0.0.1:7000,127.0.0.1:7001"};
//   cluster.execute(set("user:1", "ada"));
//   std::optional<std::string> name = cluster.execute(get("user:1"));
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <valkeyxx/client.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx {

/// Sends each command to the node that serves its key, and follows the cluster as it changes. Commands are run as by
/// every `client`. Thread-safe.
class cluster : public client {
  public:
    /// Throws `exception` with `invalid_url` or `invalid_argument` if the configuration cannot be right; does not
    /// connect.
    explicit cluster(std::string_view url);
    explicit cluster(config settings);

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
