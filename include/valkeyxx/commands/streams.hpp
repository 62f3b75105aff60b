// Commands of the group "stream".
//
//   std::string id = cluster.execute(xadd("log", {{"what", "login"}, {"who", "ada"}}));
//   for (const stream_entry& e : cluster.execute(xrange("log"))) use(e.id, e.fields);
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// One entry of a stream.
struct stream_entry {
    std::string id;
    /// In the order in which they were added; a name may be there twice. Empty only where XREADGROUP tells of an entry
    /// that is pending and was deleted meanwhile.
    std::vector<std::pair<std::string, std::string>> fields;
};

/// What was read from one stream.
struct stream_batch {
    std::string key;
    std::vector<stream_entry> entries;
};

/// Which entries a stream loses, the oldest first: give one of `max_length` and `min_id`.
struct stream_trim {
    std::optional<std::int64_t> max_length = {};  ///< so many entries stay
    std::string_view min_id = {};                 ///< entries with lower ids go
    /// The server may keep some tens of entries more, which makes it quicker.
    bool approximately = false;
    /// At most so many entries go in one call, 0: no limit. Only with `approximately`; by default the server's own
    /// limit.
    std::optional<std::int64_t> limit = {};
};

/// Options of XADD.
struct xadd_options {
    /// "*": the server makes it from its clock; "1700000000000-*": from this time; or a whole id, higher than all
    /// others of the stream.
    std::string_view id = "*";
    /// What the stream loses at the same time; by default nothing.
    stream_trim trim = {};
};

/// Adds an entry to a stream, which is made if there is none; returns the entry's id. Not repeated when its reply is
/// lost. Errors: ERR if the id is not higher than the last one.
/// Example: `xadd("log", {{"what", "login"}}, {.trim = {.max_length = 1000, .approximately = true}})`
/// Error `invalid_argument`: `trim` has both `max_length` and `min_id`.
/// Source: https://valkey.io/commands/xadd
[[nodiscard]] command<std::string> xadd(std::string_view key, const string_pairs& fields, xadd_options options = {});

/// As xadd, with NOMKSTREAM: nullopt, and nothing is added, if there is no such stream.
/// Source: https://valkey.io/commands/xadd
[[nodiscard]] command<std::optional<std::string>> xadd_if_exists(std::string_view key, const string_pairs& fields,
                                                                 xadd_options options = {});

/// Removes the oldest entries; returns how many. Not repeated when its reply is lost.
/// Example: `xtrim("log", {.max_length = 1000})`. Error `invalid_argument`: not exactly one of `max_length` and
/// `min_id`. Source: https://valkey.io/commands/xtrim
[[nodiscard]] command<std::int64_t> xtrim(std::string_view key, stream_trim trim);

/// Removes entries; returns how many of them there were. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/xdel
[[nodiscard]] command<std::int64_t> xdel(std::string_view key, const strings& ids);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> xdel(std::string_view key, std::string_view id, const More&... more) {
    return xdel(key, strings{id, std::string_view{more}...});
}

/// How many entries a stream has; 0 if there is none. Source: https://valkey.io/commands/xlen
[[nodiscard]] inline command<std::int64_t> xlen(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::xlen, key};
}

/// Options of XSETID.
struct xsetid_options {
    std::optional<std::int64_t> entries_added = {};  ///< how many the stream ever had; by default it stays
    std::string_view max_deleted_id = {};            ///< the highest id that was deleted; by default it stays
};

/// Sets what a stream takes for its last id. Not repeated when its reply is lost. Errors: ERR if the stream does not
/// exist, or has a higher id. Source: https://valkey.io/commands/xsetid
[[nodiscard]] command<void> xsetid(std::string_view key, std::string_view last_id, xsetid_options options = {});

/// Options of XRANGE and XREVRANGE.
struct xrange_options {
    std::optional<std::int64_t> count = {};  ///< at most so many entries; by default all
};

/// The entries whose ids are in a range, both ends included, from the lowest: "-" and "+" are the lowest and the
/// highest id there can be, "(1-1" excludes the end, "1" means all ids of that millisecond. Empty if there is no such
/// stream. Source: https://valkey.io/commands/xrange
[[nodiscard]] command<std::vector<stream_entry>> xrange(std::string_view key, std::string_view from = "-",
                                                        std::string_view to = "+", xrange_options options = {});

/// The same from the highest id: the end of the range comes first. Source: https://valkey.io/commands/xrevrange
[[nodiscard]] command<std::vector<stream_entry>> xrevrange(std::string_view key, std::string_view to = "+",
                                                           std::string_view from = "-", xrange_options options = {});

/// Options of XREAD.
struct xread_options {
    std::optional<std::int64_t> count = {};  ///< at most so many entries of each stream; by default all
    /// If there is nothing, waits so long for something to come, 0: for ever; by default it does not wait. Meanwhile
    /// it has a connection of its own; the time is added to config::command_timeout.
    std::optional<std::chrono::milliseconds> block = {};
};

/// The entries of streams (of one slot) that come after an id: `xread({{"log", "0"}, {"{log}2", "$"}})`. "$" is the
/// stream's last id now, which is of use with `block` only; "+" asks for the last entry. Streams without new entries
/// are not in the result. Error `cross_slot`: the keys hash to several slots.
/// Source: https://valkey.io/commands/xread
[[nodiscard]] command<std::vector<stream_batch>> xread(const string_pairs& keys_and_ids, xread_options options = {});

/// Options of XREADGROUP.
struct xreadgroup_options {
    std::optional<std::int64_t> count = {};               ///< as for xread
    std::optional<std::chrono::milliseconds> block = {};  ///< as for xread
    bool no_ack = false;  ///< entries count as acknowledged as soon as they are delivered
};

/// Reads streams (of one slot) as a consumer of a group: with the id ">" entries that no consumer of the group has had,
/// which are then pending; with another id those that this consumer has had after it and not acknowledged. Not repeated
/// when its reply is lost. Example: `xreadgroup("group", "me", {{"log", ">"}}, {.count = 10})`
/// Errors: NOGROUP if there is no such stream or group; `cross_slot` if the keys hash to several slots.
/// Source: https://valkey.io/commands/xreadgroup
[[nodiscard]] command<std::vector<stream_batch>> xreadgroup(std::string_view group, std::string_view consumer,
                                                            const string_pairs& keys_and_ids,
                                                            xreadgroup_options options = {});

/// Acknowledges entries for a group; returns how many of them were pending. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/xack
[[nodiscard]] command<std::int64_t> xack(std::string_view key, std::string_view group, const strings& ids);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> xack(std::string_view key, std::string_view group, std::string_view id,
                                         const More&... more) {
    return xack(key, group, strings{id, std::string_view{more}...});
}

/// Options of XCLAIM.
struct xclaim_options {
    /// How long ago the last delivery is said to be; by default it is now. Not together with `delivered_at`.
    std::optional<std::chrono::milliseconds> idle = {};
    /// When the last delivery is said to have been.
    std::optional<std::chrono::sys_time<std::chrono::milliseconds>> delivered_at = {};
    /// How often the entries are said to have been delivered; by default once more than before.
    std::optional<std::int64_t> deliveries = {};
    /// Makes entries pending that are not yet.
    bool force = false;
    /// Moves the group's last delivered id on to this one.
    std::string_view last_id = {};
};

/// Makes a consumer the owner of pending entries whose last delivery was at least `min_idle` ago; returns those that it
/// now owns. Entries that were deleted meanwhile are no longer pending then. Not repeated when its reply is lost.
/// Errors: NOGROUP; `invalid_argument` if the options have both `idle` and `delivered_at`.
/// Source: https://valkey.io/commands/xclaim
[[nodiscard]] command<std::vector<stream_entry>> xclaim(std::string_view key, std::string_view group,
                                                        std::string_view consumer, std::chrono::milliseconds min_idle,
                                                        const strings& ids, xclaim_options options = {});

/// The same with JUSTID: returns the ids alone, and the deliveries are not counted up.
/// Source: https://valkey.io/commands/xclaim
[[nodiscard]] command<std::vector<std::string>> xclaim_justid(std::string_view key, std::string_view group,
                                                              std::string_view consumer,
                                                              std::chrono::milliseconds min_idle, const strings& ids,
                                                              xclaim_options options = {});

/// What XAUTOCLAIM found.
struct claimed_entries {
    std::string next;                   ///< where to go on; "0-0": all pending entries were looked at
    std::vector<stream_entry> entries;  ///< those the consumer now owns
    std::vector<std::string> deleted;   ///< those that were deleted meanwhile, and are no longer pending
};

/// The same with JUSTID.
struct claimed_ids {
    std::string next;
    std::vector<std::string> ids;
    std::vector<std::string> deleted;
};

/// Options of XAUTOCLAIM.
struct xautoclaim_options {
    std::int64_t count = 100;  ///< about how many entries are claimed at most
};

/// Makes a consumer the owner of pending entries, from an id on, whose last delivery was at least `min_idle` ago. Not
/// repeated when its reply is lost. Errors: NOGROUP. Source: https://valkey.io/commands/xautoclaim
[[nodiscard]] command<claimed_entries> xautoclaim(std::string_view key, std::string_view group,
                                                  std::string_view consumer, std::chrono::milliseconds min_idle,
                                                  std::string_view start = "0-0", xautoclaim_options options = {});

/// The same with JUSTID: ids alone, and the deliveries are not counted up.
/// Source: https://valkey.io/commands/xautoclaim
[[nodiscard]] command<claimed_ids> xautoclaim_justid(std::string_view key, std::string_view group,
                                                     std::string_view consumer, std::chrono::milliseconds min_idle,
                                                     std::string_view start = "0-0", xautoclaim_options options = {});

/// What a group has delivered and not got acknowledged.
struct pending_summary {
    std::int64_t count = 0;
    std::optional<std::string> first_id = {};  ///< the lowest id; nullopt if nothing is pending
    std::optional<std::string> last_id = {};
    std::vector<std::pair<std::string, std::int64_t>> consumers = {};  ///< how many each one has, if any
};

/// One pending entry.
struct pending_entry {
    std::string id;
    std::string consumer;
    std::chrono::milliseconds idle{0};  ///< since the last delivery
    std::int64_t deliveries = 0;
};

/// Options of the longer form of XPENDING.
struct xpending_options {
    std::chrono::milliseconds min_idle{0};  ///< only entries whose last delivery was at least so long ago
    std::string_view consumer = {};         ///< only this one's; empty: those of all consumers
};

/// How much of a group's is pending. Errors: NOGROUP. Source: https://valkey.io/commands/xpending
[[nodiscard]] command<pending_summary> xpending(std::string_view key, std::string_view group);

/// The pending entries in a range of ids (as for xrange), at most `count` of them. Errors: NOGROUP.
/// Example: `xpending("log", "group", "-", "+", 10, {.min_idle = 1min})`
/// Source: https://valkey.io/commands/xpending
[[nodiscard]] command<std::vector<pending_entry>> xpending(std::string_view key, std::string_view group,
                                                           std::string_view from, std::string_view to,
                                                           std::int64_t count, xpending_options options = {});

/// Options of XGROUP CREATE.
struct xgroup_create_options {
    bool create_stream = false;                     ///< makes the stream, empty, if there is none
    std::optional<std::int64_t> entries_read = {};  ///< how many entries the group is said to have read, for its lag
};

/// Makes a group that delivers the entries after an id: "0" for all, "$" for those to come. Not repeated when its reply
/// is lost. Errors: BUSYGROUP if there is one of that name; ERR if there is no such stream.
/// Source: https://valkey.io/commands/xgroup-create
[[nodiscard]] command<void> xgroup_create(std::string_view key, std::string_view group, std::string_view after,
                                          xgroup_create_options options = {});

/// Makes a consumer in a group; false if there is one of that name. Consumers that read are made by that. Not repeated
/// when its reply is lost. Errors: NOGROUP. Source: https://valkey.io/commands/xgroup-createconsumer
[[nodiscard]] command<bool> xgroup_createconsumer(std::string_view key, std::string_view group,
                                                  std::string_view consumer);

/// Removes a consumer; returns how many pending entries it had, which are lost to the group. Not repeated when its
/// reply is lost. Errors: NOGROUP. Source: https://valkey.io/commands/xgroup-delconsumer
[[nodiscard]] command<std::int64_t> xgroup_delconsumer(std::string_view key, std::string_view group,
                                                       std::string_view consumer);

/// Removes a group with all that is pending; false if there is none. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/xgroup-destroy
[[nodiscard]] command<bool> xgroup_destroy(std::string_view key, std::string_view group);

/// Options of XGROUP SETID.
struct xgroup_setid_options {
    std::optional<std::int64_t> entries_read = {};  ///< as for xgroup_create
};

/// Lets a group deliver the entries after an id, again or not at all. Not repeated when its reply is lost.
/// Errors: NOGROUP. Source: https://valkey.io/commands/xgroup-setid
[[nodiscard]] command<void> xgroup_setid(std::string_view key, std::string_view group, std::string_view after,
                                         xgroup_setid_options options = {});

/// What XINFO STREAM tells of a stream.
struct stream_info {
    std::int64_t length = 0;
    std::int64_t radix_tree_keys = 0;
    std::int64_t radix_tree_nodes = 0;
    std::int64_t groups = 0;
    std::string last_generated_id = {};
    std::string max_deleted_entry_id = {};
    std::int64_t entries_added = 0;  ///< how many there ever were
    std::string recorded_first_entry_id = {};
    std::optional<stream_entry> first_entry = {};  ///< nullopt if the stream is empty
    std::optional<stream_entry> last_entry = {};
};

/// What XINFO GROUPS tells of a group.
struct stream_group {
    std::string name = {};
    std::int64_t consumers = 0;
    std::int64_t pending = 0;
    std::string last_delivered_id = {};
    std::optional<std::int64_t> entries_read = {};  ///< nullopt where the server cannot know
    std::optional<std::int64_t> lag = {};           ///< how many entries are still to be delivered; nullopt as above
};

/// What XINFO CONSUMERS tells of a consumer.
struct stream_consumer {
    std::string name = {};
    std::int64_t pending = 0;
    std::chrono::milliseconds idle{0};                       ///< since it last tried to read or to claim
    std::optional<std::chrono::milliseconds> inactive = {};  ///< since it last got something; nullopt: it never did
};

/// One pending entry as XINFO STREAM FULL has it.
struct stream_delivery {
    using time_point = std::chrono::sys_time<std::chrono::milliseconds>;
    std::string id;
    std::string consumer;  ///< empty inside a consumer
    time_point delivered_at{};
    std::int64_t deliveries = 0;
};

/// A consumer as XINFO STREAM FULL has it.
struct stream_consumer_details {
    using time_point = std::chrono::sys_time<std::chrono::milliseconds>;
    std::string name = {};
    time_point seen_at{};                      ///< when it last tried to read or to claim
    std::optional<time_point> active_at = {};  ///< when it last got something; nullopt: it never did
    std::int64_t pending_count = 0;
    std::vector<stream_delivery> pending = {};
};

/// A group as XINFO STREAM FULL has it.
struct stream_group_details {
    std::string name = {};
    std::string last_delivered_id = {};
    std::optional<std::int64_t> entries_read = {};
    std::optional<std::int64_t> lag = {};
    std::int64_t pending_count = 0;
    std::vector<stream_delivery> pending = {};
    std::vector<stream_consumer_details> consumers = {};
};

/// What XINFO STREAM FULL tells of a stream.
struct stream_details {
    std::int64_t length = 0;
    std::int64_t radix_tree_keys = 0;
    std::int64_t radix_tree_nodes = 0;
    std::string last_generated_id = {};
    std::string max_deleted_entry_id = {};
    std::int64_t entries_added = 0;
    std::string recorded_first_entry_id = {};
    std::vector<stream_entry> entries = {};
    std::vector<stream_group_details> groups = {};
};

/// Options of XINFO STREAM FULL.
struct xinfo_stream_full_options {
    /// At most so many entries, and pending entries in each list; nullopt: all.
    std::optional<std::int64_t> count = 10;
};

/// A stream's state. Errors: ERR if there is no such key. Source: https://valkey.io/commands/xinfo-stream
[[nodiscard]] command<stream_info> xinfo_stream(std::string_view key);

/// The same with entries, groups, consumers and what is pending. Source: https://valkey.io/commands/xinfo-stream
[[nodiscard]] command<stream_details> xinfo_stream_full(std::string_view key, xinfo_stream_full_options options = {});

/// The groups of a stream. Errors: ERR if there is no such key. Source: https://valkey.io/commands/xinfo-groups
[[nodiscard]] command<std::vector<stream_group>> xinfo_groups(std::string_view key);

/// The consumers of a group. Errors: ERR if there is no such key; NOGROUP.
/// Source: https://valkey.io/commands/xinfo-consumers
[[nodiscard]] command<std::vector<stream_consumer>> xinfo_consumers(std::string_view key, std::string_view group);

}  // namespace valkeyxx::commands

namespace valkeyxx {

template <>
struct reply_to<commands::stream_entry> {
    static result<commands::stream_entry> from(reply_view v);
};
/// Null is none: XRANGE COUNT 0.
template <>
struct reply_to<std::vector<commands::stream_entry>> {
    static result<std::vector<commands::stream_entry>> from(reply_view v);
};
/// Null is none: there was nothing to read.
template <>
struct reply_to<std::vector<commands::stream_batch>> {
    static result<std::vector<commands::stream_batch>> from(reply_view v);
};
template <>
struct reply_to<commands::claimed_entries> {
    static result<commands::claimed_entries> from(reply_view v);
};
template <>
struct reply_to<commands::claimed_ids> {
    static result<commands::claimed_ids> from(reply_view v);
};
template <>
struct reply_to<commands::pending_summary> {
    static result<commands::pending_summary> from(reply_view v);
};
template <>
struct reply_to<commands::pending_entry> {
    static result<commands::pending_entry> from(reply_view v);
};
template <>
struct reply_to<commands::stream_info> {
    static result<commands::stream_info> from(reply_view v);
};
template <>
struct reply_to<commands::stream_group> {
    static result<commands::stream_group> from(reply_view v);
};
template <>
struct reply_to<commands::stream_consumer> {
    static result<commands::stream_consumer> from(reply_view v);
};
template <>
struct reply_to<commands::stream_delivery> {
    static result<commands::stream_delivery> from(reply_view v);
};
template <>
struct reply_to<commands::stream_consumer_details> {
    static result<commands::stream_consumer_details> from(reply_view v);
};
template <>
struct reply_to<commands::stream_group_details> {
    static result<commands::stream_group_details> from(reply_view v);
};
template <>
struct reply_to<commands::stream_details> {
    static result<commands::stream_details> from(reply_view v);
};

}  // namespace valkeyxx
