// In which order SORT, ZRANGE and CLUSTER SLOT-STATS return what they found.
#pragma once

#include <cstdint>

namespace valkeyxx::commands {

/// Whether the smallest or the largest comes first. Members of a sorted set that have the same score are compared byte
/// by byte.
enum class sort_order : std::uint8_t { ascending, descending };

}  // namespace valkeyxx::commands
