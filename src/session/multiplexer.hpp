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
#include <memory>
#include <utility>

namespace valkeyxx::sessions {

enum class slot_kind : std::uint8_t {
    request,    ///< the reply belongs to `owner`; nullptr: its owner has given up, drop the reply
    asking,     ///< the reply to the ASKING before a request: it says nothing
    handshake,  ///< the reply belongs to the handshake
    part,       ///< one of several replies to the owner's request; the last one is its `request`
    auth,       ///< the reply to an AUTH of the connection's own
    listener,   ///< the reply belongs to whoever listens for pushes, who says whether there are more to come
    caching,    ///< the reply to the CLIENT CACHING before a request
    cached,     ///< as `request`, and the client's cache is told
    expiry,     ///< the reply to a PTTL after such a request, or to a probe: for the cache alone
};

template <class Request>
class multiplexer {
  public:
    struct entry {  // 16 bytes, of which there may be very many
        Request* owner = nullptr;
        std::uint64_t end_and_kind = 0;  // four bits for the kind

        [[nodiscard]] slot_kind kind() const noexcept { return static_cast<slot_kind>(end_and_kind & 15U); }
        /// The position in the connection's stream of bytes just after this request.
        [[nodiscard]] std::uint64_t end() const noexcept { return end_and_kind >> 4U; }
    };

    multiplexer() : ring_{std::make_unique<entry[]>(initial)} {}

    /// `size` more bytes go out, to be answered by one reply. Returns the position for `abandon`.
    std::uint64_t add(Request* owner, std::size_t size, slot_kind kind = slot_kind::request) {
        if (tail_ - head_ > mask_) [[unlikely]]
            grow();
        queued_ += size;
        ring_[tail_ & mask_] = {owner, queued_ << 4U | static_cast<std::uint64_t>(kind)};
        return tail_++;
    }

    /// The network took `size` more bytes.
    void wrote(std::size_t size) noexcept { written_ += size; }

    [[nodiscard]] bool empty() const noexcept { return head_ == tail_; }
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(tail_ - head_); }

    /// The position of the oldest entry; each one has its own, as long as the multiplexer lives.
    [[nodiscard]] std::uint64_t front() const noexcept { return head_; }

    /// What the next reply belongs to; requires !empty().
    [[nodiscard]] slot_kind front_kind() const noexcept { return ring_[head_ & mask_].kind(); }
    /// Takes the entry that the next reply belongs to; requires !empty().
    entry match() noexcept {
        assert(!empty());
        return ring_[head_++ & mask_];
    }

    /// The owner at `position` no longer wants its reply; the reply will be dropped when it comes.
    void abandon(std::uint64_t position) noexcept {
        assert(position >= head_ && position < tail_);
        ring_[position & mask_].owner = nullptr;
    }

    /// Whether the peer can have seen the whole of an entry. One that was cut off half-way cannot have run.
    [[nodiscard]] bool sent(const entry& e) const noexcept { return e.end() <= written_; }

    /// Forgets everything: a new connection begins. Requires empty().
    void reset() noexcept {
        assert(empty());
        queued_ = written_ = 0;
    }

  private:
    static constexpr std::size_t initial = 64;  // a power of two, as each size after it

    void grow() {
        const std::uint64_t larger_mask = mask_ * 2 + 1;
        auto larger = std::make_unique<entry[]>(larger_mask + 1);
        for (auto i = head_; i != tail_; ++i) larger[i & larger_mask] = ring_[i & mask_];
        ring_ = std::move(larger);
        mask_ = larger_mask;
    }

    std::unique_ptr<entry[]> ring_;
    std::uint64_t mask_ = initial - 1;
    std::uint64_t head_ = 0;
    std::uint64_t tail_ = 0;
    std::uint64_t queued_ = 0;
    std::uint64_t written_ = 0;
};

}  // namespace valkeyxx::sessions
