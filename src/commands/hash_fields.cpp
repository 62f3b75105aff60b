// The commands of the group "hash" that are about the life of fields.
#include <valkeyxx/commands/hashes.hpp>

#include "commands/expire_condition.hpp"
#include "commands/set_arguments.hpp"
#include "commands/unix_time.hpp"

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using detail::unix_milliseconds;
using keys = encoded_command::keys;
using std::chrono::milliseconds;
using std::chrono::system_clock;
using optional_texts = std::vector<std::optional<std::string>>;

// All of them end in FIELDS, how many, and the fields.
void add_fields(arguments& args, const strings& fields) {
    args << "FIELDS" << fields.size() << fields.view();
}

template <class R>
command<R> with_fields(command_id id, arguments args, const strings& fields) {
    add_fields(args, fields);
    return args.as<R>(id, keys::first);
}

command<std::vector<hexpired>> expire(command_id id, std::string_view key, std::int64_t when, const strings& fields,
                                      expire_if condition) {
    arguments args{key, when};
    detail::add_condition(args, condition);
    add_fields(args, fields);
    return args.as<std::vector<hexpired>>(id, keys::first);
}

}  // namespace

command<std::vector<hexpired>> hexpire(std::string_view key, milliseconds lifetime, const strings& fields,
                                       expire_if condition) {
    return expire(command_id::hpexpire, key, lifetime.count(), fields, condition);
}

command<std::vector<hexpired>> hexpireat(std::string_view key, system_clock::time_point at, const strings& fields,
                                         expire_if condition) {
    return expire(command_id::hpexpireat, key, unix_milliseconds(at), fields, condition);
}

command<std::vector<hpersisted>> hpersist(std::string_view key, const strings& fields) {
    return with_fields<std::vector<hpersisted>>(command_id::hpersist, arguments{key}, fields);
}

command<std::vector<time_to_live<std::chrono::seconds>>> httl(std::string_view key, const strings& fields) {
    return with_fields<std::vector<time_to_live<std::chrono::seconds>>>(command_id::httl, arguments{key}, fields);
}

command<std::vector<time_to_live<milliseconds>>> hpttl(std::string_view key, const strings& fields) {
    return with_fields<std::vector<time_to_live<milliseconds>>>(command_id::hpttl, arguments{key}, fields);
}

command<std::vector<end_of_life<std::chrono::sys_seconds>>> hexpiretime(std::string_view key, const strings& fields) {
    return with_fields<std::vector<end_of_life<std::chrono::sys_seconds>>>(command_id::hexpiretime, arguments{key},
                                                                           fields);
}

command<std::vector<end_of_life<std::chrono::sys_time<milliseconds>>>> hpexpiretime(std::string_view key,
                                                                                    const strings& fields) {
    return with_fields<std::vector<end_of_life<std::chrono::sys_time<milliseconds>>>>(command_id::hpexpiretime,
                                                                                      arguments{key}, fields);
}

command<optional_texts> hgetex(std::string_view key, milliseconds expiry, const strings& fields) {
    return with_fields<optional_texts>(command_id::hgetex, arguments{key, "PX", expiry.count()}, fields);
}

command<optional_texts> hgetex(std::string_view key, system_clock::time_point expire_at, const strings& fields) {
    return with_fields<optional_texts>(command_id::hgetex, arguments{key, "PXAT", unix_milliseconds(expire_at)},
                                       fields);
}

command<optional_texts> hgetex_persist(std::string_view key, const strings& fields) {
    return with_fields<optional_texts>(command_id::hgetex, arguments{key, "PERSIST"}, fields);
}

command<bool> hsetex(std::string_view key, const string_pairs& fields, hsetex_options options) {
    arguments args{key};
    detail::add_condition(args, options.condition);
    args.when(options.field_condition == set_if::exists, "FXX");
    args.when(options.field_condition == set_if::does_not_exist, "FNX");
    detail::add_expiry(args, options);
    args << "FIELDS" << fields.size() << fields.view();
    return args.as<bool>(command_id::hsetex, keys::first);
}

command<optional_texts> hgetdel(std::string_view key, const strings& fields) {
    return with_fields<optional_texts>(command_id::hgetdel, arguments{key}, fields);
}

}  // namespace valkeyxx::commands

namespace valkeyxx {
namespace {

template <class Outcome>
result<Outcome> decode_outcome(reply_view v, std::initializer_list<Outcome> all) {
    const auto number = v.as_integer();
    if (!number) return number.error();
    for (const Outcome one : all) {
        if (static_cast<std::int64_t>(one) == *number) return one;
    }
    return detail::shape_error("what was done with a field", v);
}

}  // namespace

result<commands::hexpired> reply_to<commands::hexpired>::from(reply_view v) {
    using enum commands::hexpired;
    return decode_outcome(v, {no_field, not_met, done, removed});
}

result<commands::hpersisted> reply_to<commands::hpersisted>::from(reply_view v) {
    using enum commands::hpersisted;
    return decode_outcome(v, {no_field, not_met, done});
}

}  // namespace valkeyxx
