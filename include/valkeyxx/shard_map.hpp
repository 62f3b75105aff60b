// Who serves what: the cluster as its nodes described it at one moment.
//
//   for (const auto& shard : cluster.topology()->shards()) std::cout << shard.primary.address.text() << '\n';
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx {

/// A server process of the cluster.
struct node_info {
    std::string id = {};    ///< the 40 hexadecimal digits the cluster knows it by; empty if the server did not tell
    endpoint address = {};  ///< where clients reach it
    std::string availability_zone = {};  ///< as the server tells it; empty if it does not, or was not asked

    bool operator==(const node_info&) const = default;
};

/// Slots first to last, both included.
struct slot_range {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    bool operator==(const slot_range&) const = default;
};

/// Slots that are served together.
struct shard_info {
    node_info primary = {};
    std::vector<node_info> replicas = {};
    std::vector<slot_range> slots = {};  ///< in ascending order, not overlapping

    bool operator==(const shard_info&) const = default;
};

/// An immutable map from slots to shards. Thread-safe to read.
class shard_map {
  public:
    /// No shards: nothing is known.
    shard_map();
    /// Requires that the ranges of all shards together do not overlap.
    explicit shard_map(std::vector<shard_info> shards);

    [[nodiscard]] std::span<const shard_info> shards() const noexcept { return shards_; }
    /// The shard that serves the slot, nullptr if none does; requires slot < slot_count.
    [[nodiscard]] const shard_info* shard_of(std::uint16_t slot) const noexcept;
    /// How many of the 16384 slots some shard serves.
    [[nodiscard]] std::size_t covered_slots() const noexcept { return covered_; }
    /// Every primary and replica, each once.
    [[nodiscard]] std::vector<node_info> nodes() const;
    [[nodiscard]] std::vector<node_info> primaries() const;
    [[nodiscard]] std::vector<node_info> replicas() const;

    bool operator==(const shard_map& other) const { return shards_ == other.shards_; }

  private:
    static constexpr std::uint16_t nobody = 0xFFFF;

    std::vector<shard_info> shards_;
    std::array<std::uint16_t, slot_count> owner_;
    std::size_t covered_ = 0;
};

/// One line for each shard: its slots, primary and replicas.
std::ostream& operator<<(std::ostream& out, const shard_map& t);

}  // namespace valkeyxx
