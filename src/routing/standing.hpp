// What an answer about any key of a slot says of the node that gives it, to those who keep what it has answered before.
#pragma once

#include <cstdint>

#include <valkeyxx/value.hpp>

namespace valkeyxx::routing {

enum class standing : std::uint8_t {
    serves,       ///< it serves the slot, and knows of what is written to it
    slot_leaves,  ///< the slot is served elsewhere, or on its way there: keys that are absent may come about unnoticed
    cut_off,      ///< others may serve all of its slots by now
};

/// An error that has nothing to do with it (NOPERM) is an answer like any other.
standing standing_of(reply_view answer);

}  // namespace valkeyxx::routing
