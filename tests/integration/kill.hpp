// Killing a cluster node so that it can be started again.
#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "support/cluster.hpp"
#include "support/poll.hpp"

namespace valkeyxx::testing {

/// Whether a node's file of the cluster says of each replica that it is of the shard of its primary.
inline bool agrees_about_shards(const std::string& path) {
    struct entry {
        std::string primary;
        std::string shard;
    };
    std::map<std::string, entry> nodes;
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string id;
        std::string address;
        std::string flags;
        entry e;
        words >> id >> address >> flags >> e.primary;
        const auto at = address.find("shard-id=");
        if (at == std::string::npos) continue;
        e.shard = address.substr(at, address.find(',', at) - at);
        nodes[id] = e;
    }
    for (const auto& [id, e] : nodes) {
        const auto primary = nodes.find(e.primary);
        if (e.primary != "-" && (primary == nodes.end() || primary->second.shard != e.shard)) return false;
    }
    return !nodes.empty();
}

/// Waits until what a node has on disk is in itself consistent. In a young cluster a node may have heard who is whose
/// replica, and not yet which shard that makes it part of: killed then, it would refuse to start again.
inline void prepare_to_kill(const valkey_server& victim) {
    poll_until("the node's file to be consistent", [&] {
        victim.admin()({"CLUSTER", "SAVECONFIG"});
        return agrees_about_shards(victim.folder() + "/nodes.conf");
    });
}

inline void kill(valkey_server& victim) {
    prepare_to_kill(victim);
    victim.kill9();
}

}  // namespace valkeyxx::testing
