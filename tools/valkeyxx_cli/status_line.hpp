// One line on stderr, written over itself: how far something is.
#pragma once

#include <chrono>
#include <iostream>
#include <string_view>

namespace valkeyxx::cli {

class status_line {
  public:
    using clock = std::chrono::steady_clock;

    /// @param wanted  else nothing is ever shown
    explicit status_line(bool wanted) : wanted_{wanted} {}
    ~status_line() { clear(); }
    status_line(const status_line&) = delete;
    status_line& operator=(const status_line&) = delete;

    [[nodiscard]] bool wanted() const noexcept { return wanted_; }
    /// True ten times a second at most.
    bool due(clock::time_point now) {
        if (!wanted_ || now < next_) return false;
        next_ = now + std::chrono::milliseconds{100};
        return true;
    }
    void show(std::string_view text) {
        std::cerr << '\r' << text << "\x1b[K" << std::flush;
        shown_ = true;
    }
    /// Before anything else is written there.
    void clear() {
        if (shown_) std::cerr << "\r\x1b[K" << std::flush;
        shown_ = false;
    }

  private:
    bool wanted_;
    bool shown_ = false;
    clock::time_point next_{};
};

}  // namespace valkeyxx::cli
