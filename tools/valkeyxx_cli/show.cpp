// Which replies are reports, and writing to stdout.
#include "valkeyxx_cli/show.hpp"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <nlohmann/json.hpp>

#include <valkeyxx/print.hpp>

namespace valkeyxx::cli {

namespace {

struct report {
    std::string_view command;
    std::string_view subcommand;  // empty: whatever follows
};

constexpr std::array reports{
    report{"INFO", ""},          report{"LOLWUT", ""},
    report{"CLUSTER", "INFO"},   report{"CLUSTER", "NODES"},
    report{"CLIENT", "INFO"},    report{"CLIENT", "LIST"},
    report{"MEMORY", "DOCTOR"},  report{"MEMORY", "MALLOC-STATS"},
    report{"LATENCY", "DOCTOR"}, report{"LATENCY", "GRAPH"},
    report{"DEBUG", "HTSTATS"},  report{"DEBUG", "HTSTATS-KEY"},
};

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_report(std::span<const std::string_view> words) {
    return std::any_of(reports.begin(), reports.end(), [words](const report& r) {
        return same(words[0], r.command) &&
               (r.subcommand.empty() || (words.size() > 1 && same(words[1], r.subcommand)));
    });
}

// As a JSON string.
std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

format default_format() {
    return ::isatty(STDOUT_FILENO) != 0 ? format::terminal : format::raw;
}

std::string shown(reply_view reply, std::span<const std::string_view> words, format how) {
    if (how == format::json) return to_json(reply) + "\n";
    // A report ends its lines itself.
    if (is_report(words)) return to_raw_text(reply);
    return (how == format::terminal ? to_cli_text(reply) : to_raw_text(reply)) + "\n";
}

std::string shown(std::span<const node_result<value>> replies, std::span<const std::string_view> words, format how) {
    std::string all;
    if (how == format::json) {
        for (const auto& [node, reply] : replies) {
            all += all.empty() ? "{" : ",";
            all += quoted(node.text()) + ":";
            all += reply ? to_json(*reply) : "{\"error\":" + quoted(reply.error().message()) + "}";
        }
        return (all.empty() ? "{" : all) + "}\n";
    }
    for (const auto& [node, reply] : replies) {
        if (reply) all += node.text() + "\n" + shown(*reply, words, how);
    }
    return all;
}

void write_result(std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw std::system_error{errno, std::generic_category(), "cannot write the result"};
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace valkeyxx::cli
