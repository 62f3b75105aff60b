// How a service_keeper reaches its sentinels: by connections of its client's own, or by those that several clients
// share.
//
// Everything here requires the lock of the client's engine, and calls the listener under it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "client/sentinel_interviews.hpp"
#include "topology/sentinel_event.hpp"

namespace valkeyxx::clients {

class sentinel_listener : public sentinel_interviews::reader {
  public:
    /// A sentinel has announced something about the service.
    virtual void announced(const topology::sentinel_event& event) = 0;
    /// The connection to a sentinel has broken or could not be made: what it announces meanwhile is lost.
    virtual void deaf() = 0;

  protected:
    ~sentinel_listener() = default;
};

class sentinel_line {
  public:
    virtual ~sentinel_line() = default;

    /// Asks a sentinel; sentinel_listener::told() follows, exactly once, unless it is being asked already. Then it
    /// follows for that earlier round.
    virtual void ask(const endpoint& sentinel, bool seed, io::time_point deadline, std::uint64_t round) = 0;
    /// Forgets all others. Not to be called from the listener.
    virtual void keep_only(std::vector<endpoint> sentinels) = 0;
    /// Whether the engine's node is this sentinel, and is asked.
    [[nodiscard]] virtual bool asks(routing::node_id node, const endpoint& sentinel) const noexcept = 0;
    /// Whether announcements come.
    [[nodiscard]] virtual bool listens() const noexcept = 0;
    /// From now on the listener is told nothing.
    virtual void stop() noexcept = 0;
};

/// The one that the engine's configuration asks for.
std::unique_ptr<sentinel_line> make_sentinel_line(engine& e, sentinel_listener& to);

}  // namespace valkeyxx::clients
