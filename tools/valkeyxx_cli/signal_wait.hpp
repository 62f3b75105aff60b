// The main thread waits here: for Ctrl-C, for a thread of our own, or until a time.
#pragma once

#include <signal.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace valkeyxx::cli {

/// SIGINT, SIGTERM and SIGHUP while one exists. Make it before the first thread, which would be interrupted in our
/// place. The first signal is told; another one, a second or more later, ends the program in here. (What comes sooner
/// is the same wish: timeout(1) and terminals signal a program and its group.)
class signal_wait {
  public:
    using clock = std::chrono::steady_clock;
    enum class reason : std::uint8_t { signal, woken, readable, time };

    /// Throws std::system_error.
    signal_wait();
    signal_wait(const signal_wait&) = delete;
    signal_wait& operator=(const signal_wait&) = delete;
    ~signal_wait();

    /// Returns when a signal has come, wake() was called since the last time, the descriptor `input` (if it is not
    /// negative) can be read or is at its end, or the time has come; the first of these if several hold.
    reason wait(std::optional<clock::time_point> until = std::nullopt, int input = -1);
    /// From any thread.
    void wake() noexcept;

  private:
    bool take_signal();

    sigset_t ending_{};
    std::optional<clock::time_point> first_{};
    int signals_ = -1;
    int wakes_ = -1;
};

}  // namespace valkeyxx::cli
