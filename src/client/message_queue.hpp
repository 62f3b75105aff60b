// Messages and events that wait to be taken by a subscriber, in the order in which they came.
//
// Messages stand in a ring whose places are used again with the memory of their strings: a message that is looked at
// and not taken away costs no allocation. Events are few and stand apart, so that they neither count nor are dropped
// with messages; numbers keep the order between the two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <valkeyxx/message.hpp>

namespace valkeyxx::clients {

class message_queue {
  public:
    [[nodiscard]] bool empty() const noexcept { return count_ == 0 && events_.empty(); }
    /// Messages, without events.
    [[nodiscard]] std::size_t messages() const noexcept { return count_; }
    [[nodiscard]] std::size_t size_with_events() const noexcept { return count_ + events_.size(); }
    /// Of their channels and payloads.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    /// Room for one more message, to be filled and then given to added().
    [[nodiscard]] message& place() {
        if (count_ == ring_.size()) grow();
        slot& s = ring_[(first_ + count_) & (ring_.size() - 1)];
        s.number = next_++;
        return s.what;
    }
    void added(const message& m) noexcept {
        ++count_;
        bytes_ += weight(m);
    }
    /// An event. If very many wait, nobody cares for the oldest.
    void add_event(message m) {
        if (events_.size() >= most_events) events_.pop_front();
        events_.push_back({next_++, std::move(m)});
    }

    /// Takes the oldest of all; requires !empty().
    void take(message& into) {
        if (!events_.empty() && (count_ == 0 || events_.front().number < ring_[first_].number)) {
            into = std::move(events_.front().what);
            events_.pop_front();
            return;
        }
        message& m = ring_[first_].what;
        bytes_ -= weight(m);
        std::swap(into, m);
        if (m.payload.capacity() > kept_payload) m.payload = {};
        step();
    }
    /// Drops the oldest message; requires messages() != 0.
    void drop_oldest() noexcept {
        bytes_ -= weight(ring_[first_].what);
        step();
    }

  private:
    static constexpr std::size_t most_events = 65'536;
    static constexpr std::size_t kept_payload = 4096;

    struct slot {
        std::uint64_t number = 0;
        message what = {};
    };

    static std::size_t weight(const message& m) noexcept {
        return m.channel.size() + m.pattern.size() + m.payload.size();
    }
    void step() noexcept {
        first_ = (first_ + 1) & (ring_.size() - 1);
        --count_;
    }
    void grow() {
        std::vector<slot> larger(ring_.empty() ? 16 : ring_.size() * 2);
        for (std::size_t i = 0; i < count_; ++i) larger[i] = std::move(ring_[(first_ + i) & (ring_.size() - 1)]);
        ring_ = std::move(larger);
        first_ = 0;
    }

    std::vector<slot> ring_;  // a power of two
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t next_ = 0;
    std::deque<slot> events_;
};

}  // namespace valkeyxx::clients
