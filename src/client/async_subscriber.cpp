#include <valkeyxx/async_subscriber.hpp>

#include <mutex>

#include "client/async_client_state.hpp"
#include "client/feed.hpp"

namespace valkeyxx {
namespace detail {

std::optional<result<message>> feed_access::take() const {
    const auto engine = state_->owner();
    if (!engine) return state_->take_remains();
    const std::lock_guard lock{engine->mutex()};
    return state_->take();
}

std::optional<result<void>> feed_access::readiness() const {
    const auto engine = state_->owner();
    if (!engine) return result<void>{state_->end_reason()};
    const std::lock_guard lock{engine->mutex()};
    return state_->readiness();
}

bool feed_access::wait(feed_wait& w, bool for_message, bool unless_ready) const {
    const auto engine = state_->owner();
    if (!engine) {
        if (!unless_ready) w.wake();
        return false;
    }
    const std::lock_guard lock{engine->mutex()};
    if (unless_ready && (for_message ? state_->can_take() : state_->readiness().has_value())) return false;
    state_->add(w, for_message);
    engine->flush_soon();
    return true;
}

bool feed_access::stop_waiting(feed_wait& w) const {
    const auto engine = state_->owner();
    if (!engine) return false;
    const std::lock_guard lock{engine->mutex()};
    return state_->remove(w);
}

void feed_access::pass_on() const {
    const auto engine = state_->owner();
    if (!engine) return;
    const std::lock_guard lock{engine->mutex()};
    state_->nudge();
    engine->flush_soon();
}

}  // namespace detail

std::optional<message> async_subscriber::try_next() {
    auto taken = detail::feed_access{state_}.take();
    if (!taken) return std::nullopt;
    return std::move(*taken).value();
}

void async_subscriber::listen(std::function<void(message&)> handler) {
    const auto engine = state_->owner();
    if (!engine) return;
    const std::lock_guard lock{engine->mutex()};
    state_->listen(std::move(handler));
    engine->flush_soon();
}

async_subscriber async_client::subscriber(const subscriber_options& options) {
    const std::lock_guard lock{state_->engine->mutex()};
    return {state_->engine->hubs().subscriber(options, nullptr), state_->engine->loop()};
}

async_subscriber async_client::subscriber() {
    return subscriber(subscriber_options{});
}

}  // namespace valkeyxx
