// Keeps messages from coming twice when a subscription moves from one node to another.
//
// Nodes pass messages on to each other, which takes time: while a failover keeps them busy, tens of milliseconds. So
// the new node may still be given, and then sends, what the old one has sent long since. Messages have no numbers; what
// a node sends is taken for such an echo if another node has sent the same, once for each time, within the last half
// second.
//
//   echo_filter f;
//   if (!f.is_echo(node, echo_filter::print_of(channel, payload), now)) deliver();
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace valkeyxx::sessions {

class echo_filter {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::milliseconds window{500};

    /// A number for a message that others hardly have. It looks at both ends of a long payload only: it must cost
    /// nothing, and a mistake needs two messages that differ in the middle alone.
    static std::uint64_t print_of(std::string_view channel, std::string_view payload) noexcept {
        std::uint64_t print = mixed(channel.size() << 32U ^ payload.size(), 0);
        if (!channel.empty()) print = mixed(print, static_cast<unsigned char>(channel.back()));
        if (payload.size() < 8) {
            std::uint64_t all = 0;
            if (!payload.empty()) std::memcpy(&all, payload.data(), payload.size());
            return mixed(print, all);
        }
        const std::size_t ends = std::min<std::size_t>(payload.size() / 8, 4);
        for (std::size_t i = 0; i < ends; ++i) {
            print = mixed(print, word_at(payload, i * 8));
            print = mixed(print, word_at(payload, payload.size() - (i + 1) * 8));
        }
        return print;
    }

    /// Whether the message is an echo. If not, it is written down.
    /// @param now  may be some milliseconds old
    bool is_echo(std::uint32_t node, std::uint64_t print, time_point now) {
        if (node != node_) [[unlikely]] {
            if (node_ != nobody) mixed_until_ = now + window;
            node_ = node;
        }
        if (now < mixed_until_) [[unlikely]] {
            if (take(node, print, now)) return true;
        }
        if (count_ == ring_.size()) make_room(now);
        ring_[(first_ + count_++) & (ring_.size() - 1)] = {print, now, node};
        return false;
    }

  private:
    static constexpr std::uint32_t nobody = 0xFFFFFFFF;
    static constexpr std::size_t smallest = 8;
    static constexpr std::size_t largest = 4096;  // more in half a second: the oldest are forgotten sooner

    struct entry {
        std::uint64_t print = 0;
        time_point when{};
        std::uint32_t node = nobody;
    };

    static std::uint64_t mixed(std::uint64_t a, std::uint64_t b) noexcept {
        const std::uint64_t x = (a ^ b) * 0x9E3779B97F4A7C15U;
        return x ^ x >> 32U;
    }
    static std::uint64_t word_at(std::string_view text, std::size_t at) noexcept {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        return word;
    }

    // An entry of another node; it stands for one echo.
    bool take(std::uint32_t node, std::uint64_t print, time_point now) noexcept {
        for (std::size_t i = 0; i < count_; ++i) {
            entry& e = ring_[(first_ + i) & (ring_.size() - 1)];
            if (e.node == node || e.node == nobody || e.print != print || now - e.when > window) continue;
            e.node = nobody;
            return true;
        }
        return false;
    }

    void make_room(time_point now) {
        const bool busy = count_ != 0 && now - ring_[first_].when <= window;
        if (ring_.empty() || (busy && ring_.size() < largest)) {
            std::vector<entry> larger(std::max(smallest, ring_.size() * 2));
            for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
            ring_ = std::move(larger);
            first_ = 0;
            return;
        }
        first_ = (first_ + 1) & (ring_.size() - 1);
        --count_;
    }

    std::vector<entry> ring_;  // a power of two
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::uint32_t node_ = nobody;
    time_point mixed_until_{};
};

}  // namespace valkeyxx::sessions
