// The commands of the group "sorted-set" whose arguments are neither a few strings nor ranges.
#include <valkeyxx/commands/sorted_sets.hpp>

#include "commands/arguments.hpp"
#include "commands/scan_arguments.hpp"
#include "commands/seconds.hpp"

namespace valkeyxx {

result<std::optional<commands::scored_member>> reply_to<std::optional<commands::scored_member>>::from(reply_view v) {
    auto taken = decode<commands::member_scores>(v);
    if (!taken) return std::move(taken).error();
    if (taken->size() > 1) return detail::shape_error("a member and its score", v);
    if (taken->empty()) return std::optional<commands::scored_member>{};
    return std::optional{commands::scored_member{std::move(taken->front().first), taken->front().second}};
}

result<commands::popped_member> reply_to<commands::popped_member>::from(reply_view v) {
    auto parts = decode<std::tuple<std::string, std::string, double>>(v);
    if (!parts) return std::move(parts).error();
    auto& [key, member, score] = *parts;
    return commands::popped_member{std::move(key), std::move(member), score};
}

result<commands::popped_members> reply_to<commands::popped_members>::from(reply_view v) {
    auto parts = decode<std::pair<std::string, commands::member_scores>>(v);
    if (!parts) return std::move(parts).error();
    return commands::popped_members{std::move(parts->first), std::move(parts->second)};
}

result<commands::ranked_score> reply_to<commands::ranked_score>::from(reply_view v) {
    auto parts = decode<std::pair<std::int64_t, double>>(v);
    if (!parts) return std::move(parts).error();
    return commands::ranked_score{.rank = parts->first, .score = parts->second};
}

}  // namespace valkeyxx

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using detail::seconds;
using keys_of = encoded_command::keys;
using std::chrono::milliseconds;
using texts = std::vector<std::string>;
using optional_popped = std::optional<popped_members>;
using optional_ranked = std::optional<ranked_score>;

// Whether the reply has scores besides the members.
template <class Reply>
constexpr bool with_scores = std::is_same_v<Reply, member_scores>;

void add_condition(arguments& args, zadd_if condition) {
    using enum zadd_if;
    args.when(condition == does_not_exist, "NX");
    args.when(condition == exists || condition == exists_and_greater || condition == exists_and_less, "XX");
    args.when(condition == greater || condition == exists_and_greater, "GT");
    args.when(condition == less || condition == exists_and_less, "LT");
}

arguments zadd_arguments(std::string_view key, zadd_options options) {
    arguments args{key};
    add_condition(args, options.condition);
    args.when(options.count_changed, "CH");
    return args;
}

command<member_scores> pop(command_id id, std::string_view key, std::int64_t count) {
    return arguments{key, count}.as<member_scores>(id, keys_of::first);
}

command<optional_popped> pop_many(command_id id, arguments args, const strings& keys, score_end from,
                                  std::int64_t count) {
    args << keys.size() << keys.view() << (from == score_end::lowest ? "MIN" : "MAX");
    if (count != 1) args << "COUNT" << count;
    return args.as<optional_popped>(id, keys_of::by_table);
}

command<std::optional<popped_member>> wait_for(command_id id, const strings& keys, milliseconds timeout) {
    return arguments{keys.view(), seconds(timeout)}.as<std::optional<popped_member>>(id, keys_of::by_table);
}

// The ...STORE forms have their destination in the arguments already.
template <class Reply>
command<Reply> combine(command_id id, arguments args, const strings& keys, zcombine_options options = {}) {
    args << keys.size() << keys.view();
    if (!options.weights.empty()) {
        args << "WEIGHTS";
        for (const double weight : options.weights) args << weight;
    }
    if (options.aggregate != zaggregate::sum) {
        args << "AGGREGATE" << (options.aggregate == zaggregate::min ? "MIN" : "MAX");
    }
    args.when(with_scores<Reply>, "WITHSCORES");
    return args.as<Reply>(id, keys_of::by_table);
}

}  // namespace

// --- adding and removing ---------------------------------------------------------------------------------------------

command<std::int64_t> zadd(std::string_view key, const scored_members& members, zadd_options options) {
    arguments args = zadd_arguments(key, options);
    for (const auto& [member, score] : members.view()) args << score << member;
    return args.as<std::int64_t>(command_id::zadd, keys_of::first);
}

command<std::int64_t> zadd(std::string_view key, double score, std::string_view member, zadd_options options) {
    arguments args = zadd_arguments(key, options);
    args << score << member;
    return args.as<std::int64_t>(command_id::zadd, keys_of::first);
}

command<std::optional<double>> zadd_incr(std::string_view key, double summand, std::string_view member,
                                         zadd_if condition) {
    arguments args = zadd_arguments(key, {.condition = condition});
    args << "INCR" << summand << member;
    return args.as<std::optional<double>>(command_id::zadd, keys_of::first);
}

command<double> zincrby(std::string_view key, double summand, std::string_view member) {
    return arguments{key, summand, member}.as<double>(command_id::zincrby, keys_of::first);
}

command<std::int64_t> zrem(std::string_view key, const strings& members) {
    return arguments{key, members.view()}.as<std::int64_t>(command_id::zrem, keys_of::first);
}

command<std::int64_t> zremrangebyrank(std::string_view key, std::int64_t first, std::int64_t last) {
    return arguments{key, first, last}.as<std::int64_t>(command_id::zremrangebyrank, keys_of::first);
}

command<member_scores> zpopmin(std::string_view key, std::int64_t count) {
    return pop(command_id::zpopmin, key, count);
}

command<member_scores> zpopmax(std::string_view key, std::int64_t count) {
    return pop(command_id::zpopmax, key, count);
}

command<optional_popped> zmpop(const strings& keys, score_end from, std::int64_t count) {
    return pop_many(command_id::zmpop, arguments{}, keys, from, count);
}

command<std::optional<popped_member>> bzpopmin(const strings& keys, milliseconds timeout) {
    return wait_for(command_id::bzpopmin, keys, timeout);
}

command<std::optional<popped_member>> bzpopmax(const strings& keys, milliseconds timeout) {
    return wait_for(command_id::bzpopmax, keys, timeout);
}

command<optional_popped> bzmpop(const strings& keys, score_end from, milliseconds timeout, std::int64_t count) {
    return pop_many(command_id::bzmpop, arguments{seconds(timeout)}, keys, from, count);
}

// --- single members, and counting ------------------------------------------------------------------------------------

command<std::vector<std::optional<double>>> zmscore(std::string_view key, const strings& members) {
    return arguments{key, members.view()}.as<std::vector<std::optional<double>>>(command_id::zmscore, keys_of::first);
}

command<optional_ranked> zrank_with_score(std::string_view key, std::string_view member) {
    return arguments{key, member, "WITHSCORE"}.as<optional_ranked>(command_id::zrank, keys_of::first);
}

command<optional_ranked> zrevrank_with_score(std::string_view key, std::string_view member) {
    return arguments{key, member, "WITHSCORE"}.as<optional_ranked>(command_id::zrevrank, keys_of::first);
}

command<texts> zrandmember(std::string_view key, std::int64_t count) {
    return arguments{key, count}.as<texts>(command_id::zrandmember, keys_of::first);
}

command<member_scores> zrandmember_with_scores(std::string_view key, std::int64_t count) {
    return arguments{key, count, "WITHSCORES"}.as<member_scores>(command_id::zrandmember, keys_of::first);
}

command<scan_step<std::pair<std::string, double>>> zscan(std::string_view key, std::uint64_t cursor,
                                                         element_scan_options options) {
    return detail::scan_arguments(key, cursor, options)
        .as<scan_step<std::pair<std::string, double>>>(command_id::zscan, keys_of::first);
}

command<scan_step<std::string>> zscan_members(std::string_view key, std::uint64_t cursor,
                                              element_scan_options options) {
    arguments args = detail::scan_arguments(key, cursor, options);
    args << "NOSCORES";
    return args.as<scan_step<std::string>>(command_id::zscan, keys_of::first);
}

// --- several sorted sets ---------------------------------------------------------------------------------------------

command<texts> zunion(const strings& keys, zcombine_options options) {
    return combine<texts>(command_id::zunion, arguments{}, keys, options);
}

command<member_scores> zunion_with_scores(const strings& keys, zcombine_options options) {
    return combine<member_scores>(command_id::zunion, arguments{}, keys, options);
}

command<texts> zinter(const strings& keys, zcombine_options options) {
    return combine<texts>(command_id::zinter, arguments{}, keys, options);
}

command<member_scores> zinter_with_scores(const strings& keys, zcombine_options options) {
    return combine<member_scores>(command_id::zinter, arguments{}, keys, options);
}

command<texts> zdiff(const strings& keys) {
    return combine<texts>(command_id::zdiff, arguments{}, keys);
}

command<member_scores> zdiff_with_scores(const strings& keys) {
    return combine<member_scores>(command_id::zdiff, arguments{}, keys);
}

command<std::int64_t> zunionstore(std::string_view destination, const strings& keys, zcombine_options options) {
    return combine<std::int64_t>(command_id::zunionstore, arguments{destination}, keys, options);
}

command<std::int64_t> zinterstore(std::string_view destination, const strings& keys, zcombine_options options) {
    return combine<std::int64_t>(command_id::zinterstore, arguments{destination}, keys, options);
}

command<std::int64_t> zdiffstore(std::string_view destination, const strings& keys) {
    return combine<std::int64_t>(command_id::zdiffstore, arguments{destination}, keys);
}

command<std::int64_t> zintercard(const strings& keys, std::optional<std::int64_t> limit) {
    arguments args{keys.size(), keys.view()};
    if (limit) args << "LIMIT" << *limit;
    return args.as<std::int64_t>(command_id::zintercard, keys_of::by_table);
}

}  // namespace valkeyxx::commands
