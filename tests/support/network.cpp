// Network namespace and port blocks.
#include "support/network.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "support/socket.hpp"

namespace valkeyxx::testing {

namespace {

constexpr int first_port = 22000;
constexpr int end_port = 32700;  // net.ipv4.ip_local_port_range starts at 32768: no client socket takes one of ours
constexpr int block_size = 100;

std::atomic<bool> isolated{false};

void bring_up_loopback() {
    const unique_fd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (!fd || ::ioctl(fd.get(), SIOCSIFFLAGS, &request) != 0) {
        throw std::system_error(errno, std::generic_category(),
                                "cannot bring up the loopback of the new network namespace");
    }
}

// Programs on a shared loopback keep apart by 100-port blocks. A block is held by an abstract Unix socket of that name:
// such names live in the network namespace, exactly as ports do, vanish with their process and leave no file behind.
unique_fd hold_block(int first) {
    const std::string name = "valkeyxx-test-ports-" + std::to_string(first);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    unique_fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!fd) throw std::system_error(errno, std::generic_category(), "socket");
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) return fd;
    if (errno != EADDRINUSE) throw std::system_error(errno, std::generic_category(), "cannot hold a block of ports");
    return {};
}

class port_counter {
  public:
    std::uint16_t next() {
        const std::lock_guard guard(mutex_);
        for (int tries = 0; tries < end_port - first_port; ++tries) {
            const int port = advance();
            if (can_bind("127.0.0.1", static_cast<std::uint16_t>(port))) return static_cast<std::uint16_t>(port);
        }
        throw std::runtime_error("no free port left");
    }

  private:
    int advance() {
        if (next_ == end_of_block_) next_block();
        return next_++;
    }

    void next_block() {
        for (int tries = 0; tries < (end_port - first_port) / block_size; ++tries) {
            const int first = end_of_block_ < end_port ? end_of_block_ : first_port;
            end_of_block_ = first + block_size;
            next_ = first;
            if (is_ours(first)) return;
        }
        throw std::runtime_error("no free block of ports left: too many test programs at once");
    }

    // Asked again for a block we hold (all have been used once) the answer is yes too: the bind probe finds what is
    // free.
    bool is_ours(int first) {
        if (isolated) return true;
        for (const int block : held_) {
            if (block == first) return true;
        }
        auto hold = hold_block(first);
        if (!hold) return false;
        held_.push_back(first);
        holds_.push_back(std::move(hold));
        return true;
    }

    std::mutex mutex_;
    int next_ = first_port;
    int end_of_block_ = first_port;
    std::vector<int> held_;
    std::vector<unique_fd> holds_;
};

}  // namespace

bool isolate_network() {
    if (isolated) return true;
    if (std::getenv("VALKEYXX_NO_NETNS") != nullptr) return false;
    if (::unshare(CLONE_NEWNET) != 0) return false;
    bring_up_loopback();
    isolated = true;
    return true;
}

bool is_network_isolated() {
    return isolated;
}

std::uint16_t next_port() {
    static port_counter ports;
    return ports.next();
}

}  // namespace valkeyxx::testing
