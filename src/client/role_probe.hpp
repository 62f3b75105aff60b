// ROLE asked of one node by the client itself, again and again; one question at a time.
#pragma once

#include "client/request.hpp"
#include "topology/node_facts.hpp"

namespace valkeyxx::clients {

class role_probe final : public request {
  public:
    /// Told under the engine's lock; it may ask again, but not destroy the probe.
    class owner {
      public:
        /// nullopt: the node is there and well, but does not tell, perhaps since the user may not ask for it.
        virtual void role_told(role_probe& by, const std::optional<topology::role_facts>& role) noexcept = 0;
        /// It does not answer, or is not ready to.
        virtual void role_not_told(role_probe& by) noexcept = 0;

      protected:
        ~owner() = default;
    };

    /// @param reading  on the connection for reads from replicas
    role_probe(engine& e, owner& who, routing::node_id whom, bool reading);

    /// Requires !under_way().
    void ask(io::time_point now, io::clock::duration limit);
    [[nodiscard]] bool under_way() const noexcept { return under_way_; }
    [[nodiscard]] routing::node_id node() const noexcept { return node_; }
    [[nodiscard]] io::time_point asked_at() const noexcept { return asked_at_; }

    void on_reply(reply_view reply) noexcept override;
    void on_error(error why) noexcept override;

  private:
    engine& engine_;
    owner& owner_;
    routing::node_id node_;
    io::time_point asked_at_{};
    bool under_way_ = false;
};

}  // namespace valkeyxx::clients
