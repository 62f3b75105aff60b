// Errors: what they say and what they know.
#include <gtest/gtest.h>

#include <string>

#include <valkeyxx/error.hpp>
#include <valkeyxx/result.hpp>

using namespace valkeyxx;

namespace {

constexpr errc all_codes[] = {
    errc::server_error,       errc::timed_out,      errc::cannot_connect, errc::connection_lost,
    errc::too_many_redirects, errc::no_topology,    errc::not_a_cluster,  errc::slot_not_served,
    errc::cross_slot,         errc::unknown_node,   errc::invalid_url,    errc::invalid_argument,
    errc::unexpected_reply,   errc::protocol_error, errc::queue_full,     errc::client_closed,
};

TEST(error, message_tells_all_circumstances_in_one_sentence) {
    const error e{{.code = errc::connection_lost,
                   .command = "GET",
                   .node = "127.0.0.1:7000",
                   .attempts = 2,
                   .executed = executed::unknown}};
    EXPECT_EQ(e.message(), "GET at 127.0.0.1:7000: connection lost (tried 2 times; the command may have run)");
    EXPECT_EQ(e.text(), "connection lost");
    EXPECT_TRUE(e.may_have_run());
    EXPECT_TRUE(e == errc::connection_lost);
    EXPECT_FALSE(e == errc::timed_out);
}

TEST(error, message_leaves_out_what_is_not_known) {
    const error plain{errc::timed_out, "no answer within 5 ms"};
    EXPECT_EQ(plain.message(), "no answer within 5 ms");
    EXPECT_EQ(plain.with("GET", "", 1, executed::no).message(), "GET: no answer within 5 ms");
    EXPECT_EQ(plain.with("", "h:1", 3, executed::no).message(), "h:1: no answer within 5 ms (tried 3 times)");
    EXPECT_EQ(plain.with("GET", "h:1", 1, executed::unknown).message(),
              "GET at h:1: no answer within 5 ms (the command may have run)");
}

TEST(error, message_says_that_a_command_ran_unless_the_server_refused_it) {
    const error shape{errc::unexpected_reply, "expected an integer, got an array"};
    EXPECT_EQ(shape.with("GET", "h:1", 1, executed::yes).message(),
              "GET at h:1: expected an integer, got an array (the command has run)");
    const error refused{errc::server_error, "WRONGTYPE no list"};
    EXPECT_EQ(refused.with("LPUSH", "h:1", 1, executed::yes).message(), "LPUSH at h:1: WRONGTYPE no list");
}

TEST(error, with_keeps_code_and_text_and_leaves_the_original_alone) {
    const error first{errc::timed_out, "late"};
    const error second = first.with("SET", "h:1", 4, executed::unknown);
    EXPECT_EQ(second.which(), errc::timed_out);
    EXPECT_EQ(second.text(), "late");
    EXPECT_EQ(second.command(), "SET");
    EXPECT_EQ(second.node(), "h:1");
    EXPECT_EQ(second.attempts(), 4);
    EXPECT_EQ(second.executed(), executed::unknown);
    EXPECT_EQ(first.message(), "late");
    EXPECT_EQ(first.executed(), executed::no);
}

TEST(error, server_code_is_the_first_word_of_a_server_error_only) {
    EXPECT_EQ(error(errc::server_error, "WRONGTYPE no list").server_code(), "WRONGTYPE");
    EXPECT_EQ(error(errc::server_error, "NOAUTH").server_code(), "NOAUTH");
    EXPECT_EQ(error(errc::timed_out, "no answer").server_code(), "");
}

TEST(error, every_code_has_its_own_text_in_the_category) {
    EXPECT_STREQ(error_category().name(), "valkeyxx");
    std::string seen = "\n";
    for (const errc code : all_codes) {
        const std::error_code standard = code;
        EXPECT_EQ(&standard.category(), &error_category());
        EXPECT_EQ(standard, error(code, "").code());
        EXPECT_NE(standard.message(), "unknown error");
        EXPECT_EQ(seen.find("\n" + standard.message() + "\n"), std::string::npos) << standard.message();
        seen += standard.message() + "\n";
    }
    EXPECT_EQ(error_category().message(4711), "unknown error");
    EXPECT_FALSE(std::error_code{}.category() == error_category());
}

TEST(result, value_throws_an_exception_that_tells_the_error) {
    const result<int> failed = error{errc::timed_out, "late"};
    ASSERT_FALSE(failed);
    try {
        (void)failed.value();
        FAIL() << "did not throw";
    } catch (const exception& e) {
        EXPECT_STREQ(e.what(), "late");
        EXPECT_EQ(e.code(), errc::timed_out);
        EXPECT_EQ(e.error().which(), errc::timed_out);
    }
    EXPECT_EQ(result<int>{3}.value(), 3);
    EXPECT_EQ(result<int>(error{errc::timed_out, ""}).value_or(7), 7);
    EXPECT_NO_THROW(result<void>{}.value());
    EXPECT_THROW(result<void>(error{errc::timed_out, ""}).value(), exception);
}

}  // namespace
