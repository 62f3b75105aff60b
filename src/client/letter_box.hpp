// How threads that a client does not know reach its loop, as long as there is one.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "io/context.hpp"

namespace valkeyxx::clients {

class letter_box : public std::enable_shared_from_this<letter_box> {
  public:
    explicit letter_box(io::context& loop) noexcept : loop_{&loop} {}

    /// Runs `piece` on the loop, unless the client has left by then. From any thread.
    template <class Piece>
    void post(Piece piece) {
        const std::lock_guard lock{mutex_};
        if (loop_ == nullptr) return;
        ++unread_;
        io::post(*loop_, [self = this->shared_from_this(), piece = std::move(piece)]() mutable {
            --self->unread_;
            if (!self->left()) piece();
        });
    }
    /// Something was posted and has not run: who waits for a command must turn the loop.
    [[nodiscard]] bool has_post() const noexcept { return unread_.load(std::memory_order_relaxed) != 0; }
    /// The client goes: when this returns, nothing is posted to its loop any more.
    void leave() noexcept {
        const std::lock_guard lock{mutex_};
        loop_ = nullptr;
    }

  private:
    bool left() {
        const std::lock_guard lock{mutex_};
        return loop_ == nullptr;
    }

    std::mutex mutex_;  // of this alone, and locked after any engine's
    io::context* loop_;
    std::atomic<int> unread_ = 0;
};

}  // namespace valkeyxx::clients
