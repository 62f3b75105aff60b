// The demo's story, in order. Each chapter throws std::runtime_error when something is not as promised.
#pragma once

#include <string>

#include <valkeyxx/cluster.hpp>

#include "demo/narrator.hpp"
#include "demo/redirect_log.hpp"
#include "demo/traces.hpp"
#include "support/cluster.hpp"

namespace valkeyxx::demo {

/// From one seed the client finds the whole cluster.
void find_topology(narrator& out, const std::string& seed, cluster& client);

/// Keys spread over all shards, written and read by the synchronous client, by callbacks and by coroutines.
void spread_keys(narrator& out, const std::string& seed, cluster& client);

/// A slot moves behind the client's back; the next command heals the client's map. `redirects` watches `client`.
void heal_stale_map(narrator& out, testing::valkey_cluster& servers, cluster& client, redirect_log& redirects);

/// The primary that is also the seed is killed while another client writes; `client` looks afterwards what is there.
/// @param node_timeout  after how long the nodes take a silent one for failed
void survive_failover(narrator& out, testing::valkey_cluster& servers, const std::string& seed, cluster& client,
                      std::chrono::milliseconds node_timeout);

/// Other servers, watched by sentinels, lose their primary; they are noted in `left`.
void follow_sentinels(narrator& out, traces& left);

}  // namespace valkeyxx::demo
