// Errors: what they say and what they know.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "resp/server_error.hpp"

#include <valkeyxx/error.hpp>
#include <valkeyxx/result.hpp>

using namespace valkeyxx;

namespace {

constexpr errc all_codes[] = {
    errc::server_error,       errc::timed_out,
    errc::cannot_connect,     errc::connection_lost,
    errc::too_many_redirects, errc::no_topology,
    errc::not_a_cluster,      errc::slot_not_served,
    errc::cross_slot,         errc::unknown_node,
    errc::invalid_url,        errc::invalid_argument,
    errc::unexpected_reply,   errc::protocol_error,
    errc::queue_full,         errc::client_closed,
    errc::partly_failed,      errc::transaction_conflict,
    errc::access_denied,      errc::authentication_failed,
    errc::lock_lost,
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

TEST(error, server_code_is_kept_where_a_refusal_became_another_failure) {
    const error refused{{.code = errc::cannot_connect, .text = "the server refused it", .server_code = "WRONGPASS"}};
    EXPECT_EQ(refused.server_code(), "WRONGPASS");
    EXPECT_EQ(refused.with("GET", "h:1", 1, executed::no).server_code(), "WRONGPASS");
    EXPECT_EQ(error(errc::server_error, "").server_code(), "");
}

TEST(error, what_the_user_may_not_is_a_kind_of_server_error) {
    for (const errc kind : {errc::access_denied, errc::authentication_failed}) {
        const error e{kind, "NOPERM no"};
        EXPECT_TRUE(e == kind);
        EXPECT_TRUE(e == errc::server_error);
        EXPECT_FALSE(e != errc::server_error);
        EXPECT_NE(e.which(), errc::server_error);
        EXPECT_EQ(e.server_code(), "NOPERM");
        EXPECT_EQ(e.with("GET", "h:1", 1, executed::yes).message(), "GET at h:1: NOPERM no");
    }
    EXPECT_FALSE(error(errc::server_error, "NOPERM no") == errc::access_denied);
    EXPECT_FALSE(error(errc::timed_out, "") == errc::server_error);
}

TEST(server_error, has_a_code_of_its_own_where_somebody_may_not) {
    const std::vector<std::pair<const char*, errc>> known{
        {"NOPERM User ada has no permissions to run the 'get' command", errc::access_denied},
        {"WRONGPASS invalid username-password pair or user is disabled.", errc::authentication_failed},
        {"NOAUTH Authentication required.", errc::authentication_failed},
        {"ERR AUTH <password> called without any password configured for the default user. Are you sure your "
         "configuration is correct?",
         errc::authentication_failed},
        {"ERR Client sent AUTH, but no password is set", errc::authentication_failed},
        {"ERR invalid password", errc::authentication_failed},
        {"ERR wrong number of arguments for 'auth' command", errc::authentication_failed},
        {"ERR wrong number of arguments for 'get' command", errc::server_error},
        {"ERR max number of clients reached", errc::server_error},
        {"DENIED Running in protected mode", errc::server_error},
        {"WRONGTYPE Operation against a key", errc::server_error},
        {"", errc::server_error}};
    for (const auto& [text, code] : known) EXPECT_EQ(resp::read_server_error(text).which(), code) << text;
}

TEST(server_error, is_told_without_the_arguments_that_it_repeats) {
    const auto told = [](const char* text) { return resp::without_arguments(text); };
    EXPECT_EQ(told("ERR unknown command 'X', with args beginning with: 'hush' 'hush'"), "ERR unknown command 'X'");
    EXPECT_EQ(told("ERR unknown command `X`, with args beginning with: `hush`, "), "ERR unknown command `X`");
    EXPECT_EQ(told("ERR Error in ACL SETUSER modifier '<hu': 'sh': The password you are trying to remove from the user "
                   "does not exist"),
              "ERR Error in ACL SETUSER modifier '...': The password you are trying to remove from the user does not "
              "exist");
    EXPECT_EQ(told("ERR Error in ACL SETUSER modifier '#hush': Syntax error script: 12ab, on @user_script:1."),
              "ERR Error in ACL SETUSER modifier '...': Syntax error script: 12ab, on @user_script:1.");
    EXPECT_EQ(told("ERR Unmatched parenthesis in acl selector starting at '(hush'."),
              "ERR Unmatched parenthesis in acl selector starting at '...'.");
    EXPECT_EQ(told("ERR Syntax error in HELLO option 'hush'"), "ERR Syntax error in HELLO option '...'");
    EXPECT_EQ(told("ERR Invalid argument 'hush' for SENTINEL SET 'quorum'"),
              "ERR Invalid argument '...' for SENTINEL SET 'quorum'");
    EXPECT_EQ(told("ERR Invalid argument 'hush' for CONFIG SET 'requirepass' - too long"),
              "ERR Invalid argument '...' for CONFIG SET 'requirepass' - too long");
    EXPECT_EQ(told("ERR Invalid argument 'hush' to SENTINEL CONFIG SET"),
              "ERR Invalid argument '...' to SENTINEL CONFIG SET");
    EXPECT_EQ(told("ERR Invalid value 'hush' to SENTINEL CONFIG SET 'announce-port'"),
              "ERR Invalid value '...' to SENTINEL CONFIG SET 'announce-port'");
    EXPECT_EQ(told("NOGROUP No such key 'hush' or consumer group 'hu'sh' in XREADGROUP with GROUP option"),
              "NOGROUP No such key '...' or consumer group '...' in XREADGROUP with GROUP option");
    EXPECT_EQ(told("NOGROUP No such consumer group 'hush' for key name 'hush'"),
              "NOGROUP No such consumer group '...' for key name '...'");
    EXPECT_EQ(
        told("ERR Prefix 'hush' overlaps with another provided prefix 'hu'. Prefixes for a single client must not "
             "overlap."),
        "ERR Prefix '...' overlaps with another provided prefix '...'. Prefixes for a single client must not "
        "overlap.");
    EXPECT_EQ(told("ERR invalid longitude,latitude pair 200.000000,100.000000"),
              "ERR invalid longitude,latitude pair ...");
    EXPECT_EQ(told("ERR member hush does not exist"), "ERR member ... does not exist");
    EXPECT_EQ(told("ERR Error compiling script (new function): user_script:1: '=' expected near 'hush'"),
              "ERR Error compiling script (new function): user_script:1: '=' expected near '...'");
    EXPECT_EQ(told("ERR Error compiling function: user_function:1: unfinished string near ''hush'"),
              "ERR Error compiling function: user_function:1: unfinished string near '...'");
    EXPECT_EQ(
        told("ERR Target instance replied with error: ERR unknown command 'AUTH', with args beginning with: 'hush'"),
        "ERR Target instance replied with error: ERR unknown command 'AUTH'");
}

TEST(server_error, is_told_in_full_where_it_repeats_nothing_but_names) {
    for (const char* text :
         {"", "ERR", "ERR unknown command 'X'", "MOVED 866 10.0.0.7:7001", "ASK 1 :7001", "ERR Invalid argument '",
          "ERR unknown subcommand 'X'. Try ACL HELP.", "ERR user_script:1: it is near 'here' script: 12ab",
          "ERR Unknown option or number of arguments for CONFIG SET - 'maxmemoy'",
          "ERR user_script:1: Script attempted to access nonexistent global variable 'x' script: 12ab",
          "WRONGTYPE Operation against a key holding the wrong kind of value", "ERR Unknown node 1234"}) {
        EXPECT_EQ(resp::without_arguments(text), text);
    }
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
