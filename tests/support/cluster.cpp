// Starting nodes, making a cluster of them, and finding out who is who.
#include "support/cluster.hpp"

#include <stdexcept>

#include "support/network.hpp"
#include "support/poll.hpp"

namespace valkeyxx::testing {

namespace {

nodes_view ask(const valkey_server& server) {
    return parse_nodes(server.admin()({"CLUSTER", "NODES"}));
}

}  // namespace

valkey_cluster::valkey_cluster(cluster_options options) : options_(std::move(options)) {
    for (int i = 0; i < options_.shards * (1 + options_.replicas); ++i) add_node(i);
    // Not in wait(): nodes that run alone for 2 s first count as cut off and then stay down for another node_timeout.
    forming_ = std::async(std::launch::async, [this] { form(); });
}

valkey_cluster::~valkey_cluster() = default;

void valkey_cluster::add_node(int index) {
    node_options own;
    if (options_.customize) options_.customize(index, own);
    const auto port = next_port();
    const auto bus_port = next_port();
    auto proxy = options_.proxies ? std::make_unique<fault_proxy>(port, own.host) : nullptr;

    server_options server{
        .extra = {"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port",
                  std::to_string(bus_port), "--cluster-node-timeout", std::to_string(options_.node_timeout.count()),
                  // Without it nodes on other addresses than 127.0.0.1 never finish their handshake.
                  "--cluster-announce-ip", own.host,
                  // A primary whose slots have all moved keeps its replicas: shards stay what they are.
                  "--cluster-allow-replica-migration", "no"},
        .port = port,
        .tls_port = own.tls_port,
        .bind = own.host,
        .password = options_.password,
        .program = options_.program};
    auto& extra = server.extra;
    if (proxy) extra.insert(extra.end(), {"--cluster-announce-port", std::to_string(proxy->port())});
    extra.insert(extra.end(), options_.extra.begin(), options_.extra.end());
    extra.insert(extra.end(), own.extra.begin(), own.extra.end());
    nodes_.emplace_back(std::move(server), index % shards(), bus_port, std::move(proxy));
}

void valkey_cluster::wait() {
    if (forming_.valid()) forming_.get();
    for (auto& one : nodes_) one.server.wait();
    poll_until(
        "cluster to be ready", [this] { return is_ready(); }, std::chrono::seconds{30});
    // What a node that is killed finds again: by itself it may have written no more than half of the changes by then.
    for (auto& one : nodes_) one.server.admin()({"CLUSTER", "SAVECONFIG"});
}

void valkey_cluster::form() {
    for (auto& one : nodes_) one.server.wait();
    assign_slots();
    meet();
    for (int i = shards(); i < size(); ++i) {
        const auto& primary_id = nodes_[static_cast<std::size_t>(i % shards())].id;
        poll_until("CLUSTER REPLICATE", [&] { return node(i).admin()({"CLUSTER", "REPLICATE", primary_id}) == "OK"; });
    }
}

// Before they meet: a node that knows others takes no epoch any more.
void valkey_cluster::assign_slots() {
    for (int i = 0; i < size(); ++i) {
        auto& one = nodes_[static_cast<std::size_t>(i)];
        auto admin = one.server.admin();
        one.id = admin({"CLUSTER", "MYID"});
        admin({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
        if (i >= shards()) continue;
        const auto first = 16384 * i / shards();
        const auto last = 16384 * (i + 1) / shards() - 1;
        admin({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
    }
}

// Every node meets every other one: news by gossip alone would take up to a second more.
void valkey_cluster::meet() {
    for (int i = 0; i < size(); ++i) {
        auto admin = node(i).admin();
        for (int j = i + 1; j < size(); ++j) {
            const auto& other = nodes_[static_cast<std::size_t>(j)];
            admin({"CLUSTER", "MEET", other.server.host(), std::to_string(client_port(other.server)),
                   std::to_string(other.bus_port)});
        }
    }
    poll_until("cluster nodes to meet", [this] { return all_met(); });
}

bool valkey_cluster::all_met() {
    for (auto& one : nodes_) {
        const auto view = ask(one.server);
        if (view.lines.size() != nodes_.size()) return false;
        for (const auto& line : view.lines) {
            if (line.has_flag("handshake")) return false;
        }
    }
    return true;
}

bool valkey_cluster::is_ready() {
    const auto ownership = ask(nodes_.front().server).ownership();
    for (auto& one : nodes_) {
        if (!is_ready(one, ownership)) return false;
    }
    return true;
}

bool valkey_cluster::is_ready(cluster_node& one, const std::string& ownership) {
    auto admin = one.server.admin();
    if (admin({"CLUSTER", "INFO"}).find("cluster_state:ok") == std::string::npos) return false;
    const auto view = parse_nodes(admin({"CLUSTER", "NODES"}));
    if (view.lines.size() != nodes_.size() || view.ownership() != ownership) return false;
    int primaries = 0;
    for (const auto& line : view.lines) {
        for (const auto* flag : {"fail", "fail?", "handshake", "noaddr"}) {
            if (line.has_flag(flag)) return false;
        }
        if (!line.is_linked) return false;
        primaries += line.is_primary() ? 1 : 0;
    }
    if (primaries != shards()) return false;
    // Before it knows which shard each replica is part of, it would not start again from the file it writes.
    if (admin.call({"CLUSTER", "SHARDS"}).items.size() != static_cast<std::size_t>(shards())) return false;
    if (admin({"CLUSTER", "SHARDS"}).find("loading") != std::string::npos) return false;
    return view.myself().is_primary() ||
           admin({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
}

bool valkey_cluster::is_ok() {
    const auto beliefs = ask_running();
    for (const auto& one : beliefs) {
        if (one.view.ownership() != beliefs.front().view.ownership()) return false;
        if (one.node->server.admin()({"CLUSTER", "INFO"}).find("cluster_state:ok") == std::string::npos) return false;
        for (const auto& line : one.view.lines) {
            if (line.slots.empty()) continue;
            bool owner_is_running = false;
            for (const auto& other : beliefs) owner_is_running |= other.node->id == line.id;
            if (!owner_is_running) return false;  // killed just now, and the others have not noticed yet
        }
    }
    return !beliefs.empty();
}

void valkey_cluster::wait_ok() {
    poll_until(
        "running cluster nodes to agree", [this] { return is_ok(); }, std::chrono::seconds{30});
}

std::vector<valkey_cluster::belief> valkey_cluster::ask_running() {
    std::vector<belief> beliefs;
    for (auto& one : nodes_) {
        if (one.server.is_answering()) beliefs.push_back({&one, ask(one.server)});
    }
    return beliefs;
}

// A primary that was replaced and has not heard of it yet also says it is one: the higher epoch is right.
valkey_server& valkey_cluster::primary(int shard) {
    const belief* found = nullptr;
    const auto beliefs = ask_running();
    for (const auto& one : beliefs) {
        const auto& self = one.view.myself();
        if (one.node->shard != shard || !self.is_primary()) continue;
        if (found == nullptr || self.epoch > found->view.myself().epoch) found = &one;
    }
    if (found == nullptr) throw std::runtime_error("shard " + std::to_string(shard) + " has no running primary now");
    return found->node->server;
}

valkey_server& valkey_cluster::replica(int shard, int which) {
    for (const auto& one : ask_running()) {
        if (one.node->shard != shard || one.view.myself().is_primary()) continue;
        if (which-- == 0) return one.node->server;
    }
    throw std::runtime_error("shard " + std::to_string(shard) + " has not that many running replicas now");
}

valkey_server& valkey_cluster::node_serving(std::uint16_t slot) {
    const belief* found = nullptr;
    const auto beliefs = ask_running();
    for (const auto& one : beliefs) {
        const auto& self = one.view.myself();
        if (!self.is_primary() || !self.serves(slot)) continue;
        if (found == nullptr || self.epoch > found->view.myself().epoch) found = &one;
    }
    if (found == nullptr) throw std::runtime_error("slot " + std::to_string(slot) + " has no running primary now");
    return found->node->server;
}

valkey_cluster::cluster_node& valkey_cluster::entry_of(const valkey_server& server) {
    for (auto& one : nodes_) {
        if (&one.server == &server) return one;
    }
    throw std::invalid_argument("the server is not a node of this cluster");
}

fault_proxy& valkey_cluster::proxy_of(const valkey_server& node) {
    auto& entry = entry_of(node);
    if (!entry.proxy) throw std::logic_error("the cluster was made without proxies");
    return *entry.proxy;
}

std::uint16_t valkey_cluster::client_port(const valkey_server& node) {
    const auto& entry = entry_of(node);
    return entry.proxy ? entry.proxy->port() : entry.server.port();
}

const std::string& valkey_cluster::id_of(const valkey_server& node) {
    return entry_of(node).id;
}

std::string valkey_cluster::url() {
    std::string text;
    for (const auto& one : nodes_) {
        text += (text.empty() ? "valkey://" : ",") + address_text(one.server.host(), client_port(one.server));
    }
    return text;
}

}  // namespace valkeyxx::testing
