// Units and rounding: no more digits than are true.
#include "valkeyxx_cli/bench_report.hpp"

#include <cmath>
#include <iomanip>
#include <sstream>

#include <nlohmann/json.hpp>

namespace valkeyxx::cli {

namespace {

using json = nlohmann::ordered_json;

// A decimal fraction that prints without a tail of digits.
double tenths(double value) {
    return std::round(value * 10) / 10;
}

double us(std::chrono::nanoseconds time) {
    return tenths(std::chrono::duration<double, std::micro>{time}.count());
}

double ms(std::chrono::nanoseconds time) {
    return std::round(std::chrono::duration<double, std::milli>{time}.count() * 1000) / 1000;
}

double per_second(const bench_report& r) {
    const auto seconds = std::chrono::duration<double>{r.lasted}.count();
    return seconds > 0 ? tenths(static_cast<double>(r.tally.ops) / seconds) : 0;
}

double cpu_us_per_op(const bench_report& r) {
    if (r.tally.ops == 0) return 0;
    const auto total = std::chrono::duration<double, std::micro>{r.cpu}.count();
    return std::round(total / static_cast<double>(r.tally.ops) * 100) / 100;
}

std::string title(const bench_plan& plan) {
    static constexpr const char* commands[] = {"GET", "SET", "INCR", "60 % GET, 30 % SET, 10 % INCR"};
    std::ostringstream out;
    out << commands[static_cast<int>(plan.command)] << "; " << plan.clients;
    switch (plan.mode) {
        case bench_mode::sync:
            out << " threads, one command each at a time";
            break;
        case bench_mode::pipeline:
            out << " threads, pipelines of " << plan.pipeline;
            break;
        case bench_mode::async:
            out << " x " << plan.depth << " commands under way on one thread";
            break;
    }
    out << "; " << plan.keys << " keys";
    if (plan.command != bench_command::incr) out << ", values of " << plan.size << " bytes";
    if (plan.rate > 0) out << "; " << std::setprecision(10) << plan.rate << " per second wanted";
    return out.str();
}

// One line of the table.
template <class... Parts>
void row(std::ostream& out, std::string_view name, const Parts&... parts) {
    out << std::left << std::setw(18) << name;
    (out << ... << parts) << '\n';
}

}  // namespace

std::string to_json(const bench_plan& plan, const bench_report& r) {
    json by_kind = json::object();
    for (const auto& [kind, failures] : r.tally.by_kind) by_kind[kind] = failures.count;
    const auto& latency = r.tally.latency;
    const json all{
        {"ops", r.tally.ops},
        {"ops_per_second", per_second(r)},
        {"errors", {{"total", r.tally.errors}, {"may_have_run", r.tally.may_have_run}, {"by_kind", by_kind}}},
        {"latency_us",
         {{"p50", us(latency.percentile(0.5))},
          {"p99", us(latency.percentile(0.99))},
          {"p999", us(latency.percentile(0.999))},
          {"max", us(latency.max())}}},
        {"cpu_us_per_op", cpu_us_per_op(r)},
        {"longest_gap_ms", ms(r.longest_gap)},
        {"redirects", {{"moved", r.work.moved}, {"ask", r.work.ask}}},
        {"refreshes", r.work.refreshes},
        {"reconnects", r.reconnects},
        {"incr_acknowledged", r.tally.incr_acknowledged},
        {"incr_keys", {{"prefix", plan.prefix + "counter:"}, {"count", plan.keys}}},
    };
    return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string to_text(const bench_plan& plan, const bench_report& r) {
    std::ostringstream out;
    out << title(plan) << '\n' << std::fixed << std::setprecision(1);
    const auto& latency = r.tally.latency;
    row(out, "succeeded", r.tally.ops, " in ", std::chrono::duration<double>{r.lasted}.count(), " s, ", per_second(r),
        " per second");
    row(out, "latency", "p50 ", us(latency.percentile(0.5)), " us, p99 ", us(latency.percentile(0.99)), " us, p99.9 ",
        us(latency.percentile(0.999)), " us, max ", us(latency.max()), " us");
    row(out, "CPU", cpu_us_per_op(r), " us per operation");
    row(out, "longest gap", ms(r.longest_gap), " ms without a success");
    for (const auto& gap : r.gaps_by_shard) row(out, "", ms(gap.longest), " ms in slots ", gap.slots);
    row(out, "redirects", r.work.moved, " MOVED, ", r.work.ask, " ASK");
    row(out, "topology", r.work.refreshes, " refreshes, ", r.reconnects, " reconnects");
    if (plan.command == bench_command::incr || plan.command == bench_command::mix) {
        row(out, "INCR", r.tally.incr_acknowledged, " acknowledged, in ", plan.prefix, "counter:0 to ", plan.keys - 1);
    }
    row(out, "errors", r.tally.errors, ", of which ", r.tally.may_have_run, " may have run");
    for (const auto& [kind, failures] : r.tally.by_kind) {
        row(out, "", failures.count, " ", kind, ", such as: ", failures.example);
    }
    return out.str();
}

}  // namespace valkeyxx::cli
