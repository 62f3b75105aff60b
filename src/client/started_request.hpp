// One command of a caller that does not wait, in the room that its receiver keeps for it.
#pragma once

#include <utility>

#include "client/engine.hpp"
#include "client/transaction.hpp"

#include <valkeyxx/detail/receiver.hpp>

namespace valkeyxx::clients {

class started_request final : public request, public completion {
  public:
    started_request(engine& e, detail::receiver& r) : request{e, false}, owner_{e}, receiver_{r} {}

    void on_reply(reply_view reply) noexcept override {
        if (session() != nullptr) session()->replied(*this, reply);
        receiver_.deliver(reply);
        owner_.defer(*this);
    }
    void on_error(error why) noexcept override {
        if (session() != nullptr) session()->failed(*this, why);
        receiver_.fail(std::move(why));
        owner_.defer(*this);
    }
    void on_part(const endpoint& by, reply_view reply) noexcept override { receiver_.deliver_part(by, reply); }
    void on_part_error(const endpoint& by, error why) noexcept override { receiver_.fail_part(by, std::move(why)); }
    void run() noexcept override {
        detail::receiver& r = receiver_;
        this->~started_request();  // the receiver frees our room
        r.finish();
    }

  private:
    engine& owner_;
    detail::receiver& receiver_;
};

static_assert(sizeof(started_request) <= detail::call_storage::size);

/// Starts a transaction.
/// @param session  the one to run it in; nullptr: none
void start(engine& e, const transaction& t, detail::receiver& r, detail::call_storage& storage, lease* session);

}  // namespace valkeyxx::clients
