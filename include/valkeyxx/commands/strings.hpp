// Commands of the group "string".
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/commands/set_if.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// Options of SET. `condition` and `if_equal` exclude each other, and so do `expiry`, `keep_ttl` and `expire_at`; the
/// server refuses two of them.
struct set_options {
    /// Writes only if the key exists, or only if it does not. Such a SET is not repeated when its reply is lost.
    set_if condition = set_if::always;
    /// Writes only if the key has this value. Such a SET is not repeated either. Since Valkey 8.1.
    std::optional<std::string_view> if_equal = {};
    /// How long the value lives, from 1 ms; by default for good.
    std::optional<std::chrono::milliseconds> expiry = {};
    /// Leaves the time to live of an existing key as it is.
    bool keep_ttl = false;
    /// When the value's life ends, by the server's clock. Fractions of a millisecond are cut off.
    std::optional<std::chrono::system_clock::time_point> expire_at = {};
};

/// The value of a key; nullopt if there is no such key. Errors: WRONGTYPE if it is not a string.
/// Source: https://valkey.io/commands/get
[[nodiscard]] inline command<std::optional<std::string>> get(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::get, key};
}

/// Sets a key, replacing any value, type and (unless `keep_ttl`) time to live. False if the condition did not hold.
/// Example: `set("k", "v", {.condition = set_if::does_not_exist, .expiry = 10s})`
/// Source: https://valkey.io/commands/set
[[nodiscard]] command<bool> set(std::string_view key, std::string_view value, set_options options);
[[nodiscard]] inline command<bool> set(std::string_view key, std::string_view value) {
    return command<bool>{std::in_place, command_id::set, std::array{key, value}, encoded_command::keys::first};
}

/// SET with GET: as set, but returns what was there before; nullopt if there was no such key. With a condition that
/// says whether it was set, too: with `does_not_exist` nullopt means yes, with `exists` it means no. Not repeated when
/// its reply is lost. Errors: WRONGTYPE if the old value is not a string; nothing is set then. Source:
/// https://valkey.io/commands/set
[[nodiscard]] command<std::optional<std::string>> set_get(std::string_view key, std::string_view value,
                                                          set_options options = {});

/// Removes a key if it has this value; false, and nothing is removed, if not. Not repeated when its reply is lost.
/// Since Valkey 9.0. Source: https://valkey.io/commands/delifeq
[[nodiscard]] inline command<bool> delifeq(std::string_view key, std::string_view value) {
    return command<bool>{std::in_place, command_id::delifeq, std::array{key, value}, encoded_command::keys::first};
}

/// The value of a key, which is removed; nullopt if there is no such key. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/getdel
[[nodiscard]] inline command<std::optional<std::string>> getdel(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::getdel, key};
}

/// The value of a key, which lives from now on as long as this, from 1 ms; nullopt if there is no such key.
/// Source: https://valkey.io/commands/getex
[[nodiscard]] command<std::optional<std::string>> getex(std::string_view key, std::chrono::milliseconds expiry);
/// The same with the time at which the key's life ends, by the server's clock; at once, if it has passed. Fractions of
/// a millisecond are cut off. Not repeated when its reply is lost. Source: https://valkey.io/commands/getex
[[nodiscard]] command<std::optional<std::string>> getex(std::string_view key,
                                                        std::chrono::system_clock::time_point expire_at);
/// GETEX with PERSIST: the value of a key, which lives for good from now on; nullopt if there is no such key.
/// Source: https://valkey.io/commands/getex
[[nodiscard]] command<std::optional<std::string>> getex_persist(std::string_view key);

/// The bytes of a value from `first` to `last`, both included; negative ones count from the end, -1 being the last
/// byte. What lies outside is left out; empty if there is no such key. Source: https://valkey.io/commands/getrange
[[nodiscard]] command<std::string> getrange(std::string_view key, std::int64_t first, std::int64_t last);

/// Overwrites a value from this byte on, from 0, filling a gap with zero bytes; returns the new length in bytes. An
/// empty text changes nothing. Errors: ERR if the offset is negative or the result too long (proto-max-bulk-len).
/// Source: https://valkey.io/commands/setrange
[[nodiscard]] command<std::int64_t> setrange(std::string_view key, std::int64_t offset, std::string_view text);

/// The length of a value in bytes; 0 if there is no such key. Behind a `using namespace`, a string literal could mean
/// C's strlen, too, and does not compile: write `commands::strlen("k")`. Source: https://valkey.io/commands/strlen
[[nodiscard]] inline command<std::int64_t> strlen(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::strlen, key};
}
// As good a match as C's function, which would give the length of the name.
[[nodiscard]] inline command<std::int64_t> strlen(const char* key) {
    return strlen(std::string_view{key});
}

/// Adds a text to the end of a value (to nothing if there is no such key); returns the new length in bytes. Not
/// repeated when its reply is lost. Source: https://valkey.io/commands/append
[[nodiscard]] inline command<std::int64_t> append(std::string_view key, std::string_view text) {
    return command<std::int64_t>{std::in_place, command_id::append, std::array{key, text},
                                 encoded_command::keys::first};
}

/// Adds one to the integer at a key (0 if there is none) and returns the sum. Not repeated when its reply is lost.
/// Errors: ERR if the value is not an integer or would overflow. Source: https://valkey.io/commands/incr
[[nodiscard]] inline command<std::int64_t> incr(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::incr, key};
}

/// As incr, with any summand. Source: https://valkey.io/commands/incrby
[[nodiscard]] command<std::int64_t> incrby(std::string_view key, std::int64_t summand);

/// As incr, for a value and a summand with fractions. Errors: ERR if the value is not a number, or the sum would be
/// infinite or not a number. Source: https://valkey.io/commands/incrbyfloat
[[nodiscard]] command<double> incrbyfloat(std::string_view key, double summand);

/// Takes one from the integer at a key, as incr adds. Source: https://valkey.io/commands/decr
[[nodiscard]] inline command<std::int64_t> decr(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::decr, key};
}

/// As decr, with any number to take. Errors: ERR also for the smallest integer, whose opposite does not exist.
/// Source: https://valkey.io/commands/decrby
[[nodiscard]] command<std::int64_t> decrby(std::string_view key, std::int64_t less);

/// The values of several keys of one slot, in order; nullopt for each that does not exist or is not a string.
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/mget
[[nodiscard]] inline command<std::vector<std::optional<std::string>>> mget(const strings& keys) {
    return command<std::vector<std::optional<std::string>>>{std::in_place, command_id::mget, keys.view(),
                                                            encoded_command::keys::all};
}
template <std::convertible_to<std::string_view> Key, std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<std::string>>> mget(const Key& key, const More&... more) {
    return mget(std::array{std::string_view{key}, std::string_view{more}...});
}

/// Sets several keys of one slot at once, each for good. Always true. Example: `mset({{"{k}1", "a"}, {"{k}2", "b"}})`
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/mset
[[nodiscard]] inline command<bool> mset(const string_pairs& values) {
    return command<bool>{std::in_place, command_id::mset, values.view(), encoded_command::keys::every_other};
}
/// The same for `{key, value, key, value, ...}` in a vector or the like; requires an even number.
template <class Flat>
    requires std::convertible_to<const Flat&, std::span<const std::string_view>>
[[nodiscard]] command<bool> mset(const Flat& keys_and_values) {
    const std::span<const std::string_view> flat{keys_and_values};
    return command<bool>{std::in_place, command_id::mset, flat, encoded_command::keys::every_other};
}

/// Sets several keys of one slot at once if none of them exists; false, and nothing is set, if one does. Not repeated
/// when its reply is lost. Error `cross_slot`: the keys hash to several slots. Source:
/// https://valkey.io/commands/msetnx
[[nodiscard]] inline command<bool> msetnx(const string_pairs& values) {
    return command<bool>{std::in_place, command_id::msetnx, values.view(), encoded_command::keys::every_other};
}

/// Options of MSETEX. `expiry`, `keep_ttl` and `expire_at` exclude each other; the server refuses two of them.
struct msetex_options {
    /// Writes only if all of the keys exist, or only if none does. Such a MSETEX is not repeated when its reply is
    /// lost.
    set_if condition = set_if::always;
    /// How long the values live, from 1 ms; by default for good.
    std::optional<std::chrono::milliseconds> expiry = {};
    /// Leaves the times to live of existing keys as they are.
    bool keep_ttl = false;
    /// When the values' life ends, by the server's clock. Fractions of a millisecond are cut off.
    std::optional<std::chrono::system_clock::time_point> expire_at = {};
};

/// Sets several keys of one slot at once; false, and nothing is set, if the condition did not hold. Since Valkey 9.1.
/// Example: `msetex({{"{k}1", "a"}, {"{k}2", "b"}}, {.expiry = 10s})`
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/msetex
[[nodiscard]] command<bool> msetex(const string_pairs& values, msetex_options options = {});

/// The longest common subsequence of two values of one slot: the bytes that both have in this order, not necessarily
/// side by side. A key that does not exist counts as empty. Takes time and memory by the product of the lengths. Error
/// `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/lcs
[[nodiscard]] inline command<std::string> lcs(std::string_view first, std::string_view second) {
    return command<std::string>{std::in_place, command_id::lcs, std::array{first, second}, encoded_command::keys::all};
}

/// LCS with LEN: only its length in bytes. Source: https://valkey.io/commands/lcs
[[nodiscard]] command<std::int64_t> lcs_len(std::string_view first, std::string_view second);

/// Some bytes of a value, by the places of the first and the last one, counted from 0.
struct byte_range {
    std::int64_t first = 0;
    std::int64_t last = 0;
    friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// A stretch that two values have in common.
struct lcs_match {
    byte_range in_first;
    byte_range in_second;
    std::int64_t length = 0;  ///< in bytes
    friend bool operator==(const lcs_match&, const lcs_match&) = default;
};

/// Where two values match.
struct lcs_matches {
    std::vector<lcs_match> matches;  ///< from the last to the first
    std::int64_t length = 0;         ///< of the whole subsequence, in bytes
};

/// Options of LCS with IDX.
struct lcs_idx_options {
    std::int64_t min_match_length = 0;  ///< leaves out shorter matches; `length` still counts them
};

/// LCS with IDX (and WITHMATCHLEN): where in each value the subsequence stands. Source: https://valkey.io/commands/lcs
[[nodiscard]] command<lcs_matches> lcs_idx(std::string_view first, std::string_view second,
                                           lcs_idx_options options = {});

/// Sets a key if it does not exist; false, and nothing is set, if it does. Not repeated when its reply is lost.
/// Deprecated in favour of set with `set_if::does_not_exist`. Source: https://valkey.io/commands/setnx
[[nodiscard]] inline command<bool> setnx(std::string_view key, std::string_view value) {
    return command<bool>{std::in_place, command_id::setnx, std::array{key, value}, encoded_command::keys::first};
}

/// Sets a key that lives as long as this, from 1 s. Deprecated in favour of set with `expiry`.
/// Source: https://valkey.io/commands/setex
[[nodiscard]] command<void> setex(std::string_view key, std::chrono::seconds expiry, std::string_view value);

/// Sets a key that lives as long as this, from 1 ms. Deprecated in favour of set with `expiry`.
/// Source: https://valkey.io/commands/psetex
[[nodiscard]] command<void> psetex(std::string_view key, std::chrono::milliseconds expiry, std::string_view value);

/// Sets a key and returns what was there before; nullopt if there was no such key. Not repeated when its reply is lost.
/// Deprecated in favour of set_get. Source: https://valkey.io/commands/getset
[[nodiscard]] inline command<std::optional<std::string>> getset(std::string_view key, std::string_view value) {
    return command<std::optional<std::string>>{std::in_place, command_id::getset, std::array{key, value},
                                               encoded_command::keys::first};
}

/// The same as getrange, and deprecated in favour of it. Source: https://valkey.io/commands/substr
[[nodiscard]] command<std::string> substr(std::string_view key, std::int64_t first, std::int64_t last);

}  // namespace valkeyxx::commands

namespace valkeyxx {

template <>
struct reply_to<commands::lcs_matches> {
    static result<commands::lcs_matches> from(reply_view v);
};

}  // namespace valkeyxx
