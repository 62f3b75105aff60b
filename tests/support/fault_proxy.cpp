// Accepting, and applying changes to all links.
#include "support/fault_proxy.hpp"

#include <poll.h>

#include <utility>

#include "support/network.hpp"
#include "support/proxied_link.hpp"

namespace valkeyxx::testing {

fault_proxy::fault_proxy(std::uint16_t target_port, std::string host)
    : host_(std::move(host)),
      target_port_(target_port),
      port_(next_port()),
      listener_(listen_on(host_, port_)),
      thread_([this](poll_thread::turn& turn) { prepare(turn); }) {}

fault_proxy::~fault_proxy() = default;

void fault_proxy::set(const std::function<void(toxics&)>& change) {
    thread_.run_inside([&] {
        accept_waiting();  // what connected before this call is not touched by a closed listener
        change(toxics_);
        for (auto& link : links_) link.restart_count();
        if (toxics_.refuse) {
            listener_.reset();
        } else if (!listener_) {
            listener_ = listen_on(host_, port_);
        }
    });
}

void fault_proxy::clear() {
    set([](toxics& all) { all = {}; });
    forget_open(false, false);
}

void fault_proxy::forget_open(bool up, bool down) {
    thread_.run_inside([this, up, down] {
        accept_waiting();  // those that connected before this call are meant too
        for (auto& link : links_) link.forget(up, down);
    });
}

void fault_proxy::reset_all() {
    thread_.run_inside([this] {
        accept_waiting();  // those that connected before this call are meant too
        for (auto& link : links_) link.reset();
    });
}

void fault_proxy::close_all() {
    thread_.run_inside([this] {
        accept_waiting();
        for (auto& link : links_) link.close();
    });
}

int fault_proxy::open_connections() {
    int count = 0;
    thread_.run_inside([&] {
        accept_waiting();
        for (const auto& link : links_) count += link.has_ended() ? 0 : 1;
    });
    return count;
}

int fault_proxy::accepted() {
    int count = 0;
    thread_.run_inside([&] {
        accept_waiting();
        count = accepted_;
    });
    return count;
}

void fault_proxy::prepare(poll_thread::turn& turn) {
    for (auto& link : links_) link.forward(toxics_, turn);
    links_.remove_if([](const proxied_link& link) { return link.has_ended(); });
    for (auto& link : links_) link.watch(toxics_, turn);
    if (listener_) turn.watch(listener_, POLLIN, [this](short) { accept_waiting(); });
}

void fault_proxy::accept_waiting() {
    if (!listener_) return;
    while (auto client = accept_from(listener_)) {
        ++accepted_;
        if (toxics_.accept_then_close) {
            close_gently(client);
        } else {
            links_.emplace_back(std::move(client), start_connect(host_, target_port_));
        }
    }
}

}  // namespace valkeyxx::testing
