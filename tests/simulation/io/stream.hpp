// One simulated TCP connection, in the place of the io room's: the same names and contracts.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "io/context.hpp"

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/result.hpp>
#include <valkeyxx/tls.hpp>

namespace valkeyxx::simulation {
class link;
struct dialling;
}  // namespace valkeyxx::simulation

namespace valkeyxx::io {

struct transfer {
    std::size_t bytes = 0;    ///< moved; 0 without an error: nothing can be moved now
    std::error_code failure;  ///< the connection is unusable; end of file is `std::errc::connection_reset`
    explicit operator bool() const noexcept { return !failure; }
};

/// The kernel's part is played by the simulated network.
struct tcp_options {
    std::chrono::milliseconds keepalive{};
    std::chrono::milliseconds user_timeout{};
};

/// What is simulated are nodes and networks, not encryption.
class tls_context {
  public:
    explicit tls_context(const tls_options& /*options*/) {}
    result<void> load() { return error{errc::invalid_argument, "the simulation has no TLS"}; }
    std::optional<error> take_problem() { return std::nullopt; }
    [[nodiscard]] bool verifies() const noexcept { return true; }
};

struct tls_progress {
    enum class next : std::uint8_t { done, readable, writable, failed };
    next step = next::failed;
    std::string problem = {};
};

class stream {
  public:
    using address = boost::asio::ip::tcp::endpoint;

    explicit stream(context& loop) : loop_{loop} {}
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    ~stream() { close(); }

    void resolve(const endpoint& at, std::function<void(std::error_code, std::vector<address>)> done);
    void connect(const address& to, std::function<void(std::error_code)> done);
    void connected(const tcp_options& /*how*/) {}

    result<void> encrypt(tls_context& with, const std::string& /*host*/) { return with.load(); }
    tls_progress shake_hands() { return {}; }

    /// The simulated client is always driven by its loop: nobody may sleep in a simulation.
    bool allow_blocking(std::chrono::milliseconds /*slice*/) { return false; }

    transfer read(std::span<char> into) noexcept;
    transfer write(std::string_view bytes) noexcept;
    [[nodiscard]] static std::size_t promised() noexcept { return 0; }
    transfer read_blocking(std::span<char> into) noexcept { return read(into); }

    template <class Handler>
    void wait_readable(Handler&& ready) {
        await_readable(std::forward<Handler>(ready));
    }
    template <class Handler>
    void wait_writable(Handler&& ready) {
        await_writable(std::forward<Handler>(ready));
    }

    void interrupt() noexcept;
    void close() noexcept;

  private:
    using handler = simulation::task<boost::system::error_code>;
    struct resolving;

    void await_readable(handler ready);
    void await_writable(handler ready);
    void cancel_dialling() noexcept;

    context& loop_;
    std::shared_ptr<resolving> resolving_;
    std::shared_ptr<simulation::dialling> dialling_;
    std::shared_ptr<simulation::link> link_;
};

}  // namespace valkeyxx::io
