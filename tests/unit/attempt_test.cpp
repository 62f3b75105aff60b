// What the world says, what an attempt answers: stories as values. No socket, no clock, no waiting.
#include "routing/attempt.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace valkeyxx::routing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t slot = 866;

// The slot is served by a:1, whose replica is a:11; slots from 8000 on by b:2.
shard_map two_shards() {
    return shard_map{{{.primary = {"1", {"a", 1}}, .replicas = {{"11", {"a", 11}}}, .slots = {{0, 7999}}},
                      {.primary = {"2", {"b", 2}}, .replicas = {}, .slots = {{8000, 16000}}}}};
}

struct attempt_test : testing::Test {
    router routes{1};
    retry_policy policy;
    const subject read{.route = key_route::slot, .slot = slot, .repeatable = true};
    const subject write{.route = key_route::slot, .slot = slot, .repeatable = false};
    const subject keyless{.route = key_route::any, .slot = 0, .repeatable = false};

    void SetUp() override {
        routes.adopt(two_shards(), routes.tick());
        routes.set_default_node(node({"a", 1}));
    }

    node_id node(const endpoint& at) { return routes.intern(at); }
    subject pinned_to(const endpoint& at, bool repeatable) {
        return {.route = key_route::any, .slot = 0, .repeatable = repeatable, .pinned = node(at)};
    }
    std::string primary(std::uint16_t of) {
        const node_id id = routes.primary(of);
        return id == no_node ? "nobody" : routes.at(id).text();
    }

    step tell(attempt& a, std::string_view event) {
        if (event == "start") return a.start(routes, policy);
        if (event == "timer") return a.on_timer(routes, policy);
        if (event == "lost unsent") return a.on_lost(false, routes, policy);
        if (event == "shut out") return a.on_shut_out(routes, policy);
        if (event == "lost sent") return a.on_lost(true, routes, policy);
        return a.on_error(event, routes, policy);
    }
    // "send a:1", "send b:2 asking", "wait", "finish lost"; "refresh" is added if the topology is wanted.
    std::string words(const step& s) const {
        constexpr std::string_view hows[] = {"reply",     "refused",    "too_many_redirects", "lost",    "nowhere",
                                             "exhausted", "cross_slot", "of_a_cluster",       "shut_out"};
        std::string text;
        switch (s.act) {
            case action::send:
                text = "send " + routes.at(s.node).text() + (s.asking ? " asking" : "") + (s.reading ? " reading" : "");
                break;
            case action::wait:
                EXPECT_GT(s.delay, duration{0});
                text = "wait";
                break;
            case action::finish:
                text = "finish " + std::string{hows[static_cast<std::size_t>(s.how)]};
                break;
        }
        EXPECT_TRUE(s.act == action::send || s.node == no_node);
        EXPECT_TRUE(s.act == action::wait || s.delay == duration{0});
        return text + (s.refresh ? " refresh" : "");
    }
    // What the last event is answered with, after "start" and the others.
    std::string play(const subject& s, const std::vector<std::string_view>& events) {
        attempt a{s};
        std::string last = words(a.start(routes, policy));
        for (const auto event : events) last = words(tell(a, event));
        return last;
    }
};

TEST_F(attempt_test, goes_to_the_primary_of_its_slot) {
    EXPECT_EQ(play(read, {}), "send a:1");
    EXPECT_EQ(play({.route = key_route::slot, .slot = 8000}, {}), "send b:2");
}

TEST_F(attempt_test, whose_node_refuses_the_credentials_is_over_unless_another_one_has_its_slot_by_then) {
    for (const subject& s : {read, write, pinned_to({"b", 2}, true)}) {
        EXPECT_EQ(play(s, {"shut out"}), "finish shut_out");
    }
    attempt a{write};
    EXPECT_EQ(words(a.start(routes, policy)), "send a:1");
    routes.moved(slot, node({"b", 2}));
    EXPECT_EQ(words(tell(a, "shut out")), "wait");
    EXPECT_EQ(words(tell(a, "timer")), "send b:2");
    EXPECT_EQ(words(tell(a, "shut out")), "finish shut_out");
    EXPECT_FALSE(a.may_have_run());
}

TEST_F(attempt_test, without_keys_is_tried_at_each_node_that_may_let_it_in_once) {
    attempt a{keyless};
    EXPECT_EQ(words(a.start(routes, policy)), "send a:1");
    EXPECT_EQ(words(tell(a, "shut out")), "wait");
    EXPECT_EQ(words(tell(a, "timer")), "send b:2");
    EXPECT_EQ(words(tell(a, "shut out")), "finish shut_out");
}

TEST_F(attempt_test, does_not_wait_for_a_node_that_is_gone_where_another_one_refuses_the_credentials) {
    attempt a{keyless};
    EXPECT_EQ(words(a.start(routes, policy)), "send a:1");
    EXPECT_EQ(words(tell(a, "shut out")), "wait");
    EXPECT_TRUE(a.was_shut_out());
    EXPECT_EQ(words(tell(a, "timer")), "send b:2");
    EXPECT_EQ(words(tell(a, "lost unsent")), "finish shut_out refresh");
    // Of those who only are not there one may come back.
    EXPECT_EQ(play(keyless, {"lost unsent", "timer", "lost unsent", "timer", "lost unsent"}), "wait refresh");
}

TEST_F(attempt_test, reads_of_a_replica_that_refuses_the_credentials_are_had_elsewhere) {
    routes.adopt(shard_map{{{.primary = {"1", {"a", 1}}, .replicas = {{"3", {"c", 3}}}, .slots = {{0, 16383}}}}},
                 routes.tick());
    policy.reads = read_from::prefer_replica;
    subject s = read;
    s.reads = true;
    attempt a{s};
    EXPECT_EQ(words(a.start(routes, policy)), "send c:3 reading");
    EXPECT_EQ(words(tell(a, "shut out")), "send a:1");
    EXPECT_EQ(words(tell(a, "shut out")), "finish shut_out");
}

TEST_F(attempt_test, without_keys_goes_to_the_default_node) {
    EXPECT_EQ(play(keyless, {}), "send a:1");
    EXPECT_EQ(play(keyless, {}), "send a:1");
    routes.set_default_node(node({"b", 2}));
    EXPECT_EQ(play(keyless, {}), "send b:2");
}

TEST_F(attempt_test, to_a_shard_follows_its_failover_and_ends_when_the_shard_is_gone) {
    attempt a{{.route = key_route::any, .shard = node({"a", 1})}};
    EXPECT_EQ(words(a.start(routes, policy)), "send a:1");
    EXPECT_EQ(words(tell(a, "lost unsent")), "wait refresh");
    routes.moved(slot, node({"a", 11}));
    EXPECT_EQ(words(tell(a, "timer")), "send a:11");
    EXPECT_EQ(words(tell(a, "READONLY x")), "wait refresh");
    EXPECT_EQ(words(tell(a, "MOVED 9000 b:2")), "finish refused refresh") << "its keys are not what it goes by";
    const shard_info other{.primary = {"2", {"b", 2}}, .replicas = {}, .slots = {{8000, 16000}}};
    routes.adopt(shard_map{{{.primary = {"11", {"a", 11}}, .replicas = {}, .slots = {{0, 7999}}}, other}},
                 routes.tick());
    EXPECT_EQ(words(tell(a, "timer")), "send a:11") << "the node it was meant for has left the topology";
    routes.adopt(shard_map{{{.primary = {"2", {"b", 2}}, .replicas = {}, .slots = {{0, 16000}}}}}, routes.tick());
    EXPECT_EQ(words(tell(a, "timer")), "finish nowhere") << "and not to the shard that has its slots now";
}

TEST_F(attempt_test, reads_go_to_the_next_node_of_the_shard_at_once_when_a_replica_cannot_answer) {
    policy.reads = read_from::prefer_replica;
    const subject spread{.route = key_route::slot, .slot = slot, .repeatable = true, .reads = true};
    for (const auto event : {"lost unsent", "lost sent", "LOADING x", "MASTERDOWN x", "CLUSTERDOWN x"}) {
        routes.set_health(node({"a", 11}), health::well);
        EXPECT_EQ(play(spread, {}), "send a:11 reading") << event;
        EXPECT_EQ(play(spread, {event}), "send a:1") << event;
        EXPECT_EQ(play(spread, {}), "send a:1") << "it is not asked again before it is well: " << event;
        EXPECT_EQ(play(spread, {"lost sent"}), "wait refresh") << event;
    }
}

TEST_F(attempt_test, replica_that_sends_a_read_on_is_followed_like_anybody) {
    policy.reads = read_from::prefer_replica;
    const subject spread{.route = key_route::slot, .slot = slot, .repeatable = true, .reads = true};
    EXPECT_EQ(play(spread, {"MOVED 866 b:2"}), "send b:2 refresh");
    EXPECT_EQ(play(spread, {}), "send b:2");
    EXPECT_EQ(play(write, {}), "send b:2");
}

TEST_F(attempt_test, gives_up_after_as_many_retries_as_it_may_have) {
    policy.max_retries = 2;
    EXPECT_EQ(play(read, {"CLUSTERDOWN x", "timer", "lost sent"}), "wait refresh");
    EXPECT_EQ(play(read, {"CLUSTERDOWN x", "timer", "lost sent", "timer", "TRYAGAIN x"}), "finish exhausted");
}

TEST_F(attempt_test, unknown_script_is_sent_to_the_same_node_if_there_is_one) {
    subject script = write;
    EXPECT_EQ(play(script, {"NOSCRIPT x"}), "finish refused");
    script.has_script = true;
    EXPECT_EQ(play(script, {"NOSCRIPT x"}), "send a:1");
    EXPECT_EQ(play(script, {"MOVED 866 b:2", "NOSCRIPT x"}), "send b:2");
    SetUp();
    EXPECT_EQ(play(script, {"ASK 866 b:2", "NOSCRIPT x"}), "send b:2 asking");
    script.pinned = node({"b", 2});
    EXPECT_EQ(play(script, {"NOSCRIPT x"}), "send b:2");
    policy.max_retries = 0;
    EXPECT_EQ(play(script, {"NOSCRIPT x"}), "finish exhausted");
}

TEST_F(attempt_test, script_that_was_sent_itself_may_have_such_an_error_of_its_own) {
    subject script = write;
    script.has_script = true;
    EXPECT_EQ(play(script, {"NOSCRIPT x", "NOSCRIPT x"}), "finish reply");
    EXPECT_EQ(play(script, {"NOSCRIPT x", "lost unsent", "timer", "NOSCRIPT x"}), "send a:1");
    EXPECT_EQ(play(script, {"NOSCRIPT x", "MOVED 866 b:2", "NOSCRIPT x"}), "send b:2");
}

TEST_F(attempt_test, apart_from_others_goes_the_same_way) {
    subject apart = write;
    apart.apart = true;
    EXPECT_EQ(play(apart, {}), "send a:1");
    EXPECT_EQ(play(apart, {"MOVED 866 b:2"}), "send b:2 refresh");
    EXPECT_EQ(play(apart, {"UNBLOCKED x"}), "wait refresh");
}

TEST_F(attempt_test, with_keys_of_several_slots_ends_before_it_is_sent) {
    attempt a{{.route = key_route::cross_slot}};
    EXPECT_EQ(a.start(routes, policy), (step{.act = action::finish, .how = verdict::cross_slot}));
    EXPECT_EQ(a.sends(), 0);
}

TEST_F(attempt_test, waits_for_the_topology_while_nobody_is_known_to_serve_it) {
    const step patient{.act = action::wait, .refresh = true, .delay = policy.max_delay};
    attempt uncovered{{.route = key_route::slot, .slot = 16383}};
    EXPECT_EQ(uncovered.start(routes, policy), patient);
    EXPECT_EQ(uncovered.on_timer(routes, policy), patient);
    EXPECT_EQ(uncovered.at(), no_node);
    routes.moved(16383, node({"c", 3}));
    EXPECT_EQ(words(uncovered.on_timer(routes, policy)), "send c:3");
    EXPECT_EQ(uncovered.sends(), 1);

    router empty{1};
    attempt a{read};
    EXPECT_EQ(a.start(empty, policy), patient);
    attempt b{keyless};
    EXPECT_EQ(b.start(empty, policy), patient);
}

TEST_F(attempt_test, ordinary_errors_are_the_callers) {
    for (const auto error :
         {"ERR unknown command", "WRONGTYPE Operation against a key", "", "NOAUTH x", "CROSSSLOT x"}) {
        EXPECT_EQ(play(write, {error}), "finish reply") << error;
    }
}

// --- MOVED -----------------------------------------------------------------------------------------------------------

TEST_F(attempt_test, moved_is_followed_at_once_and_mends_the_map) {
    EXPECT_EQ(play(write, {"MOVED 866 b:2"}), "send b:2 refresh");
    EXPECT_EQ(primary(866), "b:2");
    EXPECT_EQ(primary(867), "a:1");
    EXPECT_EQ(play(write, {}), "send b:2");
}

TEST_F(attempt_test, moved_to_a_replica_takes_the_shard_along) {
    EXPECT_EQ(play(write, {"MOVED 866 a:11"}), "send a:11 refresh");
    EXPECT_EQ(primary(0), "a:11");
}

TEST_F(attempt_test, moved_to_a_node_never_heard_of_is_followed) {
    EXPECT_EQ(play(write, {"MOVED 866 ::1:7001"}), "send [::1]:7001 refresh");
}

TEST_F(attempt_test, moved_without_host_stays_with_the_host_that_answered) {
    EXPECT_EQ(play(write, {"MOVED 866 :9"}), "send a:9 refresh");
    EXPECT_EQ(play(write, {"MOVED 866 b:2", "MOVED 866 :5"}), "send b:5 refresh");
}

TEST_F(attempt_test, moved_of_a_guessed_key_names_the_slot_from_then_on) {
    // A module's command whose first argument is no key, or one that seemed to have none.
    attempt a{keyless};
    a.start(routes, policy);
    EXPECT_EQ(words(a.on_error("MOVED 9000 b:2", routes, policy)), "send b:2") << "which is no news of the topology";
    EXPECT_EQ(a.slot(), 9000);
    EXPECT_EQ(primary(866), "a:1");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(words(a.on_error("TRYAGAIN x", routes, policy)), "wait");
        EXPECT_EQ(words(a.on_timer(routes, policy)), "send b:2");
    }

    attempt wrong{write};
    wrong.start(routes, policy);
    EXPECT_EQ(words(wrong.on_error("MOVED 9001 c:3", routes, policy)), "send c:3 refresh");
    EXPECT_EQ(primary(9001), "c:3");
    EXPECT_EQ(primary(866), "a:1");
}

TEST_F(attempt_test, moved_to_the_node_that_says_so_is_given_time) {
    EXPECT_EQ(play(write, {"MOVED 866 a:1"}), "wait refresh");
    EXPECT_EQ(play(write, {"MOVED 866 :1"}), "wait refresh");
    EXPECT_EQ(play(write, {"MOVED 866 a:1", "timer"}), "send a:1");
    EXPECT_EQ(play(write, {"MOVED 866 b:2", "MOVED 866 b:2"}), "wait refresh");
    EXPECT_EQ(primary(866), "b:2");
}

TEST_F(attempt_test, moved_that_leads_nowhere_waits_for_a_topology_and_changes_nothing) {
    const auto before = routes.snapshot();
    const auto time = routes.tick();
    for (const auto error : {"MOVED", "MOVED 866", "MOVED 866 ", "MOVED 866 ?:1", "MOVED 866 a:0", "MOVED 99999 b:2",
                             "MOVED x b:2", "MOVED 866 a", "ASK", "ASK 866", "ASK 866 ?:1", "ASK 16384 b:2"}) {
        EXPECT_EQ(play(write, {error}), "wait refresh") << error;
        EXPECT_EQ(play(write, {error, "timer"}), "send a:1") << error;
    }
    EXPECT_EQ(routes.snapshot(), before);
    EXPECT_EQ(routes.tick(), time);
}

// --- ASK -------------------------------------------------------------------------------------------------------------

TEST_F(attempt_test, ask_is_followed_this_once_and_leaves_the_map_alone) {
    const auto time = routes.tick();
    EXPECT_EQ(play(write, {"ASK 866 b:2"}), "send b:2 asking");
    EXPECT_EQ(play(write, {"ASK 866 :9"}), "send a:9 asking");
    EXPECT_EQ(play(write, {"ASK 866 a:11"}), "send a:11 asking");
    EXPECT_EQ(routes.tick(), time);
    EXPECT_EQ(routes.snapshot(), two_shards());
    EXPECT_EQ(play(write, {}), "send a:1");
}

TEST_F(attempt_test, ask_to_the_node_that_says_so_is_obeyed) {
    EXPECT_EQ(play(write, {"ASK 866 a:1"}), "send a:1 asking");
}

TEST_F(attempt_test, ask_is_forgotten_with_the_next_try) {
    EXPECT_EQ(play(write, {"ASK 866 b:2", "TRYAGAIN x"}), "wait");
    EXPECT_EQ(play(write, {"ASK 866 b:2", "TRYAGAIN x", "timer"}), "send a:1");
    EXPECT_EQ(play(read, {"ASK 866 b:2", "lost sent", "timer"}), "send a:1");
    EXPECT_EQ(play(write, {"ASK 866 b:2", "MOVED 866 c:3"}), "send c:3 refresh");
}

// --- the redirect budget ---------------------------------------------------------------------------------------------

TEST_F(attempt_test, a_few_redirects_are_followed_at_once_and_more_after_a_wait) {
    EXPECT_EQ(play(write, {"MOVED 866 b:2", "ASK 866 c:3", "MOVED 866 d:4", "MOVED 866 a:1"}), "send a:1 refresh");
    const std::vector<std::string_view> five{"MOVED 866 b:2", "ASK 866 c:3", "MOVED 866 d:4", "MOVED 866 a:1",
                                             "MOVED 866 b:2"};
    EXPECT_EQ(play(write, five), "wait refresh");
    EXPECT_EQ(primary(866), "b:2");  // what it said counts all the same
    auto six = five;
    six.push_back("timer");
    EXPECT_EQ(play(write, six), "send b:2");
}

TEST_F(attempt_test, nodes_that_send_it_round_and_round_end_it_after_max_redirects) {
    for (const auto& error : {std::array{"MOVED 866 b:2", "MOVED 866 a:1"},
                              {"ASK 866 b:2", "ASK 866 a:1"},
                              {"MOVED 866 a:1", "MOVED 866 a:1"},
                              {"MOVED", "ASK 866 b:2"}}) {
        routes.adopt(two_shards(), routes.tick());
        attempt a{write};
        step s = a.start(routes, policy);
        int redirects = 0;
        while (s.act != action::finish) {
            ASSERT_LE(redirects, 16);
            s = s.act == action::wait ? a.on_timer(routes, policy)
                                      : a.on_error(error[static_cast<std::size_t>(redirects++ % 2)], routes, policy);
        }
        EXPECT_EQ(words(s), "finish too_many_redirects refresh");
        EXPECT_EQ(redirects, 17);
        EXPECT_EQ(a.sends(), 17);
    }
}

TEST_F(attempt_test, the_redirect_budget_is_the_policys) {
    policy.max_redirects = 0;
    EXPECT_EQ(play(write, {"MOVED 866 b:2"}), "finish too_many_redirects refresh");
    EXPECT_EQ(primary(866), "a:1");
    policy.max_redirects = 2;
    EXPECT_EQ(play(write, {"ASK 866 b:2", "MOVED 866 c:3"}), "send c:3 refresh");
    EXPECT_EQ(play(write, {"ASK 866 b:2", "MOVED 866 d:4", "ASK 866 a:1"}), "finish too_many_redirects refresh");
}

TEST_F(attempt_test, of_a_single_server_does_not_follow_redirects) {
    policy.one_server = true;
    for (const auto* redirect : {"MOVED 866 b:2", "ASK 866 b:2", "MOVED x"}) {
        EXPECT_EQ(play(write, {redirect}), "finish of_a_cluster") << redirect;
        EXPECT_EQ(play(pinned_to({"a", 1}, true), {redirect}), "finish of_a_cluster") << redirect;
    }
    EXPECT_EQ(primary(866), "a:1");
    EXPECT_EQ(play(write, {"LOADING x"}), "wait");
    EXPECT_EQ(play(write, {"ERR x"}), "finish reply");
}

TEST_F(attempt_test, a_long_migration_does_not_use_the_budget_up) {
    // Keys of one command on both sides: asked for at the new node, which cannot serve it yet, again and again.
    for (const auto rejection :
         {"TRYAGAIN x", "LOADING x", "CLUSTERDOWN x", "MASTERDOWN x", "READONLY x", "lost unsent"}) {
        attempt a{write};
        a.start(routes, policy);
        for (int i = 0; i < 100; ++i) {
            ASSERT_EQ(words(tell(a, "ASK 866 b:2")), "send b:2 asking") << rejection << ' ' << i;
            ASSERT_EQ(tell(a, rejection).act, action::wait);
            ASSERT_EQ(words(tell(a, "timer")), "send a:1");
        }
    }
}

// --- rejections ------------------------------------------------------------------------------------------------------

TEST_F(attempt_test, rejections_are_waited_out_whether_repeatable_or_not) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"TRYAGAIN Multiple keys request during rehashing of slot", "wait"},
        {"LOADING The server is loading the dataset in memory", "wait"},
        {"CLUSTERDOWN The cluster is down", "wait refresh"},
        {"MASTERDOWN Link with MASTER is down", "wait refresh"},
        {"READONLY You can't write against a read only replica.", "wait refresh"},
    };
    for (const auto& [error, answer] : cases) {
        for (const subject& s : {read, write}) {
            EXPECT_EQ(play(s, {error}), answer);
            EXPECT_EQ(play(s, {error, "timer"}), "send a:1");
        }
    }
}

TEST_F(attempt_test, after_a_wait_it_goes_where_the_map_then_says) {
    attempt a{write};
    a.start(routes, policy);
    a.on_error("CLUSTERDOWN x", routes, policy);
    routes.adopt(shard_map{{{.primary = {"3", {"c", 3}}, .replicas = {}, .slots = {{0, 16383}}}}}, routes.tick());
    EXPECT_EQ(words(a.on_timer(routes, policy)), "send c:3");
}

TEST_F(attempt_test, waits_are_at_most_three_times_the_last_the_first_three_times_the_first_delay) {
    std::set<duration> seen;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        router other{seed};
        other.adopt(two_shards(), 0);
        attempt a{write};
        a.start(other, policy);
        duration last{};
        for (int i = 0; i < 12; ++i) {
            const auto delay = a.on_error("TRYAGAIN x", other, policy).delay;
            ASSERT_GE(delay, policy.first_delay);
            ASSERT_LE(delay, policy.max_delay);
            ASSERT_LE(delay, (i == 0 ? policy.first_delay : last) * 3);
            seen.insert(delay);
            last = delay;
            a.on_timer(other, policy);
        }
    }
    EXPECT_GT(seen.size(), 3000U);  // jitter: hardly any two alike
    EXPECT_GT(*seen.rbegin(), policy.max_delay * 9 / 10);
}

TEST_F(attempt_test, a_wait_never_exceeds_the_longest) {
    policy = {.first_delay = 10ms, .max_delay = 10ms};
    for (int i = 0; i < 3; ++i) {
        attempt a{write};
        a.start(routes, policy);
        EXPECT_EQ(a.on_error("TRYAGAIN x", routes, policy).delay, 10ms);
        EXPECT_EQ(a.on_error("TRYAGAIN x", routes, policy).delay, 10ms);
    }
}

// --- lost connections ------------------------------------------------------------------------------------------------

TEST_F(attempt_test, lost_before_it_was_sent_is_tried_again_whatever_it_is) {
    EXPECT_EQ(play(write, {"lost unsent"}), "wait refresh");
    EXPECT_EQ(play(write, {"lost unsent", "timer"}), "send a:1");
    EXPECT_EQ(play(read, {"lost unsent"}), "wait refresh");
    EXPECT_EQ(play(keyless, {"lost unsent"}), "wait refresh");
}

TEST_F(attempt_test, lost_after_it_was_sent_is_tried_again_only_if_repeatable) {
    EXPECT_EQ(play(read, {"lost sent"}), "wait refresh");
    EXPECT_EQ(play(read, {"lost sent", "timer"}), "send a:1");
    EXPECT_EQ(play(write, {"lost sent"}), "finish lost");
    EXPECT_EQ(play(keyless, {"lost sent"}), "finish lost");
    EXPECT_EQ(play(write, {"MOVED 866 b:2", "lost sent"}), "finish lost");
    EXPECT_EQ(play(write, {"TRYAGAIN x", "timer", "lost sent"}), "finish lost");
}

TEST_F(attempt_test, remembers_that_an_earlier_try_may_have_run) {
    attempt a{read};
    a.start(routes, policy);
    tell(a, "lost unsent");
    EXPECT_FALSE(a.may_have_run());
    tell(a, "timer");
    tell(a, "lost sent");
    tell(a, "timer");
    tell(a, "CLUSTERDOWN x");
    EXPECT_TRUE(a.may_have_run());
    a.reset(read);
    EXPECT_FALSE(a.may_have_run());
}

TEST_F(attempt_test, without_keys_tries_another_primary_after_a_loss) {
    EXPECT_EQ(play(keyless, {"lost unsent", "timer"}), "send b:2");
}

// --- pinned ----------------------------------------------------------------------------------------------------------

TEST_F(attempt_test, pinned_goes_to_its_node_and_leaves_every_error_to_the_caller) {
    const subject pinned = pinned_to({"b", 2}, true);
    EXPECT_EQ(play(pinned, {}), "send b:2");
    for (const auto error : {"MOVED 866 a:1", "ASK 866 a:1", "TRYAGAIN x", "CLUSTERDOWN x", "LOADING x", "MASTERDOWN x",
                             "READONLY x", "MOVED"}) {
        EXPECT_EQ(play(pinned, {error}), "finish refused") << error;
    }
    EXPECT_EQ(play(pinned, {"ERR x"}), "finish reply");
    EXPECT_EQ(routes.snapshot(), two_shards());
}

TEST_F(attempt_test, pinned_is_not_tried_again_after_a_loss) {
    for (const bool repeatable : {false, true}) {
        EXPECT_EQ(play(pinned_to({"b", 2}, repeatable), {"lost unsent"}), "finish nowhere");
        EXPECT_EQ(play(pinned_to({"b", 2}, repeatable), {"lost sent"}), "finish lost");
    }
}

TEST_F(attempt_test, pinned_outweighs_its_keys) {
    for (const auto route : {key_route::slot, key_route::cross_slot, key_route::any}) {
        EXPECT_EQ(play({.route = route, .slot = slot, .repeatable = true, .pinned = node({"b", 2})}, {}), "send b:2");
    }
}

TEST_F(attempt_test, tells_where_and_how_often_it_was_sent) {
    attempt a{write};
    EXPECT_EQ(a.sends(), 0);
    EXPECT_EQ(a.at(), no_node);
    a.start(routes, policy);
    EXPECT_EQ(a.sends(), 1);
    EXPECT_EQ(a.at(), node({"a", 1}));
    a.on_error("ASK 866 b:2", routes, policy);
    EXPECT_EQ(a.sends(), 2);
    EXPECT_EQ(a.at(), node({"b", 2}));
    a.on_error("TRYAGAIN x", routes, policy);
    EXPECT_EQ(a.sends(), 2);
    EXPECT_EQ(a.slot(), slot);
}

}  // namespace
}  // namespace valkeyxx::routing
