// Parser of CLUSTER NODES.
#include "support/nodes_view.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace valkeyxx::testing {

namespace {

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
    return parts;
}

std::uint16_t to_slot(const std::string& text) {
    return static_cast<std::uint16_t>(std::stoi(text));
}

slot_range to_range(const std::string& text) {
    const auto dash = text.find('-');
    if (dash == std::string::npos) return {to_slot(text), to_slot(text)};
    return {to_slot(text.substr(0, dash)), to_slot(text.substr(dash + 1))};
}

// id address flags primary ping-sent pong-received epoch link-state slot slot ...
nodes_line parse_line(const std::string& text) {
    const auto words = split(text, ' ');
    if (words.size() < 8) throw std::runtime_error("not a line of CLUSTER NODES: " + text);
    nodes_line line;
    line.id = words[0];
    line.flags = split(words[2], ',');
    line.primary_id = words[3];
    line.epoch = std::stoull(words[6]);
    line.is_linked = words[7] == "connected";
    for (auto word = words.begin() + 8; word != words.end(); ++word) {
        const bool is_moving = word->front() == '[';  // [slot->-target] or [slot-<-source]
        if (!is_moving) line.slots.push_back(to_range(*word));
    }
    return line;
}

}  // namespace

bool nodes_line::has_flag(const std::string& flag) const {
    return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

bool nodes_line::serves(std::uint16_t slot) const {
    return std::any_of(slots.begin(), slots.end(), [slot](const slot_range& range) { return range.contains(slot); });
}

const nodes_line& nodes_view::myself() const {
    for (const auto& line : lines) {
        if (line.has_flag("myself")) return line;
    }
    throw std::runtime_error("CLUSTER NODES without a line for the node itself");
}

const nodes_line* nodes_view::owner(std::uint16_t slot) const {
    for (const auto& line : lines) {
        if (line.serves(slot)) return &line;
    }
    return nullptr;
}

std::string nodes_view::ownership() const {
    std::vector<std::string> owners;
    for (const auto& line : lines) {
        if (line.slots.empty()) continue;
        auto text = line.id + ":";
        for (const auto& range : line.slots)
            text += " " + std::to_string(range.first) + "-" + std::to_string(range.last);
        owners.push_back(text);
    }
    std::sort(owners.begin(), owners.end());
    std::string text;
    for (const auto& owner : owners) text += owner + "\n";
    return text;
}

nodes_view parse_nodes(const std::string& text) {
    nodes_view view;
    for (const auto& line : split(text, '\n')) {
        if (!line.empty()) view.lines.push_back(parse_line(line));
    }
    return view;
}

}  // namespace valkeyxx::testing
