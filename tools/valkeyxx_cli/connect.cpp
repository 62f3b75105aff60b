#include "valkeyxx_cli/connect.hpp"

#include <valkeyxx/cluster.hpp>

namespace valkeyxx::cli {

client connected(const config& settings) {
    if (settings.service.empty()) {
        try {
            client nodes = cluster{settings};
            nodes.connect();
            return nodes;
        } catch (const exception& failure) {
            if (failure.error() != errc::not_a_cluster) throw;
        }
    }
    client server{settings};
    server.connect();
    return server;
}

}  // namespace valkeyxx::cli
