// Commands of the group "generic": on keys of any type.
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
#include <valkeyxx/commands/scan_step.hpp>
#include <valkeyxx/commands/sort_order.hpp>
#include <valkeyxx/commands/time_to_live.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// Removes keys of one slot; returns how many there were. Not repeated when its reply is lost, since the number would
/// be another. Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/del
[[nodiscard]] inline command<std::int64_t> del(const strings& keys) {
    return command<std::int64_t>{std::in_place, command_id::del, keys.view(), encoded_command::keys::all};
}
template <std::convertible_to<std::string_view> Key, std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> del(const Key& key, const More&... more) {
    return del(std::array{std::string_view{key}, std::string_view{more}...});
}

/// As del, but large values are freed in the background. Behind a `using namespace`, one string literal could mean the
/// system's unlink, too, and does not compile: write `commands::unlink("k")`. Source: https://valkey.io/commands/unlink
[[nodiscard]] inline command<std::int64_t> unlink(const strings& keys) {
    return command<std::int64_t>{std::in_place, command_id::unlink, keys.view(), encoded_command::keys::all};
}
template <std::convertible_to<std::string_view> Key, std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> unlink(const Key& key, const More&... more) {
    return unlink(std::array{std::string_view{key}, std::string_view{more}...});
}
// As good a match as the system's function, which would remove a file.
[[nodiscard]] inline command<std::int64_t> unlink(const char* key) {
    return unlink(std::array{std::string_view{key}});
}

/// How many of the keys (of one slot) exist; one that is named twice counts twice.
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/exists
[[nodiscard]] inline command<std::int64_t> exists(const strings& keys) {
    return command<std::int64_t>{std::in_place, command_id::exists, keys.view(), encoded_command::keys::all};
}
template <std::convertible_to<std::string_view> Key, std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> exists(const Key& key, const More&... more) {
    return exists(std::array{std::string_view{key}, std::string_view{more}...});
}

/// Marks keys of one slot as used just now, for object_idletime and for eviction; returns how many exist.
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/touch
[[nodiscard]] inline command<std::int64_t> touch(const strings& keys) {
    return command<std::int64_t>{std::in_place, command_id::touch, keys.view(), encoded_command::keys::all};
}
template <std::convertible_to<std::string_view> Key, std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> touch(const Key& key, const More&... more) {
    return touch(std::array{std::string_view{key}, std::string_view{more}...});
}

/// What a key holds: "string", "list", "set", "zset", "hash", "stream", a module's type, or "none": there is no such
/// key. Source: https://valkey.io/commands/type
[[nodiscard]] inline command<std::string> type(std::string_view key) {
    return command<std::string>{std::in_place, command_id::type, key};
}

/// Gives a key a time to live, from 1 ms (at once, if not positive). False if there is no such key or `condition` did
/// not hold. Sends PEXPIRE. Source: https://valkey.io/commands/pexpire
[[nodiscard]] command<bool> expire(std::string_view key, std::chrono::milliseconds lifetime,
                                   expire_if condition = expire_if::always);
/// The same as expire. Source: https://valkey.io/commands/pexpire
[[nodiscard]] inline command<bool> pexpire(std::string_view key, std::chrono::milliseconds lifetime,
                                           expire_if condition = expire_if::always) {
    return expire(key, lifetime, condition);
}

/// Sets when the life of a key ends, by the server's clock; at once, if it has passed. Fractions of a millisecond are
/// cut off. False if there is no such key or `condition` did not hold. Sends PEXPIREAT. Source:
/// https://valkey.io/commands/pexpireat
[[nodiscard]] command<bool> expireat(std::string_view key, std::chrono::system_clock::time_point at,
                                     expire_if condition = expire_if::always);
/// The same as expireat. Source: https://valkey.io/commands/pexpireat
[[nodiscard]] inline command<bool> pexpireat(std::string_view key, std::chrono::system_clock::time_point at,
                                             expire_if condition = expire_if::always) {
    return expireat(key, at, condition);
}

/// Lets a key live for good. False if there is no such key or it does so already. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/persist
[[nodiscard]] inline command<bool> persist(std::string_view key) {
    return command<bool>{std::in_place, command_id::persist, key};
}

/// How long a key still lives, in seconds, rounded. Source: https://valkey.io/commands/ttl
[[nodiscard]] inline command<time_to_live<std::chrono::seconds>> ttl(std::string_view key) {
    return command<time_to_live<std::chrono::seconds>>{std::in_place, command_id::ttl, key};
}

/// How long a key still lives, in milliseconds. Source: https://valkey.io/commands/pttl
[[nodiscard]] inline command<time_to_live<std::chrono::milliseconds>> pttl(std::string_view key) {
    return command<time_to_live<std::chrono::milliseconds>>{std::in_place, command_id::pttl, key};
}

/// When the life of a key ends, to the second, rounded. Source: https://valkey.io/commands/expiretime
[[nodiscard]] inline command<end_of_life<std::chrono::sys_seconds>> expiretime(std::string_view key) {
    return command<end_of_life<std::chrono::sys_seconds>>{std::in_place, command_id::expiretime, key};
}

/// When the life of a key ends, to the millisecond. Source: https://valkey.io/commands/pexpiretime
[[nodiscard]] inline command<end_of_life<std::chrono::sys_time<std::chrono::milliseconds>>> pexpiretime(
    std::string_view key) {
    return command<end_of_life<std::chrono::sys_time<std::chrono::milliseconds>>>{std::in_place,
                                                                                  command_id::pexpiretime, key};
}

/// Renames a key, replacing one that has the new name already. Not repeated when its reply is lost.
/// Errors: ERR if there is no such key; `cross_slot`: the names hash to several slots. Behind a `using namespace`, two
/// string literals could mean C's rename, too, and do not compile: write `commands::rename("a", "b")`.
/// Source: https://valkey.io/commands/rename
[[nodiscard]] inline command<void> rename(std::string_view key, std::string_view new_name) {
    return command<void>{std::in_place, command_id::rename, std::array{key, new_name}, encoded_command::keys::all};
}
// As good a match as C's function, which would rename a file.
[[nodiscard]] inline command<void> rename(const char* key, const char* new_name) {
    return rename(std::string_view{key}, std::string_view{new_name});
}

/// As rename, but false, and nothing changes, if there is a key of the new name.
/// Source: https://valkey.io/commands/renamenx
[[nodiscard]] inline command<bool> renamenx(std::string_view key, std::string_view new_name) {
    return command<bool>{std::in_place, command_id::renamenx, std::array{key, new_name}, encoded_command::keys::all};
}

/// Options of COPY.
struct copy_options {
    bool replace = false;                       ///< also if the destination exists
    std::optional<std::int64_t> database = {};  ///< of the destination; a cluster of Valkey 8.0 has only 0
};

/// Copies a value with its time to live; false if there is no such key or the destination exists. Not repeated when its
/// reply is lost. Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/copy
[[nodiscard]] command<bool> copy(std::string_view source, std::string_view destination, copy_options options = {});

/// Moves a key to another database of the same server; false if there is no such key, or one of the same name there.
/// Not repeated when its reply is lost. Errors: ERR in a cluster, which has but one database. Source:
/// https://valkey.io/commands/move
[[nodiscard]] command<bool> move(std::string_view key, std::int64_t database);

/// The names of all keys that match a pattern ("user:*"), of all shards, in no order. It blocks each server while it
/// looks at every key: for small or idle servers only, else scan. Source: https://valkey.io/commands/keys
[[nodiscard]] inline command<std::vector<std::string>> keys(std::string_view pattern) {
    return command<std::vector<std::string>>{std::in_place, command_id::keys, std::array{pattern},
                                             encoded_command::keys::none};
}

/// Some key of the node asked, which is the default one if you name none; nullopt if it has no keys.
/// Source: https://valkey.io/commands/randomkey
[[nodiscard]] command<std::optional<std::string>> randomkey();

/// Options of SCAN.
struct scan_options {
    /// Only keys whose names match this glob pattern. "*": all.
    std::string_view match = "*";
    /// About how many keys the server looks at in one step.
    std::int64_t count = 10;
    /// Only keys of this type, see type(). Empty: of any.
    std::string_view type = {};
};

/// One step through the keys of one node, from cursor 0 until it is 0 again. Name the node, since a cursor means
/// nothing to the others: `cluster.execute(scan(0), on(node))`. Source: https://valkey.io/commands/scan
[[nodiscard]] command<scan_step<std::string>> scan(std::uint64_t cursor, scan_options options = {});

/// What a step of CLUSTERSCAN found. All steps from cursor "0" to cursor "0" together return each key that was there
/// all the time, some more than once.
struct clusterscan_step {
    std::string cursor;              ///< for the next step; "0": this was the last
    std::vector<std::string> items;  ///< names of keys; may be empty before the last step
};

/// Options of CLUSTERSCAN.
struct clusterscan_options {
    /// Only keys whose names match this glob pattern. "*": all.
    std::string_view match = "*";
    /// About how many keys the server looks at in one step.
    std::int64_t count = 10;
    /// Only keys of this type, see type(). Empty: of any.
    std::string_view type = {};
    /// Only keys of this slot; by default of all.
    std::optional<std::uint16_t> slot = {};
};

/// One step through the keys of a whole cluster, from cursor "0" until it is "0" again. The cursor says which node is
/// to be asked, and is good also after slots have moved. Since Valkey 9.1. Errors: ERR if the server is not in cluster
/// mode. Source: https://valkey.io/commands/clusterscan
[[nodiscard]] command<clusterscan_step> clusterscan(std::string_view cursor, clusterscan_options options = {});

/// A value as the server stores it, for restore; nullopt if there is no such key. Good for the server's version and
/// newer ones; the time to live is not part of it. Source: https://valkey.io/commands/dump
[[nodiscard]] inline command<std::optional<std::string>> dump(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::dump, key};
}

/// Options of RESTORE.
struct restore_options {
    /// How long the key lives, from 1 ms; by default for good.
    std::optional<std::chrono::milliseconds> expiry = {};
    /// When the key's life ends, by the server's clock; not together with `expiry`. In the past: no key is made.
    std::optional<std::chrono::system_clock::time_point> expire_at = {};
    /// Replaces a key that exists.
    bool replace = false;
    /// How long the key counts as not used, for eviction policies with LRU.
    std::optional<std::chrono::seconds> idle_time = {};
    /// How often the key counts as used, 0 to 255, for eviction policies with LFU.
    std::optional<std::int64_t> frequency = {};
};

/// Makes a key from what dump returned. Not repeated when its reply is lost.
/// Errors: BUSYKEY if the key exists and is not to be replaced; ERR if the bytes are not those of a dump. Throws
/// `exception` with `invalid_argument` if the options name two ends of life, or an expiry of 0. Source:
/// https://valkey.io/commands/restore
[[nodiscard]] command<void> restore(std::string_view key, std::string_view dumped, restore_options options = {});

/// Options of MIGRATE.
struct migrate_options {
    std::int64_t database = 0;  ///< at the destination
    bool keep = false;          ///< leaves the keys where they are, too (COPY)
    bool replace = false;       ///< replaces keys that exist at the destination
    std::string_view username = {};
    std::string_view password = {};  ///< of the destination; empty: it asks for none
};

/// What MIGRATE did if it did not fail.
enum class migrated : std::uint8_t {
    done,
    no_key,  ///< none of the keys exists
};

/// Moves keys of one slot to another server, both of which are blocked meanwhile. `timeout`: how long the connection
/// between them may be idle, from 1 ms. Never repeated. Errors: IOERR after that time, when the keys may be at both
/// servers; BUSYKEY if the destination has one of the keys. Throws `exception` with `invalid_argument` without keys, or
/// for a username without a password. To move whole slots of a
/// cluster takes more, see https://valkey.io/topics/cluster-spec.
/// Source: https://valkey.io/commands/migrate
[[nodiscard]] command<migrated> migrate(std::string_view host, std::uint16_t port, const strings& keys,
                                        std::chrono::milliseconds timeout, migrate_options options = {});
template <std::convertible_to<std::string_view> Key>
[[nodiscard]] command<migrated> migrate(std::string_view host, std::uint16_t port, const Key& key,
                                        std::chrono::milliseconds timeout, migrate_options options = {}) {
    return migrate(host, port, std::array{std::string_view{key}}, timeout, options);
}

/// How the server stores a value ("embstr", "listpack", "skiplist" ...); nullopt if there is no such key.
/// Source: https://valkey.io/commands/object-encoding
[[nodiscard]] inline command<std::optional<std::string>> object_encoding(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::object_encoding, key};
}

/// How often a key was used, on a logarithmic scale up to 255; nullopt if there is no such key.
/// Errors: ERR unless maxmemory-policy is one of the LFU ones. Source: https://valkey.io/commands/object-freq
[[nodiscard]] inline command<std::optional<std::int64_t>> object_freq(std::string_view key) {
    return command<std::optional<std::int64_t>>{std::in_place, command_id::object_freq, key};
}

/// How long ago a key was last used; nullopt if there is no such key.
/// Errors: ERR if maxmemory-policy is one of the LFU ones. Source: https://valkey.io/commands/object-idletime
[[nodiscard]] inline command<std::optional<std::chrono::seconds>> object_idletime(std::string_view key) {
    return command<std::optional<std::chrono::seconds>>{std::in_place, command_id::object_idletime, key};
}

/// How many places inside the server refer to a value; nullopt if there is no such key.
/// Source: https://valkey.io/commands/object-refcount
[[nodiscard]] inline command<std::optional<std::int64_t>> object_refcount(std::string_view key) {
    return command<std::optional<std::int64_t>>{std::in_place, command_id::object_refcount, key};
}

/// The server's lines of help on OBJECT. Source: https://valkey.io/commands/object-help
[[nodiscard]] command<std::vector<std::string>> object_help();

/// Options of SORT.
struct sort_options {
    /// Sorts by the values of other keys instead: a pattern in which `*` stands for the element, `weight_*` or
    /// `object_*->field`. Without `*`: does not sort. Empty: by the elements. In a cluster the pattern must have the
    /// hash tag of the key.
    std::string_view by = {};
    std::int64_t offset = 0;                 ///< how many to leave out
    std::optional<std::int64_t> count = {};  ///< how many to return at most; by default all
    sort_order order = sort_order::ascending;
    bool alphabetically = false;  ///< by text (ALPHA); otherwise by number, and it is an error if one is none
};

/// The elements of a list, set or sorted set in order; empty if there is no such key.
/// Example: `sort("k", {.count = 10, .order = sort_order::descending})` Source: https://valkey.io/commands/sort
[[nodiscard]] command<std::vector<std::string>> sort(std::string_view key, sort_options options = {});

/// SORT with GET: for each element in order and each pattern (`name_*`, `object_*->field`, or `#`: the element itself),
/// the value of the key that the pattern names; nullopt if there is none. In a cluster the patterns must have the hash
/// tag of the key, and Valkey 8.0.1 refuses `#` there. Source: https://valkey.io/commands/sort
[[nodiscard]] command<std::vector<std::optional<std::string>>> sort_get(std::string_view key, const strings& patterns,
                                                                        sort_options options = {});

/// SORT with STORE: puts the result into a list of the same slot, replacing what is there, and returns its length. Not
/// repeated when its reply is lost. Error `cross_slot`: the keys hash to several slots.
/// Source: https://valkey.io/commands/sort
[[nodiscard]] command<std::int64_t> sort_store(std::string_view key, std::string_view destination,
                                               sort_options options = {});
/// The same with GET; what is missing becomes an empty string.
[[nodiscard]] command<std::int64_t> sort_get_store(std::string_view key, const strings& patterns,
                                                   std::string_view destination, sort_options options = {});

/// As sort, but may read from a replica. Source: https://valkey.io/commands/sort_ro
[[nodiscard]] command<std::vector<std::string>> sort_ro(std::string_view key, sort_options options = {});
/// As sort_get, but may read from a replica. Source: https://valkey.io/commands/sort_ro
[[nodiscard]] command<std::vector<std::optional<std::string>>> sort_ro_get(std::string_view key,
                                                                           const strings& patterns,
                                                                           sort_options options = {});

/// Waits until so many replicas of the node asked have all that this client's connection has written so far, or until
/// `timeout` has passed (0: no limit but config::command_timeout); returns how many have it. Name the node that holds
/// the keys: `execute(wait(1, 100ms), on_slot(key_slot(key)))`. It holds up what others send to that node on the same
/// connection. Never repeated; on a new connection it knows of no writes. Source: https://valkey.io/commands/wait
[[nodiscard]] command<std::int64_t> wait(std::int64_t replicas, std::chrono::milliseconds timeout);

/// How many servers have the writes on their disks.
struct waitaof_counts {
    std::int64_t local = 0;  ///< the node asked: 1 or 0
    std::int64_t replicas = 0;
    friend bool operator==(const waitaof_counts&, const waitaof_counts&) = default;
};

/// As wait, until the writes are on the disks of the node asked (`local` is 1; 0 if that does not matter) and of so
/// many replicas. Errors: ERR if `local` is 1 and the node has no append-only file. Source:
/// https://valkey.io/commands/waitaof
[[nodiscard]] command<waitaof_counts> waitaof(std::int64_t local, std::int64_t replicas,
                                              std::chrono::milliseconds timeout);

}  // namespace valkeyxx::commands

namespace valkeyxx {

/// An array of the cursor and the keys.
template <>
struct reply_to<commands::clusterscan_step> {
    static result<commands::clusterscan_step> from(reply_view v);
};

template <>
struct reply_to<commands::migrated> {
    static result<commands::migrated> from(reply_view v);
};

template <>
struct reply_to<commands::waitaof_counts> {
    static result<commands::waitaof_counts> from(reply_view v);
};

}  // namespace valkeyxx
