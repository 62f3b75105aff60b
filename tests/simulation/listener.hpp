// What a server process is to the network: somebody at an address who takes connections and bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "scheduler.hpp"

namespace valkeyxx::simulation {

class link;

/// What a server remembers of one connection.
struct session {
    bool authenticated = false;
    bool asking = false;     ///< ASKING was the last command
    bool read_only = false;  ///< READONLY
    int protocol = 2;
    std::string unread;  ///< what the process has taken from its kernel and not answered yet
};

class listener {
  public:
    enum class door : std::uint8_t {
        open,     ///< the kernel takes connections and bytes, whatever the process does
        refused,  ///< nobody listens: the kernel answers with a reset
        silent,   ///< there is no kernel to answer
    };

    [[nodiscard]] virtual door at_the_door() const noexcept = 0;
    /// The client's packets do not reach it, nor its packets the client.
    [[nodiscard]] virtual bool cut_off() const noexcept = 0;
    /// One way, the next packet.
    virtual duration latency() noexcept = 0;

    virtual void accepted(const std::shared_ptr<link>& from) = 0;
    /// There is something to read, or the client has closed, or both.
    virtual void heard(link& from) = 0;

  protected:
    ~listener() = default;
};

}  // namespace valkeyxx::simulation
