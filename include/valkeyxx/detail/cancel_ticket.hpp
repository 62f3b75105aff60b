// How a call under way is found by whoever wants to give it up; not for users.
#pragma once

#include <atomic>
#include <memory>

namespace valkeyxx::clients {
template <class Call>
class cancellable;
struct sight;
}  // namespace valkeyxx::clients

namespace valkeyxx::detail {

/// Leads from a cancellation signal to what was started, until that is over: then, or when there is no client any more,
/// it leads nowhere. One end is held by the signal, the other one by the call's handler, which is there for as long as
/// the call is under way.
class cancel_ticket {
  public:
    /// Ends the call with `errc::cancelled`, if it is under way: its completion comes from the client's loop, as any
    /// other, and never from within this function. From any thread, but not while the call is being started.
    /// @param only_unnoticed  unless it may have changed something by now
    void cancel(bool only_unnoticed) noexcept;

    friend void intrusive_ptr_add_ref(cancel_ticket* t) noexcept { t->held_.fetch_add(1, std::memory_order_relaxed); }
    friend void intrusive_ptr_release(cancel_ticket* t) noexcept {
        if (t->held_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete t;
    }

  private:
    template <class Call>
    friend class clients::cancellable;

    std::atomic<int> held_ = 0;
    std::shared_ptr<clients::sight> engine_;  // set when the call is started
    void* call_ = nullptr;                    // guarded by the engine's lock; nullptr: it is over
    void (*give_up_)(void* call, bool) = nullptr;
};

/// The ticket that a handler carries; nullptr: it cannot be cancelled, as a plain callback cannot.
template <class Handler>
[[nodiscard]] cancel_ticket* ticket_of(const Handler& handler) noexcept {
    if constexpr (requires { handler.ticket(); }) {
        return handler.ticket();
    } else {
        return nullptr;
    }
}

}  // namespace valkeyxx::detail
