// Asking the system, not the fixtures.
#include "demo/traces.hpp"

#include <signal.h>

#include <cerrno>
#include <filesystem>

#include "demo/require.hpp"

namespace valkeyxx::demo {

void traces::note(testing::valkey_cluster& servers) {
    for (int i = 0; i < servers.size(); ++i) note(servers.node(i));
}

void traces::note(testing::sentinel_set& servers) {
    for (int i = 0; i < servers.servers(); ++i) note(servers.server(i));
    for (int i = 0; i < servers.sentinels(); ++i) note(servers.sentinel(i));
}

void traces::note(testing::valkey_server& server) {
    const std::filesystem::path folder = server.folder();
    processes_.insert(server.pid());
    folders_.insert(folder);
    folders_.insert(folder.parent_path());
}

void traces::require_gone() const {
    for (const auto pid : processes_) {
        require(::kill(pid, 0) != 0 && errno == ESRCH, "server process " + std::to_string(pid) + " still runs");
    }
    for (const auto& folder : folders_) {
        require(!std::filesystem::exists(folder), "folder " + folder + " is still there");
    }
}

}  // namespace valkeyxx::demo
