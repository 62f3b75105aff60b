// A lock that processes share: a key that only one of them can set.
//
//   vk::lock lock{cluster, "reports", {.lease = 30s}};
//   if (lock.acquire(5s)) {
//       ...
//       lock.extend(30s);           // error lock_lost if it took too long
//   }                               // released
#pragma once

#include <chrono>
#include <string>

#include <valkeyxx/client.hpp>
#include <valkeyxx/detail/lock_terms.hpp>

namespace valkeyxx {

struct lock_options {
    /// How long it is held at most, if it is neither released nor extended: after a crash it is free again then. Zero:
    /// for good. From 1 ms.
    std::chrono::milliseconds lease = std::chrono::seconds{30};
    /// Between two tries of acquire(), on average.
    std::chrono::milliseconds retry_every{50};
};

/// Held by whoever set the key `name` to its token, which nobody else knows, until it is released or its lease ends.
/// Release and extension are scripts that compare the token: they never touch somebody else's lock.
///
/// It protects against others only as well as its server remembers: a failover to a replica that has not seen the key
/// gives it to a second owner. Let what must not happen twice check a value of its own, too. Not thread-safe: one
/// object for each thread. Must not outlive its client.
class lock {
  public:
    lock(client& c, std::string name, lock_options options = {});
    lock(lock&&) noexcept = default;
    lock& operator=(lock&&) = delete;
    /// Releases it, if it is held and the server can be reached; else it ends with its lease.
    ~lock();

    /// Tries once. False: somebody else has it. Throws `exception`.
    bool try_acquire();
    /// Tries until it succeeds or `patience` is over; the first time at once. Throws `exception`.
    bool acquire(std::chrono::milliseconds patience);

    /// Gives it back. Error `lock_lost`: it was not ours any more; `invalid_argument`: it was never acquired.
    result<void> release();
    /// Lets it last as long as this from now. Errors as release().
    result<void> extend(std::chrono::milliseconds lease);
    /// Adds this to what is left of its lease. Errors as release(); `lock_lost` also if it lasts for good anyway.
    result<void> prolong(std::chrono::milliseconds more);

    /// Whether acquire() has succeeded and release() was not called since; asks nobody.
    [[nodiscard]] bool held() const noexcept { return held_; }
    /// Whether the server says that it is ours, or anybody's. Throw `exception`.
    [[nodiscard]] bool owned();
    [[nodiscard]] bool locked();
    /// What the key is set to while we hold it.
    [[nodiscard]] const std::string& token() const noexcept { return terms_.token(); }

  private:
    [[nodiscard]] result<void> ask(const command<bool>& c);

    client* client_;
    detail::lock_terms terms_;
    std::chrono::milliseconds retry_every_;
    bool held_ = false;
};

}  // namespace valkeyxx
