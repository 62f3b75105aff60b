// The commands about users, and their replies.
#include <valkeyxx/commands/acl.hpp>

#include "commands/arguments.hpp"
#include "commands/fields.hpp"

namespace valkeyxx {

using detail::arguments;
using detail::decode_fields;
using detail::field;
using detail::member;

namespace commands {
namespace {

using keys = encoded_command::keys;
using texts = std::vector<std::string>;

}  // namespace

command<texts> acl_cat() {
    return arguments{}.as<texts>(command_id::acl_cat, keys::none);
}

command<texts> acl_cat(std::string_view category) {
    return arguments{category}.as<texts>(command_id::acl_cat, keys::none);
}

command<std::int64_t> acl_deluser(const strings& users) {
    return command<std::int64_t>{std::in_place, command_id::acl_deluser, users.view(), keys::none};
}

command<acl_verdict> acl_dryrun(std::string_view user, const strings& words) {
    arguments args{user};
    args << words.view();
    return args.as<acl_verdict>(command_id::acl_dryrun, keys::none);
}

command<std::string> acl_genpass(std::int64_t bits) {
    return arguments{bits}.as<std::string>(command_id::acl_genpass, keys::none);
}

command<std::optional<acl_user>> acl_getuser(std::string_view user) {
    return arguments{user}.as<std::optional<acl_user>>(command_id::acl_getuser, keys::none);
}

command<texts> acl_list() {
    return arguments{}.as<texts>(command_id::acl_list, keys::none);
}

command<void> acl_load() {
    return arguments{}.as<void>(command_id::acl_load, keys::none);
}

command<void> acl_save() {
    return arguments{}.as<void>(command_id::acl_save, keys::none);
}

command<std::vector<acl_log_entry>> acl_log(std::int64_t count) {
    return arguments{count}.as<std::vector<acl_log_entry>>(command_id::acl_log, keys::none);
}

command<void> acl_log_reset() {
    return arguments{"RESET"}.as<void>(command_id::acl_log, keys::none);
}

command<void> acl_setuser(std::string_view user, const strings& rules) {
    arguments args{user};
    args << rules.view();
    return args.as<void>(command_id::acl_setuser, keys::none);
}

command<texts> acl_users() {
    return arguments{}.as<texts>(command_id::acl_users, keys::none);
}

command<std::string> acl_whoami() {
    return arguments{}.as<std::string>(command_id::acl_whoami, keys::none);
}

}  // namespace commands

result<commands::acl_verdict> reply_to<commands::acl_verdict>::from(reply_view v) {
    if (!v.is_string()) return detail::shape_error("OK or a reason", v);
    if (v.kind() == value_kind::simple_string && v.text() == "OK") return commands::acl_verdict{.allowed = true};
    return commands::acl_verdict{.allowed = false, .reason = std::string{v.text()}};
}

result<commands::acl_selector> reply_to<commands::acl_selector>::from(reply_view v) {
    using selector = commands::acl_selector;
    static constexpr field<selector> fields[] = {
        member<&selector::commands>("commands"),
        member<&selector::keys>("keys"),
        member<&selector::channels>("channels"),
        member<&selector::databases>("databases"),
    };
    return decode_fields(v, "a selector", fields);
}

result<commands::acl_user> reply_to<commands::acl_user>::from(reply_view v) {
    using user = commands::acl_user;
    static constexpr field<user> fields[] = {
        member<&user::flags>("flags"),         member<&user::passwords>("passwords"),
        member<&user::commands>("commands"),   member<&user::keys>("keys"),
        member<&user::channels>("channels"),   member<&user::databases>("databases"),
        member<&user::selectors>("selectors"),
    };
    return decode_fields(v, "a user", fields);
}

result<commands::acl_log_entry> reply_to<commands::acl_log_entry>::from(reply_view v) {
    using entry = commands::acl_log_entry;
    static constexpr field<entry> fields[] = {
        member<&entry::count>("count"),
        member<&entry::reason>("reason"),
        member<&entry::context>("context"),
        member<&entry::object>("object"),
        member<&entry::username>("username"),
        {"age-seconds",
         [](entry& to, reply_view content) -> result<void> {
             const auto seconds = content.as_real();
             if (!seconds) return seconds.error();
             to.age = std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>{*seconds});
             return {};
         }},
        member<&entry::client_info>("client-info"),
        member<&entry::entry_id>("entry-id"),
        member<&entry::created>("timestamp-created"),
        member<&entry::updated>("timestamp-last-updated"),
    };
    return decode_fields(v, "an entry of the log", fields);
}

}  // namespace valkeyxx
