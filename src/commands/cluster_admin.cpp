// The commands about clusters, and their replies.
#include <valkeyxx/commands/cluster_admin.hpp>

#include <algorithm>
#include <array>

#include "commands/arguments.hpp"
#include "commands/flush.hpp"
#include "commands/lines.hpp"

namespace valkeyxx {

using detail::arguments;
using detail::decode_fields;
using detail::field;
using detail::member;
using detail::take_until;

namespace commands {
namespace {

using keys = encoded_command::keys;

template <class R>
command<R> ask(command_id id) {
    return arguments{}.as<R>(id, keys::none);
}

command<void> with_slots(command_id id, std::span<const std::uint16_t> slots) {
    arguments args;
    for (std::uint16_t slot : slots) args << slot;
    return args.as<void>(id, keys::none);
}

void add_ranges(arguments& args, std::span<const slot_range> slots) {
    for (const slot_range& range : slots) args << range.first << range.last;
}

command<void> with_ranges(command_id id, std::span<const slot_range> slots) {
    arguments args;
    add_ranges(args, slots);
    return args.as<void>(id, keys::none);
}

command<void> set_slot(std::uint16_t slot, std::string_view what, std::string_view node_id,
                       cluster_setslot_options options) {
    arguments args{slot, what};
    if (!node_id.empty()) args << node_id;
    if (options.timeout) args << "TIMEOUT" << options.timeout->count();
    return args.as<void>(command_id::cluster_setslot, keys::none);
}

}  // namespace

command<std::string> cluster_myid() {
    return ask<std::string>(command_id::cluster_myid);
}

command<std::string> cluster_myshardid() {
    return ask<std::string>(command_id::cluster_myshardid);
}

command<std::vector<cluster_node>> cluster_nodes() {
    return ask<std::vector<cluster_node>>(command_id::cluster_nodes);
}

command<std::vector<cluster_node>> cluster_replicas(std::string_view primary_id) {
    return arguments{primary_id}.as<std::vector<cluster_node>>(command_id::cluster_replicas, keys::none);
}

command<std::vector<cluster_node>> cluster_slaves(std::string_view primary_id) {
    return arguments{primary_id}.as<std::vector<cluster_node>>(command_id::cluster_slaves, keys::none);
}

command<std::vector<cluster_shard>> cluster_shards() {
    return ask<std::vector<cluster_shard>>(command_id::cluster_shards);
}

command<std::vector<cluster_slots_range>> cluster_slots() {
    return ask<std::vector<cluster_slots_range>>(command_id::cluster_slots);
}

command<std::vector<cluster_link>> cluster_links() {
    return ask<std::vector<cluster_link>>(command_id::cluster_links);
}

command<std::int64_t> cluster_count_failure_reports(std::string_view node_id) {
    return arguments{node_id}.as<std::int64_t>(command_id::cluster_count_failure_reports, keys::none);
}

command<std::uint16_t> cluster_keyslot(std::string_view key) {
    return arguments{key}.as<std::uint16_t>(command_id::cluster_keyslot, keys::none);
}

command<std::int64_t> cluster_countkeysinslot(std::uint16_t slot) {
    return arguments{slot}.as<std::int64_t>(command_id::cluster_countkeysinslot, keys::none);
}

command<std::vector<std::string>> cluster_getkeysinslot(std::uint16_t slot, std::int64_t count) {
    return arguments{slot, count}.as<std::vector<std::string>>(command_id::cluster_getkeysinslot, keys::none);
}

command<std::vector<cluster_slot_statistics>> cluster_slot_stats(std::uint16_t first, std::uint16_t last) {
    return arguments{"SLOTSRANGE", first, last}.as<std::vector<cluster_slot_statistics>>(command_id::cluster_slot_stats,
                                                                                         keys::none);
}

command<std::vector<cluster_slot_statistics>> cluster_slot_stats(std::string_view order_by,
                                                                 cluster_slot_stats_options options) {
    arguments args{"ORDERBY", order_by};
    if (options.limit) args << "LIMIT" << *options.limit;
    args << (options.order == sort_order::ascending ? "ASC" : "DESC");
    return args.as<std::vector<cluster_slot_statistics>>(command_id::cluster_slot_stats, keys::none);
}

command<void> cluster_addslots(std::span<const std::uint16_t> slots) {
    return with_slots(command_id::cluster_addslots, slots);
}

command<void> cluster_addslotsrange(std::span<const slot_range> slots) {
    return with_ranges(command_id::cluster_addslotsrange, slots);
}

command<void> cluster_delslots(std::span<const std::uint16_t> slots) {
    return with_slots(command_id::cluster_delslots, slots);
}

command<void> cluster_delslotsrange(std::span<const slot_range> slots) {
    return with_ranges(command_id::cluster_delslotsrange, slots);
}

command<void> cluster_flushslots() {
    return ask<void>(command_id::cluster_flushslots);
}

command<void> cluster_setslot_migrating(std::uint16_t slot, std::string_view to_node_id,
                                        cluster_setslot_options options) {
    return set_slot(slot, "MIGRATING", to_node_id, options);
}

command<void> cluster_setslot_importing(std::uint16_t slot, std::string_view from_node_id,
                                        cluster_setslot_options options) {
    return set_slot(slot, "IMPORTING", from_node_id, options);
}

command<void> cluster_setslot_stable(std::uint16_t slot, cluster_setslot_options options) {
    return set_slot(slot, "STABLE", {}, options);
}

command<void> cluster_setslot_node(std::uint16_t slot, std::string_view node_id, cluster_setslot_options options) {
    return set_slot(slot, "NODE", node_id, options);
}

command<void> cluster_migrateslots(std::span<const cluster_slot_move> moves) {
    arguments args;
    for (const cluster_slot_move& move : moves) {
        args << "SLOTSRANGE";
        add_ranges(args, move.slots);
        args << "NODE" << move.to_node_id;
    }
    return args.as<void>(command_id::cluster_migrateslots, keys::none);
}

command<void> cluster_migrateslots(std::span<const slot_range> slots, std::string_view to_node_id) {
    return cluster_migrateslots(std::array{cluster_slot_move{.slots = slots, .to_node_id = to_node_id}});
}

command<void> cluster_cancelslotmigrations() {
    return ask<void>(command_id::cluster_cancelslotmigrations);
}

command<std::vector<cluster_slot_migration>> cluster_getslotmigrations() {
    return ask<std::vector<cluster_slot_migration>>(command_id::cluster_getslotmigrations);
}

command<void> cluster_flushslot(std::uint16_t slot, flush_mode mode) {
    arguments args{slot};
    detail::add_flush_mode(args, mode);
    return args.as<void>(command_id::cluster_flushslot, keys::none);
}

command<void> cluster_meet(std::string_view ip, std::uint16_t port, cluster_meet_options options) {
    arguments args{ip, port};
    if (options.bus_port) args << *options.bus_port;
    return args.as<void>(command_id::cluster_meet, keys::none);
}

command<void> cluster_forget(std::string_view node_id) {
    return arguments{node_id}.as<void>(command_id::cluster_forget, keys::none);
}

command<void> cluster_replicate(std::string_view primary_id) {
    return arguments{primary_id}.as<void>(command_id::cluster_replicate, keys::none);
}

command<void> cluster_replicate_no_one() {
    return arguments{"NO", "ONE"}.as<void>(command_id::cluster_replicate, keys::none);
}

command<void> cluster_failover(cluster_failover_how how) {
    arguments args;
    args.when(how == cluster_failover_how::force, "FORCE").when(how == cluster_failover_how::takeover, "TAKEOVER");
    return args.as<void>(command_id::cluster_failover, keys::none);
}

command<void> cluster_reset(cluster_reset_how how) {
    return arguments{how == cluster_reset_how::hard ? "HARD" : "SOFT"}.as<void>(command_id::cluster_reset, keys::none);
}

command<std::string> cluster_bumpepoch() {
    return ask<std::string>(command_id::cluster_bumpepoch);
}

command<void> cluster_set_config_epoch(std::int64_t epoch) {
    return arguments{epoch}.as<void>(command_id::cluster_set_config_epoch, keys::none);
}

command<void> cluster_saveconfig() {
    return ask<void>(command_id::cluster_saveconfig);
}

}  // namespace commands

namespace {

using commands::cluster_node;

template <class T>
result<void> read_text(T& to, std::string_view text) {
    return detail::read_into(to, detail::text_reply{text}.view());
}

// 0 stands for none.
result<void> read_moment(std::optional<cluster_node::time_point>& to, std::string_view text) {
    auto done = read_text(to, text);
    if (to && to->time_since_epoch().count() == 0) to.reset();
    return done;
}

// "127.0.0.1:7000@17000,host.name,shard-id=..."; the IP address may have colons of its own, or be missing.
result<void> read_address(cluster_node& to, std::string_view text) {
    std::string_view address = take_until(text, ',');
    to.hostname = take_until(text, ',');
    const std::string_view host_and_port = take_until(address, '@');
    const auto colon = host_and_port.rfind(':');
    if (colon == std::string_view::npos) return detail::shape_error("an address", detail::text_reply{text}.view());
    to.host = host_and_port.substr(0, colon);
    if (auto done = read_text(to.port, host_and_port.substr(colon + 1)); !done || address.empty()) return done;
    return read_text(to.bus_port, address);
}

// "5" or "5-10".
result<void> read_range(slot_range& to, std::string_view text) {
    if (auto done = read_text(to.first, take_until(text, '-')); !done) return done;
    to.last = to.first;
    return text.empty() ? result<void>{} : read_text(to.last, text);
}

// "5", "5-10", "[5->-ID]" (it goes), "[5-<-ID]" (it comes).
result<void> read_slots(cluster_node& to, std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) {
        text = text.substr(1, text.size() - 2);
        std::pair<std::uint16_t, std::string> way;
        if (auto done = read_text(way.first, take_until(text, '-')); !done) return done;
        const bool goes = text.starts_with('>');
        way.second = text.substr(std::min<std::size_t>(2, text.size()));
        (goes ? to.migrating : to.importing).push_back(std::move(way));
        return {};
    }
    slot_range range{};
    if (auto done = read_range(range, text); !done) return done;
    to.slots.push_back(range);
    return {};
}

result<cluster_node> read_node(std::string_view line) {
    cluster_node node;
    node.id = take_until(line, ' ');
    if (auto done = read_address(node, take_until(line, ' ')); !done) return done.error();
    std::string_view flags = take_until(line, ' ');
    while (!flags.empty()) node.flags.emplace_back(take_until(flags, ','));
    if (const auto primary = take_until(line, ' '); primary != "-") node.primary_id = primary;
    if (auto done = read_moment(node.ping_sent, take_until(line, ' ')); !done) return done.error();
    if (auto done = read_moment(node.pong_received, take_until(line, ' ')); !done) return done.error();
    if (auto done = read_text(node.config_epoch, take_until(line, ' ')); !done) return done.error();
    node.linked = take_until(line, ' ') == "connected";
    while (!line.empty()) {
        if (auto done = read_slots(node, take_until(line, ' ')); !done) return done.error();
    }
    return node;
}

}  // namespace

result<cluster_node> reply_to<cluster_node>::from(reply_view v) {
    if (!v.is_string()) return detail::shape_error("a line about a node", v);
    std::string_view text = v.text();
    return read_node(take_until(text, '\n'));
}

result<std::vector<cluster_node>> reply_to<std::vector<cluster_node>>::from(reply_view v) {
    return detail::decode_each_line<cluster_node>(v, "lines about nodes", read_node);
}

result<commands::cluster_shard_node> reply_to<commands::cluster_shard_node>::from(reply_view v) {
    using node = commands::cluster_shard_node;
    static constexpr field<node> fields[] = {
        member<&node::id>("id"),
        member<&node::port>("port"),
        member<&node::tls_port>("tls-port"),
        member<&node::ip>("ip"),
        member<&node::endpoint>("endpoint"),
        member<&node::hostname>("hostname"),
        member<&node::availability_zone>("availability-zone"),
        member<&node::role>("role"),
        member<&node::replication_offset>("replication-offset"),
        member<&node::health>("health"),
    };
    return decode_fields(v, "a node of a shard", fields);
}

result<commands::cluster_shard> reply_to<commands::cluster_shard>::from(reply_view v) {
    struct parts {
        std::string id;
        std::vector<std::uint16_t> slots;  // first, last, first, last ...
        std::vector<commands::cluster_shard_node> nodes;
    };
    static constexpr field<parts> fields[] = {member<&parts::id>("id"), member<&parts::slots>("slots"),
                                              member<&parts::nodes>("nodes")};
    auto all = decode_fields(v, "a shard", fields);
    if (!all) return std::move(all).error();
    if (all->slots.size() % 2 != 0) return detail::shape_error("ranges of slots", v);
    commands::cluster_shard shard{.id = std::move(all->id)};
    for (std::size_t i = 0; i < all->slots.size(); i += 2) shard.slots.push_back({all->slots[i], all->slots[i + 1]});
    shard.nodes = std::move(all->nodes);
    return shard;
}

// Nodes before Valkey 7 have no metadata.
result<commands::cluster_slots_node> reply_to<commands::cluster_slots_node>::from(reply_view v) {
    commands::cluster_slots_node node;
    const auto done = v.size() == 3
                          ? detail::decode_elements(v, "a node", node.endpoint, node.port, node.id)
                          : detail::decode_elements(v, "a node", node.endpoint, node.port, node.id, node.metadata);
    if (!done) return done.error();
    return node;
}

result<commands::cluster_slots_range> reply_to<commands::cluster_slots_range>::from(reply_view v) {
    commands::cluster_slots_range range;
    const auto done = detail::decode_elements(v, "a range of slots", range.slots.first, range.slots.last);
    if (!done) return done.error();
    for (auto it = ++(++v.begin()); it != v.end(); ++it) {
        auto node = decode<commands::cluster_slots_node>(*it);
        if (!node) return std::move(node).error();
        range.nodes.push_back(*std::move(node));
    }
    return range;
}

result<commands::cluster_slot_statistics> reply_to<commands::cluster_slot_statistics>::from(reply_view v) {
    commands::cluster_slot_statistics one;
    const auto done = detail::decode_elements(v, "what is counted for a slot", one.slot, one.numbers);
    if (!done) return done.error();
    return one;
}

result<commands::cluster_slot_migration> reply_to<commands::cluster_slot_migration>::from(reply_view v) {
    using migration = commands::cluster_slot_migration;
    static constexpr field<migration> fields[] = {
        member<&migration::name>("name"),
        member<&migration::operation>("operation"),
        {"slot_ranges",
         [](migration& to, reply_view content) -> result<void> {
             std::string_view ranges = content.text();
             while (!ranges.empty()) {
                 slot_range range{};
                 if (auto done = read_range(range, take_until(ranges, ' ')); !done) return done;
                 to.slots.push_back(range);
             }
             return {};
         }},
        member<&migration::source_node>("source_node"),
        member<&migration::target_node>("target_node"),
        member<&migration::created>("create_time"),
        member<&migration::updated>("last_update_time"),
        member<&migration::acknowledged>("last_ack_time"),
        member<&migration::state>("state"),
        member<&migration::message>("message"),
        member<&migration::cow_size>("cow_size"),
        member<&migration::remaining_repl_size>("remaining_repl_size"),
    };
    return decode_fields(v, "a move of slots", fields);
}

result<commands::cluster_link> reply_to<commands::cluster_link>::from(reply_view v) {
    using link = commands::cluster_link;
    static constexpr field<link> fields[] = {
        member<&link::direction>("direction"),
        member<&link::node_id>("node"),
        member<&link::created>("create-time"),
        member<&link::events>("events"),
        member<&link::send_buffer_allocated>("send-buffer-allocated"),
        member<&link::send_buffer_used>("send-buffer-used"),
    };
    return decode_fields(v, "a link", fields);
}

}  // namespace valkeyxx
