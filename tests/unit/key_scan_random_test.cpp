// A scan while everything moves: whatever happens in the model, no key that was there throughout is missed. A failure
// prints its seed; VALKEYXX_SCAN_SEEDS=N runs N of them.
#include "routing/key_scan.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "routing/fanout.hpp"
#include "routing/key_pattern.hpp"
#include "routing/slot_tag.hpp"
#include "support/scan_model.hpp"

namespace valkeyxx::routing {
namespace {

using testing::reply_from;
using testing::scan_model;

struct story {
    int nodes = 3;
    std::vector<scan_order> orders{scan_order::by_slot};
    std::int64_t count = 7;
    std::size_t parallel = 1;
    bool unique = false;
    bool stuck = false;     // migrations are never finished
    int events = 300;       // before it calms down
    int quiet = 0;          // one in so many requests sees an event; 0: two events each
    int resume_one_in = 0;  // rounds that brought keys; 0: never
    int loss_one_in = 50;   // requests
};

class scanned {
  public:
    scanned(std::uint64_t seed, const story& s) : dice_{seed * 7919 + 1}, story_{s}, model_{seed, s.nodes, s.orders} {
        scan_progress none_of_the_others;
        none_of_the_others.done.insert(scan_model::slots, slot_count - 1);
        begin(none_of_the_others);
        left_ = s.events;
    }

    scan_model& model() { return model_; }

    void run() {
        while (!scan_->finished()) {
            ASSERT_LT(++rounds_, 20'000) << "it never ends";
            round();
        }
        for (const auto& key : model_.lasting()) EXPECT_TRUE(found_.contains(key)) << key << " is missing";
        for (const auto& key : found_) EXPECT_TRUE(model_.ever_had(key)) << key << " was never there";
        if (story_.unique && story_.resume_one_in == 0) {
            EXPECT_EQ(returned_, found_.size());
        }
    }
    int rounds() const { return rounds_; }
    std::size_t returned() const { return returned_; }
    std::size_t found() const { return found_.size(); }

  private:
    void begin(scan_progress from) {
        scan_.emplace(scan_settings{.count = story_.count, .parallel = story_.parallel, .unique = story_.unique},
                      std::move(from));
    }

    bool roll(int one_in) { return one_in != 0 && dice_() % static_cast<std::uint64_t>(one_in) == 0; }

    void world_goes_on() {
        if (left_ > 0 && (story_.quiet == 0 || roll(story_.quiet))) {
            model_.happen();
            if (story_.quiet == 0) model_.happen();
            if (--left_ == 0) model_.calm_down(story_.stuck);
        }
    }

    void round() {
        const scan_round what = scan_->next_round(model_.map());
        if (what.requests.empty()) {
            EXPECT_GT(what.pause.count(), 0);
            for (int i = 0; i < 3; ++i) world_goes_on();
        }
        // Those of different nodes overtake each other.
        std::vector<std::size_t> open(what.requests.size());
        for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
        while (!open.empty()) {
            std::size_t pick = dice_() % open.size();
            for (std::size_t i = 0; i < pick; ++i) {
                if (what.requests[open[i]].node == what.requests[open[pick]].node) pick = i;
            }
            world_goes_on();
            one(what.requests[open[pick]], open[pick]);
            open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
        }
        const auto failure = scan_->end_round();
        if (failure) {
            EXPECT_EQ(failure->which(), errc::timed_out) << failure->message();
        }
        const auto before = returned_;
        for (auto& key : scan_->take_keys()) {
            ++returned_;
            found_.insert(std::move(key));
        }
        if (!scan_->finished() && returned_ != before && roll(story_.resume_one_in)) {
            const std::string text = to_cursor(scan_->progress(), 1);
            EXPECT_LT(text.size(), 12'000U);
            auto again = read_cursor(text, 1);
            ASSERT_TRUE(again) << again.error().message() << " in " << text;
            EXPECT_EQ(*again, scan_->progress());
            begin(*std::move(again));
        }
    }

    void one(const scan_request& request, std::size_t index) {
        if (!request.node) {
            model_.find_owner();
            scan_->on_reply(index, reply_from(":0\r\n"));
            return;
        }
        const auto words = words_of(request.command.bytes());
        const auto wire = model_.answer(request.node->at, words);
        if (!wire || roll(story_.loss_one_in)) {
            scan_->on_error(index, error{errc::connection_lost, "gone"});
        } else if (wire->starts_with('-')) {
            scan_->on_error(index, error{errc::server_error, wire->substr(1, wire->size() - 3)});
        } else {
            scan_->on_reply(index, reply_from(*wire));
        }
    }

    std::mt19937_64 dice_;
    story story_;
    scan_model model_;
    std::optional<key_scan> scan_;
    std::set<std::string> found_;
    std::size_t returned_ = 0;
    int rounds_ = 0;
    int left_ = 0;
};

std::uint64_t seeds() {
    const char* wanted = std::getenv("VALKEYXX_SCAN_SEEDS");
    return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 40;
}

void tell(const story& s) {
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        scanned one{seed, s};
        one.run();
        if (::testing::Test::HasFailure()) return;
    }
}

constexpr auto by_slot = scan_order::by_slot;
constexpr auto tagged = scan_order::tagged;
constexpr auto mixed = scan_order::mixed;

TEST(key_scan_random, misses_nothing_slot_by_slot) {
    tell({});
    tell({.events = 1000, .quiet = 4});
}

TEST(key_scan_random, misses_nothing_with_several_nodes_at_a_time) {
    tell({.nodes = 5, .parallel = 3, .unique = true});
    tell({.nodes = 5, .parallel = 9, .events = 800, .quiet = 3});
}

TEST(key_scan_random, misses_nothing_with_clusterscan) {
    tell({.orders = {tagged}});
    tell({.orders = {tagged}, .parallel = 2, .unique = true, .events = 1000, .quiet = 4});
}

TEST(key_scan_random, misses_nothing_where_slots_are_mixed) {
    tell({.orders = {mixed}, .events = 200, .quiet = 10});
}

TEST(key_scan_random, misses_nothing_among_nodes_of_several_versions) {
    tell({.orders = {tagged, by_slot, mixed}, .parallel = 2, .events = 300, .quiet = 6});
}

TEST(key_scan_random, misses_nothing_when_it_is_taken_up_by_others) {
    tell({.events = 600, .quiet = 2, .resume_one_in = 5});
    tell({.orders = {tagged}, .parallel = 3, .events = 600, .quiet = 2, .resume_one_in = 2});
}

TEST(key_scan_random, gets_on_when_each_round_is_another_process) {
    tell({.count = 3, .events = 400, .quiet = 3, .resume_one_in = 1});
    tell({.orders = {tagged}, .count = 3, .events = 400, .quiet = 3, .resume_one_in = 1});
    tell({.orders = {mixed}, .count = 3, .events = 100, .quiet = 10, .resume_one_in = 1});
}

TEST(key_scan_random, gets_by_migrations_that_are_never_finished) {
    tell({.count = 3, .stuck = true, .quiet = 1});
    tell({.orders = {tagged}, .count = 3, .unique = true, .stuck = true, .quiet = 1});
    tell({.orders = {mixed}, .count = 3, .stuck = true, .quiet = 1});
    tell({.orders = {tagged, mixed}, .count = 2, .stuck = true, .quiet = 1, .resume_one_in = 1});
}

// A way through two nodes that is long for the answers that get lost: it cannot begin again each time.
TEST(key_scan_random, gets_through_migrations_although_answers_are_lost) {
    tell({.count = 1, .stuck = true, .quiet = 1, .loss_one_in = 8});
    tell({.orders = {mixed}, .count = 1, .stuck = true, .quiet = 1, .loss_one_in = 8});
    tell({.orders = {tagged, mixed}, .count = 1, .stuck = true, .quiet = 1, .resume_one_in = 1, .loss_one_in = 12});
    tell({.orders = {tagged, mixed}, .count = 1, .stuck = true, .events = 200, .quiet = 40, .loss_one_in = 20});
}

TEST(key_scan_random, repeats_nothing_when_nothing_happens) {
    for (const auto order : {by_slot, tagged, mixed}) {
        for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
            scanned one{seed, {.orders = {order}, .parallel = 2, .events = 0, .loss_one_in = 0}};
            one.run();
            EXPECT_EQ(one.returned(), one.found()) << seed;
        }
    }
}

scan_progress some_progress(std::uint64_t seed) {
    std::mt19937_64 dice{seed};
    const auto some_slots = [&dice] {
        slot_set slots;
        for (auto n = dice() % (dice() % 3 == 0 ? 9000 : 4); n > 0; --n) {
            slots.insert(static_cast<std::uint16_t>(dice() % slot_count));
        }
        return slots;
    };
    scan_progress p{.done = some_slots()};
    for (auto n = dice() % 4; n > 0; --n) {
        p.under_way.push_back({.process = "f00" + std::to_string(dice()),
                               .epoch = dice(),
                               .passed = some_slots(),
                               .sure = {some_slots(), std::to_string(dice())},
                               .now = {some_slots(), "a\x01<\xff~.,-{1}-5"},
                               .crossing = n % 2 == 0,
                               .over_there = n % 2 == 0 && dice() % 2 == 0,
                               .process_there = "x"});
    }
    return p;
}

TEST(scan_cursor, is_read_as_it_was_written) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const auto p = some_progress(seed);
        const std::string text = to_cursor(p, 77);
        EXPECT_EQ(text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,-_~"),
                  std::string::npos)
            << text;
        const auto again = read_cursor(text, 77);
        ASSERT_TRUE(again) << seed << ": " << again.error().message();
        EXPECT_EQ(*again, p) << seed;
    }
}

TEST(scan_cursor, is_refused_when_a_character_is_wrong_or_missing) {
    std::mt19937_64 dice{5};
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const std::string text = to_cursor(some_progress(seed), 77);
        for (int i = 0; i < 50; ++i) {
            std::string changed = text;
            const auto at = dice() % changed.size();
            if (i % 2 == 0) {
                changed.erase(at, 1 + dice() % 5);
            } else {
                changed[at] = static_cast<char>(changed[at] ^ 1);
            }
            const auto read = read_cursor(changed, 77);
            ASSERT_FALSE(read) << changed;
            EXPECT_EQ(read.error().which(), errc::invalid_argument);
        }
    }
}

TEST(scan_cursor, belongs_to_its_filter) {
    EXPECT_NE(filter_mark("*", "", false, 0), filter_mark("", "", false, 0));
    const auto mark = filter_mark("a*", "set", false, 0);
    EXPECT_NE(mark, filter_mark("a*s", "et", false, 0));
    EXPECT_NE(mark, filter_mark("a*", "set", true, 0));
    EXPECT_NE(mark, filter_mark("a*", "set", false, 1));
    const std::string text = to_cursor({}, mark);
    EXPECT_TRUE(read_cursor(text, mark));
    EXPECT_NE(read_cursor(text, mark + 1).error().text().find("another match"), std::string::npos);
    EXPECT_FALSE(read_cursor(std::string(2'000'000, '1'), mark));
    EXPECT_FALSE(read_cursor("", mark));
}

TEST(slot_of_pattern, is_known_if_the_tag_or_all_is_literal) {
    EXPECT_EQ(slot_of_pattern("user"), key_slot("user"));
    EXPECT_EQ(slot_of_pattern("{user}:*"), key_slot("user"));
    EXPECT_EQ(slot_of_pattern("a{user}?"), key_slot("user"));
    for (const char* open : {"*", "user*", "{user*}", "*{user}", "{}*", "{us\\er}*", "{user", "u{ser*}", "[a]{b}"}) {
        if (std::string_view{open} == "{user") {
            EXPECT_EQ(slot_of_pattern(open), key_slot(open));
        } else {
            EXPECT_EQ(slot_of_pattern(open), std::nullopt) << open;
        }
    }
}

}  // namespace
}  // namespace valkeyxx::routing
