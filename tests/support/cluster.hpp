// A real cluster: shards of one primary and its replicas, each a process of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/fault_proxy.hpp"
#include "support/nodes_view.hpp"
#include "support/server.hpp"

namespace valkeyxx::testing {

struct node_options {
    std::string host = "127.0.0.1";  ///< bound, announced and met at; another 127.0.0.x or ::1 works too
    arguments extra{};               ///< {"--cluster-announce-hostname", "a.test"}
    std::uint16_t tls_port = 0;      ///< as server_options::tls_port: the nodes reach each other there ("tls-cluster")
};

struct cluster_options {
    int shards = 3;
    int replicas = 1;  ///< of each shard
    /// After so long a silent node counts as failed. 500 ms for failover tests; 5 s where a node is paused and nobody
    /// shall take over; 1 s for the rest.
    std::chrono::milliseconds node_timeout{1000};
    arguments extra{};                                          ///< for every node
    std::function<void(int index, node_options&)> customize{};  ///< for one node; see node() for the order
    std::string password{};                                     ///< of the default user, also between the nodes
    std::string program{};                                      ///< empty: server_binary()
    bool proxies =
        false;  ///< one fault_proxy before each node, whose port the node announces: clients go through proxies
};

enum class failover_mode { graceful, force, takeover };

/// Starts and joins its nodes on a thread of its own as soon as it is made, which takes 2 s whatever one does (the
/// server's own delay): so make all fixtures of a program first, wait second. Until wait() has returned nothing else
/// may be called.
///
/// A shard is a set of nodes that never changes (replica migration is off); roles inside it do. primary() and replica()
/// go by the roles of now and ask the nodes for them. Nodes that are killed or paused are not asked.
class valkey_cluster {
  public:
    explicit valkey_cluster(cluster_options options = {});
    valkey_cluster(const valkey_cluster&) = delete;
    valkey_cluster& operator=(const valkey_cluster&) = delete;
    ~valkey_cluster();

    /// Until every node is up, agrees with all others, and has its replication linked.
    void wait();

    int size() const { return static_cast<int>(nodes_.size()); }
    int shards() const { return options_.shards; }

    /// By number: the first primaries in the order of their slots, then the first replicas of each, then the second
    /// ones.
    valkey_server& node(int index) { return nodes_.at(static_cast<std::size_t>(index)).server; }
    /// Only with options.proxies.
    fault_proxy& proxy_of(const valkey_server& node);
    /// Where clients reach the node: its proxy if there is one. Its own port: node.port().
    std::uint16_t client_port(const valkey_server& node);
    const std::string& id_of(const valkey_server& node);

    /// Throw std::runtime_error when there is no such node now (between a kill and the promotion); fit for poll_until.
    valkey_server& primary(int shard);
    valkey_server& replica(int shard, int which = 0);
    valkey_server& node_serving(std::uint16_t slot);

    /// "valkey://127.0.0.1:22000,127.0.0.1:22003" with all nodes.
    std::string url();

    /// Until all running nodes say that the cluster is ok, agree on the owners of all slots, and those owners are
    /// running. For after a failover, with the old primary still dead.
    void wait_ok();
    /// Brings back dead and paused nodes, lifts all toxics, and waits as wait() does. Roles stay as they are.
    void heal();
    /// FLUSHALL on all primaries, and waits for their replicas to have done it.
    void flush_all();

    /// Promotes the shard's first replica and waits until all agree. Voters refuse a second election about the same old
    /// primary within 2 x node_timeout: take another shard next, or takeover, which holds no election.
    void failover(int shard, failover_mode mode = failover_mode::graceful);

    /// Moves the slot and its keys to that primary and waits until all nodes know.
    void move_slot(std::uint16_t slot, valkey_server& to);
    /// The same in steps: between the first and the last clients see ASK and TRYAGAIN.
    void begin_migration(std::uint16_t slot, valkey_server& to);
    /// At most `limit` keys. @return how many were moved
    int migrate_keys(std::uint16_t slot, valkey_server& to, int limit = 1'000'000);
    void finish_migration(std::uint16_t slot, valkey_server& to);
    /// Instead of finishing: keys stay where they are now.
    void cancel_migration(std::uint16_t slot, valkey_server& to);

  private:
    struct cluster_node {
        cluster_node(server_options options, int of_shard, std::uint16_t bus, std::unique_ptr<fault_proxy> before_it)
            : server(std::move(options)), shard(of_shard), bus_port(bus), proxy(std::move(before_it)) {}

        valkey_server server;
        int shard;
        std::uint16_t bus_port;
        std::unique_ptr<fault_proxy> proxy;
        std::string id{};
    };

    struct belief {
        cluster_node* node;
        nodes_view view;
    };

    void add_node(int index);
    void form();
    void assign_slots();
    void meet();
    bool all_met();
    bool is_ready();
    bool is_ready(cluster_node& one, const std::string& ownership);
    bool is_ok();
    std::vector<belief> ask_running();
    cluster_node& entry_of(const valkey_server& server);

    cluster_options options_;
    std::deque<cluster_node> nodes_;
    std::future<void> forming_;  // last: it ends before the nodes do
};

}  // namespace valkeyxx::testing
