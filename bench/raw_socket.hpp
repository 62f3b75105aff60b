// A blocking TCP connection and nothing more: what the raw loops are made of.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

namespace valkeyxx::bench {

/// Every failure ends the program: the raw loops are the limit to compare with, not a client.
class raw_socket {
  public:
    explicit raw_socket(std::uint16_t port);  // on 127.0.0.1, without Nagle's delay
    ~raw_socket();
    raw_socket(const raw_socket&) = delete;
    raw_socket& operator=(const raw_socket&) = delete;

    void send_all(std::string_view bytes);
    /// Waits for some bytes; at least one.
    std::size_t receive(std::span<char> into);
    /// Takes what is there; 0 if that is nothing.
    std::size_t receive_ready(std::span<char> into);
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

std::deque<raw_socket> connect_all(std::span<const std::uint16_t> ports);

}  // namespace valkeyxx::bench
