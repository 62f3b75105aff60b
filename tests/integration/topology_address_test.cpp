// Where nodes are reached: addresses that must be translated, names, IPv6, and hosts that are not told.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/view_node.hpp"
#include "support/cluster.hpp"
#include "support/fault_proxy.hpp"
#include "support/network.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .extra = {"--cluster-announce-hostname", "localhost"}}};
    valkey_cluster sixes{{.shards = 2, .replicas = 1, .customize = [](int, node_options& n) { n.host = "::1"; }}};
    void wait() {
        nodes.wait();
        sixes.wait();
    }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

/// Two nodes that are called by addresses at which nobody is, as behind NAT.
class topology_remap : public ::testing::Test {
  protected:
    topology_remap() {
        for (view_node* each : {&a, &b}) {
            const endpoint outside = each->at();
            inside_of[outside] = {"10.9.9.9", next_port()};
            settings.command_timeout = stretched(5s);
        }
        settings.seeds = {a.at()};
        settings.watcher = seen;
        settings.address_remap = [this](const endpoint& told) {
            for (const auto& [outside, inside] : inside_of) {
                if (inside == told) return outside;
            }
            return told;
        };
        for (view_node* each : {&a, &b}) {
            each->tell({slots_of(0, 8191, {told(a)}), slots_of(8192, 16383, {told(b)})});
        }
    }

    endpoint inside(const view_node& node) const { return inside_of.at(node.at()); }
    told_node told(const view_node& node) const { return {resp::bulk(inside(node).host), inside(node).port}; }
    static std::string name(const view_node& node) { return std::to_string(node.port()); }
    std::string key(std::size_t slot) const { return keys[slot]; }

    static const std::vector<std::string> keys;

    std::map<endpoint, endpoint> inside_of;
    view_node a;
    view_node b;
    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
    config settings;
};

const std::vector<std::string> topology_remap::keys = key_for_each_slot("k:");

}  // namespace

TEST_F(topology_remap, applies_to_what_cluster_slots_names) {
    cluster client{settings};
    EXPECT_EQ(client.execute(get(key(1))), name(a));
    EXPECT_EQ(client.execute(get(key(9000))), name(b));
    EXPECT_EQ(client.node_for(key(9000)), b.at());
    for (const auto& node : client.nodes()) EXPECT_EQ(node.address.host, "127.0.0.1");
    EXPECT_EQ(client.statistics().moved, 0U);
}

TEST_F(topology_remap, applies_to_moved_and_ask_with_and_without_a_host) {
    cluster client{settings};
    client.execute(get(key(1)));
    const std::string here = inside(b).text();
    const std::string port = ":" + std::to_string(inside(b).port);
    for (const auto& [slot, reply] : std::vector<std::pair<std::size_t, std::string>>{
             {10, "MOVED 10 " + here}, {11, "MOVED 11 " + port}, {12, "ASK 12 " + here}, {13, "ASK 13 " + port}}) {
        a.react([&, said = reply](const view_node::request&) -> std::optional<answer> { return resp::error(said); });
        for (view_node* each : {&a, &b}) each->refuse_to_tell();
        EXPECT_EQ(client.execute(get(key(slot))), name(b)) << reply;
        ASSERT_FALSE(seen->redirects().empty());
        EXPECT_EQ(seen->redirects().back().to, b.at()) << reply;
        EXPECT_EQ(client.node_for(key(slot)), reply[0] == 'M' ? b.at() : a.at());
    }
}

TEST_F(topology_remap, applies_to_seeds_only_if_told_so) {
    settings.seeds = {{"10.9.9.9", next_port()}, inside(a)};
    settings.connect_timeout = stretched(500ms);
    const auto failed = cluster{settings}.try_execute(get(key(1)));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error(), errc::no_topology) << failed.error().message();
    settings.remap_seeds = true;
    cluster client{settings};
    EXPECT_EQ(client.execute(get(key(1))), name(a));
    EXPECT_EQ(client.execute(get(key(9000))), name(b));
}

TEST_F(topology_remap, host_that_is_not_told_is_the_one_the_cluster_knows_and_not_where_it_was_reached) {
    settings.seeds = {inside(a)};
    settings.remap_seeds = true;
    for (const auto& nameless : {resp::nil(), resp::null(), resp::bulk("")}) {
        a.tell({slots_of(0, 8191, {{nameless, inside(a).port}}), slots_of(8192, 16383, {{nameless, inside(b).port}})});
        cluster client{settings};
        EXPECT_EQ(client.execute(get(key(1))), name(a));
        EXPECT_EQ(client.execute(get(key(9000))), name(b));
    }
}

TEST_F(topology_remap, lets_a_client_reach_a_real_cluster_through_proxies) {
    std::map<std::uint16_t, std::unique_ptr<fault_proxy>> proxies;
    for (int i = 0; i < nodes().size(); ++i) {
        const auto port = nodes().node(i).port();
        proxies.emplace(port, std::make_unique<fault_proxy>(port));
    }
    config c = testing::config_for(nodes());
    c.remap_seeds = true;
    c.address_remap = [&](const endpoint& told) { return endpoint{told.host, proxies.at(told.port)->port()}; };
    c.reads = read_from::round_robin;
    cluster client{c};
    for (int round = 0; round < 3; ++round) {
        for (const std::size_t slot : {0U, 6000U, 12000U}) {
            EXPECT_TRUE(client.execute(set(key(slot), "v")));
            EXPECT_EQ(client.execute(get(key(slot)), on_primary()), "v");
            client.execute(get(key(slot)));
        }
    }
    for (const auto& [port, proxy] : proxies) {
        EXPECT_GE(proxy->accepted(), 1) << port;
        EXPECT_FALSE(client.set_default_node({"127.0.0.1", port}));
        EXPECT_TRUE(client.set_default_node({"127.0.0.1", proxy->port()}));
    }
    const auto slot = static_cast<std::uint16_t>(6000);
    valkey_server& target = nodes().primary(0);
    nodes().move_slot(slot, target);
    EXPECT_EQ(client.execute(get(key(slot)), on_primary()), "v");
    EXPECT_EQ(client.statistics().moved, 1U);
    EXPECT_EQ(client.node_for(key(slot))->port, proxies.at(target.port())->port());
    nodes().move_slot(slot, nodes().primary(1));
}

namespace {

/// How nodes call each other: by "ip", by "hostname", or not at all ("unknown-endpoint").
class topology_naming : public ::testing::TestWithParam<const char*> {
  protected:
    topology_naming() { call_by(GetParam()); }
    void TearDown() override { call_by("ip"); }
    static void call_by(const std::string& type) {
        for (int i = 0; i < nodes().size(); ++i) {
            nodes().node(i).admin()({"CONFIG", "SET", "cluster-preferred-endpoint-type", type});
        }
    }
};

INSTANTIATE_TEST_SUITE_P(type, topology_naming, ::testing::Values("ip", "hostname", "unknown-endpoint"),
                         [](const auto& type) { return std::string{type.param}.substr(0, 2); });

void follow_a_slot(valkey_cluster& world, const config& c, const std::string& host) {
    world.flush_all();
    cluster client{c};
    const auto keys = key_for_each_slot("n:");
    for (const std::size_t slot : {0U, 6000U, 12000U, 16383U}) {
        EXPECT_TRUE(client.execute(set(keys[slot], "v")));
        EXPECT_EQ(client.execute(get(keys[slot])), "v");
    }
    for (const auto& node : client.nodes()) EXPECT_EQ(node.address.host, host);
    EXPECT_EQ(client.nodes().size(), static_cast<std::size_t>(world.size()));
    const std::uint16_t slot = 16383;
    valkey_server& before = world.node_serving(slot);
    valkey_server& target = world.primary(0);
    world.move_slot(slot, target);
    EXPECT_EQ(client.execute(incr(keys[slot] + "{" + keys[slot] + "}")), 1);
    EXPECT_EQ(client.statistics().moved, 1U);
    EXPECT_EQ(client.node_for(keys[slot]), (endpoint{host, target.port()}));
    world.begin_migration(slot, before);
    EXPECT_EQ(client.execute(incr("{" + keys[slot] + "}new")), 1);
    EXPECT_EQ(client.statistics().ask, 1U);
    world.migrate_keys(slot, before);
    world.finish_migration(slot, before);
    EXPECT_EQ(client.execute(get("{" + keys[slot] + "}new")), "1");
}

}  // namespace

TEST_P(topology_naming, nodes_are_reached_and_redirects_followed) {
    const bool by_name = std::string{GetParam()} == "hostname";
    for (const int protocol : {2, 3}) {
        config c = config_for(nodes());
        c.protocol = protocol;
        follow_a_slot(nodes(), c, by_name ? "localhost" : "127.0.0.1");
    }
}

TEST(topology_address, ipv6_is_an_address_like_any) {
    config c = config_for(world<servers>().sixes);
    EXPECT_EQ(c.seeds[0].host, "::1");
    follow_a_slot(world<servers>().sixes, c, "::1");
}

TEST(topology_address, replica_without_a_name_is_left_out_and_a_nameless_primary_leaves_a_hole) {
    view_node a;
    view_node b;
    const told_node stranger{resp::bulk("?"), b.port()};
    for (view_node* each : {&a, &b}) {
        each->tell({slots_of(0, 8191, {a.here(), stranger}), slots_of(8192, 16383, {stranger, b.here()})});
    }
    const auto keys = key_for_each_slot("k:");
    config c{.seeds = {a.at()}};
    c.command_timeout = stretched(500ms);
    c.reads = read_from::prefer_replica;
    cluster client{c};
    EXPECT_EQ(client.execute(get(keys[0])), std::to_string(a.port()));
    EXPECT_EQ(client.topology()->covered_slots(), 8192U);
    EXPECT_TRUE(client.replicas().empty());
    const auto none = client.try_execute(get(keys[9000]));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error(), errc::slot_not_served) << none.error().message();
    EXPECT_EQ(b.served(), 0);
}

TEST(topology_address, name_that_cannot_be_resolved_costs_its_own_slots_alone) {
    view_node a;
    a.tell({slots_of(0, 8191, {a.here()}), slots_of(8192, 16383, {{resp::bulk("no-such-host.invalid"), 7000}})});
    const auto keys = key_for_each_slot("k:");
    config c{.seeds = {a.at()}};
    c.command_timeout = stretched(1s);
    cluster client{c};
    EXPECT_EQ(client.execute(get(keys[0])), std::to_string(a.port()));
    const auto none = client.try_execute(get(keys[9000]));
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message().find("no-such-host.invalid:7000"), std::string::npos) << none.error().message();
    EXPECT_EQ(none.error().executed(), executed::no);
    EXPECT_EQ(client.execute(get(keys[0])), std::to_string(a.port()));
}

TEST(topology_address, metadata_of_any_shape_is_no_hindrance) {
    view_node a;
    for (const auto& metadata :
         {resp::array({}), resp::array({resp::bulk("hostname"), resp::bulk("a.test"), resp::bulk("ip"), resp::nil()}),
          resp::map({{resp::bulk("hostname"), resp::bulk("a.test")}, {resp::bulk("new"), resp::array({})}}),
          resp::nil(), resp::bulk("text"), resp::integer(7)}) {
        a.tell({slots_of(0, 16383, {{resp::bulk("127.0.0.1"), a.port(), metadata}})});
        cluster client{config{.seeds = {a.at()}}};
        EXPECT_EQ(client.execute(get("k")), std::to_string(a.port())) << metadata;
    }
}

TEST(topology_address, one_node_under_several_names_is_reached_under_each) {
    view_node a;
    a.tell({slots_of(0, 8191, {{resp::bulk("127.0.0.1"), a.port()}}),
            slots_of(8192, 16383, {{resp::bulk("localhost"), a.port()}})});
    const auto keys = key_for_each_slot("k:");
    cluster client{config{.seeds = {{"localhost", a.at().port}}}};
    EXPECT_EQ(client.execute(get(keys[0])), std::to_string(a.port()));
    EXPECT_EQ(client.execute(get(keys[16383])), std::to_string(a.port()));
}

}  // namespace valkeyxx::testing
