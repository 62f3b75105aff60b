// Commands about users and what they may do: ACL, of the group "server".
//
//   cluster.execute(acl_setuser("ada", {"on", ">secret", "~ada:*", "+@read"}));
//
// Each server has users of its own, which are not replicated. ACL SETUSER, DELUSER and SAVE go to all nodes, the others
// to the default one, or where a target says.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// The categories of commands. Source: https://valkey.io/commands/acl-cat
[[nodiscard]] command<std::vector<std::string>> acl_cat();

/// The commands of one category. Errors: ERR if there is none of that name.
/// Source: https://valkey.io/commands/acl-cat
[[nodiscard]] command<std::vector<std::string>> acl_cat(std::string_view category);

/// Removes users from all nodes and ends their connections; returns how many there were. Not repeated when its reply is
/// lost. Source: https://valkey.io/commands/acl-deluser
[[nodiscard]] command<std::int64_t> acl_deluser(const strings& users);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> acl_deluser(std::string_view user, const More&... more) {
    return acl_deluser(strings{user, std::string_view{more}...});
}

/// What ACL DRYRUN tells.
struct acl_verdict {
    bool allowed = false;
    std::string reason = {};  ///< why it is not allowed
};

/// Whether a user might run a command, which is not run. Example: `acl_dryrun("ada", {"GET", "ada:1"})`
/// Errors: ERR if there is no such user or command. Source: https://valkey.io/commands/acl-dryrun
[[nodiscard]] command<acl_verdict> acl_dryrun(std::string_view user, const strings& words);

/// A password of so many random bits, in hexadecimal. Source: https://valkey.io/commands/acl-genpass
[[nodiscard]] command<std::string> acl_genpass(std::int64_t bits = 256);

/// What a user may do besides.
struct acl_selector {
    std::string commands = {};
    std::string keys = {};
    std::string channels = {};
    std::string databases = {};  ///< empty before Valkey 9.1
};

/// A user's rules, as acl_setuser takes them.
struct acl_user {
    std::vector<std::string> flags = {};      ///< "on" or "off", "nopass", ...
    std::vector<std::string> passwords = {};  ///< their SHA-256 digests
    std::string commands = {};                ///< "-@all +get"
    std::string keys = {};                    ///< "~ada:*"
    std::string channels = {};                ///< "&news"
    std::string databases = {};               ///< "alldbs" or "db=0,1"; empty before Valkey 9.1
    std::vector<acl_selector> selectors = {};
};

/// The rules of a user; nullopt if there is none. Source: https://valkey.io/commands/acl-getuser
[[nodiscard]] command<std::optional<acl_user>> acl_getuser(std::string_view user);

/// All users with their rules, a line for each, as the server's files have them.
/// Source: https://valkey.io/commands/acl-list
[[nodiscard]] command<std::vector<std::string>> acl_list();

/// Reads all users of the node that answers from the file of its setting `aclfile`. Errors: ERR if there is no such
/// setting, or the file is wrong. Source: https://valkey.io/commands/acl-load
[[nodiscard]] command<void> acl_load();

/// Writes all users into that file, on all nodes. Errors: ERR if there is no such setting.
/// Source: https://valkey.io/commands/acl-save
[[nodiscard]] command<void> acl_save();

/// Something that was not allowed.
struct acl_log_entry {
    using time_point = std::chrono::sys_time<std::chrono::milliseconds>;
    std::int64_t count = 0;    ///< how often, within some time
    std::string reason = {};   ///< "command", "key", "channel", "auth"
    std::string context = {};  ///< "toplevel", "multi", "lua", "module"
    std::string object = {};   ///< the name of what was not allowed
    std::string username = {};
    std::chrono::milliseconds age{0};
    std::string client_info = {};  ///< a line as CLIENT LIST has them
    std::int64_t entry_id = 0;
    time_point created{};
    time_point updated{};
};

/// The last things that were not allowed, the newest first. Source: https://valkey.io/commands/acl-log
[[nodiscard]] command<std::vector<acl_log_entry>> acl_log(std::int64_t count = 10);

/// Empties that log. Source: https://valkey.io/commands/acl-log
[[nodiscard]] command<void> acl_log_reset();

/// Makes a user on all nodes, or changes one, by rules that are applied one after the other. Not repeated when its
/// reply is lost. Errors: ERR if a rule is wrong: nothing is changed then. Source:
/// https://valkey.io/commands/acl-setuser
[[nodiscard]] command<void> acl_setuser(std::string_view user, const strings& rules);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<void> acl_setuser(std::string_view user, std::string_view rule, const More&... more) {
    return acl_setuser(user, strings{rule, std::string_view{more}...});
}

/// The names of all users. Source: https://valkey.io/commands/acl-users
[[nodiscard]] command<std::vector<std::string>> acl_users();

/// The user that the client is. Source: https://valkey.io/commands/acl-whoami
[[nodiscard]] command<std::string> acl_whoami();

}  // namespace valkeyxx::commands

namespace valkeyxx {

template <>
struct reply_to<commands::acl_verdict> {
    static result<commands::acl_verdict> from(reply_view v);
};
template <>
struct reply_to<commands::acl_selector> {
    static result<commands::acl_selector> from(reply_view v);
};
template <>
struct reply_to<commands::acl_user> {
    static result<commands::acl_user> from(reply_view v);
};
template <>
struct reply_to<commands::acl_log_entry> {
    static result<commands::acl_log_entry> from(reply_view v);
};

}  // namespace valkeyxx
