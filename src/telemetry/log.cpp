#include <valkeyxx/log.hpp>

#include <iterator>
#include <mutex>
#include <utility>

#include "telemetry/log_limiter.hpp"
#include "telemetry/tallies.hpp"

#include <valkeyxx/slot.hpp>
#include <valkeyxx/topology_change.hpp>

namespace valkeyxx {
namespace {

std::string text_of(const std::vector<endpoint>& nodes) {
    std::string text;
    for (const endpoint& node : nodes) text.append(text.empty() ? "" : " ").append(node.text());
    return text;
}

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>{time}.count();
}

}  // namespace

struct log_observer::state {
    state(std::function<void(const log_record&)> w, log_options o)
        : write{std::move(w)}, options{o}, limiter{o.burst, o.period} {}

    // alike: the words that make a record of this event like another one
    void tell(log_level level, std::string_view event, const std::string& alike, std::vector<log_field> fields) {
        if (level < options.least) return;
        const std::lock_guard lock{mutex};
        const auto now = std::chrono::steady_clock::now();
        const auto verdict = limiter.offer(std::string{event} + " " + alike, now);
        if (verdict.write) {
            if (verdict.left_out != 0) {
                fields.push_back({"left_out", static_cast<std::int64_t>(verdict.left_out)});
            }
            write({std::chrono::system_clock::now(), level, event, std::move(fields)});
        }
        tell_omissions(limiter.take_over(now));
    }

    void tell_omissions(std::vector<telemetry::log_limiter::omission> omissions) {
        for (auto& o : omissions) {
            write({std::chrono::system_clock::now(),
                   log_level::info,
                   "left_out",
                   {{"of", std::move(o.key)}, {"left_out", static_cast<std::int64_t>(o.count)}}});
        }
    }

    const std::function<void(const log_record&)> write;
    const log_options options;
    std::mutex mutex;
    telemetry::log_limiter limiter;
};

log_observer::log_observer(std::function<void(const log_record&)> write, log_options options)
    : state_{std::make_unique<state>(std::move(write), options)} {}

log_observer::~log_observer() {
    state_->tell_omissions(state_->limiter.take_all());
}

void log_observer::connected(const endpoint& node, int protocol) {
    state_->tell(log_level::info, "connected", node.text(),
                 {{"node", node.text()}, {"protocol", std::int64_t{protocol}}});
}

void log_observer::disconnected(const endpoint& node, const error& why) {
    const auto kind = telemetry::kind_of(why);
    state_->tell(why == errc::client_closed ? log_level::debug : log_level::warning, "disconnected",
                 node.text() + " " + kind, {{"node", node.text()}, {"kind", kind}, {"reason", why.text()}});
}

void log_observer::authentication_failed(const endpoint& node, const error& why) {
    const auto kind = telemetry::kind_of(why);
    state_->tell(log_level::error, "authentication_failed", node.text() + " " + kind,
                 {{"node", node.text()}, {"kind", kind}, {"reason", why.text()}});
}

void log_observer::redirected(redirect_kind kind, std::uint16_t slot, const endpoint& from, const endpoint& to) {
    state_->tell(log_level::debug, "redirected", from.text() + " " + to.text(),
                 {{"kind", std::string{kind == redirect_kind::ask ? "ask" : "moved"}},
                  {"slot", std::int64_t{slot}},
                  {"from", from.text()},
                  {"to", to.text()}});
}

void log_observer::retried(std::string_view command, std::string_view reason) {
    const std::string kind{telemetry::kind_of_retry(reason)};
    state_->tell(log_level::debug, "retried", kind, {{"command", std::string{command}}, {"kind", kind}});
}

bool log_observer::wants_commands() const {
    return state_->options.failed_commands || state_->options.slower_than.count() != 0;
}

void log_observer::command_ended(const ended_command& what) {
    if (what.of == ended_command::scope::part) return;
    const bool failed = what.why != nullptr && state_->options.failed_commands;
    const bool slow = state_->options.slower_than.count() != 0 && what.took > state_->options.slower_than &&
                      what.what != command_class::blocking;
    if (!failed && !slow) return;
    const std::string node = what.node == nullptr ? std::string{} : what.node->text();
    std::vector<log_field> fields{{"command", std::string{what.name}},
                                  {"class", std::string{to_string(what.what)}},
                                  {"node", node},
                                  {"sends", std::int64_t{what.sends}},
                                  {"took_seconds", seconds(what.took)}};
    std::string kind;
    if (what.why != nullptr) {
        // Not what the server said: it may repeat arguments.
        kind = telemetry::kind_of(*what.why);
        fields.push_back({"kind", kind});
        fields.push_back({"may_have_run", what.why->may_have_run()});
    }
    state_->tell(failed ? log_level::error : log_level::warning, failed ? "command_failed" : "command_slow",
                 node + " " + kind, std::move(fields));
}

void log_observer::unverified(const endpoint& node) {
    state_->tell(log_level::warning, "unverified", node.text(), {{"node", node.text()}});
}

void log_observer::certificates_not_renewed(const error& why) {
    state_->tell(log_level::warning, "certificates_not_renewed", {}, {{"reason", why.text()}});
}

void log_observer::not_tracked(const endpoint& node, const error& why) {
    const auto kind = telemetry::kind_of(why);
    state_->tell(log_level::warning, "not_tracked", node.text() + " " + kind,
                 {{"node", node.text()}, {"kind", kind}, {"reason", why.text()}});
}

void log_observer::suspected(const endpoint& node) {
    state_->tell(log_level::warning, "suspected", node.text(), {{"node", node.text()}});
}

void log_observer::recovered(const endpoint& node) {
    state_->tell(log_level::info, "recovered", node.text(), {{"node", node.text()}});
}

void log_observer::topology_replaced(const shard_map& before, const shard_map& now) {
    const topology_change change = compare(before, now);
    for (const auto& p : change.promoted) {
        std::vector<log_field> fields{{"node", p.now.text()}};
        if (p.before) fields.push_back({"was", p.before->text()});
        state_->tell(log_level::warning, "failover", p.now.text(), std::move(fields));
    }
    if (change.empty()) return;
    state_->tell(now.covered_slots() < slot_count ? log_level::error : log_level::info, "topology_changed", {},
                 {{"came", text_of(change.came)},
                  {"left", text_of(change.left)},
                  {"promoted", static_cast<std::int64_t>(change.promoted.size())},
                  {"moved_slots", static_cast<std::int64_t>(before.shards().empty() ? 0 : change.moved_slots())},
                  {"covered_slots", static_cast<std::int64_t>(now.covered_slots())},
                  {"shards", std::ssize(now.shards())}});
}

void log_observer::refresh_failed(const endpoint& node, const error& why) {
    const auto kind = telemetry::kind_of(why);
    state_->tell(log_level::warning, "refresh_failed", node.text() + " " + kind,
                 {{"node", node.text()}, {"kind", kind}, {"reason", why.text()}});
}

void log_observer::primary_switched(std::string_view service, const endpoint& from, const endpoint& to) {
    state_->tell(log_level::warning, "primary_switched", to.text(),
                 {{"service", std::string{service}}, {"from", from.text()}, {"to", to.text()}});
}

void log_observer::subscription_changed(const subscription_event& what) {
    if (what.what == message_kind::subscribed || what.what == message_kind::unsubscribed) return;
    const bool back = what.what == message_kind::gap;
    const std::string_view event = back                                   ? "subscription_back"
                                   : what.what == message_kind::gap_began ? "subscription_lost"
                                                                          : "subscription_refused";
    const std::string node = what.node == nullptr ? std::string{} : what.node->text();
    state_->tell(back ? log_level::info : log_level::warning, event, node,
                 {{"kind", std::string{to_string(what.kind)}}, {"node", node}});
}

}  // namespace valkeyxx
