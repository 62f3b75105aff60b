#include "client/sentinel_rota.hpp"

#include "client/engine.hpp"

namespace valkeyxx::clients {

// A command has failed at the one whose turn it is, or waits in vain.
void sentinel_rota::want(io::time_point /*now*/, routing::node_id /*informed*/) {
    const auto turn = engine_.router().primary(0);
    if (turn != routing::no_node && engine_.unreachable(turn)) pass_on(turn);
}

void sentinel_rota::gone(routing::node_id node) {
    if (node == engine_.router().primary(0)) pass_on(node);
}

void sentinel_rota::pass_on(routing::node_id from) {
    const auto others = engine_.router().heirs_of(from);
    if (others.empty()) return;
    routing::node_id next = others.front();
    for (const auto other : others) {
        if (!engine_.unreachable(other)) {
            next = other;
            break;
        }
    }
    engine_.router().promoted(next);
    engine_.map_changed();  // what waits for the answer of one that hangs goes on
}

}  // namespace valkeyxx::clients
