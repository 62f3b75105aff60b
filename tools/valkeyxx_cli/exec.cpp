// What exec understands, and what it refuses.
#include "valkeyxx_cli/exec.hpp"

#include <strings.h>

#include <algorithm>
#include <array>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <valkeyxx/cluster.hpp>

#include "valkeyxx_cli/duration.hpp"
#include "valkeyxx_cli/show.hpp"

namespace valkeyxx::cli {

namespace {

// They answer more than once, or not at all: there is no one reply to print.
constexpr std::array<std::string_view, 6> without_one_reply{"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE",
                                                            "MONITOR",   "SYNC",       "PSYNC"};

std::string check_duration(const std::string& text) {
    if (parse_duration(text)) return {};
    return "\"" + text + "\" is not a duration such as 250ms or 5s";
}

void check_words(const std::vector<std::string>& words) {
    if (words.empty()) throw CLI::ValidationError{"a command is missing: exec [OPTIONS] CMD [ARG...]"};
    // All that CLI11 did not know is here; no command of a server starts with a dash.
    if (words[0].starts_with('-')) throw CLI::ValidationError{"there is no option " + words[0]};
    const bool refused = std::any_of(without_one_reply.begin(), without_one_reply.end(), [&](std::string_view name) {
        return ::strcasecmp(words[0].c_str(), std::string{name}.c_str()) == 0;
    });
    if (refused) throw CLI::ValidationError{"exec prints one reply, and " + words[0] + " does not have exactly one"};
}

}  // namespace

exec::exec(CLI::App& program)
    : app_{*program.add_subcommand("exec", "Run one command and print its reply: exec [OPTIONS] CMD [ARG...]")} {
    app_.prefix_command();  // what follows CMD is the command's, also if it looks like an option
    app_.footer(
        "The reply is printed as valkey-cli prints it: formatted on a terminal, raw elsewhere. Options stand before "
        "CMD.\n"
        "Example: valkeyxx exec --url valkey://127.0.0.1:7000 SET user:1 ada");
    app_.add_option("--url", url_, "Any node of the cluster: valkey://[USER:PASSWORD@]HOST:PORT[,HOST:PORT...]")
        ->type_name("URL")
        ->envname("VALKEY_URL");
    app_.add_option("--deadline", deadline_, "How long all may take in total, such as 250ms or 5s (default: 5s)")
        ->type_name("TIME")
        ->check(CLI::Validator{check_duration, "", "duration"});
    auto* json = app_.add_flag("--json", json_, "Print the reply as one line of JSON");
    auto* raw = app_.add_flag("--raw", raw_, "Print strings as they are, also on a terminal");
    app_.add_flag("--no-raw", no_raw_, "Print the formatted reply, also into a file or pipe")
        ->excludes(raw)
        ->excludes(json);
    raw->excludes(json);
    auto* resp2 = app_.add_flag("-2", resp2_, "Speak RESP2 (the default, except with --json)");
    app_.add_flag("-3", resp3_, "Speak RESP3: maps, sets and numbers are told from arrays and strings")
        ->excludes(resp2);
}

void exec::run() const {
    const auto line = app_.remaining();
    check_words(line);
    if (url_.empty()) throw CLI::ValidationError{"which cluster? Give --url valkey://HOST:PORT or set VALKEY_URL"};
    auto settings = parse_url(url_).value();
    if (!deadline_.empty()) settings.command_timeout = *parse_duration(deadline_);
    if (resp2_ || !(resp3_ || json_)) settings.protocol = 2;
    if (resp3_) settings.protocol = 3;

    const std::vector<std::string_view> words(line.begin(), line.end());
    cluster nodes{std::move(settings)};
    const value reply = nodes.execute(raw(std::span{words}));

    const auto how = json_ ? format::json : raw_ ? format::raw : no_raw_ ? format::terminal : default_format();
    write_result(shown(reply, words, how));
}

}  // namespace valkeyxx::cli
