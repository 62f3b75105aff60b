// Connections of the fake server: read requests, ask the handler, write what it says.
#include "support/fake_server.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include "support/network.hpp"
#include "support/resp_text.hpp"

namespace valkeyxx::testing {

namespace {

fake_server::connection_handler follow(fake_server::script steps) {
    return
        [steps = std::move(steps), used = std::map<int, std::size_t>()](int connection, const auto&) mutable -> answer {
            if (steps.empty()) return answer::silence();
            const auto& list = steps[std::min(static_cast<std::size_t>(connection), steps.size() - 1)];
            const auto next = used[connection]++;
            return next < list.size() ? list[next] : answer::silence();
        };
}

}  // namespace

fake_server::fake_server(handler handle, std::string host)
    : fake_server([handle = std::move(handle)](int, const request& words) { return handle(words); }, std::move(host)) {}

fake_server::fake_server(script steps, std::string host) : fake_server(follow(std::move(steps)), std::move(host)) {}

fake_server::fake_server(connection_handler handle, std::string host)
    : handle_(std::move(handle)),
      host_(std::move(host)),
      port_(next_port()),
      listener_(listen_on(host_, port_)),
      thread_([this](poll_thread::turn& turn) { prepare(turn); }) {}

std::vector<fake_server::request> fake_server::requests() {
    std::vector<request> all;
    thread_.run_inside([&] {
        for (const auto& one : received_) all.push_back(one.words);
    });
    return all;
}

std::vector<fake_server::request> fake_server::requests_on(int number) {
    std::vector<request> all;
    thread_.run_inside([&] {
        for (const auto& one : received_) {
            if (one.connection == number) all.push_back(one.words);
        }
    });
    return all;
}

int fake_server::accepted() {
    int count = 0;
    thread_.run_inside([&] {
        accept_waiting();
        count = accepted_;
    });
    return count;
}

int fake_server::open_connections() {
    int count = 0;
    thread_.run_inside([&] {
        accept_waiting();
        for (const auto& one : connections_) count += one.fd ? 1 : 0;
    });
    return count;
}

void fake_server::broadcast(std::string bytes) {
    thread_.run_inside([&] {
        accept_waiting();
        for (auto& one : connections_) one.queue.push_back({poll_thread::clock::now(), bytes, answer::ending::stay});
    });
}

void fake_server::close_all() {
    thread_.run_inside([this] {
        accept_waiting();  // those that connected before this call are meant too
        for (auto& one : connections_) close_gently(one.fd);
    });
}

void fake_server::reset_all() {
    thread_.run_inside([this] {
        accept_waiting();
        for (auto& one : connections_) close_by_reset(one.fd);
    });
}

void fake_server::refuse(bool on) {
    thread_.run_inside([this, on] {
        accept_waiting();
        if (on) {
            listener_.reset();
        } else if (!listener_) {
            listener_ = listen_on(host_, port_);
        }
    });
}

void fake_server::prepare(poll_thread::turn& turn) {
    for (auto& one : connections_) write_due(one, turn);
    connections_.remove_if([](const connection& one) { return !one.fd; });
    for (auto& one : connections_) {
        turn.watch(one.fd, static_cast<short>(POLLIN | (one.is_blocked ? POLLOUT : 0)), [this, &one](short ready) {
            if ((ready & ~POLLOUT) != 0 && one.fd) read(one);
        });
    }
    if (listener_) turn.watch(listener_, POLLIN, [this](short) { accept_waiting(); });
}

void fake_server::accept_waiting() {
    if (!listener_) return;
    while (auto fd = accept_from(listener_)) connections_.push_back({accepted_++, std::move(fd)});
}

void fake_server::read(connection& one) {
    std::array<char, 65536> buffer;
    const auto count = ::recv(one.fd.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return one.fd.reset();  // like a real server: a client that has closed gets no more replies
    one.reader.feed({buffer.data(), static_cast<std::size_t>(count)});
    while (one.fd) {
        const auto words = next_request(one);
        if (!words) return;
        received_.push_back({one.number, *words});
        handle(one, *words);
    }
}

// None when more bytes have to come, or when what came is no request: that ends the connection as with a real server.
std::optional<fake_server::request> fake_server::next_request(connection& one) {
    try {
        return one.reader.next();
    } catch (const std::runtime_error& error) {
        const auto text = resp::error("ERR Protocol error: " + std::string(error.what()));
        one.queue.push_back({poll_thread::clock::now(), text, answer::ending::close});
        return std::nullopt;
    }
}

void fake_server::handle(connection& one, const request& words) {
    const auto result = handle_(one.number, words);
    auto due = poll_thread::clock::now() + result.delay;
    if (!one.queue.empty()) due = std::max(due, one.queue.back().due);  // replies never overtake each other
    for (const auto& piece : result.pieces) {
        one.queue.push_back({due, piece, answer::ending::stay});
        due += result.gap;
    }
    if (result.end != answer::ending::stay) one.queue.push_back({due, {}, result.end});
}

void fake_server::write_due(connection& one, poll_thread::turn& turn) {
    one.is_blocked = false;
    while (one.fd && !one.queue.empty()) {
        auto& front = one.queue.front();
        if (front.due > turn.now()) return turn.wake_at(front.due);
        if (!front.bytes.empty()) {
            const auto written = ::send(one.fd.get(), front.bytes.data(), front.bytes.size(), MSG_NOSIGNAL);
            one.is_blocked = written < 0 && (errno == EAGAIN || errno == EINTR);
            if (one.is_blocked) return;
            if (written < 0) return one.fd.reset();
            front.bytes.erase(0, static_cast<std::size_t>(written));
            continue;
        }
        if (front.end == answer::ending::close) close_gently(one.fd);
        if (front.end == answer::ending::reset) close_by_reset(one.fd);
        one.queue.pop_front();
    }
}

}  // namespace valkeyxx::testing
