#include "client/sentinel_desk.hpp"

#include <memory>
#include <utility>

namespace valkeyxx::clients {

sentinel_desk::sentinel_desk(engine& of, std::string service, io::context& loop, std::weak_ptr<engine> client,
                             sentinel_listener& to)
    : link_{of},
      service_{std::move(service)},
      interviews_{of, service_, *this},
      client_{std::move(client)},
      to_{to},
      box_{std::make_shared<letter_box>(loop)} {}

switchboard& sentinel_desk::board() const noexcept {
    return static_cast<switchboard&>(link_.keeper());  // as make_map_keeper() gives it to every link
}

void sentinel_desk::ask(const endpoint& sentinel, bool seed, io::time_point deadline, std::uint64_t round) {
    if (!std::exchange(open_, true)) board().open(shared_from_this());
    interviews_.ask(sentinel, seed, deadline, round);
}

void sentinel_desk::close() {
    closed_ = true;
    if (over()) board().sweep_soon();
}

void sentinel_desk::told(sentinel_answer answer) {
    if (over()) board().sweep_soon();
    deliver([told = std::move(answer)](sentinel_listener& to) { to.told(told); });
}

void sentinel_desk::heard(reply_view push) {
    const auto event = topology::read_sentinel_event(push, service_);
    if (event.kind == topology::sentinel_event::kind::none) return;
    deliver([event](sentinel_listener& to) { to.announced(event); });
}

void sentinel_desk::gone(routing::node_id node) {
    // Not each time that it cannot be connected to: all would ask again, and that would not end.
    if (!interviews_.lost(node)) return;
    deliver([](sentinel_listener& to) { to.deaf(); });
}

void sentinel_desk::deliver(std::function<void(sentinel_listener&)> news) {
    // Its engine is not held here: the last one who does so destroys it, and that must not be the link's loop.
    box_->post([client = client_, &to = to_, news = std::move(news)] {
        const auto there = client.lock();
        if (!there) return;
        const engine::turn turn{*there};
        news(to);
    });
}

void switchboard::gone(routing::node_id node) {
    for (const auto& desk : desks_) desk->gone(node);
}

void switchboard::heard(routing::node_id /*from*/, reply_view push) {
    for (const auto& desk : desks_) desk->heard(push);
}

void switchboard::sweep_soon() {
    io::post(engine_.loop(), [this, keep = engine_.shared_from_this()] {
        const engine::turn turn{*keep};
        sweep();
    });
}

void switchboard::sweep() {
    std::erase_if(desks_, [](const auto& desk) { return desk->over(); });
}

}  // namespace valkeyxx::clients
