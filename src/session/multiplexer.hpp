// What is in flight on one connection: pairs replies with requests, and knows which requests the peer can have seen.
//
// A template over what a request is, so that it needs to know nothing of it.
//
//   multiplexer<request> m;
//   m.add(&r, bytes);                 // `bytes` more were queued for writing, for r
//   m.wrote(n);                       // the network took n bytes
//   auto entry = m.match();           // the next reply belongs to entry.owner
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace valkeyxx::session {

enum class slot_kind : std::uint8_t {
    request,    ///< the reply belongs to `owner`; nullptr: its owner has given up, drop the reply
    asking,     ///< the reply to the ASKING before a request: it says nothing
    handshake,  ///< the reply belongs to the handshake
};

template <class Request>
class multiplexer {
  public:
    struct entry {
        Request* owner = nullptr;
        std::uint64_t end = 0;  // position in the connection's stream of bytes just after this request
        slot_kind kind = slot_kind::request;
    };

    multiplexer() : ring_(initial) {}

    /// `size` more bytes go out, to be answered by one reply. Returns the position for `abandon`.
    std::uint64_t add(Request* owner, std::size_t size, slot_kind kind = slot_kind::request) {
        if (tail_ - head_ == ring_.size()) [[unlikely]]
            grow();
        queued_ += size;
        ring_[tail_ & (ring_.size() - 1)] = {owner, queued_, kind};
        return tail_++;
    }

    /// The network took `size` more bytes.
    void wrote(std::size_t size) noexcept { written_ += size; }

    [[nodiscard]] bool empty() const noexcept { return head_ == tail_; }
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(tail_ - head_); }

    /// Takes the entry that the next reply belongs to; requires !empty().
    entry match() noexcept {
        assert(!empty());
        return ring_[head_++ & (ring_.size() - 1)];
    }

    /// The owner at `position` no longer wants its reply; the reply will be dropped when it comes.
    void abandon(std::uint64_t position) noexcept {
        assert(position >= head_ && position < tail_);
        ring_[position & (ring_.size() - 1)].owner = nullptr;
    }

    /// Whether the peer can have seen the whole of an entry. One that was cut off half-way cannot have run.
    [[nodiscard]] bool sent(const entry& e) const noexcept { return e.end <= written_; }
    [[nodiscard]] bool sent(std::uint64_t position) const noexcept {
        return sent(ring_[position & (ring_.size() - 1)]);
    }

    /// Forgets everything: a new connection begins. Requires empty().
    void reset() noexcept {
        assert(empty());
        queued_ = written_ = 0;
    }

  private:
    static constexpr std::size_t initial = 64;  // a power of two, as each size after it

    void grow() {
        std::vector<entry> larger(ring_.size() * 2);
        for (auto i = head_; i != tail_; ++i) larger[i & (larger.size() - 1)] = ring_[i & (ring_.size() - 1)];
        ring_.swap(larger);
    }

    std::vector<entry> ring_;
    std::uint64_t head_ = 0;
    std::uint64_t tail_ = 0;
    std::uint64_t queued_ = 0;
    std::uint64_t written_ = 0;
};

}  // namespace valkeyxx::session
