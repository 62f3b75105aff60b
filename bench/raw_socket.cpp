// System calls of the raw loops.
#include "raw_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "harness.hpp"

namespace valkeyxx::bench {
namespace {

[[noreturn]] void die_of(const char* call) {
    die(std::string(call) + ": " + std::strerror(errno));
}

std::size_t receive_with(int descriptor, std::span<char> into, int flags) {
    for (;;) {
        const ssize_t n = ::recv(descriptor, into.data(), into.size(), flags);
        if (n > 0) return static_cast<std::size_t>(n);
        if (n == 0) die("the server closed a connection");
        if (errno == EAGAIN && (flags & MSG_DONTWAIT)) return 0;
        if (errno != EINTR) die_of("recv");
    }
}

}  // namespace

raw_socket::raw_socket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) die_of("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die_of("connect");
    const int on = 1;
    if (::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) die_of("setsockopt");
}

raw_socket::~raw_socket() {
    ::close(descriptor_);
}

void raw_socket::send_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(n));
        else if (errno != EINTR)
            die_of("send");
    }
}

std::size_t raw_socket::receive(std::span<char> into) {
    return receive_with(descriptor_, into, 0);
}

std::size_t raw_socket::receive_ready(std::span<char> into) {
    return receive_with(descriptor_, into, MSG_DONTWAIT);
}

std::deque<raw_socket> connect_all(std::span<const std::uint16_t> ports) {
    std::deque<raw_socket> sockets;
    for (const std::uint16_t port : ports) sockets.emplace_back(port);
    return sockets;
}

}  // namespace valkeyxx::bench
