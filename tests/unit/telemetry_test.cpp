// Metrics and logs by themselves: what they make of what a client tells them.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "support/exposition_parser.hpp"
#include "telemetry/duration_histogram.hpp"
#include "telemetry/exposition.hpp"
#include "telemetry/log_limiter.hpp"

#include <valkeyxx/log.hpp>
#include <valkeyxx/metrics.hpp>
#include <valkeyxx/monitor.hpp>
#include <valkeyxx/shard_map.hpp>
#include <valkeyxx/topology_change.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using telemetry::duration_histogram;
using telemetry::log_limiter;

const endpoint a{"10.0.0.1", 6379};
const endpoint b{"10.0.0.2", 6379};
const endpoint c{"10.0.0.3", 6379};
const endpoint d{"::1", 7000};

shard_info shard(const endpoint& primary, std::vector<endpoint> replicas, std::vector<slot_range> slots) {
    shard_info s{.primary = {.address = primary}, .slots = std::move(slots)};
    for (const endpoint& r : replicas) s.replicas.push_back({.address = r});
    return s;
}

ended_command ended(const endpoint& node, command_class what = command_class::read,
                    std::chrono::nanoseconds took = 70us) {
    return {.name = "GET", .what = what, .node = &node, .sends = 1, .took = took};
}

exposition_parser parsed(metrics& m) {
    return exposition_parser{m.prometheus_text()};
}

error failure(errc code, std::string text, enum executed ran) {
    return error{{.code = code, .text = std::move(text), .executed = ran}};
}

// --- histograms ------------------------------------------------------------------------------------------------------

TEST(duration_histogram, upper_ends_belong_to_their_buckets) {
    duration_histogram h;
    for (std::size_t i = 0; i < duration_histogram::bounds.size(); ++i) {
        h.add(duration_histogram::bounds[i]);
        EXPECT_EQ(h.buckets()[i], 1U);
        h.add(duration_histogram::bounds[i] + 1ns);
        EXPECT_EQ(h.buckets()[i + 1], 1U);
        h = {};
    }
    h.add(-1ns);  // a clock is steady, but what is not must not lead outside
    EXPECT_EQ(h.buckets()[0], 1U);
    h.add(24h);
    EXPECT_EQ(h.buckets().back(), 1U);
    EXPECT_EQ(h.count(), 2U);
    EXPECT_EQ(h.sum(), 24h - 1ns);
    duration_histogram twice = h;
    twice += h;
    EXPECT_EQ(twice.count(), 4U);
    EXPECT_EQ(twice.sum(), 48h - 2ns);
}

TEST(duration_histogram, begins_at_50_microseconds_and_ends_at_10_seconds) {
    EXPECT_EQ(duration_histogram::bounds.front(), 50us);
    EXPECT_EQ(duration_histogram::bounds.back(), 10s);
    EXPECT_TRUE(std::is_sorted(duration_histogram::bounds.begin(), duration_histogram::bounds.end()));
}

// --- the text format -------------------------------------------------------------------------------------------------

TEST(exposition, is_what_the_format_asks_for) {
    telemetry::exposition out{{{"client", "a \"b\"\\c\nd"}}};
    out.family("x_total", "counter", "Some.");
    out.sample({}, 1);
    out.sample({{"kind", "k"}}, 18446744073709551615U);
    out.family("y_seconds", "histogram", "Time.");
    duration_histogram h;
    h.add(60us);
    h.add(11s);
    out.histogram({{"node", "n"}}, h);
    const std::string text = std::move(out).take();
    EXPECT_EQ(text.substr(0, text.find("# HELP y")),
              "# HELP x_total Some.\n# TYPE x_total counter\n"
              "x_total{client=\"a \\\"b\\\"\\\\c\\nd\"} 1\n"
              "x_total{client=\"a \\\"b\\\"\\\\c\\nd\",kind=\"k\"} 18446744073709551615\n");
    const exposition_parser read{text};
    EXPECT_EQ(read.sum("y_seconds_bucket", {{"le", "0.00005"}}), 0);
    EXPECT_EQ(read.sum("y_seconds_bucket", {{"le", "0.0001"}}), 1);
    EXPECT_EQ(read.sum("y_seconds_bucket", {{"le", "10"}}), 1);
    EXPECT_EQ(read.sum("y_seconds_bucket", {{"le", "+Inf"}}), 2);
    EXPECT_DOUBLE_EQ(read.sum("y_seconds_sum"), 11.00006);
    EXPECT_EQ(read.samples().front().labels.at("client"), "a \"b\"\\c\nd");
}

TEST(exposition_parser, refuses_what_is_wrong) {
    const std::string head = "# HELP x_total h\n# TYPE x_total counter\n";
    EXPECT_NO_THROW(exposition_parser{head + "x_total 1\n"});
    for (const char* wrong : {"x_total 1", "x_total\n", "x_total one\n", "x_total -1\n", "y_total 1\n", "x_total{} 1\n",
                              "x_total{a=\"b} 1\n", "x_total{a=\"\\b\"} 1\n", "x_total{a=\"1\",a=\"1\"} 1\n",
                              "x_total{1=\"1\"} 1\n", "x_total 1\nx_total 1\n", "x_total{le=\"1\"} 1\n",
                              "# TYPE x_total counter\n", "x_total  1\n", "x_total 1 \n"}) {
        EXPECT_THROW(exposition_parser{head + wrong}, std::runtime_error) << wrong;
    }
    const std::string histogram = "# HELP x_seconds h\n# TYPE x_seconds histogram\n";
    const std::string good = "x_seconds_bucket{le=\"1\"} 1\nx_seconds_bucket{le=\"+Inf\"} 2\nx_seconds_sum 3\n";
    EXPECT_NO_THROW(exposition_parser{histogram + good + "x_seconds_count 2\n"});
    EXPECT_THROW(exposition_parser{histogram + good}, std::runtime_error);
    EXPECT_THROW(exposition_parser{histogram + good + "x_seconds_count 1\n"}, std::runtime_error);
}

// --- metrics ---------------------------------------------------------------------------------------------------------

TEST(metrics, count_commands_by_node_and_class) {
    metrics m;
    EXPECT_TRUE(m.wants_commands());
    m.command_ended(ended(a));
    m.command_ended(ended(a));
    m.command_ended(ended(b, command_class::write, 3ms));
    ended_command nowhere = ended(a, command_class::other);
    const error why = failure(errc::no_topology, "", executed::no);
    nowhere.node = nullptr;
    nowhere.why = &why;
    m.command_ended(nowhere);
    const auto text = parsed(m);
    EXPECT_EQ(text.sum("valkeyxx_commands_total"), 4);
    EXPECT_EQ(text.sum("valkeyxx_commands_total", {{"node", "10.0.0.1:6379"}, {"class", "read"}}), 2);
    EXPECT_EQ(text.sum("valkeyxx_commands_total", {{"node", "10.0.0.2:6379"}, {"class", "write"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_commands_total", {{"node", "none"}, {"class", "other"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"node", "none"}, {"kind", "no_topology"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_command_duration_seconds_bucket", {{"node", "10.0.0.1:6379"}, {"le", "0.0001"}}), 2);
    EXPECT_DOUBLE_EQ(text.sum("valkeyxx_command_duration_seconds_sum", {{"class", "write"}}), 0.003);
}

TEST(metrics, parts_count_at_their_nodes_and_only_the_whole_fails) {
    metrics m;
    const error down = failure(errc::cannot_connect, "refused", executed::no);
    const error partly = failure(errc::partly_failed, "1 of 2", executed::unknown);
    ended_command part = ended(a);
    part.of = ended_command::scope::part;
    m.command_ended(part);
    part.node = &b;
    part.why = &down;
    m.command_ended(part);
    m.command_ended({.name = "DBSIZE", .of = ended_command::scope::several, .why = &partly});
    const auto text = parsed(m);
    EXPECT_EQ(text.sum("valkeyxx_commands_total", {{"node", "several"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_commands_total"), 3);
    EXPECT_EQ(text.sum("valkeyxx_errors_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"node", "several"}, {"kind", "partly_failed"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_errors_may_have_run_total"), 1);
}

TEST(metrics, of_what_servers_say_only_codes_become_labels) {
    metrics m;
    const auto fail = [&m](const std::string& says) {
        const error why = failure(errc::server_error, says, executed::yes);
        ended_command e = ended(a);
        e.why = &why;
        m.command_ended(e);
    };
    fail("WRONGTYPE Operation against a key");
    fail("hush-hush is my password");
    fail("PASSWORD=hush-hush");
    for (int i = 0; i < 200; ++i) fail("MADEUP" + std::to_string(i) + " by a script");
    m.retried("GET", "LOADING it is");
    m.retried("GET", "closed by the server");
    const std::string all = m.prometheus_text();
    const exposition_parser text{all};
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"kind", "server_error:WRONGTYPE"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"kind", "server_error:other"}}), 2);
    EXPECT_EQ(text.sum("valkeyxx_errors_total"), 203);
    EXPECT_LE(text.count("valkeyxx_errors_total"), 65U);
    EXPECT_EQ(text.sum("valkeyxx_retries_total", {{"kind", "LOADING"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_retries_total", {{"kind", "lost"}}), 1);
    EXPECT_EQ(all.find("hush"), std::string::npos);
}

TEST(metrics, have_a_bounded_number_of_nodes) {
    metrics m{{.most_nodes = 3}};
    for (std::uint16_t port = 1; port <= 100; ++port) {
        const endpoint node{"10.0.0.1", port};
        m.connected(node, 3);
        m.command_ended(ended(node));
    }
    const auto text = parsed(m);
    EXPECT_EQ(text.values_of("valkeyxx_commands_total", "node"),
              (std::set<std::string>{"10.0.0.1:1", "10.0.0.1:2", "10.0.0.1:3", "other"}));
    EXPECT_EQ(text.sum("valkeyxx_commands_total"), 100);
    EXPECT_EQ(text.sum("valkeyxx_connections", {{"node", "other"}}), 97);
}

TEST(metrics, of_nodes_that_have_left_go_on_in_one_sum) {
    metrics m{{.forget_after = 0s}};
    m.connected(a, 3);
    m.connected(b, 3);
    m.command_ended(ended(a));
    m.command_ended(ended(b));
    m.closed(b);
    EXPECT_EQ(parsed(m).values_of("valkeyxx_commands_total", "node").count("10.0.0.2:6379"), 1U);  // heard of just now
    const auto later = parsed(m);
    EXPECT_EQ(later.values_of("valkeyxx_commands_total", "node"), (std::set<std::string>{"10.0.0.1:6379", "gone"}));
    EXPECT_EQ(later.sum("valkeyxx_commands_total"), 2);
    EXPECT_EQ(later.sum("valkeyxx_connects_total", {{"node", "gone"}}), 1);
    EXPECT_EQ(later.values_of("valkeyxx_connections", "node"), (std::set<std::string>{"10.0.0.1:6379"}));
    m.connected(b, 3);
    m.command_ended(ended(b));
    EXPECT_EQ(parsed(m).sum("valkeyxx_commands_total"), 3);
}

TEST(metrics, count_connections_topologies_and_subscriptions) {
    metrics m;
    m.attached(monitor{});  // whose client is gone
    m.connected(a, 3);
    m.connected(a, 3);
    m.disconnected(a, failure(errc::connection_lost, "reset", executed::no));
    m.closed(a);
    m.connected(a, 3);
    m.reconnected(a);
    m.disconnected(a, failure(errc::client_closed, "closed", executed::no));
    m.closed(a);
    m.suspected(a);
    m.redirected(observer::redirect_kind::moved, 1, a, b);
    m.redirected(observer::redirect_kind::ask, 1, a, b);
    m.refresh_started();
    m.refresh_failed(a, failure(errc::timed_out, "late", executed::no));
    const shard_map none;
    const shard_map first{{shard(a, {b}, {{0, 16383}})}};
    const shard_map second{{shard(b, {a}, {{0, 16000}}), shard(c, {}, {{16001, 16383}})}};
    m.topology_replaced(none, first);
    m.topology_replaced(first, second);
    m.primary_switched("orders", a, b);
    m.authentication_failed(a, failure(errc::authentication_failed, "WRONGPASS", executed::no));
    m.disconnected(b, error{{.code = errc::cannot_connect, .text = "refused", .server_code = "WRONGPASS"}});
    m.unverified(b);
    m.not_tracked(b, failure(errc::server_error, "ERR", executed::no));
    m.certificates_not_renewed(failure(errc::invalid_argument, "no key", executed::no));
    m.subscription_changed({.what = message_kind::subscribed, .name = "hush"});
    m.subscription_changed({.what = message_kind::gap_began, .name = "hush"});
    m.subscription_changed({.what = message_kind::gap, .name = "hush"});
    m.subscription_changed({.what = message_kind::refused, .name = "hush"});
    const auto text = parsed(m);
    const exposition_parser::label_set at_a{{"node", "10.0.0.1:6379"}};
    EXPECT_EQ(text.sum("valkeyxx_connects_total", at_a), 3);
    EXPECT_EQ(text.sum("valkeyxx_reconnects_total", at_a), 1);
    EXPECT_EQ(text.sum("valkeyxx_disconnects_total", at_a), 1);
    EXPECT_EQ(text.sum("valkeyxx_connections", at_a), 1);
    EXPECT_EQ(text.sum("valkeyxx_suspicions_total", at_a), 1);
    EXPECT_EQ(text.sum("valkeyxx_redirects_total", {{"kind", "moved"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_redirects_total", {{"kind", "ask"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_topology_refreshes_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_topology_refresh_failures_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_topology_changes_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_failovers_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_slots_moved_total"), 383);
    EXPECT_EQ(text.sum("valkeyxx_sentinel_switches_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_subscription_gaps_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_subscription_gaps_ended_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_subscription_refusals_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_authentication_failures_total", at_a), 1);
    EXPECT_EQ(text.sum("valkeyxx_authentication_failures_total"), 2);
    EXPECT_EQ(text.sum("valkeyxx_unverified_connects_total", {{"node", "10.0.0.2:6379"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_not_tracked_total", {{"node", "10.0.0.2:6379"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_certificate_renewal_failures_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_clients"), 0);
    EXPECT_EQ(m.prometheus_text().find("hush"), std::string::npos);
}

TEST(metrics, without_commands_want_none_and_say_nothing_of_them) {
    metrics m{{.commands = false}};
    EXPECT_FALSE(m.wants_commands());
    const auto text = parsed(m);
    EXPECT_FALSE(text.types().contains("valkeyxx_commands_total"));
    EXPECT_FALSE(text.types().contains("valkeyxx_errors_total"));
    EXPECT_TRUE(text.types().contains("valkeyxx_connects_total"));
}

TEST(metrics, have_labels_of_the_users_own) {
    metrics m{{.labels = {{"client", "orders"}}}};
    m.command_ended(ended(a));
    const auto text = parsed(m);
    for (const auto& s : text.samples()) EXPECT_EQ(s.labels.at("client"), "orders") << s.name;
    for (const char* wrong : {"", "1a", "a-b", "__a", "le", "node", "class", "kind", "role", "version"}) {
        EXPECT_THROW((metrics{{.labels = {{wrong, "x"}}}}), exception) << wrong;
    }
    EXPECT_THROW((metrics{{.labels = {{"a", "1"}, {"b", "2"}, {"a", "3"}}}}), exception);
    EXPECT_THROW((metrics{{.most_nodes = 0}}), exception);
}

// What stands in a row of a table of the documentation, without its quotes.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    for (std::size_t at = 1; at < line.size();) {
        const auto end = line.find('|', at);
        std::string cell = line.substr(at, end - at);
        std::erase(cell, '`');
        const auto from = cell.find_first_not_of(' ');
        cells.push_back(from == std::string::npos ? "" : cell.substr(from, cell.find_last_not_of(' ') - from + 1));
        at = end + 1;
    }
    return cells;
}

// Of each metric the documentation says name, type and labels, and of no other.
TEST(metrics, are_those_of_the_documentation) {
    metrics m;
    const error why = failure(errc::timed_out, "", executed::unknown);
    ended_command e = ended(a);
    e.why = &why;
    m.command_ended(e);
    m.connected(a, 3);
    m.retried("GET", "TRYAGAIN");
    const auto text = parsed(m);
    std::ifstream page{VALKEYXX_DOCS "/observability.md"};
    ASSERT_TRUE(page);
    std::map<std::string, std::string> documented;
    std::map<std::string, std::set<std::string>> labels;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| `valkeyxx_")) continue;
        const auto cells = cells_of(line);
        ASSERT_EQ(cells.size(), 4U) << line;
        documented[cells[0]] = cells[1];
        for (std::size_t at = 0; at < cells[2].size();) {
            const auto end = std::min(cells[2].find(", ", at), cells[2].size());
            labels[cells[0]].insert(cells[2].substr(at, end - at));
            at = end + 2;
        }
    }
    EXPECT_EQ(documented, text.types());
    for (const auto& s : text.samples()) {
        std::string family = s.name;
        for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
            if (!text.types().contains(family) && family.ends_with(suffix)) {
                family.resize(family.size() - suffix.size());
            }
        }
        std::set<std::string> found;
        for (const auto& [name, value] : s.labels) {
            if (name != "le") found.insert(name);
        }
        EXPECT_EQ(found, labels[family]) << s.name;
    }
}

// --- what is different between topologies ----------------------------------------------------------------------------

TEST(topology_change, tells_a_failover_from_a_migration) {
    const shard_map before{{shard(a, {b}, {{0, 8191}}), shard(c, {}, {{8192, 16383}})}};
    EXPECT_TRUE(compare(before, before).empty());
    const topology_change failover =
        compare(before, shard_map{{shard(b, {a}, {{0, 8191}}), shard(c, {}, {{8192, 16383}})}});
    EXPECT_EQ(failover, (topology_change{.promoted = {{b, a}}, .demoted = {a}}));
    const topology_change moved =
        compare(before, shard_map{{shard(a, {b}, {{0, 99}, {102, 8191}}), shard(c, {}, {{100, 101}, {8192, 16383}})}});
    EXPECT_EQ(moved, (topology_change{.moved = {{{100, 101}, a, c}}}));
    EXPECT_EQ(moved.moved_slots(), 2U);
}

TEST(topology_change, tells_who_came_and_left_and_what_nobody_serves) {
    const shard_map before{{shard(a, {b}, {{0, 8191}}), shard(c, {}, {{8192, 16383}})}};
    const topology_change died = compare(before, shard_map{{shard(b, {}, {{0, 8191}}), shard(d, {}, {{9000, 9000}})}});
    EXPECT_EQ(died, (topology_change{.came = {d},
                                     .left = {a, c},
                                     .promoted = {{b, a}},
                                     .moved = {{{8192, 8999}, c, {}}, {{9000, 9000}, c, d}, {{9001, 16383}, c, {}}}}));
    const topology_change first = compare(shard_map{}, before);
    EXPECT_EQ(first.came, (std::vector<endpoint>{a, b, c}));
    EXPECT_EQ(first.moved, (std::vector<topology_change::move>{{{0, 8191}, {}, a}, {{8192, 16383}, {}, c}}));
}

// --- logs ------------------------------------------------------------------------------------------------------------

log_record record() {
    return {.at = std::chrono::system_clock::time_point{1769860805006ms},
            .level = log_level::warning,
            .event = "disconnected",
            .fields = {{"node", std::string{"10.0.0.1:6379"}},
                       {"reason", std::string{"it said \"no\"\nand \xff left"}},
                       {"slot", std::int64_t{-1}},
                       {"took_seconds", 0.25},
                       {"may_have_run", true},
                       {"empty", std::string{}}}};
}

TEST(log, is_written_as_logfmt) {
    EXPECT_EQ(
        to_logfmt(record()),
        "time=2026-01-31T12:00:05.006Z level=warning event=disconnected node=10.0.0.1:6379 "
        "reason=\"it said \\\"no\\\"\\nand \\u00ff left\" slot=-1 took_seconds=0.25 may_have_run=true empty=\"\"");
}

TEST(log, is_written_as_json) {
    EXPECT_EQ(to_json(record()),
              "{\"time\":\"2026-01-31T12:00:05.006Z\",\"level\":\"warning\",\"event\":\"disconnected\","
              "\"node\":\"10.0.0.1:6379\",\"reason\":\"it said \\\"no\\\"\\nand \\u00ff left\",\"slot\":-1,"
              "\"took_seconds\":0.25,\"may_have_run\":true,\"empty\":\"\"}");
}

TEST(log_limiter, lets_a_burst_through_and_counts_the_rest) {
    log_limiter limiter{2, 10s};
    const log_limiter::time_point start{1h};
    const auto offer = [&](const char* key, std::chrono::seconds after) {
        const auto v = limiter.offer(key, start + after);
        return std::pair{v.write, v.left_out};
    };
    EXPECT_EQ(offer("x", 0s), std::pair(true, 0UL));
    EXPECT_EQ(offer("x", 1s), std::pair(true, 0UL));
    for (int i = 2; i < 10; ++i) EXPECT_FALSE(offer("x", std::chrono::seconds{i}).first);
    EXPECT_EQ(offer("y", 9s), std::pair(true, 0UL));
    EXPECT_EQ(offer("x", 10s), std::pair(true, 8UL));
    EXPECT_EQ(offer("x", 11s), std::pair(true, 0UL));
    EXPECT_FALSE(offer("x", 12s).first);
    const auto over = limiter.take_over(start + 20s);
    ASSERT_EQ(over.size(), 1U);
    EXPECT_EQ(over[0].key, "x");
    EXPECT_EQ(over[0].count, 1U);
    EXPECT_TRUE(limiter.take_over(start + 60s).empty());
    EXPECT_TRUE(limiter.take_all().empty());
}

TEST(log_limiter, remembers_a_bounded_number_of_kinds) {
    log_limiter limiter{1, 10s};
    const log_limiter::time_point start{1h};
    std::uint64_t written = 0;
    for (int i = 0; i < 100'000; ++i) written += limiter.offer(std::to_string(i), start).write ? 1 : 0;
    EXPECT_EQ(written, 1025U);
    std::uint64_t left_out = 0;
    for (const auto& o : limiter.take_all()) left_out += o.count;
    EXPECT_EQ(written + left_out, 100'000U);
}

TEST(log_limiter, can_be_told_to_let_all_through) {
    log_limiter limiter{0, 10s};
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(limiter.offer("x", log_limiter::time_point{}).write);
}

struct written {
    std::vector<std::string> lines;
    std::shared_ptr<log_observer> observer_with(log_options options) {
        return std::make_shared<log_observer>(
            [this](const log_record& r) {
                const auto line = to_logfmt(r);
                lines.push_back(line.substr(line.find("level=")));
            },
            options);
    }
};

TEST(log_observer, tells_of_connections_nodes_and_topologies) {
    written w;
    const auto log = w.observer_with({});
    log->connected(a, 3);
    log->disconnected(a, failure(errc::connection_lost, "closed by the server", executed::no));
    log->disconnected(a, failure(errc::client_closed, "closed", executed::no));
    log->suspected(a);
    log->recovered(a);
    log->redirected(observer::redirect_kind::moved, 1, a, b);
    log->retried("GET", "TRYAGAIN");
    log->refresh_failed(a, failure(errc::timed_out, "late", executed::no));
    log->topology_replaced(shard_map{{shard(a, {b}, {{0, 16383}})}}, shard_map{{shard(b, {a}, {{0, 16382}})}});
    log->topology_replaced(shard_map{}, shard_map{{shard(a, {}, {{0, 16383}})}});
    log->primary_switched("orders", a, b);
    log->subscription_changed({.what = message_kind::subscribed, .name = "hush"});
    log->subscription_changed({.what = message_kind::gap_began, .name = "hush", .node = &a});
    log->subscription_changed({.what = message_kind::gap, .kind = channel_kind::shard, .name = "hush", .node = &b});
    EXPECT_EQ(w.lines,
              (std::vector<std::string>{
                  "level=info event=connected node=10.0.0.1:6379 protocol=3",
                  "level=warning event=disconnected node=10.0.0.1:6379 kind=connection_lost reason=\"closed by the "
                  "server\"",
                  "level=warning event=suspected node=10.0.0.1:6379",
                  "level=info event=recovered node=10.0.0.1:6379",
                  "level=warning event=refresh_failed node=10.0.0.1:6379 kind=timed_out reason=late",
                  "level=warning event=failover node=10.0.0.2:6379 was=10.0.0.1:6379",
                  "level=error event=topology_changed came=\"\" left=\"\" promoted=1 moved_slots=1 "
                  "covered_slots=16383 shards=1",
                  "level=info event=topology_changed came=10.0.0.1:6379 left=\"\" promoted=0 moved_slots=0 "
                  "covered_slots=16384 shards=1",
                  "level=warning event=primary_switched service=orders from=10.0.0.1:6379 to=10.0.0.2:6379",
                  "level=warning event=subscription_lost kind=channel node=10.0.0.1:6379",
                  "level=info event=subscription_back kind=shard node=10.0.0.2:6379",
              }));
}

TEST(log_observer, tells_of_what_is_not_as_safe_or_as_quick_as_it_should_be) {
    written w;
    const auto log = w.observer_with({});
    log->authentication_failed(a, error{errc::authentication_failed, "WRONGPASS (the server refuses the credentials)"});
    log->unverified(a);
    log->certificates_not_renewed(error{errc::invalid_argument, "config::tls: no key"});
    log->not_tracked(b, error{errc::access_denied, "NOPERM no"});
    EXPECT_EQ(w.lines, (std::vector<std::string>{
                           "level=error event=authentication_failed node=10.0.0.1:6379 kind=authentication_failed "
                           "reason=\"WRONGPASS (the server refuses the credentials)\"",
                           "level=warning event=unverified node=10.0.0.1:6379",
                           "level=warning event=certificates_not_renewed reason=\"config::tls: no key\"",
                           "level=warning event=not_tracked node=10.0.0.2:6379 kind=access_denied reason=\"NOPERM no\"",
                       }));
}

std::vector<std::string> list_in(const std::string& cell) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < cell.size();) {
        const auto end = std::min(cell.find(", ", at), cell.size());
        all.push_back(cell.substr(at, end - at));
        at = end + 2;
    }
    return all;
}

// Of each event the documentation says level and fields, and of no other.
TEST(log_observer, has_the_events_of_the_documentation) {
    using fields = std::set<std::string>;
    std::map<std::string, fields> found;
    std::map<std::string, std::set<std::string>> levels;
    {
        log_observer log{[&](const log_record& r) {
                             for (const auto& f : r.fields) found[std::string{r.event}].emplace(f.name);
                             levels[std::string{r.event}].emplace(to_string(r.level));
                         },
                         {.least = log_level::debug, .burst = 2, .failed_commands = true, .slower_than = 1ms}};
        const error why{errc::timed_out, "late"};
        log.connected(a, 3);
        log.disconnected(a, why);
        log.disconnected(a, error{errc::client_closed, "closed"});
        log.authentication_failed(a, why);
        log.unverified(a);
        log.certificates_not_renewed(why);
        log.not_tracked(a, why);
        for (int i = 0; i < 3; ++i) log.suspected(a);
        log.recovered(a);
        log.redirected(observer::redirect_kind::ask, 1, a, b);
        log.retried("GET", "TRYAGAIN");
        log.refresh_failed(a, why);
        log.topology_replaced(shard_map{{shard(a, {b}, {{0, 16383}})}}, shard_map{{shard(b, {a}, {{0, 16382}})}});
        log.topology_replaced(shard_map{}, shard_map{{shard(a, {}, {{0, 16383}})}});
        log.primary_switched("orders", a, b);
        log.subscription_changed({.what = message_kind::gap_began, .name = "c", .node = &a});
        log.subscription_changed({.what = message_kind::gap, .name = "c", .node = &a});
        log.subscription_changed({.what = message_kind::refused, .name = "c", .node = &a});
        ended_command e = ended(a, command_class::read, 2ms);
        log.command_ended(e);
        e.why = &why;
        log.command_ended(e);
    }
    for (auto& [event, names] : found) {
        if (event != "left_out") names.erase("left_out");  // which any record may have
    }
    std::map<std::string, fields> documented;
    std::ifstream page{VALKEYXX_DOCS "/observability.md"};
    ASSERT_TRUE(page);
    bool there = false;
    for (std::string line; std::getline(page, line);) {
        there = line.starts_with("| event |") || (there && line.starts_with("|"));
        if (!there || !line.starts_with("| `")) continue;
        const auto cells = cells_of(line);
        ASSERT_EQ(cells.size(), 3U) << line;
        for (const std::string& event : list_in(cells[0])) {
            for (const std::string& field : list_in(cells[2])) documented[event].insert(field);
            for (const std::string& level : levels[event]) {
                EXPECT_NE(cells[1].find(level), std::string::npos) << event << " is " << level;
            }
        }
    }
    EXPECT_EQ(documented, found);
}

TEST(log_observer, tells_of_commands_that_fail_or_are_slow_if_asked) {
    written w;
    EXPECT_FALSE(w.observer_with({})->wants_commands());
    const auto log = w.observer_with({.failed_commands = true, .slower_than = 100ms});
    EXPECT_TRUE(log->wants_commands());
    log->command_ended(ended(a));
    log->command_ended(ended(a, command_class::blocking, 10s));
    log->command_ended(ended(a, command_class::write, 250ms));
    const error why =
        failure(errc::server_error, "ERR unknown command, with args beginning with: 'hush'", executed::yes);
    ended_command e = ended(b, command_class::write, 1ms);
    e.why = &why;
    log->command_ended(e);
    e.of = ended_command::scope::part;
    log->command_ended(e);
    EXPECT_EQ(w.lines, (std::vector<std::string>{
                           "level=warning event=command_slow command=GET class=write node=10.0.0.1:6379 sends=1 "
                           "took_seconds=0.25",
                           "level=error event=command_failed command=GET class=write node=10.0.0.2:6379 sends=1 "
                           "took_seconds=0.001 kind=server_error:ERR may_have_run=false",
                       }));
}

TEST(log_observer, says_at_its_end_what_it_left_out) {
    written w;
    {
        const auto log = w.observer_with({.burst = 2});
        for (int i = 0; i < 10; ++i) log->suspected(a);
        log->suspected(b);
    }
    EXPECT_EQ(w.lines, (std::vector<std::string>{
                           "level=warning event=suspected node=10.0.0.1:6379",
                           "level=warning event=suspected node=10.0.0.1:6379",
                           "level=warning event=suspected node=10.0.0.2:6379",
                           "level=info event=left_out of=\"suspected 10.0.0.1:6379\" left_out=8",
                       }));
}

// --- several observers -----------------------------------------------------------------------------------------------

class listener final : public observer {
  public:
    explicit listener(bool curious) : curious_{curious} {}
    void connected(const endpoint& /*node*/, int /*protocol*/) override { ++heard; }
    bool wants_commands() const override { return curious_; }
    void command_ended(const ended_command& /*what*/) override { ++commands; }
    int heard = 0;
    int commands = 0;

  private:
    bool curious_;
};

TEST(observers, pass_everything_on_and_commands_to_those_who_want_them) {
    const auto one = std::make_shared<listener>(false);
    const auto other = std::make_shared<listener>(true);
    EXPECT_FALSE(observers{{one}}.wants_commands());
    EXPECT_FALSE(observers{{}}.wants_commands());
    observers both{{one, other}};
    EXPECT_TRUE(both.wants_commands());
    both.connected(a, 3);
    both.command_ended(ended(a));
    EXPECT_EQ(one->heard, 1);
    EXPECT_EQ(other->heard, 1);
    EXPECT_EQ(one->commands, 0);
    EXPECT_EQ(other->commands, 1);
}

}  // namespace
}  // namespace valkeyxx::testing
