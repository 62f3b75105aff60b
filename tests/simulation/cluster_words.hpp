// What a node says about itself and the cluster: ROLE, INFO, CLUSTER SLOTS, CLUSTER INFO, CLUSTER NODES.
#pragma once

#include <string>
#include <string_view>

namespace valkeyxx::simulation {
struct world;
class node;
struct session;
}  // namespace valkeyxx::simulation

namespace valkeyxx::simulation::words {

/// Where clients reach `target`, as far as `n` knows.
std::string address_of(const world& w, const node& n, int target);

void role(const world& w, const node& n, std::string& out);
void information(const world& w, const node& n, std::string& out);
/// CLUSTER <word>; false if it is not known.
bool cluster(world& w, node& n, const session& s, std::string_view word, std::string& out);

}  // namespace valkeyxx::simulation::words
