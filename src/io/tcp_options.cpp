#include "io/tcp_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <algorithm>

namespace valkeyxx::io {
namespace {

constexpr int probes = 3;

void set(int socket, int level, int option, int value) noexcept {
    static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
}

}  // namespace

void tune(int socket, const tcp_options& how) noexcept {
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    if (how.keepalive.count() > 0) {
        const auto idle = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(how.keepalive).count());
        set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
        set(socket, IPPROTO_TCP, TCP_KEEPIDLE, idle);
        set(socket, IPPROTO_TCP, TCP_KEEPINTVL, std::max(idle / probes, 1));
        set(socket, IPPROTO_TCP, TCP_KEEPCNT, probes);
    }
    if (how.user_timeout.count() > 0) {
        set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(how.user_timeout.count()));
    }
}

}  // namespace valkeyxx::io
