// The first words on a new connection, as a script: what is sent, what is answered, how it ends.
#include "session/handshake.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/wire.hpp"

#include <valkeyxx/version.hpp>

namespace valkeyxx::sessions {
namespace {

using testing::reply_from;
using testing::request;
using status = handshake::status;

const std::string set_info =
    request({"CLIENT", "SETINFO", "LIB-NAME", "valkeyxx"}) + request({"CLIENT", "SETINFO", "LIB-VER", version});
constexpr auto hello_reply = "%2\r\n$6\r\nserver\r\n$6\r\nvalkey\r\n$5\r\nproto\r\n:3\r\n";

class script {
  public:
    explicit script(const handshake_settings& settings) : handshake_{settings} {}

    script& sends(const std::string& bytes, int replies) {
        const auto round = std::exchange(started_, true) ? handshake_.pending() : std::optional{handshake_.start()};
        EXPECT_TRUE(round);
        if (!round) return *this;
        EXPECT_EQ(round->bytes, bytes);
        EXPECT_EQ(round->replies, replies);
        EXPECT_FALSE(handshake_.pending());  // taken once
        return *this;
    }
    script& gets(std::string_view wire, status expected) {
        EXPECT_EQ(handshake_.on_reply(reply_from(wire)), expected) << wire;
        return *this;
    }
    // More replies of the same round are to come: there is nothing to send.
    script& gets_more_of_the_round(std::string_view wire) {
        gets(wire, status::more);
        EXPECT_FALSE(handshake_.pending());
        return *this;
    }
    void speaks(int protocol) const { EXPECT_EQ(handshake_.protocol(), protocol); }
    void is_client(std::int64_t id) const { EXPECT_EQ(handshake_.client_id(), id); }
    void fails_with(std::string_view text, errc code = errc::server_error) const {
        EXPECT_EQ(handshake_.failure().which(), code);
        EXPECT_EQ(handshake_.failure().text(), text);
    }

  private:
    handshake handshake_;
    bool started_ = false;
};

TEST(handshake, speaks_resp3_where_the_server_does) {
    script s{{}};
    s.sends(request({"HELLO", "3"}) + set_info, 3)
        .gets_more_of_the_round(hello_reply)
        .gets_more_of_the_round("+OK\r\n")
        .gets("+OK\r\n", status::done)
        .speaks(3);
}

TEST(handshake, authenticates_and_names_itself_in_one_word) {
    script{{.username = "ada", .password = "secret", .client_name = "app"}}.sends(
        request({"HELLO", "3", "AUTH", "ada", "secret", "SETNAME", "app"}) + set_info, 3);
    script{{.username = {}, .password = "secret", .client_name = {}}}.sends(
        request({"HELLO", "3", "AUTH", "default", "secret"}) + set_info, 3);
    script{{.username = {}, .password = {}, .client_name = "app"}}.sends(
        request({"HELLO", "3", "SETNAME", "app"}) + set_info, 3);
}

TEST(handshake, asks_for_favours_and_does_without) {
    const std::string favours = request({"CLIENT", "NO-EVICT", "on"}) + request({"CLIENT", "NO-TOUCH", "on"});
    script{{.no_evict = true}}.sends(request({"HELLO", "3"}) + set_info + request({"CLIENT", "NO-EVICT", "on"}), 4);
    script{{.no_evict = true, .no_touch = true}}
        .sends(request({"HELLO", "3"}) + set_info + favours, 5)
        .gets_more_of_the_round(hello_reply)
        .gets_more_of_the_round("+OK\r\n")
        .gets_more_of_the_round("+OK\r\n")
        .gets_more_of_the_round("-NOPERM User ada has no permissions to run the 'client|no-evict' command\r\n")
        .gets("-ERR unknown subcommand 'NO-TOUCH'. Try CLIENT HELP.\r\n", status::done);
    script{{.resp3 = false, .no_evict = true, .no_touch = true}}
        .sends(request({"PING"}) + set_info + favours, 5)
        .gets_more_of_the_round("+PONG\r\n");
}

TEST(handshake, asks_for_favours_again_once_it_has_authenticated_in_the_older_protocol) {
    const std::string favour = request({"CLIENT", "NO-TOUCH", "on"});
    script s{{.password = "secret", .no_touch = true}};
    s.sends(request({"HELLO", "3", "AUTH", "default", "secret"}) + set_info + favour, 4)
        .gets("-NOPROTO unsupported protocol version\r\n", status::more);
    s.sends(request({"AUTH", "secret"}) + favour, 2);
}

TEST(handshake, selects_a_database) {
    const std::string select = request({"SELECT", "3"});
    script{{.database = 3}}
        .sends(request({"HELLO", "3"}) + set_info + select, 4)
        .gets_more_of_the_round(hello_reply)
        .gets_more_of_the_round("+OK\r\n")
        .gets_more_of_the_round("+OK\r\n")
        .gets("+OK\r\n", status::done);
    script{{.database = 3, .resp3 = false}}
        .sends(select + set_info, 3)
        .gets_more_of_the_round("+OK\r\n")
        .gets_more_of_the_round("+OK\r\n")
        .gets("+OK\r\n", status::done);
    script refused{{.database = 99, .resp3 = false}};
    refused.sends(request({"SELECT", "99"}) + set_info, 3).gets("-ERR DB index is out of range\r\n", status::failed);
    refused.fails_with("ERR DB index is out of range");
}

TEST(handshake, knows_what_the_server_calls_the_connection) {
    const auto after_hello = [](const char* reply) {
        script s{{}};
        s.sends(request({"HELLO", "3"}) + set_info, 3).gets_more_of_the_round(reply);
        return s;
    };
    after_hello("%2\r\n+proto\r\n:3\r\n+id\r\n:12345678901\r\n").is_client(12345678901);
    after_hello(hello_reply).is_client(0);
    for (const char* odd : {"%1\r\n+id\r\n+x\r\n", "%1\r\n+id\r\n*0\r\n", "*1\r\n+id\r\n", "*0\r\n", "+OK\r\n"}) {
        after_hello(odd).is_client(0);
    }
    script s{{.resp3 = false}};
    s.sends(request({"PING"}) + set_info, 3).gets_more_of_the_round("+PONG\r\n").is_client(0);
}

TEST(handshake, does_not_mind_a_server_that_takes_no_library_names) {
    script s{{}};
    s.sends(request({"HELLO", "3"}) + set_info, 3)
        .gets_more_of_the_round(hello_reply)
        .gets_more_of_the_round("-ERR unknown subcommand 'SETINFO'\r\n")
        .gets("-NOPERM no\r\n", status::done)
        .speaks(3);
}

TEST(handshake, falls_back_to_resp2_without_a_password) {
    for (const auto* refusal : {"-NOPROTO unsupported protocol version\r\n", "-ERR unknown command 'HELLO'\r\n",
                                "-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n"}) {
        script s{{}};
        s.sends(request({"HELLO", "3"}) + set_info, 3)
            .gets(refusal, status::more)
            .sends(request({"PING"}), 1)
            .gets_more_of_the_round("-ERR unknown subcommand\r\n")
            .gets_more_of_the_round("-ERR unknown subcommand\r\n")
            .gets("+PONG\r\n", status::done)
            .speaks(2);
    }
}

TEST(handshake, falls_back_to_resp2_with_password_and_name) {
    script s{{.username = {}, .password = "secret", .client_name = "app"}};
    s.sends(request({"HELLO", "3", "AUTH", "default", "secret", "SETNAME", "app"}) + set_info, 3)
        .gets("-NOPROTO no\r\n", status::more)
        .sends(request({"AUTH", "secret"}) + request({"CLIENT", "SETNAME", "app"}), 2)
        .gets_more_of_the_round("-NOAUTH Authentication required.\r\n")
        .gets_more_of_the_round("-NOAUTH Authentication required.\r\n")
        .gets_more_of_the_round("+OK\r\n")
        .gets("+OK\r\n", status::done)
        .speaks(2);
}

TEST(handshake, speaks_resp2_from_the_start_if_told_to) {
    script plain{{.resp3 = false}};
    plain.sends(request({"PING"}) + set_info, 3)
        .gets_more_of_the_round("+PONG\r\n")
        .gets_more_of_the_round("-ERR unknown subcommand\r\n")
        .gets("-NOPERM no\r\n", status::done)
        .speaks(2);
    script named{{.username = "ada", .password = "secret", .client_name = "app", .resp3 = false}};
    named.sends(request({"AUTH", "ada", "secret"}) + request({"CLIENT", "SETNAME", "app"}) + set_info, 4)
        .gets_more_of_the_round("+OK\r\n")
        .gets_more_of_the_round("+OK\r\n")
        .gets_more_of_the_round("+OK\r\n")
        .gets("+OK\r\n", status::done)
        .speaks(2);
}

TEST(handshake, fails_with_the_servers_words) {
    const std::vector<std::pair<std::string, errc>> refusals{
        {"WRONGPASS invalid username-password pair or user is disabled.", errc::authentication_failed},
        {"NOAUTH HELLO must be called with the client already authenticated", errc::authentication_failed},
        {"ERR Client names cannot contain spaces", errc::server_error},
        {"ERR max number of clients reached", errc::server_error},
        {"NOPERM no", errc::access_denied},
        {"LOADING wait", errc::server_error}};
    for (const auto& [refusal, code] : refusals) {
        script s{{.username = {}, .password = "secret", .client_name = {}}};
        s.sends(request({"HELLO", "3", "AUTH", "default", "secret"}) + set_info, 3)
            .gets("-" + refusal + "\r\n", status::failed)
            .fails_with(refusal, code);
    }
}

TEST(handshake, does_not_pass_on_a_password_that_the_server_repeats) {
    const auto refused = [](const std::string& by_server, const std::string& password = "secret") {
        script s{{.password = password, .resp3 = false}};
        s.sends(request({"AUTH", password}) + set_info, 3).gets("-" + by_server + "\r\n", status::failed);
        return s;
    };
    refused("ERR unknown command 'AUTH', with args beginning with: 'secr").fails_with("ERR unknown command 'AUTH'");
    refused("ERR unknown command `AUTH`, with args beginning with: `secret`, ")
        .fails_with("ERR unknown command `AUTH`");
    refused("ERR secret secretsecret is wrong").fails_with("ERR *** ****** is wrong");
    refused("ERR ** is wrong", "*").fails_with("ERR ****** is wrong");
    script greeted{{.password = "secret"}};
    greeted.sends(request({"HELLO", "3", "AUTH", "default", "secret"}) + set_info, 3)
        .gets("-ERR no 'secret' here\r\n", status::failed)
        .fails_with("ERR no '***' here");
}

TEST(handshake, fails_in_resp2_too) {
    script wrong{{.username = {}, .password = "secret", .client_name = "app", .resp3 = false}};
    wrong.sends(request({"AUTH", "secret"}) + request({"CLIENT", "SETNAME", "app"}) + set_info, 4)
        .gets("-WRONGPASS no\r\n", status::failed)
        .fails_with("WRONGPASS no", errc::authentication_failed);
    script named{{.username = {}, .password = "secret", .client_name = "a b", .resp3 = false}};
    named.sends(request({"AUTH", "secret"}) + request({"CLIENT", "SETNAME", "a b"}) + set_info, 4)
        .gets_more_of_the_round("+OK\r\n")
        .gets("-ERR no spaces\r\n", status::failed)
        .fails_with("ERR no spaces");
    script loading{{.resp3 = false}};
    loading.sends(request({"PING"}) + set_info, 3).gets("-LOADING wait\r\n", status::failed).fails_with("LOADING wait");
}

TEST(handshake, secrets_may_hold_any_bytes) {
    using namespace std::string_literals;
    script{{.username = {}, .password = "\r\n\0$1"s, .client_name = {}}}.sends(
        request({"HELLO", "3", "AUTH", "default", "\r\n\0$1"s}) + set_info, 3);
}

const std::string role_of_primary = testing::array({testing::bulk("master"), testing::integer(0), "*0\r\n"});
const std::string role_of_replica =
    testing::array({testing::bulk("slave"), testing::bulk("10.0.0.1"), testing::integer(6379),
                    testing::bulk("connected"), testing::integer(0)});

TEST(handshake, refuses_a_replica_where_a_primary_is_needed) {
    for (const bool resp3 : {true, false}) {
        const auto begun = [&] {
            script s{{.username = {}, .password = {}, .client_name = {}, .resp3 = resp3, .must_be_primary = true}};
            if (resp3) {
                s.sends(request({"HELLO", "3"}) + set_info + request({"ROLE"}), 4);
                s.gets_more_of_the_round(hello_reply).gets_more_of_the_round("+OK\r\n");
                s.gets_more_of_the_round("+OK\r\n");
            } else {
                s.sends(request({"ROLE"}) + set_info, 3);
            }
            return s;
        };
        const auto goes_on_after = [&](std::string_view role) {
            if (resp3) {
                begun().gets(role, status::done);
            } else {
                begun().gets(role, status::more).gets("+OK\r\n", status::more).gets("+OK\r\n", status::done);
            }
        };
        goes_on_after(role_of_primary);
        goes_on_after("-NOPERM not allowed\r\n");
        begun()
            .gets(role_of_replica, status::failed)
            .fails_with("the node is a replica, not the primary", errc::cannot_connect);
    }
}

TEST(handshake, listens_once_resp3_is_agreed_on) {
    const std::array<std::string_view, 2> channels{"+switch-master", "+sdown"};
    const handshake_settings listening{.username = {}, .password = {}, .client_name = {}, .channels = channels};
    script{listening}
        .sends(request({"HELLO", "3"}) + set_info, 3)
        .gets_more_of_the_round(hello_reply)
        .gets_more_of_the_round("+OK\r\n")
        .gets("+OK\r\n", status::more)
        .sends(request({"SUBSCRIBE", "+switch-master", "+sdown"}) + request({"PING"}), 1)
        .gets("+PONG\r\n", status::done)
        .speaks(3);
    script{listening}
        .sends(request({"HELLO", "3"}) + set_info, 3)
        .gets("-NOPROTO unsupported protocol version\r\n", status::more)
        .sends(request({"PING"}), 1)
        .gets_more_of_the_round("+OK\r\n")
        .gets_more_of_the_round("+OK\r\n")
        .gets("+PONG\r\n", status::done)
        .speaks(2);
}

}  // namespace
}  // namespace valkeyxx::sessions
