// When a node may be dialled: what all connections to it have in common, whoever they are for.
//
//   node_dialling d;
//   if (!d.too_early(now)) d.begin();      // one more dials
//   ... then one of
//   d.end(), d.answered();                 // it is connected
//   d.end(), d.failed(began, now, dice);   // it is not, and why is to be seen at d.why()
//   d.broke(now, why, dice);               // it was of use, and is no more
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "routing/backoff.hpp"

#include <valkeyxx/error.hpp>

namespace valkeyxx::routing {

class node_dialling {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    void begin() noexcept { ++under_way_; }
    void end() noexcept { --under_way_; }
    [[nodiscard]] bool under_way() const noexcept { return under_way_ != 0; }

    /// The last attempt has failed. Until one succeeds, one at a time is enough to find out.
    [[nodiscard]] bool failing() const noexcept { return failing_; }
    [[nodiscard]] bool too_early(time_point now) const noexcept { return now < not_before_; }
    /// Why it failed last; requires that it has.
    [[nodiscard]] const error& why() const noexcept { return *why_; }

    void answered() noexcept { failing_ = false; }
    /// A connection could not be made, or broke before it was of any use.
    /// @param began  when it was dialled: those that began before another one failed say nothing new
    void failed(time_point began, time_point now, const error& why, base::random& dice) {
        why_ = why;
        if (failing_ && began < failed_at_) return;
        failing_ = true;
        pause(now, dice);
    }
    /// A connection that was of use broke: the node may be gone, and is tried again after the shortest delay.
    void broke(time_point now, const error& why, base::random& dice) {
        why_ = why;
        delays_.reset();
        pause(now, dice);
    }

  private:
    void pause(time_point now, base::random& dice) noexcept {
        failed_at_ = now;
        not_before_ = now + delays_.next(dice);
    }

    backoff delays_{std::chrono::milliseconds{10}, std::chrono::milliseconds{200}};
    time_point failed_at_{};
    time_point not_before_{};
    std::optional<error> why_;
    std::uint32_t under_way_ = 0;
    bool failing_ = false;
};

}  // namespace valkeyxx::routing
