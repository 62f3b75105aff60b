// The commands of scripts and functions, and their replies.
#include <valkeyxx/commands/scripting.hpp>

#include "commands/arguments.hpp"
#include "commands/fields.hpp"
#include "commands/flush.hpp"

namespace valkeyxx {

using detail::arguments;
using detail::decode_fields;
using detail::field;
using detail::member;

namespace detail {

encoded_command script_call(command_id id, std::string_view what, const strings& keys, const strings& args) {
    arguments all{what, keys.size()};
    all << keys.view() << args.view();
    return all.as<value>(id, encoded_command::keys::by_table).encoded();
}

}  // namespace detail

namespace commands {
namespace {

using keys = encoded_command::keys;

}  // namespace

command<std::string> script_load(std::string_view script) {
    return arguments{script}.as<std::string>(command_id::script_load, keys::none);
}

command<std::vector<bool>> script_exists(const strings& sha1s) {
    return command<std::vector<bool>>{std::in_place, command_id::script_exists, sha1s.view(), keys::none};
}

command<std::string> script_show(std::string_view sha1) {
    return arguments{sha1}.as<std::string>(command_id::script_show, keys::none);
}

command<void> script_flush(flush_mode mode) {
    return detail::flush_arguments(mode).as<void>(command_id::script_flush, keys::none);
}

command<void> script_kill() {
    return arguments{}.as<void>(command_id::script_kill, keys::none);
}

command<std::string> function_load(std::string_view code, function_load_options options) {
    arguments args;
    args.when(options.replace, "REPLACE") << code;
    return args.as<std::string>(command_id::function_load, keys::none);
}

command<void> function_delete(std::string_view library) {
    return arguments{library}.as<void>(command_id::function_delete, keys::none);
}

command<void> function_flush(flush_mode mode) {
    return detail::flush_arguments(mode).as<void>(command_id::function_flush, keys::none);
}

command<std::string> function_dump() {
    return arguments{}.as<std::string>(command_id::function_dump, keys::none);
}

command<void> function_restore(std::string_view dumped, function_restore_policy policy) {
    arguments args{dumped};
    args.when(policy == function_restore_policy::flush, "FLUSH")
        .when(policy == function_restore_policy::replace, "REPLACE");
    return args.as<void>(command_id::function_restore, keys::none);
}

command<void> function_kill() {
    return arguments{}.as<void>(command_id::function_kill, keys::none);
}

command<std::vector<function_library>> function_list(function_list_options options) {
    arguments args;
    if (!options.library.empty()) args << "LIBRARYNAME" << options.library;
    args.when(options.with_code, "WITHCODE");
    return args.as<std::vector<function_library>>(command_id::function_list, keys::none);
}

command<function_statistics> function_stats() {
    return arguments{}.as<function_statistics>(command_id::function_stats, keys::none);
}

}  // namespace commands

result<commands::library_function> reply_to<commands::library_function>::from(reply_view v) {
    using function = commands::library_function;
    static constexpr field<function> fields[] = {
        member<&function::name>("name"),
        member<&function::description>("description"),
        member<&function::flags>("flags"),
    };
    return decode_fields(v, "a function", fields);
}

result<commands::function_library> reply_to<commands::function_library>::from(reply_view v) {
    using library = commands::function_library;
    static constexpr field<library> fields[] = {
        member<&library::name>("library_name"),
        member<&library::engine>("engine"),
        member<&library::functions>("functions"),
        member<&library::code>("library_code"),
    };
    return decode_fields(v, "a library", fields);
}

result<commands::running_function> reply_to<commands::running_function>::from(reply_view v) {
    using function = commands::running_function;
    static constexpr field<function> fields[] = {
        member<&function::name>("name"),
        member<&function::command>("command"),
        member<&function::duration>("duration_ms"),
    };
    return decode_fields(v, "a function that runs", fields);
}

result<commands::function_engine> reply_to<commands::function_engine>::from(reply_view v) {
    using engine = commands::function_engine;
    static constexpr field<engine> fields[] = {
        member<&engine::libraries>("libraries_count"),
        member<&engine::functions>("functions_count"),
    };
    return decode_fields(v, "an engine", fields);
}

result<commands::function_statistics> reply_to<commands::function_statistics>::from(reply_view v) {
    using statistics = commands::function_statistics;
    static constexpr field<statistics> fields[] = {
        member<&statistics::running>("running_script"),
        member<&statistics::engines>("engines"),
    };
    return decode_fields(v, "what FUNCTION STATS tells", fields);
}

}  // namespace valkeyxx
