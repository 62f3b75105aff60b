// From options to a client's configuration.
#include "valkeyxx_cli/connection_options.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "valkeyxx_cli/duration.hpp"

namespace valkeyxx::cli {

namespace {

constexpr std::array<std::pair<std::string_view, read_from>, 6> readers{{
    {"primary", read_from::primary},
    {"prefer-replica", read_from::prefer_replica},
    {"round-robin", read_from::round_robin},
    {"random", read_from::random},
    {"lowest-latency", read_from::lowest_latency},
    {"same-zone", read_from::same_zone},
}};

std::optional<read_from> parse_reader(std::string_view text) {
    const auto* found = std::find_if(readers.begin(), readers.end(), [text](auto& r) { return r.first == text; });
    if (found == readers.end()) return std::nullopt;
    return found->second;
}

std::string check_duration(const std::string& text) {
    if (parse_duration(text)) return {};
    return "\"" + text + "\" is not a duration such as 250ms or 5s";
}

std::string check_reader(const std::string& text) {
    if (parse_reader(text)) return {};
    std::string names;
    for (const auto& [name, _] : readers) names.append(names.empty() ? "" : ", ").append(name);
    return "\"" + text + "\" is none of " + names;
}

}  // namespace

void connection_options::add_cluster(CLI::App& app, const std::string& deadline_help) {
    app.add_option("--url", url_,
                   "Any node of the cluster: valkey://[USER:PASSWORD@]HOST:PORT[,HOST:PORT...]; of a service that "
                   "sentinels watch: valkey+sentinel://HOST:PORT[,HOST:PORT...]/SERVICE")
        ->type_name("URL")
        ->envname("VALKEY_URL");
    app.add_option("--deadline", deadline_, deadline_help)
        ->type_name("TIME")
        ->check(CLI::Validator{check_duration, "", "duration"});
    observation_.add_options(app);
}

void connection_options::add_reads(CLI::App& app) {
    app.add_option("--read-from", read_from_,
                   "Who answers commands that only read: primary (the default), prefer-replica, round-robin, random, "
                   "lowest-latency or same-zone")
        ->type_name("NODES")
        ->check(CLI::Validator{check_reader, "", "reader"});
    app.add_option("--availability-zone", zone_, "Where this program runs, for --read-from same-zone")
        ->type_name("ZONE");
}

config connection_options::settings() const {
    if (url_.empty()) throw CLI::ValidationError{"which cluster? Give --url valkey://HOST:PORT or set VALKEY_URL"};
    auto settings = parse_url(url_).value();
    if (!deadline_.empty()) {
        settings.command_timeout = *parse_duration(deadline_);
        settings.limit_blocking = true;  // who says how long means all of it
    }
    if (!read_from_.empty()) settings.reads = *parse_reader(read_from_);
    if (!zone_.empty()) settings.availability_zone = zone_;
    if (settings.reads == read_from::same_zone && settings.availability_zone.empty()) {
        throw CLI::ValidationError{"to read from the same zone, say which one with --availability-zone ZONE"};
    }
    const auto unverified = [](const tls_options& tls) { return tls.enabled && tls.verify == tls_verify::none; };
    if (unverified(settings.tls) || (settings.sentinel_tls && unverified(*settings.sentinel_tls))) {
        std::cerr << "valkeyxx: warning: no server has to prove who it is (tls_verify=none): whoever is in between can "
                     "read and change everything\n";
    }
    settings.watcher = observation_.watcher();
    return settings;
}

}  // namespace valkeyxx::cli
