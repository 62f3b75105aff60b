// What an error reply says to a router, also if a liar wrote it.
#include "routing/redirect.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

using namespace std::string_view_literals;

redirect moved(std::uint16_t slot, endpoint to) {
    return {.kind = rejection::moved, .slot = slot, .target = std::move(to)};
}

TEST(redirect, names_slot_and_target) {
    EXPECT_EQ(read_redirect("MOVED 866 10.0.0.7:7001"), moved(866, {"10.0.0.7", 7001}));
    EXPECT_EQ(read_redirect("ASK 866 10.0.0.7:7001"),
              (redirect{.kind = rejection::ask, .slot = 866, .target = endpoint{"10.0.0.7", 7001}}));
    EXPECT_EQ(read_redirect("MOVED 0 a:1"), moved(0, {"a", 1}));
    EXPECT_EQ(read_redirect("MOVED 16383 a:65535"), moved(16383, {"a", 65535}));
    EXPECT_EQ(read_redirect("MOVED 866 node-7.example:7001"), moved(866, {"node-7.example", 7001}));
}

TEST(redirect, understands_ipv6_with_and_without_brackets) {
    EXPECT_EQ(read_redirect("MOVED 866 ::1:7001"), moved(866, {"::1", 7001}));
    EXPECT_EQ(read_redirect("MOVED 866 [2001:db8::7]:7001"), moved(866, {"2001:db8::7", 7001}));
}

TEST(redirect, without_host_means_the_one_that_answered) {
    EXPECT_EQ(read_redirect("MOVED 866 :7001"), moved(866, {"", 7001}));
}

TEST(redirect, words_behind_the_target_are_for_later_servers) {
    EXPECT_EQ(read_redirect("MOVED 866 a:7001 and more"), moved(866, {"a", 7001}));
}

TEST(redirect, other_rejections_are_known_by_their_first_word) {
    EXPECT_EQ(read_redirect("TRYAGAIN Multiple keys request during rehashing of slot").kind, rejection::try_again);
    EXPECT_EQ(read_redirect("CLUSTERDOWN The cluster is down").kind, rejection::cluster_down);
    EXPECT_EQ(read_redirect("CLUSTERDOWN Hash slot not served").kind, rejection::cluster_down);
    EXPECT_EQ(read_redirect("LOADING The server is loading the dataset in memory").kind, rejection::loading);
    EXPECT_EQ(read_redirect("MASTERDOWN Link with MASTER is down").kind, rejection::master_down);
    EXPECT_EQ(read_redirect("READONLY You can't write against a read only replica.").kind, rejection::read_only);
    EXPECT_EQ(read_redirect("NOREPLICAS Not enough good replicas to write.").kind, rejection::no_replicas);
    EXPECT_EQ(read_redirect("UNBLOCKED force unblock from blocking operation").kind, rejection::unblocked);
    EXPECT_EQ(read_redirect("UNBLOCKED client unblocked via CLIENT UNBLOCK").kind, rejection::none);
    EXPECT_EQ(read_redirect("NOSCRIPT No matching script.").kind, rejection::no_script);
    EXPECT_EQ(read_redirect("TRYAGAIN"), (redirect{.kind = rejection::try_again, .slot = 0, .target = {}}));
}

TEST(redirect, ordinary_errors_are_the_callers) {
    for (const auto text : {"ERR unknown command", "WRONGTYPE Operation", "NOAUTH x", "moved 866 a:1", "MOVEDX 866 a:1",
                            "XMOVED 866 a:1", " MOVED 866 a:1", "ASKING 866 a:1", "MOVED\t866\ta:1", "MOVED\r866", "",
                            " ", "EXECABORT x", "CROSSSLOT Keys", "BUSY x"}) {
        EXPECT_EQ(read_redirect(text), redirect{}) << text;
    }
    EXPECT_EQ(read_redirect(std::string_view{}), redirect{});
}

TEST(redirect, that_cannot_be_followed_has_no_target) {
    for (const std::string_view rest : {""sv,
                                        " "sv,
                                        " 866"sv,
                                        " 866 "sv,
                                        " 866  a:1"sv,
                                        "  866 a:1"sv,
                                        " x a:1"sv,
                                        " -1 a:1"sv,
                                        " +1 a:1"sv,
                                        " 16384 a:1"sv,
                                        " 65536 a:1"sv,
                                        " 99999999999999999999 a:1"sv,
                                        " 866x a:1"sv,
                                        " 0x10 a:1"sv,
                                        " 866 a"sv,
                                        " 866 a:"sv,
                                        " 866 a:0"sv,
                                        " 866 a:65536"sv,
                                        " 866 a:-1"sv,
                                        " 866 a:1x"sv,
                                        " 866 a:99999999999999999999"sv,
                                        " 866 ?:7001"sv,
                                        " 866 a:70\0"sv}) {
        for (const std::string_view word : {"MOVED"sv, "ASK"sv}) {
            const std::string text = std::string{word} + std::string{rest};
            const redirect r = read_redirect(text);
            EXPECT_EQ(r.kind, word == "ASK" ? rejection::ask : rejection::moved) << text;
            EXPECT_EQ(r.target, std::nullopt) << text;
            EXPECT_LT(r.slot, slot_count) << text;
        }
    }
}

TEST(redirect, a_slot_that_cannot_be_is_zero) {
    EXPECT_EQ(read_redirect("MOVED 16384 a:1").slot, 0);
    EXPECT_EQ(read_redirect("MOVED 12x a:1").slot, 0);
    EXPECT_EQ(read_redirect("MOVED 866 ?:1").slot, 866);
}

TEST(redirect, no_name_is_longer_than_a_name_can_be) {
    const std::string longest(255, 'h');
    EXPECT_EQ(read_redirect("MOVED 866 " + longest + ":1"), moved(866, {longest, 1}));
    EXPECT_EQ(read_redirect("MOVED 866 " + longest + "h:1").target, std::nullopt);
    EXPECT_EQ(read_redirect("ASK 866 " + std::string(60'000, 'h') + ":1").target, std::nullopt);
}

TEST(redirect, any_bytes_are_read_without_harm) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const std::string_view pieces[] = {"MOVED", "ASK", " ", " ", "866",  "16384", ":",    "7001", "a",        "[", "]",
                                       "::1",   "?",   "-", "+", "\0"sv, "\xFF",  "\r\n", "@",    "TRYAGAIN", "0"};
    for (int round = 0; round < 100'000; ++round) {
        std::string text;
        for (auto n = random() % 9; n > 0; --n) text += pieces[random() % std::size(pieces)];
        const redirect r = read_redirect(text);
        ASSERT_LT(r.slot, slot_count) << text;
        if (!r.target) continue;
        ASSERT_TRUE(r.kind == rejection::moved || r.kind == rejection::ask) << text;
        ASSERT_NE(r.target->port, 0) << text;
        ASSERT_NE(r.target->host, "?") << text;
    }
}

TEST(read_redirect, redirect_names_the_primary_without_a_slot) {
    EXPECT_EQ(read_redirect("REDIRECT 10.0.0.7:7001"),
              (redirect{.kind = rejection::redirect, .target = endpoint{"10.0.0.7", 7001}}));
    EXPECT_EQ(read_redirect("REDIRECT ::1:7001").target, (endpoint{"::1", 7001}));
    for (const char* useless : {"REDIRECT", "REDIRECT ", "REDIRECT ?:7001", "REDIRECT host", "REDIRECT host:70000"}) {
        EXPECT_EQ(read_redirect(useless), (redirect{.kind = rejection::redirect, .target = std::nullopt})) << useless;
    }
}

}  // namespace
}  // namespace valkeyxx::routing
