// Names of failures.
#include "valkeyxx_cli/error_kind.hpp"

namespace valkeyxx::cli {

namespace {

const char* name_of(errc code) {
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
        case errc::transaction_conflict:
            return "transaction_conflict";
        case errc::lock_lost:
            return "lock_lost";
        case errc::queue_full:
            return "queue_full";
        case errc::client_closed:
            return "client_closed";
        case errc::partly_failed:
            return "partly_failed";
    }
    return "unknown";
}

}  // namespace

std::string kind_of(const error& e) {
    std::string kind = name_of(e.which());
    if (e == errc::server_error) kind.append(":").append(e.server_code());
    return kind;
}

}  // namespace valkeyxx::cli
