// What is kept, for how long, and what takes it away; one rule at a time.
#include "session/client_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "command/table.hpp"
#include "routing/standing.hpp"
#include "support/wire.hpp"

#include <valkeyxx/command.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx::sessions {
namespace {

using namespace std::chrono_literals;
using testing::array;
using testing::bulk;
using testing::integer;
using testing::null;
using testing::reply_from;

class cache : public ::testing::Test {
  protected:
    static constexpr client_cache::source node = 3;

    client_cache::ticket ask(const std::string& request, std::vector<std::string_view> keys,
                             client_cache::source by = node) {
        return kept.begin({.request = request, .keys = keys, .ttl = 10s, .by = by}, now);
    }
    void answer(client_cache::ticket t, const std::string& wire, std::vector<int> pttls = {-1}) {
        const value reply = reply_from(wire);
        kept.answered(t, reply);
        for (const int left : pttls) kept.expires(t, reply_from(integer(left)));
        kept.confirmed(node, now);
    }
    void store(const std::string& request, std::vector<std::string_view> keys, const std::string& wire,
               std::vector<int> pttls = {-1}) {
        answer(ask(request, keys), wire, pttls);
    }
    std::string find(const std::string& request) {
        const auto hit = kept.find(request, now);
        return hit ? hit->reply.is_null() ? "null" : std::string{hit->reply.text()} : "miss";
    }
    // Time in which the connection answers.
    void pass(std::chrono::milliseconds time) {
        now += time;
        kept.confirmed(node, now);
    }

    client_cache::time_point now{std::chrono::hours{1}};
    client_cache kept{{.enabled = true, .max_bytes = 100'000, .max_entry_bytes = 50'000, .max_silence = 1000ms}, true};
};

TEST_F(cache, gives_what_was_answered_once_all_replies_are_there) {
    EXPECT_EQ(find("GET a"), "miss");
    const auto t = ask("GET a", {"a"});
    ASSERT_NE(t, 0U);
    EXPECT_EQ(find("GET a"), "miss");
    kept.answered(t, reply_from(bulk("v")));
    EXPECT_EQ(find("GET a"), "miss");
    kept.expires(t, reply_from(integer(-1)));
    EXPECT_EQ(find("GET a"), "miss");  // its connection has not been heard of
    kept.confirmed(node, now);
    EXPECT_EQ(find("GET a"), "v");
    EXPECT_EQ(find("STRLEN a"), "miss");
    EXPECT_EQ(kept.statistics().hits, 1U);
    EXPECT_EQ(kept.statistics().misses, 5U);
    EXPECT_EQ(kept.statistics().entries, 1U);
}

TEST_F(cache, a_second_reader_of_what_is_missing_gets_no_ticket) {
    const auto first = ask("GET a", {"a"});
    EXPECT_EQ(ask("GET a", {"a"}), 0U);
    EXPECT_NE(ask("STRLEN a", {"a"}), 0U);
    kept.invalidate("a");
    const auto second = ask("GET a", {"a"});  // the first will not be kept
    ASSERT_NE(second, 0U);
    answer(second, bulk("new"));
    answer(first, bulk("old"));
    EXPECT_EQ(find("GET a"), "new");
    EXPECT_EQ(kept.statistics().raced, 2U);
}

TEST_F(cache, news_before_the_last_reply_keeps_it_out) {
    const auto each = [&](auto news) {
        for (int when = 0; when < 3; ++when) {
            const auto t = ask("MGET {a}1 {a}2", {"{a}1", "{a}2"});
            if (when == 0) news();
            kept.answered(t, reply_from(array({bulk("1"), bulk("2")})));
            if (when == 1) news();
            kept.expires(t, reply_from(integer(-1)));
            if (when == 2) news();
            kept.expires(t, reply_from(integer(-1)));
            kept.confirmed(node, now);
            EXPECT_EQ(find("MGET {a}1 {a}2"), "miss");
            EXPECT_EQ(kept.statistics().bytes, 0U);
        }
    };
    each([&] { kept.invalidate("{a}1"); });
    each([&] { kept.invalidate("{a}2"); });
    each([&] { kept.flush(node); });
    each([&] { kept.lost(node); });
    each([&] { kept.overwrite("{a}2"); });
    each([&] { kept.overwrite_slot(key_slot("a")); });
    each([&] { kept.overwrite_all(); });
    each([&] { kept.owners_changed([](std::uint16_t) { return node + 1; }); });
    EXPECT_EQ(kept.statistics().stored, 0U);
}

TEST_F(cache, what_is_said_of_other_keys_nodes_and_slots_leaves_it) {
    store("GET a", {"a"}, bulk("v"));
    kept.invalidate("b");
    kept.flush(node + 1);
    kept.lost(node + 1);
    kept.overwrite("b");
    kept.overwrite_slot(key_slot("b"));
    kept.owners_changed([](std::uint16_t slot) { return slot == key_slot("a") ? node : node + 1; });
    EXPECT_EQ(find("GET a"), "v");
    EXPECT_TRUE(kept.knows(key_slot("a")));
    EXPECT_FALSE(kept.knows(key_slot("b")));
}

TEST_F(cache, ends_with_the_time_it_was_given_and_with_that_of_its_key) {
    store("GET a", {"a"}, bulk("v"));
    store("GET b", {"b"}, bulk("v"), {300});
    store("MGET {a}1 {a}2", {"{a}1", "{a}2"}, array({bulk("1"), bulk("2")}), {-1, 500});
    pass(299ms);
    EXPECT_EQ(find("GET b"), "v");
    pass(1ms);
    EXPECT_EQ(find("GET b"), "miss");
    pass(199ms);
    EXPECT_NE(find("MGET {a}1 {a}2"), "miss");
    pass(1ms);
    EXPECT_EQ(find("MGET {a}1 {a}2"), "miss");
    pass(9499ms);
    EXPECT_EQ(find("GET a"), "v");
    pass(1ms);
    EXPECT_EQ(find("GET a"), "miss");
    EXPECT_EQ(kept.statistics().expirations, 3U);
    EXPECT_EQ(kept.statistics().entries, 0U);
}

TEST_F(cache, absence_and_what_nobody_knows_the_end_of_are_believed_for_the_silence_only) {
    store("GET a", {"a"}, null(), {-2});
    const auto t = ask("GET b", {"b"});
    kept.answered(t, reply_from(bulk("v")));
    kept.expires(t, reply_from("-NOPERM no\r\n"));
    store("MGET {c}1 {c}2", {"{c}1", "{c}2"}, array({bulk("1"), null()}), {-1, -2});
    pass(999ms);
    EXPECT_EQ(find("GET a"), "null");
    EXPECT_EQ(find("GET b"), "v");
    EXPECT_NE(find("MGET {c}1 {c}2"), "miss");
    pass(1ms);
    EXPECT_EQ(find("GET a"), "miss");
    EXPECT_EQ(find("GET b"), "miss");
    EXPECT_EQ(find("MGET {c}1 {c}2"), "miss");

    client_cache one_server{{.enabled = true}, false};  // which says when it comes about
    const std::vector<std::string_view> keys{"a"};
    const auto u = one_server.begin({.request = "GET a", .keys = keys, .ttl = 10s, .by = node}, now);
    one_server.answered(u, reply_from(null()));
    one_server.expires(u, reply_from(integer(-2)));
    one_server.confirmed(node, now + 9s);
    EXPECT_TRUE(one_server.find("GET a", now + 9s));
}

TEST_F(cache, a_silent_connection_is_asked_once_and_then_not_believed) {
    store("GET a", {"a"}, bulk("v"));
    const auto asked = [&] {
        const auto hit = kept.find("GET a", now);
        return hit && hit->ask;
    };
    now += 499ms;
    EXPECT_FALSE(asked());
    now += 1ms;
    EXPECT_TRUE(asked());
    EXPECT_FALSE(asked());
    const auto probed = now;
    now += 500ms;
    EXPECT_EQ(find("GET a"), "v");
    now += 1ms;
    EXPECT_EQ(find("GET a"), "miss");
    kept.confirmed(node, probed);  // late, and of then
    EXPECT_TRUE(asked());
    EXPECT_EQ(find("GET a"), "v");
    EXPECT_EQ(kept.find("GET a", now)->key, "a");
    EXPECT_EQ(kept.find("GET a", now)->from, node);
    now = probed + 1001ms;
    EXPECT_EQ(find("GET a"), "miss");
    const auto t = ask("GET a", {"a"});  // takes the place of what is there
    answer(t, bulk("w"));
    EXPECT_EQ(find("GET a"), "w");
}

TEST_F(cache, errors_and_what_is_too_large_are_not_kept) {
    const auto t = ask("GET a", {"a"});
    answer(t, "-WRONGTYPE no\r\n");
    EXPECT_EQ(find("GET a"), "miss");
    store("GET b", {"b"}, bulk(std::string(50'000, 'x')));
    EXPECT_EQ(find("GET b"), "miss");
    EXPECT_EQ(ask("GET " + std::string(50'000, 'x'), {std::string(50'000, 'x')}), 0U);
    kept.give_up(ask("GET c", {"c"}));
    EXPECT_EQ(kept.statistics().bytes, 0U);
    EXPECT_EQ(kept.statistics().stored, 0U);
}

TEST_F(cache, makes_room_for_what_is_used) {
    store("GET hot", {"hot"}, bulk("v"));
    for (int i = 0; i < 1000; ++i) {
        const auto key = "k" + std::to_string(i);
        store("GET " + key, {key}, bulk(std::string(1000, 'x')));
        EXPECT_EQ(find("GET hot"), "v");
        EXPECT_LE(kept.statistics().bytes, 100'000U);
    }
    EXPECT_EQ(find("GET k0"), "miss");
    EXPECT_NE(find("GET k999"), "miss");
    EXPECT_EQ(kept.statistics().evictions + kept.statistics().entries, 1001U);
    kept.overwrite_all();
    EXPECT_EQ(kept.statistics().bytes, 0U);
}

TEST_F(cache, a_key_that_stands_twice_is_one) {
    store("MGET a a", {"a", "a"}, array({bulk("1"), bulk("1")}), {-1, -1});
    EXPECT_NE(find("MGET a a"), "miss");
    kept.invalidate("a");
    EXPECT_EQ(find("MGET a a"), "miss");
    EXPECT_EQ(kept.statistics().invalidations, 1U);
    EXPECT_EQ(kept.statistics().bytes, 0U);
}

TEST(cacheable, is_what_only_reads_its_keys) {
    const auto handled = [](const auto& c) { return c.encoded().facts().how; };
    EXPECT_EQ(handled(raw("GET", "k").cached(1s)), handling::cached);
    EXPECT_EQ(handled(raw("GET", "k").cached(1s).cached(2s)), handling::cached);
    for (std::chrono::milliseconds t = 1ms; t < 876'000h; t = t * 5 / 4 + 1ms) {
        const auto kept = static_cast<std::chrono::milliseconds>(raw("GET", "k").cached(t).encoded().facts().kept_for);
        EXPECT_LE(kept, t);
        EXPECT_GE(kept, t < 4s ? t : t - t / 1000);
    }
    EXPECT_EQ(handled(raw("MGET", "a", "b").cached(1s)), handling::cached);
    EXPECT_EQ(handled(raw("ZUNION", "2", "a", "b").cached(1s)), handling::cached);
    for (const auto& c : {raw("SET", "k", "v"), raw("TTL", "k"), raw("HTTL", "k", "FIELDS", "1", "f"), raw("PING"),
                          raw("SSCAN", "k", "0"), raw("EVAL_RO", "return 1", "1", "k"), raw("BLPOP", "k", "0"),
                          raw("SORT_RO", "k"), raw("TOUCH", "k"), raw("X.Y", "k"), raw("SUBSCRIBE", "k")}) {
        EXPECT_EQ(handled(c.cached(1s)), handling::uncacheable) << c.encoded().name();
    }
    EXPECT_EQ(handled(raw("GET", "k").cached(0s)), handling::uncacheable);
}

TEST(standing, of_a_node_is_told_by_its_refusals) {
    using routing::standing;
    const auto of = [](std::string_view wire) { return routing::standing_of(reply_from(wire)); };
    EXPECT_EQ(of(":0\r\n"), standing::serves);
    EXPECT_EQ(of("-NOPERM no\r\n"), standing::serves);
    EXPECT_EQ(of("-MOVED 1 a:1\r\n"), standing::slot_leaves);
    EXPECT_EQ(of("-ASK 1 a:1\r\n"), standing::slot_leaves);
    EXPECT_EQ(of("-TRYAGAIN x\r\n"), standing::slot_leaves);
    EXPECT_EQ(of("-CLUSTERDOWN x\r\n"), standing::cut_off);
    EXPECT_EQ(of("-LOADING x\r\n"), standing::cut_off);
}

}  // namespace
}  // namespace valkeyxx::sessions
