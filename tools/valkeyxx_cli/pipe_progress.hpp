// How far `valkeyxx pipe` is: one line on stderr, written over itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "valkeyxx_cli/pipe_tally.hpp"

namespace valkeyxx::cli {

class pipe_progress {
  public:
    using clock = std::chrono::steady_clock;

    /// @param wanted  else nothing is ever shown
    /// @param size    of the input, if it is known
    pipe_progress(bool wanted, std::optional<std::uint64_t> size) : wanted_{wanted}, size_{size} {}
    ~pipe_progress() { clear(); }
    pipe_progress(const pipe_progress&) = delete;
    pipe_progress& operator=(const pipe_progress&) = delete;

    /// Does something ten times a second at most. Rates are since this was made.
    void show(const pipe_tally& so_far) {
        if (!wanted_ || (so_far.commands & 15U) != 0) return;  // it costs a look at the clock
        const auto now = clock::now();
        if (now < next_) return;
        next_ = now + std::chrono::milliseconds{100};
        write(so_far, now - start_);
    }
    /// Before anything else is written there.
    void clear();

  private:
    void write(const pipe_tally& so_far, std::chrono::duration<double> lasted);

    bool wanted_;
    bool shown_ = false;
    std::optional<std::uint64_t> size_;
    clock::time_point start_ = clock::now();
    clock::time_point next_ = start_;
};

}  // namespace valkeyxx::cli
