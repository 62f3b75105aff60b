// Whose view of the cluster to believe: one node may be cut off, restarted from old files, or in a minority.
//
// One ballot for each refresh. Nodes are asked one after the other; each answer is a view, and after each the ballot
// says whether that is enough. A view whose node knows of the newest epoch and sees a working cluster is believed at
// once, so that nearly always one question is all it takes; a doubtful one must be confirmed.
//
//   ballot b{known_epoch, current};
//   if (b.add(view) == ballot::outcome::enough) use(b.winner());   // nullptr: nothing better than what there is
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "topology/node_facts.hpp"

#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::topology {

struct view {
    shard_map map;
    std::optional<cluster_facts> facts;  ///< nullopt: the node does not tell, and is believed
};

class ballot {
  public:
    enum class outcome : std::uint8_t { enough, ask_more };

    /// Answers after which no more nodes are asked, however they differ.
    static constexpr std::size_t most_votes = 3;

    ballot() = default;
    /// @param epoch    the greatest epoch that an adopted view has come with; 0: none
    /// @param current  the map that was adopted last; nullptr if there is none yet. Must outlive the ballot.
    ballot(std::uint64_t epoch, const shard_map* current) noexcept : epoch_{epoch}, current_{current} {}

    outcome add(view v);
    /// There is nobody left to ask. The view to adopt, or nullptr: keep what there is.
    [[nodiscard]] const view* winner() const noexcept;
    /// How many have answered.
    [[nodiscard]] std::size_t votes() const noexcept { return views_.size(); }

  private:
    [[nodiscard]] std::uint64_t epoch_of(const view& v) const noexcept { return v.facts ? v.facts->epoch : epoch_; }
    [[nodiscard]] bool sure(const view& v) const noexcept {
        return !v.facts || (v.facts->ok && v.facts->epoch >= epoch_);
    }
    [[nodiscard]] bool says_nothing_new(const view& v) const noexcept;
    [[nodiscard]] std::size_t support(const view& v) const noexcept;

    std::uint64_t epoch_ = 0;
    const shard_map* current_ = nullptr;
    std::vector<view> views_;
};

}  // namespace valkeyxx::topology
