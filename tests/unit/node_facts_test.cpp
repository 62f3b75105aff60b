// What a node tells of itself, as servers write it and as no server should.
#include "topology/node_facts.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

#include "support/wire.hpp"

namespace valkeyxx::topology {
namespace {

using testing::array;
using testing::bulk;
using testing::integer;
using testing::null;
using testing::reply_from;

std::optional<cluster_facts> info(std::string_view text) {
    const value reply = reply_from(bulk(text));
    return read_cluster_info(reply);
}

std::optional<role_facts> role(const std::string& wire) {
    const value reply = reply_from(wire);
    return read_role(reply);
}

// As Valkey 8 writes it, all on one line.
std::string entry(const std::string& change = "", const std::string& to = "") {
    std::string line =
        "id=7 addr=127.0.0.1:51234 laddr=127.0.0.1:6379 fd=10 name=flags=b age=9 idle=3 flags=N capa= db=0 sub=0 "
        "psub=0 ssub=0 multi=-1 watch=0 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 "
        "tot-mem=1920 events=r cmd=get user=default redir=-1 resp=3 lib-name=valkeyxx lib-ver=0.1.0\n";
    if (!change.empty())
        line.replace(line.find(" " + change + " "), change.size() + 2, to.empty() ? " " : " " + to + " ");
    return line;
}

std::optional<bool> at_rest(const std::string& wire) {
    const value reply = reply_from(wire);
    return read_client_at_rest(reply, 7);
}

TEST(node_facts, a_client_is_at_rest_when_the_server_has_nothing_left_to_do_for_it) {
    EXPECT_EQ(at_rest(bulk(entry())), true);
    EXPECT_EQ(at_rest(bulk("")), true) << "it is not known (any more)";
    EXPECT_EQ(at_rest(bulk("\n")), true);
    for (const auto& [what, now] : {std::pair{"flags=N", "flags=b"},
                                    {"flags=N", "flags=xb"},
                                    {"qbuf=0", "qbuf=12"},
                                    {"argv-mem=0", "argv-mem=3"},
                                    {"obl=0", "obl=5"},
                                    {"oll=0", "oll=1"}}) {
        EXPECT_EQ(at_rest(bulk(entry(what, now))), false) << now;
    }
    EXPECT_EQ(at_rest(bulk(entry("flags=N", "flags=t"))), true) << "it tracks keys";
}

TEST(node_facts, of_a_client_nothing_is_known_by_an_answer_of_another_shape) {
    for (const char* gone : {"flags=N", "qbuf=0", "argv-mem=0", "obl=0", "oll=0"}) {
        EXPECT_EQ(at_rest(bulk(entry(gone))), std::nullopt) << gone;
    }
    std::string other = entry();
    other.replace(0, 4, "id=8");
    EXPECT_EQ(at_rest(bulk(other)), std::nullopt);
    EXPECT_EQ(at_rest(bulk("?")), std::nullopt);
    EXPECT_EQ(at_rest(array({})), std::nullopt);
    EXPECT_EQ(at_rest(integer(0)), std::nullopt);
    EXPECT_EQ(at_rest("-NOPERM this user has no permissions to run the 'client|list' command\r\n"), std::nullopt);
}

TEST(node_facts, reads_the_state_and_the_epoch_of_a_whole_answer) {
    const auto facts = info(
        "cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\ncluster_slots_pfail:0\r\n"
        "cluster_slots_fail:0\r\ncluster_known_nodes:6\r\ncluster_size:3\r\ncluster_current_epoch:6\r\n"
        "cluster_my_epoch:2\r\ncluster_stats_messages_sent:1483972\r\ntotal_cluster_links_buffer_limit_exceeded:0\r\n");
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->ok);
    EXPECT_EQ(facts->epoch, 6U);
}

TEST(node_facts, reads_lines_in_any_order_and_with_any_line_end) {
    for (const char* text :
         {"cluster_current_epoch:12\r\ncluster_state:ok\r\n", "cluster_state:ok\ncluster_current_epoch:12",
          "\r\n\r\ncluster_state:ok\r\n\r\ncluster_current_epoch:12\r\n\r\n"}) {
        const auto facts = info(text);
        ASSERT_TRUE(facts) << text;
        EXPECT_TRUE(facts->ok) << text;
        EXPECT_EQ(facts->epoch, 12U) << text;
    }
}

TEST(node_facts, reads_the_verbatim_text_of_resp3) {
    const value reply = reply_from("=49\r\ntxt:cluster_state:fail\r\ncluster_current_epoch:3\r\n\r\n");
    const auto facts = read_cluster_info(reply);
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->ok);
    EXPECT_EQ(facts->epoch, 3U);
}

TEST(node_facts, every_state_but_ok_is_not_ok) {
    for (const std::string state : {"fail", "", "OK", "ok ", " ok", "okay", "o"}) {
        const auto facts = info("cluster_state:" + state + "\r\ncluster_current_epoch:1\r\n");
        ASSERT_TRUE(facts) << state;
        EXPECT_FALSE(facts->ok) << state;
    }
}

TEST(node_facts, a_line_of_a_longer_name_is_not_taken_for_it) {
    EXPECT_FALSE(info("cluster_state_of_mind:ok\r\ncluster_current_epoch:1\r\n"));
    EXPECT_FALSE(info("cluster_state:ok\r\ncluster_current_epoch_max:1\r\n"));
    EXPECT_FALSE(info("my_cluster_state:ok\r\ncluster_current_epoch:1\r\n"));
    const auto facts = info("x:cluster_state:fail\r\ncluster_state:ok\r\ncluster_current_epoch:1\r\n");
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->ok);
}

TEST(node_facts, the_first_of_two_lines_of_one_name_counts) {
    const auto facts = info("cluster_state:fail\r\ncluster_state:ok\r\ncluster_current_epoch:1\r\n");
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->ok);
}

TEST(node_facts, an_answer_without_state_or_epoch_says_nothing) {
    EXPECT_FALSE(info(""));
    EXPECT_FALSE(info("\r\n\r\n"));
    EXPECT_FALSE(info("cluster_state:ok\r\n"));
    EXPECT_FALSE(info("cluster_current_epoch:1\r\n"));
    EXPECT_FALSE(info("cluster_state ok\r\ncluster_current_epoch 1\r\n"));
    EXPECT_FALSE(info("cluster_state\r\ncluster_current_epoch\r\n"));
}

TEST(node_facts, an_epoch_that_is_no_number_says_nothing) {
    for (const std::string epoch : {"", "x", "-1", "+1", " 1", "1 ", "1x", "0x10", "1.5", "18446744073709551616",
                                    "99999999999999999999999999999999"}) {
        EXPECT_FALSE(info("cluster_state:ok\r\ncluster_current_epoch:" + epoch + "\r\n")) << '"' << epoch << '"';
    }
    const auto greatest = info("cluster_state:ok\r\ncluster_current_epoch:18446744073709551615\r\n");
    ASSERT_TRUE(greatest);
    EXPECT_EQ(greatest->epoch, ~std::uint64_t{0});
    EXPECT_EQ(info("cluster_state:ok\r\ncluster_current_epoch:0\r\n")->epoch, 0U);
}

TEST(node_facts, an_answer_of_another_kind_says_nothing) {
    for (const std::string& wire :
         {null(), integer(1), array({}), array({bulk("cluster_state:ok\r\ncluster_current_epoch:1\r\n")}),
          std::string{"-NOPERM this user has no permissions to run the 'cluster|info' command\r\n"},
          std::string{"_\r\n"}, std::string{"#t\r\n"}}) {
        const value reply = reply_from(wire);
        EXPECT_FALSE(read_cluster_info(reply)) << wire;
    }
}

TEST(node_facts, text_with_zeros_and_no_end_is_read_to_where_it_goes) {
    using namespace std::string_literals;
    EXPECT_FALSE(info("cluster_state:ok\0\r\ncluster_current_epoch:1"s)->ok);
    EXPECT_FALSE(info("cluster_state:ok\r\ncluster_current_epoch:1\0"s));
    EXPECT_FALSE(info(std::string(100'000, ':')));
    EXPECT_FALSE(info(std::string(100'000, '\r')));
}

TEST(node_facts, random_texts_are_either_understood_or_refused) {
    std::mt19937 dice{7};
    const std::string parts[] = {"cluster_state:",     "cluster_current_epoch:5", "ok", "\r\n", "\n", "\r", ":", "5",
                                 "availability_zone:", std::string(1, '\0')};
    int understood = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto words = dice() % 12; words > 0; --words) text += parts[dice() % std::size(parts)];
        const auto facts = info(text);
        if (facts) {
            ++understood;
            EXPECT_NE(text.find("cluster_state:"), std::string::npos) << text;
            EXPECT_NE(text.find("cluster_current_epoch:5"), std::string::npos) << text;
        }
        const std::string_view zone = read_zone(text);
        EXPECT_EQ(zone.find('\n'), std::string_view::npos) << text;
    }
    EXPECT_GT(understood, 0);
}

TEST(node_facts, a_primary_is_one_under_its_old_and_its_new_name) {
    for (const char* name : {"master", "primary"}) {
        const auto facts = role(array({bulk(name), integer(3129659), array({})}));
        ASSERT_TRUE(facts);
        EXPECT_TRUE(facts->primary);
        EXPECT_TRUE(facts->linked);
    }
}

TEST(node_facts, a_replica_is_linked_only_when_it_is_connected) {
    for (const char* name : {"slave", "replica"}) {
        for (const std::string state : {"connected", "connect", "connecting", "sync", "none", ""}) {
            const auto facts = role(array({bulk(name), bulk("10.0.0.1"), integer(6379), bulk(state), integer(-1)}));
            ASSERT_TRUE(facts) << name << ' ' << state;
            EXPECT_FALSE(facts->primary);
            EXPECT_EQ(facts->linked, state == "connected") << name << ' ' << state;
        }
    }
}

TEST(node_facts, a_role_of_another_shape_says_nothing) {
    EXPECT_FALSE(role(array({})));
    EXPECT_FALSE(role(null()));
    EXPECT_FALSE(role(bulk("master")));
    EXPECT_FALSE(role(array({bulk("sentinel"), array({bulk("mymaster")})})));
    EXPECT_FALSE(role(array({integer(1), integer(2)})));
    EXPECT_FALSE(role(array({array({bulk("master")})})));
    EXPECT_FALSE(role(array({bulk("slave"), bulk("10.0.0.1"), integer(6379)})));
    EXPECT_FALSE(role("-NOPERM this user has no permissions to run the 'role' command\r\n"));
    const auto odd = role(array({bulk("slave"), integer(1), integer(2), array({bulk("connected")})}));
    ASSERT_TRUE(odd);
    EXPECT_FALSE(odd->linked);
}

TEST(node_facts, the_zone_is_the_value_of_its_line) {
    EXPECT_EQ(read_zone("# Server\r\nserver_name:valkey\r\navailability_zone:eu-1a\r\nlistener0:tcp\r\n"), "eu-1a");
    EXPECT_EQ(read_zone("availability_zone:"), "");
    EXPECT_EQ(read_zone("availability_zone:a:b\n"), "a:b");
    EXPECT_EQ(read_zone("availability_zone:with blanks \r\n"), "with blanks ");
    EXPECT_EQ(read_zone(""), "");
    EXPECT_EQ(read_zone("# Server\r\n"), "");
    EXPECT_EQ(read_zone("availability_zone"), "");
}

}  // namespace
}  // namespace valkeyxx::topology
