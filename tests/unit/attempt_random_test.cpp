// Whatever the world says, an attempt keeps its promises: it ends, it repeats nothing that may have run, it never
// spins.
#include "routing/attempt.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <string_view>

namespace valkeyxx::routing {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr int stories = 200'000;
constexpr duration deadline = 1s;  // what the engine grants a command; here virtual time

constexpr std::string_view redirects[] = {
    "MOVED 866 a:1"sv,  "MOVED 866 b:2"sv,   "MOVED 866 c:3"sv, "MOVED 9000 b:2"sv, "MOVED 866 :3"sv,
    "MOVED 866 a:11"sv, "MOVED 16383 d:4"sv, "MOVED"sv,         "MOVED 866 ?:1"sv,  "MOVED 99999 a:1"sv,
    "ASK 866 a:1"sv,    "ASK 866 b:2"sv,     "ASK 866 c:3"sv,   "ASK 866 :3"sv,     "ASK 9000 a:11"sv,
    "ASK 1"sv,          "ASK 866 d:0"sv,
};
constexpr std::string_view rejections[] = {"TRYAGAIN x"sv, "CLUSTERDOWN x"sv, "LOADING x"sv, "MASTERDOWN x"sv,
                                           "READONLY x"sv};
constexpr std::string_view ordinary[] = {"ERR x"sv, "WRONGTYPE x"sv, ""sv, "MOVEDX 866 a:1"sv, "\0\xFF"sv};

class world {
  public:
    explicit world(std::uint32_t seed) : random_{seed}, routes_{seed} {}

    // One command from its start to its end.
    void tell_story() {
        if (random_() % 500 == 0) routes_.adopt(map(), routes_.tick());
        subject_ = any_subject();
        policy_.max_redirects = random_() % 2 == 0 ? 16 : static_cast<int>(random_() % 8);
        attempt a{subject_};
        now_ = {};
        sends_ = in_a_row_ = 0;
        may_have_run_ = false;
        step s = a.start(routes_, policy_);
        for (;;) {
            check(a, s);
            if (testing::Test::HasFatalFailure() || s.act == action::finish) return;
            if (s.act == action::wait) {
                now_ += s.delay;
                if (now_ > deadline) return;  // the engine ends it
                if (random_() % 300 == 0) routes_.adopt(map(), routes_.tick());
                s = a.on_timer(routes_, policy_);
                continue;
            }
            const auto roll = random_() % 100;
            if (roll < 3) return;  // a reply
            s = roll < 10 ? lose(a) : answer(a, roll);
        }
    }

    [[nodiscard]] int longest_row() const { return longest_row_; }
    [[nodiscard]] int finished(verdict how) { return finished_[how]; }

  private:
    template <class List>
    std::string_view one_of(const List& list) {
        return list[static_cast<std::size_t>(random_()) % std::size(list)];
    }

    subject any_subject() {
        const auto roll = random_() % 20;
        return {.route = roll == 0  ? key_route::cross_slot
                         : roll < 4 ? key_route::any
                                    : key_route::slot,
                .slot = roll == 5   ? std::uint16_t{16383}
                        : roll == 6 ? std::uint16_t{9000}
                                    : std::uint16_t{866},
                .repeatable = random_() % 2 == 0,
                .pinned = random_() % 20 == 0 ? routes_.intern({"b", 2}) : no_node};
    }

    static shard_map map() {
        return shard_map{{{.primary = {"1", {"a", 1}}, .replicas = {{"11", {"a", 11}}}, .slots = {{0, 7999}}},
                          {.primary = {"2", {"b", 2}}, .replicas = {}, .slots = {{8000, 16000}}}}};
    }

    step lose(attempt& a) {
        const bool sent = random_() % 2 == 0;
        may_have_run_ = may_have_run_ || sent;
        const step s = a.on_lost(sent, routes_, policy_);
        EXPECT_NE(s.act, action::send) << "without a wait, and where the connection has just broken";
        if (sent && subject_.repeatable && subject_.pinned == no_node) {
            EXPECT_EQ(s.act, action::wait);
        }
        EXPECT_TRUE(sent || s.how != verdict::lost);
        return s;
    }

    step answer(attempt& a, std::uint_fast32_t roll) {
        const auto error = roll < 15 ? one_of(ordinary) : roll < 40 ? one_of(rejections) : one_of(redirects);
        const auto time = routes_.tick();
        const auto primary = routes_.primary(866);
        const step s = a.on_error(error, routes_, policy_);
        if (!error.starts_with("MOVED ")) {
            EXPECT_EQ(routes_.tick(), time) << error;
            EXPECT_EQ(routes_.primary(866), primary) << error;
        }
        EXPECT_EQ(s.asking, s.act == action::send && error.starts_with("ASK ")) << error;
        return s;
    }

    void check(const attempt& a, const step& s) {
        switch (s.act) {
            case action::send:
                ASSERT_LT(s.node, routes_.known_nodes());
                ASSERT_TRUE(subject_.pinned == no_node || s.node == subject_.pinned);
                ASSERT_FALSE(may_have_run_ && !subject_.repeatable) << "sent again although it may have run";
                ASSERT_EQ(s.node, a.at());
                longest_row_ = std::max(longest_row_, ++in_a_row_);
                ++sends_;
                break;
            case action::wait:
                // Time passes with each wait, and between two waits there are few sends: no story is endless.
                ASSERT_GE(s.delay, policy_.first_delay);
                ASSERT_LE(s.delay, policy_.max_patience);
                in_a_row_ = 0;
                break;
            case action::finish:
                ++finished_[s.how];
                ASSERT_TRUE(may_have_run_ || s.how != verdict::lost);
                break;
        }
        ASSERT_LE(in_a_row_, 5);
        ASSERT_LE(sends_, 5 * (1 + deadline / policy_.first_delay));
        ASSERT_EQ(a.sends(), sends_);
    }

    std::mt19937 random_;
    router routes_;
    retry_policy policy_;
    subject subject_;
    duration now_{};
    int sends_ = 0;
    int in_a_row_ = 0;  // sends since the last wait
    int longest_row_ = 0;
    bool may_have_run_ = false;
    std::map<verdict, int> finished_;
};

TEST(any_story, ends_without_spinning_or_repeating_what_may_have_run) {
    const std::uint32_t seed = std::random_device{}();
    std::cout << "seed " << seed << '\n';
    SCOPED_TRACE("seed " + std::to_string(seed));
    world w{seed};
    for (int i = 0; i < stories; ++i) {
        w.tell_story();
        ASSERT_FALSE(HasFailure()) << "story " << i;
    }
    // The stories were worth telling: they came to every end there is.
    EXPECT_EQ(w.longest_row(), 5);
    for (const verdict how : {verdict::reply, verdict::refused, verdict::too_many_redirects, verdict::lost,
                              verdict::nowhere, verdict::cross_slot}) {
        EXPECT_GT(w.finished(how), 100) << static_cast<int>(how);
    }
}

}  // namespace
}  // namespace valkeyxx::routing
