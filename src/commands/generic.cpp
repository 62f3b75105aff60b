// The commands of the group "generic" whose arguments are not strings already.
#include <valkeyxx/commands/generic.hpp>

#include "commands/arguments.hpp"
#include "commands/expire_condition.hpp"
#include "commands/unix_time.hpp"

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using detail::unix_milliseconds;
using std::chrono::system_clock;
using where = encoded_command::keys;
using texts = std::vector<std::string>;
using optional_texts = std::vector<std::optional<std::string>>;

[[noreturn]] void refuse(const char* why) {
    throw exception{error{errc::invalid_argument, why}};
}

command<bool> expire_at(command_id id, std::string_view key, std::int64_t when, expire_if condition) {
    arguments args{key, when};
    detail::add_condition(args, condition);
    return args.as<bool>(id, where::first);
}

arguments sort_words(std::string_view key, std::span<const std::string_view> get, const sort_options& options) {
    arguments args{key};
    if (!options.by.empty()) args << "BY" << options.by;
    if (options.offset != 0 || options.count) args << "LIMIT" << options.offset << options.count.value_or(-1);
    for (std::string_view pattern : get) args << "GET" << pattern;
    args.when(options.order == sort_order::descending, "DESC");
    args.when(options.alphabetically, "ALPHA");
    return args;
}

}  // namespace

command<bool> expire(std::string_view key, std::chrono::milliseconds lifetime, expire_if condition) {
    return expire_at(command_id::pexpire, key, lifetime.count(), condition);
}

command<bool> expireat(std::string_view key, system_clock::time_point at, expire_if condition) {
    return expire_at(command_id::pexpireat, key, unix_milliseconds(at), condition);
}

command<bool> copy(std::string_view source, std::string_view destination, copy_options options) {
    arguments args{source, destination};
    if (options.database) args << "DB" << *options.database;
    args.when(options.replace, "REPLACE");
    return args.as<bool>(command_id::copy, where::by_table);
}

command<bool> move(std::string_view key, std::int64_t database) {
    return arguments{key, database}.as<bool>(command_id::move, where::first);
}

command<std::optional<std::string>> randomkey() {
    return arguments{}.as<std::optional<std::string>>(command_id::randomkey, where::none);
}

command<scan_step<std::string>> scan(std::uint64_t cursor, scan_options options) {
    constexpr scan_options as_the_server{};
    arguments args{cursor};
    if (options.match != as_the_server.match) args << "MATCH" << options.match;
    if (options.count != as_the_server.count) args << "COUNT" << options.count;
    if (!options.type.empty()) args << "TYPE" << options.type;
    return args.as<scan_step<std::string>>(command_id::scan, where::none);
}

command<clusterscan_step> clusterscan(std::string_view cursor, clusterscan_options options) {
    constexpr clusterscan_options as_the_server{};
    arguments args{cursor};
    if (options.match != as_the_server.match) args << "MATCH" << options.match;
    if (options.count != as_the_server.count) args << "COUNT" << options.count;
    if (!options.type.empty()) args << "TYPE" << options.type;
    if (options.slot) args << "SLOT" << *options.slot;
    // The cursor has a hash tag and no other part in common with keys.
    return args.as<clusterscan_step>(command_id::clusterscan, where::first);
}

command<void> restore(std::string_view key, std::string_view dumped, restore_options options) {
    if (options.expire_at && options.expiry) refuse("RESTORE: both expiry and expire_at are given");
    // The server would take it for a life without end.
    if (options.expiry && options.expiry->count() == 0) refuse("RESTORE: an expiry of 0");
    const std::int64_t expiry = options.expiry ? options.expiry->count() : 0;
    arguments args{key, options.expire_at ? unix_milliseconds(*options.expire_at) : expiry, dumped};
    args.when(options.replace, "REPLACE");
    args.when(options.expire_at.has_value(), "ABSTTL");
    if (options.idle_time) args << "IDLETIME" << options.idle_time->count();
    if (options.frequency) args << "FREQ" << *options.frequency;
    return args.as<void>(command_id::restore, where::first);
}

command<migrated> migrate(std::string_view host, std::uint16_t port, const strings& keys,
                          std::chrono::milliseconds timeout, migrate_options options) {
    if (keys.empty()) refuse("MIGRATE: there are no keys");
    if (options.password.empty() && !options.username.empty()) refuse("MIGRATE: a username without a password");
    // The server would take 0 for its default of a second.
    arguments args{host, port, "", options.database, timeout.count()};
    args.when(options.keep, "COPY");
    args.when(options.replace, "REPLACE");
    if (!options.username.empty()) {
        args << "AUTH2" << options.username << options.password;
    } else if (!options.password.empty()) {
        args << "AUTH" << options.password;
    }
    args << "KEYS" << keys.view();
    return args.as<migrated>(command_id::migrate, where::by_table);
}

command<texts> object_help() {
    return arguments{}.as<texts>(command_id::object_help, where::none);
}

command<texts> sort(std::string_view key, sort_options options) {
    return sort_words(key, {}, options).as<texts>(command_id::sort, where::first);
}

command<optional_texts> sort_get(std::string_view key, const strings& patterns, sort_options options) {
    return sort_words(key, patterns.view(), options).as<optional_texts>(command_id::sort, where::first);
}

command<std::int64_t> sort_store(std::string_view key, std::string_view destination, sort_options options) {
    return sort_get_store(key, std::span<const std::string_view>{}, destination, options);
}

command<std::int64_t> sort_get_store(std::string_view key, const strings& patterns, std::string_view destination,
                                     sort_options options) {
    arguments args = sort_words(key, patterns.view(), options);
    args << "STORE" << destination;
    return args.as<std::int64_t>(command_id::sort, where::by_table);
}

command<texts> sort_ro(std::string_view key, sort_options options) {
    return sort_words(key, {}, options).as<texts>(command_id::sort_ro, where::first);
}

command<optional_texts> sort_ro_get(std::string_view key, const strings& patterns, sort_options options) {
    return sort_words(key, patterns.view(), options).as<optional_texts>(command_id::sort_ro, where::first);
}

command<std::int64_t> wait(std::int64_t replicas, std::chrono::milliseconds timeout) {
    return arguments{replicas, timeout.count()}.as<std::int64_t>(command_id::wait, where::none);
}

command<waitaof_counts> waitaof(std::int64_t local, std::int64_t replicas, std::chrono::milliseconds timeout) {
    return arguments{local, replicas, timeout.count()}.as<waitaof_counts>(command_id::waitaof, where::none);
}

}  // namespace valkeyxx::commands

namespace valkeyxx {

result<commands::clusterscan_step> reply_to<commands::clusterscan_step>::from(reply_view v) {
    auto parts = decode<std::pair<std::string, std::vector<std::string>>>(v);
    if (!parts) return std::move(parts).error();
    return commands::clusterscan_step{.cursor = std::move(parts->first), .items = std::move(parts->second)};
}

result<commands::migrated> reply_to<commands::migrated>::from(reply_view v) {
    if (v.is_string() && v.text() == "OK") return commands::migrated::done;
    if (v.is_string() && v.text() == "NOKEY") return commands::migrated::no_key;
    return detail::shape_error("OK or NOKEY", v);
}

result<commands::waitaof_counts> reply_to<commands::waitaof_counts>::from(reply_view v) {
    auto counts = decode<std::pair<std::int64_t, std::int64_t>>(v);
    if (!counts) return std::move(counts).error();
    return commands::waitaof_counts{.local = counts->first, .replicas = counts->second};
}

}  // namespace valkeyxx
