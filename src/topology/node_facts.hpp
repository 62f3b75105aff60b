// What a node tells of itself: which state of the cluster it knows, which role it has, where it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <valkeyxx/value.hpp>

namespace valkeyxx::topology {

/// From CLUSTER INFO.
struct cluster_facts {
    bool ok = false;  ///< cluster_state: the node sees a majority of the primaries (and, if told to, every slot)
    std::uint64_t epoch = 0;  ///< cluster_current_epoch: the greatest config epoch it has heard of
};

/// nullopt: the answer does not say (an error, such as NOPERM). Source: https://valkey.io/commands/cluster-info
std::optional<cluster_facts> read_cluster_info(reply_view reply);

/// From ROLE.
struct role_facts {
    bool primary = false;
    bool linked = false;  ///< a replica: its link to the primary stands, it receives what is written
};

/// nullopt: the answer has another shape. Source: https://valkey.io/commands/role
std::optional<role_facts> read_role(reply_view reply);

/// From CLIENT LIST ID of one client: whether the server has nothing left to do for it. It has run all commands that it
/// has received, and its network has taken all replies; so also of a client that it does not know (any more). False,
/// too, while the client waits at the server: for others (BLPOP), or because all are paused (CLIENT PAUSE). nullopt:
/// the answer does not say. Source: https://valkey.io/commands/client-list
std::optional<bool> read_client_at_rest(reply_view reply, std::int64_t id);

/// From INFO SERVER.
struct server_facts {
    std::string_view process{};  ///< run_id: each start of a server has another one; empty if it does not tell
    bool valkey = false;         ///< not Redis, nor a Valkey before 8.0
    int major = 0;               ///< of its version
    int minor = 0;
};

/// What is missing stays at its default. The views are into `info`. Source: https://valkey.io/commands/info
server_facts read_server_info(std::string_view info) noexcept;

/// The `availability_zone` of INFO SERVER; empty if there is none. Source: https://valkey.io/commands/info
std::string_view read_zone(std::string_view info) noexcept;

}  // namespace valkeyxx::topology
