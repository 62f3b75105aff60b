// The commands about connections.
#include <algorithm>
#include <array>
#include <future>
#include <span>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/connection.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace valkeyxx::commands;

const connected_client* find(const std::vector<connected_client>& all, std::int64_t id) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const connected_client& c) { return c.id == id; });
    return it == all.end() ? nullptr : &*it;
}

std::int64_t id_of(admin& connection) {
    return std::stoll(connection({"CLIENT", "ID"}));
}

}  // namespace

TEST_P(commands, ping_and_echo_answer) {
    const std::string odd{"\0\r\n\xff", 4};
    EXPECT_EQ(run(ping()), "PONG");
    EXPECT_EQ(run(ping(odd)), odd);
    EXPECT_EQ(run(echo(odd)), odd);
}

TEST_P(commands, connection_tells_of_itself) {
    const target node = on(*default_node());
    const std::int64_t id = client().execute(client_id(), node);
    EXPECT_GT(id, 0);
    const connected_client self = client().execute(client_info(), node);
    EXPECT_EQ(self.id, id);
    EXPECT_EQ(self.laddr, default_node()->text());
    EXPECT_EQ(self.addr.substr(0, 10), "127.0.0.1:");
    EXPECT_GT(self.fd, 0);
    EXPECT_EQ(self.resp, protocol());
    EXPECT_EQ(self.cmd, "client|info");
    EXPECT_EQ(self.user, "default");
    EXPECT_EQ(self.multi, -1);
    EXPECT_EQ(self.redir, -1);
    EXPECT_NE(self.flags, "");
    EXPECT_NE(self.events, "");
    EXPECT_GT(self.tot_mem, 0);
    EXPECT_GT(self.tot_net_in, 0);
    EXPECT_GT(self.tot_net_out, 0);
    EXPECT_GT(self.tot_cmds, 0);
    EXPECT_LT(self.age, 1h);
    EXPECT_EQ(client().execute(client_getredir(), node), -1);
    EXPECT_EQ(run(client_getredir()), -1);
}

TEST_P(commands, name_of_a_connection_is_there_or_not) {
    const target node = on(*default_node());
    client().execute(raw<void>("CLIENT", "SETNAME", "me"), node);
    EXPECT_EQ(client().execute(client_getname(), node), "me");
    EXPECT_EQ(client().execute(client_info(), node).name, "me");
    client().execute(raw<void>("CLIENT", "SETNAME", ""), node);
    EXPECT_EQ(client().execute(client_getname(), node), std::nullopt);
}

TEST_P(commands, tracking_is_off) {
    const tracking_info tracking = run(client_trackinginfo());
    EXPECT_EQ(tracking.flags, std::vector<std::string>{"off"});
    EXPECT_EQ(tracking.redirect, -1);
    EXPECT_TRUE(tracking.prefixes.empty());
}

TEST_P(commands, client_list_has_a_line_for_each_connection) {
    const target node = on((run(ping()), *node_for("k")));
    auto other = server_of("k").admin();
    other({"CLIENT", "SETNAME", "other"});
    auto subscriber = server_of("k").admin();
    const std::int64_t subscriber_id = id_of(subscriber);
    subscriber({"SUBSCRIBE", "a"});
    const std::int64_t other_id = id_of(other);

    const auto all = client().execute(client_list(), node);
    const connected_client* found = find(all, other_id);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->name, "other");
    EXPECT_EQ(found->cmd, "client|id");
    EXPECT_EQ(found->resp, 2);
    EXPECT_EQ(found->sub, 0);
    const auto subscribers = client().execute(client_list({.type = client_type::pubsub}), node);
    ASSERT_EQ(subscribers.size(), 1U);
    EXPECT_EQ(subscribers[0].id, subscriber_id);
    EXPECT_EQ(subscribers[0].sub, 1);
    const auto normal = client().execute(client_list({.type = client_type::normal}), node);
    EXPECT_NE(find(normal, other_id), nullptr);
    EXPECT_EQ(find(normal, subscriber_id), nullptr);
    for (const client_type type : {client_type::primary, client_type::replica}) {
        EXPECT_TRUE(client().execute(client_list({.type = type}), node).empty());
    }
    const std::array<std::int64_t, 2> ids{other_id, 1'000'000};
    const auto named = client().execute(client_list({.ids = ids}), node);
    ASSERT_EQ(named.size(), 1U);
    EXPECT_EQ(named[0].id, other_id);
}

TEST_P(commands, client_list_of_all_nodes_is_one_list) {
    auto a = server_of("a").admin();
    a({"CLIENT", "SETNAME", "at-a"});
    auto b = server_of("b").admin();
    b({"CLIENT", "SETNAME", "at-b"});
    const auto all = client().execute(client_list(), on_all_nodes());
    for (const char* name : {"at-a", "at-b"}) {
        EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const connected_client& c) { return c.name == name; }));
    }
}

TEST_P(commands, client_kill_ends_those_that_match) {
    const target node = on(*node_for("k"));
    auto& server = server_of("k");
    const auto kill = [&](const client_filter& which, client_kill_options options = {}) {
        return client().execute(client_kill(which, options), node);
    };
    {
        auto victim = server.admin();
        const std::array ids{id_of(victim)};
        EXPECT_EQ(kill({.type = client_type::replica, .ids = ids}), 0);
        EXPECT_EQ(kill({.ids = ids, .older_than = 1h}), 0);
        EXPECT_EQ(kill({.type = client_type::normal, .ids = ids, .user = "default"}), 1);
        EXPECT_TRUE(victim.is_closed_by_server());
        EXPECT_EQ(kill({.ids = ids}), 0);
    }
    {
        auto victim = server.admin();
        const auto line = victim({"CLIENT", "INFO"});
        const auto at = line.find(" addr=") + 6;
        const std::string address = line.substr(at, line.find(' ', at) - at);
        EXPECT_EQ(kill({.addr = address, .laddr = "127.0.0.1:1"}), 0);
        EXPECT_EQ(kill({.addr = address, .laddr = node_for("k")->text()}), 1);
        EXPECT_TRUE(victim.is_closed_by_server());
    }
    const std::array own{client().execute(client_id(), node)};
    EXPECT_EQ(kill({.ids = own}), 0);
    EXPECT_EQ(kill({.ids = own}, {.spare_own = false}), 1);
    EXPECT_THROW((void)client_kill({}), exception);
    EXPECT_THROW((void)client_kill({}, {.spare_own = false}), exception);
    EXPECT_THROW((void)client_kill({.user = "eve"}, {.except = {.older_than = 1h}}), exception);
    EXPECT_THROW((void)client_list({}, {.except = {.idle = 1h}}), exception);
}

TEST_P(commands, connections_are_found_by_what_is_true_of_them) {
    const target node = on((run(ping()), *node_for("k")));
    auto one = server_of("k").admin();
    one({"CLIENT", "SETNAME", "one"});
    one({"CLIENT", "SETINFO", "LIB-NAME", "lib"});
    one({"CLIENT", "SETINFO", "LIB-VER", "1.2"});
    one({"CLIENT", "CAPA", "redirect"});
    auto two = server_of("k").admin();
    two({"CLIENT", "SETNAME", "two"});
    const std::int64_t id = id_of(one);
    const std::int64_t id_of_two = id_of(two);
    const std::array ids{id, id_of_two};
    const auto list = [&](const client_filter& which, client_list_options options = {}) {
        std::vector<std::int64_t> found;
        for (const connected_client& c : client().execute(client_list(which, options), node)) found.push_back(c.id);
        std::sort(found.begin(), found.end());
        return found;
    };
    using numbers = std::vector<std::int64_t>;
    EXPECT_EQ(list({.ids = ids}), (numbers{id, id_of_two}));
    if (!offers_since(9, 0, client_list({.ids = ids, .name = "one"}))) return;
    const auto all = client().execute(client_list({.ids = ids}), node);
    EXPECT_EQ(find(all, id)->capa, "r");
    EXPECT_EQ(list({.ids = ids, .name = "one"}), numbers{id});
    EXPECT_EQ(list({.ids = ids, .lib_name = "lib", .lib_ver = "1.2"}), numbers{id});
    EXPECT_EQ(list({.ids = ids, .capa = "r"}), numbers{id});
    EXPECT_EQ(list({.ids = ids, .user = "default", .flags = "N", .db = 0, .ip = "127.0.0.1"}),
              (numbers{id, id_of_two}));
    EXPECT_EQ(list({.ids = ids, .laddr = "127.0.0.1:1"}), numbers{});
    EXPECT_EQ(list({.ids = ids, .addr = find(all, id)->addr}), numbers{id});
    EXPECT_EQ(list({.ids = ids, .older_than = 1h}), numbers{});
    EXPECT_EQ(list({.ids = ids, .idle = 1h}), numbers{});
    EXPECT_EQ(list({.ids = ids}, {.except = {.name = "one"}}), numbers{id_of_two});
    EXPECT_EQ(list({.ids = ids}, {.except = {.capa = "r"}}), numbers{id_of_two});
    EXPECT_EQ(list({.ids = ids}, {.except = {.ids = std::span{ids}.first(1)}}), numbers{id_of_two});
    EXPECT_EQ(list({.ids = ids}, {.except = {.type = client_type::normal}}), numbers{});
    EXPECT_EQ(list({.ids = ids}, {.except = {.db = 0}}), numbers{});

    EXPECT_EQ(client().execute(client_kill({.ids = ids}, {.except = {.name = "two"}}), node), 1);
    EXPECT_TRUE(one.is_closed_by_server());
    EXPECT_EQ(two({"PING"}), "PONG");
}

TEST_P(commands, client_pause_holds_writes_back) {
    const target node = on(*node_for("k"));
    client().execute(client_pause(1h, client_pause_of::writes), node);
    auto writer = server_of("k").admin();
    writer.send({"SET", "k", "v"});
    EXPECT_EQ(run(raw<std::optional<std::string>>("GET", "k")), std::nullopt);
    client().execute(client_unpause(), node);
    EXPECT_EQ(writer.read().text, "OK");
    EXPECT_EQ(run(raw<std::optional<std::string>>("GET", "k")), "v");
}

TEST_P(commands, client_pause_of_all_ends_by_itself) {
    const target node = on(*node_for("k"));
    client().execute(client_pause(1ms), node);
    EXPECT_EQ(run(raw<std::optional<std::string>>("GET", "k")), std::nullopt);
}

TEST_P(commands, client_unblock_frees_a_waiting_connection) {
    const target node = on(*node_for("k"));
    auto waiting = server_of("k").admin();
    const std::int64_t id = id_of(waiting);
    EXPECT_FALSE(client().execute(client_unblock(id), node));
    waiting.send({"BLPOP", "k", "0"});
    poll_until("it to be freed", [&] { return client().execute(client_unblock(id), node); });
    EXPECT_EQ(waiting.read().kind, admin_reply::type::nil);
    waiting.send({"BLPOP", "k", "0"});
    poll_until("it to be freed", [&] { return client().execute(client_unblock(id, client_unblock_as::error), node); });
    EXPECT_EQ(waiting.read().text.substr(0, 9), "UNBLOCKED");
}

}  // namespace valkeyxx::testing
