// Learns of a promotion at once: while a primary does not answer, its replicas are asked whether one of them has taken
// over.
//
// ROLE is a cheap question, and only the replicas of the dead primary are asked. So commands that wait for the new
// primary go on some tens of milliseconds after the promotion, although the topology itself is asked for rarely.
#pragma once

#include <memory>
#include <vector>

#include "client/role_probe.hpp"

namespace valkeyxx::clients {

class succession final : private timed, private role_probe::owner {
  public:
    explicit succession(engine& e) : engine_{e} {}

    /// A primary has failed, or is suspected. Requires the engine's lock.
    void primary_down(routing::node_id primary, io::time_point now);
    /// Stops asking: the client closes.
    void stop() noexcept;

  private:
    struct vigil {
        routing::node_id primary;
        io::time_point since;
        std::size_t turn = 0;
    };

    void watch(vigil& v, io::time_point now);
    role_probe& probe_of(routing::node_id node);
    void on_due(io::time_point now) noexcept override;
    void role_told(role_probe& by, const std::optional<topology::role_facts>& role) noexcept override;
    void role_not_told(role_probe& by) noexcept override;

    engine& engine_;
    std::vector<vigil> vigils_;
    std::vector<std::unique_ptr<role_probe>> probes_;
    bool stopped_ = false;
};

}  // namespace valkeyxx::clients
