// The commands about connections, and their replies.
#include <valkeyxx/commands/connection.hpp>

#include "commands/arguments.hpp"
#include "commands/lines.hpp"

namespace valkeyxx {

using detail::arguments;
using detail::field;
using detail::member;

namespace commands {
namespace {

using keys = encoded_command::keys;

std::string_view word_of(client_type type) noexcept {
    switch (type) {
        case client_type::any:
            break;
        case client_type::normal:
            return "normal";
        case client_type::primary:
            return "master";  // which servers before Valkey 8 understand, too
        case client_type::replica:
            return "replica";
        case client_type::pubsub:
            return "pubsub";
    }
    return {};
}

[[noreturn]] void refuse(const char* why) {
    throw exception{error{errc::invalid_argument, why}};
}

/// The filter's words, or with "NOT-" those of its opposite.
class filter_words {
  public:
    filter_words(arguments& args, bool negated) : args_{args}, negated_{negated} {}

    void text(std::string_view word, std::string_view value) {
        if (!value.empty()) args_ << name(word) << value;
    }
    void ids(std::span<const std::int64_t> all) {
        if (all.empty()) return;
        args_ << name("NOT-ID");
        for (std::int64_t id : all) args_ << id;
    }
    void number(std::string_view word, std::optional<std::int64_t> value) {
        if (value) args_ << name(word) << *value;
    }

  private:
    [[nodiscard]] std::string_view name(std::string_view negated) const {
        return negated_ ? negated : negated.substr(std::string_view{"NOT-"}.size());
    }

    arguments& args_;
    bool negated_;
};

void add_filter(arguments& args, bool negated, const client_filter& filter) {
    filter_words words{args, negated};
    words.text("NOT-TYPE", word_of(filter.type));
    words.ids(filter.ids);
    words.text("NOT-USER", filter.user);
    words.text("NOT-ADDR", filter.addr);
    words.text("NOT-LADDR", filter.laddr);
    words.text("NOT-NAME", filter.name);
    words.text("NOT-FLAGS", filter.flags);
    words.text("NOT-LIB-NAME", filter.lib_name);
    words.text("NOT-LIB-VER", filter.lib_ver);
    words.number("NOT-DB", filter.db);
    words.text("NOT-CAPA", filter.capa);
    words.text("NOT-IP", filter.ip);
}

void add_which(arguments& args, const client_filter& which) {
    add_filter(args, false, which);
    if (which.older_than) args << "MAXAGE" << which.older_than->count();
    if (which.idle) args << "IDLE" << which.idle->count();
}

void add_exceptions(arguments& args, const client_filter& except, const char* refusal) {
    if (except.older_than || except.idle) refuse(refusal);
    add_filter(args, true, except);
}

}  // namespace

command<std::optional<std::string>> client_getname() {
    return arguments{}.as<std::optional<std::string>>(command_id::client_getname, keys::none);
}

command<std::int64_t> client_id() {
    return arguments{}.as<std::int64_t>(command_id::client_id, keys::none);
}

command<std::int64_t> client_getredir() {
    return arguments{}.as<std::int64_t>(command_id::client_getredir, keys::none);
}

command<tracking_info> client_trackinginfo() {
    return arguments{}.as<tracking_info>(command_id::client_trackinginfo, keys::none);
}

command<std::vector<connected_client>> client_list(client_filter which, client_list_options options) {
    arguments args;
    add_which(args, which);
    add_exceptions(args, options.except, "CLIENT LIST: exceptions by age or idle time");
    return args.as<std::vector<connected_client>>(command_id::client_list, keys::none);
}

command<connected_client> client_info() {
    return arguments{}.as<connected_client>(command_id::client_info, keys::none);
}

command<std::int64_t> client_kill(client_filter which, client_kill_options options) {
    arguments args;
    add_which(args, which);
    add_exceptions(args, options.except, "CLIENT KILL: exceptions by age or idle time");
    // "CLIENT KILL SKIPME no" would end every connection there is.
    if (args.size() == 0) refuse("CLIENT KILL: say which connections");
    args << "SKIPME" << (options.spare_own ? "yes" : "no");
    return args.as<std::int64_t>(command_id::client_kill, keys::none);
}

command<void> client_pause(std::chrono::milliseconds how_long, client_pause_of what) {
    return arguments{how_long.count(), what == client_pause_of::all ? "ALL" : "WRITE"}.as<void>(
        command_id::client_pause, keys::none);
}

command<void> client_unpause() {
    return arguments{}.as<void>(command_id::client_unpause, keys::none);
}

command<bool> client_unblock(std::int64_t id, client_unblock_as how) {
    return arguments{id, how == client_unblock_as::error ? "ERROR" : "TIMEOUT"}.as<bool>(command_id::client_unblock,
                                                                                         keys::none);
}

}  // namespace commands

namespace {

using connection = commands::connected_client;
constexpr field<connection> connection_fields[] = {
    member<&connection::id>("id"),
    member<&connection::addr>("addr"),
    member<&connection::laddr>("laddr"),
    member<&connection::fd>("fd"),
    member<&connection::name>("name"),
    member<&connection::age>("age"),
    member<&connection::idle>("idle"),
    member<&connection::flags>("flags"),
    member<&connection::capa>("capa"),
    member<&connection::db>("db"),
    member<&connection::sub>("sub"),
    member<&connection::psub>("psub"),
    member<&connection::ssub>("ssub"),
    member<&connection::multi>("multi"),
    member<&connection::watch>("watch"),
    member<&connection::qbuf>("qbuf"),
    member<&connection::qbuf_free>("qbuf-free"),
    member<&connection::argv_mem>("argv-mem"),
    member<&connection::multi_mem>("multi-mem"),
    member<&connection::obl>("obl"),
    member<&connection::oll>("oll"),
    member<&connection::omem>("omem"),
    member<&connection::tot_mem>("tot-mem"),
    member<&connection::events>("events"),
    member<&connection::cmd>("cmd"),
    member<&connection::user>("user"),
    member<&connection::redir>("redir"),
    member<&connection::resp>("resp"),
    member<&connection::lib_name>("lib-name"),
    member<&connection::lib_ver>("lib-ver"),
    member<&connection::tot_net_in>("tot-net-in"),
    member<&connection::tot_net_out>("tot-net-out"),
    member<&connection::tot_cmds>("tot-cmds"),
};

}  // namespace

result<commands::tracking_info> reply_to<commands::tracking_info>::from(reply_view v) {
    using tracking = commands::tracking_info;
    static constexpr field<tracking> fields[] = {
        member<&tracking::flags>("flags"),
        member<&tracking::redirect>("redirect"),
        member<&tracking::prefixes>("prefixes"),
    };
    return detail::decode_fields(v, "what CLIENT TRACKINGINFO tells", fields);
}

result<connection> reply_to<connection>::from(reply_view v) {
    if (!v.is_string()) return detail::shape_error("a line about a connection", v);
    std::string_view text = v.text();
    return detail::decode_line(detail::take_until(text, '\n'), connection_fields);
}

result<std::vector<connection>> reply_to<std::vector<connection>>::from(reply_view v) {
    return detail::decode_lines(v, "lines about connections", connection_fields);
}

}  // namespace valkeyxx
