// What must hold in every run, whatever happens.
#pragma once

#include "world.hpp"

#include <valkeyxx/shard_map.hpp>
#include <valkeyxx/stats.hpp>
#include <valkeyxx/value.hpp>

namespace valkeyxx::simulation {

/// A command has its reply, which must be its own.
void check_reply(world& w, command_number n, reply_view reply);
/// A command has failed, as it may.
void check_error(world& w, command_number n, const error& why, bool closed);
/// At the end, when nothing is under way any more: numbers of redirects and of sends, completions.
void check_history(world& w, const stats& s);
/// Commands of one pipeline for one key, and of one caller who waits for each, have taken effect in their order.
/// @param prompt  nothing has held up bytes for longer than the network's ordinary delay
void check_order(world& w, bool prompt);
/// What the cluster still knows in the end.
void check_data(world& w);
/// Refreshes asked for until now are not too many.
void check_refreshes(world& w, const stats& s);
/// What is wrong in the client's map; empty: it names the right primary for each slot.
std::string wrong_in_map(world& w, const shard_map& map);

}  // namespace valkeyxx::simulation
