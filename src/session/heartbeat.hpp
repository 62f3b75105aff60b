// When to ask a peer whether it is there, and when to give it up: a connection on which nothing need be said for hours.
//
//   heartbeat h{2s};
//   h.heard(now, read_began, drained); // whenever bytes come
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

    /// A peer that says nothing for half of `patience` is asked; one that says nothing for all of it is gone.
    explicit heartbeat(duration patience) noexcept : patience_{patience} {}

    void begin(time_point now) noexcept {
        drained_ = now;
        heard(now, now, true);
        due_ = now + patience_ / 2;
    }
    /// Bytes have come.
    /// @param began    when the read of them began
    /// @param drained  it took all there was
    void heard(time_point now, time_point began, bool drained) noexcept {
        alive_ = drained_;  // nothing waited then, so these bytes were sent later
        if (drained) drained_ = std::max(drained_, began);
        heard_ = since_ = now;
        asked_ = false;
        late_ = 0;
    }
    [[nodiscard]] time_point last_heard() const noexcept { return heard_; }
    /// Until when the peer was there for certain, and all that it had sent has been read. What was heard last may have
    /// waited: on the way, for which a second is allowed, and for this program, which may have slept for long.
    [[nodiscard]] time_point sure_until() const noexcept { return std::min(heard_ - on_the_way, alive_); }
    [[nodiscard]] time_point due() const noexcept { return due_; }

    enum class finding : std::uint8_t { well, ask, gone };
    /// To be called at due(). If it comes late, nobody has listened for a while, and silence says little of the peer:
    /// it is asked (again), and gets half of the patience more. That happens twice at most.
    /// @param listening  else nothing is read at the moment
    finding look(time_point now, bool listening) noexcept {
        if (!listening) {
            since_ = now;
            asked_ = false;
        } else if (now - due_ > patience_ / 4 && late_ < 2) {
            ++late_;
            since_ = now - patience_ / 2;
        }
        const auto silence = now - since_;
        finding f = finding::well;
        if (silence >= patience_) {
            f = finding::gone;
        } else if (silence >= patience_ / 2 && !asked_) {
            asked_ = true;
            f = finding::ask;
        }
        due_ = since_ + (asked_ ? patience_ : patience_ / 2);
        return f;
    }

  private:
    static constexpr auto on_the_way = std::chrono::seconds{1};

    duration patience_;
    time_point heard_{};
    time_point drained_{};  // all that had come by then has been read
    time_point alive_{};    // bytes that have been read were sent after it
    time_point since_{};    // when the silence began that counts
    time_point due_{};
    bool asked_ = false;
    int late_ = 0;  // looks that came late since it was heard
};

}  // namespace valkeyxx::sessions
