// The first words on a new connection: protocol, password, names. Falls back to RESP2 where the server asks for it.
//
//   handshake h{settings};
//   send(h.start().bytes);
//   ... on each reply: if (h.on_reply(view) == handshake::status::more) if (auto r = h.pending()) send(r->bytes);
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <valkeyxx/error.hpp>
#include <valkeyxx/value.hpp>

namespace valkeyxx::sessions {

/// What a connection says of itself.
struct handshake_settings {
    std::string username = {};     ///< empty: the server's default user
    std::string password = {};     ///< empty: no authentication
    std::string client_name = {};  ///< for CLIENT LIST; empty: none
    int database = 0;              ///< to SELECT; 0 is there already
    bool resp3 = true;             ///< ask for RESP3 first
    bool readonly = false;         ///< say READONLY, so that a replica answers reads
    /// Say CLIENT CAPA redirect, so that a replica sends commands on to its primary (Valkey 8).
    bool wants_redirect = false;
    /// Refuse a node whose ROLE is not that of a primary. One that may not be asked is taken for one.
    bool must_be_primary = false;
    /// Have the server track the keys that it is told to (CLIENT CACHING), if it speaks RESP3: see tracking().
    bool wants_tracking = false;
    bool no_evict = false;  ///< say CLIENT NO-EVICT on
    bool no_touch = false;  ///< say CLIENT NO-TOUCH on
    /// Listen to these, if the server speaks RESP3, in which messages cannot be taken for replies.
    std::span<const std::string_view> channels = {};
};

class handshake {
  public:
    enum class status : std::uint8_t { more, done, failed };

    explicit handshake(const handshake_settings& settings) : settings_{settings} {}

    /// The bytes to send now and how many replies they bring. All of a round goes out in one write.
    struct round {
        std::string bytes;
        int replies = 0;
    };
    round start();

    /// The next reply of the round. `more`: expect another, or, if `pending()` holds a round, send that.
    status on_reply(reply_view reply);
    /// The round to send after `on_reply` returned `more`, if there is one; taken once.
    std::optional<round> pending();

    /// 2 or 3, once done.
    [[nodiscard]] int protocol() const noexcept { return protocol_; }
    /// What the server calls the connection, as HELLO says; 0: unknown, as in RESP2.
    [[nodiscard]] std::int64_t client_id() const noexcept { return client_id_; }
    /// Whether the server tracks keys, once done.
    [[nodiscard]] bool tracking() const noexcept { return tracking_; }
    /// If it was asked to and does not, why.
    [[nodiscard]] const std::string& why_not_tracking() const noexcept { return not_tracking_; }
    /// Why it failed: with the server's code if it refuses something, or `cannot_connect` if the node is the wrong one.
    [[nodiscard]] const error& failure() const { return *failure_; }

  private:
    enum class expect : std::uint8_t {
        hello,
        ok,
        said_again,  ///< ok, or the protocol is not known and it is said again in the other one
        optional,
        role,
        tracking,
    };
    void say_where(round& r, expect reply);
    [[nodiscard]] bool has_to_listen() const noexcept;
    void listen();
    void say_who(round& r);
    void ask_favours(round& r);
    void want_redirect(round& r);
    void want_tracking(round& r);

    round resp2_round();
    status refused(std::string_view by_server);

    handshake_settings settings_;
    std::deque<expect> expected_;  // one for each reply still to come
    std::optional<round> pending_;
    std::optional<error> failure_;
    int protocol_ = 2;
    std::int64_t client_id_ = 0;
    bool fell_back_ = false;
    bool listening_ = false;
    bool tracking_ = false;
    std::string not_tracking_ = "RESP2 has no place for what servers tell";
};

}  // namespace valkeyxx::sessions
