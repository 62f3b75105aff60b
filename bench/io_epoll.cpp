// I/O by epoll alone, the limit to compare with: edge-triggered, so that nothing is told to the kernel after
// connecting.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io_traffic.hpp"
#include "raw_socket.hpp"

namespace valkeyxx::bench {
namespace {

template <class Sink>
class epoll_transport {
  public:
    epoll_transport(std::span<const std::uint16_t> ports, Sink& sink)
        : sink_{sink}, sockets_{connect_all(ports)}, out_(ports.size()), poll_{::epoll_create1(EPOLL_CLOEXEC)} {
        if (poll_ < 0) die("epoll_create1 failed");
        for (std::size_t at = 0; at < sockets_.size(); ++at) {
            epoll_event interest{};
            interest.events = EPOLLIN | EPOLLOUT | EPOLLET;
            interest.data.u64 = at;
            if (::epoll_ctl(poll_, EPOLL_CTL_ADD, sockets_[at].descriptor(), &interest) != 0) die("epoll_ctl failed");
        }
    }
    ~epoll_transport() { ::close(poll_); }
    epoll_transport(const epoll_transport&) = delete;
    epoll_transport& operator=(const epoll_transport&) = delete;

    std::string& out(std::size_t at) { return out_[at]; }

    void flush() {
        for (std::size_t at = 0; at < out_.size(); ++at) write(at);
    }

    void turn() {
        std::array<epoll_event, cluster_nodes> ready{};
        const int count = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), -1);
        if (count < 0 && errno != EINTR) die("epoll_wait failed");
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = ready[static_cast<std::size_t>(i)];
            if ((event.events & EPOLLIN) != 0) read(event.data.u64);
            if ((event.events & EPOLLOUT) != 0) write(event.data.u64);
        }
    }

  private:
    void read(std::size_t at) {
        for (;;) {
            const std::span<char> space = sink_.space(at);
            const std::size_t bytes = sockets_[at].receive_ready(space);
            sink_.received(at, bytes);
            if (bytes < space.size()) return;
        }
    }

    void write(std::size_t at) {
        std::string& out = out_[at];
        if (out.empty()) return;
        const ssize_t n = ::send(sockets_[at].descriptor(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0) {
            out.erase(0, static_cast<std::size_t>(n));
        } else if (errno != EAGAIN) {
            die(std::string("send: ") + std::strerror(errno));
        }
    }

    Sink& sink_;
    std::deque<raw_socket> sockets_;
    std::vector<std::string> out_;
    int poll_;
};

const io_registration<epoll_transport> scenarios{"epoll"};

}  // namespace
}  // namespace valkeyxx::bench
