// What a ticket leads to: a call whose caller may give it up.
#pragma once

#include "client/engine.hpp"

#include <valkeyxx/detail/cancel_ticket.hpp>

namespace valkeyxx::clients {

/// A `Call` derives from it and has `void cancel(bool only_unnoticed) noexcept`, which is called under the engine's
/// lock between begins() and ends(). It is no virtual function, for which a request in the room that its receiver keeps
/// has no room.
template <class Call>
class cancellable {
  protected:
    /// It is about to be started. Requires the engine's lock, as ends() does. The ticket must be there until then.
    void begins(engine& e, detail::cancel_ticket& ticket) {
        ticket_ = &ticket;
        ticket.engine_ = e.in_sight();
        ticket.call_ = this;
        ticket.give_up_ = [](void* call, bool only_unnoticed) noexcept {
            static_cast<Call*>(static_cast<cancellable*>(call))->cancel(only_unnoticed);
        };
    }
    /// It has its outcome.
    void ends() noexcept { ticket_->call_ = nullptr; }

  private:
    detail::cancel_ticket* ticket_ = nullptr;
};

}  // namespace valkeyxx::clients
