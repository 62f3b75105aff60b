// Commands and replies of the raw loops: all of a scenario have the same length, so nothing is encoded or parsed.
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keys.hpp"

namespace valkeyxx::bench {

/// The bytes of GET or SET, in which only key and value have to be replaced.
class raw_command {
  public:
    raw_command(const keyspace& keys, bool writes) : keys_(keys), writes_(writes) {
        const auto argument = [this](std::string_view bytes) {
            bytes_.append("$").append(std::to_string(bytes.size())).append("\r\n");
            const std::size_t at = bytes_.size();
            bytes_.append(bytes).append("\r\n");
            return at;
        };
        bytes_ = writes ? "*3\r\n" : "*2\r\n";
        argument(writes ? "SET" : "GET");
        key_at_ = argument(keys.key(0));
        if (writes) value_at_ = argument(keys.value(0));
    }

    std::size_t size() const { return bytes_.size(); }
    const std::string& bytes() const { return bytes_; }

    /// Turns a copy of bytes() into the command for another key.
    void patch(char* command, std::uint32_t key) const {
        std::memcpy(command + key_at_, keys_.key(key).data(), key_size);
        if (writes_) std::memcpy(command + value_at_, keys_.value(key).data(), keys_.value_size());
    }

  private:
    const keyspace& keys_;
    bool writes_;
    std::string bytes_;
    std::size_t key_at_ = 0;
    std::size_t value_at_ = 0;
};

/// The form of the reply: "$16\r\n" VALUE "\r\n", or "+OK\r\n".
class raw_reply {
  public:
    raw_reply(const keyspace& keys, bool writes)
        : keys_(keys),
          writes_(writes),
          head_(writes ? "+OK\r\n" : std::string("$").append(std::to_string(keys.value_size())).append("\r\n")),
          size_(writes ? head_.size() : head_.size() + keys.value_size() + 2) {}

    std::size_t size() const { return size_; }
    const char* value(const char* reply) const { return reply + head_.size(); }

    /// Compares the value's bytes. They stand at a fixed place, so a reply of another form or length fails too.
    bool answers(std::uint32_t key, const char* reply) const {
        return writes_ ? std::memcmp(reply, "+OK\r\n", 5) == 0 : reply[0] == '$' && keys_.holds(key, value(reply));
    }

  private:
    const keyspace& keys_;
    bool writes_;
    std::string head_;
    std::size_t size_;
};

/// Cuts received bytes into replies of one size and keeps the unfinished end for the next time.
class raw_reader {
  public:
    /// The buffer fits into the second-level cache, so that a value is checked where it was received.
    explicit raw_reader(std::size_t reply_size) : reply_size_(reply_size), buffer_(256 * 1024) {}

    /// Where to receive.
    std::span<char> space() { return std::span(buffer_).subspan(used_); }

    /// Calls `each` with every reply that the `received` new bytes complete.
    template <class F>
    void take(std::size_t received, F&& each) {
        used_ += received;
        const char* at = buffer_.data();
        const char* const end = at + used_;
        for (; static_cast<std::size_t>(end - at) >= reply_size_; at += reply_size_) each(at);
        used_ = static_cast<std::size_t>(end - at);
        if (used_ && at != buffer_.data()) std::memmove(buffer_.data(), at, used_);
    }

  private:
    std::size_t reply_size_;
    std::vector<char> buffer_;
    std::size_t used_ = 0;
};

}  // namespace valkeyxx::bench
