// What is to be done about subscriptions, story by story. The random ones are in subscriptions_random_test.cpp.
#include "routing/subscriptions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

using namespace std::chrono_literals;
using act = subscriptions::step::act;
using scope = subscriptions::scope;
using verdict = subscription_dialogue::verdict;

constexpr std::uint16_t half = slot_count / 2;

std::string channel_of(bool second_half, int number = 0) {
    for (int i = 0;; ++i) {
        std::string name = "c" + std::to_string(number) + "." + std::to_string(i);
        if ((key_slot(name) >= half) == second_half) return name;
    }
}

// Two shards, a at port 1 and b at port 2, with a replica of a at port 3; steps and notices as text.
class subscribing : public ::testing::Test {
  protected:
    subscribing() { routes_.adopt(map(1, 2, {3}), routes_.tick()); }

    static shard_map map(std::uint16_t first, std::uint16_t second, const std::vector<std::uint16_t>& replicas_of_first,
                         std::uint16_t border = half) {
        shard_info a{.primary = {.address = {"h", first}}, .slots = {{0, static_cast<std::uint16_t>(border - 1)}}};
        for (const auto port : replicas_of_first) a.replicas.push_back({.address = {"h", port}});
        shard_info b{.primary = {.address = {"h", second}}, .slots = {{border, slot_count - 1}}};
        return shard_map{{a, b}};
    }
    node_id node(std::uint16_t port) { return routes_.intern({"h", port}); }

    void settle() {
        s_.settle(routes_, now_);
        for (const auto& step : s_.take_steps()) did_.push_back(text_of(step));
        for (const auto& n : s_.take_notices()) told_.push_back(text_of(n));
    }
    void pass(std::chrono::milliseconds time) {
        now_ += time;
        settle();
    }
    std::vector<std::string> done() { return std::exchange(did_, {}); }
    std::vector<std::string> told() { return std::exchange(told_, {}); }
    using lines = std::vector<std::string>;

    subscriptions::item_id want(channel_kind kind, const std::string& name, scope where = scope::one) {
        const auto id = s_.want(kind, name, where);
        settle();
        return id;
    }
    void unwant(subscriptions::item_id id, scope where = scope::one) {
        s_.unwant(id, where);
        settle();
    }
    void ready(std::uint16_t port) {
        s_.link_ready(node(port), now_);
        settle();
    }
    void lost(std::uint16_t port, bool alive) {
        s_.link_lost(node(port), alive, now_);
        settle();
    }
    bool push(std::uint16_t port, bool subscribed, channel_kind kind, const std::string& name) {
        const bool sense = s_.pushed(node(port), subscribed, kind, name);
        settle();
        return sense;
    }
    verdict pong(std::uint16_t port) { return reply(port, std::nullopt); }
    verdict reply(std::uint16_t port, std::optional<std::string_view> error) {
        const auto v = s_.replied(node(port), error, routes_, now_);
        settle();
        return v;
    }
    void confirm(std::uint16_t port, channel_kind kind, const std::string& name) {
        EXPECT_TRUE(push(port, true, kind, name));
        EXPECT_EQ(pong(port), verdict::over);
    }
    /// Subscribed to, and nothing left to do.
    subscriptions::item_id live(std::uint16_t port, channel_kind kind, const std::string& name) {
        const auto id = want(kind, name);
        if (!contains(done(), "open h:" + std::to_string(port)).empty()) ready(port);
        confirm(port, kind, name);
        EXPECT_TRUE(s_.live(id));
        done();
        told();
        return id;
    }
    static std::string contains(const lines& all, const std::string& line) {
        return std::find(all.begin(), all.end(), line) != all.end() ? line : std::string{};
    }

    subscriptions s_;
    router routes_{1};
    subscriptions::time_point now_{1h};

  private:
    std::string text_of(const subscriptions::step& step) {
        static constexpr const char* words[] = {"open", "close", "", "un", "refresh", "suspect"};
        std::string text = words[static_cast<std::size_t>(step.what)];
        if (step.what == act::subscribe || step.what == act::unsubscribe) {
            static constexpr const char* verbs[] = {"subscribe", "psubscribe", "ssubscribe"};
            text += verbs[static_cast<std::size_t>(step.kind)];
            for (const auto id : step.items) text += " " + s_.name(id);
            text += " at";
        }
        return step.node == no_node ? text : text + " " + routes_.at(step.node).text();
    }
    std::string text_of(const subscriptions::notice& n) {
        std::string text = std::string{to_string(n.what)} + " " + n.name;
        const auto ago = [this](auto t) {
            return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now_ - t).count());
        };
        if (n.what == message_kind::gap_began) text += " " + ago(n.from) + " ms ago";
        if (n.what == message_kind::gap) text += " " + ago(n.from) + " to " + ago(n.to) + " ms ago";
        return n.text.empty() ? text : text + ": " + n.text;
    }

    lines did_;
    lines told_;
};

using lines = std::vector<std::string>;

}  // namespace

TEST_F(subscribing, channel_of_a_shard_is_subscribed_at_the_primary_of_its_slot) {
    const auto name = channel_of(true);
    const auto id = want(channel_kind::shard, name);
    EXPECT_EQ(done(), lines{"open h:2"});
    ready(2);
    EXPECT_EQ(done(), lines{"ssubscribe " + name + " at h:2"});
    EXPECT_FALSE(s_.takes(id, node(2)));
    EXPECT_TRUE(push(2, true, channel_kind::shard, name));
    EXPECT_EQ(told(), lines{"subscribed " + name});
    EXPECT_TRUE(s_.takes(id, node(2)));
    EXPECT_FALSE(s_.takes(id, node(1)));
    EXPECT_EQ(pong(2), verdict::over);
    EXPECT_EQ(done(), lines{});
}

TEST_F(subscribing, channels_and_patterns_share_one_link_to_the_node_of_the_first) {
    live(2, channel_kind::channel, channel_of(true));
    const auto other = channel_of(false);
    want(channel_kind::channel, other);
    want(channel_kind::pattern, "p*");
    EXPECT_EQ(done(), (lines{"subscribe " + other + " at h:2", "psubscribe p* at h:2"}));
    EXPECT_EQ(s_.home(), node(2));
}

TEST_F(subscribing, one_command_holds_one_slot) {
    live(2, channel_kind::shard, channel_of(true));
    const auto a = s_.want(channel_kind::shard, "{" + channel_of(true, 1) + "}a", scope::one);
    const auto b = s_.want(channel_kind::shard, "{" + channel_of(true, 1) + "}b", scope::one);
    const auto c = s_.want(channel_kind::shard, "{" + channel_of(true, 2) + "}c", scope::one);
    settle();
    const auto said = done();
    ASSERT_EQ(said.size(), 2U);
    EXPECT_FALSE(contains(said, "ssubscribe " + s_.name(a) + " " + s_.name(b) + " at h:2").empty());
    EXPECT_FALSE(contains(said, "ssubscribe " + s_.name(c) + " at h:2").empty());
}

TEST_F(subscribing, what_two_want_is_subscribed_once_and_until_neither_does) {
    const auto name = channel_of(true);
    const auto id = live(2, channel_kind::channel, name);
    EXPECT_EQ(want(channel_kind::channel, name), id);
    EXPECT_EQ(done(), lines{});
    unwant(id);
    EXPECT_EQ(done(), lines{});
    EXPECT_TRUE(s_.takes(id, node(2)));
    unwant(id);
    EXPECT_EQ(done(), lines{"unsubscribe " + name + " at h:2"});
    EXPECT_FALSE(s_.takes(id, node(2)));
    EXPECT_TRUE(push(2, false, channel_kind::channel, name));
    EXPECT_EQ(told(), lines{});
    pong(2);
    EXPECT_EQ(told(), lines{"unsubscribed " + name});
    EXPECT_EQ(s_.find(channel_kind::channel, name), subscriptions::no_item);
}

TEST_F(subscribing, link_without_use_is_closed_after_a_while) {
    const auto id = live(2, channel_kind::channel, channel_of(true));
    unwant(id);
    push(2, false, channel_kind::channel, channel_of(true));
    pong(2);
    done();
    pass(900ms);
    EXPECT_EQ(done(), lines{});
    pass(200ms);
    EXPECT_EQ(done(), lines{"close h:2"});
    EXPECT_EQ(s_.due(), std::nullopt);
}

TEST_F(subscribing, what_is_wanted_again_while_it_ends_is_subscribed_anew) {
    const auto name = channel_of(true);
    const auto id = live(2, channel_kind::shard, name);
    unwant(id);
    done();
    want(channel_kind::shard, name);
    EXPECT_EQ(done(), lines{});
    push(2, false, channel_kind::shard, name);
    EXPECT_EQ(done(), lines{});
    pong(2);
    EXPECT_EQ(done(), lines{"ssubscribe " + name + " at h:2"});
    EXPECT_TRUE(push(2, true, channel_kind::shard, name));
    EXPECT_EQ(told(), lines{"subscribed " + name});
}

TEST_F(subscribing, what_is_given_up_before_it_is_confirmed_is_ended_when_it_is) {
    const auto name = channel_of(true);
    const auto id = want(channel_kind::shard, name);
    ready(2);
    unwant(id);
    done();
    EXPECT_TRUE(push(2, true, channel_kind::shard, name));
    EXPECT_FALSE(s_.takes(id, node(2)));
    EXPECT_EQ(done(), lines{"unssubscribe " + name + " at h:2"});
    EXPECT_EQ(told(), lines{});
}

TEST_F(subscribing, ended_connection_is_made_again_at_once_and_the_gap_is_told) {
    const auto name = channel_of(true);
    live(2, channel_kind::shard, name);
    lost(2, true);
    EXPECT_EQ(told(), lines{"gap_began " + name + " 0 ms ago"});
    EXPECT_EQ(done(), lines{"open h:2"});
    now_ += 5ms;
    ready(2);
    EXPECT_EQ(done(), lines{"ssubscribe " + name + " at h:2"});
    EXPECT_EQ(told(), lines{});
    EXPECT_TRUE(push(2, true, channel_kind::shard, name));
    EXPECT_EQ(told(), lines{"gap " + name + " 5 to 0 ms ago"});
}

TEST_F(subscribing, gap_began_a_second_before_the_last_question_that_was_answered) {
    const auto name = channel_of(true);
    live(2, channel_kind::shard, name);
    now_ += 10s;
    s_.pinged(node(2), now_);
    now_ += 200ms;
    EXPECT_EQ(pong(2), verdict::over);
    now_ += 300ms;
    s_.pinged(node(2), now_);
    now_ += 100ms;
    lost(2, false);
    EXPECT_EQ(told(), lines{"gap_began " + name + " 1600 ms ago"});
    EXPECT_EQ(done(), (lines{"suspect h:2", "refresh"}));
    ASSERT_TRUE(s_.due());
    EXPECT_LE(*s_.due() - now_, 250ms);
    now_ = *s_.due();
    settle();
    EXPECT_EQ(done(), lines{"open h:2"});
}

TEST_F(subscribing, node_out_of_reach_is_tried_with_pauses_at_random_that_grow) {
    want(channel_kind::shard, channel_of(true));
    done();
    subscriptions::duration last = 10ms;
    subscriptions::duration longest{};
    for (int i = 0; i < 50; ++i) {
        lost(2, false);
        EXPECT_TRUE(contains(done(), "open h:2").empty());
        const auto pause = *s_.due() - now_;
        EXPECT_GE(pause, 10ms);
        EXPECT_LE(pause, std::min<subscriptions::duration>(3 * last, 250ms));
        last = pause;
        longest = std::max(longest, pause);
        now_ = *s_.due();
        settle();
        EXPECT_FALSE(contains(done(), "open h:2").empty());
    }
    EXPECT_GT(longest, 200ms);
}

TEST_F(subscribing, channels_without_a_slot_move_on_when_their_node_is_silent) {
    const auto name = channel_of(true);
    live(2, channel_kind::channel, name);
    now_ += 10ms;
    lost(2, false);
    EXPECT_EQ(done(), (lines{"suspect h:2", "open h:1", "refresh"}));
    ready(1);
    EXPECT_EQ(done(), lines{"subscribe " + name + " at h:1"});
    confirm(1, channel_kind::channel, name);
    EXPECT_EQ(told(), (lines{"gap_began " + name + " 10 ms ago", "gap " + name + " 10 to 0 ms ago"}));
    // And stay there.
    ready(2);
    EXPECT_EQ(done(), lines{});
}

TEST_F(subscribing, channels_without_a_slot_try_every_node_in_turn_when_none_answers) {
    want(channel_kind::channel, channel_of(true));
    std::vector<std::string> tried = done();
    for (int i = 0; i < 12; ++i) {
        const auto at = s_.home();
        s_.link_lost(at, false, now_);
        settle();
        for (bool opened = false; !opened;) {
            for (const auto& line : done()) {
                opened = opened || line.starts_with("open");
                tried.push_back(line);
            }
            if (opened) break;
            ASSERT_TRUE(s_.due());
            now_ = *s_.due();
            settle();
        }
    }
    for (const char* node : {"open h:1", "open h:2", "open h:3"}) EXPECT_FALSE(contains(tried, node).empty()) << node;
}

TEST_F(subscribing, moved_leads_straight_to_the_owner) {
    const auto name = channel_of(true);
    want(channel_kind::shard, name);
    ready(2);
    done();
    const auto slot = std::to_string(key_slot(name));
    EXPECT_EQ(reply(2, "MOVED " + slot + " h:1"), verdict::refused);
    EXPECT_EQ(done(), (lines{"open h:1", "refresh h:1"}));
    EXPECT_EQ(pong(2), verdict::over);
    ready(1);
    EXPECT_EQ(done(), lines{"ssubscribe " + name + " at h:1"});
    EXPECT_EQ(told(), lines{});
}

TEST_F(subscribing, node_that_ends_a_subscription_says_itself_where_the_slot_is) {
    const auto name = channel_of(true);
    live(2, channel_kind::shard, name);
    EXPECT_TRUE(push(2, false, channel_kind::shard, name));
    EXPECT_EQ(told(), lines{"gap_began " + name + " 0 ms ago"});
    EXPECT_EQ(done(), (lines{"ssubscribe " + name + " at h:2", "refresh h:2"}));
    reply(2, "MOVED " + std::to_string(key_slot(name)) + " h:1");
    EXPECT_EQ(done(), (lines{"open h:1", "refresh h:1"}));
    pong(2);
    ready(1);
    confirm(1, channel_kind::shard, name);
    EXPECT_EQ(told(), lines{"gap " + name + " 0 to 0 ms ago"});
}

TEST_F(subscribing, slot_may_have_moved_a_while_before_that_is_told) {
    const auto name = channel_of(true);
    live(2, channel_kind::shard, name);
    now_ += 300ms;
    push(2, false, channel_kind::shard, name);
    EXPECT_EQ(told(), lines{"gap_began " + name + " 300 ms ago"}) << "but not before it was confirmed";
    now_ += 10ms;
    confirm(2, channel_kind::shard, name);
    EXPECT_EQ(told(), lines{"gap " + name + " 310 to 0 ms ago"});
    now_ += 10s;
    s_.pinged(node(2), now_);
    EXPECT_EQ(pong(2), verdict::over);
    now_ += 50ms;
    push(2, false, channel_kind::shard, name);
    EXPECT_EQ(told(), lines{"gap_began " + name + " 1050 ms ago"});
}

TEST_F(subscribing, nodes_that_disagree_are_given_time) {
    const auto name = channel_of(true);
    const auto slot = std::to_string(key_slot(name));
    want(channel_kind::shard, name);
    ready(2);
    ready(1);
    int asked = 0;
    for (std::uint16_t at = 2; !contains(done(), "ssubscribe " + name + " at h:" + std::to_string(at)).empty();) {
        ASSERT_LT(asked++, 10);
        const auto other = static_cast<std::uint16_t>(3 - at);
        reply(at, "MOVED " + slot + " h:" + std::to_string(other));
        pong(at);
        at = other;
    }
    EXPECT_EQ(asked, 5);
    EXPECT_LE(*s_.due() - now_, 30ms);
}

TEST_F(subscribing, new_topology_moves_subscriptions_and_takes_nothing_from_the_old_node) {
    const auto name = channel_of(true);
    const auto id = live(2, channel_kind::shard, name);
    live(1, channel_kind::shard, channel_of(false));
    routes_.adopt(map(1, 2, {3}, slot_count - 1), routes_.tick());
    s_.topology_changed();
    settle();
    EXPECT_EQ(done(), (lines{"ssubscribe " + name + " at h:1", "unssubscribe " + name + " at h:2"}));
    EXPECT_EQ(told(), lines{"gap_began " + name + " 0 ms ago"});
    EXPECT_FALSE(s_.takes(id, node(2)));
    confirm(1, channel_kind::shard, name);
    EXPECT_TRUE(s_.takes(id, node(1)));
    EXPECT_EQ(told(), lines{"gap " + name + " 0 to 0 ms ago"});
    // The old node says that the slot has moved, and then refuses to end what it has ended.
    EXPECT_TRUE(push(2, false, channel_kind::shard, name));
    EXPECT_EQ(reply(2, "MOVED " + std::to_string(key_slot(name)) + " h:1"), verdict::refused);
    EXPECT_EQ(pong(2), verdict::over);
    EXPECT_EQ(told(), lines{});
    EXPECT_TRUE(s_.live(id));
}

TEST_F(subscribing, farewell_after_the_confirmation_is_news_though_its_ping_is_unanswered) {
    const auto name = channel_of(true);
    const auto id = want(channel_kind::shard, name);
    ready(2);
    EXPECT_TRUE(push(2, true, channel_kind::shard, name));
    EXPECT_TRUE(push(2, false, channel_kind::shard, name));
    EXPECT_FALSE(s_.live(id));
    EXPECT_EQ(told(), (lines{"subscribed " + name, "gap_began " + name + " 0 ms ago"}));
}

TEST_F(subscribing, stale_farewell_says_nothing_of_the_subscription_that_is_on_its_way) {
    const auto name = channel_of(true);
    const auto id = live(2, channel_kind::shard, name);
    EXPECT_TRUE(push(2, false, channel_kind::shard, name));
    EXPECT_TRUE(push(2, false, channel_kind::shard, name));
    EXPECT_TRUE(push(2, true, channel_kind::shard, name));
    EXPECT_TRUE(s_.live(id));
}

TEST_F(subscribing, refusal_is_told_once_and_tried_again) {
    const auto id = want(channel_kind::channel, channel_of(true));
    ready(2);
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(reply(2, "NOPERM No permissions to access a channel"), verdict::refused);
        EXPECT_EQ(pong(2), verdict::over);
        ASSERT_TRUE(s_.due());
        EXPECT_LE(*s_.due() - now_, 1000ms);
        done();
        now_ = *s_.due();
        settle();
        EXPECT_EQ(done(), lines{"subscribe " + s_.name(id) + " at h:2"});
    }
    EXPECT_EQ(told(), lines{"refused " + s_.name(id) + ": NOPERM No permissions to access a channel"});
    EXPECT_TRUE(push(2, true, channel_kind::channel, s_.name(id)));
    EXPECT_EQ(told(), lines{"subscribed " + s_.name(id)});
}

TEST_F(subscribing, one_forbidden_channel_does_not_take_others_with_it) {
    live(2, channel_kind::channel, channel_of(true));
    s_.want(channel_kind::channel, "good", scope::one);
    s_.want(channel_kind::channel, "evil", scope::one);
    settle();
    EXPECT_EQ(done(), lines{"subscribe good evil at h:2"});
    reply(2, "NOPERM x");
    EXPECT_EQ(done(), (lines{"subscribe good at h:2", "subscribe evil at h:2"}));
    EXPECT_EQ(pong(2), verdict::over);
    EXPECT_TRUE(push(2, true, channel_kind::channel, "good"));
    EXPECT_EQ(pong(2), verdict::over);
    EXPECT_EQ(reply(2, "NOPERM x"), verdict::refused);
    EXPECT_EQ(pong(2), verdict::over);
    EXPECT_EQ(told(), (lines{"subscribed good", "refused evil: NOPERM x"}));
}

TEST_F(subscribing, passing_troubles_are_not_told) {
    const auto name = channel_of(true);
    want(channel_kind::shard, name);
    ready(2);
    done();
    for (const char* trouble : {"CLUSTERDOWN The cluster is down", "LOADING x", "MASTERDOWN x"}) {
        EXPECT_EQ(reply(2, trouble), verdict::refused);
        EXPECT_EQ(pong(2), verdict::over);
        ASSERT_TRUE(s_.due());
        EXPECT_LE(*s_.due() - now_, 250ms);
        done();
        now_ = *s_.due();
        settle();
        EXPECT_EQ(done(), lines{"ssubscribe " + name + " at h:2"}) << trouble;
    }
    EXPECT_EQ(told(), lines{});
}

TEST_F(subscribing, slot_without_an_owner_is_asked_about_until_there_is_one) {
    routes_.adopt(shard_map{{{.primary = {.address = {"h", 1}}, .slots = {{0, half - 1}}}}}, routes_.tick());
    const auto name = channel_of(true);
    want(channel_kind::shard, name);
    EXPECT_EQ(done(), lines{"refresh"});
    ASSERT_TRUE(s_.due());
    now_ = *s_.due();
    settle();
    EXPECT_EQ(done(), lines{"refresh"});
    routes_.adopt(map(1, 2, {}), routes_.tick());
    s_.topology_changed();
    pass(250ms);
    EXPECT_EQ(done(), lines{"open h:2"});
}

TEST_F(subscribing, everywhere_is_every_primary_and_follows_them) {
    const auto id = want(channel_kind::pattern, "__keyevent@*", scope::everywhere);
    EXPECT_EQ(done(), (lines{"open h:1", "open h:2"}));
    ready(1);
    confirm(1, channel_kind::pattern, "__keyevent@*");
    EXPECT_EQ(told(), lines{});
    ready(2);
    confirm(2, channel_kind::pattern, "__keyevent@*");
    EXPECT_EQ(told(), lines{"subscribed __keyevent@*"});
    EXPECT_TRUE(s_.takes(id, node(1)) && s_.takes(id, node(2)));
    done();
    // The replica takes over from the first.
    routes_.adopt(map(3, 2, {1}), routes_.tick());
    s_.topology_changed();
    settle();
    EXPECT_EQ(told(), lines{"gap_began __keyevent@* 0 ms ago"});
    EXPECT_EQ(done(), (lines{"open h:3", "unpsubscribe __keyevent@* at h:1"}));
    ready(3);
    confirm(3, channel_kind::pattern, "__keyevent@*");
    EXPECT_EQ(told(), lines{"gap __keyevent@* 0 to 0 ms ago"});
    EXPECT_TRUE(s_.takes(id, node(2)) && s_.takes(id, node(3)));
    EXPECT_FALSE(s_.takes(id, node(1)));
}

TEST_F(subscribing, one_server_serves_every_slot_and_sends_nobody_elsewhere) {
    s_.set_one_server(true);
    const auto name = channel_of(true);
    want(channel_kind::shard, name);
    ready(2);
    reply(2, "MOVED 1 h:1");
    EXPECT_EQ(told(), lines{"refused " + name + ": MOVED 1 h:1"});
}

TEST_F(subscribing, channels_of_one_shard_follow_its_primary_which_alone_hears_of_all) {
    s_.set_one_server(true);
    const auto of = [](std::uint16_t primary, std::uint16_t replica) {
        return shard_map{
            {{.primary = {.address = {"h", primary}}, .replicas = {{{"h", replica}}}, .slots = {{0, slot_count - 1}}}}};
    };
    routes_.adopt(of(1, 2), routes_.tick());
    live(1, channel_kind::channel, "news");
    routes_.adopt(of(2, 1), routes_.tick());
    s_.topology_changed();
    settle();
    EXPECT_EQ(done(), (lines{"open h:2", "unsubscribe news at h:1"}));
    ready(2);
    confirm(2, channel_kind::channel, "news");
    // Nor is a replica a refuge from a primary that is silent.
    done();
    lost(2, false);
    EXPECT_TRUE(contains(done(), "open h:1").empty());
    EXPECT_EQ(s_.home(), node(2));
}

TEST_F(subscribing, words_that_fit_nothing_break_the_link) {
    const auto name = channel_of(true);
    live(2, channel_kind::channel, name);
    EXPECT_FALSE(push(2, true, channel_kind::channel, name)) << "confirmed twice";
    EXPECT_FALSE(push(2, true, channel_kind::channel, "unheard of"));
    EXPECT_EQ(pong(2), verdict::broken);
    want(channel_kind::channel, "other");
    EXPECT_EQ(pong(2), verdict::broken) << "neither confirmed nor refused";
}

TEST_F(subscribing, ping_may_be_refused_without_harm) {
    live(2, channel_kind::channel, channel_of(true));
    s_.pinged(node(2), now_);
    EXPECT_EQ(reply(2, "LOADING x"), verdict::over);
    s_.pinged(node(2), now_);
    EXPECT_EQ(pong(2), verdict::over);
    EXPECT_EQ(told(), lines{});
}

}  // namespace valkeyxx::routing
