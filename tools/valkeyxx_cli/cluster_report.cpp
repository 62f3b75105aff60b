// Three questions to every node, and one about the nodes that clients are not told of.
#include "valkeyxx_cli/cluster_report.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include <valkeyxx/commands/connection.hpp>

#include "valkeyxx_cli/slots.hpp"

namespace valkeyxx::cli {

namespace {

// A line "name:value" of INFO; empty if there is none.
std::string info_field(std::string_view info, const std::string& name) {
    const auto label = "\n" + name + ":";
    const auto at = info.find(label);
    if (at == std::string_view::npos) return {};
    const auto value = info.substr(at + label.size());
    return std::string{value.substr(0, std::min(value.find('\r'), value.find('\n')))};
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t n = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return n;
}

// The value at a key of a map, which in RESP2 is an array of keys and values; null if there is none.
reply_view field(reply_view map, std::string_view key) {
    for (auto it = map.begin(); it != map.end(); ++it) {
        const bool found = (*it).text() == key;
        if (++it == map.end()) break;
        if (found) return *it;
    }
    return {};
}

node_report from_map(const node_info& node, std::size_t shard, bool is_primary) {
    return {.id = node.id, .address = node.address, .is_primary = is_primary, .shard = shard};
}

std::vector<node_report> nodes_of(const shard_map& map) {
    std::vector<node_report> all;
    std::size_t number = 0;
    for (const shard_info* shard : in_slot_order(map)) {
        all.push_back(from_map(shard->primary, number, true));
        all.back().slots = shard->slots;
        for (const auto& replica : shard->replicas) all.push_back(from_map(replica, number, false));
        ++number;
    }
    return all;
}

// A node as CLUSTER SHARDS describes it.
node_report described(reply_view node) {
    node_report one;
    one.id = field(node, "id").text();
    one.address.host = field(node, "endpoint").text();
    if (one.address.host.empty() || one.address.host == "?") one.address.host = field(node, "ip").text();
    auto port = field(node, "port");
    if (port.is_null()) port = field(node, "tls-port");
    one.address.port = static_cast<std::uint16_t>(port.as_integer().value_or(0));
    one.is_primary = field(node, "role").text() == "master";
    return one;
}

// Clients are not told of replicas that failed, of primaries without slots, ...: CLUSTER SHARDS names them too.
void add_strangers(std::vector<node_report>& nodes, reply_view shards) {
    for (const reply_view shard : shards) {
        std::vector<node_report> strangers;
        std::optional<std::size_t> number;
        for (const reply_view node : field(shard, "nodes")) {
            const auto id = field(node, "id").text();
            const auto known = std::find_if(nodes.begin(), nodes.end(), [id](auto& n) { return n.id == id; });
            if (known == nodes.end()) {
                strangers.push_back(described(node));
            } else {
                number = known->shard;
            }
        }
        for (auto& stranger : strangers) {
            stranger.shard = number;
            nodes.push_back(std::move(stranger));
        }
    }
}

// For a node that is not in the topology, so that the client would not send it anything: whether it tells its own.
bool answers(const endpoint& address, config settings) {
    settings.seeds = {address};
    settings.dynamic_seeds = false;
    settings.require_full_coverage = false;
    settings.watcher = nullptr;
    cluster alone{std::move(settings)};
    // Where else its topology leads to, and what is wrong there, is not the question.
    static_cast<void>(alone.try_execute(commands::ping()));
    return !alone.topology()->shards().empty();
}

class inspection {
  public:
    inspection(cluster& client, const config& settings) : client_{client}, settings_{settings} {}

    cluster_report look() {
        client_.connect();
        std::vector<endpoint> alive;
        for (const auto& [node, reply] : client_.execute_each(commands::ping(), on_all_nodes())) {
            up_.emplace(node, reply.has_value());
            if (reply) alive.push_back(node);
        }
        if (!alive.empty()) ask_info(alive);
        const auto map = client_.topology();
        report_.covered_slots = map->covered_slots();
        report_.nodes = nodes_of(*map);
        if (const auto shards = client_.try_execute(raw("CLUSTER", "SHARDS"))) {
            add_strangers(report_.nodes, *shards);
        } else {
            report_.problems.push_back(shards.error().message());
        }
        for (auto& node : report_.nodes) complete(node);
        sort();
        return std::move(report_);
    }

  private:
    void ask_info(const std::vector<endpoint>& nodes) {
        const auto question = raw<std::string>("INFO", "server", "replication");
        for (auto& [node, reply] : client_.execute_each(question, on(nodes))) {
            if (reply) {
                info_.emplace(node, *std::move(reply));
            } else {
                report_.problems.push_back(reply.error().message());
            }
        }
    }

    void complete(node_report& node) {
        const auto asked = up_.find(node.address);
        node.is_up = asked != up_.end() ? asked->second : answers(node.address, settings_);
        const auto told = info_.find(node.address);
        if (told == info_.end()) return;
        const std::string& info = told->second;
        node.availability_zone = info_field(info, "availability_zone");
        node.offset = number(info_field(info, node.is_primary ? "master_repl_offset" : "slave_repl_offset"));
        if (!node.is_primary) node.link = info_field(info, "master_link_status");
    }

    void sort() {
        const auto rank = [](const node_report& n) {
            return std::tuple{!n.shard, n.shard.value_or(0), !n.is_primary, n.slots.empty(), n.address};
        };
        std::sort(report_.nodes.begin(), report_.nodes.end(), [&](auto& a, auto& b) { return rank(a) < rank(b); });
    }

    cluster& client_;
    const config& settings_;
    std::map<endpoint, bool> up_{};
    std::map<endpoint, std::string> info_{};
    cluster_report report_{};
};

}  // namespace

cluster_report look_at(cluster& client, const config& settings) {
    return inspection{client, settings}.look();
}

}  // namespace valkeyxx::cli
