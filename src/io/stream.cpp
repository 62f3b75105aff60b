#include "io/stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>

namespace valkeyxx::io {
namespace {

transfer outcome_of(ssize_t moved) noexcept {
    if (moved > 0) return {.bytes = static_cast<std::size_t>(moved), .failure = {}};
    if (moved == 0) return {.bytes = 0, .failure = std::make_error_code(std::errc::connection_reset)};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
    return {.bytes = 0, .failure = std::error_code{errno, std::system_category()}};
}

}  // namespace

template <class Endpoints>
void stream::connect_to(Endpoints endpoints, std::function<void(std::error_code)> done) {
    // The list must outlive the operation, which goes through it address by address.
    auto list = std::make_shared<Endpoints>(std::move(endpoints));
    boost::asio::async_connect(socket_, *list,
                               [this, list, done = std::move(done)](boost::system::error_code ec, const auto&) {
                                   if (!ec) {
                                       boost::system::error_code ignored;  // both only tune
                                       socket_.set_option(protocol::no_delay{true}, ignored);
                                       socket_.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
                                       fd_ = socket_.native_handle();
                                   }
                                   done(ec);
                               });
}

void stream::connect(const endpoint& to, std::function<void(std::error_code)> done) {
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(to.host, not_an_address);
    if (!not_an_address) {
        connect_to(std::array{protocol::endpoint{address, to.port}}, std::move(done));
        return;
    }
    resolver_.async_resolve(to.host, std::to_string(to.port),
                            [this, done = std::move(done)](boost::system::error_code ec, auto results) mutable {
                                if (ec) {
                                    done(ec);
                                } else {
                                    connect_to(std::move(results), std::move(done));
                                }
                            });
}

void stream::allow_blocking(std::chrono::milliseconds slice) {
    // Asio has made the descriptor non-blocking and only waits for readiness from here on; our own calls say each time
    // whether they may block.
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(slice).count();
    const timeval limit{.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
    const int flags = ::fcntl(fd_, F_GETFL);
    // If either fails, reads do not block: slower, since the caller then waits in the loop, and still right.
    if (::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 && flags != -1) {
        static_cast<void>(::fcntl(fd_, F_SETFL, flags & ~O_NONBLOCK));
    }
}

transfer stream::read(std::span<char> into) noexcept {
    return outcome_of(::recv(fd_, into.data(), into.size(), MSG_DONTWAIT));
}

transfer stream::write(std::string_view bytes) noexcept {
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
    boost::system::error_code ignored;  // the descriptor is gone either way
    socket_.close(ignored);
    fd_ = -1;
}

}  // namespace valkeyxx::io
