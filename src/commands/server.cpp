// The commands about servers, and their replies.
#include <valkeyxx/commands/server.hpp>

#include "commands/arguments.hpp"
#include "commands/fields.hpp"
#include "commands/flush.hpp"

namespace valkeyxx {

using detail::arguments;
using detail::decode_elements;
using detail::decode_fields;
using detail::field;
using detail::member;

namespace commands {
namespace {

using keys = encoded_command::keys;

template <class R>
command<R> without_keys(command_id id, const strings& words) {
    return command<R>{std::in_place, id, words.view(), keys::none};
}

std::string_view name_of(commandlog which) {
    switch (which) {
        case commandlog::large_request:
            return "LARGE-REQUEST";
        case commandlog::large_reply:
            return "LARGE-REPLY";
        case commandlog::slow:
            break;
    }
    return "SLOW";
}

}  // namespace

command<void> flushall(flush_mode mode) {
    return detail::flush_arguments(mode).as<void>(command_id::flushall, keys::none);
}

command<void> flushdb(flush_mode mode) {
    return detail::flush_arguments(mode).as<void>(command_id::flushdb, keys::none);
}

command<void> swapdb(std::int64_t one, std::int64_t other) {
    return arguments{one, other}.as<void>(command_id::swapdb, keys::none);
}

command<server_time> time() {
    return arguments{}.as<server_time>(command_id::time, keys::none);
}

command<server_time> lastsave() {
    return arguments{}.as<server_time>(command_id::lastsave, keys::none);
}

command<role_info> role() {
    return arguments{}.as<role_info>(command_id::role, keys::none);
}

command<std::string> lolwut(lolwut_options options) {
    arguments args;
    if (options.version) args << "VERSION" << *options.version;
    for (std::int64_t parameter : options.parameters) args << parameter;
    return args.as<std::string>(command_id::lolwut, keys::none);
}

command<std::unordered_map<std::string, std::string>> config_get(const strings& patterns) {
    return without_keys<std::unordered_map<std::string, std::string>>(command_id::config_get, patterns);
}

command<void> config_set(const string_pairs& settings) {
    return command<void>{std::in_place, command_id::config_set, settings.view(), keys::none};
}

command<void> config_resetstat() {
    return arguments{}.as<void>(command_id::config_resetstat, keys::none);
}

command<void> config_rewrite() {
    return arguments{}.as<void>(command_id::config_rewrite, keys::none);
}

command<void> save() {
    return arguments{}.as<void>(command_id::save, keys::none);
}

command<std::string> bgsave(bgsave_when when) {
    arguments args;
    args.when(when == bgsave_when::possible, "SCHEDULE");
    return args.as<std::string>(command_id::bgsave, keys::none);
}

command<std::string> bgsave_cancel() {
    return arguments{"CANCEL"}.as<std::string>(command_id::bgsave, keys::none);
}

command<std::string> bgrewriteaof() {
    return arguments{}.as<std::string>(command_id::bgrewriteaof, keys::none);
}

command<void> replicaof(std::string_view host, std::uint16_t port) {
    return arguments{host, port}.as<void>(command_id::replicaof, keys::none);
}

command<void> replicaof_no_one() {
    return arguments{"NO", "ONE"}.as<void>(command_id::replicaof, keys::none);
}

command<void> slaveof(std::string_view host, std::uint16_t port) {
    return arguments{host, port}.as<void>(command_id::slaveof, keys::none);
}

command<void> slaveof_no_one() {
    return arguments{"NO", "ONE"}.as<void>(command_id::slaveof, keys::none);
}

command<std::vector<slowlog_entry>> slowlog_get(std::optional<std::int64_t> count) {
    return arguments{count.value_or(-1)}.as<std::vector<slowlog_entry>>(command_id::slowlog_get, keys::none);
}

command<std::int64_t> slowlog_len() {
    return arguments{}.as<std::int64_t>(command_id::slowlog_len, keys::none);
}

command<void> slowlog_reset() {
    return arguments{}.as<void>(command_id::slowlog_reset, keys::none);
}

command<std::vector<commandlog_entry>> commandlog_get(commandlog which, std::optional<std::int64_t> count) {
    return arguments{count.value_or(-1), name_of(which)}.as<std::vector<commandlog_entry>>(command_id::commandlog_get,
                                                                                           keys::none);
}

command<std::int64_t> commandlog_len(commandlog which) {
    return arguments{name_of(which)}.as<std::int64_t>(command_id::commandlog_len, keys::none);
}

command<void> commandlog_reset(commandlog which) {
    return arguments{name_of(which)}.as<void>(command_id::commandlog_reset, keys::none);
}

command<std::vector<latency_event>> latency_latest() {
    return arguments{}.as<std::vector<latency_event>>(command_id::latency_latest, keys::none);
}

command<std::vector<latency_sample>> latency_history(std::string_view event) {
    return arguments{event}.as<std::vector<latency_sample>>(command_id::latency_history, keys::none);
}

command<std::map<std::string, latency_histogram_of>> latency_histogram(const strings& names) {
    return without_keys<std::map<std::string, latency_histogram_of>>(command_id::latency_histogram, names);
}

command<std::string> latency_graph(std::string_view event) {
    return arguments{event}.as<std::string>(command_id::latency_graph, keys::none);
}

command<std::string> latency_doctor() {
    return arguments{}.as<std::string>(command_id::latency_doctor, keys::none);
}

command<std::int64_t> latency_reset(const strings& events) {
    return without_keys<std::int64_t>(command_id::latency_reset, events);
}

command<std::optional<std::int64_t>> memory_usage(std::string_view key, memory_usage_options options) {
    return arguments{key, "SAMPLES", options.samples.value_or(0)}.as<std::optional<std::int64_t>>(
        command_id::memory_usage, keys::first);
}

command<std::unordered_map<std::string, value>> memory_stats() {
    return arguments{}.as<std::unordered_map<std::string, value>>(command_id::memory_stats, keys::none);
}

command<std::string> memory_doctor() {
    return arguments{}.as<std::string>(command_id::memory_doctor, keys::none);
}

command<std::string> memory_malloc_stats() {
    return arguments{}.as<std::string>(command_id::memory_malloc_stats, keys::none);
}

command<void> memory_purge() {
    return arguments{}.as<void>(command_id::memory_purge, keys::none);
}

command<std::vector<loaded_module>> module_list() {
    return arguments{}.as<std::vector<loaded_module>>(command_id::module_list, keys::none);
}

command<void> module_load(std::string_view path, const strings& args) {
    arguments all{path};
    all << args.view();
    return all.as<void>(command_id::module_load, keys::none);
}

command<void> module_loadex(std::string_view path, const string_pairs& settings, const strings& args) {
    arguments all{path};
    const auto words = settings.view();
    for (std::size_t i = 0; i < words.size(); i += 2) all << "CONFIG" << words[i] << words[i + 1];
    if (!args.empty()) all << "ARGS" << args.view();
    return all.as<void>(command_id::module_loadex, keys::none);
}

command<void> module_unload(std::string_view name) {
    return arguments{name}.as<void>(command_id::module_unload, keys::none);
}

command<std::int64_t> command_count() {
    return arguments{}.as<std::int64_t>(command_id::command_count, keys::none);
}

command<std::vector<std::optional<command_entry>>> command_info(const strings& names) {
    return without_keys<std::vector<std::optional<command_entry>>>(command_id::command_info, names);
}

command<std::map<std::string, command_doc>> command_docs(const strings& names) {
    return without_keys<std::map<std::string, command_doc>>(command_id::command_docs, names);
}

command<std::vector<std::string>> command_list(command_list_options options) {
    arguments args;
    const auto filter = [&](std::string_view word, std::string_view by) {
        if (by.empty()) return;
        if (args.size() != 0) throw exception{error{errc::invalid_argument, "COMMAND LIST: one condition at most"}};
        args << "FILTERBY" << word << by;
    };
    filter("MODULE", options.module);
    filter("ACLCAT", options.category);
    filter("PATTERN", options.pattern);
    return args.as<std::vector<std::string>>(command_id::command_list, keys::none);
}

command<std::vector<std::string>> command_getkeys(const strings& words) {
    return without_keys<std::vector<std::string>>(command_id::command_getkeys, words);
}

command<std::vector<std::pair<std::string, std::vector<std::string>>>> command_getkeysandflags(const strings& words) {
    return without_keys<std::vector<std::pair<std::string, std::vector<std::string>>>>(
        command_id::command_getkeysandflags, words);
}

}  // namespace commands

result<commands::server_time> reply_to<commands::server_time>::from(reply_view v) {
    std::chrono::seconds whole{0};
    std::chrono::microseconds rest{0};
    const auto done =
        v.is_aggregate() ? decode_elements(v, "seconds and microseconds", whole, rest) : detail::read_into(whole, v);
    if (!done) return done.error();
    return commands::server_time{whole + rest};
}

result<commands::attached_replica> reply_to<commands::attached_replica>::from(reply_view v) {
    commands::attached_replica one;
    if (auto done = decode_elements(v, "a replica", one.host, one.port, one.offset); !done) return done.error();
    return one;
}

result<commands::role_info> reply_to<commands::role_info>::from(reply_view v) {
    commands::role_info all;
    std::string name;
    if (auto done = decode_elements(v, "what ROLE tells", name); !done) return done.error();
    result<void> done;
    if (name == "master" || name == "primary") {
        done = decode_elements(v, "what ROLE tells", name, all.offset, all.replicas);
    } else if (name == "slave" || name == "replica") {
        all.role = commands::server_role::replica;
        done = decode_elements(v, "what ROLE tells", name, all.primary_host, all.primary_port, all.link, all.offset);
    } else if (name == "sentinel") {
        all.role = commands::server_role::sentinel;
        done = decode_elements(v, "what ROLE tells", name, all.primary_names);
    } else {
        return detail::shape_error("the name of a role", v);
    }
    if (!done) return done.error();
    return all;
}

result<commands::slowlog_entry> reply_to<commands::slowlog_entry>::from(reply_view v) {
    commands::slowlog_entry one;
    const auto done =
        decode_elements(v, "a slow command", one.id, one.at, one.duration, one.command, one.addr, one.client_name);
    if (!done) return done.error();
    return one;
}

result<commands::commandlog_entry> reply_to<commands::commandlog_entry>::from(reply_view v) {
    commands::commandlog_entry one;
    const auto done = decode_elements(v, "a command that stood out", one.id, one.at, one.amount, one.command, one.addr,
                                      one.client_name);
    if (!done) return done.error();
    return one;
}

result<commands::latency_sample> reply_to<commands::latency_sample>::from(reply_view v) {
    commands::latency_sample one;
    if (auto done = decode_elements(v, "a latency", one.at, one.took); !done) return done.error();
    return one;
}

result<commands::latency_event> reply_to<commands::latency_event>::from(reply_view v) {
    commands::latency_event one;
    const auto done = decode_elements(v, "a latency", one.event, one.last.at, one.last.took, one.most);
    if (!done) return done.error();
    return one;
}

result<commands::latency_histogram_of> reply_to<commands::latency_histogram_of>::from(reply_view v) {
    using histogram = commands::latency_histogram_of;
    static constexpr field<histogram> fields[] = {
        member<&histogram::calls>("calls"),
        member<&histogram::buckets>("histogram_usec"),
    };
    return decode_fields(v, "a histogram", fields);
}

result<commands::loaded_module> reply_to<commands::loaded_module>::from(reply_view v) {
    using module = commands::loaded_module;
    static constexpr field<module> fields[] = {
        member<&module::name>("name"),
        member<&module::version>("ver"),
        member<&module::path>("path"),
        member<&module::args>("args"),
    };
    return decode_fields(v, "a module", fields);
}

// Servers before Valkey 7 end with the categories.
result<commands::command_entry> reply_to<commands::command_entry>::from(reply_view v) {
    commands::command_entry one;
    const auto done = v.size() < 10
                          ? decode_elements(v, "a command", one.name, one.arity, one.flags, one.first_key, one.last_key,
                                            one.key_step, one.categories)
                          : decode_elements(v, "a command", one.name, one.arity, one.flags, one.first_key, one.last_key,
                                            one.key_step, one.categories, one.tips, one.key_specs, one.subcommands);
    if (!done) return done.error();
    return one;
}

result<commands::command_doc> reply_to<commands::command_doc>::from(reply_view v) {
    using doc = commands::command_doc;
    static constexpr field<doc> fields[] = {
        member<&doc::summary>("summary"),
        member<&doc::since>("since"),
        member<&doc::group>("group"),
        member<&doc::complexity>("complexity"),
        member<&doc::module>("module"),
        member<&doc::flags>("doc_flags"),
        member<&doc::deprecated_since>("deprecated_since"),
        member<&doc::replaced_by>("replaced_by"),
        member<&doc::history>("history"),
        member<&doc::arguments>("arguments"),
        member<&doc::subcommands>("subcommands"),
    };
    return decode_fields(v, "the documentation of a command", fields);
}

}  // namespace valkeyxx
