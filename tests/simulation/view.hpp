// What one node believes about the cluster. Nodes learn by claims: each node's word on itself, newest epoch wins.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "place.hpp"

namespace valkeyxx::simulation {

/// A chunk is a range of slots that never splits in one run; ownership is kept by chunk.
using chunk_index = std::uint16_t;
inline constexpr int nobody = -1;

/// A node's word on itself.
struct claim {
    int node = nobody;
    std::uint32_t version = 0;  ///< of this node's word: a later one replaces an earlier one
    std::uint32_t epoch = 0;
    int primary = nobody;  ///< whose replica it is; nobody: it is a primary
    place at;
    std::vector<chunk_index> chunks;
};

struct peer {
    place at;
    int primary = nobody;
    std::uint32_t version = 0;
    std::uint32_t epoch = 0;
    bool failed = false;
};

class view {
  public:
    view() = default;
    view(std::size_t nodes, std::size_t chunks) : peers_(nodes), owners_(chunks, nobody), unclaimed_(chunks) {}

    [[nodiscard]] const peer& of(int node) const noexcept { return peers_[static_cast<std::size_t>(node)]; }
    [[nodiscard]] const std::vector<peer>& peers() const noexcept { return peers_; }
    [[nodiscard]] int owner(chunk_index c) const noexcept { return owners_[c]; }
    [[nodiscard]] const std::vector<int>& owners() const noexcept { return owners_; }
    [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }
    /// Changes with each change of the view.
    [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }

    void set_owner(chunk_index c, int node) {
        owners_[c] = node;
        unclaimed_[c] = false;
        ++revision_;
    }
    void set_failed(int node, bool failed) {
        if (of(node).failed == failed) return;
        peers_[static_cast<std::size_t>(node)].failed = failed;
        ++revision_;
    }
    [[nodiscard]] std::size_t chunks_of(int node) const noexcept;
    /// Some chunk has no owner, or one that has failed.
    [[nodiscard]] bool uncovered() const noexcept;

    /// Takes in a claim; false if it is not news. `again`: also if it was heard before.
    bool learn(const claim& c, bool again = false);
    /// An owner no longer claims a chunk, and nobody else is known to.
    [[nodiscard]] bool wonders() const noexcept {
        return std::find(unclaimed_.begin(), unclaimed_.end(), true) != unclaimed_.end();
    }

  private:
    std::vector<peer> peers_;
    std::vector<int> owners_;
    std::vector<bool> unclaimed_;  // by its owner, who does not speak of it any more
    std::uint32_t epoch_ = 0;
    std::uint64_t revision_ = 1;
};

}  // namespace valkeyxx::simulation
