// The options of bench.
#include "valkeyxx_cli/bench.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "valkeyxx_cli/bench_measure.hpp"
#include "valkeyxx_cli/show.hpp"

namespace valkeyxx::cli {

namespace {

constexpr std::array<std::string_view, 3> modes{"sync", "pipeline", "async"};
constexpr std::array<std::string_view, 4> commands{"get", "set", "incr", "mix"};

// The place of a word in a list, and so the value of its enumerator.
template <std::size_t N>
std::optional<std::size_t> place_of(const std::string& word, const std::array<std::string_view, N>& list) {
    for (std::size_t i = 0; i < N; ++i) {
        if (list[i] == word) return i;
    }
    return std::nullopt;
}

template <std::size_t N>
CLI::Validator one_of(const std::array<std::string_view, N>& list) {
    return CLI::Validator{[&list](const std::string& word) {
                              if (place_of(word, list)) return std::string{};
                              std::string names;
                              for (const auto name : list) names.append(names.empty() ? "" : ", ").append(name);
                              return "\"" + word + "\" is none of " + names;
                          },
                          "", "word"};
}

// A number above 0 and at most a billion.
std::optional<double> parse_positive(const std::string& text) {
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (!(number > 0 && number <= 1e9)) return std::nullopt;
    return number;
}

std::string check_positive(const std::string& text) {
    return parse_positive(text) ? "" : "\"" + text + "\" is not a number above 0 such as 10 or 0.5";
}

}  // namespace

bench::bench(CLI::App& program)
    : app_{*program.add_subcommand("bench", "Put a load on the cluster and measure what it meets")} {
    app_.footer(
        "Values follow from their keys, so what GET returns is checked. INCR counts in PREFIXcounter:0 and so on, from "
        "what is there. The counters and values stay. Exit code 0 only if no operation failed.\n"
        "Example: valkeyxx bench --url valkey://127.0.0.1:7000 --mode async --command get --seconds 5");
    connection_.add_cluster(app_, "How long one operation may take, such as 250ms or 5s (default: 5s)");
    connection_.add_reads(app_);
    add_load_options();
    add_amount_options();
    app_.add_flag("--json", json_, "Print the report as one line of JSON");
    app_.add_flag("--verbose", verbose_, "Also tell each shard's longest gap")->excludes("--json");
}

void bench::add_load_options() {
    app_.add_option("--mode", mode_, "sync: threads with one command at a time; pipeline; async: one thread")
        ->type_name("sync|pipeline|async")
        ->capture_default_str()
        ->check(one_of(modes));
    app_.add_option("--command", command_, "What to run; mix: 60 % get, 30 % set, 10 % incr")
        ->type_name("get|set|incr|mix")
        ->capture_default_str()
        ->check(one_of(commands));
    app_.add_option("--clients", plan_.clients, "Threads; in mode async a factor of --depth")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range{1, 1000});
    app_.add_option("--depth", plan_.depth, "Commands under way for each client in mode async")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range{1, 10'000});
    app_.add_option("--pipeline", plan_.pipeline, "Commands in each pipeline in mode pipeline")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range{1, 100'000});
    app_.add_option("--rate", rate_, "Operations per second, by a schedule; latency then counts from when one was due")
        ->type_name("OPS")
        ->check(CLI::Validator{check_positive, "", "number"});
}

void bench::add_amount_options() {
    auto* seconds = app_.add_option("--seconds", seconds_, "How long")
                        ->type_name("S")
                        ->capture_default_str()
                        ->check(CLI::Validator{check_positive, "", "number"});
    app_.add_option("--requests", plan_.requests, "How many operations, instead of --seconds")
        ->type_name("N")
        ->check(CLI::Range{std::uint64_t{1}, std::uint64_t{1} << 62U})
        ->excludes(seconds);
    app_.add_option("--keys", plan_.keys, "How many keys, and how many counters")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range{std::uint64_t{1}, std::uint64_t{1'000'000'000}});
    app_.add_option("--size", plan_.size, "Bytes of each value")
        ->type_name("BYTES")
        ->capture_default_str()
        ->check(CLI::Range{std::size_t{1}, std::size_t{512} << 20U});
    app_.add_option("--prefix", plan_.prefix, "What all keys begin with")->type_name("TEXT")->capture_default_str();
}

bench_plan bench::plan() const {
    auto plan = plan_;
    plan.mode = static_cast<bench_mode>(*place_of(mode_, modes));
    plan.command = static_cast<bench_command>(*place_of(command_, commands));
    plan.time =
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>{*parse_positive(seconds_)});
    plan.rate = rate_.empty() ? 0 : *parse_positive(rate_);
    plan.by_shard = verbose_;
    return plan;
}

int bench::run() const {
    const auto plan = this->plan();
    const auto report = measure(plan, connection_.settings());
    write_result(json_ ? to_json(plan, report) : to_text(plan, report));
    return report.tally.errors == 0 && report.prepared ? 0 : 1;
}

}  // namespace valkeyxx::cli
