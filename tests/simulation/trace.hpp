// What happened in a run, line by line; written only when somebody wants to read it.
#pragma once

#include <cstdio>
#include <deque>
#include <string>

#include "scheduler.hpp"

namespace valkeyxx::simulation {

class trace {
  public:
    enum class mode : std::uint8_t {
        off,
        tail,  ///< keep the last lines
        all,   ///< print each line at once
    };

    explicit trace(mode m) noexcept : mode_{m} {}

    /// `line()` makes the text, and is called only if it is wanted.
    template <class Line>
    void operator()(Line line) {
        if (mode_ != mode::off) [[unlikely]]
            add(line());
    }
    [[nodiscard]] bool on() const noexcept { return mode_ != mode::off; }
    [[nodiscard]] const std::deque<std::string>& lines() const noexcept { return lines_; }

  private:
    static constexpr std::size_t kept = 120;

    void add(std::string text) {
        char when[32];
        const double ms = std::chrono::duration<double, std::milli>(scheduler::elapsed()).count();
        std::snprintf(when, sizeof when, "%12.3f ms  ", ms);
        text.insert(0, when);
        if (mode_ == mode::all) {
            std::puts(text.c_str());
        } else {
            lines_.push_back(std::move(text));
            if (lines_.size() > kept) lines_.pop_front();
        }
    }

    mode mode_;
    std::deque<std::string> lines_;
};

}  // namespace valkeyxx::simulation
