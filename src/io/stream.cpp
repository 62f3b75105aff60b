#include "io/stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cerrno>
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
    lookup_ = lookup::start(socket_.get_executor().context(), at, std::move(done));
}

// As Asio does, but for SOCK_CLOEXEC: a program that is started between Asio's socket() and a later fcntl() would keep
// the connection alive after us.
bool stream::open(const protocol& of) noexcept {
    boost::system::error_code failure;
    const int made = ::socket(of.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (made == -1) return false;
    socket_.assign(of, made, failure);
    if (!failure) return true;
    ::close(made);
    errno = failure.value();
    return false;
}

// Not asio::async_connect, which goes through a list of addresses by itself: between two of them it would use the
// socket while another thread, having lost patience, closes it.
void stream::connect(const address& to, std::function<void(std::error_code)> done) {
    boost::system::error_code ignored;  // of an attempt that has failed
    socket_.close(ignored);
    if (!open(to.protocol())) {
        boost::asio::post(socket_.get_executor(), [done = std::move(done), kept_errno = errno] {
            done({kept_errno, std::system_category()});
        });
        return;
    }
    socket_.async_connect(to, [done = std::move(done)](boost::system::error_code ec) { done(ec); });
}

void stream::connected(const tcp_options& how) {
    fd_ = socket_.native_handle();
    tune(fd_, how);
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
    if (const auto asked = std::exchange(lookup_, nullptr)) asked->cancel();
    tls_.reset();
    // Closing alone ends the connection only once nobody has the socket any more, and a forked child may. Nothing is
    // lost: what has been written is sent all the same, and what was not read is of no use to anybody.
    if (fd_ != -1) ::shutdown(fd_, SHUT_RDWR);
    boost::system::error_code ignored;  // the descriptor is gone either way
    socket_.close(ignored);
    fd_ = -1;
}

}  // namespace valkeyxx::io
