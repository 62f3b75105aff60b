// When to ask a peer whether it is there, and when to give it up: a connection on which nothing need be said for hours.
// It is asked regularly, also while it speaks: only its answer to a question tells when it must have been there, since
// what is read may have been sent long ago.
//
//   heartbeat h{2s};
//   h.heard(now);                    // whenever bytes come
//   switch (h.look(now)) { ... }     // at h.due()
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace valkeyxx::sessions {

class heartbeat {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    /// A peer is asked in each half of `patience`; one that says nothing for all of it is gone.
    explicit heartbeat(duration patience) noexcept : patience_{patience} {}

    void begin(time_point now) noexcept {
        heard(now);
        due_ = ask_at_ = now + patience_ / 2;
    }
    void heard(time_point now) noexcept {
        heard_ = since_ = now;
        late_ = 0;
    }
    [[nodiscard]] time_point last_heard() const noexcept { return heard_; }
    [[nodiscard]] time_point due() const noexcept { return due_; }

    enum class finding : std::uint8_t { well, ask, gone };
    /// To be called at due(). If it comes late, nobody has listened for a while, and silence says little of the peer:
    /// what has come is read first, then it is asked, and gets half of the patience more in all. That happens twice at
    /// most.
    /// @param listening  else nothing is read at the moment
    finding look(time_point now, bool listening) noexcept {
        if (!listening) {
            since_ = now;
            due_ = ask_at_ = now + patience_ / 2;
            return finding::well;
        }
        if (now - due_ > patience_ / 4 && late_ < 2) {
            ++late_;
            since_ = now - patience_ / 2;
            ask_at_ = now + patience_ / 4;  // words to a peer that has left would throw away what it sent before
        }
        if (now - since_ >= patience_) return finding::gone;
        const bool ask = now >= ask_at_;
        if (ask) ask_at_ = now + patience_ / 2;
        due_ = std::min(since_ + patience_, ask_at_);
        return ask ? finding::ask : finding::well;
    }

  private:
    duration patience_;
    time_point heard_{};
    time_point since_{};  // when the silence began that counts
    time_point due_{};
    time_point ask_at_{};
    int late_ = 0;  // looks that came late since it was heard
};

}  // namespace valkeyxx::sessions
