#include "routing/node_look.hpp"

#include <algorithm>
#include <array>

#include "topology/node_facts.hpp"

#include <valkeyxx/command_id.hpp>

namespace valkeyxx::routing {
namespace {

using commands::cluster_node;

bool flagged(const cluster_node& node, std::string_view flag) {
    return std::find(node.flags.begin(), node.flags.end(), flag) != node.flags.end();
}

bool has(const cluster_node& node, std::uint16_t slot) {
    return std::any_of(node.slots.begin(), node.slots.end(),
                       [slot](const slot_range& r) { return r.first <= slot && slot <= r.last; });
}

scan_order order_of(const topology::server_facts& server) {
    if (!server.valkey || server.major < 8) return scan_order::mixed;
    const bool has_clusterscan = server.major > 9 || (server.major == 9 && server.minor >= 1);
    return has_clusterscan ? scan_order::tagged : scan_order::by_slot;
}

error not_understood(const char* what) {
    return error{{.code = errc::unexpected_reply,
                  .text = std::string{what} + " cannot be understood",
                  .executed = executed::yes}};
}

}  // namespace

std::string node_look::target_of(std::uint16_t slot) const {
    if (const auto* me = self()) {
        for (const auto& [leaves, to] : me->migrating) {
            if (leaves == slot) return to;
        }
    }
    return {};
}

const cluster_node* node_look::owner_of(std::uint16_t slot) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [slot](const auto& n) { return has(n, slot); });
    return found == nodes.end() ? nullptr : &*found;
}

const cluster_node* node_look::self() const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [this](const auto& n) { return n.id == id; });
    return found == nodes.end() ? nullptr : &*found;
}

std::vector<encoded_command> look_questions(bool one_server) {
    using keys = encoded_command::keys;
    constexpr std::array<std::string_view, 1> section{"server"};
    std::vector<encoded_command> questions;
    if (!one_server) {
        questions.emplace_back(command_id::cluster_nodes, std::span<const std::string_view>{}, keys::none);
        questions.emplace_back(command_id::cluster_info, std::span<const std::string_view>{}, keys::none);
    }
    questions.emplace_back(command_id::info, section, keys::none);
    return questions;
}

result<void> look_reader::take(std::size_t question, reply_view reply) {
    if (one_server_) question = 2;
    if (question == 0) return take_nodes(reply);
    if (question == 1) {
        const auto facts = topology::read_cluster_info(reply);
        if (!facts) return not_understood("CLUSTER INFO");
        look_.ready = look_.ready && facts->ok;
        return {};
    }
    if (!reply.is_string()) return not_understood("INFO");
    const auto facts = topology::read_server_info(reply.text());
    if (facts.process.empty()) return not_understood("the run_id of INFO");
    look_.process = facts.process;
    if (one_server_) {
        look_.owned.insert(0);  // all its keys
    } else {
        look_.order = order_of(facts);
    }
    return {};
}

result<void> look_reader::take_nodes(reply_view reply) {
    auto nodes = decode<std::vector<cluster_node>>(reply);
    if (!nodes) return std::move(nodes).error();
    look_.nodes = *std::move(nodes);
    const auto found =
        std::find_if(look_.nodes.begin(), look_.nodes.end(), [](const auto& n) { return flagged(n, "myself"); });
    if (found == look_.nodes.end()) return not_understood("CLUSTER NODES without the node itself");
    const cluster_node& me = *found;
    look_.id = me.id;
    look_.epoch = static_cast<std::uint64_t>(me.config_epoch);
    look_.ready = look_.ready && flagged(me, "master");
    for (const slot_range& r : me.slots) {
        if (r.first > r.last || r.last >= slot_count) return not_understood("CLUSTER NODES with such slots");
        look_.owned.insert(r.first, r.last);
    }
    for (const auto& [slot, to] : me.migrating) {
        if (slot < slot_count) look_.leaving.insert(slot);
    }
    return {};
}

std::optional<scan_node> reach(const cluster_node& node, const shard_map& map) {
    for (const node_info& known : map.nodes()) {
        if (!node.id.empty() && known.id == node.id) return scan_node{known.address, false};
    }
    if (node.host.empty() || node.port == 0) return std::nullopt;
    return scan_node{{node.host, node.port}, true};
}

}  // namespace valkeyxx::routing
