// The commands of streams, and their replies.
#include <valkeyxx/commands/streams.hpp>

#include "commands/arguments.hpp"
#include "commands/fields.hpp"

namespace valkeyxx {

using detail::arguments;
using detail::decode_elements;
using detail::decode_fields;
using detail::field;
using detail::member;

namespace commands {
namespace {

using keys = encoded_command::keys;

[[noreturn]] void refuse(const char* why) {
    throw exception{error{errc::invalid_argument, why}};
}

void add_trim(arguments& args, const stream_trim& trim) {
    if (trim.max_length) {
        (args << "MAXLEN").when(trim.approximately, "~") << *trim.max_length;
    } else {
        (args << "MINID").when(trim.approximately, "~") << trim.min_id;
    }
    if (trim.limit) args << "LIMIT" << *trim.limit;
}

template <class R>
command<R> add_entry(std::string_view key, bool only_if_exists, const string_pairs& fields,
                     const xadd_options& options) {
    const stream_trim& trim = options.trim;
    const bool trims = trim.max_length || !trim.min_id.empty();
    if (trim.max_length && !trim.min_id.empty()) refuse("XADD: trim either to a length or to an id");
    if (!trims && (trim.approximately || trim.limit)) refuse("XADD: trim to a length or to an id");
    arguments args{key};
    args.when(only_if_exists, "NOMKSTREAM");
    if (trims) add_trim(args, trim);
    args << options.id << fields.view();
    return args.as<R>(command_id::xadd, keys::first);
}

// STREAMS key ... id ...
void add_streams(arguments& args, std::span<const std::string_view> keys_and_ids) {
    args << "STREAMS";
    for (std::size_t i = 0; i < keys_and_ids.size(); i += 2) args << keys_and_ids[i];
    for (std::size_t i = 1; i < keys_and_ids.size(); i += 2) args << keys_and_ids[i];
}

template <class Options>
void add_reading(arguments& args, const Options& options) {
    if (options.count) args << "COUNT" << *options.count;
    if (options.block) args << "BLOCK" << options.block->count();
}

arguments claim(std::string_view key, std::string_view group, std::string_view consumer,
                std::chrono::milliseconds min_idle, const strings& ids, const xclaim_options& options) {
    if (options.idle && options.delivered_at) refuse("XCLAIM: either idle or delivered_at");
    arguments args{key, group, consumer, min_idle.count()};
    args << ids.view();
    if (options.idle) args << "IDLE" << options.idle->count();
    if (options.delivered_at) args << "TIME" << options.delivered_at->time_since_epoch().count();
    if (options.deliveries) args << "RETRYCOUNT" << *options.deliveries;
    args.when(options.force, "FORCE");
    if (!options.last_id.empty()) args << "LASTID" << options.last_id;
    return args;
}

arguments autoclaim(std::string_view key, std::string_view group, std::string_view consumer,
                    std::chrono::milliseconds min_idle, std::string_view start, xautoclaim_options options) {
    return arguments{key, group, consumer, min_idle.count(), start, "COUNT", options.count};
}

}  // namespace

command<std::string> xadd(std::string_view key, const string_pairs& fields, xadd_options options) {
    return add_entry<std::string>(key, false, fields, options);
}

command<std::optional<std::string>> xadd_if_exists(std::string_view key, const string_pairs& fields,
                                                   xadd_options options) {
    return add_entry<std::optional<std::string>>(key, true, fields, options);
}

command<std::int64_t> xtrim(std::string_view key, stream_trim trim) {
    if (trim.max_length.has_value() == !trim.min_id.empty()) refuse("XTRIM: trim either to a length or to an id");
    arguments args{key};
    add_trim(args, trim);
    return args.as<std::int64_t>(command_id::xtrim, keys::first);
}

command<std::int64_t> xdel(std::string_view key, const strings& ids) {
    arguments args{key};
    args << ids.view();
    return args.as<std::int64_t>(command_id::xdel, keys::first);
}

command<void> xsetid(std::string_view key, std::string_view last_id, xsetid_options options) {
    arguments args{key, last_id};
    if (options.entries_added) args << "ENTRIESADDED" << *options.entries_added;
    if (!options.max_deleted_id.empty()) args << "MAXDELETEDID" << options.max_deleted_id;
    return args.as<void>(command_id::xsetid, keys::first);
}

command<std::vector<stream_entry>> xrange(std::string_view key, std::string_view from, std::string_view to,
                                          xrange_options options) {
    arguments args{key, from, to};
    if (options.count) args << "COUNT" << *options.count;
    return args.as<std::vector<stream_entry>>(command_id::xrange, keys::first);
}

command<std::vector<stream_entry>> xrevrange(std::string_view key, std::string_view to, std::string_view from,
                                             xrange_options options) {
    arguments args{key, to, from};
    if (options.count) args << "COUNT" << *options.count;
    return args.as<std::vector<stream_entry>>(command_id::xrevrange, keys::first);
}

command<std::vector<stream_batch>> xread(const string_pairs& keys_and_ids, xread_options options) {
    arguments args;
    add_reading(args, options);
    add_streams(args, keys_and_ids.view());
    return args.as<std::vector<stream_batch>>(command_id::xread, keys::by_table);
}

command<std::vector<stream_batch>> xreadgroup(std::string_view group, std::string_view consumer,
                                              const string_pairs& keys_and_ids, xreadgroup_options options) {
    arguments args{"GROUP", group, consumer};
    add_reading(args, options);
    args.when(options.no_ack, "NOACK");
    add_streams(args, keys_and_ids.view());
    return args.as<std::vector<stream_batch>>(command_id::xreadgroup, keys::by_table);
}

command<std::int64_t> xack(std::string_view key, std::string_view group, const strings& ids) {
    arguments args{key, group};
    args << ids.view();
    return args.as<std::int64_t>(command_id::xack, keys::first);
}

command<std::vector<stream_entry>> xclaim(std::string_view key, std::string_view group, std::string_view consumer,
                                          std::chrono::milliseconds min_idle, const strings& ids,
                                          xclaim_options options) {
    return claim(key, group, consumer, min_idle, ids, options)
        .as<std::vector<stream_entry>>(command_id::xclaim, keys::first);
}

command<std::vector<std::string>> xclaim_justid(std::string_view key, std::string_view group, std::string_view consumer,
                                                std::chrono::milliseconds min_idle, const strings& ids,
                                                xclaim_options options) {
    arguments args = claim(key, group, consumer, min_idle, ids, options);
    args << "JUSTID";
    return args.as<std::vector<std::string>>(command_id::xclaim, keys::first);
}

command<claimed_entries> xautoclaim(std::string_view key, std::string_view group, std::string_view consumer,
                                    std::chrono::milliseconds min_idle, std::string_view start,
                                    xautoclaim_options options) {
    return autoclaim(key, group, consumer, min_idle, start, options)
        .as<claimed_entries>(command_id::xautoclaim, keys::first);
}

command<claimed_ids> xautoclaim_justid(std::string_view key, std::string_view group, std::string_view consumer,
                                       std::chrono::milliseconds min_idle, std::string_view start,
                                       xautoclaim_options options) {
    arguments args = autoclaim(key, group, consumer, min_idle, start, options);
    args << "JUSTID";
    return args.as<claimed_ids>(command_id::xautoclaim, keys::first);
}

command<pending_summary> xpending(std::string_view key, std::string_view group) {
    return arguments{key, group}.as<pending_summary>(command_id::xpending, keys::first);
}

command<std::vector<pending_entry>> xpending(std::string_view key, std::string_view group, std::string_view from,
                                             std::string_view to, std::int64_t count, xpending_options options) {
    arguments args{key, group};
    if (options.min_idle.count() != 0) args << "IDLE" << options.min_idle.count();
    args << from << to << count;
    if (!options.consumer.empty()) args << options.consumer;
    return args.as<std::vector<pending_entry>>(command_id::xpending, keys::first);
}

command<void> xgroup_create(std::string_view key, std::string_view group, std::string_view after,
                            xgroup_create_options options) {
    arguments args{key, group, after};
    args.when(options.create_stream, "MKSTREAM");
    if (options.entries_read) args << "ENTRIESREAD" << *options.entries_read;
    return args.as<void>(command_id::xgroup_create, keys::first);
}

command<bool> xgroup_createconsumer(std::string_view key, std::string_view group, std::string_view consumer) {
    return arguments{key, group, consumer}.as<bool>(command_id::xgroup_createconsumer, keys::first);
}

command<std::int64_t> xgroup_delconsumer(std::string_view key, std::string_view group, std::string_view consumer) {
    return arguments{key, group, consumer}.as<std::int64_t>(command_id::xgroup_delconsumer, keys::first);
}

command<bool> xgroup_destroy(std::string_view key, std::string_view group) {
    return arguments{key, group}.as<bool>(command_id::xgroup_destroy, keys::first);
}

command<void> xgroup_setid(std::string_view key, std::string_view group, std::string_view after,
                           xgroup_setid_options options) {
    arguments args{key, group, after};
    if (options.entries_read) args << "ENTRIESREAD" << *options.entries_read;
    return args.as<void>(command_id::xgroup_setid, keys::first);
}

command<stream_info> xinfo_stream(std::string_view key) {
    return arguments{key}.as<stream_info>(command_id::xinfo_stream, keys::first);
}

command<stream_details> xinfo_stream_full(std::string_view key, xinfo_stream_full_options options) {
    return arguments{key, "FULL", "COUNT", options.count.value_or(0)}.as<stream_details>(command_id::xinfo_stream,
                                                                                         keys::first);
}

command<std::vector<stream_group>> xinfo_groups(std::string_view key) {
    return arguments{key}.as<std::vector<stream_group>>(command_id::xinfo_groups, keys::first);
}

command<std::vector<stream_consumer>> xinfo_consumers(std::string_view key, std::string_view group) {
    return arguments{key, group}.as<std::vector<stream_consumer>>(command_id::xinfo_consumers, keys::first);
}

}  // namespace commands

namespace {

// Not decode<std::vector<T>>, which is what this is for.
template <class T>
result<std::vector<T>> decode_each(reply_view v) {
    std::vector<T> all;
    all.reserve(v.size());
    for (reply_view child : v) {
        auto one = decode<T>(child);
        if (!one) return std::move(one).error();
        all.push_back(*std::move(one));
    }
    return all;
}

}  // namespace

result<commands::stream_entry> reply_to<commands::stream_entry>::from(reply_view v) {
    if (!v.is_aggregate() || v.size() != 2) return detail::shape_error("a stream entry", v);
    commands::stream_entry entry;
    if (auto done = detail::read_into(entry.id, v[0]); !done) return done.error();
    if (v[1].is_null()) return entry;
    if (auto done = detail::read_into(entry.fields, v[1]); !done) return done.error();
    return entry;
}

result<std::vector<commands::stream_entry>> reply_to<std::vector<commands::stream_entry>>::from(reply_view v) {
    if (v.is_null()) return std::vector<commands::stream_entry>{};
    if (!v.is_aggregate()) return detail::shape_error("an array of stream entries", v);
    return decode_each<commands::stream_entry>(v);
}

result<std::vector<commands::stream_batch>> reply_to<std::vector<commands::stream_batch>>::from(reply_view v) {
    std::vector<commands::stream_batch> all;
    if (v.is_null()) return all;
    auto pairs = decode<std::vector<std::pair<std::string, std::vector<commands::stream_entry>>>>(v);
    if (!pairs) return std::move(pairs).error();
    all.reserve(pairs->size());
    for (auto& [key, entries] : *pairs) all.push_back({std::move(key), std::move(entries)});
    return all;
}

// Before Valkey 7 there was no list of deleted entries.
result<commands::claimed_entries> reply_to<commands::claimed_entries>::from(reply_view v) {
    commands::claimed_entries all;
    const auto done = v.size() == 2 ? decode_elements(v, "claimed entries", all.next, all.entries)
                                    : decode_elements(v, "claimed entries", all.next, all.entries, all.deleted);
    if (!done) return done.error();
    return all;
}

result<commands::claimed_ids> reply_to<commands::claimed_ids>::from(reply_view v) {
    commands::claimed_ids all;
    const auto done = v.size() == 2 ? decode_elements(v, "claimed ids", all.next, all.ids)
                                    : decode_elements(v, "claimed ids", all.next, all.ids, all.deleted);
    if (!done) return done.error();
    return all;
}

result<commands::pending_summary> reply_to<commands::pending_summary>::from(reply_view v) {
    commands::pending_summary all;
    std::optional<std::vector<std::pair<std::string, std::int64_t>>> consumers;
    const auto done =
        decode_elements(v, "a summary of pending entries", all.count, all.first_id, all.last_id, consumers);
    if (!done) return done.error();
    if (consumers) all.consumers = *std::move(consumers);
    return all;
}

result<commands::pending_entry> reply_to<commands::pending_entry>::from(reply_view v) {
    commands::pending_entry one;
    const auto done = decode_elements(v, "a pending entry", one.id, one.consumer, one.idle, one.deliveries);
    if (!done) return done.error();
    return one;
}

result<commands::stream_info> reply_to<commands::stream_info>::from(reply_view v) {
    using info = commands::stream_info;
    static constexpr field<info> fields[] = {
        member<&info::length>("length"),
        member<&info::radix_tree_keys>("radix-tree-keys"),
        member<&info::radix_tree_nodes>("radix-tree-nodes"),
        member<&info::groups>("groups"),
        member<&info::last_generated_id>("last-generated-id"),
        member<&info::max_deleted_entry_id>("max-deleted-entry-id"),
        member<&info::entries_added>("entries-added"),
        member<&info::recorded_first_entry_id>("recorded-first-entry-id"),
        member<&info::first_entry>("first-entry"),
        member<&info::last_entry>("last-entry"),
    };
    return decode_fields(v, "what XINFO STREAM tells", fields);
}

result<commands::stream_group> reply_to<commands::stream_group>::from(reply_view v) {
    using group = commands::stream_group;
    static constexpr field<group> fields[] = {
        member<&group::name>("name"),
        member<&group::consumers>("consumers"),
        member<&group::pending>("pending"),
        member<&group::last_delivered_id>("last-delivered-id"),
        member<&group::entries_read>("entries-read"),
        member<&group::lag>("lag"),
    };
    return decode_fields(v, "what XINFO GROUPS tells", fields);
}

result<commands::stream_consumer> reply_to<commands::stream_consumer>::from(reply_view v) {
    using consumer = commands::stream_consumer;
    static constexpr field<consumer> fields[] = {
        member<&consumer::name>("name"),
        member<&consumer::pending>("pending"),
        member<&consumer::idle>("idle"),
        member<&consumer::inactive>("inactive"),
    };
    return decode_fields(v, "what XINFO CONSUMERS tells", fields);
}

// Of a group with its consumer, inside a consumer without.
result<commands::stream_delivery> reply_to<commands::stream_delivery>::from(reply_view v) {
    commands::stream_delivery one;
    const auto done =
        v.size() == 3 ? decode_elements(v, "a pending entry", one.id, one.delivered_at, one.deliveries)
                      : decode_elements(v, "a pending entry", one.id, one.consumer, one.delivered_at, one.deliveries);
    if (!done) return done.error();
    return one;
}

result<commands::stream_consumer_details> reply_to<commands::stream_consumer_details>::from(reply_view v) {
    using consumer = commands::stream_consumer_details;
    static constexpr field<consumer> fields[] = {
        member<&consumer::name>("name"),
        member<&consumer::seen_at>("seen-time"),
        member<&consumer::active_at>("active-time"),
        member<&consumer::pending_count>("pel-count"),
        member<&consumer::pending>("pending"),
    };
    return decode_fields(v, "a consumer", fields);
}

result<commands::stream_group_details> reply_to<commands::stream_group_details>::from(reply_view v) {
    using group = commands::stream_group_details;
    static constexpr field<group> fields[] = {
        member<&group::name>("name"),
        member<&group::last_delivered_id>("last-delivered-id"),
        member<&group::entries_read>("entries-read"),
        member<&group::lag>("lag"),
        member<&group::pending_count>("pel-count"),
        member<&group::pending>("pending"),
        member<&group::consumers>("consumers"),
    };
    return decode_fields(v, "a group", fields);
}

result<commands::stream_details> reply_to<commands::stream_details>::from(reply_view v) {
    using details = commands::stream_details;
    static constexpr field<details> fields[] = {
        member<&details::length>("length"),
        member<&details::radix_tree_keys>("radix-tree-keys"),
        member<&details::radix_tree_nodes>("radix-tree-nodes"),
        member<&details::last_generated_id>("last-generated-id"),
        member<&details::max_deleted_entry_id>("max-deleted-entry-id"),
        member<&details::entries_added>("entries-added"),
        member<&details::recorded_first_entry_id>("recorded-first-entry-id"),
        member<&details::entries>("entries"),
        member<&details::groups>("groups"),
    };
    return decode_fields(v, "what XINFO STREAM FULL tells", fields);
}

}  // namespace valkeyxx
