// What exec understands, and what it refuses.
#include "valkeyxx_cli/exec.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <iostream>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace valkeyxx::cli {

namespace {

// They answer more than once, or not at all: there is no one reply to print.
constexpr std::array<std::string_view, 6> without_one_reply{"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE",
                                                            "MONITOR",   "SYNC",       "PSYNC"};

std::string check_address(const std::string& text) {
    const auto address = parse_endpoint(text);
    return address && !address->host.empty() ? "" : "\"" + text + "\" is not a host with a port";
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

// All of them exclude each other.
void exclude_each_other(const std::vector<CLI::Option*>& options) {
    for (std::size_t i = 0; i < options.size(); ++i) {
        for (std::size_t k = i + 1; k < options.size(); ++k) options[i]->excludes(options[k]);
    }
}

}  // namespace

exec::exec(CLI::App& program)
    : app_{*program.add_subcommand("exec", "Run one command and print its reply: exec [OPTIONS] CMD [ARG...]")} {
    app_.prefix_command();  // what follows CMD is the command's, also if it looks like an option
    app_.footer(
        "The reply is printed as valkey-cli prints it: formatted on a terminal, raw elsewhere. Options stand before "
        "CMD. Of several nodes each reply stands below its node's address, in JSON in one object; a node that fails "
        "makes the exit code 1.\n"
        "Example: valkeyxx exec --url valkey://127.0.0.1:7000 SET user:1 ada");
    connection_.add_cluster(app_, "How long all may take in total, such as 250ms or 5s (default: 5s)");
    add_format_options();
    connection_.add_reads(app_);
    add_target_options();
}

void exec::add_format_options() {
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

void exec::add_target_options() {
    exclude_each_other({
        app_.add_option("--node", node_, "Ask this node of the cluster and no other")
            ->type_name("HOST:PORT")
            ->check(CLI::Validator{check_address, "", "address"}),
        app_.add_flag("--all-primaries", all_primaries_, "Ask every primary"),
        app_.add_flag("--all-replicas", all_replicas_, "Ask every replica"),
        app_.add_flag("--all-nodes", all_nodes_, "Ask every primary and replica"),
        app_.add_flag("--across-slots", across_slots_,
                      "Let the keys of MGET, MSET, DEL, UNLINK, EXISTS or TOUCH be of any slots: not atomic"),
    });
}

format exec::chosen_format() const {
    if (json_) return format::json;
    if (raw_) return format::raw;
    return no_raw_ ? format::terminal : default_format();
}

std::optional<target> exec::chosen_target() const {
    if (all_primaries_) return on_all_primaries();
    if (all_replicas_) return on_all_replicas();
    if (all_nodes_) return on_all_nodes();
    if (!node_.empty()) return on(*parse_endpoint(node_));
    return std::nullopt;
}

int exec::run() const {
    const auto line = app_.remaining();
    check_words(line);
    auto settings = connection_.settings();
    if (resp2_ || !(resp3_ || json_)) settings.protocol = 2;
    if (resp3_) settings.protocol = 3;

    const std::vector<std::string_view> command(line.begin(), line.end());
    const auto to = chosen_target();
    const auto run_with = [&](client& nodes) {
        return to && to->many() ? run_each(nodes, command, *to) : run_one(nodes, command, to);
    };
    if (settings.service.empty()) {
        cluster nodes{std::move(settings)};
        return run_with(nodes);
    }
    client primary{std::move(settings)};
    return run_with(primary);
}

int exec::run_one(client& nodes, words command, const std::optional<target>& to) const {
    auto c = raw(command);
    if (across_slots_) c = across_slots(std::move(c));
    const value reply = to ? nodes.execute(c, *to) : nodes.execute(c);
    write_result(shown(reply, command, chosen_format()));
    return 0;
}

int exec::run_each(client& nodes, words command, const target& to) const {
    auto replies = nodes.execute_each(raw(command), to);
    std::sort(replies.begin(), replies.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
    write_result(shown(replies, command, chosen_format()));
    const auto failed = [](const auto& of_node) { return !of_node.reply; };
    if (std::none_of(replies.begin(), replies.end(), failed)) return 0;
    if (json_) return 1;  // there the reasons stand in the result
    for (const auto& [_, reply] : replies) {
        if (!reply) std::cerr << "valkeyxx: " << reply.error().message() << '\n';
    }
    return 1;
}

}  // namespace valkeyxx::cli
