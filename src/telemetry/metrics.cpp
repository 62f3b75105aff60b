#include <valkeyxx/metrics.hpp>

#include <algorithm>
#include <map>
#include <mutex>

#include "telemetry/exposition.hpp"
#include "telemetry/tallies.hpp"

#include <valkeyxx/monitor.hpp>
#include <valkeyxx/topology_change.hpp>
#include <valkeyxx/version.hpp>

namespace valkeyxx {

using telemetry::exposition;
using telemetry::node_tally;

struct metrics::state {
    explicit state(metrics_options o) : options{std::move(o)}, nodes{options.most_nodes} {}

    const metrics_options options;
    std::mutex mutex;  // taken after a client's, never before it: no monitor is asked anything while it is held
    telemetry::node_tallies nodes;
    telemetry::named_counts retries;
    // A client, and what its cache had done when it was looked at last: what it did counts on when it is gone.
    struct known_client {
        monitor at;
        cache_stats cache = {};
    };
    std::vector<known_client> clients;
    std::uint64_t hits_of_gone = 0;
    std::uint64_t misses_of_gone = 0;
    std::uint64_t renewal_failures = 0;
    std::uint64_t moved = 0;
    std::uint64_t ask = 0;
    std::uint64_t may_have_run = 0;
    std::uint64_t refreshes = 0;
    std::uint64_t refresh_failures = 0;
    std::uint64_t changes = 0;
    std::uint64_t failovers = 0;
    std::uint64_t slots_moved = 0;
    std::uint64_t switches = 0;
    std::uint64_t gaps = 0;
    std::uint64_t gaps_ended = 0;
    std::uint64_t refusals = 0;

    // What clients do at each node right now, by what it is called; and in all.
    struct levels {
        std::map<std::string, node_stats> nodes;
        std::size_t clients = 0;
        std::uint64_t under_way = 0;
        std::uint64_t waiting_for_room = 0;
        std::uint64_t cache_hits = 0;
        std::uint64_t cache_misses = 0;
        std::uint64_t cache_bytes = 0;
        std::uint64_t cache_entries = 0;
    };
    levels look_at_clients();  // without our lock
    void write_commands(exposition& out) const;
    void write_connections(exposition& out) const;
    void write_topology(exposition& out) const;
    static void write_levels(exposition& out, const levels& now);
    template <class Value>
    void write_by_node(exposition& out, std::string_view name, std::string_view help, Value value) const;
};

metrics::metrics(metrics_options options) {
    if (options.most_nodes == 0) throw exception{error{errc::invalid_argument, "metrics_options::most_nodes is 0"}};
    for (const auto& [name, value] : options.labels) {
        if (std::count_if(options.labels.begin(), options.labels.end(),
                          [&n = name](const auto& l) { return l.first == n; }) > 1) {
            throw exception{error{errc::invalid_argument, "label \"" + name + "\" is given twice"}};
        }
        if (telemetry::is_label_name(name) && name != "node" && name != "class" && name != "kind" && name != "role" &&
            name != "version") {
            continue;
        }
        throw exception{error{errc::invalid_argument, "a label cannot be called \"" + name + "\""}};
    }
    state_ = std::make_unique<state>(std::move(options));
}

metrics::~metrics() = default;

// --- what clients tell -----------------------------------------------------------------------------------------------

void metrics::attached(const monitor& client) {
    const std::lock_guard lock{state_->mutex};
    state_->clients.push_back({client});
}

void metrics::connected(const endpoint& node, int /*protocol*/) {
    const std::lock_guard lock{state_->mutex};
    auto& tally = state_->nodes.of(node);
    ++tally.connects;
    ++tally.connections;
}

void metrics::reconnected(const endpoint& node) {
    const std::lock_guard lock{state_->mutex};
    ++state_->nodes.of(node).reconnects;
}

void metrics::disconnected(const endpoint& node, const error& why) {
    if (why == errc::client_closed) return;  // as somebody wished
    const std::lock_guard lock{state_->mutex};
    ++state_->nodes.of(node).disconnects;
    const auto code = why.server_code();  // also where somebody may know a better password the next time
    if (code == "WRONGPASS" || code == "NOAUTH") ++state_->nodes.of(node).authentication_failures;
}

void metrics::closed(const endpoint& node) {
    const std::lock_guard lock{state_->mutex};
    // When it was made there may have been too many nodes to count it at its own.
    node_tally& own = state_->nodes.of(node);
    --(own.connections > 0 ? own : state_->nodes.of_others()).connections;
}

void metrics::authentication_failed(const endpoint& node, const error& /*why*/) {
    const std::lock_guard lock{state_->mutex};
    ++state_->nodes.of(node).authentication_failures;
}

void metrics::redirected(redirect_kind kind, std::uint16_t /*slot*/, const endpoint& /*from*/, const endpoint& /*to*/) {
    const std::lock_guard lock{state_->mutex};
    ++(kind == redirect_kind::ask ? state_->ask : state_->moved);
}

void metrics::retried(std::string_view /*command*/, std::string_view reason) {
    const std::lock_guard lock{state_->mutex};
    state_->retries.add(telemetry::kind_of_retry(reason));
}

bool metrics::wants_commands() const {
    return state_->options.commands;
}

void metrics::command_ended(const ended_command& what) {
    using scope = ended_command::scope;
    const std::lock_guard lock{state_->mutex};
    auto& nodes = state_->nodes;
    node_tally& tally = what.of == scope::several ? nodes.of_several()
                        : what.node == nullptr    ? nodes.of_none()
                                                  : nodes.of(*what.node);
    tally.durations[static_cast<std::size_t>(what.what)].add(what.took);
    if (what.why == nullptr || what.of == scope::part) return;  // the whole will say what its parts make of it
    tally.errors.add(telemetry::kind_of(*what.why));
    if (what.why->may_have_run()) ++state_->may_have_run;
}

void metrics::unverified(const endpoint& node) {
    const std::lock_guard lock{state_->mutex};
    ++state_->nodes.of(node).unverified;
}

void metrics::certificates_not_renewed(const error& /*why*/) {
    const std::lock_guard lock{state_->mutex};
    ++state_->renewal_failures;
}

void metrics::not_tracked(const endpoint& node, const error& /*why*/) {
    const std::lock_guard lock{state_->mutex};
    ++state_->nodes.of(node).not_tracked;
}

void metrics::suspected(const endpoint& node) {
    const std::lock_guard lock{state_->mutex};
    ++state_->nodes.of(node).suspicions;
}

void metrics::refresh_started() {
    const std::lock_guard lock{state_->mutex};
    ++state_->refreshes;
}

void metrics::topology_replaced(const shard_map& before, const shard_map& now) {
    const bool first = before.shards().empty();
    const topology_change change = first ? topology_change{} : compare(before, now);
    const std::lock_guard lock{state_->mutex};
    for (const shard_info& shard : now.shards()) state_->nodes.of(shard.primary.address);
    if (change.empty()) return;
    ++state_->changes;
    state_->failovers += change.promoted.size();
    state_->slots_moved += change.moved_slots();
}

void metrics::refresh_failed(const endpoint& /*node*/, const error& /*why*/) {
    const std::lock_guard lock{state_->mutex};
    ++state_->refresh_failures;
}

void metrics::primary_switched(std::string_view /*service*/, const endpoint& /*from*/, const endpoint& /*to*/) {
    const std::lock_guard lock{state_->mutex};
    ++state_->switches;
}

void metrics::subscription_changed(const subscription_event& what) {
    const std::lock_guard lock{state_->mutex};
    if (what.what == message_kind::gap_began) ++state_->gaps;
    if (what.what == message_kind::gap) ++state_->gaps_ended;
    if (what.what == message_kind::refused) ++state_->refusals;
}

// --- what there is to see --------------------------------------------------------------------------------------------

auto metrics::state::look_at_clients() -> levels {
    std::vector<known_client> all;
    {
        const std::lock_guard lock{mutex};
        all = clients;
    }
    levels now;
    std::vector<monitor> gone;
    for (known_client& known : all) {
        const monitor& client = known.at;
        const cache_stats cache = client.cache();
        if (!client.alive()) {  // to be asked without our lock, as all that a monitor tells
            gone.push_back(client);
            continue;
        }
        known.cache = cache;
        now.cache_bytes += cache.bytes;
        now.cache_entries += cache.entries;
        ++now.clients;
        const stats counted = client.statistics();
        now.under_way += counted.under_way;
        now.waiting_for_room += counted.waiting_for_room;
        for (const node_stats& seen : client.nodes()) {
            if (seen.role == node_role::none && seen.connections + seen.connecting + seen.queued == 0) continue;
            std::string name = seen.node.text();
            if (now.nodes.size() >= options.most_nodes && !now.nodes.contains(name)) name = "other";
            node_stats& n = now.nodes[name];
            n.role = std::max(n.role, seen.role);
            n.in_flight += seen.in_flight;
            n.queued += seen.queued;
            n.queued_bytes += seen.queued_bytes;
            n.suspected = n.suspected || seen.suspected;
        }
    }
    const std::lock_guard lock{mutex};
    for (const known_client& looked_at : all) {
        const auto known =
            std::find_if(clients.begin(), clients.end(), [&](const known_client& c) { return c.at == looked_at.at; });
        // Of two who look at the same time, the later one may have seen less.
        if (known != clients.end() &&
            looked_at.cache.hits + looked_at.cache.misses >= known->cache.hits + known->cache.misses) {
            known->cache = looked_at.cache;
        }
    }
    std::erase_if(clients, [&](const known_client& c) {
        if (std::find(gone.begin(), gone.end(), c.at) == gone.end()) return false;
        hits_of_gone += c.cache.hits;
        misses_of_gone += c.cache.misses;
        return true;
    });
    now.cache_hits = hits_of_gone;
    now.cache_misses = misses_of_gone;
    for (const known_client& c : clients) {
        now.cache_hits += c.cache.hits;
        now.cache_misses += c.cache.misses;
    }
    return now;
}

template <class Value>
void metrics::state::write_by_node(exposition& out, std::string_view name, std::string_view help, Value value) const {
    out.family(name, "counter", help);
    nodes.each([&](const std::string& node, const node_tally& t) {
        if (node != "none" && node != "several") out.sample({{"node", node}}, value(t));
    });
}

void metrics::state::write_commands(exposition& out) const {
    const auto each = [&](auto use) {
        nodes.each([&](const std::string& node, const node_tally& t) {
            for (std::size_t i = 0; i < node_tally::classes; ++i) {
                if (t.durations[i].count() != 0) use(node, to_string(static_cast<command_class>(i)), t.durations[i]);
            }
        });
    };
    if (options.commands) {
        out.family("valkeyxx_commands_total", "counter",
                   "Commands that have ended, by the node that they were sent to last and their class. The parts of a "
                   "command to several nodes count at theirs, and the whole at node several.");
        each([&](const std::string& node, std::string_view what, const auto& durations) {
            out.sample({{"node", node}, {"class", what}}, durations.count());
        });
        out.family("valkeyxx_command_duration_seconds", "histogram",
                   "Time from the start of a command to its outcome, with waits, redirects and retries.");
        each([&](const std::string& node, std::string_view what, const auto& durations) {
            out.histogram({{"node", node}, {"class", what}}, durations);
        });
        out.family("valkeyxx_errors_total", "counter", "Commands that ended with an error, by what their caller got.");
        nodes.each([&](const std::string& node, const node_tally& t) {
            for (const auto& [kind, count] : t.errors.all()) out.sample({{"node", node}, {"kind", kind}}, count);
        });
        out.family("valkeyxx_errors_may_have_run_total", "counter",
                   "Of the errors, those that do not tell whether the command took effect.");
        out.sample({}, may_have_run);
    }
    out.family("valkeyxx_redirects_total", "counter", "Redirects followed.");
    out.sample({{"kind", "moved"}}, moved);
    out.sample({{"kind", "ask"}}, ask);
    out.family("valkeyxx_retries_total", "counter", "Waits for another try, by the code of the reply, or lost.");
    for (const auto& [kind, count] : retries.all()) out.sample({{"kind", kind}}, count);
}

void metrics::state::write_connections(exposition& out) const {
    write_by_node(out, "valkeyxx_connects_total", "Connections that became ready.",
                  [](const node_tally& t) { return t.connects; });
    write_by_node(out, "valkeyxx_reconnects_total", "Connections that took the place of earlier ones.",
                  [](const node_tally& t) { return t.reconnects; });
    write_by_node(out, "valkeyxx_disconnects_total", "Connections that broke or could not be made.",
                  [](const node_tally& t) { return t.disconnects; });
    write_by_node(out, "valkeyxx_suspicions_total", "Times that the node left commands unanswered for too long.",
                  [](const node_tally& t) { return t.suspicions; });
    write_by_node(out, "valkeyxx_authentication_failures_total",
                  "Times that the node refused the credentials, or there were none.",
                  [](const node_tally& t) { return t.authentication_failures; });
    write_by_node(out, "valkeyxx_unverified_connects_total",
                  "Encrypted connections whose server did not have to prove who it is.",
                  [](const node_tally& t) { return t.unverified; });
    write_by_node(out, "valkeyxx_not_tracked_total",
                  "Connections whose replies could not be kept, since the node does not track keys.",
                  [](const node_tally& t) { return t.not_tracked; });
    out.family("valkeyxx_certificate_renewal_failures_total", "counter",
               "Files of certificates that had changed and could not be used.");
    out.sample({}, renewal_failures);
    out.family("valkeyxx_connections", "gauge", "Connections that are ready.");
    nodes.each([&](const std::string& node, const node_tally& t) {
        if (node == "none" || node == "several" || node == "gone") return;
        out.sample({{"node", node}}, static_cast<std::uint64_t>(std::max<std::int64_t>(t.connections, 0)));
    });
}

void metrics::state::write_topology(exposition& out) const {
    const auto count = [&out](std::string_view name, std::uint64_t value, std::string_view help) {
        out.family(name, "counter", help);
        out.sample({}, value);
    };
    count("valkeyxx_topology_refreshes_total", refreshes, "Refreshes of the topology that were begun.");
    count("valkeyxx_topology_refresh_failures_total", refresh_failures,
          "Nodes or sentinels that could not tell the topology when asked.");
    count("valkeyxx_topology_changes_total", changes, "Topologies in which something was different.");
    count("valkeyxx_failovers_total", failovers, "Replicas that became primaries.");
    count("valkeyxx_slots_moved_total", slots_moved,
          "Slots that went to another node, or to none, without a failover.");
    count("valkeyxx_sentinel_switches_total", switches, "Other primaries of a service that sentinels named.");
    count("valkeyxx_subscription_gaps_total", gaps, "Subscriptions that were lost.");
    count("valkeyxx_subscription_gaps_ended_total", gaps_ended, "Lost subscriptions that are back.");
    count("valkeyxx_subscription_refusals_total", refusals, "Subscriptions that a node refused.");
}

void metrics::state::write_levels(exposition& out, const levels& now) {
    const auto gauge = [&](std::string_view name, std::string_view help, auto value) {
        out.family(name, "gauge", help);
        for (const auto& [node, n] : now.nodes) out.sample({{"node", node}}, value(n));
    };
    out.family("valkeyxx_build_info", "gauge", "Always 1; says which version of the library this is.");
    out.sample({{"version", version}}, 1);
    out.family("valkeyxx_clients", "gauge", "Clients that are counted here.");
    out.sample({}, now.clients);
    out.family("valkeyxx_commands_under_way", "gauge", "Commands that have not ended yet.");
    out.sample({}, now.under_way);
    out.family("valkeyxx_commands_waiting_for_room", "gauge", "Commands that start when others have ended.");
    out.sample({}, now.waiting_for_room);
    const auto of_cache = [&out](std::string_view name, std::string_view type, std::uint64_t value,
                                 std::string_view help) {
        out.family(name, type, help);
        out.sample({}, value);
    };
    of_cache("valkeyxx_cache_hits_total", "counter", now.cache_hits, "Commands that were answered from the cache.");
    of_cache("valkeyxx_cache_misses_total", "counter", now.cache_misses, "Cached commands that had to be sent.");
    of_cache("valkeyxx_cache_entries", "gauge", now.cache_entries, "Replies that are kept.");
    of_cache("valkeyxx_cache_bytes", "gauge", now.cache_bytes, "Bytes that they take, about.");
    out.family("valkeyxx_node_role", "gauge", "Always 1; says what the node is in the topology.");
    for (const auto& [node, n] : now.nodes) {
        if (node != "other") out.sample({{"node", node}, {"role", to_string(n.role)}}, 1);
    }
    gauge("valkeyxx_in_flight", "Requests that are written, or about to be, and have no reply yet.",
          [](const node_stats& n) { return n.in_flight; });
    gauge("valkeyxx_queued", "Requests that wait for a connection or for their next try.",
          [](const node_stats& n) { return n.queued; });
    gauge("valkeyxx_queued_bytes", "Bytes of requests that the network has not taken yet.",
          [](const node_stats& n) { return n.queued_bytes; });
    gauge("valkeyxx_suspected", "1 while the node leaves commands unanswered.",
          [](const node_stats& n) { return std::uint64_t{n.suspected}; });
}

std::string metrics::prometheus_text() {
    const state::levels levels = state_->look_at_clients();  // with the clients' locks, so without ours
    exposition out{state_->options.labels};
    {
        const std::lock_guard lock{state_->mutex};
        state_->nodes.forget(std::chrono::steady_clock::now(), state_->options.forget_after);
        state_->write_commands(out);
        state_->write_connections(out);
        state_->write_topology(out);
    }
    state::write_levels(out, levels);
    return std::move(out).take();
}

}  // namespace valkeyxx
