// How a call that waits for a subscriber is told; not for users.
#pragma once

namespace valkeyxx::detail {

/// Told once, from the loop, without the client's lock: look whether there is something now.
class feed_wait {
  public:
    virtual void wake() noexcept = 0;

  protected:
    ~feed_wait() = default;
};

}  // namespace valkeyxx::detail
