// What is in flight on one connection: pairs replies with requests, and knows which requests the peer can have seen.
//
// A template over what a request is, so that it needs to know nothing of it.
//
//   multiplexer<request> m;
//   m.add(&r, bytes);                 // `bytes` more were queued for writing, for r
//   m.wrote(n);                       // the network took n bytes
//   auto entry = m.match();           // the next reply belongs to entry.owner
//
// What the network has not begun to take can be taken back. It leaves a gap, which is passed by when its turn to be
// sent comes, or closed before that if there are many:
//
//     matched | head ... tail: replies due                          |
//             |        written                               queued |
//             | sent   | to be sent | gap | to be sent | gap | ...  |
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
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
    question,   ///< as `request`, but the client's own: it takes nobody's room
    withdrawn,  ///< it was taken back and will not be sent: there is no reply
};

/// One that somebody waits for, or has waited for.
constexpr bool takes_room(slot_kind kind) noexcept {
    return kind == slot_kind::request || kind == slot_kind::cached;
}

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
        if (!takes_room(kind)) ++others_;
        queued_ += size;
        ring_[tail_ & mask_] = {owner, queued_ << 4U | static_cast<std::uint64_t>(kind)};
        return tail_++;
    }

    /// The network took `size` more bytes.
    void wrote(std::size_t size) noexcept { written_ += size; }

    [[nodiscard]] bool empty() const noexcept { return head_ == tail_; }
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(tail_ - head_); }
    /// Those of them that are requests of the client's users.
    [[nodiscard]] std::size_t requests() const noexcept { return static_cast<std::size_t>(tail_ - head_ - others_); }

    /// The position of the oldest entry. None that is there shares its position with another.
    [[nodiscard]] std::uint64_t front() const noexcept { return head_; }

    /// What the next reply belongs to; requires !empty().
    [[nodiscard]] slot_kind front_kind() const noexcept { return ring_[head_ & mask_].kind(); }
    /// Takes the entry that the next reply belongs to; requires !empty().
    entry match() noexcept {
        assert(!empty());
        const entry next = ring_[head_++ & mask_];
        if (others_ != 0) [[unlikely]]
            matched(next.kind());
        return next;
    }

    /// The owner at `position` no longer wants its reply; the reply will be dropped when it comes.
    void abandon(std::uint64_t position) noexcept {
        assert(position >= head_ && position < tail_);
        ring_[position & mask_].owner = nullptr;
    }

    /// Whether the peer can have seen the whole of an entry. One that was cut off half-way cannot have run.
    [[nodiscard]] bool sent(const entry& e) const noexcept { return e.end() <= written_; }
    /// How many bytes of the entry at `position` are still to be sent, those of earlier ones not counted.
    [[nodiscard]] std::size_t unsent(std::uint64_t position) const noexcept {
        const auto end = at(position).end();
        return end <= written_ ? 0 : static_cast<std::size_t>(end - std::max(written_, begin(position)));
    }
    [[nodiscard]] slot_kind kind_at(std::uint64_t position) const noexcept { return at(position).kind(); }

    // --- gaps ---

    /// Takes the entries from `first` to `last` back, if not one of their bytes has been sent.
    /// @param promised  so many of the bytes that come next are as good as sent
    /// @returns whether it is so. Of the oldest entry it is not known.
    bool withdraw(std::uint64_t first, std::uint64_t last, std::size_t promised = 0) noexcept {
        if (first <= head_ || begin(first) < written_ + promised) return false;
        const auto from = begin(first);
        for (auto each = first; each <= last; ++each) {
            entry& e = ring_[each & mask_];
            if (takes_room(e.kind())) ++others_;
            e = {nullptr, e.end() << 4U | static_cast<std::uint64_t>(slot_kind::withdrawn)};
        }
        withdrawn_ += last - first + 1;
        gap_bytes_ += at(last).end() - from;
        if (first < gap_) {
            gap_ = first;
            gap_begin_ = from;
        }
        return true;
    }
    /// Bytes in gaps that have not been passed yet.
    [[nodiscard]] std::size_t gap_bytes() const noexcept { return static_cast<std::size_t>(gap_bytes_); }
    /// Entries that were taken back and are still kept here.
    [[nodiscard]] std::size_t withdrawn() const noexcept { return static_cast<std::size_t>(withdrawn_); }
    /// How many bytes there are up to the next gap, of `unsent` ones.
    [[nodiscard]] std::size_t before_gap(std::size_t unsent) const noexcept {
        return gap_ == no_gap ? unsent : static_cast<std::size_t>(gap_begin_ - written_);
    }
    /// Passes the gap that comes next, if it does, as if it had been sent. Returns its size.
    std::size_t pass_gap() noexcept {
        if (gap_ == no_gap || gap_begin_ != written_) return 0;
        while (gap_ != tail_ && at(gap_).kind() == slot_kind::withdrawn) ++gap_;
        const auto end = at(gap_ - 1).end();
        const auto size = end - written_;
        written_ = end;
        gap_bytes_ -= size;
        while (gap_ != tail_ && at(gap_).kind() != slot_kind::withdrawn) ++gap_;
        if (gap_ == tail_) {
            gap_ = no_gap;
        } else {
            gap_begin_ = at(gap_ - 1).end();
        }
        drop_passed();
        return static_cast<std::size_t>(size);
    }
    /// Forgets all that was taken back. Returns how many bytes are left to be sent.
    /// @param keep   keep(from, to, size): bytes move to the front of what is unsent, which both places count from
    /// @param moved  moved(owner, position): an entry has another position now; those of one owner in their order
    template <class Keep, class Moved>
    std::size_t close_gaps(Keep keep, Moved moved) {
        std::uint64_t closed = 0;
        auto to = head_;
        auto from_byte = gap_begin_;  // right if the first one is a gap, and else not needed
        for (auto from = head_; from != tail_; ++from) {
            const entry e = at(from);
            if (e.kind() != slot_kind::withdrawn) {
                if (closed != 0) keep(from_byte - written_, from_byte - closed - written_, e.end() - from_byte);
                if (to != from) {
                    ring_[to & mask_] = {e.owner, (e.end() - closed) << 4U | static_cast<std::uint64_t>(e.kind())};
                    if (e.owner != nullptr) moved(*e.owner, to);
                }
                ++to;
            } else if (from >= gap_) {
                closed += e.end() - from_byte;
            } else {  // it was passed: as if its bytes had been of the one before it
                entry& before = ring_[(to - 1) & mask_];
                before = {before.owner, e.end() << 4U | static_cast<std::uint64_t>(before.kind())};
            }
            from_byte = e.end();
        }
        others_ -= tail_ - to;
        withdrawn_ -= tail_ - to;
        tail_ = to;
        queued_ -= closed;
        gap_bytes_ = 0;
        gap_ = no_gap;
        return static_cast<std::size_t>(queued_ - written_);
    }

    /// Forgets everything: a new connection begins. Requires empty().
    void reset() noexcept {
        assert(empty());
        queued_ = written_ = others_ = withdrawn_ = gap_bytes_ = 0;
        gap_ = no_gap;
    }

  private:
    static constexpr std::uint64_t no_gap = std::numeric_limits<std::uint64_t>::max();

    static constexpr std::size_t initial = 64;  // a power of two, as each size after it

    void grow() {
        const std::uint64_t larger_mask = mask_ * 2 + 1;
        auto larger = std::make_unique<entry[]>(larger_mask + 1);
        for (auto i = head_; i != tail_; ++i) larger[i & larger_mask] = ring_[i & mask_];
        ring_ = std::move(larger);
        mask_ = larger_mask;
    }

    [[nodiscard]] const entry& at(std::uint64_t position) const noexcept { return ring_[position & mask_]; }
    // Where an entry begins; of the oldest one, if it has begun to be sent, a place before that.
    [[nodiscard]] std::uint64_t begin(std::uint64_t position) const noexcept {
        return position > head_ ? at(position - 1).end() : 0;
    }
    // Not inlined: there is nothing of the kind where only commands are under way.
    [[gnu::noinline]] void matched(slot_kind kind) noexcept {
        if (!takes_room(kind)) --others_;
        if (kind == slot_kind::withdrawn) --withdrawn_;
        drop_passed();
    }
    // No reply will come that would take them out.
    void drop_passed() noexcept {
        while (head_ != tail_ && at(head_).kind() == slot_kind::withdrawn && at(head_).end() <= written_) {
            ++head_;
            --others_;
            --withdrawn_;
        }
    }

    std::unique_ptr<entry[]> ring_;
    std::uint64_t mask_ = initial - 1;
    std::uint64_t head_ = 0;
    std::uint64_t tail_ = 0;
    std::uint64_t queued_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t others_ = 0;     // entries that take no room
    std::uint64_t withdrawn_ = 0;  // of them, those that were taken back
    std::uint64_t gap_bytes_ = 0;  // that are not passed
    std::uint64_t gap_ = no_gap;   // the position of the next gap
    std::uint64_t gap_begin_ = 0;  // and where its bytes begin
};

}  // namespace valkeyxx::sessions
