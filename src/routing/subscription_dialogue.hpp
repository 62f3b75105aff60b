// What was said about subscriptions on one connection, and what the server's words mean in that light.
//
// A server confirms a subscription with a push, and a refusal is an error reply; neither says which command it belongs
// to, and a "sunsubscribe" push may be the answer to a command or news of a slot that has moved. So each command is
// followed by a PING in the same write: a command is over when its PING is answered, and not before.
//
//   dialogue d;
//   d.said(true, ids);                       // SSUBSCRIBE a b, PING
//   d.subscribed(a); d.subscribed(b);        // pushes
//   d.replied(std::nullopt)                  // +PONG: verdict::over
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace valkeyxx::routing {

class subscription_dialogue {
  public:
    using item_id = std::uint32_t;
    using time_point = std::chrono::steady_clock::time_point;

    struct entry {
        time_point at{};  ///< when it was said
        bool subscribe = false;
        std::vector<item_id> items = {};  ///< of the command, in its order; none: a PING alone
        std::size_t answered = 0;         ///< how many of them the server has spoken of
        bool refused = false;
    };

    /// A command and a PING go out.
    void said(bool subscribe, std::vector<item_id> items, time_point now) {
        entries_.push_back({.at = now, .subscribe = subscribe, .items = std::move(items)});
    }
    /// A PING alone goes out.
    void pinged(time_point now) { entries_.push_back({.at = now}); }

    /// A push confirms a subscription. False: nobody asked for it now, the two sides do not understand each other.
    [[nodiscard]] bool subscribed(item_id item);

    /// A push says that a subscription has ended. True: the server has ended it by itself; else it was asked to, or
    /// speaks of what was before a subscription that is on its way.
    [[nodiscard]] bool unsubscribed(item_id item);

    enum class verdict : std::uint8_t {
        over,     ///< the oldest command is done: see finish()
        refused,  ///< the oldest command was refused; its PING is still to be answered
        broken,   ///< a reply that fits nothing
    };
    /// A reply that is no push.
    /// @param error  its text if it is an error
    [[nodiscard]] verdict replied(std::optional<std::string_view> error);

    /// The oldest command; requires !empty().
    [[nodiscard]] const entry& oldest() const noexcept { return entries_.front(); }
    /// Takes the oldest command out, after `over`.
    entry finish();
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// The connection is gone, and all that was said on it.
    void clear() noexcept { entries_.clear(); }

  private:
    std::deque<entry> entries_;
};

}  // namespace valkeyxx::routing
