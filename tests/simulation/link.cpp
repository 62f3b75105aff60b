#include "link.hpp"

#include <algorithm>
#include <cstring>

#include "network.hpp"

namespace valkeyxx::simulation {
namespace {

constexpr std::size_t bytewise = 96;  // of what is sent at once, only so much goes byte by byte

std::error_code closed() {
    return std::make_error_code(std::errc::connection_reset);
}

}  // namespace

link::link(network& net, listener& server, std::size_t window) : net_{net}, server_{server}, window_{window} {}

std::size_t link::room() const noexcept {
    const std::size_t held = up_.wire.size() + up_.arrived.size();
    return held < window_ ? window_ - held : 0;
}

io::transfer link::read(std::span<char> into) noexcept {
    const std::size_t n = std::min(into.size(), down_.arrived.size() - down_.read);
    if (n != 0) {
        std::memcpy(into.data(), down_.arrived.data() + down_.read, n);
        down_.read += n;
        if (down_.read == down_.arrived.size()) {
            down_.arrived.clear();
            down_.read = 0;
        }
        return {.bytes = n, .failure = {}};
    }
    if (down_.ended || !client_open_) return {.bytes = 0, .failure = closed()};
    return {};
}

io::transfer link::write(std::string_view bytes) noexcept {
    if (down_.ended || !client_open_) {
        return {.bytes = 0, .failure = std::make_error_code(std::errc::broken_pipe)};
    }
    if (severed_) return {.bytes = bytes.size(), .failure = {}};
    if (cut_request_ && bytes.size() > 1) {
        cut_request_ = false;
        severed_ = true;
        send(up_, bytes.substr(0, 1 + net_.random().below(bytes.size() - 1)));
        send_end(up_);
        send_end(down_);
        return {.bytes = bytes.size(), .failure = {}};
    }
    const std::size_t n = std::min(bytes.size(), room());
    if (n != 0) send(up_, bytes.substr(0, n));
    return {.bytes = n, .failure = {}};
}

void link::await_readable(waiter ready) {
    readable_ = std::move(ready);
    if (down_.ended || !client_open_ || !down_.arrived.empty()) wake(readable_);
}

void link::await_writable(waiter ready) {
    writable_ = std::move(ready);
    if (down_.ended || !client_open_ || room() != 0) wake(writable_);
}

void link::close_by_client() noexcept {
    if (!client_open_) return;
    client_open_ = false;
    abort(readable_);
    abort(writable_);
    if (net_.random().percent(net_.how().abrupt_close_percent)) {
        up_.wire.clear();
        up_.stalled = 0;
    }
    send_end(up_);
}

void link::read_by_server() {
    session_.unread += up_.arrived;
    up_.arrived.clear();
    if (writable_ && room() != 0) wake(writable_);
}

void link::reply(std::string_view bytes) {
    if (!server_open_ || bytes.empty()) return;
    if (cut_reply_) {
        cut_reply_ = false;
        send(down_, bytes.substr(0, net_.random().percent(50) ? 0 : net_.random().below(bytes.size())));
        close_by_server();
        return;
    }
    send(down_, bytes);
}

void link::close_by_server() {
    if (!server_open_) return;
    server_open_ = false;
    up_.arrived.clear();
    send_end(down_);
}

void link::vanish() noexcept {
    server_open_ = false;
    up_.arrived.clear();
}

void link::tell_dead() {
    net_.time().after(server_.latency(), [self = shared_from_this()] { self->deliver_end(self->down_); });
}

void link::send(pipe& p, std::string_view bytes) {
    if (bytes.empty()) return;
    p.wire.append(bytes);
    std::size_t left = bytes.size();
    dice& random = net_.random();
    switch (net_.how().split) {
        case segments::whole:
            break;
        case segments::pieces:
            while (left > 1 && random.percent(60)) {
                const std::size_t n = 1 + random.below(left - 1);
                segment(p, n);
                left -= n;
            }
            break;
        case segments::bytes:
            for (std::size_t i = 0; i < bytewise && left > 1; ++i, --left) segment(p, 1);
            break;
    }
    segment(p, left);
}

void link::segment(pipe& p, std::size_t size) {
    p.last = std::max(p.last, scheduler::now() + server_.latency());
    net_.time().at(p.last, [self = shared_from_this(), &p, size] { self->arrive(p, size); });
}

void link::send_end(pipe& p) {
    p.last = std::max(p.last, scheduler::now() + server_.latency());
    net_.time().at(p.last, [self = shared_from_this(), &p] { self->arrive_end(p); });
}

void link::arrive(pipe& p, std::size_t size) {
    if (dead_) return;
    size = std::min(size, p.wire.size() - p.stalled);  // less if the sender has dropped it
    if (size == 0) return;
    if (p.stalled != 0 || server_.cut_off() || server_.at_the_door() == listener::door::silent) {
        p.stalled += size;
    } else {
        deliver(p, size);
    }
}

void link::arrive_end(pipe& p) {
    if (dead_) return;
    if (p.stalled != 0 || server_.cut_off() || server_.at_the_door() == listener::door::silent) {
        p.end_stalled = true;
    } else {
        deliver_end(p);
    }
}

void link::deliver(pipe& p, std::size_t size) {
    if (&p == &up_) {
        if (!server_open_) {  // the process or the machine it came from is gone: a reset is the answer
            p.wire.clear();
            p.stalled = 0;
            send_end(down_);
            return;
        }
        p.arrived.append(p.wire, 0, size);
        p.wire.erase(0, size);
        server_.heard(*this);
    } else {
        if (client_open_) p.arrived.append(p.wire, 0, size);
        p.wire.erase(0, size);
        wake(readable_);
    }
}

void link::deliver_end(pipe& p) {
    if (p.ended) return;
    p.ended = true;
    if (&p == &up_) {
        if (server_open_) server_.heard(*this);
    } else {
        wake(readable_);
        wake(writable_);
    }
}

void link::resume() {
    for (pipe* p : {&up_, &down_}) {
        if (p->stalled == 0 && !p->end_stalled) continue;
        const auto way = net_.random().between(duration{0}, net_.how().retransmission);
        net_.time().after(way, [self = shared_from_this(), p] {
            if (self->dead_ || self->server_.cut_off() || self->server_.at_the_door() == listener::door::silent) return;
            if (const std::size_t size = std::exchange(p->stalled, 0); size != 0) self->deliver(*p, size);
            if (std::exchange(p->end_stalled, false)) self->deliver_end(*p);
        });
    }
}

void link::wake(waiter& who) noexcept {
    if (!who) return;
    net_.time().after({}, [ready = std::move(who)]() mutable { ready({}); });
    who.reset();
}

void link::abort(waiter& who) noexcept {
    if (!who) return;
    net_.time().after({}, [ready = std::move(who)]() mutable { ready(boost::asio::error::operation_aborted); });
    who.reset();
}

}  // namespace valkeyxx::simulation
