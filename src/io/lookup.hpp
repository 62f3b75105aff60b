// The addresses of hosts. getaddrinfo() may take as long as the slowest name server, and cannot be told to stop: it
// runs on threads of its own, and whoever has asked can leave at any time.
//
// The threads belong to the process: each is made when a host is to be looked up and ends when there is none left.
// There are at most `most_at_once` of them, and one question for a host serves all who ask for it meanwhile. A thread
// that is stuck knows nothing of the client that has left, and at the end of the process it touches nothing that is
// gone.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "io/context.hpp"

#include <valkeyxx/endpoint.hpp>

namespace valkeyxx::io {

/// What getaddrinfo() has said of a host.
struct found_addresses {
    std::error_code failure;
    std::vector<boost::asio::ip::address> all;  ///< the best one first
};

/// One who asks. Thread-safe.
class lookup : public std::enable_shared_from_this<lookup> {
  public:
    using done = std::function<void(std::error_code, std::vector<boost::asio::ip::tcp::endpoint>)>;
    static constexpr int most_at_once = 4;

    /// Calls `then` once, from the loop, which is kept from running out until then.
    static std::shared_ptr<lookup> start(context& loop, const endpoint& at, done then);

    lookup(context& loop, std::uint16_t port, done then);
    lookup(const lookup&) = delete;
    lookup& operator=(const lookup&) = delete;

    /// Waits no longer: it is told `operation_canceled`, from the loop. Afterwards the loop may go.
    void cancel() noexcept;
    /// For those who look up.
    void answer(const found_addresses& found);
    [[nodiscard]] bool left() const;

  private:
    void post(std::error_code failure, std::vector<boost::asio::ip::tcp::endpoint> addresses);

    mutable std::mutex mutex_;
    std::uint16_t port_;
    done then_;  // empty: it has been told, or is about to be
    std::optional<boost::asio::executor_work_guard<context::executor_type>> loop_;
};

}  // namespace valkeyxx::io
