// Knows which replicas may answer reads: asks each now and then for its role and link, and takes the time of the
// answer.
#pragma once

#include <memory>
#include <vector>

#include "client/role_probe.hpp"

namespace valkeyxx::clients {

class replica_watch final : private timed, private role_probe::owner {
  public:
    explicit replica_watch(engine& e);
    ~replica_watch() override;

    /// There is a new topology. Requires the engine's lock.
    void map_changed(io::time_point now);
    /// Stops asking: the client closes.
    void stop() noexcept;

  private:
    class zone_question;

    struct watched {
        std::unique_ptr<role_probe> probe;
        std::unique_ptr<zone_question> zone;  // only if somebody asks by zone
        bool warm = false;                    // was connected when asked: the time of the answer means something
    };

    void look(routing::node_id node, io::time_point now);
    watched& entry_of(routing::node_id node, bool reading);
    void on_due(io::time_point now) noexcept override;
    void role_told(role_probe& by, const std::optional<topology::role_facts>& role) noexcept override;
    void role_not_told(role_probe& by) noexcept override;

    engine& engine_;
    std::vector<watched> watched_;
    bool stopped_ = false;
};

}  // namespace valkeyxx::clients
