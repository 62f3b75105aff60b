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

/// The `availability_zone` of INFO SERVER; empty if there is none. Source: https://valkey.io/commands/info
std::string_view read_zone(std::string_view info) noexcept;

}  // namespace valkeyxx::topology
