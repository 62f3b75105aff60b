// Commands that the table does not know. Servers that have renamed some of theirs stand for servers with modules: the
// client has never heard of the names, and the servers describe them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "command/described.hpp"
#include "command/keys.hpp"
#include "integration/all_faces.hpp"
#include "integration/client_world.hpp"
#include "integration/reads_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;

struct servers {
    valkey_cluster nodes{{.shards = 3,
                          .replicas = 1,
                          .node_timeout = stretched(5s),
                          .extra = {"--rename-command", "LPUSH", "X.LPUSH", "--rename-command", "EVAL", "X.EVAL",
                                    "--rename-command", "SORT", "X.SORT", "--rename-command", "SET", "X.SET",
                                    "--rename-command", "DBSIZE", "X.DBSIZE", "--rename-command", "GET", "X.GET"}}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

/// How often any node was asked for something since the last forget_counts().
int questions(const std::string& command) {
    int all = 0;
    for (int i = 0; i < nodes().size(); ++i) all += count_of(nodes().node(i), command).run;
    return all;
}

class command_lookup : public ::testing::TestWithParam<int> {
  protected:
    command_lookup() {
        nodes().flush_all();
        forget_counts(nodes());
    }
    static config settings(read_from reads = read_from::primary) {
        config c = config_for(nodes());
        c.protocol = GetParam();
        c.reads = reads;
        return c;
    }
};

INSTANTIATE_TEST_SUITE_P(protocols, command_lookup, ::testing::Values(2, 3),
                         [](const auto& version) { return "resp" + std::to_string(version.param); });

/// The request with which to try where an entry finds its keys: as many words as it takes, some of them numbers.
std::vector<std::string_view> sample_of(const listed_command& info, std::size_t more) {
    std::vector<std::string_view> words(info.words, "name");
    const auto least = static_cast<std::size_t>(info.arity < 0 ? -info.arity : info.arity);
    while (words.size() < least + (info.arity < 0 ? more : 0)) words.emplace_back(words.size() % 2 == 0 ? "1" : "2");
    return words;
}

void compare(reply_view entry, const std::string& name, const listed_command& listed) {
    const auto read = described_command::read(entry, name);
    ASSERT_NE(read, nullptr) << name;
    const bool takes_more_now =  // a newer server's command may
        read->info().arity < 0 && read->info().takes(static_cast<std::size_t>(std::abs(listed.arity)));
    EXPECT_TRUE(read->info().arity == listed.arity || takes_more_now) << name;
    EXPECT_EQ(read->info().request, listed.request) << name;
    EXPECT_EQ(read->info().response, listed.response) << name;
    for (const auto flag : {command_flags::write, command_flags::readonly, command_flags::blocking,
                            command_flags::no_mandatory_keys, command_flags::movablekeys}) {
        EXPECT_EQ(read->info().has(flag), listed.has(flag)) << name;
    }
    for (std::size_t more = 0; more < 4 && !read->hides_keys(); ++more) {
        const auto words = sample_of(listed, more);
        std::vector<std::uint32_t> expected;
        std::vector<std::uint32_t> found;
        const auto how = find_keys(listed, words, expected);
        EXPECT_EQ(find_keys(read->info(), words, found), how) << name;
        EXPECT_EQ(found, expected) << name;
    }
}

}  // namespace

TEST_P(command_lookup, servers_describe_their_commands_as_the_table_does) {
    cluster client{settings()};
    int compared = 0;
    const value all = client.execute(raw("COMMAND"));
    for (const reply_view entry : all.view()) {
        const listed_command* listed = find_command(entry[0].text(), {});
        // Those whose keys the table finds by hand: their specs do not tell.
        if (listed == nullptr || listed->has(command_flags::movablekeys)) continue;
        compare(entry, std::string{listed->name}, *listed);
        const auto read = described_command::read(entry, listed->name);
        for (const reply_view sub : entry[9]) {
            const std::string_view word = sub[0].text().substr(sub[0].text().find('|') + 1);
            const listed_command* listed_sub = find_command(entry[0].text(), word);
            ASSERT_NE(listed_sub, nullptr) << sub[0].text();
            ASSERT_NE(read->subcommand(word), nullptr) << sub[0].text();
            compare(sub, std::string{listed_sub->name}, *listed_sub);
            ++compared;
        }
        ++compared;
    }
    EXPECT_GT(compared, 300);
}

TEST_P(command_lookup, unknown_command_is_asked_for_once_and_then_routed_by_its_key) {
    cluster client{settings()};
    for (const std::string& key : key_for_each_slot("list:")) {
        ASSERT_EQ(client.execute(raw<int>("X.LPUSH", key, "a")), 1) << key;
        if (key.ends_with("99")) break;
    }
    EXPECT_EQ(client.execute(raw<int>("x.lpush", "list", "a", "b")), 2);
    EXPECT_EQ(client.statistics().moved, 0U);
    EXPECT_EQ(questions("command|info"), 1);
}

TEST_P(command_lookup, key_need_not_be_the_first_argument) {
    all_faces client{settings()};
    for (const char* key : {"a", "b", "c", "d"}) {
        client.each(raw<std::string>("X.EVAL", "return KEYS[1]", "1", key),
                    [&](const auto& r) { EXPECT_EQ(r.value(), key); });
    }
    EXPECT_EQ(client.waiting.statistics().moved + client.started.statistics().moved, 0U);
    const auto r = client.waiting.try_execute(raw("X.EVAL", "return 1", "2", "a", "b"));
    EXPECT_EQ(r.error().which(), errc::cross_slot);
}

TEST_P(command_lookup, keys_that_only_the_server_finds_are_asked_for) {
    cluster client{settings()};
    for (const char* tag : {"{a}", "{b}", "{c}"}) {
        const std::string from = tag + std::string{"from"};
        const std::string to = tag + std::string{"to"};
        client.execute(raw("RPUSH", from, "3", "1", "2"));
        EXPECT_EQ(client.execute(raw<int>("X.SORT", from, "STORE", to)), 3);
        EXPECT_EQ(client.execute(raw<std::vector<std::string>>("LRANGE", to, "0", "-1")),
                  (std::vector<std::string>{"1", "2", "3"}));
    }
    EXPECT_EQ(client.statistics().moved, 0U);
    EXPECT_EQ(questions("command|info"), 1);
    EXPECT_EQ(questions("command|getkeys"), 3);
    const auto r = client.try_execute(raw("X.SORT", "{a}from", "STORE", "{b}to"));
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().which(), errc::cross_slot);
}

TEST_P(command_lookup, policies_of_the_server_are_obeyed) {
    all_faces client{settings()};
    for (const char* key : {"a", "b", "c", "d"}) client.waiting.execute(raw("RPUSH", key, "v"));
    client.each(raw<int>("X.DBSIZE"), [](const auto& r) { EXPECT_EQ(r.value(), 4); });
}

TEST_P(command_lookup, what_only_reads_may_be_answered_by_replicas) {
    cluster client{settings(read_from::prefer_replica)};
    client.execute(raw("APPEND", "k", "v"));
    poll_until("a replica to answer", [&] {
        client.execute(raw("X.GET", "k"));
        int reads = 0;
        for (int i = 0; i < nodes().size(); ++i) {
            if (std::string{nodes().node(i).admin()({"ROLE"})}.starts_with("slave")) {
                reads += count_of(nodes().node(i), "get").run;
            }
        }
        return reads > 0;
    });
}

TEST_P(command_lookup, order_of_commands_for_a_key_is_kept_while_a_server_is_asked) {
    for (int round = 0; round < 5; ++round) {
        cluster client{settings()};
        client.connect();
        pipeline batch;
        std::vector<pipeline::handle<int>> lengths;
        for (int i = 0; i < 20; ++i) {
            const std::string key = "k" + std::to_string(i);
            batch.add(raw("X.SET", key, "12345"));
            lengths.push_back(batch.add(raw<int>("STRLEN", key)));
            batch.add(raw("DEL", key));
        }
        const auto done = client.execute(batch);
        for (const auto& length : lengths) EXPECT_EQ(done[length].value(), 5);
    }
}

TEST_P(command_lookup, command_that_no_server_knows_is_refused_by_the_server) {
    all_faces client{settings()};
    client.each(raw("NO.SUCH", "key", "value"), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().which(), errc::server_error);
        EXPECT_NE(r.error().text().find("unknown command"), std::string::npos) << r.error().text();
        EXPECT_EQ(r.error().command(), "NO.SUCH");
    });
    client.each(raw("CLUSTER", "NONESUCH", "a"), [](const auto& r) {
        ASSERT_FALSE(r);
        EXPECT_NE(r.error().text().find("unknown subcommand"), std::string::npos) << r.error().text();
    });
    EXPECT_EQ(questions("command|info"), 4);  // once for each client and name
}

TEST_P(command_lookup, user_who_may_not_ask_is_served_all_the_same) {
    for (int i = 0; i < nodes().size(); ++i) {
        nodes().node(i).admin()({"ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", "-command"});
    }
    config c = settings();
    c.username = "app";
    c.password = "secret";
    cluster client{c};
    for (const char* key : {"a", "b", "c", "d"}) EXPECT_EQ(client.execute(raw<int>("X.LPUSH", key, "v")), 1);
    for (int i = 0; i < nodes().size(); ++i) nodes().node(i).admin()({"ACL", "DELUSER", "app"});
}

}  // namespace valkeyxx::testing
