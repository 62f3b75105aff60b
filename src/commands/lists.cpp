// The commands of the group "list" whose arguments are not a few strings already.
#include <valkeyxx/commands/lists.hpp>

#include "commands/arguments.hpp"
#include "commands/seconds.hpp"

namespace valkeyxx {

result<commands::popped_element> reply_to<commands::popped_element>::from(reply_view v) {
    auto parts = decode<std::pair<std::string, std::string>>(v);
    if (!parts) return std::move(parts).error();
    return commands::popped_element{std::move(parts->first), std::move(parts->second)};
}

result<commands::popped_elements> reply_to<commands::popped_elements>::from(reply_view v) {
    auto parts = decode<std::pair<std::string, std::vector<std::string>>>(v);
    if (!parts) return std::move(parts).error();
    return commands::popped_elements{std::move(parts->first), std::move(parts->second)};
}

}  // namespace valkeyxx

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using detail::seconds;
using keys_of = encoded_command::keys;
using std::chrono::milliseconds;
using optional_text = std::optional<std::string>;
using texts = std::vector<std::string>;
using optional_found = std::optional<popped_element>;
using optional_popped = std::optional<popped_elements>;

std::string_view word(list_end end) {
    return end == list_end::left ? "LEFT" : "RIGHT";
}

command<std::int64_t> push(command_id id, std::string_view key, const strings& elements) {
    return arguments{key, elements.view()}.as<std::int64_t>(id, keys_of::first);
}

command<std::optional<texts>> pop(command_id id, std::string_view key, std::int64_t count) {
    return arguments{key, count}.as<std::optional<texts>>(id, keys_of::first);
}

void add_many(arguments& args, const strings& keys, list_end from, std::int64_t count) {
    args << keys.size() << keys.view() << word(from);
    if (count != 1) args << "COUNT" << count;
}

}  // namespace

command<std::int64_t> lpush(std::string_view key, const strings& elements) {
    return push(command_id::lpush, key, elements);
}

command<std::int64_t> rpush(std::string_view key, const strings& elements) {
    return push(command_id::rpush, key, elements);
}

command<std::int64_t> lpushx(std::string_view key, const strings& elements) {
    return push(command_id::lpushx, key, elements);
}

command<std::int64_t> rpushx(std::string_view key, const strings& elements) {
    return push(command_id::rpushx, key, elements);
}

command<std::optional<texts>> lpop(std::string_view key, std::int64_t count) {
    return pop(command_id::lpop, key, count);
}

command<std::optional<texts>> rpop(std::string_view key, std::int64_t count) {
    return pop(command_id::rpop, key, count);
}

command<optional_popped> lmpop(const strings& keys, list_end from, std::int64_t count) {
    arguments args;
    add_many(args, keys, from, count);
    return args.as<optional_popped>(command_id::lmpop, keys_of::by_table);
}

command<optional_text> lmove(std::string_view source, std::string_view destination, list_end from, list_end to) {
    return arguments{source, destination, word(from), word(to)}.as<optional_text>(command_id::lmove, keys_of::by_table);
}

command<optional_text> lindex(std::string_view key, std::int64_t index) {
    return arguments{key, index}.as<optional_text>(command_id::lindex, keys_of::first);
}

command<texts> lrange(std::string_view key, std::int64_t first, std::int64_t last) {
    return arguments{key, first, last}.as<texts>(command_id::lrange, keys_of::first);
}

namespace {

arguments lpos_arguments(std::string_view key, std::string_view element, lpos_options options) {
    arguments args{key, element};
    if (options.rank != 1) args << "RANK" << options.rank;
    if (options.max_length) args << "MAXLEN" << *options.max_length;
    return args;
}

}  // namespace

command<std::optional<std::int64_t>> lpos(std::string_view key, std::string_view element, lpos_options options) {
    return lpos_arguments(key, element, options).as<std::optional<std::int64_t>>(command_id::lpos, keys_of::first);
}

command<std::vector<std::int64_t>> lpos(std::string_view key, std::string_view element,
                                        std::optional<std::int64_t> count, lpos_options options) {
    arguments args = lpos_arguments(key, element, options);
    args << "COUNT" << count.value_or(0);
    return args.as<std::vector<std::int64_t>>(command_id::lpos, keys_of::first);
}

command<std::int64_t> linsert(std::string_view key, insert_at place, std::string_view pivot, std::string_view element) {
    return arguments{key, place == insert_at::before ? "BEFORE" : "AFTER", pivot, element}.as<std::int64_t>(
        command_id::linsert, keys_of::first);
}

command<std::int64_t> lrem(std::string_view key, std::int64_t count, std::string_view element) {
    return arguments{key, count, element}.as<std::int64_t>(command_id::lrem, keys_of::first);
}

command<void> lset(std::string_view key, std::int64_t index, std::string_view element) {
    return arguments{key, index, element}.as<void>(command_id::lset, keys_of::first);
}

command<void> ltrim(std::string_view key, std::int64_t first, std::int64_t last) {
    return arguments{key, first, last}.as<void>(command_id::ltrim, keys_of::first);
}

command<optional_found> blpop(const strings& keys, milliseconds timeout) {
    return arguments{keys.view(), seconds(timeout)}.as<optional_found>(command_id::blpop, keys_of::by_table);
}

command<optional_found> brpop(const strings& keys, milliseconds timeout) {
    return arguments{keys.view(), seconds(timeout)}.as<optional_found>(command_id::brpop, keys_of::by_table);
}

command<optional_popped> blmpop(const strings& keys, list_end from, milliseconds timeout, std::int64_t count) {
    arguments args{seconds(timeout)};
    add_many(args, keys, from, count);
    return args.as<optional_popped>(command_id::blmpop, keys_of::by_table);
}

command<optional_text> blmove(std::string_view source, std::string_view destination, list_end from, list_end to,
                              milliseconds timeout) {
    return arguments{source, destination, word(from), word(to), seconds(timeout)}.as<optional_text>(command_id::blmove,
                                                                                                    keys_of::by_table);
}

command<optional_text> brpoplpush(std::string_view source, std::string_view destination, milliseconds timeout) {
    return arguments{source, destination, seconds(timeout)}.as<optional_text>(command_id::brpoplpush,
                                                                              keys_of::by_table);
}

}  // namespace valkeyxx::commands
