// Commands of the group "cluster": what a node knows of its cluster, and what changes the cluster.
//
// They go to the default node, or where a target says: each node has its own view, and an order that one node follows
// is not followed by the others. Errors of all of them: ERR if the server is not in cluster mode.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/commands/flush_mode.hpp>
#include <valkeyxx/commands/sort_order.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::commands {

// --- the view of a node ----------------------------------------------------------------------------------------------

/// How the node that answers sees its cluster, as lines `name:value`. Source: https://valkey.io/commands/cluster-info
[[nodiscard]] inline command<std::string> cluster_info() {
    return command<std::string>{std::in_place, command_id::cluster_info, std::span<const std::string_view>{},
                                encoded_command::keys::none};
}

/// The id of the node that answers. Source: https://valkey.io/commands/cluster-myid
[[nodiscard]] command<std::string> cluster_myid();

/// The id of the shard of the node that answers. Source: https://valkey.io/commands/cluster-myshardid
[[nodiscard]] command<std::string> cluster_myshardid();

/// A node as another one sees it.
struct cluster_node {
    using time_point = std::chrono::sys_time<std::chrono::milliseconds>;
    std::string id = {};
    std::string host = {};  ///< its IP address; empty if the node does not know its own yet
    std::uint16_t port = 0;
    std::uint16_t bus_port = 0;
    std::string hostname = {};            ///< empty if it announces none
    std::vector<std::string> flags = {};  ///< "myself", "master", "slave", "fail?", "fail", "handshake", "noaddr" ...
    std::string primary_id = {};          ///< of a replica; empty for a primary
    std::optional<time_point> ping_sent =
        {};  ///< when it was sent the ping it has not answered; nullopt: there is none
    std::optional<time_point> pong_received = {};  ///< nullopt: never, or the node itself
    std::int64_t config_epoch = 0;
    bool linked = false;  ///< whether there is a connection to it
    std::vector<slot_range> slots = {};
    std::vector<std::pair<std::uint16_t, std::string>> migrating =
        {};  ///< slots, each with the id of the node it goes to
    std::vector<std::pair<std::uint16_t, std::string>> importing = {};  ///< or comes from
};

/// All nodes. Source: https://valkey.io/commands/cluster-nodes
[[nodiscard]] command<std::vector<cluster_node>> cluster_nodes();

/// The replicas of a primary. Errors: ERR if there is no node of that id, or it is not a primary.
/// Source: https://valkey.io/commands/cluster-replicas
[[nodiscard]] command<std::vector<cluster_node>> cluster_replicas(std::string_view primary_id);
/// Deprecated in favour of cluster_replicas. Source: https://valkey.io/commands/cluster-slaves
[[nodiscard]] command<std::vector<cluster_node>> cluster_slaves(std::string_view primary_id);

/// A node as CLUSTER SHARDS tells of it.
struct cluster_shard_node {
    std::string id = {};
    std::uint16_t port = 0;      ///< 0: there is none without TLS
    std::uint16_t tls_port = 0;  ///< 0: there is none with TLS
    std::string ip = {};
    std::string endpoint = {};           ///< the address or name by which clients shall reach it
    std::string hostname = {};           ///< empty if it announces none
    std::string availability_zone = {};  ///< empty if it announces none
    std::string role = {};               ///< "master" or "replica"
    std::int64_t replication_offset = 0;
    std::string health = {};  ///< "online", "failed" or "loading"
};

/// The nodes that serve the same slots.
struct cluster_shard {
    std::string id = {};  ///< empty before Valkey 9.1
    std::vector<slot_range> slots = {};
    std::vector<cluster_shard_node> nodes = {};
};

/// All shards, also those without slots. Source: https://valkey.io/commands/cluster-shards
[[nodiscard]] command<std::vector<cluster_shard>> cluster_shards();

/// A node as CLUSTER SLOTS tells of it.
struct cluster_slots_node {
    std::optional<std::string> endpoint = {};  ///< nullopt: the address by which the node that answers is reached
    std::uint16_t port = 0;
    std::string id = {};
    std::unordered_map<std::string, std::string> metadata = {};  ///< such as "hostname"
};

/// A range of slots with the nodes that serve it, the primary first.
struct cluster_slots_range {
    slot_range slots{};
    std::vector<cluster_slots_node> nodes = {};
};

/// All ranges of slots that are served. Source: https://valkey.io/commands/cluster-slots
[[nodiscard]] command<std::vector<cluster_slots_range>> cluster_slots();

/// A connection between two nodes.
struct cluster_link {
    std::string direction = {};  ///< "to" or "from" the other node
    std::string node_id = {};
    std::chrono::sys_time<std::chrono::milliseconds> created{};
    std::string events = {};
    std::int64_t send_buffer_allocated = 0;  ///< bytes
    std::int64_t send_buffer_used = 0;       ///< bytes
};

/// The connections of the node that answers to the others. Source: https://valkey.io/commands/cluster-links
[[nodiscard]] command<std::vector<cluster_link>> cluster_links();

/// How many nodes have reported another one as failed, as the node that answers knows it. Errors: ERR if there is no
/// node of that id. Source: https://valkey.io/commands/cluster-count-failure-reports
[[nodiscard]] command<std::int64_t> cluster_count_failure_reports(std::string_view node_id);

// --- slots -----------------------------------------------------------------------------------------------------------

/// The slot of a key; key_slot() knows it without a server. Source: https://valkey.io/commands/cluster-keyslot
[[nodiscard]] command<std::uint16_t> cluster_keyslot(std::string_view key);

/// How many keys the node that answers has of a slot: ask `on_slot(slot)`.
/// Source: https://valkey.io/commands/cluster-countkeysinslot
[[nodiscard]] command<std::int64_t> cluster_countkeysinslot(std::uint16_t slot);

/// At most `count` keys that the node that answers has of a slot: ask `on_slot(slot)`.
/// Source: https://valkey.io/commands/cluster-getkeysinslot
[[nodiscard]] command<std::vector<std::string>> cluster_getkeysinslot(std::uint16_t slot, std::int64_t count);

/// What a node counts for a slot.
struct cluster_slot_statistics {
    std::uint16_t slot = 0;
    std::map<std::string, std::int64_t> numbers = {};  ///< by their names, such as "key-count"
};

/// The numbers of the slots from `first` to `last`, of those that primaries serve.
/// Source: https://valkey.io/commands/cluster-slot-stats
[[nodiscard]] command<std::vector<cluster_slot_statistics>> cluster_slot_stats(std::uint16_t first, std::uint16_t last);

/// Options of CLUSTER SLOT-STATS ORDERBY.
struct cluster_slot_stats_options {
    std::optional<std::int64_t> limit = {};  ///< at most so many slots of each primary; by default all
    sort_order order = sort_order::descending;
};

/// The slots in the order of one of their numbers, each primary's by itself. Example: `cluster_slot_stats("key-count")`
/// Source: https://valkey.io/commands/cluster-slot-stats
[[nodiscard]] command<std::vector<cluster_slot_statistics>> cluster_slot_stats(std::string_view order_by,
                                                                               cluster_slot_stats_options options = {});

/// Gives slots that nobody serves to the node that answers. Not repeated when its reply is lost. Errors: ERR if
/// somebody serves one of them. Source: https://valkey.io/commands/cluster-addslots
[[nodiscard]] command<void> cluster_addslots(std::span<const std::uint16_t> slots);

/// The same for ranges. Source: https://valkey.io/commands/cluster-addslotsrange
[[nodiscard]] command<void> cluster_addslotsrange(std::span<const slot_range> slots);

/// The node that answers forgets who serves these slots. Not repeated when its reply is lost. Errors: ERR if nobody
/// does. Source: https://valkey.io/commands/cluster-delslots
[[nodiscard]] command<void> cluster_delslots(std::span<const std::uint16_t> slots);

/// The same for ranges. Source: https://valkey.io/commands/cluster-delslotsrange
[[nodiscard]] command<void> cluster_delslotsrange(std::span<const slot_range> slots);

/// The node that answers forgets all its slots. Not repeated when its reply is lost. Errors: ERR if it has keys.
/// Source: https://valkey.io/commands/cluster-flushslots
[[nodiscard]] command<void> cluster_flushslots();

/// Options of CLUSTER SETSLOT.
struct cluster_setslot_options {
    /// How long the primary waits for its replicas to know it too; by default 2 s.
    std::optional<std::chrono::milliseconds> timeout = {};
};

/// The node that answers, which serves the slot, begins to give it to another one. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/cluster-setslot
[[nodiscard]] command<void> cluster_setslot_migrating(std::uint16_t slot, std::string_view to_node_id,
                                                      cluster_setslot_options options = {});

/// The node that answers begins to take the slot from another one. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/cluster-setslot
[[nodiscard]] command<void> cluster_setslot_importing(std::uint16_t slot, std::string_view from_node_id,
                                                      cluster_setslot_options options = {});

/// Ends the slot's migration or import without a change of its owner. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/cluster-setslot
[[nodiscard]] command<void> cluster_setslot_stable(std::uint16_t slot, cluster_setslot_options options = {});

/// From now on the node that answers takes `node_id` for the owner of the slot, and its migration or import has ended.
/// Not repeated when its reply is lost. Source: https://valkey.io/commands/cluster-setslot
[[nodiscard]] command<void> cluster_setslot_node(std::uint16_t slot, std::string_view node_id,
                                                 cluster_setslot_options options = {});

// --- moving slots ----------------------------------------------------------------------------------------------------

/// Slots with the node that they shall go to.
struct cluster_slot_move {
    std::span<const slot_range> slots = {};  ///< must live until the command is made
    std::string_view to_node_id = {};
};

/// The node that answers begins to move slots that it serves to other nodes, with all their keys. Not repeated when its
/// reply is lost. Errors: ERR if it does not serve them, or moves one of them already. Since Valkey 9.0.
/// Source: https://valkey.io/commands/cluster-migrateslots
[[nodiscard]] command<void> cluster_migrateslots(std::span<const cluster_slot_move> moves);
/// The same to one node. Example: `cluster_migrateslots(std::array{slot_range{0, 99}}, node_id)`
[[nodiscard]] command<void> cluster_migrateslots(std::span<const slot_range> slots, std::string_view to_node_id);

/// Ends all moves of slots from the node that answers; the slots stay. Not repeated when its reply is lost. Errors: ERR
/// if there are none. Since Valkey 9.0. Source: https://valkey.io/commands/cluster-cancelslotmigrations
[[nodiscard]] command<void> cluster_cancelslotmigrations();

/// A move of slots, under way or over.
struct cluster_slot_migration {
    std::string name = {};       ///< the same at both nodes
    std::string operation = {};  ///< "EXPORT" or "IMPORT"
    std::vector<slot_range> slots = {};
    std::string source_node = {};
    std::string target_node = {};
    std::chrono::sys_seconds created{};
    std::chrono::sys_seconds updated{};
    std::chrono::sys_seconds acknowledged{};
    std::string state = {};    ///< "success", "failed", "cancelled", or how far it is
    std::string message = {};  ///< why it has failed
    std::int64_t cow_size = 0;
    std::int64_t remaining_repl_size = 0;  ///< bytes that are still to be sent
};

/// The moves of slots from or to the node that answers, the newest first. Since Valkey 9.0.
/// Source: https://valkey.io/commands/cluster-getslotmigrations
[[nodiscard]] command<std::vector<cluster_slot_migration>> cluster_getslotmigrations();

/// Removes all keys of a slot at the node that answers: ask `on_slot(slot)`. Not repeated when its reply is lost. Since
/// Valkey 9.0. Source: https://valkey.io/commands/cluster-flushslot
[[nodiscard]] command<void> cluster_flushslot(std::uint16_t slot, flush_mode mode = flush_mode::by_config);

// --- nodes -----------------------------------------------------------------------------------------------------------

/// Options of CLUSTER MEET.
struct cluster_meet_options {
    std::optional<std::uint16_t> bus_port = {};  ///< by default 10000 above the port
};

/// Makes two clusters one: the node that answers begins to talk to a node of the other. Not repeated when its reply is
/// lost. Source: https://valkey.io/commands/cluster-meet
[[nodiscard]] command<void> cluster_meet(std::string_view ip, std::uint16_t port, cluster_meet_options options = {});

/// The node that answers forgets another one, for a minute at least. Not repeated when its reply is lost. Errors: ERR
/// if it is not known, is itself, or is its primary. Source: https://valkey.io/commands/cluster-forget
[[nodiscard]] command<void> cluster_forget(std::string_view node_id);

/// The node that answers becomes a replica. Not repeated when its reply is lost. Errors: ERR if it has slots or keys.
/// Source: https://valkey.io/commands/cluster-replicate
[[nodiscard]] command<void> cluster_replicate(std::string_view primary_id);

/// The node that answers, a replica, becomes a primary without slots, in a shard of its own; its data go. Not repeated
/// when its reply is lost. Since Valkey 9.0. Source: https://valkey.io/commands/cluster-replicate
[[nodiscard]] command<void> cluster_replicate_no_one();

/// How a replica takes its primary's place.
enum class cluster_failover_how : std::uint8_t {
    graceful,  ///< the primary helps, and nothing is lost
    force,     ///< without the primary, by an election
    takeover,  ///< without the primary and without an election
};

/// The replica that answers begins to take its primary's place. Not repeated when its reply is lost. Errors: ERR if it
/// is not a replica. Source: https://valkey.io/commands/cluster-failover
[[nodiscard]] command<void> cluster_failover(cluster_failover_how how = cluster_failover_how::graceful);

/// What a node forgets.
enum class cluster_reset_how : std::uint8_t {
    soft,  ///< the other nodes, and who serves which slots; a replica loses its data
    hard,  ///< its id and all epochs, too
};

/// Makes the node that answers a node of its own. Not repeated when its reply is lost. Errors: ERR if it is a primary
/// that has keys. Source: https://valkey.io/commands/cluster-reset
[[nodiscard]] command<void> cluster_reset(cluster_reset_how how = cluster_reset_how::soft);

/// Gives the node that answers a higher epoch, unless it has the highest; returns "BUMPED n" or "STILL n". Not repeated
/// when its reply is lost. Source: https://valkey.io/commands/cluster-bumpepoch
[[nodiscard]] command<std::string> cluster_bumpepoch();

/// Sets the epoch of a node that knows no other one and has none. Not repeated when its reply is lost. Errors: ERR
/// otherwise. Source: https://valkey.io/commands/cluster-set-config-epoch
[[nodiscard]] command<void> cluster_set_config_epoch(std::int64_t epoch);

/// The node that answers writes down what it knows of the cluster, as it does by itself after each change. Not repeated
/// when its reply is lost. Source: https://valkey.io/commands/cluster-saveconfig
[[nodiscard]] command<void> cluster_saveconfig();

}  // namespace valkeyxx::commands

namespace valkeyxx {

template <>
struct reply_to<commands::cluster_node> {
    static result<commands::cluster_node> from(reply_view v);
};
/// From lines, or an array of them.
template <>
struct reply_to<std::vector<commands::cluster_node>> {
    static result<std::vector<commands::cluster_node>> from(reply_view v);
};
template <>
struct reply_to<commands::cluster_shard_node> {
    static result<commands::cluster_shard_node> from(reply_view v);
};
template <>
struct reply_to<commands::cluster_shard> {
    static result<commands::cluster_shard> from(reply_view v);
};
template <>
struct reply_to<commands::cluster_slots_node> {
    static result<commands::cluster_slots_node> from(reply_view v);
};
template <>
struct reply_to<commands::cluster_slots_range> {
    static result<commands::cluster_slots_range> from(reply_view v);
};
template <>
struct reply_to<commands::cluster_slot_statistics> {
    static result<commands::cluster_slot_statistics> from(reply_view v);
};
template <>
struct reply_to<commands::cluster_slot_migration> {
    static result<commands::cluster_slot_migration> from(reply_view v);
};
template <>
struct reply_to<commands::cluster_link> {
    static result<commands::cluster_link> from(reply_view v);
};

}  // namespace valkeyxx
