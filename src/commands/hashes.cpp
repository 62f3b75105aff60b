// The commands of the group "hash" whose arguments are not a few strings already.
#include <valkeyxx/commands/hashes.hpp>

#include "commands/arguments.hpp"
#include "commands/scan_arguments.hpp"

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using keys = encoded_command::keys;
using texts = std::vector<std::string>;
using optional_texts = std::vector<std::optional<std::string>>;
using text_pair = std::pair<std::string, std::string>;

}  // namespace

command<std::int64_t> hset(std::string_view key, const string_pairs& fields) {
    return arguments{key, fields.view()}.as<std::int64_t>(command_id::hset, keys::first);
}

command<void> hmset(std::string_view key, const string_pairs& fields) {
    return arguments{key, fields.view()}.as<void>(command_id::hmset, keys::first);
}

command<optional_texts> hmget(std::string_view key, const strings& fields) {
    return arguments{key, fields.view()}.as<optional_texts>(command_id::hmget, keys::first);
}

command<std::int64_t> hdel(std::string_view key, const strings& fields) {
    return arguments{key, fields.view()}.as<std::int64_t>(command_id::hdel, keys::first);
}

command<std::int64_t> hincrby(std::string_view key, std::string_view field, std::int64_t summand) {
    return arguments{key, field, summand}.as<std::int64_t>(command_id::hincrby, keys::first);
}

command<double> hincrbyfloat(std::string_view key, std::string_view field, double summand) {
    return arguments{key, field, summand}.as<double>(command_id::hincrbyfloat, keys::first);
}

command<texts> hrandfield(std::string_view key, std::int64_t count) {
    return arguments{key, count}.as<texts>(command_id::hrandfield, keys::first);
}

command<std::vector<text_pair>> hrandfield_with_values(std::string_view key, std::int64_t count) {
    return arguments{key, count, "WITHVALUES"}.as<std::vector<text_pair>>(command_id::hrandfield, keys::first);
}

command<scan_step<text_pair>> hscan(std::string_view key, std::uint64_t cursor, element_scan_options options) {
    return detail::scan_arguments(key, cursor, options).as<scan_step<text_pair>>(command_id::hscan, keys::first);
}

command<scan_step<std::string>> hscan_fields(std::string_view key, std::uint64_t cursor, element_scan_options options) {
    arguments args = detail::scan_arguments(key, cursor, options);
    args << "NOVALUES";
    return args.as<scan_step<std::string>>(command_id::hscan, keys::first);
}

}  // namespace valkeyxx::commands
