// What can go wrong, and what the caller may conclude from it.
//
//   auto n = cluster.try_execute(incr("hits"));
//   if (!n && n.error().may_have_run()) audit(n.error().message());
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace valkeyxx {

/// Why a command has no value. Every code is an `std::error_code` of `error_category()`.
enum class errc {
    server_error = 1,       ///< the server answered with an error that is the caller's to read: see server_text()
    timed_out,              ///< the command's deadline passed
    cannot_connect,         ///< no connection to the node: refused, unreachable, or the name did not resolve
    connection_lost,        ///< the connection broke while the command was under way
    too_many_redirects,     ///< the cluster sent the command on too often: its nodes disagree about who serves the slot
    no_topology,            ///< no node could tell the cluster's topology
    not_a_cluster,          ///< the server runs without cluster mode
    slot_not_served,        ///< no node serves the key's slot
    cross_slot,             ///< the keys of one command hash to more than one slot
    unknown_node,           ///< the command was aimed at a node that is not part of the cluster
    invalid_url,            ///< a URL or an address that cannot be understood
    invalid_argument,       ///< a command that cannot be right, refused before sending
    unexpected_reply,       ///< the reply's shape does not fit the type asked for
    protocol_error,         ///< the server sent bytes that are not RESP, or a reply above the limits
    queue_full,             ///< too many commands are under way (see config::max_in_flight)
    client_closed,          ///< the client was closed before the command had an answer
    partly_failed,          ///< a command for several nodes or slots failed on some of them: see error::causes()
    transaction_conflict,   ///< a watched key was changed by somebody: the transaction did not run
    access_denied,          ///< the user may not run the command, or not on these keys or channels (NOPERM)
    authentication_failed,  ///< the server refuses user and password, asks for some where there are none, or denies
                            ///< the user what a connection begins with (SELECT, READONLY)
    cancelled,              ///< its caller has given it up (Asio cancellation); also std::errc::operation_canceled
    lock_lost,              ///< the lock is not held any more: its lease has ended, and somebody else may have it
    after_fork,             ///< the client is the parent process's: a child that was forked makes its own
};

/// The category of `errc`; its name is "valkeyxx". Thread-safe.
const std::error_category& error_category() noexcept;

/// Lets an `errc` become a `std::error_code`.
std::error_code make_error_code(errc code) noexcept;

/// What it is called in logs and metrics: "timed_out".
std::string_view to_string(errc code) noexcept;

/// Whether a failed command took effect on the server.
enum class executed : std::uint8_t {
    no,       ///< it did not: repeating it is safe
    unknown,  ///< it may have: the reply was lost after the bytes had been handed to the network
    yes,      ///< it did (or was refused by the command's own rules); only its reply is unusable
};

/// One failure with all that is known of it. A cheap value (one pointer); copies share the details. Thread-safe to
/// read.
///
/// It holds no arguments of the command, since these may be secrets, except that `cross_slot` names two keys. Where a
/// server's own words repeat arguments, as Valkey's and Redis' do for unknown commands, ACL SETUSER, HELLO, scripts
/// that cannot be compiled, SENTINEL SET, consumer groups and coordinates, there is "..." in their place: `ERR Error in
/// ACL SETUSER modifier '...': Syntax error`. What is left are names: of commands, subcommands and options, users,
/// nodes, variables of scripts. What a script, a module or a proxy puts into an error of its own making nobody can
/// tell.
class error {
  public:
    /// The parts of an error, for those who make one (tests, fakes).
    struct parts {
        errc code = errc::server_error;
        std::string text = {};     ///< what happened; for errors that a server answered with its own words
        std::string command = {};  ///< the command's name, such as "GET" or "CLUSTER INFO"
        std::string node = {};     ///< "host:port" of the node concerned, empty if none
        int attempts = 0;          ///< how often the command was sent
        enum executed executed = executed::no;
        std::vector<error> causes = {};  ///< of a command that went to several nodes: each one's failure
        std::string server_code = {};    ///< if the server's word for it is not the first one of `text`
    };

    explicit error(parts p);
    error(errc code, std::string text) : error(parts{.code = code, .text = std::move(text)}) {}

    /// The code, for `switch`.
    [[nodiscard]] errc which() const noexcept;
    /// The code as the standard library and Asio know it.
    [[nodiscard]] std::error_code code() const noexcept { return make_error_code(which()); }
    /// One sentence for a person or a log: what happened, to which command, at which node, after how many tries.
    [[nodiscard]] const std::string& message() const noexcept;
    /// What happened without the circumstances; of what the server answered to a command its own words, without the
    /// arguments that they repeat (see above).
    [[nodiscard]] const std::string& text() const noexcept;
    /// The server's word for it: the first one of its text ("WRONGTYPE", "NOPERM", "ERR", ...). Of `server_error`,
    /// `access_denied` and `authentication_failed`; and of `cannot_connect` and `no_topology` if a server's refusal is
    /// the reason (such as "WRONGPASS" where a credential_source may have a better password the next time). Else empty.
    [[nodiscard]] std::string_view server_code() const noexcept;
    [[nodiscard]] const std::string& command() const noexcept;
    [[nodiscard]] const std::string& node() const noexcept;
    [[nodiscard]] int attempts() const noexcept;
    [[nodiscard]] enum executed executed() const noexcept;
    /// True if the command may have taken effect although it has no reply.
    [[nodiscard]] bool may_have_run() const noexcept { return executed() == executed::unknown; }

    /// For `partly_failed`: what failed, with the node of each. Empty for other codes.
    [[nodiscard]] std::span<const error> causes() const noexcept;

    /// The same failure with the circumstances filled in.
    [[nodiscard]] error with(std::string command, std::string node, int attempts, enum executed executed) const;

    /// `access_denied` and `authentication_failed` are kinds of `server_error`: they are equal to it, too. which() and
    /// code() tell them apart.
    friend bool operator==(const error& e, errc code) noexcept {
        return e.which() == code || (code == errc::server_error &&
                                     (e.which() == errc::access_denied || e.which() == errc::authentication_failed));
    }

  private:
    struct details;
    std::shared_ptr<const details> details_;
};

/// What `execute` and `result::value` throw. `what()` is `error().message()`.
class exception : public std::exception {
  public:
    explicit exception(valkeyxx::error e) noexcept : error_{std::move(e)} {}
    [[nodiscard]] const char* what() const noexcept override { return error_.message().c_str(); }
    [[nodiscard]] const valkeyxx::error& error() const noexcept { return error_; }
    [[nodiscard]] std::error_code code() const noexcept { return error_.code(); }

  private:
    valkeyxx::error error_;
};

}  // namespace valkeyxx

template <>
struct std::is_error_code_enum<valkeyxx::errc> : std::true_type {};
