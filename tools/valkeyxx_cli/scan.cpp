#include "valkeyxx_cli/scan.hpp"

#include <unistd.h>

#include <iostream>
#include <optional>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <valkeyxx/scan.hpp>
#include <valkeyxx/slot.hpp>

#include "valkeyxx_cli/connect.hpp"
#include "valkeyxx_cli/key_output.hpp"
#include "valkeyxx_cli/signal_wait.hpp"
#include "valkeyxx_cli/status_line.hpp"

namespace valkeyxx::cli {

namespace {

std::string check_positive(const std::string& text) {
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    if (digits && text.size() < 10 && std::stol(text) > 0) return {};
    return "\"" + text + "\" is not a number from 1";
}

}  // namespace

scan::scan(CLI::App& program) : app_{*program.add_subcommand("scan", "Print the names of all keys, or count them")} {
    app_.footer(
        "Every key that is there throughout the scan is found at least once, also while slots move and nodes fail. "
        "Keys are printed as they come, one a line. A scan that ends early says on stderr how to go on.\n"
        "Example: valkeyxx scan --url valkey://127.0.0.1:7000 --match 'user:*' --count-by-prefix");
    connection_.add_cluster(app_, "How long each step may take, such as 250ms or 5s (default: 5s)");
    const CLI::Validator positive{check_positive, "", "positive"};
    app_.add_option("--match", match_, "Only keys that match this glob pattern")->type_name("PATTERN");
    app_.add_option("--type", type_, "Only keys of this type: string, list, set, zset, hash, stream ...")
        ->type_name("TYPE");
    app_.add_option("--count", count_, "About how many keys a node looks at in one step (default: 1000)")
        ->type_name("N")
        ->check(positive);
    auto* count_only = app_.add_flag("--count-only", count_only_, "Print only how many keys there are");
    prefix_option_ = app_.add_option("--count-by-prefix", separator_,
                                     "Print how many keys there are with each prefix, which ends before SEP "
                                     "(default: \":\")")
                         ->type_name("SEP")
                         ->expected(0, 1)
                         ->excludes(count_only);
    app_.add_option("--parallel", parallel_, "Scan this many nodes at the same time (default: 1)")
        ->type_name("N")
        ->check(positive);
    app_.add_flag("--unique", unique_, "Print each key once; counts are of different keys anyway");
    app_.add_option("--cursor", cursor_, "Go on from where an earlier scan with the same --match and --type ended")
        ->type_name("CURSOR");
    app_.add_flag("--json", json_, "Print each key as a JSON string, or the counts as one line of JSON");
}

key_scan_options scan::options() const {
    return {.match = match_,
            .type = type_,
            .count = count_,
            .parallel = parallel_,
            .unique = unique_ || count_only_ || prefix_option_->count() > 0,
            .cursor = cursor_};
}

int scan::run() const {
    client nodes = connected(connection_.settings());
    return run(nodes);
}

int scan::run(client& nodes) const {
    signal_wait signals;
    const auto kind = prefix_option_->count() > 0 ? key_output::kind::count_by_prefix
                      : count_only_               ? key_output::kind::count
                                                  : key_output::kind::keys;
    key_output output{kind, separator_.empty() ? ":" : separator_, json_};
    status_line progress{::isatty(STDERR_FILENO) != 0};
    auto keys = valkeyxx::scan(nodes, options());
    std::optional<error> failure;
    bool interrupted = false;
    while (!interrupted && !failure) {
        auto page = keys.try_next_page();
        if (!page) {
            failure = page.error();
        } else if (!*page) {
            progress.clear();
            output.end();
            return 0;
        } else {
            progress.clear();
            output.add(**page);
            if (progress.due(status_line::clock::now())) {
                progress.show(std::to_string(output.count()) + " keys, " +
                              std::to_string(keys.slots_done() * 100 / slot_count) + " % of the slots");
            }
            interrupted = signals.wait(signal_wait::clock::now()) == signal_wait::reason::signal;
        }
    }
    progress.clear();
    if (kind != key_output::kind::keys) output.end();
    if (failure) std::cerr << "valkeyxx: " << failure->message() << '\n';
    std::cerr << "valkeyxx: the scan ended early; to go on: --cursor " << keys.cursor() << '\n';
    return 1;
}

}  // namespace valkeyxx::cli
