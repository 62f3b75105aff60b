#include "topology/cluster_reply.hpp"

#include <algorithm>
#include <bitset>
#include <optional>

namespace valkeyxx::topology {
namespace {

error bad(const std::string& what) {
    return {errc::no_topology, "the answer to CLUSTER SLOTS cannot be used: " + what};
}

std::optional<std::int64_t> integer_within(reply_view v, std::int64_t low, std::int64_t high) {
    auto n = v.as_integer();
    if (!n || *n < low || *n > high) return std::nullopt;
    return *n;
}

// One node of a range: [host or null, port, id, metadata...]. An unusable host gives a node with an empty host.
result<node_info> read_node(reply_view v, std::string_view asked_host) {
    if (!v.is_aggregate() || v.size() < 2) return bad("a node is not a list of host, port and id");
    auto it = v.begin();
    const reply_view host = *it;
    if (!host.is_null() && !host.is_string()) return bad("a node's host is not a string");
    const auto port = integer_within(*++it, 0, 65535);
    if (!port) return bad("a node's port is not a number from 0 to 65535");

    node_info node;
    node.address.port = static_cast<std::uint16_t>(*port);
    if (host.is_null() || host.text().empty()) {
        node.address.host = asked_host;
    } else if (host.text() != "?") {
        node.address.host = host.text();
    }
    if (*port == 0) node.address.host.clear();  // it does not listen on the kind of port we use
    if (v.size() > 2 && (*++it).is_string()) node.id = (*it).text();
    return node;
}

bool same_node(const node_info& a, const node_info& b) {
    return a.id.empty() || b.id.empty() ? a.address == b.address : a.id == b.id;
}

shard_info& shard_of_primary(std::vector<shard_info>& shards, const node_info& primary) {
    const auto found =
        std::find_if(shards.begin(), shards.end(), [&](const shard_info& s) { return same_node(s.primary, primary); });
    if (found != shards.end()) return *found;
    shards.push_back({.primary = primary, .replicas = {}, .slots = {}});
    return shards.back();
}

}  // namespace

result<shard_map> read_cluster_slots(reply_view reply, std::string_view asked_host) {
    if (reply.kind() != value_kind::array) return bad("it is not an array");
    std::vector<shard_info> shards;
    std::bitset<slot_count> taken;

    for (reply_view range : reply) {
        if (!range.is_aggregate() || range.size() < 3) return bad("a range has fewer than three parts");
        auto it = range.begin();
        const auto first = integer_within(*it, 0, slot_count - 1);
        const auto last = integer_within(*++it, 0, slot_count - 1);
        if (!first || !last || *first > *last) return bad("a range of slots is not within 0 to 16383");

        auto primary = read_node(*++it, asked_host);
        if (!primary) return std::move(primary).error();
        for (auto slot = *first; slot <= *last; ++slot) {
            if (taken.test(static_cast<std::size_t>(slot))) {
                return bad("slot " + std::to_string(slot) + " has two primaries");
            }
            taken.set(static_cast<std::size_t>(slot));
        }
        if (primary->address.host.empty()) continue;

        shard_info& shard = shard_of_primary(shards, *primary);
        shard.slots.push_back({static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)});
        for (++it; it != range.end(); ++it) {
            auto replica = read_node(*it, asked_host);
            if (!replica) return std::move(replica).error();
            const bool known = std::any_of(shard.replicas.begin(), shard.replicas.end(),
                                           [&](const node_info& r) { return same_node(r, *replica); });
            if (!replica->address.host.empty() && !known) shard.replicas.push_back(*std::move(replica));
        }
    }
    for (shard_info& shard : shards) {
        std::sort(shard.slots.begin(), shard.slots.end(), [](auto a, auto b) { return a.first < b.first; });
    }
    return shard_map{std::move(shards)};
}

}  // namespace valkeyxx::topology
