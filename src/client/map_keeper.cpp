#include "client/map_keeper.hpp"

#include "client/engine.hpp"
#include "client/sentinel_rota.hpp"
#include "client/service_keeper.hpp"
#include "client/topology_keeper.hpp"

namespace valkeyxx::clients {
namespace {

// There is one server, and nothing to be asked.
class nobody final : public map_keeper {
  public:
    void want(io::time_point /*now*/, routing::node_id /*informed*/) override {}
    [[nodiscard]] bool busy() const noexcept override { return false; }
    void stop() noexcept override {}
};

}  // namespace

std::unique_ptr<map_keeper> make_map_keeper(engine& e) {
    switch (e.layout()) {
        case detail::layout::cluster:
            return std::make_unique<topology_keeper>(e);
        case detail::layout::service:
            return std::make_unique<service_keeper>(e);
        case detail::layout::sentinels:
            return std::make_unique<sentinel_rota>(e);
        case detail::layout::one_server:
            break;
    }
    return std::make_unique<nobody>();
}

}  // namespace valkeyxx::clients
