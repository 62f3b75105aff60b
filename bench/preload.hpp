// Fills the servers with every key before the first run.
#pragma once

#include "registry.hpp"

namespace valkeyxx::bench {

/// Sets all keys of every value size that a scenario uses, on the standalone server and on their owners in the cluster.
void preload(const server_ports& servers);

}  // namespace valkeyxx::bench
