// Performs what routing::subscriptions decides, for the subscribers of one client: its links carry the messages of all
// of them, and what several subscribe to is subscribed to once.
//
// Everything here requires the engine's lock.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client/feed.hpp"
#include "client/subscription_link.hpp"
#include "client/timer_queue.hpp"
#include "routing/subscriptions.hpp"
#include "session/echo_filter.hpp"

namespace valkeyxx::clients {

class engine;

class subscription_hub final : private timed {
  public:
    using scope = routing::subscriptions::scope;
    using item_id = routing::subscriptions::item_id;

    /// @param shared  messages come by the connections that commands use
    subscription_hub(engine& e, bool shared);
    ~subscription_hub() override;

    [[nodiscard]] engine& owner() noexcept { return engine_; }

    // --- for subscribers ---

    void add(feed& f) { feeds_.push_back(&f); }
    /// Takes it out of everything.
    void remove(feed& f);
    [[nodiscard]] bool has_subscribers() const noexcept { return !feeds_.empty(); }
    void join(feed& f, channel_kind kind, std::string_view name, scope where);
    void leave(feed& f, channel_kind kind, std::string_view name, scope where);
    /// All of this kind.
    void leave_all(feed& f, channel_kind kind, scope where);
    /// The subscriber cannot go on.
    void fail(feed& f, const error& why);
    /// Performs what the calls above have brought about.
    void settle();
    /// Stops reading, and goes on.
    void pause();
    void resume();
    /// If there is exactly one connection, and nothing else to look after: that one.
    [[nodiscard]] connection* only_connection() const noexcept;
    /// Why the last connection was lost, or could not be thought of.
    [[nodiscard]] const std::optional<error>& last_problem() const noexcept { return last_problem_; }

    // --- for the engine ---

    void map_changed();
    /// Nobody can say where to subscribe.
    void no_map(const error& why);
    /// Nobody lets the client in: those who wait for subscriptions need not wait for another try.
    void shut_out(const error& why);
    /// Gives each connection of its own to `use`.
    template <class Use>
    void each_own_connection(Use use) const {
        for (const auto& [node, link] : links_) {
            if (link->on() != nullptr && link->on()->is_listener_only()) use(*link->on());
        }
    }
    [[nodiscard]] bool hears(routing::node_id node) const noexcept;
    void close(const error& why);

    // --- for links ---

    void ready(subscription_link& by);
    void lost(subscription_link& by, bool alive, const error& why);
    void pinged(const subscription_link& by) { subscriptions_.pinged(by.node(), io::clock::now()); }
    void message(const subscription_link& by, channel_kind kind, std::string_view name, std::string_view channel,
                 std::string_view payload);
    void pushed(subscription_link& by, bool subscribed, channel_kind kind, std::string_view name);
    bool replied(subscription_link& by, std::optional<std::string_view> error);

  private:
    struct member {
        feed* who;
        bool once = false;
        bool everywhere = false;
    };
    struct audience {
        std::vector<member> members = {};
        std::vector<feed*> leaving = {};  // who wait for the unsubscription to be confirmed
        sessions::echo_filter echoes = {};
    };

    void perform(const routing::subscriptions::step& s);
    void tell(const routing::subscriptions::notice& n);
    void tell_watcher(const routing::subscriptions::notice& n) const;
    static void said_goodbye(audience& to, channel_kind kind, std::string_view name);
    void step_out(feed& f, item_id item, scope where);
    static void tell_one(feed& f, message_kind what, channel_kind kind, std::string_view name);
    audience& audience_of(item_id item);
    void on_due(io::time_point now) noexcept override;

    engine& engine_;
    bool shared_;
    routing::subscriptions subscriptions_;
    std::unordered_map<routing::node_id, std::unique_ptr<subscription_link>> links_;
    std::vector<audience> audiences_;  // by item
    std::vector<feed*> feeds_;
    std::vector<feed*> failed_;
    std::optional<error> last_problem_;
    item_id last_item_ = routing::subscriptions::no_item;  // that a message came for
    bool settling_ = false;
    bool again_ = false;
    bool paused_ = false;
    bool closed_ = false;
};

}  // namespace valkeyxx::clients
