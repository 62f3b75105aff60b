// What a lock says to the server, and what the answers mean; for the waiting and the coroutine form alike.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <valkeyxx/command.hpp>
#include <valkeyxx/result.hpp>

namespace valkeyxx::detail {

/// 32 random hexadecimal digits, from the system's source of randomness.
std::string new_lock_token();

class lock_terms {
  public:
    /// @param lease  zero: for good
    lock_terms(std::string key, std::string token, std::chrono::milliseconds lease)
        : key_{std::move(key)}, token_{std::move(token)}, lease_{lease} {}

    [[nodiscard]] const std::string& key() const noexcept { return key_; }
    [[nodiscard]] const std::string& token() const noexcept { return token_; }
    [[nodiscard]] std::chrono::milliseconds lease() const noexcept { return lease_; }

    /// True if the lock is ours afterwards. May be repeated: our own token does not stand in our way.
    [[nodiscard]] command<bool> acquire() const;
    /// True if it was ours.
    [[nodiscard]] command<bool> release() const;
    /// True if it is ours and lasts as long as that now. @param add  to what is left, instead of from now
    [[nodiscard]] command<bool> extend(std::chrono::milliseconds time, bool add) const;
    [[nodiscard]] command<bool> owned() const;
    [[nodiscard]] command<bool> locked() const;

    /// Makes "it is not ours" an error.
    [[nodiscard]] result<void> held(result<bool> answer) const;

  private:
    std::string key_;
    std::string token_;
    std::chrono::milliseconds lease_;
};

/// The error if it was never acquired, or has been released.
std::optional<error> lock_not_held(bool held, const lock_terms& terms);

/// When the next try comes.
class lock_course {
  public:
    lock_course(std::chrono::milliseconds patience, std::chrono::milliseconds every) noexcept;
    /// How long to wait before it; nullopt: it would be too late.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next() const;

  private:
    std::chrono::steady_clock::time_point end_;
    std::chrono::milliseconds every_;
};

}  // namespace valkeyxx::detail
