// The way to a node: what a socket is like and who else has it, hosts with several addresses, names that nobody
// answers for, nodes that take connections and do nothing with them, and what a new connection says again.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/fake_server.hpp"
#include "support/network.hpp"
#include "support/private_hosts.hpp"
#include "support/resp_text.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_server one;
    valkey_server second{{.bind = "127.0.0.2"}};  // of a host with two addresses the system names this one last
    void wait() {
        one.wait();
        second.wait();
    }
};

const auto registered = use_world<servers>();

valkey_server& server() {
    return world<servers>().one;
}

config config_to(std::uint16_t port, const std::string& host = "127.0.0.1") {
    config c{.seeds = {{host, port}}};
    c.command_timeout = stretched(5s);
    c.connect_timeout = stretched(1s);
    return c;
}

/// This program's own sockets to a port.
std::vector<int> sockets_to(std::uint16_t port) {
    std::vector<int> all;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        const int fd = std::stoi(entry.path().filename().string());
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
        if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) all.push_back(fd);
    }
    return all;
}

int option_of(int fd, int level, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(fd, level, option, &value, &size), 0);
    return value;
}

/// "socket:[12345]"
std::string socket_name(int fd) {
    return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).string();
}

std::string output_of(const std::string& command) {
    std::string all;
    FILE* const program = ::popen(command.c_str(), "r");
    if (program == nullptr) return all;
    std::array<char, 4096> piece;
    while (const auto n = std::fread(piece.data(), 1, piece.size(), program)) all.append(piece.data(), n);
    EXPECT_EQ(::pclose(program), 0) << command;
    return all;
}

std::vector<std::string> lines_of_clients(const std::string& name) {
    std::vector<std::string> lines;
    const std::string list = server().admin()({"CLIENT", "LIST"});
    for (std::size_t at = 0; at < list.size();) {
        const auto end = std::min(list.find('\n', at), list.size());
        const auto line = list.substr(at, end - at);
        if (line.find(" name=" + name + " ") != std::string::npos) lines.push_back(line);
        at = end + 1;
    }
    return lines;
}

std::string field(const std::string& line, const std::string& name) {
    const auto at = (" " + line).find(" " + name + "=");
    if (at == std::string::npos) return "no " + name;
    const auto begin = at + name.size() + 1;
    return line.substr(begin, line.find(' ', begin) - begin);
}

// On a thread of its own, which alone sees the names.
template <class Test>
void with_private_hosts(Test test) {
    bool done = false;
    std::thread alone{[&] {
        const private_hosts hosts;
        if (!hosts.possible()) return;
        test(hosts);
        done = true;
    }};
    alone.join();
    if (!done) GTEST_SKIP() << "this user may not mount a file over /etc/hosts";
}

}  // namespace

// --- sockets ---------------------------------------------------------------------------------------------------------

TEST(sockets, notice_a_peer_that_is_gone) {
    config settings = config_to(server().port());
    settings.command_timeout = config{}.command_timeout;
    client c{settings};
    c.execute(ping());
    const auto found = sockets_to(server().port());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(option_of(found[0], SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_KEEPIDLE), 15);
    EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_KEEPINTVL), 5);
    EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_KEEPCNT), 3);
    EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_USER_TIMEOUT), 10'000);
    EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_NODELAY), 1);
}

TEST(sockets, are_as_the_configuration_says) {
    config settings = config_to(server().port());
    settings.tcp_keepalive = 1500ms;
    settings.tcp_user_timeout = 4321ms;
    settings.command_timeout = 4s;
    {
        client c{settings};
        c.execute(ping());
        const auto found = sockets_to(server().port());
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_KEEPIDLE), 2);
        EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_KEEPINTVL), 1);
        EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_USER_TIMEOUT), 4321);
    }
    settings.command_timeout = 5min;  // which a server that is busy for so long may need
    {
        client c{settings};
        c.execute(ping());
        const auto found = sockets_to(server().port());
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_USER_TIMEOUT), 300'000);
    }
    settings.tcp_keepalive = settings.tcp_user_timeout = 0ms;
    client c{settings};
    c.execute(ping());
    const auto found = sockets_to(server().port());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(option_of(found[0], SOL_SOCKET, SO_KEEPALIVE), 0);
    EXPECT_EQ(option_of(found[0], IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
}

TEST(sockets, with_times_that_make_no_sense_are_refused) {
    for (const auto& wrong : {std::pair{-1ms, 0ms}, std::pair{32'768'000ms, 0ms}, std::pair{0ms, -1ms}}) {
        config settings = config_to(server().port());
        settings.tcp_keepalive = wrong.first;
        settings.tcp_user_timeout = wrong.second;
        EXPECT_THROW(client{settings}, exception);
    }
    for (const auto field : {&config::command_timeout, &config::connect_timeout, &config::suspect_after,
                             &config::refresh_interval, &config::ping_interval, &config::subscription_timeout}) {
        for (const auto wrong : {std::chrono::milliseconds::max(), std::chrono::milliseconds{24h * 366}, -1ms}) {
            config settings = config_to(server().port());
            settings.*field = wrong;
            EXPECT_THROW(client{settings}, exception) << wrong.count();
        }
    }
    config longest = config_to(server().port());
    longest.command_timeout = 24h * 365;
    client patient{longest};
    EXPECT_EQ(patient.execute(echo("x")), "x");
    EXPECT_EQ(option_of(sockets_to(server().port()).at(0), IPPROTO_TCP, TCP_USER_TIMEOUT), 24 * 3600 * 1000);
}

TEST(sockets, are_not_for_programs_that_are_started) {
    client waiting{config_to(server().port())};
    async_client started{config_to(server().port())};
    waiting.execute(ping());
    started.execute(ping(), asio::use_future).get();
    const auto found = sockets_to(server().port());
    ASSERT_EQ(found.size(), 2U);
    const std::string theirs = output_of("ls -l /proc/self/fd");
    EXPECT_NE(theirs.find("/proc/"), std::string::npos) << theirs;
    for (const int fd : found) {
        EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
        EXPECT_EQ(theirs.find(socket_name(fd)), std::string::npos) << theirs;
    }
}

TEST(sockets, of_a_client_that_is_gone_are_not_kept_by_a_forked_child) {
    config settings = config_to(server().port());
    settings.client_name = "parent";
    std::optional<client> c{settings};
    c->execute(ping());
    ASSERT_EQ(lines_of_clients("parent").size(), 1U);
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();  // and has the socket, too
        ::_exit(0);
    }
    ASSERT_GT(child, 0);
    c.reset();
    EXPECT_NO_THROW(poll_until("the server to see the end", [] { return lines_of_clients("parent").empty(); }));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

TEST(sockets, of_the_parent_outlive_the_client_of_a_forked_child) {
    config settings = config_to(server().port());
    settings.client_name = "parent";
    auto c = std::make_unique<client>(settings);
    const auto id = c->execute(raw<long>("CLIENT", "ID"));
    const pid_t child = ::fork();
    if (child == 0) {
        c.reset();
        ::_exit(0);
    }
    ASSERT_GT(child, 0);
    int how = -1;
    ::waitpid(child, &how, 0);
    EXPECT_EQ(how, 0);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(c->execute(raw<long>("CLIENT", "ID")), id);
    EXPECT_EQ(c->statistics().connects, 1U);
}

// --- hosts with several addresses ------------------------------------------------------------------------------------

namespace {

/// An address that answers nothing to those who want to connect: its queue is full, and nobody takes from it.
class black_hole {
  public:
    black_hole(const std::string& host, std::uint16_t port) : listener_{listen_on(host, port)} {
        ::listen(listener_.get(), 0);
        for (auto& each : queue_) each = start_connect(host, port);
        poll_until("the queue to be full", [&] {
            const auto one_more = start_connect(host, port);
            pollfd ready{.fd = one_more.get(), .events = POLLOUT, .revents = 0};
            return ::poll(&ready, 1, 100) == 0;
        });
    }

  private:
    unique_fd listener_;
    std::array<unique_fd, 4> queue_;
};

}  // namespace

TEST(addresses, one_that_swallows_everything_costs_a_share_and_only_once) {
    with_private_hosts([](const private_hosts& hosts) {
        valkey_server& second = world<servers>().second;
        const black_hole hole{"127.0.0.1", second.port()};
        hosts.set("127.0.0.1 two.test\n127.0.0.2 two.test\n");
        for (const bool async : {false, true}) {
            config settings = config_to(second.port(), "two.test");
            settings.connect_timeout = stretched(2s);
            client waiting{settings};
            async_client started{settings};
            const auto run = [&](const auto& command) {
                return async ? started.execute(command, asio::use_future).get() : waiting.execute(command);
            };
            stopwatch clock;
            run(set("k", "v"));
            EXPECT_GE(clock.elapsed(), settings.connect_timeout / 2 - 1ms);
            EXPECT_LT(clock.elapsed(), settings.connect_timeout);
            second.admin()({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
            clock = {};
            EXPECT_EQ(run(get("k")), "v");
            EXPECT_LT(clock.elapsed(), settings.connect_timeout / 4) << "it begins with the one that worked";
            clock = {};
            EXPECT_FALSE(run(blpop({"none"}, 1ms)).has_value());
            EXPECT_LT(clock.elapsed(), settings.connect_timeout / 4) << "so do other connections to the node";
        }
    });
}

TEST(addresses, one_that_takes_connections_and_says_nothing_is_tried_last_from_then_on) {
    with_private_hosts([](const private_hosts& hosts) {
        hosts.set("127.0.0.1 two.test\n127.0.0.2 two.test\n");
        const auto port = world<servers>().second.port();
        const auto mute = listen_on("127.0.0.1", port);
        config settings = config_to(port, "two.test");
        settings.connect_timeout = stretched(300ms);
        client c{settings};
        const stopwatch clock;
        c.execute(set("k", "v"));
        EXPECT_GE(clock.elapsed(), settings.connect_timeout);
        EXPECT_LT(clock.elapsed(), 2 * settings.connect_timeout);
    });
}

// --- names that nobody answers for -----------------------------------------------------------------------------------

namespace {

/// Gets questions, and answers none until it is told to: then that there is no such name.
class name_server {
  public:
    name_server() : fd_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(53);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        bound_ = ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
    }
    [[nodiscard]] bool bound() const { return bound_; }

    void wait_for_question() const {
        poll_until("a question", [this] {
            pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
            return ::poll(&ready, 1, 0) == 1;
        });
    }
    /// Says so to all that have come, and come for a while.
    void know_nothing(const std::atomic<bool>& enough) const {
        while (!enough) {
            pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
            if (::poll(&ready, 1, 20) != 1) continue;
            std::array<char, 512> question;
            sockaddr_in from{};
            socklen_t size = sizeof from;
            const auto n =
                ::recvfrom(fd_.get(), question.data(), question.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
            if (n < 12) continue;
            question[2] = static_cast<char>(question[2] | 0x80);  // an answer
            question[3] = static_cast<char>(0x83);                // there is no such name
            ::sendto(fd_.get(), question.data(), static_cast<std::size_t>(n), 0,
                     reinterpret_cast<const sockaddr*>(&from), size);
        }
    }

  private:
    unique_fd fd_;
    bool bound_ = false;
};

std::size_t threads() {
    std::size_t n = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator{"/proc/self/task"}) ++n;
    return n;
}

}  // namespace

TEST(names, that_nobody_answers_for_hold_up_neither_the_end_nor_other_names) {
    with_private_hosts([](const private_hosts& hosts) {
        const name_server silent;
        ASSERT_TRUE(silent.bound());
        ASSERT_TRUE(hosts.ask("127.0.0.1"));
        hosts.set("127.0.0.1 fine.test\n");
        const auto before = threads();
        config settings = config_to(server().port(), "hung.test");
        settings.command_timeout = stretched(200ms);
        stopwatch clock;
        {
            client waiting{settings};
            const auto failed = waiting.try_execute(get("k"));
            ASSERT_FALSE(failed);
            EXPECT_EQ(failed.error(), errc::timed_out);
            silent.wait_for_question();

            config fine = config_to(server().port(), "fine.test");
            client other{fine};
            EXPECT_EQ(other.execute(echo("x")), "x");
            async_client another{fine};
            EXPECT_EQ(another.execute(echo("y"), asio::use_future).get(), "y");
            clock = {};
        }
        EXPECT_LT(clock.elapsed(), stretched(500ms)) << "the end of a synchronous client";

        std::future<result<std::optional<std::string>>> pending;
        {
            async_client started{settings};
            pending = started.try_execute(get("k"), asio::use_future);
            std::this_thread::yield();
            clock = {};
        }
        EXPECT_LT(clock.elapsed(), stretched(500ms)) << "the end of an asynchronous client";
        EXPECT_FALSE(pending.get());

        // Its host has no other thread, and the loop is the user's: it runs until the command is over, and no longer.
        clock = {};
        {
            asio::io_context loop;
            async_client on_loop{loop, settings};
            std::optional<errc> end;
            on_loop.try_execute(get("k"), [&](const auto& r) {
                end = r.error().which();
                on_loop.close();
            });
            loop.run();
            EXPECT_EQ(end, errc::timed_out);
        }
        EXPECT_LT(clock.elapsed(), settings.command_timeout + stretched(500ms));

        // The answer comes when all of them are gone, and a client that is there gets it, too.
        std::atomic<bool> enough = false;
        std::thread answering{[&] { silent.know_nothing(enough); }};
        client last{config_to(server().port(), "hung.test")};
        const auto unknown = last.try_execute(get("k"));
        EXPECT_FALSE(unknown);
        EXPECT_NE(unknown.error().text().find("not found"), std::string::npos) << unknown.error().text();
        EXPECT_NO_THROW(poll_until("those who look up to be gone", [&] { return threads() <= before + 1; }));
        enough = true;
        answering.join();
    });
}

// --- nodes that take connections -------------------------------------------------------------------------------------

namespace {

/// Many commands that block, and some that do not, for a while. How each ended.
std::vector<errc> besiege(async_client& c, std::chrono::milliseconds how_long) {
    std::vector<std::future<result<std::optional<std::string>>>> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(c.try_execute(raw<std::optional<std::string>>("BLPOP", "none", "0"), asio::use_future));
    }
    for (int i = 0; i < 20; ++i) all.push_back(c.try_execute(get("k"), asio::use_future));
    std::vector<errc> ends;
    const auto until = std::chrono::steady_clock::now() + how_long;
    for (auto& each : all) {
        EXPECT_EQ(each.wait_until(until), std::future_status::ready) << "a deadline has not held";
        ends.push_back(each.get().error().which());
    }
    return ends;
}

}  // namespace

TEST(nodes, that_never_answer_are_dialled_by_one_at_a_time) {
    fake_server mute{[](const auto&) { return answer::silence(); }};
    config settings = config_to(mute.port());
    settings.connect_timeout = stretched(200ms);
    settings.command_timeout = stretched(2s);
    settings.limit_blocking = true;
    async_client c{settings};
    auto ends = std::async(std::launch::async, [&] { return besiege(c, stretched(4s)); });
    poll_until("the first try to fail", [&] { return mute.accepted() > 50 && mute.open_connections() <= 2; });
    const int first = mute.accepted();
    int most = 0;
    while (ends.wait_for(5ms) != std::future_status::ready) most = std::max(most, mute.open_connections());
    EXPECT_LE(most, 2) << "one for the commands that block, one for all others";
    EXPECT_GE(most, 1);
    EXPECT_LE(mute.accepted() - first, 2 * 10) << "each takes its whole time";
    EXPECT_GT(mute.accepted() - first, 2);
    for (const errc end : ends.get()) EXPECT_EQ(end, errc::timed_out);
}

TEST(nodes, that_end_each_connection_at_once_are_not_dialled_all_the_time) {
    fake_server rude{[](const auto&) { return answer::close(); }};
    config settings = config_to(rude.port());
    settings.command_timeout = stretched(2s);
    settings.limit_blocking = true;
    async_client c{settings};
    auto ends = std::async(std::launch::async, [&] { return besiege(c, stretched(4s)); });
    poll_until("the first tries to have failed",
               [&] { return c.statistics().disconnects > 0 && rude.open_connections() <= 2; });
    const int first = rude.accepted();
    int most = 0;
    while (ends.wait_for(5ms) != std::future_status::ready) most = std::max(most, rude.open_connections());
    EXPECT_LE(most, 2);
    EXPECT_LE(rude.accepted() - first, static_cast<int>(settings.command_timeout / 20ms)) << "10 ms apart at first";
    EXPECT_GT(rude.accepted() - first, 5);
    for (const errc end : ends.get()) EXPECT_EQ(end, errc::timed_out);
}

TEST(nodes, that_greet_and_end_each_connection_are_dialled_more_and_more_slowly) {
    fake_server rude{[](int, const fake_server::request& words) -> answer {
        if (const auto greeting = answer_greeting(words)) return *greeting;
        return answer::close();
    }};
    config settings = config_to(rude.port());
    settings.command_timeout = stretched(2s);
    async_client c{settings};
    std::vector<std::future<result<std::optional<std::string>>>> all;
    for (int i = 0; i < 50; ++i) all.push_back(c.try_execute(get("k"), asio::use_future));
    for (auto& each : all) EXPECT_FALSE(each.get());
    EXPECT_LE(rude.accepted(), static_cast<int>(settings.command_timeout / 40ms));
    EXPECT_GE(rude.accepted(), 5);
}

TEST(nodes, that_answer_get_all_connections_at_once) {
    constexpr int many = 100;
    std::atomic<int> greeted = 0;
    fake_server slow{[&](int, const fake_server::request& words) -> answer {
        if (auto greeting = answer_greeting(words)) {
            if (!is_command(words, "HELLO")) return *greeting;
            ++greeted;
            return greeting->after(stretched(300ms));
        }
        return is_command(words, "BLPOP") ? answer{resp::array({resp::bulk("q"), resp::bulk("x")})}
                                          : answer{resp::bulk("v")};
    }};
    config settings = config_to(slow.port());
    settings.connect_timeout = stretched(5s);
    async_client c{settings};
    const stopwatch clock;
    std::vector<std::future<result<std::vector<std::string>>>> all;
    for (int i = 0; i < many; ++i) {
        all.push_back(c.try_execute(raw<std::vector<std::string>>("BLPOP", "q", "0"), asio::use_future));
    }
    for (auto& each : all) EXPECT_TRUE(each.get().has_value());
    EXPECT_EQ(greeted, many);
    EXPECT_LT(clock.elapsed(), stretched(3s)) << "one after the other they take 30 s";
}

// --- what a new connection says again --------------------------------------------------------------------------------

TEST(greeting, is_the_same_for_a_connection_that_takes_the_place_of_another) {
    server().admin()({"ACL", "SETUSER", "ada", "reset", "on", ">secret", "~*", "&*", "+@all"});
    config settings = config_to(server().port());
    settings.username = "ada";
    settings.password = "secret";
    settings.database = 3;
    settings.client_name = "whole";
    settings.no_evict = true;
    settings.no_touch = true;
    settings.cache.enabled = true;
    client c{settings};
    const auto line = [&] {
        c.execute(set("k", "v"));
        const auto lines = lines_of_clients("whole");
        EXPECT_EQ(lines.size(), 1U);
        return lines.empty() ? std::string{} : lines[0];
    };
    const std::string before = line();
    EXPECT_EQ(field(before, "db"), "3");
    EXPECT_EQ(field(before, "user"), "ada");
    EXPECT_EQ(field(before, "resp"), "3");
    EXPECT_EQ(field(before, "lib-name"), "valkeyxx");
    for (const char flag : {'e', 'T', 't'}) EXPECT_NE(field(before, "flags").find(flag), std::string::npos) << before;
    EXPECT_EQ(server().admin()({"CLIENT", "KILL", "ID", field(before, "id")}), "1");
    const std::string after = line();
    EXPECT_NE(field(after, "id"), field(before, "id"));
    for (const auto* name : {"db", "name", "user", "lib-name", "lib-ver", "resp", "flags"}) {
        EXPECT_EQ(field(after, name), field(before, name)) << before << '\n' << after;
    }
    EXPECT_EQ(c.statistics().connects, 2U);
}

TEST(greeting, does_without_favours_that_the_user_may_not_ask_for) {
    server().admin()(
        {"ACL", "SETUSER", "bob", "reset", "on", ">secret", "~*", "+@all", "-client|no-evict", "-client|no-touch"});
    for (const int protocol : {2, 3}) {
        config settings = config_to(server().port());
        settings.username = "bob";
        settings.password = "secret";
        settings.client_name = "modest";
        settings.protocol = protocol;
        settings.no_evict = settings.no_touch = true;
        client c{settings};
        EXPECT_EQ(c.execute(echo("x")), "x");
        const auto lines = lines_of_clients("modest");
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_EQ(field(lines[0], "flags").find_first_of("eT"), std::string::npos) << lines[0];
    }
}

}  // namespace valkeyxx::testing
