// Names of hosts that only one thread of a test, and the threads that it starts, can see.
#pragma once

#include <string>

#include "support/temp_dir.hpp"

namespace valkeyxx::testing {

/// A file of the calling thread's own in the place of /etc/hosts, until the thread ends. What is looked up later finds
/// what set() has said last.
class private_hosts {
  public:
    /// Whether it may be done here. It takes the rights to mount.
    [[nodiscard]] bool possible() const noexcept { return possible_; }
    private_hosts();
    private_hosts(const private_hosts&) = delete;
    private_hosts& operator=(const private_hosts&) = delete;

    /// Lines as in /etc/hosts.
    void set(const std::string& lines) const;
    /// Names that are not there are asked for here, and nowhere else. Whether it may be done.
    [[nodiscard]] bool ask(const std::string& name_server) const;

  private:
    temp_dir folder_;
    bool possible_ = false;
};

}  // namespace valkeyxx::testing
