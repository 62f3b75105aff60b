// Names of failures, and sums.
#include "valkeyxx_cli/bench_tally.hpp"

#include <algorithm>

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

void bench_tally::add(const bench_tally& other) {
    ops += other.ops;
    incr_acknowledged += other.incr_acknowledged;
    errors += other.errors;
    may_have_run += other.may_have_run;
    for (const auto& [kind, more] : other.by_kind) {
        auto& here = by_kind[kind];
        here.count += more.count;
        if (here.example.empty()) here.example = more.example;
    }
    latency.add(other.latency);
    last_outcome = std::max(last_outcome, other.last_outcome);
}

void bench_tally::add_error(const std::string& kind, const std::string& example, bool unsure) {
    ++errors;
    may_have_run += unsure;
    auto& here = by_kind[kind];
    if (here.count++ == 0) here.example = example;
}

void bench_scorer::succeeded(const bench_operation& operation, std::string_view key, bench_clock::time_point due,
                             bench_clock::time_point now) {
    ++tally_.ops;
    tally_.incr_acknowledged += operation.what == bench_operation::kind::incr;
    tally_.latency.add(now - due);
    // What comes after the end comes from a benchmark that no longer asks: its gaps would say nothing.
    if (now <= schedule_.end()) gaps_.success(key, now);
}

void bench_scorer::failed(const error& why) {
    tally_.add_error(kind_of(why), why.message(), why.may_have_run());
}

void bench_scorer::wrong_value(std::string_view key) {
    tally_.add_error("wrong_value", std::string{key} + ": this is not the value that was set", false);
}

}  // namespace valkeyxx::cli
