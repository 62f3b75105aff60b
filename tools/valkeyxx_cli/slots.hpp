// Shards in the order of their slots, and slots as text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::cli {

/// Pointers into the map, by each shard's first slot.
std::vector<const shard_info*> in_slot_order(const shard_map& map);

/// "0-5460", "0-99 200"; "-" for none.
std::string slots_text(std::span<const slot_range> slots);

}  // namespace valkeyxx::cli
