// The limit of the async scenarios: epoll, one recv and one send for each node that woke up.
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

#include "async_load.hpp"
#include "raw_protocol.hpp"
#include "raw_socket.hpp"

namespace valkeyxx::bench {
namespace {

/// What is to be sent to a node, and what it owes: a ring of as many requests as can be in flight at all.
class raw_node {
  public:
    raw_node(const raw_command& command, const raw_reply& reply, std::size_t width)
        : reader(reply.size()), command_(command), owed_(width) {
        requests_.reserve(width * command.size());
    }

    void add(const async_load::request& r) {
        const std::size_t at = requests_.size();
        requests_ += command_.bytes();
        command_.patch(requests_.data() + at, r.key);
        owed_[sent_++ % owed_.size()] = r;
    }
    void flush(raw_socket& socket) {
        if (requests_.empty()) return;
        socket.send_all(requests_);
        requests_.clear();
    }
    const async_load::request& take_oldest() { return owed_[answered_++ % owed_.size()]; }

    raw_reader reader;

  private:
    const raw_command& command_;
    std::string requests_;
    std::vector<async_load::request> owed_;
    std::size_t sent_ = 0;
    std::size_t answered_ = 0;
};

int watch(std::deque<raw_socket>& sockets) {
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0) die("epoll_create1 failed");
    for (std::size_t node = 0; node < sockets.size(); ++node) {
        epoll_event interest{};
        interest.events = EPOLLIN;
        interest.data.u64 = node;
        if (::epoll_ctl(poll, EPOLL_CTL_ADD, sockets[node].descriptor(), &interest) != 0) die("epoll_ctl failed");
    }
    return poll;
}

void run_async(job& j) {
    const raw_command command(j.keys, false);
    const raw_reply reply(j.keys, false);
    auto sockets = connect_all(j.ports());
    std::vector<raw_node> nodes(sockets.size(), raw_node(command, reply, j.what.width));
    const int poll = watch(sockets);

    async_load load(j);
    const auto fill = [&] {
        while (load.wants_more()) {
            const auto request = load.next();
            nodes[j.node_of(request.key)].add(request);
        }
        for (std::size_t node = 0; node < nodes.size(); ++node) nodes[node].flush(sockets[node]);
    };

    load.start();
    fill();
    std::array<epoll_event, cluster_nodes> ready{};
    while (load.in_flight()) {
        const int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
        if (count < 0 && errno != EINTR) die("epoll_wait failed");
        for (int i = 0; i < count; ++i) {
            const std::size_t at = ready[static_cast<std::size_t>(i)].data.u64;
            raw_node& node = nodes[at];
            node.reader.take(sockets[at].receive_ready(node.reader.space()), [&](const char* bytes) {
                const auto& request = node.take_oldest();
                if (bytes[0] != '$') j.wrong_reply(request.key);
                load.finished(request, reply.value(bytes));
            });
        }
        fill();
    }
    load.stop();
    ::close(poll);
}

const registration scenarios{"raw", {"async64", "async1024", "casync64", "casync1024"}, run_async};

}  // namespace
}  // namespace valkeyxx::bench
