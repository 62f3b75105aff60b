// Of several sentinels that know the same, one is asked; when it fails, the next one takes its turn and keeps it.
#pragma once

#include "client/map_keeper.hpp"

namespace valkeyxx::clients {

/// The sentinels are one shard, whose primary is the one that is asked.
class sentinel_rota final : public map_keeper {
  public:
    explicit sentinel_rota(engine& e) : engine_{e} {}

    void want(io::time_point now, routing::node_id informed) override;
    [[nodiscard]] bool busy() const noexcept override { return false; }
    void stop() noexcept override {}
    [[nodiscard]] bool asks(routing::node_id /*node*/) const noexcept override { return true; }
    void gone(routing::node_id node) override;

  private:
    void pass_on(routing::node_id from);

    engine& engine_;
};

}  // namespace valkeyxx::clients
