// One TCP connection: two streams of bytes on their way through a network that may delay, split, hold or lose them.
//
//   client:  write() -> up.wire -> ... -> up.arrived -> node
//   node:    reply() -> down.wire -> ... -> down.arrived -> read()
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "io/stream.hpp"
#include "listener.hpp"

namespace valkeyxx::simulation {

class network;

class link final : public std::enable_shared_from_this<link> {
  public:
    using waiter = task<boost::system::error_code>;

    link(network& net, listener& server, std::size_t window);

    // The client's end.
    io::transfer read(std::span<char> into) noexcept;
    io::transfer write(std::string_view bytes) noexcept;
    void await_readable(waiter ready);
    void await_writable(waiter ready);
    void close_by_client() noexcept;

    // The server's end.
    /// The process reads all there is, into its session's `unread`.
    void read_by_server();
    void reply(std::string_view bytes);
    /// The process closes the connection, or its kernel does so for it. What it has sent before still arrives.
    void close_by_server();
    /// The machine is gone without a word.
    void vanish() noexcept;
    [[nodiscard]] bool open_at_server() const noexcept { return server_open_; }
    /// The client has closed, and everything it sent before has arrived.
    [[nodiscard]] bool ended_by_client() const noexcept { return up_.ended; }
    session& state() noexcept { return session_; }
    [[nodiscard]] const session& state() const noexcept { return session_; }

    // Faults.
    /// Nothing gets through any more, in neither direction, and nobody is told.
    void go_dead() noexcept { dead_ = true; }
    /// Somebody on the way tells the client that the connection is dead.
    void tell_dead();
    /// The next request is cut off in the middle, and the connection with it.
    void cut_next_request() noexcept { cut_request_ = true; }
    /// The next reply is lost, or all but its beginning, and the connection with it.
    void cut_next_reply() noexcept { cut_reply_ = true; }
    void disarm() noexcept { cut_request_ = cut_reply_ = false; }
    /// The way is free again: what was held up goes on.
    void resume();

    [[nodiscard]] listener& server() const noexcept { return server_; }
    [[nodiscard]] bool dead() const noexcept { return dead_ && client_open_; }
    [[nodiscard]] bool usable() const noexcept { return client_open_ && server_open_ && !dead_; }

  private:
    struct pipe {
        std::string wire;          // on its way
        std::string arrived;       // to be read
        std::size_t read = 0;      // of `arrived`
        std::size_t stalled = 0;   // of `wire`: has come to the cut and waits there
        time_point last{};         // when the last segment arrives
        bool end_stalled = false;  // so does the end of the stream
        bool ended = false;        // the end has arrived
    };

    void send(pipe& p, std::string_view bytes);
    void segment(pipe& p, std::size_t size);
    void send_end(pipe& p);
    void arrive(pipe& p, std::size_t size);
    void arrive_end(pipe& p);
    void deliver(pipe& p, std::size_t size);
    void deliver_end(pipe& p);
    [[nodiscard]] std::size_t room() const noexcept;
    void wake(waiter& who) noexcept;
    void abort(waiter& who) noexcept;

    network& net_;
    listener& server_;
    std::size_t window_;
    pipe up_;
    pipe down_;
    waiter readable_;
    waiter writable_;
    session session_;
    bool client_open_ = true;
    bool server_open_ = true;
    bool dead_ = false;
    bool cut_request_ = false;
    bool severed_ = false;  // by that: what the client writes until it hears of it is lost
    bool cut_reply_ = false;
};

}  // namespace valkeyxx::simulation
