#include "valkeyxx_cli/sentinel.hpp"

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include <valkeyxx/observer.hpp>
#include <valkeyxx/sentinel.hpp>

#include "valkeyxx_cli/observation.hpp"
#include "valkeyxx_cli/show.hpp"
#include "valkeyxx_cli/signal_wait.hpp"

namespace valkeyxx::cli {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto longest_failover = 60s;

// One line: "primary 10.0.0.1:6379, replicas 10.0.0.2:6379 10.0.0.3:6379".
std::string line_of(const shard_map& map, bool json) {
    if (map.shards().empty()) return {};
    const shard_info& shard = map.shards().front();
    std::vector<std::string> replicas;
    for (const auto& r : shard.replicas) replicas.push_back(r.address.text());
    if (json) {
        return nlohmann::json{{"primary", shard.primary.address.text()}, {"replicas", replicas}}.dump() + "\n";
    }
    std::string line = "primary " + shard.primary.address.text() + ", ";
    line += replicas.empty() ? "no replicas" : "replicas";
    for (const auto& r : replicas) line += " " + r;
    return line + "\n";
}

class change_printer final : public observer {
  public:
    change_printer(signal_wait& failures, bool json) : failures_{failures}, json_{json} {}

    void topology_changed(const shard_map& now) override {
        auto line = line_of(now, json_);
        if (line == std::exchange(last_, line)) return;
        try {
            write_result(line);
        } catch (const std::exception& failure) {
            const std::lock_guard lock{mutex_};
            problem_ = failure.what();
            failures_.wake();
        }
    }
    std::string problem() const {
        const std::lock_guard lock{mutex_};
        return problem_;
    }

  private:
    signal_wait& failures_;
    bool json_;
    std::string last_;
    mutable std::mutex mutex_;
    std::string problem_;
};

// Waits for another primary than this one.
class heir_watch final : public observer {
  public:
    explicit heir_watch(std::string old) : old_{std::move(old)} {}

    void topology_changed(const shard_map& now) override {
        if (now.shards().empty()) return;
        const std::lock_guard lock{mutex_};
        now_ = now.shards().front().primary.address.text();
        changed_.notify_one();
    }
    /// Empty: none has come about by then.
    std::string wait(clock::time_point until) {
        std::unique_lock lock{mutex_};
        const bool there = changed_.wait_until(lock, until, [this] { return !now_.empty() && now_ != old_; });
        return there ? now_ : std::string{};
    }

  private:
    const std::string old_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string now_;
};

}  // namespace

sentinel::sentinel(CLI::App& program)
    : app_{*program.add_subcommand("sentinel", "Ask the sentinels that watch a service, or tell them to fail over")} {
    app_.require_subcommand(1);
    app_.footer("Example: valkeyxx sentinel --url valkey+sentinel://127.0.0.1:26379/mymaster primary");
    connection_.add_cluster(app_, "How long all may take in total, such as 250ms or 5s (default: 5s; failover: 60s)");
    app_.add_flag("--json", json_, "Print JSON, one line each");
    primary_ = app_.add_subcommand("primary", "Print where the primary is, as HOST:PORT");
    replicas_ = app_.add_subcommand("replicas", "Print where the replicas are that are up, one a line");
    watch_ = app_.add_subcommand("watch", "Print primary and replicas whenever they change, until Ctrl-C");
    failover_ = app_.add_subcommand("failover", "Have a replica take over, and print where the primary is then");
    for (auto* one : {primary_, replicas_, watch_, failover_}) one->fallthrough();
}

config sentinel::settings() const {
    auto settings = connection_.settings();
    if (settings.service.empty()) {
        throw CLI::ValidationError{"which service of which sentinels? --url valkey+sentinel://HOST:PORT/SERVICE"};
    }
    return settings;
}

int sentinel::run() const {
    if (primary_->parsed()) return primary();
    if (replicas_->parsed()) return replicas();
    return watch_->parsed() ? watch() : failover();
}

int sentinel::primary() const {
    const valkeyxx::sentinel sentinels{settings()};
    const auto at = sentinels.find_primary().text();
    write_result(json_ ? nlohmann::json{{"primary", at}}.dump() + "\n" : at + "\n");
    return 0;
}

int sentinel::replicas() const {
    valkeyxx::sentinel sentinels{settings()};
    auto found = sentinels.find_replicas();
    std::sort(found.begin(), found.end());
    std::string lines;
    auto list = nlohmann::json::array();
    for (const auto& at : found) {
        lines += at.text() + "\n";
        list.push_back(at.text());
    }
    write_result(json_ ? nlohmann::json{{"replicas", list}}.dump() + "\n" : lines);
    return 0;
}

int sentinel::watch() const {
    signal_wait signals;
    auto how = settings();
    how.reads = read_from::prefer_replica;  // so that it keeps up with the replicas, too
    const auto printer = std::make_shared<change_printer>(signals, json_);
    how.watcher = both(how.watcher, printer);
    async_client client{how};
    std::string last;
    for (;;) {
        // A command now and then finds out what is not announced, and says what is wrong.
        client.try_execute(raw("ECHO", "there"), on_primary(), [&last](const result<value>& r) {
            const std::string now = r ? std::string{} : r.error().message();
            if (now != std::exchange(last, now) && !r) std::cerr << "valkeyxx: " << now << '\n';
        });
        if (signals.wait(signal_wait::clock::now() + 1s) == signal_wait::reason::signal) break;
        if (const auto problem = printer->problem(); !problem.empty()) throw std::runtime_error{problem};
    }
    client.close();
    return 0;
}

int sentinel::failover() const {
    auto how = settings();
    const auto limit = clock::now() + (connection_.has_deadline() ? how.command_timeout : longest_failover);
    valkeyxx::sentinel sentinels{how};
    const auto old = sentinels.find_primary().text();
    const auto heir = std::make_shared<heir_watch>(old);
    how.watcher = both(how.watcher, heir);
    async_client follower{how};  // hears of it on a thread of its own
    follower.try_execute(raw("ECHO", "there"), [](const result<value>& /*whatever it says*/) {});
    sentinels.execute(commands::sentinel_failover(how.service));
    const auto now = heir->wait(limit);
    if (now.empty()) throw std::runtime_error{"no other primary than " + old + " has come about in time"};
    write_result(json_ ? nlohmann::json{{"primary", now}, {"was", old}}.dump() + "\n" : now + "\n");
    return 0;
}

}  // namespace valkeyxx::cli
