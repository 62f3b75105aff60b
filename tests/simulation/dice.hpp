// Everything in a run that could be otherwise comes from here, and so from the run's seed.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "scheduler.hpp"

namespace valkeyxx::simulation {

class dice {
  public:
    /// Neighbouring seeds give unlike runs: the generator itself would begin them alike.
    explicit dice(std::uint64_t seed) noexcept : random_{mixed(seed)} {}

    /// From low to high, both included.
    template <class Number>
    Number between(Number low, Number high) noexcept {
        return static_cast<Number>(static_cast<std::int64_t>(low) +
                                   static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(
                                       static_cast<std::int64_t>(high) - static_cast<std::int64_t>(low) + 1))));
    }
    duration between(duration low, duration high) noexcept { return duration{between(low.count(), high.count())}; }
    std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>(random_.below(bound)); }
    bool percent(int chance) noexcept { return static_cast<int>(random_.below(100)) < chance; }
    template <class T>
    T& one_of(std::vector<T>& choice) noexcept {
        return choice[below(choice.size())];
    }
    std::uint64_t number() noexcept { return random_.next(); }

  private:
    static std::uint64_t mixed(std::uint64_t x) noexcept {
        x += 0x9E3779B97F4A7C15ULL;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
        return x ^ (x >> 31);
    }

    base::random random_;
};

}  // namespace valkeyxx::simulation
