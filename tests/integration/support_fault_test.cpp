// The fault proxy and the fake server do to a client what they are told to.
#include <gtest/gtest.h>

#include <chrono>
#include <system_error>

#include "support/fake_server.hpp"
#include "support/fault_proxy.hpp"
#include "support/network.hpp"
#include "support/poll.hpp"
#include "support/resp_text.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct servers {
    valkey_server server;
    void wait() { server.wait(); }
};

const auto registered = use_world<servers>();

std::error_code error_of(const std::function<void()>& action) {
    try {
        action();
        return {};
    } catch (const std::system_error& error) {
        return error.code();
    }
}

std::error_code error_of_ping(admin& client) {
    return error_of([&] { client({"PING"}); });
}

struct support_proxy : ::testing::Test {
    fault_proxy proxy{world<servers>().server.port()};
    admin client{proxy.port()};
    const std::string long_text = std::string(200, 'x');
};

}  // namespace

TEST_F(support_proxy, passes_everything_when_told_nothing) {
    const std::string big(3'000'000, 'b');
    EXPECT_EQ(client({"ECHO", big}), big);
    EXPECT_EQ(proxy.open_connections(), 1);
    EXPECT_EQ(proxy.accepted(), 1);
}

TEST_F(support_proxy, delays_both_ways) {
    EXPECT_EQ(client({"PING"}), "PONG");
    proxy.set([](toxics& now) { now.delay = 20ms; });
    const auto begin = clock::now();
    EXPECT_EQ(client({"PING"}), "PONG");
    EXPECT_GE(clock::now() - begin, 40ms);
}

TEST_F(support_proxy, cuts_writes_to_single_bytes) {
    proxy.set([](toxics& now) { now.chunk = 1; });
    EXPECT_EQ(client({"ECHO", long_text}), long_text);
}

TEST_F(support_proxy, holds_what_a_blackhole_swallowed_until_it_is_lifted) {
    for (const bool up : {true, false}) {
        admin other(proxy.port(), {.timeout = 100ms});
        EXPECT_EQ(other({"PING"}), "PONG");
        proxy.set([up](toxics& now) { (up ? now.blackhole_up : now.blackhole_down) = true; });
        EXPECT_EQ(error_of_ping(other), std::errc::timed_out);
        proxy.clear();
        poll_until("the late reply", [&] { return other.read().text == "PONG"; });
    }
}

TEST_F(support_proxy, resets_inside_a_reply) {
    EXPECT_EQ(client({"PING"}), "PONG");
    proxy.set([](toxics& now) { now.reset_after = 10; });
    EXPECT_EQ(error_of([&] { client({"ECHO", long_text}); }), std::errc::connection_reset);
}

TEST_F(support_proxy, closes_inside_a_reply) {
    proxy.set([](toxics& now) { now.close_after = 10; });
    EXPECT_EQ(error_of([&] { client({"ECHO", long_text}); }), std::errc::broken_pipe);
}

TEST_F(support_proxy, loses_the_reply_of_a_command_that_was_done_but_only_once) {
    EXPECT_EQ(client({"DEL", "count"}), "0");
    proxy.set([](toxics& now) {
        now.reset_after = 0;
        now.cuts = 1;
    });
    EXPECT_EQ(error_of([&] { client({"INCR", "count"}); }), std::errc::connection_reset);
    EXPECT_EQ(admin(proxy.port())({"INCR", "count"}), "2");
}

TEST_F(support_proxy, refuses_and_listens_again) {
    proxy.set([](toxics& now) { now.refuse = true; });
    EXPECT_EQ(error_of([&] { admin other(proxy.port()); }), std::errc::connection_refused);
    EXPECT_EQ(client({"PING"}), "PONG") << "open connections stay";
    proxy.clear();
    EXPECT_EQ(admin(proxy.port())({"PING"}), "PONG");
}

TEST_F(support_proxy, accepts_only_to_close) {
    proxy.set([](toxics& now) { now.accept_then_close = true; });
    admin other(proxy.port());
    EXPECT_TRUE(other.is_closed_by_server());
}

TEST_F(support_proxy, ends_all_connections_by_reset_or_close) {
    admin other(proxy.port());
    proxy.reset_all();
    EXPECT_EQ(error_of_ping(client), std::errc::connection_reset);
    EXPECT_TRUE(other.is_closed_by_server());
    admin third(proxy.port());
    proxy.close_all();
    EXPECT_TRUE(third.is_closed_by_server());
    EXPECT_EQ(proxy.open_connections(), 0);
}

TEST_F(support_proxy, mangles_bytes) {
    proxy.set([](toxics& now) {
        now.mangle = [](std::string& bytes, direction way) {
            if (way == direction::down) bytes[0] = '?';
        };
    });
    EXPECT_THROW(client({"PING"}), std::runtime_error);
}

TEST_F(support_proxy, passes_on_that_the_server_is_gone) {
    fault_proxy nowhere(next_port());
    EXPECT_EQ(error_of([&] { admin(nowhere.port())({"PING"}); }), std::errc::connection_reset);
}

TEST(support_fake, asks_a_handler_and_records_requests) {
    fake_server server([](const fake_server::request& words) -> answer {
        if (auto greeting = answer_greeting(words)) return *greeting;
        return resp::error("MOVED 1 127.0.0.1:1");
    });
    admin client(server.port(), {.password = "secret"});
    EXPECT_EQ(client({"hello", "2"}).substr(0, 13), "server valkey");
    EXPECT_EQ(client.call({"GET", "key"}).text, "MOVED 1 127.0.0.1:1");
    const std::vector<fake_server::request> expected{{"AUTH", "secret"}, {"hello", "2"}, {"GET", "key"}};
    EXPECT_EQ(server.requests(), expected);
    EXPECT_EQ(server.accepted(), 1);
}

TEST(support_fake, follows_a_script_on_each_connection) {
    fake_server server(fake_server::script{{resp::status("one"), answer::close(resp::status("two"))},
                                           {answer::reset()},
                                           {answer::in_pieces({"$5", "\r\nhe", "llo\r", "\n"}), answer::silence()}});
    admin first(server.port());
    EXPECT_EQ(first({"A"}), "one");
    EXPECT_EQ(first({"B"}), "two");
    EXPECT_TRUE(first.is_closed_by_server());

    admin second(server.port());
    EXPECT_EQ(error_of([&] { second({"C"}); }), std::errc::connection_reset);

    admin third(server.port(), {.timeout = 100ms});
    EXPECT_EQ(third({"D"}), "hello");
    EXPECT_EQ(error_of([&] { third({"E"}); }), std::errc::timed_out);

    EXPECT_EQ(server.accepted(), 3);
    EXPECT_EQ(server.open_connections(), 1);
    EXPECT_EQ(server.requests_on(2), (std::vector<fake_server::request>{{"D"}, {"E"}}));
}

TEST(support_fake, delays_without_reordering) {
    fake_server server(fake_server::script{{answer(resp::integer(1)).after(20ms), resp::integer(2)}});
    admin client(server.port());
    const auto begin = clock::now();
    client.send({"A"});
    client.send({"B"});
    EXPECT_EQ(client.read().text, "1");
    EXPECT_EQ(client.read().text, "2");
    EXPECT_GE(clock::now() - begin, 20ms);
}

TEST(support_fake, speaks_unasked_and_ends_connections_on_demand) {
    fake_server server(fake_server::script{{resp::status("OK")}});
    admin client(server.port());
    EXPECT_EQ(client({"SUBSCRIBE", "news"}), "OK");
    server.broadcast(resp::array({resp::bulk("message"), resp::bulk("news"), resp::integer(1)}));
    EXPECT_EQ(client.read().flat(), "message news 1");
    server.reset_all();
    EXPECT_EQ(error_of_ping(client), std::errc::connection_reset);
    server.refuse(true);
    EXPECT_EQ(error_of([&] { admin other(server.port()); }), std::errc::connection_refused);
    server.refuse(false);
    EXPECT_EQ(admin(server.port())({"A"}), "OK");
}

TEST(support_fake, answers_what_is_no_request_as_a_server_does) {
    fake_server server(fake_server::script{});
    fault_proxy proxy(server.port());
    proxy.set([](toxics& now) {
        now.mangle = [](std::string& bytes, direction way) {
            if (way == direction::up) bytes[0] = '!';
        };
    });
    admin client(proxy.port());
    EXPECT_EQ(client.call({"PING"}).text.substr(0, 18), "ERR Protocol error");
    EXPECT_TRUE(client.is_closed_by_server());
}

}  // namespace valkeyxx::testing
