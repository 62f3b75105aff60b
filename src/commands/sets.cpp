// The commands of the group "set" whose arguments are not a few strings already.
#include <valkeyxx/commands/sets.hpp>

#include "commands/arguments.hpp"
#include "commands/scan_arguments.hpp"

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using keys_of = encoded_command::keys;
using texts = std::vector<std::string>;
using text_set = std::unordered_set<std::string>;

command<text_set> combine(command_id id, const strings& keys) {
    return command<text_set>{std::in_place, id, keys.view(), keys_of::all};
}

command<std::int64_t> store(command_id id, std::string_view destination, const strings& keys) {
    return arguments{destination, keys.view()}.as<std::int64_t>(id, keys_of::all);
}

}  // namespace

command<std::int64_t> sadd(std::string_view key, const strings& members) {
    return arguments{key, members.view()}.as<std::int64_t>(command_id::sadd, keys_of::first);
}

command<std::int64_t> srem(std::string_view key, const strings& members) {
    return arguments{key, members.view()}.as<std::int64_t>(command_id::srem, keys_of::first);
}

command<bool> smove(std::string_view source, std::string_view destination, std::string_view member) {
    return arguments{source, destination, member}.as<bool>(command_id::smove, keys_of::by_table);
}

command<std::vector<bool>> smismember(std::string_view key, const strings& members) {
    return arguments{key, members.view()}.as<std::vector<bool>>(command_id::smismember, keys_of::first);
}

command<texts> spop(std::string_view key, std::int64_t count) {
    return arguments{key, count}.as<texts>(command_id::spop, keys_of::first);
}

command<texts> srandmember(std::string_view key, std::int64_t count) {
    return arguments{key, count}.as<texts>(command_id::srandmember, keys_of::first);
}

command<text_set> sdiff(const strings& keys) {
    return combine(command_id::sdiff, keys);
}

command<text_set> sinter(const strings& keys) {
    return combine(command_id::sinter, keys);
}

command<text_set> sunion(const strings& keys) {
    return combine(command_id::sunion, keys);
}

command<std::int64_t> sdiffstore(std::string_view destination, const strings& keys) {
    return store(command_id::sdiffstore, destination, keys);
}

command<std::int64_t> sinterstore(std::string_view destination, const strings& keys) {
    return store(command_id::sinterstore, destination, keys);
}

command<std::int64_t> sunionstore(std::string_view destination, const strings& keys) {
    return store(command_id::sunionstore, destination, keys);
}

command<std::int64_t> sintercard(const strings& keys, std::optional<std::int64_t> limit) {
    arguments args{keys.size(), keys.view()};
    if (limit) args << "LIMIT" << *limit;
    return args.as<std::int64_t>(command_id::sintercard, keys_of::by_table);
}

command<scan_step<std::string>> sscan(std::string_view key, std::uint64_t cursor, element_scan_options options) {
    return detail::scan_arguments(key, cursor, options).as<scan_step<std::string>>(command_id::sscan, keys_of::first);
}

}  // namespace valkeyxx::commands
