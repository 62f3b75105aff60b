// Answers GET /metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <valkeyxx/endpoint.hpp>

namespace valkeyxx::cli {

/// An HTTP server on a thread of its own, until it is destroyed. It answers `GET /metrics` with what `text` returns,
/// and everything else with an error; who is slow, talks too much, or comes as one too many is hung up on.
class metrics_server {
  public:
    /// Listens on the address: port 0 is any free one. Throws std::system_error.
    /// @param text  runs on the server's thread
    metrics_server(const endpoint& at, std::function<std::string()> text);
    metrics_server(const metrics_server&) = delete;
    metrics_server& operator=(const metrics_server&) = delete;
    ~metrics_server();

    /// Where it listens.
    [[nodiscard]] endpoint at() const;

  private:
    class loop;
    std::unique_ptr<loop> loop_;
};

}  // namespace valkeyxx::cli
