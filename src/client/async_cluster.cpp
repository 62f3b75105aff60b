#include <valkeyxx/async_cluster.hpp>

#include "client/async_client_state.hpp"

namespace valkeyxx {

async_cluster::async_cluster(std::string_view url) : async_cluster{parse_url(url).value()} {}
async_cluster::async_cluster(config settings) : async_client{std::move(settings), detail::layout::cluster} {}
async_cluster::async_cluster(boost::asio::io_context& loop, config settings)
    : async_client{loop, std::move(settings), detail::layout::cluster} {}

std::optional<endpoint> async_cluster::node_for(std::string_view key) const {
    const std::lock_guard lock{state_->engine->mutex()};
    return clients::primary_of(*state_->engine, key);
}

std::optional<endpoint> async_cluster::default_node() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return clients::default_node_of(*state_->engine);
}

bool async_cluster::set_default_node(const endpoint& node) {
    const std::lock_guard lock{state_->engine->mutex()};
    return clients::set_default_node_of(*state_->engine, node);
}

}  // namespace valkeyxx
