// Commands of the group "list".
//
//   cluster.execute(rpush("jobs", "wash", "cook"));
//   while (auto job = cluster.execute(lpop("jobs"))) work_on(*job);
//
// Those that wait (BLPOP, BRPOP, BLMOVE, BLMPOP, BRPOPLPUSH) have a connection of their own while they do, and hold up
// nobody: see config::max_exclusive_connections. They have no order to other commands.
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

/// One end of a list: `left` is where its first element is.
enum class list_end : std::uint8_t { left, right };

/// Where LINSERT puts an element.
enum class insert_at : std::uint8_t { before, after };

/// What BLPOP and BRPOP took, and from which list.
struct popped_element {
    std::string key;
    std::string element;
    friend bool operator==(const popped_element&, const popped_element&) = default;
};

/// What LMPOP and BLMPOP took, and from which list.
struct popped_elements {
    std::string key;
    std::vector<std::string> elements;
    friend bool operator==(const popped_elements&, const popped_elements&) = default;
};

/// Adds elements at the left end, one after the other, so that the last one becomes the first of the list. Makes the
/// list if there is none; returns its new length. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/lpush
[[nodiscard]] command<std::int64_t> lpush(std::string_view key, const strings& elements);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> lpush(std::string_view key, std::string_view element, const More&... more) {
    return lpush(key, strings{element, std::string_view{more}...});
}

/// Adds elements at the right end, in their order. Makes the list if there is none; returns its new length. Not
/// repeated when its reply is lost. Source: https://valkey.io/commands/rpush
[[nodiscard]] command<std::int64_t> rpush(std::string_view key, const strings& elements);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> rpush(std::string_view key, std::string_view element, const More&... more) {
    return rpush(key, strings{element, std::string_view{more}...});
}

/// As lpush, but only to a list that is there; 0 if it is not. Source: https://valkey.io/commands/lpushx
[[nodiscard]] command<std::int64_t> lpushx(std::string_view key, const strings& elements);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> lpushx(std::string_view key, std::string_view element, const More&... more) {
    return lpushx(key, strings{element, std::string_view{more}...});
}

/// As rpush, but only to a list that is there; 0 if it is not. Source: https://valkey.io/commands/rpushx
[[nodiscard]] command<std::int64_t> rpushx(std::string_view key, const strings& elements);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> rpushx(std::string_view key, std::string_view element, const More&... more) {
    return rpushx(key, strings{element, std::string_view{more}...});
}

/// Takes the first element; nullopt if there is none. The key goes with its last element. Not repeated when its reply
/// is lost. Source: https://valkey.io/commands/lpop
[[nodiscard]] inline command<std::optional<std::string>> lpop(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::lpop, key};
}
/// Takes up to `count` (0 or more) elements from the left end; nullopt if there is no such list.
[[nodiscard]] command<std::optional<std::vector<std::string>>> lpop(std::string_view key, std::int64_t count);

/// Takes the last element; nullopt if there is none. The key goes with its last element. Not repeated when its reply is
/// lost. Source: https://valkey.io/commands/rpop
[[nodiscard]] inline command<std::optional<std::string>> rpop(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::rpop, key};
}
/// Takes up to `count` (0 or more) elements from the right end, the last one first; nullopt if there is no such list.
[[nodiscard]] command<std::optional<std::vector<std::string>>> rpop(std::string_view key, std::int64_t count);

/// Takes up to `count` (1 or more) elements from one end of the first of these lists (of one slot) that has any;
/// nullopt if all are empty. Not repeated when its reply is lost.
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/lmpop
[[nodiscard]] command<std::optional<popped_elements>> lmpop(const strings& keys, list_end from, std::int64_t count = 1);

/// Moves an element from one end of a list to one of the same or another list (of the same slot); returns it, nullopt
/// if there is none. Not repeated when its reply is lost. Source: https://valkey.io/commands/lmove
[[nodiscard]] command<std::optional<std::string>> lmove(std::string_view source, std::string_view destination,
                                                        list_end from, list_end to);

/// Moves the last element of a list to the front of another one. Deprecated in favour of lmove with `list_end::right`
/// and `list_end::left`. Source: https://valkey.io/commands/rpoplpush
[[nodiscard]] inline command<std::optional<std::string>> rpoplpush(std::string_view source,
                                                                   std::string_view destination) {
    return command<std::optional<std::string>>{std::in_place, command_id::rpoplpush, std::array{source, destination},
                                               encoded_command::keys::all};
}

/// The element at an index: 0 is the first, -1 the last; nullopt if there is none.
/// Source: https://valkey.io/commands/lindex
[[nodiscard]] command<std::optional<std::string>> lindex(std::string_view key, std::int64_t index);

/// How many elements there are; 0 if there is no such key. Source: https://valkey.io/commands/llen
[[nodiscard]] inline command<std::int64_t> llen(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::llen, key};
}

/// The elements from one index to another, both included: 0 is the first, -1 the last. Empty if there are none.
/// Source: https://valkey.io/commands/lrange
[[nodiscard]] command<std::vector<std::string>> lrange(std::string_view key, std::int64_t first, std::int64_t last);

/// Options of LPOS.
struct lpos_options {
    /// With which of the matches to begin: 1 is the first, -1 the last, to search from the right; not 0.
    std::int64_t rank = 1;
    /// How many elements are looked at, at most; by default all.
    std::optional<std::int64_t> max_length = {};
};

/// The index of an element, counted from the left end; nullopt if it is not there.
/// Source: https://valkey.io/commands/lpos
[[nodiscard]] command<std::optional<std::int64_t>> lpos(std::string_view key, std::string_view element,
                                                        lpos_options options = {});
/// The indexes of an element's first `count` matches, with nullopt of all; empty if there are none.
[[nodiscard]] command<std::vector<std::int64_t>> lpos(std::string_view key, std::string_view element,
                                                      std::optional<std::int64_t> count, lpos_options options = {});

/// Puts an element next to the first one that equals `pivot`; returns the new length, -1 if there is no such element,
/// 0 if there is no such key. Not repeated when its reply is lost. Source: https://valkey.io/commands/linsert
[[nodiscard]] command<std::int64_t> linsert(std::string_view key, insert_at place, std::string_view pivot,
                                            std::string_view element);

/// Removes elements that equal `element`; returns how many. Not repeated when its reply is lost.
/// @param count  so many, from the left end; if negative, -count of them, from the right end; 0: all
/// Source: https://valkey.io/commands/lrem
[[nodiscard]] command<std::int64_t> lrem(std::string_view key, std::int64_t count, std::string_view element);

/// Replaces the element at an index: 0 is the first, -1 the last. Not repeated when its reply is lost, since the index
/// may mean another element by then. Errors: ERR if there is no such key or index.
/// Source: https://valkey.io/commands/lset
[[nodiscard]] command<void> lset(std::string_view key, std::int64_t index, std::string_view element);

/// Keeps only the elements from one index to another, both included: 0 is the first, -1 the last. Not repeated when its
/// reply is lost. Source: https://valkey.io/commands/ltrim
[[nodiscard]] command<void> ltrim(std::string_view key, std::int64_t first, std::int64_t last);

/// Waits until one of the lists (of one slot) has an element, and takes its first one; nullopt if the time is over. The
/// first list that has any is taken. Has a connection of its own meanwhile (see above). Not repeated when its reply is
/// lost.
/// @param timeout  from 1 ms; 0: for good. It is added to `config::command_timeout`
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/blpop
[[nodiscard]] command<std::optional<popped_element>> blpop(const strings& keys, std::chrono::milliseconds timeout);

/// As blpop, from the right end. Source: https://valkey.io/commands/brpop
[[nodiscard]] command<std::optional<popped_element>> brpop(const strings& keys, std::chrono::milliseconds timeout);

/// As lmpop, but waits as blpop does until one of the lists has an element. Source: https://valkey.io/commands/blmpop
[[nodiscard]] command<std::optional<popped_elements>> blmpop(const strings& keys, list_end from,
                                                             std::chrono::milliseconds timeout, std::int64_t count = 1);

/// As lmove, but waits as blpop does until there is an element. Source: https://valkey.io/commands/blmove
[[nodiscard]] command<std::optional<std::string>> blmove(std::string_view source, std::string_view destination,
                                                         list_end from, list_end to, std::chrono::milliseconds timeout);

/// As rpoplpush, but waits as blpop does until there is an element. Deprecated in favour of blmove with
/// `list_end::right` and `list_end::left`. Source: https://valkey.io/commands/brpoplpush
[[nodiscard]] command<std::optional<std::string>> brpoplpush(std::string_view source, std::string_view destination,
                                                             std::chrono::milliseconds timeout);

}  // namespace valkeyxx::commands

namespace valkeyxx {

/// An array of key and element.
template <>
struct reply_to<commands::popped_element> {
    static result<commands::popped_element> from(reply_view v);
};
/// An array of the key and an array of elements.
template <>
struct reply_to<commands::popped_elements> {
    static result<commands::popped_elements> from(reply_view v);
};

}  // namespace valkeyxx
