#include <valkeyxx/cluster.hpp>

#include "client/client_state.hpp"

namespace valkeyxx {

cluster::cluster(std::string_view url) : cluster{parse_url(url).value()} {}
cluster::cluster(config settings) : client{std::move(settings), detail::layout::cluster} {}

std::optional<endpoint> cluster::node_for(std::string_view key) const {
    const std::lock_guard lock{state_->engine->mutex()};
    return clients::primary_of(*state_->engine, key);
}

std::optional<endpoint> cluster::default_node() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return clients::default_node_of(*state_->engine);
}

bool cluster::set_default_node(const endpoint& node) {
    const std::lock_guard lock{state_->engine->mutex()};
    return clients::set_default_node_of(*state_->engine, node);
}

}  // namespace valkeyxx
