#include "routing/join_rule.hpp"

namespace valkeyxx::routing {

join_rule join_rule_of(const listed_command& command, bool taken_apart) noexcept {
    // What the table leaves open, or says less well.
    switch (command.id) {
        case command_id::keys:  // is at two nodes while it migrates
        case command_id::pubsub_channels:
        case command_id::pubsub_shardchannels:
            return join_rule::once_each;
        case command_id::pubsub_numsub:
        case command_id::pubsub_shardnumsub:
            return join_rule::channels;
        case command_id::pubsub_numpat:
            return join_rule::sum;
        case command_id::client_unblock:  // the client is at one of the nodes at most
            return join_rule::any_true;
        case command_id::client_pause:
        case command_id::client_unpause:
        case command_id::bgsave:
        case command_id::save:
            return join_rule::first_part;
        default:
            break;
    }
    switch (command.response) {
        case response_policy::one_succeeded:
            return join_rule::first_added;
        case response_policy::all_succeeded:
            return join_rule::first_part;
        case response_policy::agg_logical_and:
            return join_rule::all_true;
        case response_policy::agg_logical_or:
            return join_rule::any_true;
        case response_policy::agg_min:
            return join_rule::least;
        case response_policy::agg_max:
            return join_rule::greatest;
        case response_policy::agg_sum:
            return join_rule::sum;
        case response_policy::special:
            return join_rule::one_per_part;
        case response_policy::none:
            break;
    }
    if (taken_apart) return join_rule::by_key;
    // Without a request policy, having no response policy means nothing.
    const bool spreads = command.request == request_policy::all_nodes || command.request == request_policy::all_shards;
    return spreads ? join_rule::elements : join_rule::one_per_part;
}

}  // namespace valkeyxx::routing
