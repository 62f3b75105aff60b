// A small seedable generator for jitter and for choosing nodes (xorshift64*). Not for secrets.
#pragma once

#include <cstdint>

namespace valkeyxx::base {

class random {
  public:
    explicit random(std::uint64_t seed) noexcept : state_{seed != 0 ? seed : 0x9E3779B97F4A7C15ULL} {}

    std::uint64_t next() noexcept {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545F4914F6CDD1DULL;
    }

    /// From 0 to bound - 1; requires bound > 0. The slight bias of a modulo does not matter here.
    std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

    /// From low to high, both included; requires low <= high.
    std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept { return low + below(high - low + 1); }

  private:
    std::uint64_t state_;
};

}  // namespace valkeyxx::base
