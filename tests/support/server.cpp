// Command line and life of a server process.
#include "support/server.hpp"

#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <utility>

#include "support/failure.hpp"
#include "support/network.hpp"
#include "support/poll.hpp"
#include "support/server_binary.hpp"

namespace valkeyxx::testing {

namespace {

void append(arguments& all, const arguments& more) {
    all.insert(all.end(), more.begin(), more.end());
}

arguments words_of(const std::string& text) {
    arguments words;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        if (end > at) words.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

void keep_last_lines(const std::string& path, std::size_t count, std::deque<std::string>& lines) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
        if (lines.size() > count) lines.pop_front();
    }
}

}  // namespace

valkey_server::valkey_server(server_options options)
    : options_(std::move(options)), host_(words_of(options_.bind).at(0)) {
    if (options_.port == 0) options_.port = next_port();
    if (options_.program.empty()) options_.program = server_binary();
    std::filesystem::create_symlink(options_.program, folder_.file("valkey-server"));
    if (!options_.sentinel_config.empty()) std::ofstream(folder_.file("sentinel.conf")) << options_.sentinel_config;
    start();
}

valkey_server::~valkey_server() {
    if (has_failed() || std::uncaught_exceptions() > 0) {
        report_log("server-" + std::to_string(port()), folder_.file("log"), log_tail());
    }
}

arguments valkey_server::command_line() const {
    arguments all{folder_.file("valkey-server")};
    if (!options_.sentinel_config.empty()) append(all, {folder_.file("sentinel.conf"), "--sentinel"});
    append(all, {"--port", std::to_string(options_.port), "--dir", folder_.path(), "--logfile", folder_.file("log"),
                 "--daemonize", "no", "--bind"});
    append(all, words_of(options_.bind));
    if (options_.sentinel_config.empty()) {
        append(all, {"--save", "", "--appendonly", "no", "--enable-debug-command", "yes"});
        // A fresh replica is usable at once: no wait for others to sync with, and its offset is known after a second,
        // not ten (until then 8.x lists it as loading in CLUSTER SHARDS).
        append(all,
               {"--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"});
        if (!options_.password.empty()) append(all, {"--primaryauth", options_.password});
    }
    if (!options_.password.empty()) append(all, {"--requirepass", options_.password});
    append(all, options_.extra);
    return all;
}

void valkey_server::start() {
    process_.start({command_line(), folder_.file("out"), folder_.path()});
}

void valkey_server::wait() {
    poll_until("server " + address_text(host_, port()) + " to answer PING", [this] {
        if (!process_.running()) {
            throw give_up("server " + address_text(host_, port()) + " ended with " + process_.end_text() + ":\n" +
                          log_tail());
        }
        return admin()({"PING"}) == "PONG";
    });
}

void valkey_server::kill9() {
    process_.kill();
}

void valkey_server::pause() {
    process_.stop();
}

void valkey_server::resume() {
    process_.cont();
}

void valkey_server::restart() {
    start();
    wait();
}

testing::admin valkey_server::admin() const {
    return admin(admin_options::default_timeout());
}

testing::admin valkey_server::admin(std::chrono::milliseconds timeout) const {
    return testing::admin(port(), {.host = host_, .timeout = timeout, .password = options_.password});
}

std::string valkey_server::role() const {
    const auto reply = admin().call({"ROLE"});
    auto word = reply.items.empty() ? reply.text : reply.items.front().text;
    if (word == "master") return "primary";
    if (word == "slave") return "replica";
    return word;
}

std::string valkey_server::log_tail(std::size_t lines) const {
    std::deque<std::string> last;
    keep_last_lines(folder_.file("out"), lines, last);  // what it said before it had a log file: bad arguments
    keep_last_lines(folder_.file("log"), lines, last);
    std::string text;
    for (const auto& line : last) text += line + "\n";
    return text;
}

}  // namespace valkeyxx::testing
