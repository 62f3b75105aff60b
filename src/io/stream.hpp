// One TCP connection: made through Asio, waited for through Asio, read and written directly, perhaps through TLS.
//
// Reads and writes are plain recv and send on Asio's socket. Nothing is queued, allocated or type-erased for them, and
// one wake-up drains all there is: docs/decisions/ has the figures.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "io/context.hpp"
#include "io/lookup.hpp"
#include "io/tcp_options.hpp"
#include "io/tls.hpp"
#include "io/transfer.hpp"

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/result.hpp>

namespace valkeyxx::io {

/// Not thread-safe: calls must not overlap, except where it says so. What is called from the loop must see to that,
/// too.
class stream {
  public:
    using address = boost::asio::ip::tcp::endpoint;

    explicit stream(context& loop) : socket_{loop} {}
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    ~stream() { close(); }

    /// Finds the addresses of a host, off the loop's thread. `done` is called once, from the loop, also after close(),
    /// which does not wait for who looks it up.
    void resolve(const endpoint& at, std::function<void(std::error_code, std::vector<address>)> done);
    /// Connects to one address, also after an attempt at another one has failed or while it is under way. `done` is
    /// called once, from the loop, also after close() or another connect(), then with `operation_canceled`. Programs
    /// that this one starts do not get the socket.
    void connect(const address& to, std::function<void(std::error_code)> done);
    /// To be called once connect() has succeeded, before anything below.
    void connected(const tcp_options& how);

    /// From here on everything is encrypted; shake_hands() comes next. @param host  what the user calls the peer
    result<void> encrypt(tls_context& with, const std::string& host);
    /// To be called, and again after each wait it asks for, until it is done or has failed.
    tls_progress shake_hands() { return tls_->shake_hands(); }

    /// Lets read_blocking() sleep in the kernel, for `slice` at a time. Before, it does not. False where it never may:
    /// a TLS session cannot be read and written at the same time.
    bool allow_blocking(std::chrono::milliseconds slice);

    transfer read(std::span<char> into) noexcept;
    transfer write(std::string_view bytes) noexcept;
    /// Of what write() has not taken, so much has to come first, and unchanged, with the next call: it may be encrypted
    /// already.
    [[nodiscard]] std::size_t promised() const noexcept { return tls_ ? longest_record : 0; }
    /// As read(), but waits up to the slice. May run while another thread writes or calls interrupt().
    transfer read_blocking(std::span<char> into) noexcept;

    /// Calls `ready(error_code)` once, from the loop, when read() is worth while.
    template <class Handler>
    void wait_readable(Handler&& ready) {
        if (tls_ && tls_->may_hold_more()) {
            boost::asio::post(socket_.get_executor(),
                              [ready = std::forward<Handler>(ready)]() mutable { ready(boost::system::error_code{}); });
            return;
        }
        socket_.async_wait(boost::asio::socket_base::wait_read, std::forward<Handler>(ready));
    }
    template <class Handler>
    void wait_writable(Handler&& ready) {
        socket_.async_wait(boost::asio::socket_base::wait_write, std::forward<Handler>(ready));
    }

    /// Ends both directions, which wakes whoever is in read_blocking(). The socket stays ours until close().
    void interrupt() noexcept;
    /// Cancels what waits, ends the connection and closes the socket. No thread may be in read_blocking(). Not to
    /// be called in a forked child: the connection is the parent's.
    void close() noexcept;

  private:
    using protocol = boost::asio::ip::tcp;
    using socket = boost::asio::basic_stream_socket<protocol, context::executor_type>;

    [[nodiscard]] bool open(const protocol& of) noexcept;

    static constexpr std::size_t longest_record = 16384;  // of TLS

    socket socket_;
    std::shared_ptr<lookup> lookup_;
    int fd_ = -1;
    std::unique_ptr<tls_layer> tls_;
};

}  // namespace valkeyxx::io
