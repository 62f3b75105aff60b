// What a subscriber costs at full blast: this library's handler and coroutine-less queue against hiredis' asynchronous
// API, in turn, in one run.
//
//   valkeyxx_bench_pubsub                          messages come from a thread that only writes: the client is the
//   limit valkeyxx_bench_pubsub --port 6379              they are published on a real server, by a thread of this
//   program valkeyxx_bench_pubsub --messages 2000000 --size 64 --rounds 5
//
// hiredis 0.14 speaks RESP2, so that is what is compared; this library's RESP3 stands beside it. CPU time is that of
// the thread that receives.
#include <hiredis/async.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "epoll_loop.hpp"
#include "harness.hpp"

#include <valkeyxx/valkeyxx.hpp>

namespace {

namespace vk = valkeyxx;
using valkeyxx::bench::die;
using clock_type = std::chrono::steady_clock;

struct settings {
    std::uint16_t port = 0;
    std::size_t messages = 2'000'000;
    std::size_t size = 64;
    int rounds = 5;
};

constexpr std::string_view channel = "news";

std::string bulk(std::string_view text) {
    return "$" + std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
}

void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;  // the subscriber has enough
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

int connected_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) die("cannot connect to the server");
    return fd;
}

/// Messages for one subscriber: from a thread that answers as a server would, as far as a subscriber asks, and then
/// writes messages as fast as they are taken.
class source {
  public:
    explicit source(const settings& s) : settings_{s}, listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), size) != 0 || ::listen(listener_, 1) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
            die("cannot listen");
        }
        port_ = ntohs(at.sin_port);
        thread_ = std::thread{[this] { serve(); }};
    }
    ~source() {
        thread_.join();
        ::close(listener_);
    }
    source(const source&) = delete;
    source& operator=(const source&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  private:
    void serve() const {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        bool resp3 = false;
        std::string unread;
        char block[4096];
        while (unread.find("SUBSCRIBE") == std::string::npos) {
            const auto n = ::recv(fd, block, sizeof block, 0);
            if (n <= 0) die("the subscriber has left");
            unread.append(block, static_cast<std::size_t>(n));
            answer_greeting(fd, unread, resp3);
        }
        const std::string kind = resp3 ? ">3\r\n" : "*3\r\n";
        write_all(fd, kind + bulk("subscribe") + bulk(channel) + ":1\r\n");
        if (unread.find("PING") != std::string::npos) {
            write_all(fd, resp3 ? "+PONG\r\n" : "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
        }
        const std::string one = kind + bulk("message") + bulk(channel) + bulk(std::string(settings_.size, 'x'));
        const std::size_t in_a_block = std::max<std::size_t>(1, 65536 / one.size());
        std::string many;
        for (std::size_t i = 0; i < in_a_block; ++i) many += one;
        std::size_t left = settings_.messages;
        for (; left >= in_a_block; left -= in_a_block) write_all(fd, many);
        write_all(fd, std::string_view{many}.substr(0, left * one.size()));
        while (::recv(fd, block, sizeof block, 0) > 0) {
        }
        ::close(fd);
    }
    // What this library's clients say before they subscribe: HELLO 3, or PING, and some of CLIENT, CAPA at last.
    static void answer_greeting(int fd, std::string& unread, bool& resp3) {
        if (!unread.ends_with("redirect\r\n")) return;
        resp3 = unread.find("HELLO") != std::string::npos;
        std::string answer = resp3 ? "%1\r\n$5\r\nproto\r\n:3\r\n" : "+PONG\r\n";
        for (auto at = unread.find("CLIENT"); at != std::string::npos; at = unread.find("CLIENT", at + 1))
            answer += "+OK\r\n";
        write_all(fd, answer);
        unread.clear();
    }

    settings settings_;
    int listener_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// The same on a real server: waits until there is a subscriber, then publishes.
class publisher {
  public:
    explicit publisher(const settings& s) : thread_{[s] { publish(s); }} {}
    ~publisher() { thread_.join(); }
    publisher(const publisher&) = delete;
    publisher& operator=(const publisher&) = delete;

  private:
    static void publish(const settings& s) {
        const int fd = connected_to(s.port);
        char block[65536];
        const std::string question = "*3\r\n" + bulk("PUBSUB") + bulk("NUMSUB") + bulk(channel);
        for (std::string answer; !answer.ends_with(":1\r\n");) {
            write_all(fd, question);
            const auto n = ::recv(fd, block, sizeof block, 0);
            if (n <= 0) die("the server has left");
            answer.assign(block, static_cast<std::size_t>(n));
        }
        const std::string one = "*3\r\n" + bulk("PUBLISH") + bulk(channel) + bulk(std::string(s.size, 'x'));
        std::string many;
        constexpr std::size_t in_a_block = 500;
        for (std::size_t i = 0; i < in_a_block; ++i) many += one;
        for (std::size_t sent = 0; sent < s.messages; sent += in_a_block) {
            const std::size_t now = std::min(in_a_block, s.messages - sent);
            write_all(fd, std::string_view{many}.substr(0, now * one.size()));
            for (std::size_t bytes = 0; bytes < now * 4;) {  // ":1\r\n" each
                const auto n = ::recv(fd, block, sizeof block, 0);
                if (n <= 0) die("the server has left");
                bytes += static_cast<std::size_t>(n);
            }
        }
        ::close(fd);
    }

    std::thread thread_;
};

struct cost {
    double messages_per_second = 0;
    double cpu_ns = 0;  ///< of the receiving thread, for each message
};

double cpu_seconds() {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// From the first message to the last.
class measuring {
  public:
    explicit measuring(const settings& s) : settings_{s} {}

    /// Whether that was the last one.
    bool received(std::string_view payload) {
        if (payload.size() != settings_.size || payload.back() != 'x') die("a wrong message");
        if (count_++ == 0) {
            begun_ = clock_type::now();
            cpu_ = cpu_seconds();
        }
        return count_ == settings_.messages;
    }
    [[nodiscard]] cost result() const {
        const std::chrono::duration<double> took = clock_type::now() - begun_;
        const auto n = static_cast<double>(settings_.messages);
        return {.messages_per_second = n / took.count(), .cpu_ns = (cpu_seconds() - cpu_) / n * 1e9};
    }

  private:
    settings settings_;
    std::size_t count_ = 0;
    clock_type::time_point begun_{};
    double cpu_ = 0;
};

struct hiredis_hooks {
    using node_context = redisAsyncContext;
    static void handle_read(node_context* c) { redisAsyncHandleRead(c); }
    static void handle_write(node_context* c) { redisAsyncHandleWrite(c); }
};

struct hiredis_state {
    measuring* clock;
    bool over = false;
    cost result{};
};

cost run_hiredis(const settings& s, std::uint16_t port) {
    measuring clock{s};
    hiredis_state state{.clock = &clock};
    valkeyxx::bench::epoll_loop<hiredis_hooks> loop;
    redisAsyncContext* const c = redisAsyncConnect("127.0.0.1", port);
    if (c == nullptr || c->err != 0) die("hiredis cannot connect");
    loop.attach(c);
    const auto on_message = [](redisAsyncContext*, void* reply, void* data) {
        auto& st = *static_cast<hiredis_state*>(data);
        const auto* const r = static_cast<redisReply*>(reply);
        if (r == nullptr || r->type != REDIS_REPLY_ARRAY || r->elements != 3) return;
        if (r->element[2]->type != REDIS_REPLY_STRING) return;  // the confirmation
        if (st.clock->received({r->element[2]->str, static_cast<std::size_t>(r->element[2]->len)})) {
            st.result = st.clock->result();
            st.over = true;
        }
    };
    redisAsyncCommand(c, on_message, &state, "SUBSCRIBE %b", channel.data(), channel.size());
    while (!state.over) loop.turn();
    redisAsyncFree(c);
    return state.result;
}

cost run_valkeyxx(const settings& s, std::uint16_t port, int protocol, bool one_by_one) {
    boost::asio::io_context io{1};
    vk::config c{.seeds = {{"127.0.0.1", port}}};
    c.protocol = protocol;
    vk::async_client client{io, c};
    auto feed = client.subscriber({.max_messages = 1'000'000'000, .max_bytes = std::size_t{1} << 40U, .events = false});
    measuring clock{s};
    cost result{};
    std::function<void()> next = [&] {
        feed.next([&](vk::result<vk::message> m) {
            for (bool over = clock.received(m->payload);;) {
                if (over) {
                    result = clock.result();
                    client.close();
                    return;
                }
                auto more = feed.try_next();
                if (!more) break;
                over = clock.received(more->payload);
            }
            next();
        });
    };
    if (one_by_one) {
        next();
    } else {
        feed.listen([&](vk::message& m) {
            if (!m.is_message() || !clock.received(m.payload)) return;
            result = clock.result();
            client.close();
        });
    }
    feed.subscribe(channel);
    io.run();
    return result;
}

double median(std::vector<double> of) {
    std::sort(of.begin(), of.end());
    return of[of.size() / 2];
}

settings read_arguments(int argc, char** argv) {
    settings s;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const auto number = std::strtoull(argv[i + 1], nullptr, 10);
        if (name == "--port") {
            s.port = static_cast<std::uint16_t>(number);
        } else if (name == "--messages") {
            s.messages = number;
        } else if (name == "--size") {
            s.size = number;
        } else if (name == "--rounds") {
            s.rounds = static_cast<int>(number);
        } else {
            die("unknown option; see the top of bench/pubsub.cpp");
        }
    }
    return s;
}

}  // namespace

int main(int argc, char** argv) {
    const settings s = read_arguments(argc, argv);
    const std::vector<std::pair<std::string, std::function<cost(std::uint16_t)>>> clients{
        {"hiredis, RESP2", [&](std::uint16_t port) { return run_hiredis(s, port); }},
        {"valkeyxx listen, RESP2", [&](std::uint16_t port) { return run_valkeyxx(s, port, 2, false); }},
        {"valkeyxx listen, RESP3", [&](std::uint16_t port) { return run_valkeyxx(s, port, 3, false); }},
        {"valkeyxx next + try_next, RESP3", [&](std::uint16_t port) { return run_valkeyxx(s, port, 3, true); }},
    };
    std::map<std::string, std::vector<double>> rates;
    std::map<std::string, std::vector<double>> cpu;
    for (int round = 0; round < s.rounds; ++round) {
        for (const auto& [name, run] : clients) {
            cost c;
            if (s.port == 0) {
                source from{s};
                c = run(from.port());
            } else {
                const publisher from{s};
                c = run(s.port);
            }
            rates[name].push_back(c.messages_per_second);
            cpu[name].push_back(c.cpu_ns);
        }
    }
    const std::string& first = clients.front().first;
    std::printf("| %zu bytes | messages/s | / hiredis | CPU ns | / hiredis |\n|---|--:|--:|--:|--:|\n", s.size);
    for (const auto& [name, run] : clients) {
        std::printf("| %s | %.0f | %.2f | %.0f | %.2f |\n", name.c_str(), median(rates[name]),
                    median(rates[name]) / median(rates[first]), median(cpu[name]),
                    median(cpu[name]) / median(cpu[first]));
    }
}
