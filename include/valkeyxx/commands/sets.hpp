// Commands of the group "set".
//
//   cluster.execute(sadd("{team}1", "ada", "grace"));
//   auto both = cluster.execute(sinter("{team}1", "{team}2"));  // an unordered_set
//
// The keys of one command must be of one slot: error `cross_slot` otherwise.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/commands/scan_step.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// Adds members to a set, which is made if there is none; returns how many are new. Not repeated when its reply is
/// lost, since the number would be another. Source: https://valkey.io/commands/sadd
[[nodiscard]] command<std::int64_t> sadd(std::string_view key, const strings& members);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> sadd(std::string_view key, std::string_view member, const More&... more) {
    return sadd(key, strings{member, std::string_view{more}...});
}

/// Removes members; returns how many of them there were. The key goes with its last member. Not repeated when its reply
/// is lost. Source: https://valkey.io/commands/srem
[[nodiscard]] command<std::int64_t> srem(std::string_view key, const strings& members);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> srem(std::string_view key, std::string_view member, const More&... more) {
    return srem(key, strings{member, std::string_view{more}...});
}

/// Moves a member from one set to another; false, and nothing is changed, if the source has no such member. Not
/// repeated when its reply is lost. Source: https://valkey.io/commands/smove
[[nodiscard]] command<bool> smove(std::string_view source, std::string_view destination, std::string_view member);

/// How many members there are; 0 if there is no such key. Source: https://valkey.io/commands/scard
[[nodiscard]] inline command<std::int64_t> scard(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::scard, key};
}

/// Whether a set has a member. Source: https://valkey.io/commands/sismember
[[nodiscard]] inline command<bool> sismember(std::string_view key, std::string_view member) {
    return command<bool>{std::in_place, command_id::sismember, std::array{key, member}, encoded_command::keys::first};
}

/// Whether a set has each of these members, in their order. Source: https://valkey.io/commands/smismember
[[nodiscard]] command<std::vector<bool>> smismember(std::string_view key, const strings& members);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<bool>> smismember(std::string_view key, std::string_view member,
                                                    const More&... more) {
    return smismember(key, strings{member, std::string_view{more}...});
}

/// All members; empty if there is no such key. Source: https://valkey.io/commands/smembers
[[nodiscard]] inline command<std::unordered_set<std::string>> smembers(std::string_view key) {
    return command<std::unordered_set<std::string>>{std::in_place, command_id::smembers, key};
}

/// Takes a random member; nullopt if there is none. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/spop
[[nodiscard]] inline command<std::optional<std::string>> spop(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::spop, key};
}
/// Takes up to `count` (0 or more) random members; empty if there are none.
[[nodiscard]] command<std::vector<std::string>> spop(std::string_view key, std::int64_t count);

/// A random member, which stays; nullopt if there is none. Source: https://valkey.io/commands/srandmember
[[nodiscard]] inline command<std::optional<std::string>> srandmember(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::srandmember, key};
}
/// Random members, which stay; empty if there are none.
/// @param count  up to so many different ones; if negative, exactly -count, some perhaps more than once
[[nodiscard]] command<std::vector<std::string>> srandmember(std::string_view key, std::int64_t count);

/// The members of the first set that are in none of the others. Source: https://valkey.io/commands/sdiff
[[nodiscard]] command<std::unordered_set<std::string>> sdiff(const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::unordered_set<std::string>> sdiff(std::string_view key, const More&... more) {
    return sdiff(strings{key, std::string_view{more}...});
}

/// The members that are in all of the sets. Source: https://valkey.io/commands/sinter
[[nodiscard]] command<std::unordered_set<std::string>> sinter(const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::unordered_set<std::string>> sinter(std::string_view key, const More&... more) {
    return sinter(strings{key, std::string_view{more}...});
}

/// The members that are in any of the sets. Source: https://valkey.io/commands/sunion
[[nodiscard]] command<std::unordered_set<std::string>> sunion(const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::unordered_set<std::string>> sunion(std::string_view key, const More&... more) {
    return sunion(strings{key, std::string_view{more}...});
}

/// Stores what sdiff returns as a set, in place of what was there; returns how many members it has. If it has none, the
/// key is removed. Not repeated when its reply is lost, since the destination may be one of the sources.
/// Source: https://valkey.io/commands/sdiffstore
[[nodiscard]] command<std::int64_t> sdiffstore(std::string_view destination, const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> sdiffstore(std::string_view destination, std::string_view key,
                                               const More&... more) {
    return sdiffstore(destination, strings{key, std::string_view{more}...});
}

/// As sdiffstore, for what sinter returns. Source: https://valkey.io/commands/sinterstore
[[nodiscard]] command<std::int64_t> sinterstore(std::string_view destination, const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> sinterstore(std::string_view destination, std::string_view key,
                                                const More&... more) {
    return sinterstore(destination, strings{key, std::string_view{more}...});
}

/// As sdiffstore, for what sunion returns. Source: https://valkey.io/commands/sunionstore
[[nodiscard]] command<std::int64_t> sunionstore(std::string_view destination, const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> sunionstore(std::string_view destination, std::string_view key,
                                                const More&... more) {
    return sunionstore(destination, strings{key, std::string_view{more}...});
}

/// How many members are in all of the sets.
/// @param limit  stops counting at this number; by default counts all
/// Source: https://valkey.io/commands/sintercard
[[nodiscard]] command<std::int64_t> sintercard(const strings& keys, std::optional<std::int64_t> limit = {});

/// One step through the members of a set, from cursor 0 until it is 0 again. Source: https://valkey.io/commands/sscan
[[nodiscard]] command<scan_step<std::string>> sscan(std::string_view key, std::uint64_t cursor,
                                                    element_scan_options options = {});

}  // namespace valkeyxx::commands
