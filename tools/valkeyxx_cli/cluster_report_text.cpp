// A cluster's state as a line of JSON, or as a table.
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "valkeyxx_cli/cluster_report.hpp"
#include "valkeyxx_cli/slots.hpp"

namespace valkeyxx::cli {

namespace {

using json = nlohmann::ordered_json;

json to_json(const node_report& node) {
    json slots = json::array();
    for (const auto& range : node.slots) slots.push_back({range.first, range.last});
    return {{"id", node.id},
            {"address", node.address.text()},
            {"role", node.is_primary ? "primary" : "replica"},
            {"shard", node.shard ? json(*node.shard) : json(nullptr)},
            {"slots", slots},
            {"availability_zone", node.availability_zone},
            {"up", node.is_up}};
}

constexpr std::size_t columns = 9;
using row = std::array<std::string, columns>;

// How far a replica is behind the primary of its shard. They are asked one after the other, so it is not exact.
std::string lag_of(const node_report& replica, const cluster_report& all) {
    const auto primary = std::find_if(all.nodes.begin(), all.nodes.end(), [&](const node_report& n) {
        return n.is_primary && n.shard && n.shard == replica.shard && n.offset;
    });
    if (!replica.offset || primary == all.nodes.end()) return "?";
    return std::to_string(std::max<std::int64_t>(*primary->offset - *replica.offset, 0)) + " bytes";
}

row to_row(const node_report& node, const cluster_report& all) {
    return {node.shard ? std::to_string(*node.shard) : "-",
            node.address.text(),
            node.is_primary ? "primary" : "replica",
            node.is_up ? "up" : "down",
            node.is_primary     ? "-"
            : node.link.empty() ? "?"
                                : node.link,
            node.is_primary ? "-" : lag_of(node, all),
            node.availability_zone.empty() ? "-" : node.availability_zone,
            node.id.empty() ? "-" : node.id,
            slots_text(node.slots)};
}

}  // namespace

std::string to_json(const cluster_report& report) {
    json nodes = json::array();
    for (const auto& node : report.nodes) nodes.push_back(to_json(node));
    const json all{{"nodes", nodes}, {"covered_slots", report.covered_slots}};
    return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string to_text(const cluster_report& report) {
    std::vector<row> rows{{"shard", "node", "role", "state", "link", "lag", "zone", "id", "slots"}};
    for (const auto& node : report.nodes) rows.push_back(to_row(node, report));
    std::array<std::size_t, columns> widths{};
    for (const auto& one : rows) {
        for (std::size_t i = 0; i + 1 < columns; ++i) widths[i] = std::max(widths[i], one[i].size());
    }
    std::string text;
    for (const auto& one : rows) {
        for (std::size_t i = 0; i + 1 < columns; ++i) text += one[i] + std::string(widths[i] - one[i].size() + 2, ' ');
        text += one.back() + "\n";
    }
    return text + std::to_string(report.covered_slots) + " of " + std::to_string(slot_count) + " slots are served\n";
}

}  // namespace valkeyxx::cli
