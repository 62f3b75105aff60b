// Pairing replies with requests, and what the peer can have seen.
#include "session/multiplexer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <random>
#include <string>

namespace valkeyxx::sessions {
namespace {

using mux = multiplexer<int>;

TEST(multiplexer, pairs_replies_in_the_order_of_requests) {
    mux m;
    int a = 0;
    int b = 0;
    EXPECT_TRUE(m.empty());
    m.add(&a, 10);
    m.add(nullptr, 5, slot_kind::asking);
    m.add(&b, 20);
    m.add(nullptr, 0, slot_kind::handshake);
    EXPECT_EQ(m.size(), 4U);
    EXPECT_EQ(m.match().owner, &a);
    EXPECT_EQ(m.match().kind(), slot_kind::asking);
    const auto third = m.match();
    EXPECT_EQ(third.owner, &b);
    EXPECT_EQ(third.kind(), slot_kind::request);
    EXPECT_EQ(m.match().kind(), slot_kind::handshake);
    EXPECT_TRUE(m.empty());
}

TEST(multiplexer, a_reply_to_the_abandoned_still_takes_its_turn) {
    mux m;
    int a = 0;
    int b = 0;
    const auto first = m.add(&a, 1);
    m.add(&b, 1);
    m.abandon(first);
    EXPECT_EQ(m.size(), 2U);
    const auto dropped = m.match();
    EXPECT_EQ(dropped.owner, nullptr);
    EXPECT_EQ(dropped.kind(), slot_kind::request);
    EXPECT_EQ(m.match().owner, &b);
}

TEST(multiplexer, sent_is_what_left_to_its_last_byte) {
    mux m;
    int a = 0;
    int b = 0;
    int c = 0;
    m.add(&a, 10);
    m.add(&b, 10);
    m.add(&c, 10);
    m.wrote(9);
    m.wrote(10);
    const auto first = m.match();
    const auto torn = m.match();
    const auto unsent = m.match();
    EXPECT_TRUE(m.sent(first));
    EXPECT_FALSE(m.sent(torn));
    EXPECT_FALSE(m.sent(unsent));
    m.wrote(1);
    EXPECT_TRUE(m.sent(torn));
    EXPECT_FALSE(m.sent(unsent));
    m.wrote(10);
    EXPECT_TRUE(m.sent(unsent));
}

TEST(multiplexer, a_new_connection_counts_from_zero_again) {
    mux m;
    int a = 0;
    m.add(&a, 10);
    m.wrote(10);
    m.match();
    m.reset();
    const auto position = m.add(&a, 10);
    m.wrote(9);
    EXPECT_FALSE(m.sent(m.match()));
    m.reset();
    EXPECT_GT(m.add(&a, 1), position);  // positions stay unique: an old one never names a new request
}

TEST(multiplexer, grows_without_mixing_up_what_has_wrapped_around) {
    mux m;
    std::vector<int> owners(1000);
    std::size_t added = 0;
    std::size_t matched = 0;
    std::vector<std::uint64_t> positions;
    const auto add = [&](std::size_t n) {
        for (; n > 0; --n) positions.push_back(m.add(&owners[added++], 1));
    };
    const auto match = [&](std::size_t n) {
        for (; n > 0; --n) ASSERT_EQ(m.match().owner, &owners[matched++]);
    };
    add(64);
    match(40);  // head in the middle of the first ring
    add(40);    // full again, tail behind head
    ASSERT_EQ(m.size(), 64U);
    add(1);  // grows here
    EXPECT_EQ(m.size(), 65U);
    m.abandon(positions[matched]);
    EXPECT_EQ(m.match().owner, nullptr);
    ++matched;
    match(30);
    add(500);
    m.abandon(positions.back());
    match(m.size() - 1);
    EXPECT_EQ(m.match().owner, nullptr);
    EXPECT_TRUE(m.empty());
}

TEST(multiplexer, does_what_a_queue_would_whatever_happens) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    struct expected {
        int* owner;
        std::uint64_t end;
        std::uint64_t position;
    };
    mux m;
    std::vector<int> owners(16);
    std::deque<expected> queue;
    std::uint64_t queued = 0;
    std::uint64_t written = 0;
    for (int i = 0; i < 100'000; ++i) {
        const bool filling = (i / 2000) % 2 == 0;  // waves, so that the ring grows and drains
        switch (const auto roll = random() % 10; filling ? roll : 9 - roll) {
            case 0:
            case 1:
            case 2:
            case 3:
            case 4:
            case 5: {
                const std::size_t size = random() % 50;
                int* const owner = &owners[random() % owners.size()];
                queued += size;
                queue.push_back({owner, queued, m.add(owner, size)});
                break;
            }
            case 6: {
                const auto size = random() % (queued - written + 1);
                written += size;
                m.wrote(size);
                break;
            }
            case 7:
                if (!queue.empty()) {
                    auto& one = queue[random() % queue.size()];
                    one.owner = nullptr;
                    m.abandon(one.position);
                }
                break;
            default:
                if (!queue.empty()) {
                    const auto entry = m.match();
                    ASSERT_EQ(entry.owner, queue.front().owner);
                    ASSERT_EQ(m.sent(entry), queue.front().end <= written);
                    queue.pop_front();
                }
                break;
        }
        ASSERT_EQ(m.size(), queue.size());
    }
}

TEST(multiplexer, counts_requests_apart_from_what_a_connection_says_for_itself) {
    mux m;
    int a = 0;
    m.add(nullptr, 10, slot_kind::handshake);
    m.add(&a, 10);
    m.add(nullptr, 10, slot_kind::caching);
    m.add(&a, 10, slot_kind::cached);
    m.add(nullptr, 10, slot_kind::expiry);
    m.add(&a, 10, slot_kind::question);
    EXPECT_EQ(m.size(), 6U);
    for (const std::size_t left : {2U, 1U, 1U, 0U, 0U, 0U}) {
        m.match();
        EXPECT_EQ(m.requests(), left);
    }
}

namespace {

/// Three commands of 10 bytes, of which the network has taken `sent` bytes.
struct three {
    explicit three(std::size_t sent) {
        for (int i = 0; i < 3; ++i) m.add(&owners[i], 10);
        m.wrote(sent);
    }
    mux m;
    int owners[3] = {};
};

}  // namespace

TEST(multiplexer, takes_back_only_what_has_not_begun_to_be_sent) {
    EXPECT_FALSE(three(21).m.withdraw(2, 2));
    EXPECT_TRUE(three(20).m.withdraw(2, 2));
    EXPECT_FALSE(three(11).m.withdraw(1, 1));
    EXPECT_FALSE(three(11).m.withdraw(1, 2));
    EXPECT_TRUE(three(11).m.withdraw(2, 2));
    EXPECT_TRUE(three(15).m.withdraw(2, 2, 5));
    EXPECT_FALSE(three(15).m.withdraw(2, 2, 6)) << "it is as good as sent";
    EXPECT_FALSE(three(0).m.withdraw(0, 0)) << "where the oldest begins is not known";
}

TEST(multiplexer, says_how_much_of_an_entry_is_still_to_be_sent) {
    EXPECT_EQ(three(13).m.unsent(0), 0U);
    EXPECT_EQ(three(13).m.unsent(1), 7U);
    EXPECT_EQ(three(13).m.unsent(2), 10U);
    EXPECT_EQ(three(3).m.unsent(0), 7U);
}

TEST(multiplexer, passes_a_gap_when_its_turn_comes) {
    three t{5};
    EXPECT_EQ(t.m.before_gap(25), 25U);
    ASSERT_TRUE(t.m.withdraw(1, 1));
    EXPECT_EQ(t.m.gap_bytes(), 10U);
    EXPECT_EQ(t.m.requests(), 2U);
    EXPECT_EQ(t.m.before_gap(25), 5U);
    EXPECT_EQ(t.m.pass_gap(), 0U) << "it is not there yet";
    t.m.wrote(5);
    EXPECT_EQ(t.m.before_gap(20), 0U);
    EXPECT_EQ(t.m.pass_gap(), 10U);
    EXPECT_EQ(t.m.gap_bytes(), 0U);
    EXPECT_EQ(t.m.before_gap(10), 10U);
    t.m.wrote(10);
    EXPECT_EQ(t.m.match().owner, &t.owners[0]);
    EXPECT_EQ(t.m.withdrawn(), 0U) << "the next reply is not for it";
    const auto last = t.m.match();
    EXPECT_EQ(last.owner, &t.owners[2]);
    EXPECT_TRUE(t.m.sent(last));
    EXPECT_TRUE(t.m.empty());
}

TEST(multiplexer, has_nothing_left_when_what_was_taken_back_was_the_last) {
    three t{10};
    ASSERT_TRUE(t.m.withdraw(1, 1));
    ASSERT_TRUE(t.m.withdraw(2, 2));
    EXPECT_EQ(t.m.pass_gap(), 20U);
    EXPECT_EQ(t.m.match().owner, &t.owners[0]);
    EXPECT_TRUE(t.m.empty());
    t.m.reset();
    EXPECT_EQ(t.m.requests(), 0U);
    EXPECT_EQ(t.m.before_gap(7), 7U);
}

// Against a buffer that is written to a network in pieces: what arrives are the commands that were not taken back,
// whole and in their order, and the replies to them find their owners.
TEST(multiplexer, sends_all_but_what_was_taken_back_whatever_happens) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    struct owner {
        std::uint64_t position = 0;
        std::string bytes;
        std::size_t entries = 1;
    };
    multiplexer<owner> m;
    std::deque<owner> all;
    std::deque<owner*> under_way;  // neither answered nor taken back, in order
    std::string out;
    std::string arrived;
    std::string wanted;
    std::size_t answered_bytes = 0;
    std::size_t withdrawn = 0;
    std::size_t refused = 0;
    std::uint64_t sent = 0;
    const auto write = [&](std::size_t room) {
        while (room > 0 && !out.empty()) {
            out.erase(0, m.pass_gap());
            const auto size = std::min(room, m.before_gap(out.size()));
            arrived += out.substr(0, size);
            out.erase(0, size);
            m.wrote(size);
            sent += size;
            room -= size;
        }
        out.erase(0, m.pass_gap());
    };
    const auto answer = [&] {
        owner& next = *under_way.front();
        if (answered_bytes + next.bytes.size() > arrived.size()) return;
        answered_bytes += next.bytes.size();
        wanted += next.bytes;
        for (std::size_t i = 0; i < next.entries; ++i) {
            const auto entry = m.match();
            ASSERT_EQ(entry.owner, &next);
            ASSERT_TRUE(m.sent(entry));
        }
        under_way.pop_front();
    };
    const auto give_up = [&](std::size_t index) {
        owner& who = *under_way[index];
        const auto first = who.position - (who.entries - 1);
        const bool untouched = m.unsent(first) == who.bytes.size() && first != m.front();
        ASSERT_EQ(m.withdraw(first, who.position), untouched);
        ++(untouched ? withdrawn : refused);
        if (untouched) under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(index));
    };
    for (int i = 0; i < 60'000; ++i) {
        const bool filling = (i / 3000) % 2 == 0;
        const auto roll = random() % 10;
        if (roll < (filling ? 5U : 2U)) {
            all.push_back(
                {.bytes = std::to_string(i) + std::string(random() % 40, 'x') + ';', .entries = 1 + random() % 3});
            owner& who = all.back();
            out += who.bytes;
            for (std::size_t n = 0; n < who.entries; ++n) {
                who.position = m.add(&who, n == 0 ? who.bytes.size() : 0,
                                     n + 1 == who.entries ? slot_kind::request : slot_kind::part);
            }
            under_way.push_back(&who);
        } else if (roll < 6) {
            write(random() % (filling ? 40 : 200));
        } else if (roll < 7) {
            if (!under_way.empty()) answer();
        } else if (roll < 9) {
            if (!under_way.empty()) give_up(random() % 8 < 6 ? random() % under_way.size() : under_way.size() - 1);
        } else if (random() % 20 == 0) {
            const auto left = m.close_gaps(
                [&](std::size_t from, std::size_t to, std::size_t size) {
                    ASSERT_LT(to, from);
                    std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(from), size,
                                out.begin() + static_cast<std::ptrdiff_t>(to));
                },
                [](owner& who, std::uint64_t position) { who.position = position; });
            out.resize(left);
            ASSERT_EQ(m.withdrawn(), 0U);
        }
        std::size_t entries = m.withdrawn();
        if (i % 100 == 0) {
            for (const owner* who : under_way) entries += who->entries;
            ASSERT_EQ(m.size(), entries);
        }
        ASSERT_EQ(m.requests(), under_way.size());
        if (::testing::Test::HasFatalFailure()) return;
    }
    write(std::numeric_limits<std::size_t>::max());
    while (!under_way.empty()) answer();
    EXPECT_TRUE(m.empty());
    EXPECT_EQ(arrived, wanted);
    EXPECT_GT(withdrawn, 1000U);
    EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace valkeyxx::sessions
