// Where the keys are in any request: what decides its slot.
//
//   std::vector<std::uint32_t> positions;
//   find_keys(info_of(command_id::zunionstore), words("ZUNIONSTORE dest 2 a b"), positions);   // found: 1, 3, 4
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "command/table.hpp"

#include <valkeyxx/command.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx {

enum class key_search : std::uint8_t {
    found,      ///< `positions` holds at least one
    none,       ///< the request has no keys: any node may run it
    not_known,  ///< the table cannot tell; the server can (COMMAND GETKEYS)
    malformed,  ///< the server would refuse this request: arguments are missing, a number of keys is none
};

/// Finds the keys of one request. Shard channels (SPUBLISH, SSUBSCRIBE, SUNSUBSCRIBE) count as keys: they have a slot.
/// @param args       the whole request; `args[0]` is the command's name, `args[1]` its subcommand if it has one
/// @param positions  replaced by the indices of the keys in `args`, ascending; empty unless `found`. The same key may
///                   stand at two positions. Keep the vector: it allocates only while it grows.
/// Keys that SORT derives from its BY and GET patterns depend on data and are not found; a cluster requires them to be
/// in the sorted key's slot anyway.
key_search find_keys(const listed_command& command, std::span<const std::string_view> args,
                     std::vector<std::uint32_t>& positions);

/// Works one more key into where a command goes by its keys.
inline void note_key(command_facts& facts, std::string_view key) noexcept {
    const std::uint16_t slot = key_slot(key);
    if (facts.route == key_route::any) {
        facts.route = key_route::slot;
        facts.slot = slot;
    } else if (facts.slot != slot) {
        facts.route = key_route::cross_slot;
    }
}

}  // namespace valkeyxx
