// When to ask the cluster for its topology: one refresh at a time, not too often, and no wish forgotten.
//
//   if (policy.want(now, random)) ask();   // else: somebody asks already, or `next()` says when to
//   policy.done();                         // the answer is in; want() during the run leads to another one, unless it
//                                          // was for news that the answer has confirmed()
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/random.hpp"

namespace valkeyxx::topology {

/// The time from the start of one refresh to the next: `interval`, and up to half of it more at random, so that many
/// clients do not ask in step.
inline std::chrono::steady_clock::duration refresh_gap(std::chrono::steady_clock::duration interval,
                                                       base::random& random) noexcept {
    return interval +
           std::chrono::steady_clock::duration{random.below(static_cast<std::uint64_t>(interval.count()) / 2 + 1)};
}

class refresh_policy {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    /// Refreshes start at least `interval` apart: see refresh_gap.
    explicit refresh_policy(duration interval) noexcept : interval_{interval} {}

    /// Why somebody needs a newer map.
    enum class reason : std::uint8_t {
        doubt,  ///< what there is may be wrong: only a map that is asked for from now on can tell
        news,   ///< a node told of a change: a map that says so, too, is new enough, whenever it was asked for
    };

    /// Somebody needs a newer map. True: start a refresh now.
    bool want(time_point now, base::random& random, reason why = reason::doubt) noexcept {
        if (running_ || now < earliest_) {
            (why == reason::news ? told_ : wanted_) = true;
            return false;
        }
        begin(now, random);
        return true;
    }

    /// The refresh that runs has brought all the news that came while it ran.
    void confirmed() noexcept { told_ = false; }

    /// The refresh that runs is over, whatever came of it. One that took several questions is followed by a longer
    /// pause, so that questions, too, are an interval apart on average.
    void done(std::size_t questions = 1) noexcept {
        running_ = false;
        if (questions > 1) earliest_ += interval_ * static_cast<int>(questions - 1);
    }

    /// When a wish that could not be granted is due; nullopt if there is none or one runs.
    [[nodiscard]] std::optional<time_point> next() const noexcept {
        return (wanted_ || told_) && !running_ ? std::optional{earliest_} : std::nullopt;
    }

    [[nodiscard]] bool running() const noexcept { return running_; }

  private:
    void begin(time_point now, base::random& random) noexcept {
        running_ = true;
        wanted_ = told_ = false;
        earliest_ = now + refresh_gap(interval_, random);
    }

    duration interval_;
    time_point earliest_{};
    bool running_ = false;
    bool wanted_ = false;  // in doubt
    bool told_ = false;    // because of news
};

}  // namespace valkeyxx::topology
