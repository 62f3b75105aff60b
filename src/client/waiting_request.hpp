// One command of a waiting thread, on its stack.
#pragma once

#include <utility>

#include "client/baton.hpp"
#include "client/lease.hpp"
#include "client/request.hpp"

#include <valkeyxx/detail/receiver.hpp>

namespace valkeyxx::clients {

class waiting_request final : public request, public waiter {
  public:
    waiting_request(engine& e, baton& b, detail::receiver& r) : request{e, true}, baton_{b}, receiver_{r} {}

    void on_reply(reply_view reply) noexcept override {
        if (session() != nullptr) session()->replied(*this, reply);
        receiver_.deliver(reply);
        baton_.finish(*this);
    }
    void on_error(error why) noexcept override {
        if (session() != nullptr) session()->failed(*this, why);
        receiver_.fail(std::move(why));
        baton_.finish(*this);
    }
    void on_part(const endpoint& by, reply_view reply) noexcept override { receiver_.deliver_part(by, reply); }
    void on_part_error(const endpoint& by, error why) noexcept override { receiver_.fail_part(by, std::move(why)); }
    connection* awaited() noexcept override { return in_flight_on(); }

  private:
    baton& baton_;
    detail::receiver& receiver_;
};

}  // namespace valkeyxx::clients
