// The client that a URL asks for.
#pragma once

#include <valkeyxx/client.hpp>

namespace valkeyxx::cli {

/// Of the cluster, the service that sentinels watch, or the one server; connected. What has numbered databases is no
/// cluster. Throws `exception`.
client connected(const config& settings);

}  // namespace valkeyxx::cli
