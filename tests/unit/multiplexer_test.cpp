// Pairing replies with requests, and what the peer can have seen.
#include "session/multiplexer.hpp"

#include <gtest/gtest.h>

#include <deque>
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

}  // namespace
}  // namespace valkeyxx::sessions
