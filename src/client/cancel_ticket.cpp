#include <valkeyxx/detail/cancel_ticket.hpp>

#include <mutex>

#include "client/engine.hpp"

namespace valkeyxx::detail {

void cancel_ticket::cancel(bool only_unnoticed) noexcept {
    if (!engine_) return;                        // it was never started
    const std::lock_guard here{engine_->mutex};  // the engine does not go meanwhile
    clients::engine* const e = engine_->there;
    if (e == nullptr) return;
    const std::lock_guard lock{e->mutex()};
    if (call_ == nullptr || e->inherited()) return;  // in a forked child: the parent has another copy of it
    give_up_(call_, only_unnoticed);
    // Whoever is to be told is told by the loop: we are perhaps in the midst of a handler of theirs.
    e->flush_soon();
}

}  // namespace valkeyxx::detail
