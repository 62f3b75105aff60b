#include "io/stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <cerrno>
#include <string>
#include <utility>

namespace valkeyxx::io {
namespace {

transfer outcome_of(ssize_t moved) noexcept {
    if (moved > 0) return {.bytes = static_cast<std::size_t>(moved), .failure = {}};
    if (moved == 0) return {.bytes = 0, .failure = std::make_error_code(std::errc::connection_reset)};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
    return {.bytes = 0, .failure = std::error_code{errno, std::system_category()}};
}

}  // namespace

void stream::resolve(const endpoint& at, std::function<void(std::error_code, std::vector<address>)> done) {
    resolver_.async_resolve(at.host, std::to_string(at.port),
                            [done = std::move(done)](boost::system::error_code ec, const auto& results) {
                                done(ec, {results.begin(), results.end()});
                            });
}

// Not asio::async_connect, which goes through a list of addresses by itself: between two of them it would use the
// socket while another thread, having lost patience, closes it.
void stream::connect(const address& to, std::function<void(std::error_code)> done) {
    boost::system::error_code ignored;  // of an attempt that has failed
    socket_.close(ignored);
    socket_.async_connect(to, [done = std::move(done)](boost::system::error_code ec) { done(ec); });
}

void stream::connected() {
    boost::system::error_code ignored;  // both only tune
    socket_.set_option(protocol::no_delay{true}, ignored);
    socket_.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
    fd_ = socket_.native_handle();
}

result<void> stream::encrypt(tls_context& with, const std::string& host) {
    auto begun = with.begin(fd_, host);
    if (!begun) return begun.error();
    tls_ = *std::move(begun);
    return {};
}

bool stream::allow_blocking(std::chrono::milliseconds slice) {
    if (tls_) return false;
    // Asio has made the descriptor non-blocking and only waits for readiness from here on; our own calls say each time
    // whether they may block.
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(slice).count();
    const timeval limit{.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
    const int flags = ::fcntl(fd_, F_GETFL);
    // If either fails, reads do not block: slower, since the caller then waits in the loop, and still right.
    if (::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 && flags != -1) {
        static_cast<void>(::fcntl(fd_, F_SETFL, flags & ~O_NONBLOCK));
    }
    return true;
}

transfer stream::read(std::span<char> into) noexcept {
    if (tls_) return tls_->read(into);
    return outcome_of(::recv(fd_, into.data(), into.size(), MSG_DONTWAIT));
}

transfer stream::write(std::string_view bytes) noexcept {
    if (tls_) return tls_->write(bytes);
    return outcome_of(::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

transfer stream::read_blocking(std::span<char> into) noexcept {
    return outcome_of(::recv(fd_, into.data(), into.size(), 0));
}

void stream::interrupt() noexcept {
    if (fd_ != -1) ::shutdown(fd_, SHUT_RDWR);
}

void stream::close() noexcept {
    resolver_.cancel();
    tls_.reset();
    boost::system::error_code ignored;  // the descriptor is gone either way
    socket_.close(ignored);
    fd_ = -1;
}

}  // namespace valkeyxx::io
