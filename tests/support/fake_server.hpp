// A server that answers as told, for replies a real one will not give.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "support/answer.hpp"
#include "support/poll_thread.hpp"
#include "support/request_reader.hpp"
#include "support/socket.hpp"

namespace valkeyxx::testing {

/// One thread; the handler runs on it, one request at a time. All calls are thread-safe, also from within the handler.
/// Example: `fake_server server([](const auto& r) { return answer_greeting(r).value_or("-ERR always\r\n"); });`
class fake_server {
  public:
    using request = std::vector<std::string>;
    using handler = std::function<answer(const request& words)>;
    /// For handlers that treat connections differently: the first one is 0.
    using connection_handler = std::function<answer(int connection, const request& words)>;
    /// What to answer, in order, on each connection. When its list is used up a connection gets silence; connections
    /// beyond the script follow its last list.
    using script = std::vector<std::vector<answer>>;

    explicit fake_server(handler handle, std::string host = "127.0.0.1");
    explicit fake_server(connection_handler handle, std::string host = "127.0.0.1");
    explicit fake_server(script steps, std::string host = "127.0.0.1");
    fake_server(const fake_server&) = delete;
    fake_server& operator=(const fake_server&) = delete;

    std::uint16_t port() const { return port_; }
    const std::string& host() const { return host_; }

    /// All requests so far, in the order they came; or those of one connection.
    std::vector<request> requests();
    std::vector<request> requests_on(int number);

    int accepted();  ///< connections since the start
    int open_connections();

    void broadcast(std::string bytes);  ///< writes unasked bytes to every open connection: pushes, garbage
    void close_all();                   ///< FIN on all connections
    void reset_all();                   ///< RST on all connections
    void refuse(bool on);               ///< stops or starts listening; open connections stay

  private:
    struct pending {
        poll_thread::clock::time_point due;
        std::string bytes;
        answer::ending end;
    };

    struct connection {
        int number;
        unique_fd fd;
        request_reader reader{};
        std::list<pending> queue{};
        bool is_blocked = false;
    };

    struct received {
        int connection;
        request words;
    };

    void prepare(poll_thread::turn& turn);
    void accept_waiting();
    void read(connection& one);
    std::optional<request> next_request(connection& one);
    void handle(connection& one, const request& words);
    void write_due(connection& one, poll_thread::turn& turn);

    connection_handler handle_;
    std::string host_;
    std::uint16_t port_;
    unique_fd listener_;
    std::list<connection> connections_;
    std::vector<received> received_;
    int accepted_ = 0;
    poll_thread thread_;  // last: it uses all the others and ends first
};

}  // namespace valkeyxx::testing
