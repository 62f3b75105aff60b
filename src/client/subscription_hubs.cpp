#include "client/subscription_hubs.hpp"

#include <algorithm>

#include "client/engine.hpp"
#include "client/feed.hpp"
#include "client/subscription_hub.hpp"

namespace valkeyxx::clients {

subscription_hubs::subscription_hubs(engine& e) noexcept : engine_{e} {}
subscription_hubs::~subscription_hubs() = default;

std::shared_ptr<feed> subscription_hubs::subscriber(const subscriber_options& options, baton* turns) {
    subscription_hub* hub = nullptr;
    if (engine_.inherited()) return std::make_shared<feed>(engine_, hub, options, turns);  // it only says so
    if (options.when_full == overflow::wait) {
        own_.push_back(new_hub(false));
        hub = own_.back().get();
    } else {
        if (!common_) common_ = new_hub(engine_.settings().pushes == push_connection::shared);
        hub = common_.get();
    }
    auto made = std::make_shared<feed>(engine_, hub, options, turns);
    hub->add(*made);
    if (engine_.closed()) made->end(error{errc::client_closed, "the client is closed"});
    return made;
}

std::unique_ptr<subscription_hub> subscription_hubs::new_hub(bool shares) const {
    auto hub = std::make_unique<subscription_hub>(engine_, shares);
    if (why_no_map_) hub->no_map(*why_no_map_);
    return hub;
}

void subscription_hubs::release(subscription_hub& hub) {
    std::erase_if(own_, [&](const auto& h) { return h.get() == &hub && !h->has_subscribers(); });
}

void subscription_hubs::map_changed() {
    why_no_map_.reset();
    if (common_) common_->map_changed();
    for (const auto& h : own_) h->map_changed();
}

void subscription_hubs::no_map(const error& why) {
    why_no_map_ = why;
    if (common_) common_->no_map(why);
    for (const auto& h : own_) h->no_map(why);
}

void subscription_hubs::collect_own_connections(std::vector<const connection*>& into) const {
    const auto add = [&into](const connection& c) { into.push_back(&c); };
    if (common_) common_->each_own_connection(add);
    for (const auto& h : own_) h->each_own_connection(add);
}

bool subscription_hubs::hears(routing::node_id node) const noexcept {
    return (common_ && common_->hears(node)) ||
           std::any_of(own_.begin(), own_.end(), [=](const auto& h) { return h->hears(node); });
}

void subscription_hubs::close(const error& why) {
    if (common_) common_->close(why);
    for (const auto& h : own_) h->close(why);
}

}  // namespace valkeyxx::clients
