// Loopback sockets on top of the plain system calls.
#include "support/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace valkeyxx::testing {

namespace {

struct socket_address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

socket_address numeric_address(const std::string& host, std::uint16_t port) {
    socket_address result;
    if (auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
        inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        result.size = sizeof *v4;
        return result;
    }
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) != 1)
        throw std::invalid_argument("not a numeric address: " + host);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    result.size = sizeof *v6;
    return result;
}

void set_option(int fd, int level, int name) {
    const int on = 1;
    if (::setsockopt(fd, level, name, &on, sizeof on) != 0)
        throw std::system_error(errno, std::generic_category(), "setsockopt");
}

unique_fd open_socket(const socket_address& address, int flags) {
    unique_fd fd{::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)};
    if (!fd) throw std::system_error(errno, std::generic_category(), "socket");
    return fd;
}

}  // namespace

void unique_fd::reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::string address_text(const std::string& host, std::uint16_t port) {
    const bool is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

unique_fd listen_on(const std::string& host, std::uint16_t port) {
    const auto address = numeric_address(host, port);
    auto fd = open_socket(address, SOCK_NONBLOCK);
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR);
    if (::bind(fd.get(), address.get(), address.size) != 0 || ::listen(fd.get(), 511) != 0) {
        throw std::system_error(errno, std::generic_category(), "cannot listen on " + address_text(host, port));
    }
    return fd;
}

unique_fd start_connect(const std::string& host, std::uint16_t port) {
    const auto address = numeric_address(host, port);
    auto fd = open_socket(address, SOCK_NONBLOCK);
    set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    if (::connect(fd.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
        throw std::system_error(errno, std::generic_category(), "cannot connect to " + address_text(host, port));
    }
    return fd;
}

unique_fd accept_from(const unique_fd& listener) {
    unique_fd fd{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (fd) {
        set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    } else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "accept");
    }
    return fd;
}

bool can_bind(const std::string& host, std::uint16_t port) {
    const auto address = numeric_address(host, port);
    const auto fd = open_socket(address, 0);
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR);  // connections in TIME_WAIT do not hold a port
    return ::bind(fd.get(), address.get(), address.size) == 0;
}

void close_gently(unique_fd& fd) {
    if (!fd) return;
    ::shutdown(fd.get(), SHUT_WR);
    std::array<char, 16384> dropped;
    while (::recv(fd.get(), dropped.data(), dropped.size(), MSG_DONTWAIT) > 0) {
    }
    fd.reset();
}

void close_by_reset(unique_fd& fd) {
    if (!fd) return;
    const linger at_once{1, 0};
    // If this failed (the peer is gone already) a plain close is all that is left to do.
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd.reset();
}

}  // namespace valkeyxx::testing
