#include "view.hpp"

#include <algorithm>

namespace valkeyxx::simulation {

std::size_t view::chunks_of(int node) const noexcept {
    return static_cast<std::size_t>(std::count(owners_.begin(), owners_.end(), node));
}

bool view::uncovered() const noexcept {
    return std::any_of(owners_.begin(), owners_.end(), [this](int o) { return o == nobody || of(o).failed; });
}

bool view::learn(const claim& c, bool again) {
    peer& p = peers_[static_cast<std::size_t>(c.node)];
    if (c.version < p.version || (c.version == p.version && !again)) return false;
    p = {.at = c.at, .primary = c.primary, .version = c.version, .epoch = c.epoch, .failed = p.failed};
    epoch_ = std::max(epoch_, c.epoch);
    ++revision_;
    for (std::size_t i = 0; i < owners_.size(); ++i) {
        if (owners_[i] == c.node) unclaimed_[i] = true;
    }
    for (const chunk_index chunk : c.chunks) {
        int& o = owners_[chunk];
        // It stays with whom it belonged to until that one is silent about it or somebody with a newer epoch claims it.
        if (o == c.node || o == nobody || unclaimed_[chunk] || of(o).epoch < c.epoch) {
            o = c.node;
            unclaimed_[chunk] = false;
        }
    }
    return true;
}

}  // namespace valkeyxx::simulation
