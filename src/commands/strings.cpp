// The commands of the group "string" whose arguments are not strings already.
#include <valkeyxx/commands/strings.hpp>

#include "commands/arguments.hpp"
#include "commands/set_arguments.hpp"
#include "commands/unix_time.hpp"

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using detail::unix_milliseconds;
using std::chrono::system_clock;
using where = encoded_command::keys;
using optional_string = std::optional<std::string>;

void add_options(arguments& args, const set_options& options) {
    detail::add_expiry(args, options);
    detail::add_condition(args, options.condition);
    if (options.if_equal) args << "IFEQ" << *options.if_equal;
}

}  // namespace

command<bool> set(std::string_view key, std::string_view value, set_options options) {
    arguments args{key, value};
    add_options(args, options);
    return args.as<bool>(command_id::set, where::first);
}

command<optional_string> set_get(std::string_view key, std::string_view value, set_options options) {
    arguments args{key, value};
    add_options(args, options);
    args << "GET";
    return args.as<optional_string>(command_id::set, where::first);
}

command<optional_string> getex(std::string_view key, std::chrono::milliseconds expiry) {
    return arguments{key, "PX", expiry.count()}.as<optional_string>(command_id::getex, where::first);
}

command<optional_string> getex(std::string_view key, system_clock::time_point expire_at) {
    return arguments{key, "PXAT", unix_milliseconds(expire_at)}.as<optional_string>(command_id::getex, where::first);
}

command<optional_string> getex_persist(std::string_view key) {
    return arguments{key, "PERSIST"}.as<optional_string>(command_id::getex, where::first);
}

command<std::string> getrange(std::string_view key, std::int64_t first, std::int64_t last) {
    return arguments{key, first, last}.as<std::string>(command_id::getrange, where::first);
}

command<std::int64_t> setrange(std::string_view key, std::int64_t offset, std::string_view text) {
    return arguments{key, offset, text}.as<std::int64_t>(command_id::setrange, where::first);
}

command<std::int64_t> incrby(std::string_view key, std::int64_t summand) {
    return arguments{key, summand}.as<std::int64_t>(command_id::incrby, where::first);
}

command<double> incrbyfloat(std::string_view key, double summand) {
    return arguments{key, summand}.as<double>(command_id::incrbyfloat, where::first);
}

command<std::int64_t> decrby(std::string_view key, std::int64_t less) {
    return arguments{key, less}.as<std::int64_t>(command_id::decrby, where::first);
}

command<bool> msetex(const string_pairs& values, msetex_options options) {
    arguments args{values.size(), values.view()};
    detail::add_condition(args, options.condition);
    detail::add_expiry(args, options);
    return args.as<bool>(command_id::msetex, where::by_table);
}

command<std::int64_t> lcs_len(std::string_view first, std::string_view second) {
    return arguments{first, second, "LEN"}.as<std::int64_t>(command_id::lcs, where::by_table);
}

command<lcs_matches> lcs_idx(std::string_view first, std::string_view second, lcs_idx_options options) {
    arguments args{first, second, "IDX"};
    if (options.min_match_length != 0) args << "MINMATCHLEN" << options.min_match_length;
    args << "WITHMATCHLEN";
    return args.as<lcs_matches>(command_id::lcs, where::by_table);
}

command<void> setex(std::string_view key, std::chrono::seconds expiry, std::string_view value) {
    return arguments{key, expiry.count(), value}.as<void>(command_id::setex, where::first);
}

command<void> psetex(std::string_view key, std::chrono::milliseconds expiry, std::string_view value) {
    return arguments{key, expiry.count(), value}.as<void>(command_id::psetex, where::first);
}

command<std::string> substr(std::string_view key, std::int64_t first, std::int64_t last) {
    return arguments{key, first, last}.as<std::string>(command_id::substr, where::first);
}

}  // namespace valkeyxx::commands

namespace valkeyxx {

// A map with "matches" (arrays of two ranges and a length) and "len".
result<commands::lcs_matches> reply_to<commands::lcs_matches>::from(reply_view v) {
    if (!v.is_aggregate() || v.size() % 2 != 0) return detail::shape_error("a map", v);
    using range = std::pair<std::int64_t, std::int64_t>;
    commands::lcs_matches all;
    for (auto it = v.begin(); it != v.end(); ++it) {
        const std::string_view name = (*it).text();
        const reply_view content = *++it;
        if (name == "len") {
            auto length = decode<std::int64_t>(content);
            if (!length) return std::move(length).error();
            all.length = *length;
        } else if (name == "matches") {
            auto matches = decode<std::vector<std::tuple<range, range, std::int64_t>>>(content);
            if (!matches) return std::move(matches).error();
            for (const auto& [a, b, length] : *matches) {
                all.matches.push_back({{a.first, a.second}, {b.first, b.second}, length});
            }
        }
    }
    return all;
}

}  // namespace valkeyxx
