// What enumerators are called in logs and metrics.
#include <valkeyxx/error.hpp>
#include <valkeyxx/observer.hpp>
#include <valkeyxx/stats.hpp>

namespace valkeyxx {

std::string_view to_string(errc code) noexcept {
    switch (code) {
        case errc::server_error:
            return "server_error";
        case errc::timed_out:
            return "timed_out";
        case errc::cannot_connect:
            return "cannot_connect";
        case errc::connection_lost:
            return "connection_lost";
        case errc::too_many_redirects:
            return "too_many_redirects";
        case errc::no_topology:
            return "no_topology";
        case errc::not_a_cluster:
            return "not_a_cluster";
        case errc::slot_not_served:
            return "slot_not_served";
        case errc::cross_slot:
            return "cross_slot";
        case errc::unknown_node:
            return "unknown_node";
        case errc::invalid_url:
            return "invalid_url";
        case errc::invalid_argument:
            return "invalid_argument";
        case errc::unexpected_reply:
            return "unexpected_reply";
        case errc::protocol_error:
            return "protocol_error";
        case errc::queue_full:
            return "queue_full";
        case errc::client_closed:
            return "client_closed";
        case errc::partly_failed:
            return "partly_failed";
        case errc::transaction_conflict:
            return "transaction_conflict";
        case errc::cancelled:
            return "cancelled";
        case errc::access_denied:
            return "access_denied";
        case errc::authentication_failed:
            return "authentication_failed";
        case errc::lock_lost:
            return "lock_lost";
        case errc::after_fork:
            return "after_fork";
    }
    return "unknown";
}

std::string_view to_string(node_role role) noexcept {
    switch (role) {
        case node_role::none:
            return "none";
        case node_role::primary:
            return "primary";
        case node_role::replica:
            return "replica";
        case node_role::sentinel:
            return "sentinel";
    }
    return "none";
}

std::string_view to_string(command_class c) noexcept {
    switch (c) {
        case command_class::read:
            return "read";
        case command_class::write:
            return "write";
        case command_class::script:
            return "script";
        case command_class::transaction:
            return "transaction";
        case command_class::blocking:
            return "blocking";
        case command_class::other:
            return "other";
    }
    return "other";
}

}  // namespace valkeyxx
