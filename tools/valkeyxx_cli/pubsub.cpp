// Subscriptions as lines.
#include "valkeyxx_cli/pubsub.hpp"

#include <chrono>
#include <iostream>
#include <string_view>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <valkeyxx/cluster.hpp>
#include <valkeyxx/commands/pubsub.hpp>
#include <valkeyxx/print.hpp>

#include "valkeyxx_cli/show.hpp"
#include "valkeyxx_cli/signal_wait.hpp"

namespace valkeyxx::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto look_for_signals_every = 100ms;

std::string json_text(std::string_view text) {
    const resp::node whole{
        .at = 0, .size = static_cast<std::uint32_t>(text.size()), .span = 1, .kind = value_kind::bulk_string};
    return to_json({text.data(), &whole});
}

// Seconds since 1970; the program's clock has no date.
std::string date_of(message::clock::time_point then) {
    const auto ago = message::clock::now() - then;
    const auto date = std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::milliseconds>(ago);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(date.time_since_epoch()).count();
    const std::string rest = std::to_string(1000 + ms % 1000);
    return std::to_string(ms / 1000) + "." + rest.substr(1);
}

std::string json_line(const message& m) {
    std::string line = R"({"event":")" + std::string{to_string(m.what)} + R"(","kind":")" +
                       std::string{to_string(m.kind)} + R"(","channel":)" + json_text(m.channel);
    if (!m.pattern.empty()) line += R"(,"pattern":)" + json_text(m.pattern);
    if (m.is_message()) line += R"(,"payload":)" + json_text(m.payload);
    if (m.what == message_kind::refused) line += R"(,"reason":)" + json_text(m.payload);
    if (!m.node.host.empty()) line += R"(,"node":)" + json_text(m.node.text());
    if (m.what == message_kind::gap_began || m.what == message_kind::gap) line += R"(,"from":)" + date_of(m.from);
    if (m.what == message_kind::gap) line += R"(,"to":)" + date_of(m.to);
    return line + "}\n";
}

// For people: messages are results, everything else is not.
void complain(const message& m) {
    std::cerr << "valkeyxx: " << m.channel << ": ";
    switch (m.what) {
        case message_kind::gap_began:
            std::cerr << "the subscription was lost";
            break;
        case message_kind::gap:
            std::cerr << "subscribed again, messages of "
                      << std::chrono::duration_cast<std::chrono::milliseconds>(m.to - m.from).count()
                      << " ms may be missing";
            break;
        case message_kind::refused:
            std::cerr << m.payload;
            break;
        default:
            std::cerr << to_string(m.what);
    }
    std::cerr << '\n';
}

}  // namespace

pubsub::pubsub(CLI::App& program)
    : app_{*program.add_subcommand("pubsub", "Listen to channels, or publish to one")},
      sub_{add("sub", "Listen to channels", "CHANNEL")},
      psub_{add("psub", "Listen to the channels that match patterns", "PATTERN")},
      ssub_{add("ssub", "Listen to channels of shards", "CHANNEL")},
      keyspace_{add("keyspace", "Listen to what happens to keys, on all primaries", "PATTERN")},
      pub_{add_publisher("pub", "Publish to a channel; prints how many got it from the node that answers")},
      spub_{add_publisher("spub", "Publish to a channel of a shard; prints how many got it from its primary")} {
    app_.require_subcommand(1);
    app_.footer(
        "Who listens is told until Ctrl-C, one line for each message: its channel, a space, its payload. What happens "
        "to subscriptions goes to stderr; with --json all are lines of stdout. A subscription survives failovers and "
        "slots that move; where messages may be missing meanwhile, that is told.\n"
        "Patterns of keyspace are those of notifications, such as '__keyspace@0__:user:*' or '__keyevent@0__:*'; the "
        "servers' notify-keyspace-events must ask for them.\n"
        "Example: valkeyxx pubsub ssub --url valkey://127.0.0.1:7000 --json orders:eu orders:us");
}

CLI::App& pubsub::add(const std::string& name, const std::string& help, const std::string& of) {
    CLI::App& app = *app_.add_subcommand(name, help);
    connection_.add_cluster(app, "How long the subscriptions may take at first, such as 250ms or 5s (default: 5s)");
    app.add_flag("--json", json_, "Print messages and events as lines of JSON");
    app.add_option("--count", count_, "End after so many messages")->type_name("N")->check(CLI::PositiveNumber);
    app.add_option("names", names_, "What to listen to")->type_name(of)->required();
    return app;
}

CLI::App& pubsub::add_publisher(const std::string& name, const std::string& help) {
    CLI::App& app = *app_.add_subcommand(name, help);
    connection_.add_cluster(app, "How long it may take, such as 250ms or 5s (default: 5s)");
    app.add_option("channel", channel_, "Where to publish")->type_name("CHANNEL")->required();
    app.add_option("message", message_, "What to publish")->type_name("MESSAGE")->required();
    return app;
}

int pubsub::run() const {
    return pub_.parsed() || spub_.parsed() ? publish() : listen();
}

int pubsub::publish() const {
    cluster nodes{connection_.settings()};
    const auto heard =
        nodes.execute(pub_.parsed() ? commands::publish(channel_, message_) : commands::spublish(channel_, message_));
    write_result(std::to_string(heard) + "\n");
    return 0;
}

void pubsub::subscribe(subscriber& feed) const {
    if (sub_.parsed()) feed.subscribe(names_);
    if (psub_.parsed()) feed.psubscribe(names_);
    if (ssub_.parsed()) feed.ssubscribe(names_);
    if (keyspace_.parsed()) feed.subscribe_keyspace(names_);
}

int pubsub::listen() const {
    signal_wait signals;
    const auto settings = connection_.settings();
    cluster nodes{settings};
    auto feed = nodes.subscriber();
    subscribe(feed);
    const auto ready = feed.ready(settings.command_timeout);
    const bool refused = !ready && ready.error() == errc::server_error;  // some of it, of which more below
    if (!ready && (!refused || ready.error().which() == errc::authentication_failed)) throw exception{ready.error()};
    int exit_code = 0;
    std::size_t left = count_;
    do {
        std::string lines;
        for (auto m = feed.next(look_for_signals_every); m; m = feed.try_next()) {
            if (m->what == message_kind::refused) exit_code = 1;
            if (json_) {
                lines += json_line(*m);
            } else if (m->is_message()) {
                lines += m->channel + " " + m->payload + "\n";
            } else {
                complain(*m);
            }
            if (m->is_message() && count_ != 0 && --left == 0) break;
            if (lines.size() > 65536) break;
        }
        write_result(lines);
        if (count_ != 0 && left == 0) return exit_code;
    } while (exit_code == 0 && signals.wait(signal_wait::clock::now()) != signal_wait::reason::signal);
    return exit_code;
}

}  // namespace valkeyxx::cli
