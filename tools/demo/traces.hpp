// Whether servers have left anything behind.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>

#include "support/cluster.hpp"
#include "support/sentinel_set.hpp"

namespace valkeyxx::demo {

class traces {
  public:
    /// Remembers the servers' processes and folders, while they run.
    void note(testing::valkey_cluster& servers);
    void note(testing::sentinel_set& servers);

    [[nodiscard]] const std::set<pid_t>& processes() const { return processes_; }
    [[nodiscard]] const std::set<std::string>& folders() const { return folders_; }

    /// Throws std::runtime_error naming a process that still runs or a folder that is still there.
    void require_gone() const;

  private:
    void note(testing::valkey_server& server);

    std::set<pid_t> processes_;
    std::set<std::string> folders_;  // of each server, and the one above them
};

}  // namespace valkeyxx::demo
