// Asio's cancellation of commands; part of <valkeyxx/asio.hpp>.
//
//   auto either = co_await (cluster.execute(get("user:1"), asio::use_awaitable) ||
//   timer.async_wait(asio::use_awaitable));
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <valkeyxx/detail/cancel_ticket.hpp>

namespace valkeyxx::detail {

using ticket_owner = boost::intrusive_ptr<cancel_ticket>;

/// For a handler whose cancellation slot is connected: what leads from there to the call that is about to be started.
/// The slot is cleared when the handler is about to be called. nullptr: it is not connected.
template <class Handler>
ticket_owner ticket_for(const Handler& handler) {
    using boost::asio::cancellation_type;
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (!slot.is_connected()) [[likely]]
        return nullptr;
    ticket_owner ticket{new cancel_ticket};
    slot.assign([ticket](cancellation_type type) {
        if (type == cancellation_type::none) return;
        // `total` alone promises that nothing has happened.
        const auto promises_less = cancellation_type::terminal | cancellation_type::partial;
        ticket->cancel((type & promises_less) == cancellation_type::none);
    });
    return ticket;
}

}  // namespace valkeyxx::detail
