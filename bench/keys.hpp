// The keys of all scenarios and the value that belongs to each: a reply for another key never passes a check.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace valkeyxx::bench {

inline constexpr std::uint32_t key_count = 10'000;
inline constexpr std::size_t key_size = 16;

/// 10,000 keys of 16 bytes, each with a value that is a function of the key.
class keyspace {
  public:
    /// @param value_size  bytes, a multiple of 16; keys of different value sizes differ
    explicit keyspace(std::size_t value_size);

    std::size_t value_size() const { return value_size_; }
    std::string_view key(std::uint32_t index) const { return {at(index), key_size}; }
    std::string_view value(std::uint32_t index) const { return {at(index) + key_size, value_size_}; }

    /// Whether these `value_size()` bytes are the value of key `index`. Inline, since every driver pays for it.
    bool holds(std::uint32_t index, const char* bytes) const {
        const char* expected = at(index) + key_size;
        if (value_size_ == 16) return std::memcmp(expected, bytes, 16) == 0;
        return std::memcmp(expected, bytes, value_size_) == 0;
    }
    bool holds(std::uint32_t index, std::string_view bytes) const {
        return bytes.size() == value_size_ && holds(index, bytes.data());
    }

  private:
    const char* at(std::uint32_t index) const { return bytes_.data() + index * (key_size + value_size_); }

    std::size_t value_size_;
    std::vector<char> bytes_;  // key and value side by side: looking at both costs one cache line
};

/// Picks random keys, the same ones in every run of every client.
class key_picker {
  public:
    std::uint32_t operator()() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::uint32_t>(state_ % key_count);
    }

  private:
    std::uint64_t state_ = 88'172'645'463'325'252U;
};

}  // namespace valkeyxx::bench
