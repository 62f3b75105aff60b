// Servers and sentinels that encrypt all they say, also to each other, and let in only who has a certificate: clusters
// that change, services that fail over, and authorities that are replaced.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/kill.hpp"
#include "integration/sentinel_load.hpp"
#include "integration/sentinel_world.hpp"
#include "integration/tls_files.hpp"
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

struct servers {
    certificate_authority ca;
    certificate_authority sentinels_ca{"authority of the sentinels"};
    certificate_authority next_ca{"next authority"};
    certificate_files node = ca.issue("IP:127.0.0.1");
    certificate_files next_node = next_ca.issue("IP:127.0.0.1");
    certificate_files sentinel = sentinels_ca.issue("IP:127.0.0.1");
    certificate_files client = ca.issue("DNS:client.test");
    certificate_files next_client = next_ca.issue("DNS:client.test");
    certificate_files client_of_sentinels = sentinels_ca.issue("DNS:client.test");

    temp_dir folder;
    std::string both_cas = trust_in_both();

    valkey_cluster nodes{{.shards = 3, .replicas = 1, .customize = [this](int, node_options& o) {
                              o.tls_port = next_port();
                              o.extra = ca.server_arguments(o.tls_port, node, "yes");
                              o.extra.insert(o.extra.end(), {"--tls-cluster", "yes", "--tls-replication", "yes"});
                          }}};
    sentinel_set watched{{.replicas = 1, .down_after = 10s, .tls = [this](std::uint16_t port, bool is_sentinel) {
                              auto all = ca.server_arguments(port, is_sentinel ? sentinel : node, "yes");
                              all.insert(all.end(), {"--tls-replication", "yes", "--tls-ca-cert-file", both_cas});
                              return all;
                          }}};

    void wait() {
        watched.wait();
        nodes.wait();
    }

  private:
    // Sentinels are clients of the servers, and show them the certificate that they show their own clients.
    std::string trust_in_both() const {
        std::ofstream{folder.file("both.pem")} << contents(ca.file()) << contents(sentinels_ca.file());
        return folder.file("both.pem");
    }
};

const auto registered = use_world<servers>();

servers& those() {
    return world<servers>();
}
valkey_cluster& nodes() {
    return those().nodes;
}
sentinel_set& watched() {
    return those().watched;
}

tls_options trusting(const certificate_authority& who, const certificate_files& own = {}) {
    return {.enabled = true, .ca_file = who.file(), .certificate_file = own.certificate, .private_key_file = own.key};
}

config to_nodes(tls_options tls) {
    config c;
    for (int i = 0; i < nodes().size(); ++i) c.seeds.push_back({nodes().node(i).host(), nodes().node(i).secure_port()});
    c.tls = std::move(tls);
    c.command_timeout = stretched(5s);
    c.connect_timeout = stretched(2s);
    return c;
}
config to_nodes() {
    return to_nodes(trusting(those().ca, those().client));
}
config to_service() {
    config c = config_for(watched());
    c.tls = trusting(those().ca, those().client);
    c.sentinel_tls = trusting(those().sentinels_ca, those().client_of_sentinels);
    return c;
}

// The ways of not being let in, and what is said of each.
std::vector<std::pair<tls_options, std::string>> wrong_ones(const certificate_authority& right) {
    return {{trusting(right), "alert certificate required"},
            {trusting(right, those().next_client), "alert unknown ca"},
            {trusting(those().next_ca, those().client), "self-signed certificate in certificate chain"}};
}

config hurried(config c) {
    c.command_timeout = stretched(500ms);
    c.connect_timeout = stretched(200ms);
    return c;
}

void expect_refused(const error& e, const std::string& why) {
    EXPECT_EQ(e.executed(), executed::no);
    EXPECT_NE(e.message().find(why), std::string::npos) << e.message();
}

void drop_connections() {
    for (int i = 0; i < nodes().size(); ++i) nodes().node(i).admin()({"CLIENT", "KILL", "TYPE", "NORMAL"});
}

// By which connection each primary is reached.
std::map<std::uint16_t, std::int64_t> by_port(const std::vector<node_result<std::int64_t>>& all) {
    std::map<std::uint16_t, std::int64_t> numbers;
    for (const auto& [node, number] : all) numbers[node.port] = number.value();
    return numbers;
}
std::map<std::uint16_t, std::int64_t> connections_of(cluster& c) {
    return by_port(c.execute_each(client_id(), on_all_primaries()));
}
std::map<std::uint16_t, std::int64_t> connections_of(async_cluster& c) {
    return by_port(c.execute_each(client_id(), on_all_primaries(), asio::use_future).get().value());
}

template <class Cluster>
result<std::uint16_t> write(Cluster& c, const std::string& key) {
    result<bool> done = [&] {
        if constexpr (std::is_same_v<Cluster, cluster>) {
            return c.try_execute(set(key, "x"));
        } else {
            return c.try_execute(set(key, "x"), asio::use_future).get();
        }
    }();
    if (!done) return done.error();
    return std::uint16_t{0};
}

void expect_no_failures(steady_writer& writer) {
    writer.stop();
    for (const error& e : writer.failures()) ADD_FAILURE() << e.message();
}

// One subscriber that waits and one with a handler, to a channel and to one of a shard.
class audience {
  public:
    audience(cluster& waiting, async_cluster& started, std::string shard_channel)
        : publishing_{started},
          shard_channel_{std::move(shard_channel)},
          waiting_{waiting.subscriber({.events = false})},
          started_{started.subscriber({.events = false})} {
        started_.listen([this](message& m) {
            const std::lock_guard lock{mutex_};
            by_handler_.insert(m.channel + m.payload);
        });
        waiting_.subscribe(channel_);
        waiting_.ssubscribe(shard_channel_);
        started_.subscribe(channel_);
        started_.ssubscribe(shard_channel_);
    }

    /// What is published until it is heard is not heard for ever by one who has lost his subscription.
    void expect_heard(const std::string& what) {
        poll_until("to hear " + what, [&] {
            publishing_.execute(publish(channel_, what), asio::use_future).get();
            publishing_.execute(spublish(shard_channel_, what), asio::use_future).get();
            while (const auto m = waiting_.next(20ms)) by_waiting_.insert(m->channel + m->payload);
            const std::lock_guard lock{mutex_};
            for (const auto& channel : {channel_, shard_channel_}) {
                if (!by_waiting_.contains(channel + what) || !by_handler_.contains(channel + what)) return false;
            }
            return true;
        });
    }

  private:
    async_cluster& publishing_;
    const std::string channel_ = "news";
    const std::string shard_channel_;
    std::mutex mutex_;
    std::set<std::string> by_handler_;
    std::set<std::string> by_waiting_;
    subscriber waiting_;
    async_subscriber started_;
};

}  // namespace

// --- clusters --------------------------------------------------------------------------------------------------------

TEST(mutual_cluster, lets_in_who_has_the_right_certificate) {
    // Nothing but TLS is spoken among the nodes: the port that a replica knows of its primary is the one for that.
    const auto replication = nodes().replica(0).admin()({"INFO", "replication"});
    EXPECT_NE(replication.find("master_port:" + std::to_string(nodes().primary(0).secure_port()) + "\r"),
              std::string::npos)
        << replication;
    cluster waiting{to_nodes()};
    async_cluster started{to_nodes()};
    config from_replicas = to_nodes();
    from_replicas.reads = read_from::prefer_replica;
    cluster reading{from_replicas};
    const auto keys = key_for_each_slot("right:");
    for (std::size_t slot = 0; slot < keys.size(); slot += 1000) {
        waiting.execute(set(keys[slot], keys[slot]));
        EXPECT_EQ(started.execute(get(keys[slot]), asio::use_future).get(), keys[slot]);
        poll_until("the replica to have it", [&] { return reading.execute(get(keys[slot])) == keys[slot]; });
    }
}

TEST(mutual_cluster, refuses_everybody_else) {
    for (const auto& [tls, why] : wrong_ones(those().ca)) {
        const config c = hurried(to_nodes(tls));
        cluster waiting{c};
        expect_refused(waiting.try_execute(set("k", "v")).error(), why);
        async_cluster started{c};
        expect_refused(started.try_execute(set("k", "v"), asio::use_future).get().error(), why);
        subscriber feed = waiting.subscriber();
        feed.subscribe("news");
        const auto ready = feed.ready(stretched(300ms));
        ASSERT_FALSE(ready);
        EXPECT_EQ(ready.error().which(), errc::timed_out);
        expect_refused(ready.error(), why);
    }
}

TEST(mutual_cluster, takes_authority_certificate_and_key_as_text) {
    const auto& s = those();
    const config c = to_nodes({.enabled = true,
                               .ca_certificates = contents(s.ca.file()),
                               .certificate = contents(s.client.certificate),
                               .private_key = contents(s.client.key)});
    cluster waiting{c};
    async_cluster started{c};
    const auto keys = key_for_each_slot("text:");
    for (int round = 0; round < 2; ++round) {
        for (std::size_t slot = 0; slot < keys.size(); slot += 2000) {
            waiting.execute(set(keys[slot], keys[slot]));
            EXPECT_EQ(started.execute(get(keys[slot]), asio::use_future).get(), keys[slot]);
        }
        drop_connections();  // and later ones have it, too
    }
}

TEST(mutual_cluster, is_followed_through_a_migration_a_failover_and_a_crash) {
    config c = to_nodes();
    const auto seen = std::make_shared<recorder>();
    c.watcher = seen;
    c.command_timeout = stretched(20s);
    cluster waiting{c};
    async_cluster started{c};
    constexpr std::uint16_t slot = 866;
    const std::string tag = "{" + key_for_each_slot("moved:")[slot] + "}";
    audience all{waiting, started, "of " + tag};
    steady_writer anywhere{"any:", [&](const std::string& key) { return write(waiting, key); }};
    steady_writer by_wait{tag + "w", [&](const std::string& key) { return write(waiting, key); }};
    steady_writer by_loop{tag + "a", [&](const std::string& key) { return write(started, key); }};
    const std::vector<steady_writer*> writers{&anywhere, &by_wait, &by_loop};
    const auto wait_for_new_ones = [&] {
        for (auto* each : writers) each->wait_for_new_ones();
    };
    wait_for_new_ones();
    all.expect_heard("before");

    auto& to = other_primary(nodes(), slot);
    nodes().begin_migration(slot, to);
    wait_for_new_ones();
    EXPECT_GT(nodes().migrate_keys(slot, to), 0);
    wait_for_new_ones();
    const auto redirects = seen->redirects();
    EXPECT_TRUE(std::any_of(redirects.begin(), redirects.end(), [&](const auto& r) {
        return r.kind == observer::redirect_kind::ask && r.to == endpoint{to.host(), to.secure_port()};
    })) << redirects.size();
    const auto written = by_wait.count() + by_loop.count();
    nodes().finish_migration(slot, to);
    wait_for_new_ones();
    EXPECT_GE(std::stoul(to.admin()({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot)})), written);
    all.expect_heard("after the migration");

    nodes().failover(0);
    wait_for_new_ones();
    all.expect_heard("after the failover");

    kill(nodes().node_serving(slot));
    wait_for_new_ones();
    all.expect_heard("after the crash");
    for (auto* each : writers) expect_no_failures(*each);
    nodes().heal();
}

namespace {

// What the nodes show and trust from now on; the original again at the end.
class authority_of_nodes {
  public:
    authority_of_nodes() = default;
    authority_of_nodes(const authority_of_nodes&) = delete;
    authority_of_nodes& operator=(const authority_of_nodes&) = delete;
    ~authority_of_nodes() { set(those().ca, those().node); }

    void set(const certificate_authority& trusted, const certificate_files& own) {
        for (int i = 0; i < nodes().size(); ++i) {
            nodes().node(i).admin()({"CONFIG", "SET", "tls-ca-cert-file", trusted.file(), "tls-cert-file",
                                     own.certificate, "tls-key-file", own.key});
        }
    }
};

}  // namespace

TEST(mutual_cluster, may_get_another_authority_under_load) {
    const auto& s = those();
    const tls_folder files{s.ca, s.client};
    config c = to_nodes(files.options());
    const auto seen = std::make_shared<recorder>();
    c.watcher = seen;
    c.command_timeout = stretched(20s);
    cluster waiting{c};
    async_cluster started{c};
    steady_writer by_wait{"renew:w", [&](const std::string& key) { return write(waiting, key); }};
    steady_writer by_loop{"renew:a", [&](const std::string& key) { return write(started, key); }};
    const auto wait_for_new_ones = [&] {
        by_wait.wait_for_new_ones();
        by_loop.wait_for_new_ones();
    };
    const auto expect_new_connections = [&] {
        const auto before = std::pair{connections_of(waiting), connections_of(started)};
        drop_connections();
        wait_for_new_ones();
        for (const auto& [old, now] :
             {std::pair{before.first, connections_of(waiting)}, {before.second, connections_of(started)}}) {
            for (const auto& [port, number] : now) EXPECT_NE(number, old.at(port)) << port;
        }
    };
    const auto first = std::pair{connections_of(waiting), connections_of(started)};
    EXPECT_EQ(first.first.size(), 3U);

    authority_of_nodes authority;
    authority.set(s.next_ca, s.next_node);
    wait_for_new_ones();
    files.put(s.next_ca, s.next_client);
    wait_for_new_ones();
    EXPECT_EQ(std::pair(connections_of(waiting), connections_of(started)), first) << "connections that stand go on";
    EXPECT_TRUE(seen->losses().empty());
    expect_new_connections();
    expect_refused(cluster{hurried(to_nodes())}.try_execute(ping()).error(), "certificate");

    for (const auto* half : {"ca.pem", "own.pem", "own.key"}) {
        files.halve(half);
        expect_new_connections();
        files.put(s.next_ca, s.next_client);
    }

    // What the client goes on with is of no use any more; what is started meanwhile waits for the right file.
    files.halve("ca.pem");
    authority.set(s.ca, s.node);
    const auto refusals = [&] {
        const auto losses = seen->losses();
        return std::count_if(losses.begin(), losses.end(), [](const error& e) {
            return e.message().find("the server's certificate is refused") != std::string::npos;
        });
    };
    EXPECT_EQ(refusals(), 0);
    drop_connections();
    poll_until("old certificates to be refused", [&] { return refusals() > 0; });
    files.put(s.ca, s.client);
    wait_for_new_ones();
    expect_no_failures(by_wait);
    expect_no_failures(by_loop);
}

// --- sentinels -------------------------------------------------------------------------------------------------------

TEST(mutual_sentinels, and_their_servers_may_have_authorities_of_their_own) {
    const config c = to_service();
    const endpoint primary{"127.0.0.1", watched().primary().secure_port()};
    client waiting{c};
    async_client started{c};
    waiting.execute(set("k", "v"));
    EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "v");
    EXPECT_EQ(waiting.topology()->shards()[0].primary.address, primary);
    sentinel face{c};
    EXPECT_EQ(face.find_primary(), primary);
    EXPECT_EQ(face.find_replicas(), (std::vector<endpoint>{{"127.0.0.1", watched().replica().secure_port()}}));
    EXPECT_EQ(face.execute_each(sentinel_myid(), on_all_nodes()).size(), 3U);
    EXPECT_EQ(face.primary().execute(get("k")), "v");
    client replica = face.replica();
    poll_until("the replica to have it", [&] { return replica.execute(get("k")) == "v"; });
    config sharing = c;
    sharing.shared_sentinels = std::make_shared<sentinel_link>(c);
    sharing.sentinel_tls = trusting(those().next_ca);  // only needed there
    EXPECT_EQ(client{sharing}.execute(get("k")), "v");
}

TEST(mutual_sentinels, refuse_those_without_the_right_certificate) {
    for (const auto& [tls, why] : wrong_ones(those().sentinels_ca)) {
        config c = hurried(to_service());
        c.sentinel_tls = tls;
        client waiting{c};
        expect_refused(waiting.try_execute(set("k", "v")).error(), why);
        async_client started{c};
        expect_refused(started.try_execute(set("k", "v"), asio::use_future).get().error(), why);
    }
    for (const auto& [tls, why] : wrong_ones(those().ca)) {  // the sentinels are right, the servers are not
        config c = hurried(to_service());
        c.tls = tls;
        expect_refused(client{c}.try_execute(set("k", "v")).error(), why);
    }
    config c = hurried(to_service());
    c.sentinel_tls.reset();  // as the servers
    expect_refused(client{c}.try_execute(set("k", "v")).error(), "self-signed certificate in certificate chain");
}

TEST(mutual_sentinels, are_listened_to_when_another_primary_takes_over) {
    recovery_times recovered;
    config c = to_service();
    c.command_timeout = 60s;
    service_load writers{watched(), c, recovered};
    writers.wait_for_new_ones();
    poll_until("the sentinels to be listened to", [] {
        for (int i = 0; i < watched().sentinels(); ++i) {
            const auto all = watched().sentinel(i).admin()({"CLIENT", "LIST"});
            const auto tls = ":" + std::to_string(watched().sentinel(i).secure_port()) + " ";
            std::istringstream lines{all};
            bool heard = false;
            for (std::string line; std::getline(lines, line);) {
                heard |= line.find("laddr=127.0.0.1" + tls) != std::string::npos &&
                         line.find(" sub=0 ") == std::string::npos && line.find("resp=3") != std::string::npos;
            }
            if (!heard) return false;
        }
        return true;
    });
    auto& old = watched().primary();
    switch_watch watch{watched(), old.secure_port()};
    watched().sentinel(1).admin()({"SENTINEL", "FAILOVER", watched().name()});
    watched().wait_replaced(old);
    writers.wait_for_new_ones();
    poll_until("the old primary to be a replica", [&] { return old.role() == "replica"; });
    writers.expect_followed(watch, "failover on demand");
    recovered.report();
    watched().heal();
}

}  // namespace valkeyxx::testing
