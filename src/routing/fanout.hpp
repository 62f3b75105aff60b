// Which commands go to several nodes by themselves, and how one command becomes several by the slots of its keys.
//
//   spread_of(dbsize().encoded().facts())                         // spread::primaries
//   auto parts = split_by_slot(whole.bytes(), whole.facts());     // MGET a b {a}c -> MGET a {a}c, MGET b
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "command/table.hpp"

#include <valkeyxx/command.hpp>

namespace valkeyxx::routing {

/// To what a command goes by itself, if nobody says where.
enum class spread : std::uint8_t {
    one,        ///< one node: by its keys, or the default node
    primaries,  ///< every primary
    nodes,      ///< every primary and every replica
    slots,      ///< taken apart by the slots of its keys: see split_by_slot
};

/// The same for a command whose keys are not all of one slot.
spread spread_without_slot(const command_facts& facts) noexcept;

/// By the command table's policies. Commands whose replies do not become one (INFO, RANDOMKEY, SCAN, LATENCY ...) and
/// those that speak of their own connection (CLIENT SETNAME and SETINFO, WAIT, WAITAOF) go to one node.
inline spread spread_of(const command_facts& facts) noexcept {
    return facts.route == key_route::slot ? spread::one : spread_without_slot(facts);
}

/// The words of a request, as views into it. Requires what our own encoder writes.
std::vector<std::string_view> words_of(std::string_view request);

/// One part of a command that was taken apart by slot.
struct fragment {
    std::string bytes;                  ///< the part's own request in RESP
    command_facts facts;                ///< with its slot
    std::vector<std::uint32_t> places;  ///< which of the whole command's keys it has, ascending, the first being 0
};

/// Takes a command with many keys (MGET, MSET, DEL, UNLINK, EXISTS, TOUCH) apart: one fragment for each slot, in the
/// order in which the slots first appear; inside, keys and what belongs to them keep their order, and a key that is
/// there twice stays there twice. Requires that spread_of(facts) is `slots`. O(bytes).
std::vector<fragment> split_by_slot(std::string_view request, const command_facts& facts);

}  // namespace valkeyxx::routing
