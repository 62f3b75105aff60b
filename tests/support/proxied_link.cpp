// Moving bytes from one socket to the other, late, in pieces, or not at all.
#include "support/proxied_link.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

namespace valkeyxx::testing {

namespace {

constexpr std::size_t most_held = 64;  // pieces, of up to 64 KiB: then the sender has to wait

std::size_t cut_at(const toxics& rules) {
    constexpr auto never = std::numeric_limits<std::size_t>::max();
    return std::min(rules.reset_after.value_or(never), rules.close_after.value_or(never));
}

}  // namespace

proxied_link::proxied_link(unique_fd client, unique_fd server)
    : client_(std::move(client)),
      server_(std::move(server)),
      up_{direction::up, client_, server_},
      down_{direction::down, server_, client_} {}

void proxied_link::reset() {
    close_by_reset(client_);
    close_by_reset(server_);
}

void proxied_link::close() {
    close_gently(client_);
    close_gently(server_);
}

bool proxied_link::is_blackholed(const stream& one, const toxics& rules) {
    return one.is_forgotten || (one.way == direction::up ? rules.blackhole_up : rules.blackhole_down);
}

void proxied_link::forward(toxics& rules, poll_thread::turn& turn) {
    for (auto* one : {&up_, &down_}) {
        if (!has_ended()) forward(*one, rules, turn);
    }
    if (!has_ended() && up_.end_passed && down_.end_passed) close();
}

void proxied_link::forward(stream& one, toxics& rules, poll_thread::turn& turn) {
    one.is_blocked = false;
    if (is_blackholed(one, rules)) return;
    while (!one.queue.empty()) {
        auto& front = one.queue.front();
        if (front.due > turn.now()) return turn.wake_at(front.due);
        if (front.bytes.empty()) {
            ::shutdown(one.to.get(), SHUT_WR);
            one.end_passed = true;
            one.queue.pop_front();
            return;
        }
        auto count = front.bytes.size();
        if (rules.chunk > 0) count = std::min(count, rules.chunk);
        if (one.way == direction::down) {
            const auto limit = cut_at(rules);
            count = std::min(count, limit - std::min(limit, one.sent));
            if (count == 0) return cut(rules);
        }
        if (!write_front(one, count)) return;
        if (one.way == direction::down && one.sent >= cut_at(rules)) return cut(rules);
        if (front.bytes.empty()) {
            one.queue.pop_front();
        } else if (rules.chunk > 0) {
            front.due = turn.now() + rules.chunk_gap;
        }
    }
}

// False when the loop has to stop: the receiver is full, or gone.
bool proxied_link::write_front(stream& one, std::size_t count) {
    auto& bytes = one.queue.front().bytes;
    const auto written = ::send(one.to.get(), bytes.data(), count, MSG_NOSIGNAL);
    if (written < 0) {
        one.is_blocked = errno == EAGAIN || errno == EINTR;
        if (!one.is_blocked) reset();
        return false;
    }
    bytes.erase(0, static_cast<std::size_t>(written));
    one.sent += static_cast<std::size_t>(written);
    return true;
}

void proxied_link::cut(toxics& rules) {
    if (rules.reset_after && *rules.reset_after == cut_at(rules)) {
        reset();
    } else {
        close();
    }
    if (rules.cuts > 0 && --rules.cuts == 0) {
        rules.reset_after.reset();
        rules.close_after.reset();
        rules.cuts = -1;
    }
}

bool proxied_link::wants_read(const stream& one, const toxics& rules) const {
    return !one.end_seen && !is_blackholed(one, rules) && one.queue.size() < most_held;
}

void proxied_link::watch(const toxics& rules, poll_thread::turn& turn) {
    watch(client_, up_, down_, rules, turn);
    watch(server_, down_, up_, rules, turn);
}

void proxied_link::watch(unique_fd& fd, stream& input, const stream& output, const toxics& rules,
                         poll_thread::turn& turn) {
    const bool reads = wants_read(input, rules);
    const auto events = static_cast<short>((reads ? POLLIN : 0) | (output.is_blocked ? POLLOUT : 0));
    // Watched for nothing, a socket still reports its end, over and over.
    if (events == 0) return;
    turn.watch(fd, events, [this, &input, &rules, reads](short ready) {
        if (reads && (ready & ~POLLOUT) != 0 && !has_ended()) read(input, rules);
    });
}

void proxied_link::read(stream& one, const toxics& rules) {
    std::array<char, 65536> buffer;
    const auto count = ::recv(one.from.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) reset();  // the one side was reset, or refused: so is the other
        return;
    }
    std::string bytes(buffer.data(), static_cast<std::size_t>(count));
    if (count == 0) one.end_seen = true;
    if (count > 0 && rules.mangle) {
        rules.mangle(bytes, one.way);
        if (bytes.empty()) return;
    }
    one.queue.push_back({poll_thread::clock::now() + rules.delay, std::move(bytes)});
}

}  // namespace valkeyxx::testing
