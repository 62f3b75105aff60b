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

TEST_F(heartbeats, peer_that_speaks_is_asked_as_well) {
    for (int i = 0; i < 10; ++i) {
        const auto before = now_;
        h_.heard(h_.due() - 10ms);
        EXPECT_EQ(look_at_due(), finding::ask);
        EXPECT_EQ(now_ - before, 500ms);
    }
}

TEST_F(heartbeats, answer_begins_a_new_silence) {
    EXPECT_EQ(look_at_due(), finding::ask);
    const auto answered = now_ + 1ms;
    h_.heard(answered);
    EXPECT_EQ(look_at_due(), finding::ask);
    EXPECT_EQ(now_ - answered, 499ms);
    EXPECT_EQ(look_at_due(), finding::ask);
    EXPECT_EQ(look_at_due(), finding::gone);
    EXPECT_EQ(now_ - answered, 1000ms);
}

TEST_F(heartbeats, peer_is_not_blamed_for_a_program_that_slept) {
    EXPECT_EQ(look_at_due(10s), finding::well) << "what has come is read first";
    EXPECT_EQ(look_at_due(), finding::ask);
    EXPECT_EQ(look_at_due(10s), finding::well);
    h_.heard(now_ + 1ms);
    EXPECT_NE(look_at_due(10s), finding::gone);
}

TEST_F(heartbeats, silence_ends_also_where_looks_are_always_late) {
    EXPECT_EQ(look_at_due(300ms), finding::well);
    EXPECT_EQ(look_at_due(300ms), finding::well);
    EXPECT_EQ(look_at_due(300ms), finding::gone);
}

TEST_F(heartbeats, silence_says_nothing_while_nobody_reads) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(look_at_due(0ms, false), finding::well);
}

}  // namespace valkeyxx::sessions
