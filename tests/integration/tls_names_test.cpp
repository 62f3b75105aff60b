// Encrypted clusters and services whose nodes are called one way and certified another: which name a certificate must
// be for.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/sentinel_world.hpp"
#include "support/certificates.hpp"
#include "support/network.hpp"
#include "support/sentinel_set.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

// All that is said among the nodes is encrypted, too. Their certificates are for a name, not for their addresses.
struct servers {
    certificate_authority ca;
    certificate_files named = ca.issue("DNS:localhost");
    std::vector<std::uint16_t> ports;
    valkey_cluster nodes{{.shards = 2, .replicas = 1, .customize = [this](int, node_options& o) {
                              ports.push_back(next_port());
                              o.extra = ca.server_arguments(ports.back(), named);
                              o.extra.insert(o.extra.end(), {"--tls-cluster", "yes", "--tls-replication", "yes",
                                                             "--cluster-announce-hostname", "localhost"});
                          }}};
    // Servers and sentinels have names in their certificates alone, and ask their clients for some.
    sentinel_set by_name{{.replicas = 1,
                          .down_after = 10s,  // they change places when told to, and not because all is slow
                          .extra = {"--replica-announce-ip", "localhost"},
                          .tls = [this](std::uint16_t port, bool /*sentinel*/) { return of_service(port); },
                          .bind = "127.0.0.1 ::1",
                          .host = "localhost",
                          .sentinel_lines = "sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\n"
                                            "sentinel announce-ip localhost\n"}};
    sentinel_set by_address{
        {.sentinels = 1, .replicas = 1, .down_after = 10s, .tls = [this](std::uint16_t port, bool /*sentinel*/) {
             return of_service(port);
         }}};
    certificate_files client = ca.issue("DNS:client.test");
    void wait() {
        by_name.wait();
        by_address.wait();
        nodes.wait();
    }

  private:
    arguments of_service(std::uint16_t port) const {
        auto all = ca.server_arguments(port, named, "yes");
        all.insert(all.end(), {"--tls-replication", "yes"});
        return all;
    }
};

const auto registered = use_world<servers>();

servers& those() {
    return world<servers>();
}

class tls_names : public ::testing::Test {
  protected:
    /// By what the nodes call each other from now on: "ip" or "hostname".
    static void nodes_go_by(const std::string& kind) {
        for (int i = 0; i < those().nodes.size(); ++i) {
            those().nodes.node(i).admin()({"CONFIG", "SET", "cluster-preferred-endpoint-type", kind});
        }
    }
    config to(const std::string& host) {
        config c{.seeds = {{host, those().ports.front()}}};
        c.tls.enabled = true;
        c.tls.ca_file = those().ca.file();
        c.command_timeout = stretched(5s);
        c.connect_timeout = stretched(2s);
        return c;
    }
    /// Slots of all shards are reached, by nodes of that name, also after one has moved and after a failover.
    void expect_all_reached(const config& c, const std::string& host) {
        cluster client{c};
        async_cluster started{c};
        const auto keys = key_for_each_slot("name:");
        const auto reach_all = [&] {
            for (std::size_t slot = 866; slot < keys.size(); slot += 500) {
                EXPECT_TRUE(client.execute(set(keys[slot], "v")));
                EXPECT_EQ(started.execute(get(keys[slot]), asio::use_future).get(), "v");
            }
        };
        reach_all();
        client.execute(del(keys[866]));  // MIGRATE would want the port for TLS, and is told the other one
        those().nodes.move_slot(866, other_primary(those().nodes, 866));
        reach_all();
        those().nodes.failover(0, failover_mode::takeover);  // graceful ones may not follow each other so soon
        reach_all();
        for (const auto& node : client.nodes()) EXPECT_EQ(node.address.host, host);
    }
};

config to_service(sentinel_set& watched, const std::string& host) {
    config c = config_for(watched);
    for (endpoint& seed : c.seeds) seed.host = host;
    c.tls = {.enabled = true,
             .ca_file = those().ca.file(),
             .certificate_file = those().client.certificate,
             .private_key_file = those().client.key};
    return c;
}

// Primary and replica are reached by that name, also when they have changed places.
void expect_service_followed(sentinel_set& watched, const config& c, const std::string& host) {
    client waiting{c};
    async_client started{c};
    config reads = c;
    reads.reads = read_from::prefer_replica;
    client reading{reads};
    for (const std::string value : {"before", "after"}) {
        waiting.execute(set("k", value));
        EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), value);
        poll_until("the replica to have it", [&] { return reading.execute(get("k")) == value; });
        EXPECT_EQ(watched.primary().admin()({"GET", "k"}), value);
        const shard_info shard = waiting.topology()->shards()[0];
        EXPECT_EQ(shard.primary.address, (endpoint{host, watched.primary().secure_port()}));
        ASSERT_EQ(shard.replicas.size(), 1U);
        EXPECT_EQ(shard.replicas[0].address, (endpoint{host, watched.replica().secure_port()}));
        if (value == "before") {
            watched.failover();
            watched.wait();
        }
    }
}

}  // namespace

TEST_F(tls_names, that_nodes_announce_are_those_of_their_certificates) {
    nodes_go_by("hostname");
    expect_all_reached(to("localhost"), "localhost");
}

TEST_F(tls_names, that_nodes_do_not_announce_are_given) {
    nodes_go_by("ip");
    config c = to("127.0.0.1");
    c.tls.server_name = "localhost";
    expect_all_reached(c, "127.0.0.1");
}

TEST_F(tls_names, that_nodes_do_not_announce_are_found_by_remapping) {
    nodes_go_by("ip");
    config c = to("localhost");
    c.address_remap = [](const endpoint& by_cluster) { return endpoint{"localhost", by_cluster.port}; };
    expect_all_reached(c, "localhost");
}

TEST_F(tls_names, of_certificates_are_not_addresses) {
    nodes_go_by("ip");
    config c = to("localhost");  // which is right of the seed, and of no node that it names
    c.command_timeout = stretched(1s);
    cluster client{c};
    const auto r = client.try_execute(set("k", "v"));
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().executed(), executed::no);
    EXPECT_NE(r.error().message().find("127.0.0.1"), std::string::npos) << r.error().message();
    EXPECT_NE(r.error().message().find("certificate"), std::string::npos) << r.error().message();
}

TEST(tls_names_of_services, are_those_that_sentinels_announce) {
    auto& service = those().by_name;
    expect_service_followed(service, to_service(service, "localhost"), "localhost");
}

TEST(tls_names_of_services, that_sentinels_do_not_announce_are_found_by_remapping) {
    auto& service = those().by_address;
    config c = to_service(service, "127.0.0.1");
    c.remap_seeds = true;
    c.address_remap = [](const endpoint& by_sentinels) { return endpoint{"localhost", by_sentinels.port}; };
    expect_service_followed(service, c, "localhost");
}

TEST(tls_names_of_services, that_sentinels_do_not_announce_may_be_given) {
    auto& service = those().by_address;
    config c = to_service(service, "127.0.0.1");
    c.tls.server_name = "localhost";
    expect_service_followed(service, c, "127.0.0.1");
}

TEST(tls_names_of_services, are_not_addresses) {
    auto& service = those().by_address;
    config c = to_service(service, "localhost");  // which is right of the sentinels, and of no server that they name
    c.command_timeout = stretched(1s);
    client waiting{c};
    const auto r = waiting.try_execute(set("k", "v"));
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().executed(), executed::no);
    EXPECT_NE(r.error().message().find("certificate"), std::string::npos) << r.error().message();
}

}  // namespace valkeyxx::testing
