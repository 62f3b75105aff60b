// A tiny blocking RESP2 client for the fixtures themselves, so that tests never judge the library by the library.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/socket.hpp"

namespace valkeyxx::testing {

struct admin_reply {
    enum class type { status, error, integer, bulk, nil, array };

    type kind = type::nil;
    std::string text;                ///< of everything but arrays; empty for nil
    std::vector<admin_reply> items;  ///< of arrays

    bool is_error() const { return kind == type::error; }
    /// On one line: items are separated by single spaces, also nested ones.
    std::string flat() const;
};

/// The server answered with an error; what() holds the command and the server's own words.
struct admin_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct admin_options {
    std::string host = "127.0.0.1";                         ///< numeric
    std::chrono::milliseconds timeout = default_timeout();  ///< of connecting and of each reply
    std::string password{};
    std::string user{};  ///< empty: the default user

    static std::chrono::milliseconds default_timeout();  ///< 2 s, stretched
};

/// One connection. All failures throw: admin_error for the server's errors, std::system_error for the connection's
/// (code ETIMEDOUT after the timeout, ECONNRESET after RST, EPIPE after the server closed).
/// Example: `admin(port)({"SET", "key", "value"})`
class admin {
  public:
    using request = std::vector<std::string>;

    explicit admin(std::uint16_t port, admin_options options = {});

    /// The reply as text (see flat()); an error reply throws.
    std::string operator()(const request& words);

    /// The reply as it is, errors too.
    admin_reply call(const request& words);

    /// Sends without reading a reply; reads one reply (also a message nobody asked for).
    void send(const request& words);
    admin_reply read();

    /// True when the server has ended this connection; takes up to the timeout if it has not.
    bool is_closed_by_server();

  private:
    void wait_for(short events, std::string_view doing);
    void fill();
    std::string read_line();
    std::string read_bytes(std::size_t count);
    [[noreturn]] void fail(int error, std::string_view doing) const;

    std::uint16_t port_;
    admin_options options_;
    unique_fd fd_;
    std::string buffer_;
};

}  // namespace valkeyxx::testing
