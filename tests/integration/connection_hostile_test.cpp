// Servers that do not behave: garbage, unasked replies, redirects in circles, refusals that pass and that do not.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/fake_node.hpp"
#include "support/network.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;
using request = fake_node::request;
using texts = std::vector<std::string>;

config config_for(const fake_node& node) {
    config c = parse_url(node.url()).value();
    c.command_timeout = stretched(4s);
    return c;
}

answer ok(const request& r) {
    if (is_command(r, "GET")) return resp::bulk("value");
    if (is_command(r, "INCR")) return resp::integer(1);
    return resp::status("OK");
}

/// Answers the first requests for keys with this, all later ones properly.
std::function<answer(const request&)> first(int times, answer odd) {
    return [left = times, odd = std::move(odd)](const request& r) mutable {
        if (left == 0) return ok(r);
        --left;
        return odd;
    };
}

std::string to(const std::string& kind, const std::string& key, const std::string& target) {
    return resp::error(kind + " " + std::to_string(key_slot(key)) + " " + target);
}

std::string at(const fake_node& node) {
    return "127.0.0.1:" + std::to_string(node.port());
}

bool says(const error& e, const std::string& words) {
    return e.message().find(words) != std::string::npos;
}

}  // namespace

TEST(connection_hostile, garbage_is_a_protocol_error_and_ends_only_that_connection) {
    for (const auto& garbage : texts{"\x01\x02 no reply\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "$-7\r\n", ":12x\r\n",
                                     "*999999999999\r\n", "$5\r\nabcdefgh\r\n"}) {
        fake_node bad{first(1, garbage)};
        fake_node good{ok};
        const auto slots = resp::array({slots_at(0, 8191, bad.port()), slots_at(8192, 16383, good.port())});
        bad.tell(slots);
        good.tell(slots);
        config c = config_for(bad);
        const auto seen = std::make_shared<recorder>();
        c.watcher = seen;
        cluster client{c};
        EXPECT_EQ(client.execute(get("key")), "value");     // slot 12539: of the good one
        const auto broken = client.try_execute(incr("b"));  // slot 3300: of the bad one
        ASSERT_FALSE(broken);
        EXPECT_EQ(broken.error(), errc::protocol_error) << broken.error().message();
        EXPECT_EQ(broken.error().executed(), executed::unknown);
        EXPECT_EQ(client.execute(incr("b")), 1);
        EXPECT_EQ(client.execute(get("key")), "value");
        EXPECT_EQ(good.server().accepted(), 1);
        EXPECT_EQ(bad.server().accepted(), 2);
        ASSERT_EQ(seen->losses().size(), 1U);
        EXPECT_EQ(seen->losses()[0], errc::protocol_error);
    }
}

TEST(connection_hostile, those_behind_garbage_are_tried_again_if_that_is_safe) {
    fake_node node{first(1, "?\r\n")};
    async_cluster client{config_for(node)};
    auto wrong = client.try_execute(get("a"), asio::use_future);
    auto safe = client.try_execute(get("a"), asio::use_future);
    auto unsafe = client.try_execute(incr("a"), asio::use_future);
    EXPECT_EQ(wrong.get().error(), errc::protocol_error);
    EXPECT_EQ(safe.get().value(), "value");
    const auto lost = unsafe.get();
    if (lost) return;  // it had not left yet
    EXPECT_EQ(lost.error(), errc::connection_lost);
    EXPECT_TRUE(lost.error().may_have_run());
}

TEST(connection_hostile, reply_that_nobody_asked_for_ends_the_connection) {
    fake_node node{ok};
    config c = config_for(node);
    const auto seen = std::make_shared<recorder>();
    c.watcher = seen;
    async_cluster client{c};
    EXPECT_EQ(client.execute(get("k"), asio::use_future).get(), "value");
    node.server().broadcast(resp::bulk("surprise"));
    poll_until("the loss", [&] { return !seen->losses().empty(); });
    EXPECT_EQ(seen->losses()[0], errc::protocol_error);
    EXPECT_EQ(client.execute(incr("k"), asio::use_future).get(), 1);
    EXPECT_EQ(node.server().accepted(), 2);
}

TEST(connection_hostile, pushes_between_replies_are_passed_over) {
    const std::string push = resp::push({resp::bulk("invalidate"), resp::array({resp::bulk("k")})});
    fake_node node{[&](const request& r) { return push + ok(r).pieces[0] + push; }};
    cluster client{config_for(node)};
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(client.execute(get("k")), "value");
        EXPECT_EQ(client.execute(incr("k")), 1);
    }
    EXPECT_EQ(node.server().accepted(), 1);
}

TEST(connection_hostile, old_server_without_hello_is_spoken_to_in_resp2) {
    for (const auto& refusal : texts{"ERR unknown command 'HELLO', with args beginning with: '3'",
                                     "ERR unknown command `HELLO`, with args beginning with: `3`, ",
                                     "NOPROTO unsupported protocol version"}) {
        std::atomic<int> port{0};
        fake_server old{fake_server::handler{[&](const request& r) -> answer {
            if (is_command(r, "HELLO")) return resp::error(refusal);
            if (is_command(r, "CLUSTER")) return resp::array({slots_at(0, 16383, port)});
            if (is_command(r, "CLIENT")) return resp::error("ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.");
            return answer_greeting(r).value_or(ok(r));
        }}};
        port = old.port();
        config c{.seeds = {{"127.0.0.1", old.port()}}};
        c.password = "secret";
        const auto seen = std::make_shared<recorder>();
        c.watcher = seen;
        cluster client{c};
        EXPECT_EQ(client.execute(get("k")), "value") << refusal;
        EXPECT_EQ(seen->protocols(), std::vector<int>{2});
    }
}

TEST(connection_hostile, refusals_that_pass_are_ridden_out) {
    for (const auto& refusal :
         texts{"LOADING Valkey is loading the dataset in memory", "CLUSTERDOWN The cluster is down",
               "CLUSTERDOWN Hash slot not served", "TRYAGAIN Multiple keys request during rehashing of slot",
               "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
               "READONLY You can't write against a read only replica."}) {
        fake_node node{first(6, resp::error(refusal))};
        cluster client{config_for(node)};
        EXPECT_EQ(client.execute(incr("k")), 1) << refusal;
        EXPECT_EQ(client.statistics().retries, 6U);
        EXPECT_EQ(node.count("INCR"), 7);
    }
}

TEST(connection_hostile, refusal_that_does_not_pass_ends_at_the_deadline) {
    fake_node node{[](const request&) { return resp::error("CLUSTERDOWN The cluster is down"); }};
    config c = config_for(node);
    c.command_timeout = stretched(300ms);
    cluster client{c};
    const stopwatch watch;
    const auto never = client.try_execute(incr("k"));
    ASSERT_FALSE(never);
    EXPECT_EQ(never.error(), errc::timed_out);
    EXPECT_TRUE(says(never.error(), "CLUSTERDOWN The cluster is down")) << never.error().message();
    EXPECT_LT(watch.elapsed(), stretched(600ms));
}

TEST(connection_hostile, redirects_in_a_circle_come_to_an_end) {
    for (const std::string kind : {"MOVED", "ASK"}) {
        std::string other;
        fake_node a{[&](const request&) { return other; }};
        fake_node b{[&](const request&) { return to(kind, "k", at(a)); }};
        other = to(kind, "k", at(b));
        config c = config_for(a);
        c.max_redirects = 10;
        cluster client{c};
        const auto never = client.try_execute(incr("k"));
        ASSERT_FALSE(never);
        EXPECT_EQ(never.error(), errc::too_many_redirects) << never.error().message();
        EXPECT_EQ(never.error().executed(), executed::no);
        EXPECT_EQ(a.count("INCR") + b.count("INCR"), 11);
        EXPECT_TRUE(says(never.error(), kind)) << never.error().message();
    }
}

TEST(connection_hostile, redirect_to_itself_is_given_time) {
    std::string self;
    int left = 3;
    fake_node node{[&](const request& r) -> answer { return left-- > 0 ? answer{to("MOVED", "k", self)} : ok(r); }};
    self = at(node);
    cluster client{config_for(node)};
    EXPECT_EQ(client.execute(incr("k")), 1);
    EXPECT_EQ(node.count("INCR"), 4);
}

TEST(connection_hostile, redirect_without_a_host_means_the_same_host) {
    fake_node target{ok};
    fake_node source{[&](const request&) { return to("MOVED", "k", ":" + std::to_string(target.port())); }};
    cluster client{config_for(source)};
    EXPECT_EQ(client.execute(incr("k")), 1);
    EXPECT_EQ(client.node_for("k"), (endpoint{"127.0.0.1", static_cast<std::uint16_t>(target.port())}));
}

TEST(connection_hostile, redirects_that_lead_nowhere_are_tried_again) {
    const std::string slot = std::to_string(key_slot("k"));
    for (const auto& nonsense :
         texts{"MOVED", "MOVED ", "MOVED x", "MOVED 1", "MOVED " + slot + " ?:0", "MOVED " + slot + " nowhere",
               "MOVED 99999 127.0.0.1:1", "MOVED -1 127.0.0.1:1", "ASK", "ASK " + slot + " :99999999",
               "ASK " + slot + " " + std::string(5000, 'h')}) {
        fake_node node{first(3, resp::error(nonsense))};
        cluster client{config_for(node)};
        const auto outcome = client.try_execute(incr("k"));
        EXPECT_TRUE(outcome) << nonsense << ": " << outcome.error().message();
    }
}

TEST(connection_hostile, redirect_to_a_dead_port_waits_for_a_better_map) {
    fake_node node{first(1, to("MOVED", "k", "127.0.0.1:" + std::to_string(next_port())))};
    cluster client{config_for(node)};
    EXPECT_EQ(client.execute(incr("k")), 1);
    EXPECT_EQ(node.count("INCR"), 2);
}

TEST(connection_hostile, asking_goes_right_before_its_command) {
    fake_node target{ok};
    fake_node source{[&](const request& r) { return to("ASK", r.at(1), at(target)); }};
    async_cluster client{config_for(source)};
    std::vector<std::future<std::int64_t>> all;
    for (int i = 0; i < 100; ++i) all.push_back(client.execute(incr("k"), asio::use_future));
    for (auto& each : all) EXPECT_EQ(each.get(), 1);
    texts names;
    for (const auto& r : target.server().requests()) {
        if (is_command(r, "ASKING") || is_command(r, "INCR")) names.push_back(r[0]);
    }
    ASSERT_EQ(names.size(), 200U);
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i], i % 2 == 0 ? "ASKING" : "INCR");
}

TEST(connection_hostile, something_else_than_a_server_is_told_apart) {
    fake_server web{
        fake_server::handler{[](const auto&) { return answer::close("HTTP/1.1 400 Bad Request\r\n\r\n"); }}};
    fake_server mute{fake_server::handler{[](const auto&) { return answer::silence(); }}};
    fake_server curt{fake_server::handler{[](const auto&) { return answer::close(); }}};
    const auto failure = [](const fake_server& server) {
        config c{.seeds = {{"127.0.0.1", server.port()}}};
        c.connect_timeout = stretched(200ms);
        cluster client{c};
        return client.try_execute(get("k")).error();
    };
    for (const auto& [server, words] : {std::pair{&web, "not RESP"}, std::pair{&mute, "no connection within"},
                                        std::pair{&curt, "closed by the server"}}) {
        const error e = failure(*server);
        EXPECT_EQ(e, errc::no_topology);
        EXPECT_TRUE(says(e, words)) << e.message();
    }
}

}  // namespace valkeyxx::testing
