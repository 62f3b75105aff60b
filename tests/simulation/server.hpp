// How a simulated node answers a command.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "history.hpp"

namespace valkeyxx::simulation {

struct world;
class node;
struct session;

/// Runs or refuses the command as a real node would that is in this one's place, and appends the reply.
void answer(world& w, node& n, session& s, const std::vector<std::string_view>& words, std::string& out);

/// The number that a command carries: "#17" in its last word; 0: none, it is not one of the callers'.
command_number number_in(std::string_view word) noexcept;

/// An integer reply that says which command it is for: number * this + n.
inline constexpr std::int64_t reply_unit = 1'000'000;

}  // namespace valkeyxx::simulation
