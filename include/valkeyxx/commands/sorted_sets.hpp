// Commands of the group "sorted-set".
//
//   cluster.execute(zadd("scores", {{"ada", 12}, {"grace", 9.5}}));
//   auto best = cluster.execute(zrange_with_scores("scores", 0, 9, sort_order::descending));
//   auto some = cluster.execute(zrange("scores", score_range{.min = score_bound::exclusive(9.5)}));
//
// The keys of one command must be of one slot: error `cross_slot` otherwise. BZPOPMIN, BZPOPMAX and BZMPOP wait: they
// have a connection of their own while they do, and hold up nobody (see config::max_exclusive_connections). They have
// no order to other commands.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/commands/scan_step.hpp>
#include <valkeyxx/commands/sort_order.hpp>
#include <valkeyxx/commands/sorted_set_ranges.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

// --- what the commands take ------------------------------------------------------------------------------------------

/// Members with their scores: a braced list of pairs, a map, what zrange_with_scores returns. Refers to the texts,
/// which must outlive the call that it is an argument of.
class scored_members {
  public:
    scored_members(std::initializer_list<std::pair<std::string_view, double>> list) : held_{list} {}
    template <detail::range Range>
        requires(std::is_lvalue_reference_v<detail::element_of<const Range>> &&
                 requires(detail::element_of<const Range> pair) {
                     { pair.first } -> std::convertible_to<std::string_view>;
                     { pair.second } -> std::convertible_to<double>;
                 })
    scored_members(const Range& range) {
        for (const auto& [member, score] : range) held_.emplace_back(member, static_cast<double>(score));
    }
    scored_members(const scored_members&) = delete;
    scored_members& operator=(const scored_members&) = delete;

    [[nodiscard]] std::span<const std::pair<std::string_view, double>> view() const noexcept { return held_; }

  private:
    std::vector<std::pair<std::string_view, double>> held_;
};

/// Options of ZRANGE and ZRANGESTORE for ranges of scores and of members.
struct zrange_options {
    /// For `limit` and for what is returned; a range has its lower end first in both orders.
    sort_order order = sort_order::ascending;
    range_limit limit = {};
};

/// Which members ZADD may add or change.
enum class zadd_if : std::uint8_t {
    always,
    exists,              ///< changes those that are there only (XX)
    does_not_exist,      ///< adds new members only (NX)
    greater,             ///< adds new ones, and changes those whose score becomes greater (GT)
    less,                ///< adds new ones, and changes those whose score becomes less (LT)
    exists_and_greater,  ///< only changes those whose score becomes greater (XX GT)
    exists_and_less,     ///< only changes those whose score becomes less (XX LT)
};

/// Options of ZADD.
struct zadd_options {
    zadd_if condition = zadd_if::always;
    /// Counts not only the new members but also those whose score has changed.
    bool count_changed = false;
};

/// How ZUNION and ZINTER make one score of several.
enum class zaggregate : std::uint8_t { sum, min, max };

/// Options of ZUNION, ZINTER and what stores them.
struct zcombine_options {
    /// What the scores of each key are multiplied by: as many as there are keys, or none, which is 1 for each.
    /// Example: `{.weights = std::array{2.0, 0.5}}`
    std::span<const double> weights = {};
    zaggregate aggregate = zaggregate::sum;
};

/// From which end ZMPOP takes members.
enum class score_end : std::uint8_t { lowest, highest };

// --- what the commands return ----------------------------------------------------------------------------------------

/// What ZPOPMIN and ZPOPMAX took.
struct scored_member {
    std::string member;
    double score = 0;
    friend bool operator==(const scored_member&, const scored_member&) = default;
};

/// What BZPOPMIN and BZPOPMAX took, and from which key.
struct popped_member {
    std::string key;
    std::string member;
    double score = 0;
    friend bool operator==(const popped_member&, const popped_member&) = default;
};

/// Members with their scores, in order.
using member_scores = std::vector<std::pair<std::string, double>>;

/// What ZMPOP and BZMPOP took, and from which key.
struct popped_members {
    std::string key;
    member_scores members;
    friend bool operator==(const popped_members&, const popped_members&) = default;
};

/// Where a member is in a sorted set.
struct ranked_score {
    std::int64_t rank = 0;
    double score = 0;
    friend bool operator==(const ranked_score&, const ranked_score&) = default;
};

// --- adding and removing ---------------------------------------------------------------------------------------------

/// Sets the scores of members, pairs of member and score; makes the sorted set if there is none. Returns how many
/// members are new. Not repeated when its reply is lost, since the number would be another. Errors: ERR if a score is
/// not a number. Source: https://valkey.io/commands/zadd
[[nodiscard]] command<std::int64_t> zadd(std::string_view key, const scored_members& members,
                                         zadd_options options = {});
/// The same for one member. Example: `zadd("k", 1.5, "ada", {.condition = zadd_if::greater})`
[[nodiscard]] command<std::int64_t> zadd(std::string_view key, double score, std::string_view member,
                                         zadd_options options = {});

/// ZADD with INCR: adds to the score of a member (0 if it is not there) and returns the sum; nullopt, and nothing is
/// changed, if the condition did not hold. Not repeated when its reply is lost. Source: https://valkey.io/commands/zadd
[[nodiscard]] command<std::optional<double>> zadd_incr(std::string_view key, double summand, std::string_view member,
                                                       zadd_if condition = zadd_if::always);

/// Adds to the score of a member (0 if it is not there) and returns the sum. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/zincrby
[[nodiscard]] command<double> zincrby(std::string_view key, double summand, std::string_view member);

/// Removes members; returns how many of them there were. The key goes with its last member. Not repeated when its reply
/// is lost. Source: https://valkey.io/commands/zrem
[[nodiscard]] command<std::int64_t> zrem(std::string_view key, const strings& members);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> zrem(std::string_view key, std::string_view member, const More&... more) {
    return zrem(key, strings{member, std::string_view{more}...});
}

/// Removes the members from one index to another, both included: 0 is the lowest, -1 the highest. Returns how many. Not
/// repeated when its reply is lost. Source: https://valkey.io/commands/zremrangebyrank
[[nodiscard]] command<std::int64_t> zremrangebyrank(std::string_view key, std::int64_t first, std::int64_t last);

/// Removes the members whose scores are in a range; returns how many. Not repeated when its reply is lost.
/// Example: `zremrangebyscore("k", {.max = 5})` Source: https://valkey.io/commands/zremrangebyscore
[[nodiscard]] command<std::int64_t> zremrangebyscore(std::string_view key, score_range range);

/// Removes the members that are in a range; returns how many. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/zremrangebylex
[[nodiscard]] command<std::int64_t> zremrangebylex(std::string_view key, lex_range range);

/// Takes the member with the lowest score; nullopt if there is none. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/zpopmin
[[nodiscard]] inline command<std::optional<scored_member>> zpopmin(std::string_view key) {
    return command<std::optional<scored_member>>{std::in_place, command_id::zpopmin, key};
}
/// Takes up to `count` (0 or more) members, the lowest score first; empty if there are none.
[[nodiscard]] command<member_scores> zpopmin(std::string_view key, std::int64_t count);

/// Takes the member with the highest score; nullopt if there is none. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/zpopmax
[[nodiscard]] inline command<std::optional<scored_member>> zpopmax(std::string_view key) {
    return command<std::optional<scored_member>>{std::in_place, command_id::zpopmax, key};
}
/// Takes up to `count` (0 or more) members, the highest score first; empty if there are none.
[[nodiscard]] command<member_scores> zpopmax(std::string_view key, std::int64_t count);

/// Takes up to `count` (1 or more) members with the lowest or highest scores of the first of these sorted sets that has
/// any; nullopt if all are empty. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/zmpop
[[nodiscard]] command<std::optional<popped_members>> zmpop(const strings& keys, score_end from, std::int64_t count = 1);

/// Waits until one of the sorted sets has a member, and takes the one with the lowest score; nullopt if the time is
/// over. The first sorted set that has any is taken. Has a connection of its own meanwhile (see above). Not repeated
/// when its reply is lost.
/// @param timeout  from 1 ms; 0: for good. It is added to `config::command_timeout`
/// Source: https://valkey.io/commands/bzpopmin
[[nodiscard]] command<std::optional<popped_member>> bzpopmin(const strings& keys, std::chrono::milliseconds timeout);

/// As bzpopmin, for the highest score. Source: https://valkey.io/commands/bzpopmax
[[nodiscard]] command<std::optional<popped_member>> bzpopmax(const strings& keys, std::chrono::milliseconds timeout);

/// As zmpop, but waits as bzpopmin does until there is a member. Source: https://valkey.io/commands/bzmpop
[[nodiscard]] command<std::optional<popped_members>> bzmpop(const strings& keys, score_end from,
                                                            std::chrono::milliseconds timeout, std::int64_t count = 1);

// --- single members, and counting ------------------------------------------------------------------------------------

/// The score of a member; nullopt if there is no such member or key. Source: https://valkey.io/commands/zscore
[[nodiscard]] inline command<std::optional<double>> zscore(std::string_view key, std::string_view member) {
    return command<std::optional<double>>{std::in_place, command_id::zscore, std::array{key, member},
                                          encoded_command::keys::first};
}

/// The scores of several members, in order; nullopt for each that is not there. Source:
/// https://valkey.io/commands/zmscore
[[nodiscard]] command<std::vector<std::optional<double>>> zmscore(std::string_view key, const strings& members);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<double>>> zmscore(std::string_view key, std::string_view member,
                                                                  const More&... more) {
    return zmscore(key, strings{member, std::string_view{more}...});
}

/// How many members come before this one in ascending order: 0 for the lowest; nullopt if there is no such member or
/// key. Source: https://valkey.io/commands/zrank
[[nodiscard]] inline command<std::optional<std::int64_t>> zrank(std::string_view key, std::string_view member) {
    return command<std::optional<std::int64_t>>{std::in_place, command_id::zrank, std::array{key, member},
                                                encoded_command::keys::first};
}
/// As zrank, with the score.
[[nodiscard]] command<std::optional<ranked_score>> zrank_with_score(std::string_view key, std::string_view member);

/// As zrank, in descending order: 0 for the highest. Source: https://valkey.io/commands/zrevrank
[[nodiscard]] inline command<std::optional<std::int64_t>> zrevrank(std::string_view key, std::string_view member) {
    return command<std::optional<std::int64_t>>{std::in_place, command_id::zrevrank, std::array{key, member},
                                                encoded_command::keys::first};
}
/// As zrevrank, with the score.
[[nodiscard]] command<std::optional<ranked_score>> zrevrank_with_score(std::string_view key, std::string_view member);

/// How many members there are; 0 if there is no such key. Source: https://valkey.io/commands/zcard
[[nodiscard]] inline command<std::int64_t> zcard(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::zcard, key};
}

/// How many members have scores in a range. Example: `zcount("k", {1, score_bound::exclusive(5)})`
/// Source: https://valkey.io/commands/zcount
[[nodiscard]] command<std::int64_t> zcount(std::string_view key, score_range range);

/// How many members are in a range. Source: https://valkey.io/commands/zlexcount
[[nodiscard]] command<std::int64_t> zlexcount(std::string_view key, lex_range range);

/// A random member; nullopt if there is none. Source: https://valkey.io/commands/zrandmember
[[nodiscard]] inline command<std::optional<std::string>> zrandmember(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::zrandmember, key};
}
/// Random members; empty if there are none.
/// @param count  up to so many different ones; if negative, exactly -count, some perhaps more than once
[[nodiscard]] command<std::vector<std::string>> zrandmember(std::string_view key, std::int64_t count);
/// As zrandmember with a count, with the scores.
[[nodiscard]] command<member_scores> zrandmember_with_scores(std::string_view key, std::int64_t count);

/// One step through the members and scores, from cursor 0 until it is 0 again. Source: https://valkey.io/commands/zscan
[[nodiscard]] command<scan_step<std::pair<std::string, double>>> zscan(std::string_view key, std::uint64_t cursor,
                                                                       element_scan_options options = {});
/// As zscan, with NOSCORES: only the members.
[[nodiscard]] command<scan_step<std::string>> zscan_members(std::string_view key, std::uint64_t cursor,
                                                            element_scan_options options = {});

// --- ranges ----------------------------------------------------------------------------------------------------------

/// The members from one index to another, both included: 0 is the first in the order asked for, -1 the last. Empty if
/// there are none. Source: https://valkey.io/commands/zrange
[[nodiscard]] command<std::vector<std::string>> zrange(std::string_view key, std::int64_t first, std::int64_t last,
                                                       sort_order order = sort_order::ascending);
/// The members whose scores are in a range (BYSCORE).
/// Example: `zrange("k", score_range{1, 5}, {.order = sort_order::descending, .limit = {.count = 10}})`
[[nodiscard]] command<std::vector<std::string>> zrange(std::string_view key, score_range range,
                                                       zrange_options options = {});
/// The members that are in a range (BYLEX). Example: `zrange("k", lex_range{.max = lex_bound::exclusive("b")})`
[[nodiscard]] command<std::vector<std::string>> zrange(std::string_view key, lex_range range,
                                                       zrange_options options = {});

/// As zrange, with the scores. Source: https://valkey.io/commands/zrange
[[nodiscard]] command<member_scores> zrange_with_scores(std::string_view key, std::int64_t first, std::int64_t last,
                                                        sort_order order = sort_order::ascending);
[[nodiscard]] command<member_scores> zrange_with_scores(std::string_view key, score_range range,
                                                        zrange_options options = {});

/// Stores what zrange returns as a sorted set, in place of what was there; returns how many members it has. If it has
/// none, the key is removed. Not repeated when its reply is lost, since both keys may be the same.
/// Source: https://valkey.io/commands/zrangestore
[[nodiscard]] command<std::int64_t> zrangestore(std::string_view destination, std::string_view source,
                                                std::int64_t first, std::int64_t last,
                                                sort_order order = sort_order::ascending);
[[nodiscard]] command<std::int64_t> zrangestore(std::string_view destination, std::string_view source,
                                                score_range range, zrange_options options = {});
[[nodiscard]] command<std::int64_t> zrangestore(std::string_view destination, std::string_view source, lex_range range,
                                                zrange_options options = {});

/// The members from one index to another in descending order. Deprecated in favour of zrange with
/// `sort_order::descending`. Source: https://valkey.io/commands/zrevrange
[[nodiscard]] command<std::vector<std::string>> zrevrange(std::string_view key, std::int64_t first, std::int64_t last);
/// As zrevrange, with the scores. Source: https://valkey.io/commands/zrevrange
[[nodiscard]] command<member_scores> zrevrange_with_scores(std::string_view key, std::int64_t first, std::int64_t last);

/// The members whose scores are in a range. Deprecated in favour of zrange with a score_range.
/// Source: https://valkey.io/commands/zrangebyscore
[[nodiscard]] command<std::vector<std::string>> zrangebyscore(std::string_view key, score_range range,
                                                              range_limit limit = {});
/// As zrangebyscore, with the scores. Source: https://valkey.io/commands/zrangebyscore
[[nodiscard]] command<member_scores> zrangebyscore_with_scores(std::string_view key, score_range range,
                                                               range_limit limit = {});

/// The same in descending order; the range has its lower end first all the same. Deprecated in favour of zrange with a
/// score_range and `sort_order::descending`. Source: https://valkey.io/commands/zrevrangebyscore
[[nodiscard]] command<std::vector<std::string>> zrevrangebyscore(std::string_view key, score_range range,
                                                                 range_limit limit = {});
/// As zrevrangebyscore, with the scores. Source: https://valkey.io/commands/zrevrangebyscore
[[nodiscard]] command<member_scores> zrevrangebyscore_with_scores(std::string_view key, score_range range,
                                                                  range_limit limit = {});

/// The members that are in a range. Deprecated in favour of zrange with a lex_range.
/// Source: https://valkey.io/commands/zrangebylex
[[nodiscard]] command<std::vector<std::string>> zrangebylex(std::string_view key, lex_range range,
                                                            range_limit limit = {});

/// The same in descending order; the range has its lower end first all the same. Deprecated in favour of zrange with a
/// lex_range and `sort_order::descending`. Source: https://valkey.io/commands/zrevrangebylex
[[nodiscard]] command<std::vector<std::string>> zrevrangebylex(std::string_view key, lex_range range,
                                                               range_limit limit = {});

// --- several sorted sets ---------------------------------------------------------------------------------------------

/// The members that are in any of the sorted sets (or sets, whose members score 1), by score.
/// Example: `zunion({"{k}1", "{k}2"}, {.aggregate = zaggregate::max})` Source: https://valkey.io/commands/zunion
[[nodiscard]] command<std::vector<std::string>> zunion(const strings& keys, zcombine_options options = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::string>> zunion(std::string_view key, const More&... more) {
    return zunion(strings{key, std::string_view{more}...});
}
/// As zunion, with the scores. Source: https://valkey.io/commands/zunion
[[nodiscard]] command<member_scores> zunion_with_scores(const strings& keys, zcombine_options options = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<member_scores> zunion_with_scores(std::string_view key, const More&... more) {
    return zunion_with_scores(strings{key, std::string_view{more}...});
}

/// The members that are in all of the sorted sets (or sets, whose members score 1), by score.
/// Source: https://valkey.io/commands/zinter
[[nodiscard]] command<std::vector<std::string>> zinter(const strings& keys, zcombine_options options = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::string>> zinter(std::string_view key, const More&... more) {
    return zinter(strings{key, std::string_view{more}...});
}
/// As zinter, with the scores. Source: https://valkey.io/commands/zinter
[[nodiscard]] command<member_scores> zinter_with_scores(const strings& keys, zcombine_options options = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<member_scores> zinter_with_scores(std::string_view key, const More&... more) {
    return zinter_with_scores(strings{key, std::string_view{more}...});
}

/// The members of the first sorted set that are in none of the others, by score.
/// Source: https://valkey.io/commands/zdiff
[[nodiscard]] command<std::vector<std::string>> zdiff(const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::string>> zdiff(std::string_view key, const More&... more) {
    return zdiff(strings{key, std::string_view{more}...});
}
/// As zdiff, with the scores. Source: https://valkey.io/commands/zdiff
[[nodiscard]] command<member_scores> zdiff_with_scores(const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<member_scores> zdiff_with_scores(std::string_view key, const More&... more) {
    return zdiff_with_scores(strings{key, std::string_view{more}...});
}

/// Stores what zunion returns as a sorted set, in place of what was there; returns how many members it has. If it has
/// none, the key is removed. Not repeated when its reply is lost, since the destination may be one of the sources.
/// Source: https://valkey.io/commands/zunionstore
[[nodiscard]] command<std::int64_t> zunionstore(std::string_view destination, const strings& keys,
                                                zcombine_options options = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> zunionstore(std::string_view destination, std::string_view key,
                                                const More&... more) {
    return zunionstore(destination, strings{key, std::string_view{more}...});
}

/// As zunionstore, for what zinter returns. Source: https://valkey.io/commands/zinterstore
[[nodiscard]] command<std::int64_t> zinterstore(std::string_view destination, const strings& keys,
                                                zcombine_options options = {});
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> zinterstore(std::string_view destination, std::string_view key,
                                                const More&... more) {
    return zinterstore(destination, strings{key, std::string_view{more}...});
}

/// As zunionstore, for what zdiff returns. Source: https://valkey.io/commands/zdiffstore
[[nodiscard]] command<std::int64_t> zdiffstore(std::string_view destination, const strings& keys);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> zdiffstore(std::string_view destination, std::string_view key,
                                               const More&... more) {
    return zdiffstore(destination, strings{key, std::string_view{more}...});
}

/// How many members are in all of the sorted sets.
/// @param limit  stops counting at this number; by default counts all
/// Source: https://valkey.io/commands/zintercard
[[nodiscard]] command<std::int64_t> zintercard(const strings& keys, std::optional<std::int64_t> limit = {});

}  // namespace valkeyxx::commands

namespace valkeyxx {

/// Nothing is an empty array here.
template <>
struct reply_to<std::optional<commands::scored_member>> {
    static result<std::optional<commands::scored_member>> from(reply_view v);
};

/// An array of key, member and score.
template <>
struct reply_to<commands::popped_member> {
    static result<commands::popped_member> from(reply_view v);
};

/// An array of the key and the members with their scores.
template <>
struct reply_to<commands::popped_members> {
    static result<commands::popped_members> from(reply_view v);
};

/// An array of rank and score.
template <>
struct reply_to<commands::ranked_score> {
    static result<commands::ranked_score> from(reply_view v);
};

}  // namespace valkeyxx
