#include "topology/node_facts.hpp"

#include <algorithm>
#include <charconv>

namespace valkeyxx::topology {
namespace {

// The value of a line "name:value\r\n"; nullopt if there is no such line.
std::optional<std::string_view> field(std::string_view text, std::string_view name) noexcept {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
            return line.substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<cluster_facts> read_cluster_info(reply_view reply) {
    if (!reply.is_string()) return std::nullopt;
    const auto state = field(reply.text(), "cluster_state");
    const auto epoch = field(reply.text(), "cluster_current_epoch");
    if (!state || !epoch) return std::nullopt;
    cluster_facts facts{.ok = *state == "ok"};
    const auto [end, failure] = std::from_chars(epoch->data(), epoch->data() + epoch->size(), facts.epoch);
    if (failure != std::errc{} || end != epoch->data() + epoch->size()) return std::nullopt;
    return facts;
}

std::optional<role_facts> read_role(reply_view reply) {
    if (!reply.is_aggregate() || reply.empty()) return std::nullopt;
    const auto name = reply[0].text();
    if (name == "master" || name == "primary") return role_facts{.primary = true, .linked = true};
    if ((name != "slave" && name != "replica") || reply.size() < 4) return std::nullopt;
    return role_facts{.primary = false, .linked = reply[3].text() == "connected"};
}

server_facts read_server_info(std::string_view info) noexcept {
    server_facts facts{.process = field(info, "run_id").value_or(std::string_view{})};
    const auto version = field(info, "valkey_version");
    facts.valkey = version.has_value();
    const auto text = version ? *version : field(info, "redis_version").value_or(std::string_view{});
    // Of a version that cannot be read, the numbers stay 0.
    const auto dot = std::min(text.find('.'), text.size());
    std::from_chars(text.data(), text.data() + dot, facts.major);
    if (dot < text.size()) std::from_chars(text.data() + dot + 1, text.data() + text.size(), facts.minor);
    return facts;
}

std::string_view read_zone(std::string_view info) noexcept {
    return field(info, "availability_zone").value_or(std::string_view{});
}

}  // namespace valkeyxx::topology
