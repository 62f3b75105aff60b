// Sums.
#include "valkeyxx_cli/bench_tally.hpp"

#include <algorithm>

#include "valkeyxx_cli/error_kind.hpp"

namespace valkeyxx::cli {

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
