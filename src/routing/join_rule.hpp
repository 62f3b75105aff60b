// By which rule the replies of several nodes, or of a command taken apart, become one.
#pragma once

#include <cstdint>

#include "command/table.hpp"

namespace valkeyxx::routing {

enum class join_rule : std::uint8_t {
    first_part,   ///< the reply of the first part; they are all the same
    first_added,  ///< that of whoever answered first
    sum,
    least,
    greatest,
    all_true,
    any_true,
    elements,      ///< what is inside of all replies
    once_each,     ///< the same without what is there twice
    channels,      ///< names and numbers in turn: the numbers of one name are added up
    by_key,        ///< the keys' replies in the order of the keys
    one_per_part,  ///< the replies themselves
};

/// The rule of the command table's response policy; for commands that have none, and go to several nodes only if the
/// caller names them, what makes sense for the command.
/// @param taken_apart  true for the fragments of a command, false for whole replies of several nodes
join_rule join_rule_of(const listed_command& command, bool taken_apart) noexcept;

}  // namespace valkeyxx::routing
