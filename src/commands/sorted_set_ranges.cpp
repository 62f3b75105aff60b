// The commands of the group "sorted-set" that take ranges.
#include <charconv>
#include <utility>

#include <valkeyxx/commands/sorted_sets.hpp>

#include "commands/arguments.hpp"

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using keys_of = encoded_command::keys;
using texts = std::vector<std::string>;

std::string written(score_bound bound) {
    std::array<char, 32> text;
    char* at = text.data();
    if (bound.is_exclusive()) *at++ = '(';
    char* const end = std::to_chars(at, text.data() + text.size(), bound.score()).ptr;
    return {text.data(), end};
}

std::string written(lex_bound bound) {
    switch (bound.how()) {
        case lex_bound::kind::lowest:
            return "-";
        case lex_bound::kind::highest:
            return "+";
        case lex_bound::kind::inclusive:
            break;
        case lex_bound::kind::exclusive:
            return '(' + std::string{bound.member()};
    }
    return '[' + std::string{bound.member()};
}

std::string_view kind_of(const score_range& /*range*/) {
    return "BYSCORE";
}

std::string_view kind_of(const lex_range& /*range*/) {
    return "BYLEX";
}

// The texts of both ends, in the order in which the server takes them.
struct ends {
    std::string first;
    std::string second;

    template <class Range>
    explicit ends(const Range& range, sort_order order = sort_order::ascending)
        : first{written(range.min)}, second{written(range.max)} {
        if (order == sort_order::descending) std::swap(first, second);
    }
};

// Whether the reply has scores besides the members.
template <class Reply>
constexpr bool with_scores = std::is_same_v<Reply, member_scores>;

void add_limit(arguments& args, range_limit limit) {
    if (limit.offset != 0 || limit.count) args << "LIMIT" << limit.offset << limit.count.value_or(-1);
}

// ZRANGESTORE has two keys.
keys_of where_keys_of(command_id id) {
    return id == command_id::zrange ? keys_of::first : keys_of::by_table;
}

// ZRANGE and ZRANGESTORE, whose arguments up to the range are given.
template <class Reply>
command<Reply> by_index(command_id id, arguments args, std::int64_t first, std::int64_t last, sort_order order) {
    args << first << last;
    args.when(order == sort_order::descending, "REV");
    args.when(with_scores<Reply>, "WITHSCORES");
    return args.as<Reply>(id, where_keys_of(id));
}

template <class Reply, class Range>
command<Reply> by_range(command_id id, arguments args, const Range& range, zrange_options options) {
    const ends both{range, options.order};
    args << both.first << both.second << kind_of(range);
    args.when(options.order == sort_order::descending, "REV");
    add_limit(args, options.limit);
    args.when(with_scores<Reply>, "WITHSCORES");
    return args.as<Reply>(id, where_keys_of(id));
}

// The deprecated commands, which have the order in their names.
template <class Reply, class Range>
command<Reply> by_old_range(command_id id, std::string_view key, const Range& range, sort_order order,
                            range_limit limit) {
    const ends both{range, order};
    arguments args{key, both.first, both.second};
    args.when(with_scores<Reply>, "WITHSCORES");
    add_limit(args, limit);
    return args.as<Reply>(id, keys_of::first);
}

template <class Range>
command<std::int64_t> in_range(command_id id, std::string_view key, const Range& range) {
    const ends both{range};
    return arguments{key, both.first, both.second}.as<std::int64_t>(id, keys_of::first);
}

}  // namespace

command<std::int64_t> zcount(std::string_view key, score_range range) {
    return in_range(command_id::zcount, key, range);
}

command<std::int64_t> zlexcount(std::string_view key, lex_range range) {
    return in_range(command_id::zlexcount, key, range);
}

command<std::int64_t> zremrangebyscore(std::string_view key, score_range range) {
    return in_range(command_id::zremrangebyscore, key, range);
}

command<std::int64_t> zremrangebylex(std::string_view key, lex_range range) {
    return in_range(command_id::zremrangebylex, key, range);
}

command<texts> zrange(std::string_view key, std::int64_t first, std::int64_t last, sort_order order) {
    return by_index<texts>(command_id::zrange, arguments{key}, first, last, order);
}

command<texts> zrange(std::string_view key, score_range range, zrange_options options) {
    return by_range<texts>(command_id::zrange, arguments{key}, range, options);
}

command<texts> zrange(std::string_view key, lex_range range, zrange_options options) {
    return by_range<texts>(command_id::zrange, arguments{key}, range, options);
}

command<member_scores> zrange_with_scores(std::string_view key, std::int64_t first, std::int64_t last,
                                          sort_order order) {
    return by_index<member_scores>(command_id::zrange, arguments{key}, first, last, order);
}

command<member_scores> zrange_with_scores(std::string_view key, score_range range, zrange_options options) {
    return by_range<member_scores>(command_id::zrange, arguments{key}, range, options);
}

command<std::int64_t> zrangestore(std::string_view destination, std::string_view source, std::int64_t first,
                                  std::int64_t last, sort_order order) {
    return by_index<std::int64_t>(command_id::zrangestore, arguments{destination, source}, first, last, order);
}

command<std::int64_t> zrangestore(std::string_view destination, std::string_view source, score_range range,
                                  zrange_options options) {
    return by_range<std::int64_t>(command_id::zrangestore, arguments{destination, source}, range, options);
}

command<std::int64_t> zrangestore(std::string_view destination, std::string_view source, lex_range range,
                                  zrange_options options) {
    return by_range<std::int64_t>(command_id::zrangestore, arguments{destination, source}, range, options);
}

command<texts> zrevrange(std::string_view key, std::int64_t first, std::int64_t last) {
    return arguments{key, first, last}.as<texts>(command_id::zrevrange, keys_of::first);
}

command<member_scores> zrevrange_with_scores(std::string_view key, std::int64_t first, std::int64_t last) {
    return arguments{key, first, last, "WITHSCORES"}.as<member_scores>(command_id::zrevrange, keys_of::first);
}

command<texts> zrangebyscore(std::string_view key, score_range range, range_limit limit) {
    return by_old_range<texts>(command_id::zrangebyscore, key, range, sort_order::ascending, limit);
}

command<member_scores> zrangebyscore_with_scores(std::string_view key, score_range range, range_limit limit) {
    return by_old_range<member_scores>(command_id::zrangebyscore, key, range, sort_order::ascending, limit);
}

command<texts> zrevrangebyscore(std::string_view key, score_range range, range_limit limit) {
    return by_old_range<texts>(command_id::zrevrangebyscore, key, range, sort_order::descending, limit);
}

command<member_scores> zrevrangebyscore_with_scores(std::string_view key, score_range range, range_limit limit) {
    return by_old_range<member_scores>(command_id::zrevrangebyscore, key, range, sort_order::descending, limit);
}

command<texts> zrangebylex(std::string_view key, lex_range range, range_limit limit) {
    return by_old_range<texts>(command_id::zrangebylex, key, range, sort_order::ascending, limit);
}

command<texts> zrevrangebylex(std::string_view key, lex_range range, range_limit limit) {
    return by_old_range<texts>(command_id::zrevrangebylex, key, range, sort_order::descending, limit);
}

}  // namespace valkeyxx::commands
