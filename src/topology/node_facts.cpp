#include "topology/node_facts.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace valkeyxx::topology {
namespace {

// The value of a piece that is the name, `sign` and the value; nullopt if there is no such piece.
std::optional<std::string_view> value_of(std::string_view text, std::string_view name, char sign, char end) noexcept {
    while (!text.empty()) {
        const auto size = std::min(text.find(end), text.size());
        const auto piece = text.substr(0, size);
        text.remove_prefix(std::min(size + 1, text.size()));
        if (piece.size() > name.size() && piece.starts_with(name) && piece[name.size()] == sign) {
            return piece.substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

// Of a line "name:value\r\n".
std::optional<std::string_view> field(std::string_view text, std::string_view name) noexcept {
    auto value = value_of(text, name, ':', '\n');
    if (value && value->ends_with('\r')) value->remove_suffix(1);
    return value;
}

// Of a word "name=value".
std::optional<std::string_view> word(std::string_view line, std::string_view name) noexcept {
    return value_of(line, name, '=', ' ');
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

std::optional<bool> read_client_at_rest(reply_view reply, std::int64_t id) {
    if (!reply.is_string()) return std::nullopt;
    std::string_view text = reply.text();
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) return true;
    const auto flags = word(text, "flags");
    if (word(text, "id") != std::to_string(id) || !flags) return std::nullopt;
    if (flags->find('b') != std::string_view::npos) return false;
    // Bytes of commands that are not complete, or have not had their turn; replies that the network does not take.
    for (const std::string_view name : {"qbuf", "argv-mem", "obl", "oll"}) {
        const auto amount = word(text, name);
        if (!amount) return std::nullopt;
        if (*amount != "0") return false;
    }
    return true;
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
