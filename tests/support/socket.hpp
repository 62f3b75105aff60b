// Sockets for fixtures: an owned descriptor, listening, connecting, and the two ways to end a connection.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace valkeyxx::testing {

class unique_fd {
  public:
    unique_fd() = default;
    explicit unique_fd(int fd) : fd_(fd) {}
    unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    unique_fd& operator=(unique_fd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    ~unique_fd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset();

  private:
    int fd_ = -1;
};

/// "host:port", with brackets around an IPv6 host.
std::string address_text(const std::string& host, std::uint16_t port);

/// A non-blocking listener on a numeric IPv4 or IPv6 address. Throws std::system_error.
unique_fd listen_on(const std::string& host, std::uint16_t port);

/// Starts a non-blocking connect; refusal shows up at the first read or write. Throws std::system_error.
unique_fd start_connect(const std::string& host, std::uint16_t port);

/// The next waiting connection, non-blocking and without Nagle's delay; empty when none waits.
unique_fd accept_from(const unique_fd& listener);

/// True when nobody holds the port on that address now.
bool can_bind(const std::string& host, std::uint16_t port);

/// Ends with FIN. Unread input is dropped first, since closing over it would send RST instead.
void close_gently(unique_fd& fd);

/// Ends with RST: the peer sees "connection reset".
void close_by_reset(unique_fd& fd);

}  // namespace valkeyxx::testing
