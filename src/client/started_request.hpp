// One command of a caller that does not wait, in the room that its receiver keeps for it.
#pragma once

#include <new>
#include <type_traits>
#include <utility>

#include "client/cancellable.hpp"
#include "client/engine.hpp"
#include "client/transaction.hpp"

#include <valkeyxx/detail/receiver.hpp>

namespace valkeyxx::clients {

class started_request : public request, public completion {
  public:
    started_request(engine& e, detail::receiver& r) : request{e, false}, receiver_{r} {}

    /// It is about to be submitted; requires the engine's lock.
    void begins() noexcept {}
    void on_reply(reply_view reply) noexcept override {
        if (session() != nullptr) session()->replied(*this, reply);
        receiver_.deliver(reply);
        owner().defer(*this);
    }
    void on_error(error why) noexcept override {
        if (session() != nullptr) session()->failed(*this, why);
        receiver_.fail(std::move(why));
        owner().defer(*this);
    }
    void on_part(const endpoint& by, reply_view reply) noexcept override { receiver_.deliver_part(by, reply); }
    void on_part_error(const endpoint& by, error why) noexcept override { receiver_.fail_part(by, std::move(why)); }
    void run() noexcept override { end(*this); }

  protected:
    template <class Kind>
    static void end(Kind& r) noexcept {
        detail::receiver& receiver = r.receiver_;
        r.Kind::~Kind();  // the receiver frees our room
        receiver.finish();
    }

  private:
    detail::receiver& receiver_;
};

/// The same for a caller who may cancel it.
class cancellable_request final : public started_request, public cancellable<cancellable_request> {
  public:
    using started_request::started_request;

    void begins(detail::cancel_ticket& ticket) { cancellable::begins(owner(), ticket); }
    void cancel(bool only_unnoticed) noexcept {
        if (!only_unnoticed || owner().unnoticed(*this)) owner().give_up(*this, giving_up::cancelled);
    }
    void on_reply(reply_view reply) noexcept override {
        ends();
        started_request::on_reply(reply);
    }
    void on_error(error why) noexcept override {
        ends();
        started_request::on_error(std::move(why));
    }
    void run() noexcept override { end(*this); }
};

static_assert(sizeof(cancellable_request) <= detail::call_storage::size);

/// Starts a request in the room that its receiver keeps for it.
/// @param submit  says what is to be sent and gives it to the engine; called under the lock, with the deadline set
/// @param ticket  none: nobody will cancel it
template <class Submit, class... Ticket>
void start(engine& e, detail::receiver& r, detail::call_storage& storage, Submit submit, Ticket&... ticket) {
    using kind = std::conditional_t<sizeof...(Ticket) == 0, started_request, cancellable_request>;
    auto* request = new (storage.bytes) kind{e, r};
    const engine::visit visit{e};
    request->set_deadline(e.default_deadline());
    request->begins(ticket...);
    submit(*request);
}

/// Starts a transaction.
/// @param session  the one to run it in; nullptr: none
/// @param ticket   nullptr: nobody will cancel it
void start(engine& e, const transaction& t, detail::receiver& r, detail::call_storage& storage, lease* session,
           detail::cancel_ticket* ticket);

}  // namespace valkeyxx::clients
