// In which order the addresses of a host are tried, and for how long each: one that answers nothing must not use up the
// time of the others, neither now nor the next time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace valkeyxx::sessions {

/// How long to try one address, of the time that is left for it and `others` that come after it.
template <class Duration>
Duration address_share(Duration left, std::size_t others) noexcept {
    return std::max<Duration>(left / static_cast<typename Duration::rep>(others + 1), std::chrono::milliseconds{250});
}

template <class Address>
class address_memory {
  public:
    /// What a name stands for now, in the order to try it: first the one that worked last, then those that have not
    /// failed since one worked, as they were given, at last those that have; of these the first one that failed first.
    [[nodiscard]] std::vector<Address> in_order(std::vector<Address> found) {
        std::erase_if(failed_, [&](const Address& a) { return !contains(found, a); });
        std::erase_if(found, [&](const Address& a) { return contains(failed_, a); });
        found.insert(found.end(), failed_.begin(), failed_.end());
        if (const auto at = good_ ? std::find(found.begin(), found.end(), *good_) : found.end(); at != found.end()) {
            std::rotate(found.begin(), at, at + 1);
        }
        return found;
    }

    /// A connection to it could be used.
    void worked(const Address& a) {
        good_ = a;
        failed_.clear();
    }
    /// None could be made, or not be used.
    void failed(const Address& a) {
        if (good_ == a) good_.reset();
        std::erase(failed_, a);
        failed_.push_back(a);
    }

  private:
    static bool contains(const std::vector<Address>& all, const Address& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    }

    std::vector<Address> failed_;  // since one worked
    std::optional<Address> good_;
};

}  // namespace valkeyxx::sessions
