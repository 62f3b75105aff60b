// What one cluster node believes: CLUSTER NODES, read into values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace valkeyxx::testing {

struct slot_range {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    bool contains(std::uint16_t slot) const { return first <= slot && slot <= last; }
};

struct nodes_line {
    std::string id{};
    std::vector<std::string> flags{};  ///< in the server's words: myself, master, slave, fail?, fail, handshake, noaddr
    std::string primary_id{};          ///< "-" on primaries
    std::uint64_t epoch = 0;
    bool is_linked = false;
    std::vector<slot_range> slots{};  ///< without those being migrated or imported

    bool has_flag(const std::string& flag) const;
    bool is_primary() const { return has_flag("master"); }
    bool serves(std::uint16_t slot) const;
};

struct nodes_view {
    std::vector<nodes_line> lines{};

    const nodes_line& myself() const;
    const nodes_line* owner(std::uint16_t slot) const;
    /// Who serves what, as text that is equal for equal beliefs.
    std::string ownership() const;
};

/// Throws std::runtime_error when the text is not CLUSTER NODES.
nodes_view parse_nodes(const std::string& text);

}  // namespace valkeyxx::testing
