#include <valkeyxx/sentinel_link.hpp>

#include <utility>

#include "client/async_client_state.hpp"

namespace valkeyxx {
namespace {

config of_link(config settings) {
    settings.reads = read_from::primary;
    settings.service.clear();
    settings.shared_sentinels.reset();  // it would keep itself alive
    return settings;
}

}  // namespace

sentinel_link::sentinel_link(config settings)
    : async_client{of_link(std::move(settings)), detail::layout::link}, engine_{state_->engine} {}

sentinel_link::sentinel_link(boost::asio::io_context& loop, config settings)
    : async_client{loop, of_link(std::move(settings)), detail::layout::link}, engine_{state_->engine} {}

sentinel_link::~sentinel_link() = default;

}  // namespace valkeyxx
