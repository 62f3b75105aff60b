// What is subscribed to: compares what is wanted with what the servers have confirmed, and says how to mend the
// difference. Whatever happens, it is only written down; settle() then looks at what that concerns.
//
//   subscriptions s;
//   const auto news = s.want(channel_kind::shard, "news", scope::one, now);
//   s.settle(router, now);             // steps: open the link to the slot's primary
//   s.link_ready(node, now);
//   s.settle(router, now);             // steps: say SSUBSCRIBE news on it
//   s.pushed(node, true, channel_kind::shard, "news");
//   s.settle(router, now);             // notices: subscribed
//
// A link is a connection to one node that pushes come by. Channels of shards are subscribed to at the primary of their
// slot. All other channels and patterns are on one link, "home": servers pass on what is published to each other. What
// is wanted `everywhere`, notifications about keys, of which each server tells only its own, is on a link to each
// primary.
//
// Where a subscription moves from one node to another, messages of the old one are not taken any more before the new
// one is asked: between the two is a gap, and it is told; but nothing comes twice, and nothing out of order.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "routing/node_id.hpp"
#include "routing/redirect.hpp"
#include "routing/router.hpp"
#include "routing/subscription_dialogue.hpp"

#include <valkeyxx/message.hpp>

namespace valkeyxx::routing {

class subscriptions {
  public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;
    using duration = clock::duration;
    using item_id = subscription_dialogue::item_id;
    static constexpr item_id no_item = 0xFFFFFFFF;

    enum class scope : std::uint8_t { one, everywhere };

    struct step {
        enum class act : std::uint8_t {
            open,         ///< a link to `node`; then link_ready() or link_lost()
            close,        ///< the link to `node`, without link_lost()
            subscribe,    ///< say so at `node`, with a PING behind it, to `items`, all of one kind and, of shards, slot
            unsubscribe,  ///< the same
            refresh,      ///< ask for a new topology, at `node` first if that is one
            suspect,      ///< `node` is silent or cannot be reached: has it been replaced?
        };
        act what = act::open;
        node_id node = no_node;
        channel_kind kind = channel_kind::channel;
        std::vector<item_id> items = {};

        bool operator==(const step&) const = default;
    };

    /// What those who want an item are told.
    struct notice {
        message_kind what = message_kind::subscribed;
        item_id item = no_item;
        channel_kind kind = channel_kind::channel;
        std::string name = {};
        node_id node = no_node;
        time_point from{};
        time_point to{};
        std::string text = {};
    };

    // --- what is wanted ---

    /// Something is wanted, once more. Its id is good until as many unwant() have come and `unsubscribed` was told.
    item_id want(channel_kind kind, std::string_view name, scope where);
    void unwant(item_id id, scope where);

    // --- what happens ---

    void link_ready(node_id node, time_point now);
    /// @param alive  it has ended the connection, and may take another one: try again at once. Else it is silent, or
    ///               there was no connection
    void link_lost(node_id node, bool alive, time_point now);
    /// A push confirms or ends a subscription. False: it makes no sense, the link must be given up.
    [[nodiscard]] bool pushed(node_id node, bool subscribed, channel_kind kind, std::string_view name);
    /// The verdict on a reply that is no push, before it is taken by replied(): is a command over with it?
    subscription_dialogue::verdict replied(node_id node, std::optional<std::string_view> error, router& routes,
                                           time_point now);
    /// A PING was sent besides those that follow commands.
    void pinged(node_id node, time_point now) { links_[node].said.pinged(now); }
    /// The router has news.
    void topology_changed() noexcept { look_at_all_ = true; }

    /// Looks at all that the events before concern, and at what is due. The next one to call after any event.
    /// @param one_server  there is no topology, and a MOVED is a refusal
    void settle(router& routes, time_point now);
    /// When to call settle() without an event.
    [[nodiscard]] std::optional<time_point> due() const;

    [[nodiscard]] std::vector<step> take_steps() { return std::exchange(steps_, {}); }
    [[nodiscard]] std::vector<notice> take_notices() { return std::exchange(notices_, {}); }

    // --- what is there ---

    /// `no_item` if nobody wants it, nor has until a moment ago.
    [[nodiscard]] item_id find(channel_kind kind, std::string_view name) const;
    /// Whether a message that `node` sends for the item is to be taken.
    [[nodiscard]] bool takes(item_id id, node_id node) const noexcept;
    /// Whether it is what those get who want it from one node only.
    [[nodiscard]] bool is_home(item_id id, node_id node) const noexcept {
        return items_[id].kind == channel_kind::shard || node == home_;
    }
    /// Whether somebody wants it from every node, each of which says something else.
    [[nodiscard]] bool is_everywhere(item_id id) const noexcept { return items_[id].wanted_everywhere != 0; }
    /// Confirmed by every node that it is wanted from.
    [[nodiscard]] bool live(item_id id) const noexcept { return items_[id].live; }
    [[nodiscard]] const std::string& name(item_id id) const noexcept { return items_[id].name; }
    [[nodiscard]] channel_kind kind(item_id id) const noexcept { return items_[id].kind; }
    /// The node that all channels without a slot are subscribed at, if there are any.
    [[nodiscard]] node_id home() const noexcept { return home_; }

    /// For clients of one shard without a cluster: its primary serves all, whatever it says.
    void set_one_server(bool on) noexcept { one_server_ = on; }

  private:
    enum class standing : std::uint8_t { asked, confirmed, leaving };

    struct place {
        node_id node;
        standing how;
    };

    struct item {
        std::string name = {};
        channel_kind kind = channel_kind::channel;
        std::uint16_t slot = 0;
        std::uint32_t wanted_once = 0;
        std::uint32_t wanted_everywhere = 0;
        std::vector<place> places = {};
        time_point live_since{};
        time_point lost_at{};
        time_point retry_at{};
        duration delay{};  // before the last retry
        int redirects = 0;
        bool used = false;    // else the id is free
        bool marked = false;  // to be looked at
        bool live = false;
        bool was_live = false;
        bool alone = false;  // not together with others in one command: one of them was refused
        bool told_refusal = false;

        [[nodiscard]] bool wanted() const noexcept { return wanted_once + wanted_everywhere != 0; }
    };

    struct link {
        enum class state : std::uint8_t { closed, opening, ready };
        state is = state::closed;
        bool bad = false;   // it was silent or could not be reached, and has not been since
        bool lost = false;  // and when to try again is not decided yet
        int failures = 0;
        duration delay{};  // before the last retry
        // What it has sent until then has been read: when the last PING was sent that it has answered. Bytes that are
        // read now may have been sent long ago, by a node that has gone since.
        time_point sure{};
        time_point retry_at{};
        time_point unused_since{};
        std::size_t places = 0;
        std::set<item_id> waiting = {};  // for it to be ready
        subscription_dialogue said = {};
    };

    // What goes into one command: `alone` is the item that must stand alone in it.
    struct group {
        node_id node;
        bool subscribe;
        channel_kind kind;
        std::uint16_t slot;
        item_id alone;

        auto operator<=>(const group&) const = default;
    };

    void mark(item_id id);
    void mark_waiting(link& l);
    void pace(link& l, base::random& dice, time_point now) noexcept;
    void choose_home(const router& routes);
    [[nodiscard]] node_id best_home(const router& routes) const;
    [[nodiscard]] bool may_be_home(node_id node, const router& routes) const;
    [[nodiscard]] bool is_bad(node_id node) const;
    [[nodiscard]] std::vector<node_id> targets(const item& i, const router& routes) const;
    [[nodiscard]] static place* place_at(item& i, node_id node) noexcept;
    void look_at(item_id id, router& routes, time_point now);
    void leave(item_id id, place& p);
    void say(item_id id, node_id node, bool subscribe);
    void ask(item_id id, node_id node, time_point now);
    void update(item_id id, const std::vector<node_id>& where, time_point now);
    void forget(item_id id);
    void drop_place(item_id id, node_id node);
    void lose(item_id id, time_point sure);
    void later(item_id id, duration first, duration longest, router& routes, time_point now);
    void finished(node_id node);
    void refused(node_id node, std::string_view why, router& routes, time_point now);
    void refused_one(item_id id, node_id node, const redirect& r, std::string_view why, router& routes, time_point now);
    bool redirected(item_id id, node_id node, const redirect& r, router& routes);
    void close_unused(time_point now);
    void tell(message_kind what, item_id id, node_id node, std::string text = {});

    struct name_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
    };
    using names = std::unordered_map<std::string, item_id, name_hash, std::equal_to<>>;

    std::vector<item> items_;
    std::vector<item_id> free_;
    names ids_[3];  // by kind
    std::map<node_id, link> links_;
    std::vector<item_id> marked_;
    std::set<std::pair<time_point, item_id>> retries_;
    std::map<group, std::vector<item_id>> to_say_;
    std::vector<step> steps_;
    std::vector<notice> notices_;
    node_id home_ = no_node;
    std::size_t at_home_ = 0;  // items that are wanted from one node and have no slot
    bool look_at_all_ = false;
    bool want_refresh_ = false;
    node_id informed_ = no_node;
    bool one_server_ = false;
};

}  // namespace valkeyxx::routing
