// When a peer that says nothing is asked, and when it is given up.
#include "session/heartbeat.hpp"

#include <gtest/gtest.h>

namespace valkeyxx::sessions {
namespace {

using namespace std::chrono_literals;
using finding = heartbeat::finding;

class heartbeats : public ::testing::Test {
  protected:
    heartbeats() { h_.begin(now_); }
    finding look_at_due(std::chrono::milliseconds late = 0ms, bool listening = true) {
        now_ = h_.due() + late;
        return h_.look(now_, listening);
    }

    void heard(heartbeat::time_point at, bool drained = true) { h_.heard(at, at, drained); }

    heartbeat h_{1000ms};
    heartbeat::time_point now_{1h};
};

}  // namespace

TEST_F(heartbeats, silent_peer_is_asked_once_and_given_up_after_its_time) {
    const auto begun = now_;
    EXPECT_EQ(look_at_due(), finding::ask);
    EXPECT_EQ(now_ - begun, 500ms);
    EXPECT_EQ(look_at_due(), finding::gone);
    EXPECT_EQ(now_ - begun, 1000ms);
    EXPECT_EQ(h_.last_heard(), begun);
}

TEST_F(heartbeats, peer_that_speaks_is_not_asked) {
    for (int i = 0; i < 10; ++i) {
        heard(h_.due() - 10ms);
        EXPECT_EQ(look_at_due(), finding::well);
    }
}

TEST_F(heartbeats, answer_begins_a_new_silence) {
    EXPECT_EQ(look_at_due(), finding::ask);
    const auto answered = now_ + 1ms;
    heard(answered);
    EXPECT_EQ(look_at_due(), finding::well);
    EXPECT_EQ(look_at_due(), finding::ask);
    EXPECT_EQ(now_ - answered, 500ms);
}

TEST_F(heartbeats, peer_is_not_blamed_for_a_program_that_slept) {
    EXPECT_EQ(look_at_due(10s), finding::ask);
    EXPECT_EQ(look_at_due(10s), finding::well);
    heard(now_ + 1ms);
    EXPECT_NE(look_at_due(10s), finding::gone);
}

TEST_F(heartbeats, silence_ends_also_where_looks_are_always_late) {
    EXPECT_EQ(look_at_due(300ms), finding::ask);
    EXPECT_EQ(look_at_due(300ms), finding::well);
    EXPECT_EQ(look_at_due(300ms), finding::gone);
}

TEST_F(heartbeats, silence_says_nothing_while_nobody_reads) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(look_at_due(0ms, false), finding::well);
}

TEST_F(heartbeats, nothing_was_missed_until_a_second_before_it_was_heard) {
    for (int i = 0; i < 20; ++i) heard(now_ += 100ms);
    EXPECT_EQ(now_ - h_.sure_until(), 1000ms);
}

TEST_F(heartbeats, what_waited_may_be_the_last_of_a_peer_that_is_gone) {
    heard(now_ += 5s);
    const auto slept = now_;
    // All of this may have come while the program slept, and the end as well.
    heard(now_ += 60s, false);
    EXPECT_EQ(h_.sure_until(), slept);
    heard(now_ += 10ms, false);
    EXPECT_EQ(h_.sure_until(), slept);
    heard(now_ += 10ms);
    EXPECT_EQ(h_.sure_until(), slept);
    // Since then nothing has waited any more, so what comes now was sent later.
    const auto drained = now_;
    heard(now_ += 5s);
    EXPECT_EQ(h_.sure_until(), drained);
}

TEST_F(heartbeats, read_that_waited_for_long_before_something_came_is_counted_from_its_beginning) {
    const auto began = now_;
    h_.heard(now_ += 3s, began, true);
    h_.heard(now_ += 3s, began + 3s, true);
    EXPECT_EQ(h_.sure_until(), began);
    EXPECT_EQ(h_.last_heard(), now_);
}

}  // namespace valkeyxx::sessions
