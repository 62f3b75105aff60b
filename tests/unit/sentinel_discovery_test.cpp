// Whom a client of sentinels believes: their answers as they write them, and rounds with sentinels that are wrong,
// late, cut off or gone.
#include "topology/sentinel_discovery.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "support/wire.hpp"
#include "topology/sentinel_event.hpp"

namespace valkeyxx::topology {
namespace {

using namespace std::chrono_literals;
using testing::array;
using testing::bulk;
using testing::integer;
using testing::null;
using testing::reply_from;
using what = sentinel_discovery::what;
using role = sentinel_discovery::role;
using time_point = sentinel_discovery::time_point;

const endpoint a{"10.0.0.1", 6379};
const endpoint b{"10.0.0.2", 6379};
const endpoint c{"10.0.0.3", 6379};
const endpoint foo{"foo", 26379};
const endpoint bar{"bar", 26379};
const endpoint baz{"baz", 26379};

// --- answers ---------------------------------------------------------------------------------------------------------

std::string flat(std::initializer_list<std::pair<std::string, std::string>> fields, char kind) {
    std::string all = kind + std::to_string(kind == '%' ? fields.size() : fields.size() * 2) + "\r\n";
    for (const auto& [name, content] : fields) all += bulk(name) + bulk(content);
    return all;
}

sentinel_report read(sentinel_question q, const std::string& wire) {
    sentinel_report into;
    const auto done = read_answer(q, reply_from(wire), into);
    EXPECT_TRUE(done) << done.error().message();
    return into;
}

bool readable(sentinel_question q, const std::string& wire) {
    sentinel_report into;
    return read_answer(q, reply_from(wire), into).has_value();
}

TEST(sentinel_reply, is_read_the_same_in_both_protocols) {
    for (const char kind : {'*', '%'}) {
        const auto state = read(sentinel_question::state, flat({{"name", "mymaster"},
                                                                {"ip", "127.0.0.1"},
                                                                {"port", "22003"},
                                                                {"runid", "cafe"},
                                                                {"flags", "s_down,master,o_down,failover_in_progress"},
                                                                {"link-pending-commands", "0"},
                                                                {"last-ok-ping-reply", "80"},
                                                                {"down-after-milliseconds", "1000"},
                                                                {"config-epoch", "7"},
                                                                {"num-slaves", "2"},
                                                                {"num-other-sentinels", "2"},
                                                                {"quorum", "2"}},
                                                               kind))
                               .state;
        EXPECT_EQ(state.name, "mymaster");
        EXPECT_EQ(state.address.text(), "127.0.0.1:22003");
        EXPECT_EQ(state.id, "cafe");
        EXPECT_TRUE(state.flags.primary && state.flags.s_down && state.flags.o_down && state.flags.failover);
        EXPECT_FALSE(state.flags.replica || state.flags.disconnected);
        EXPECT_EQ(state.epoch, 7U);
        EXPECT_EQ(state.replicas, 2);
        EXPECT_EQ(state.other_sentinels, 2);
        EXPECT_EQ(state.quorum, 2);
        EXPECT_EQ(state.down_after, 1000ms);
        EXPECT_EQ(state.last_answer, 80ms);

        const auto replicas = read(sentinel_question::replicas, array({flat({{"ip", "::1"},
                                                                             {"port", "22004"},
                                                                             {"flags", "slave,disconnected"},
                                                                             {"master-link-status", "ok"},
                                                                             {"master-host", "127.0.0.1"},
                                                                             {"master-port", "22003"},
                                                                             {"slave-priority", "0"},
                                                                             {"slave-repl-offset", "99"},
                                                                             {"replica-announced", "0"}},
                                                                            kind)}))
                                  .replicas;
        ASSERT_EQ(replicas.size(), 1U);
        EXPECT_EQ(replicas[0].address.text(), "[::1]:22004");
        EXPECT_TRUE(replicas[0].linked && replicas[0].flags.replica && replicas[0].flags.disconnected);
        EXPECT_EQ(replicas[0].primary.text(), "127.0.0.1:22003");
        EXPECT_EQ(replicas[0].priority, 0);
        EXPECT_EQ(replicas[0].offset, 99);
        EXPECT_FALSE(replicas[0].announced);

        const auto peers =
            read(sentinel_question::peers, array({flat({{"ip", "s2"}, {"port", "26379"}, {"runid", "beef"}}, kind)}))
                .peers;
        ASSERT_EQ(peers.size(), 1U);
        EXPECT_EQ(peers[0].address.text(), "s2:26379");
        EXPECT_EQ(peers[0].id, "beef");
    }
    EXPECT_EQ(read(sentinel_question::address, array({bulk("10.0.0.1"), bulk("6379")})).primary, a);
    EXPECT_EQ(read(sentinel_question::address, "*-1\r\n").primary, std::nullopt);
    EXPECT_EQ(read(sentinel_question::address, "_\r\n").primary, std::nullopt);
    EXPECT_EQ(read(sentinel_question::myid, bulk("feed")).id, "feed");
}

TEST(sentinel_reply, that_makes_no_sense_is_refused) {
    EXPECT_FALSE(readable(sentinel_question::address, array({bulk("10.0.0.1")})));
    EXPECT_FALSE(readable(sentinel_question::address, array({bulk("10.0.0.1"), bulk("65536")})));
    EXPECT_FALSE(readable(sentinel_question::address, array({bulk("10.0.0.1"), bulk("0")})));
    EXPECT_FALSE(readable(sentinel_question::address, array({bulk(""), bulk("6379")})));
    EXPECT_FALSE(readable(sentinel_question::address, array({bulk(std::string(256, 'x')), bulk("6379")})));
    EXPECT_FALSE(readable(sentinel_question::address, integer(1)));
    EXPECT_FALSE(readable(sentinel_question::state, array({bulk("ip")})));
    EXPECT_FALSE(readable(sentinel_question::state, flat({{"config-epoch", "many"}}, '*')));
    EXPECT_FALSE(readable(sentinel_question::state, null()));
    EXPECT_FALSE(readable(sentinel_question::replicas, flat({{"ip", "x"}}, '*')));
    // What cannot be an address is left out, the rest is good.
    const auto report =
        read(sentinel_question::peers,
             array({flat({{"ip", "s2"}, {"port", "0"}}, '*'), flat({{"ip", "s3"}, {"port", "26379"}}, '*')}));
    ASSERT_EQ(report.peers.size(), 1U);
    EXPECT_EQ(report.peers[0].address.host, "s3");
}

TEST(sentinel_reply, questions_are_commands_of_sentinels) {
    EXPECT_EQ(request_for(sentinel_question::state, "x").bytes(), testing::request({"SENTINEL", "MASTER", "x"}));
    EXPECT_EQ(request_for(sentinel_question::replicas, "x").bytes(), testing::request({"SENTINEL", "REPLICAS", "x"}));
    EXPECT_EQ(request_for(sentinel_question::peers, "x").bytes(), testing::request({"SENTINEL", "SENTINELS", "x"}));
    EXPECT_EQ(request_for(sentinel_question::address, "x").bytes(),
              testing::request({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "x"}));
    EXPECT_EQ(request_for(sentinel_question::myid, "x").bytes(), testing::request({"SENTINEL", "MYID"}));
    EXPECT_TRUE(request_for(sentinel_question::myid, "x").facts().repeatable);
    EXPECT_FALSE(commands::sentinel_failover("x").encoded().facts().repeatable);
}

// --- announcements ---------------------------------------------------------------------------------------------------

sentinel_event event(const std::string& channel, const std::string& text) {
    const value push = reply_from(">3\r\n" + bulk("message") + bulk(channel) + bulk(text));
    return read_sentinel_event(push, "mymaster");
}

TEST(sentinel_event, names_the_new_primary_of_a_failover) {
    using kind = enum sentinel_event::kind;
    EXPECT_EQ(event("+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379"),
              (sentinel_event{.kind = kind::switched, .primary = b}));
    EXPECT_EQ(event("+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379"),
              (sentinel_event{.kind = kind::switched, .primary = b}));
    EXPECT_EQ(event("+config-update-from", "sentinel abc 10.0.0.9 26379 @ mymaster 10.0.0.1 6379").kind,
              kind::switched);
    EXPECT_EQ(event("+sdown", "master mymaster 10.0.0.1 6379").kind, kind::changed);
    EXPECT_EQ(event("-sdown", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379").kind, kind::changed);
    EXPECT_EQ(event("+switch-master", "mymaster ::1 6379 ::1 6380").primary, (endpoint{"::1", 6380}));
}

TEST(sentinel_event, of_another_service_or_that_makes_no_sense_says_nothing) {
    EXPECT_EQ(event("+switch-master", "other 10.0.0.1 6379 10.0.0.2 6379"), sentinel_event{});
    EXPECT_EQ(event("+slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ other 10.0.0.1 6379"), sentinel_event{});
    EXPECT_EQ(event("+sdown", "master other 10.0.0.1 6379"), sentinel_event{});
    EXPECT_EQ(event("+sdown", "slave mymaster"), sentinel_event{});
    EXPECT_EQ(event("+sdown", "slave x @"), sentinel_event{});
    EXPECT_EQ(event("+switch-master", ""), sentinel_event{});
    EXPECT_EQ(event("+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2").primary, std::nullopt);
    EXPECT_EQ(event("+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 x").primary, std::nullopt);
    EXPECT_EQ(event("+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 99999").primary, std::nullopt);
    EXPECT_EQ(read_sentinel_event(reply_from(">2\r\n" + bulk("message") + bulk("+sdown")), "mymaster"),
              sentinel_event{});
    EXPECT_EQ(read_sentinel_event(reply_from(">3\r\n" + bulk("subscribe") + bulk("+sdown") + integer(1)), "mymaster"),
              sentinel_event{});
}

// --- rounds ----------------------------------------------------------------------------------------------------------

// What a sentinel says that watches 10.0.0.1 with two others; changed by the test.
sentinel_report report_of(const endpoint& primary, std::uint64_t epoch, const std::vector<endpoint>& others = {},
                          const std::string& id = {}) {
    sentinel_report r{.id = id, .primary = primary};
    r.state.address = primary;
    r.state.epoch = epoch;
    r.state.flags.primary = true;
    r.state.other_sentinels = static_cast<std::int64_t>(others.size());
    for (const endpoint& at : others) r.peers.push_back({.address = at});
    return r;
}

commands::sentinel_replica replica_at(const endpoint& at, bool linked = true) {
    commands::sentinel_replica r{.address = at};
    r.flags.replica = true;
    r.linked = linked;
    return r;
}

class discovery : public ::testing::Test {
  protected:
    static std::vector<endpoint> seats(const sentinel_discovery& d) {
        std::vector<endpoint> all;
        for (const auto& seat : d.roster().seats()) all.push_back(seat.at);
        return all;
    }
    // A round in which all three say this.
    void settle(const endpoint& primary, std::uint64_t epoch) {
        three.begin(now);
        three.answered(foo, report_of(primary, epoch, {bar, baz}), now);
        three.answered(bar, report_of(primary, epoch, {foo, baz}), now);
        three.answered(baz, report_of(primary, epoch, {foo, bar}), now);
        three.role_told(primary, role::primary);
        ASSERT_EQ(three.next(now).what, what::adopt);
    }

    time_point now{1h};
    sentinel_discovery one{{foo}, {}};
    sentinel_discovery two{{foo, bar}, {}};
    sentinel_discovery three{{foo, bar, baz}, {}};
};

TEST_F(discovery, of_one_sentinel_is_what_it_says_once_the_role_is_verified) {
    EXPECT_EQ(one.begin(now), std::vector{foo});
    EXPECT_EQ(one.next(now).what, what::wait);
    one.answered(foo, report_of(a, 0), now);
    EXPECT_EQ(one.next(now), (sentinel_discovery::step{.what = what::verify, .node = a}));
    one.role_told(a, role::primary);
    EXPECT_EQ(one.next(now).what, what::adopt);
    EXPECT_EQ(one.found()->primary, a);
    EXPECT_EQ(one.next(now).what, what::nothing);

    one.begin(now);
    one.answered(foo, report_of(a, 0), now);
    EXPECT_EQ(one.next(now).what, what::keep) << "nothing new is not verified again";
}

TEST_F(discovery, gives_up_on_a_service_that_nobody_watches) {
    two.begin(now);
    auto unknown = report_of(a, 0);
    unknown.primary.reset();
    two.answered(foo, unknown, now);
    two.failed(bar, "-ERR No such master with that name");
    EXPECT_EQ(two.next(now).what, what::give_up);
    EXPECT_FALSE(two.may_pass());
    EXPECT_NE(two.problems().find("foo:26379: it does not watch the service"), std::string::npos) << two.problems();
    EXPECT_NE(two.problems().find("bar:26379: -ERR No such"), std::string::npos) << two.problems();
}

TEST_F(discovery, sentinel_that_answers_comes_first_next_time) {
    two.begin(now);
    two.failed(foo, "refused");
    two.answered(bar, report_of(a, 0), now);
    two.role_told(a, role::primary);
    EXPECT_EQ(two.next(now).what, what::adopt);
    EXPECT_EQ(two.begin(now), (std::vector{bar, foo}));
}

TEST_F(discovery, gives_up_if_no_sentinel_answers_and_says_why) {
    two.begin(now);
    two.failed(foo, "timed out");
    EXPECT_EQ(two.next(now).what, what::wait);
    two.failed(bar, "refused");
    EXPECT_EQ(two.next(now).what, what::give_up);
    EXPECT_EQ(two.problems(), "foo:26379: timed out; bar:26379: refused");
    EXPECT_FALSE(two.may_pass());
}

TEST_F(discovery, state_of_the_primary_must_be_good) {
    for (const auto spoil : {+[](commands::sentinel_primary& s) { s.flags.s_down = true; },
                             +[](commands::sentinel_primary& s) { s.flags.o_down = true; },
                             +[](commands::sentinel_primary& s) { s.flags.primary = false; }}) {
        one.begin(now);
        auto r = report_of(a, 0);
        spoil(r.state);
        one.answered(foo, r, now);
        EXPECT_EQ(one.next(now).what, what::give_up);
        EXPECT_TRUE(one.may_pass()) << "it may be well again, or replaced, soon";
    }
}

TEST_F(discovery, sentinel_must_know_enough_others) {
    sentinel_discovery strict{{foo}, {.min_other_sentinels = 1}};
    strict.begin(now);
    strict.answered(foo, report_of(a, 0), now);
    EXPECT_EQ(strict.next(now).what, what::give_up);
    EXPECT_NE(strict.problems().find("0 other sentinels"), std::string::npos) << strict.problems();
    strict.begin(now);
    strict.answered(foo, report_of(a, 0, {bar, baz}), now);
    EXPECT_EQ(strict.next(now).what, what::verify);
}

TEST_F(discovery, replicas_are_those_that_are_up_and_announced) {
    auto r = report_of(a, 0);
    r.replicas = {replica_at(c), replica_at(b, false)};
    const auto found_with = [&](const sentinel_report& report) {
        one.begin(now);
        one.answered(foo, report, now);
        one.role_told(a, role::primary);
        one.next(now);
        std::vector<endpoint> all;
        for (const auto& found : one.found()->replicas) all.push_back(found.at);
        return all;
    };
    EXPECT_EQ(found_with(report_of(a, 0)), std::vector<endpoint>{});
    EXPECT_EQ(found_with(r), (std::vector{b, c}));
    EXPECT_FALSE(one.found()->replicas[0].linked);
    EXPECT_TRUE(one.found()->replicas[1].linked);
    r.replicas[0].flags.o_down = true;
    EXPECT_EQ(found_with(r), std::vector{b});
    r.replicas[1].flags.s_down = true;
    EXPECT_EQ(found_with(r), std::vector<endpoint>{});
    r.replicas = {replica_at(b), replica_at(a)};
    EXPECT_EQ(found_with(r), std::vector{b}) << "the primary is no replica of itself";
    r.replicas[0].announced = false;
    EXPECT_EQ(found_with(r), std::vector<endpoint>{});
}

TEST_F(discovery, replica_that_most_find_up_is_one) {
    three.begin(now);
    auto sees = report_of(a, 0, {bar, baz});
    sees.replicas = {replica_at(b)};
    auto finds_down = sees;
    finds_down.replicas[0].flags.s_down = true;
    three.answered(foo, finds_down, now);
    three.answered(bar, sees, now);
    three.answered(baz, sees, now);
    three.role_told(a, role::primary);
    EXPECT_EQ(three.next(now).what, what::adopt);
    EXPECT_EQ(three.found()->replicas.size(), 1U);
}

TEST_F(discovery, majority_that_agrees_need_not_wait_for_the_rest) {
    three.begin(now);
    three.answered(foo, report_of(a, 3, {bar, baz}), now);
    EXPECT_EQ(three.next(now).what, what::wait);
    three.answered(baz, report_of(a, 3, {foo, bar}), now);
    EXPECT_EQ(three.next(now).what, what::verify);
}

TEST_F(discovery, minority_waits_for_the_rest_and_not_for_ever) {
    three.begin(now);
    three.answered(foo, report_of(a, 3, {bar, baz}), now);
    const auto s = three.next(now);
    EXPECT_EQ(s.what, what::wait);
    EXPECT_EQ(s.until, now + 250ms);
    EXPECT_EQ(three.next(now + 249ms).what, what::wait);
    EXPECT_EQ(three.next(now + 250ms).what, what::verify);
}

TEST_F(discovery, majority_counts_sentinels_that_are_only_heard_of) {
    one.begin(now);
    EXPECT_EQ(one.next(now).what, what::wait);
    two.begin(now);
    two.answered(foo, report_of(a, 3, {bar, baz, endpoint{"s4", 1}, endpoint{"s5", 1}}), now);
    EXPECT_EQ(two.next(now).what, what::wait) << "one of five";
}

TEST_F(discovery, newest_epoch_wins_against_a_stale_sentinel_whoever_answers_first) {
    for (const bool stale_first : {true, false}) {
        sentinel_discovery d{{foo, bar, baz}, {}};
        d.begin(now);
        if (stale_first) d.answered(foo, report_of(a, 3, {bar, baz}), now);
        d.answered(bar, report_of(b, 4, {foo, baz}), now);
        if (!stale_first) d.answered(foo, report_of(a, 3, {bar, baz}), now);
        d.answered(baz, report_of(b, 4, {foo, bar}), now);
        EXPECT_EQ(d.next(now).node, b);
        d.role_told(b, role::primary);
        EXPECT_EQ(d.next(now).what, what::adopt);
        EXPECT_EQ(d.found()->primary, b);
    }
}

TEST_F(discovery, news_of_a_failover_is_believed_from_one_sentinel_at_once) {
    settle(a, 3);
    three.begin(now);
    three.answered(bar, report_of(b, 4, {foo, baz}), now);
    EXPECT_EQ(three.next(now).node, b);
    three.role_told(b, role::primary);
    EXPECT_EQ(three.next(now).what, what::adopt);
    EXPECT_EQ(three.found()->epoch, 4U);
}

TEST_F(discovery, promoted_replica_is_found_before_its_sentinel_has_switched) {
    settle(a, 3);
    three.begin(now);
    auto promoting = report_of(a, 4, {foo, baz});
    promoting.state.flags.s_down = promoting.state.flags.o_down = promoting.state.flags.failover = true;
    promoting.primary = b;
    three.answered(bar, promoting, now);
    EXPECT_EQ(three.next(now).node, b);
}

TEST_F(discovery, claim_that_is_not_verified_leaves_what_most_say) {
    settle(a, 3);
    three.begin(now);
    three.answered(foo, report_of(a, 3, {bar, baz}), now);
    three.answered(bar, report_of(b, 9, {foo, baz}), now);
    three.answered(baz, report_of(a, 3, {foo, bar}), now);
    EXPECT_EQ(three.next(now).node, b);
    three.role_told(b, role::unreachable);
    EXPECT_EQ(three.next(now).what, what::keep);
    EXPECT_EQ(three.found()->primary, a);
}

TEST_F(discovery, claim_that_is_not_verified_leaves_no_stale_one) {
    sentinel_discovery d{{foo, bar, baz}, {}};
    d.begin(now);
    d.answered(foo, report_of(a, 3, {bar, baz}), now);
    d.answered(bar, report_of(b, 4, {foo, baz}), now);
    d.failed(baz, "refused");
    EXPECT_EQ(d.next(now).node, b);
    d.role_told(b, role::replica);
    EXPECT_EQ(d.next(now).what, what::give_up);
    EXPECT_TRUE(d.may_pass());
    EXPECT_NE(d.problems().find("says that it is a replica"), std::string::npos) << d.problems();
    EXPECT_NE(d.problems().find("there are newer ones"), std::string::npos) << d.problems();
}

TEST_F(discovery, node_that_may_not_be_asked_is_believed) {
    one.begin(now);
    one.answered(foo, report_of(a, 0), now);
    one.role_told(a, role::not_told);
    EXPECT_EQ(one.next(now).what, what::adopt);
}

TEST_F(discovery, older_epoch_is_not_gone_back_to) {
    settle(b, 4);
    three.begin(now);
    three.answered(foo, report_of(a, 3, {bar, baz}), now);
    three.failed(bar, "cut off");
    three.failed(baz, "cut off");
    EXPECT_EQ(three.next(now).what, what::give_up);
    EXPECT_EQ(three.found()->primary, b);
    // Not even if most say so, for the moment that it takes them to learn of the failover.
    three.begin(now);
    three.answered(foo, report_of(a, 3, {bar, baz}), now);
    three.answered(bar, report_of(a, 3, {foo, baz}), now);
    three.failed(baz, "cut off");
    EXPECT_EQ(three.next(now).what, what::give_up);
}

TEST_F(discovery, majority_that_insists_on_an_older_epoch_was_set_up_anew) {
    settle(b, 4);
    for (const auto after : {0s, 3s, 5s}) {
        three.begin(now + after);
        three.answered(foo, report_of(a, 0, {bar, baz}), now + after);
        three.answered(bar, report_of(a, 0, {foo, baz}), now + after);
        three.failed(baz, "down");
        const auto s = three.next(now + after);
        EXPECT_EQ(s.what, after < 5s ? what::give_up : what::verify) << after.count();
    }
    three.role_told(a, role::primary);
    EXPECT_EQ(three.next(now + 5s).what, what::adopt);
    EXPECT_EQ(three.found()->primary, a);
}

TEST_F(discovery, same_epoch_with_another_address_takes_a_majority) {
    settle(a, 0);
    three.begin(now);
    three.answered(foo, report_of(b, 0, {bar, baz}), now);
    three.failed(bar, "down");
    three.failed(baz, "down");
    EXPECT_EQ(three.next(now).what, what::give_up);
    three.begin(now);
    three.answered(foo, report_of(b, 0, {bar, baz}), now);
    three.answered(bar, report_of(b, 0, {bar, baz}), now);
    EXPECT_EQ(three.next(now).node, b);
}

TEST_F(discovery, late_answer_with_a_newer_epoch_asks_for_another_round) {
    three.begin(now);
    three.answered(foo, report_of(a, 3, {bar, baz}), now);
    three.answered(bar, report_of(a, 3, {foo, baz}), now);
    three.role_told(a, role::primary);
    EXPECT_EQ(three.next(now).what, what::adopt);
    EXPECT_TRUE(three.answered(baz, report_of(b, 4, {foo, bar}), now));
    EXPECT_FALSE(three.answered(baz, report_of(a, 3, {foo, bar}), now));
}

TEST_F(discovery, other_sentinels_are_learned_and_forgotten_and_seeds_are_not) {
    one.begin(now);
    one.answered(foo, report_of(a, 0, {bar, baz}), now);
    one.role_told(a, role::primary);
    one.next(now);
    EXPECT_EQ(seats(one), (std::vector{foo, bar, baz}));
    one.begin(now);
    one.failed(foo, "down");
    one.failed(baz, "down");
    one.answered(bar, report_of(a, 0, {foo}), now);
    EXPECT_EQ(one.next(now).what, what::keep);
    EXPECT_EQ(seats(one), (std::vector{bar, foo})) << "nobody names baz, and it does not answer";
    one.begin(now);
    one.failed(foo, "down");
    one.answered(bar, report_of(a, 0, {}), now);
    EXPECT_EQ(one.next(now).what, what::keep);
    EXPECT_EQ(seats(one), (std::vector{bar, foo})) << "the user named foo";
}

TEST_F(discovery, more_sentinels_than_anybody_has_are_made_up) {
    std::vector<endpoint> many;
    for (int i = 1; i < 1000; ++i) many.push_back({"liar", static_cast<std::uint16_t>(i)});
    one.begin(now);
    one.answered(foo, report_of(a, 0, many), now);
    one.role_told(a, role::primary);
    EXPECT_EQ(one.next(now).what, what::adopt);
    EXPECT_EQ(one.roster().seats().size(), sentinel_roster::most);
}

TEST_F(discovery, sentinel_with_two_names_has_one_vote) {
    const endpoint number{"10.1.1.1", 26379};
    one.begin(now);
    auto r = report_of(a, 0, {bar}, "foo-id");
    one.answered(foo, r, now);
    one.role_told(a, role::primary);
    EXPECT_EQ(one.next(now).what, what::adopt);
    // bar calls foo by its number: the same sentinel, as its id tells.
    one.begin(now);
    one.answered(foo, r, now);
    auto of_bar = report_of(a, 0, {}, "bar-id");
    of_bar.peers.push_back({.address = number, .id = "foo-id"});
    one.answered(bar, of_bar, now);
    EXPECT_EQ(one.next(now).what, what::keep);
    EXPECT_EQ(seats(one), (std::vector{foo, bar}));

    sentinel_roster roster{{foo}};
    roster.learn({{.address = number}});
    roster.identify(number, "foo-id");
    roster.identify(foo, "foo-id");
    ASSERT_EQ(roster.seats().size(), 1U);
    EXPECT_EQ(roster.seats()[0].at, foo);
    roster.learn({{.address = number}});
    roster.identify(number, "foo-id");
    ASSERT_EQ(roster.seats().size(), 1U) << "the user's name is kept, whoever tells first";
    EXPECT_EQ(roster.seats()[0].at, foo);
}

TEST(sentinel_roster, follows_a_sentinel_that_has_moved) {
    sentinel_roster roster{{foo}};
    roster.learn({{.address = bar, .id = "x"}});
    roster.learn({{.address = baz, .id = "x"}});
    ASSERT_EQ(roster.seats().size(), 2U);
    EXPECT_EQ(roster.seats()[1].at, baz);
}

// --- many rounds -----------------------------------------------------------------------------------------------------

// Sentinels that fail over, are cut off, come back, and learn of each other's failovers late; servers that die, and old
// primaries that wake up and still think that they are one.
class world {
  public:
    explicit world(std::uint64_t seed) : random{seed} {
        const auto count = 1 + 2 * random.below(3);
        for (std::uint64_t i = 0; i < count; ++i) sentinels.push_back({"s" + std::to_string(i), 26379});
        for (const endpoint& s : sentinels) knows[s] = {servers[0], 0};
        roles[servers[0]] = role::primary;
    }

    struct knowledge {
        endpoint primary;
        std::uint64_t epoch = 0;
    };

    bool chance(std::uint64_t percent) { return random.below(100) < percent; }
    const endpoint& any_sentinel() { return sentinels[random.below(sentinels.size())]; }

    void fail_over() {
        const endpoint old = truth.primary;
        do truth.primary = servers[random.below(servers.size())];
        while (truth.primary == old);
        ++truth.epoch;
        roles[old] = chance(40) ? role::primary : chance(50) ? role::replica : role::unreachable;
        roles[truth.primary] = chance(90) ? role::primary : role::replica;
        knows[any_sentinel()] = truth;
    }
    void something_happens() {
        if (chance(30)) fail_over();
        if (chance(60)) knows[any_sentinel()] = truth;
        if (chance(20)) cut_off.insert(any_sentinel());
        if (chance(30)) cut_off.erase(any_sentinel());
        if (chance(50)) roles[truth.primary] = role::primary;
    }
    // All hear of the last failover, everybody is there, and an old primary is turned into a replica.
    void calm() {
        is_calm = true;
        cut_off.clear();
        for (const endpoint& s : sentinels) knows[s] = truth;
        for (const endpoint& s : servers) roles[s] = s == truth.primary ? role::primary : role::replica;
    }
    sentinel_report report(const endpoint& by) {
        std::vector<endpoint> others;
        for (const endpoint& s : sentinels) {
            if (s != by) others.push_back(s);
        }
        auto r = report_of(knows[by].primary, knows[by].epoch, others, "id of " + by.host);
        r.state.flags.s_down = roles[r.state.address] == role::unreachable;
        return r;
    }

    base::random random;
    const std::vector<endpoint> servers{a, b, c};
    std::vector<endpoint> sentinels;
    knowledge truth{servers[0], 0};
    std::map<endpoint, knowledge> knows;
    std::map<endpoint, role> roles;
    std::set<endpoint> cut_off;
    bool is_calm = false;
};

// One round, whose answers come in any order and as late as it pleases. How it ended.
what play(world& w, sentinel_discovery& d, time_point& now) {
    auto open = d.begin(now);
    std::set<endpoint> told_replica;
    for (int steps = 0; steps < 1000; ++steps) {
        const auto s = d.next(now);
        switch (s.what) {
            case what::wait: {
                if (open.empty()) {
                    ADD_FAILURE() << "it waits, and nobody is asked any more";
                    return s.what;
                }
                if (s.until != time_point::max() && w.chance(20)) {
                    now = s.until;
                    break;
                }
                const auto at = open.begin() + static_cast<std::ptrdiff_t>(w.random.below(open.size()));
                const endpoint who = *at;
                open.erase(at);
                now += std::chrono::milliseconds{w.random.below(20)};
                if (w.cut_off.contains(who)) {
                    d.failed(who, "cut off");
                } else {
                    d.answered(who, w.report(who), now);
                }
                if (!w.is_calm && w.chance(10)) w.something_happens();
                break;
            }
            case what::verify:
                EXPECT_FALSE(told_replica.contains(s.node)) << "asked twice";
                if (w.roles[s.node] != role::primary) told_replica.insert(s.node);
                d.role_told(s.node, w.roles[s.node]);
                break;
            case what::adopt:
                EXPECT_FALSE(told_replica.contains(d.found()->primary));
                return s.what;
            default:
                return s.what;
        }
    }
    ADD_FAILURE() << "the round does not end";
    return what::nothing;
}

TEST(sentinel_simulation, never_goes_back_and_finds_the_primary_in_the_end) {
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        SCOPED_TRACE(seed);
        world w{seed};
        time_point now{1h};
        // The user names one of them, or all.
        sentinel_discovery d{w.chance(50) ? std::vector{w.any_sentinel()} : w.sentinels, {}};
        std::uint64_t newest = 0;
        for (int round = 0; round < 20; ++round) {
            play(w, d, now);
            if (d.found()) {
                EXPECT_GE(d.found()->epoch, newest);
                EXPECT_LE(d.found()->epoch, w.truth.epoch);
                newest = d.found()->epoch;
            }
            w.something_happens();
            now += 300ms;
        }
        // One round to learn of the sentinels that the user did not name, one to ask them.
        w.calm();
        play(w, d, now);
        play(w, d, now);
        ASSERT_TRUE(d.found());
        EXPECT_EQ(d.found()->primary.text(), w.truth.primary.text());
        EXPECT_EQ(d.found()->epoch, w.truth.epoch);
        EXPECT_EQ(d.roster().seats().size(), w.sentinels.size());
        if (::testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace valkeyxx::topology
