// RESP2 over a socket, one request at a time.
#include "support/admin.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "support/poll.hpp"
#include "support/resp_text.hpp"

namespace valkeyxx::testing {

std::string admin_reply::flat() const {
    if (kind != type::array) return text;
    std::string result;
    for (const auto& item : items) {
        if (&item != &items.front()) result += ' ';
        result += item.flat();
    }
    return result;
}

std::chrono::milliseconds admin_options::default_timeout() {
    return stretched(std::chrono::seconds{2});
}

admin::admin(std::uint16_t port, admin_options options)
    : port_(port), options_(std::move(options)), fd_(start_connect(options_.host, port)) {
    wait_for(POLLOUT, "connecting");
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) fail(error, "connecting");
    if (options_.password.empty()) return;
    if (options_.user.empty()) {
        (*this)({"AUTH", options_.password});
    } else {
        (*this)({"AUTH", options_.user, options_.password});
    }
}

std::string admin::operator()(const request& words) {
    const auto reply = call(words);
    if (reply.is_error()) {
        std::string command;
        for (const auto& word : words) command += word.substr(0, 40) + " ";
        throw admin_error(address_text(options_.host, port_) + " answered " + command + "with: " + reply.text);
    }
    return reply.flat();
}

admin_reply admin::call(const request& words) {
    send(words);
    return read();
}

void admin::send(const request& words) {
    const auto bytes = resp::request(words);
    for (std::size_t sent = 0; sent < bytes.size();) {
        const auto count = ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count >= 0) {
            sent += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            wait_for(POLLOUT, "sending");
        } else if (errno != EINTR) {
            fail(errno, "sending");
        }
    }
}

admin_reply admin::read() {
    using type = admin_reply::type;
    const auto line = read_line();
    const auto rest = line.empty() ? std::string() : line.substr(1);
    switch (line.empty() ? '\0' : line[0]) {
        case '+':
            return {type::status, rest, {}};
        case '-':
            return {type::error, rest, {}};
        case ':':
            return {type::integer, rest, {}};
        case '$': {
            if (rest == "-1") return {};
            auto text = read_bytes(std::stoul(rest));
            return {type::bulk, std::move(text), {}};
        }
        case '*': {
            if (rest == "-1") return {};
            admin_reply reply{type::array, {}, {}};
            for (auto left = std::stoul(rest); left > 0; --left) reply.items.push_back(read());
            return reply;
        }
        default:
            throw std::runtime_error(address_text(options_.host, port_) +
                                     " sent what is not RESP2: " + line.substr(0, 80));
    }
}

bool admin::is_closed_by_server() {
    try {
        for (;;) fill();
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::timed_out) return false;
        return true;
    }
}

void admin::wait_for(short events, std::string_view doing) {
    const auto end = std::chrono::steady_clock::now() + options_.timeout;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) fail(ETIMEDOUT, doing);
        pollfd entry{fd_.get(), events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
        if (ready > 0) return;
        if (ready < 0 && errno != EINTR) fail(errno, doing);
    }
}

void admin::fill() {
    std::array<char, 16384> bytes;
    for (;;) {
        const auto count = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
        if (count > 0) {
            buffer_.append(bytes.data(), static_cast<std::size_t>(count));
            return;
        }
        if (count == 0) fail(EPIPE, "reading");
        if (errno == EAGAIN) {
            wait_for(POLLIN, "reading");
        } else if (errno != EINTR) {
            fail(errno, "reading");
        }
    }
}

std::string admin::read_line() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) fill();
    auto line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
}

std::string admin::read_bytes(std::size_t count) {
    while (buffer_.size() < count + 2) fill();
    auto bytes = buffer_.substr(0, count);
    buffer_.erase(0, count + 2);
    return bytes;
}

void admin::fail(int error, std::string_view doing) const {
    throw std::system_error(error, std::generic_category(),
                            std::string(doing) + " " + address_text(options_.host, port_));
}

}  // namespace valkeyxx::testing
