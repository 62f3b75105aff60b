// Scripts that are sent once and called by their digest, wherever their keys lead.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

const script add{"return redis.call('INCRBY', KEYS[1], ARGV[1])"};
const script look{"return redis.call('GET', KEYS[1])"};

/// How often all primaries together have run a command, as INFO says.
std::int64_t calls_of(cluster& c, const std::string& name) {
    std::int64_t all = 0;
    for (const auto& [node, text] : c.execute_each(raw<std::string>("INFO", "commandstats"), on_all_primaries())) {
        const auto at = text.value().find("cmdstat_" + name + ":calls=");
        if (at == std::string::npos) continue;
        all += std::stoll(text.value().substr(at + name.size() + 15));
    }
    return all;
}

class scripts : public ::testing::TestWithParam<int> {
  protected:
    scripts() {
        nodes().flush_all();
        settings.protocol = GetParam();
        cluster c{settings};
        c.execute(script_flush());
        c.execute(config_resetstat());
    }

    config settings = config_for(nodes());
};

INSTANTIATE_TEST_SUITE_P(resp, scripts, ::testing::Values(2, 3));

TEST_P(scripts, digest_is_the_servers) {
    cluster c{settings};
    EXPECT_EQ(c.execute(script_load(add.text())), add.digest());
    EXPECT_EQ(script{""}.digest(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST_P(scripts, are_sent_once_to_each_node_and_then_called_by_their_digest) {
    cluster c{settings};
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(c.execute(add.call<std::int64_t>({"k" + std::to_string(i)}, {"7"})), 7);
    }
    EXPECT_EQ(calls_of(c, "eval"), 3);
    EXPECT_EQ(calls_of(c, "evalsha"), 297);
}

TEST_P(scripts, in_a_pipeline_run_in_order_from_the_first_on) {
    cluster c{settings};
    pipeline batch;
    std::vector<pipeline::handle<std::int64_t>> counts;
    for (int i = 0; i < 100; ++i) {
        counts.push_back(batch.add(add.call<std::int64_t>({"k"}, {"1"})));
        counts.push_back(batch.add(incr("k")));
        batch.add(add.call({"other" + std::to_string(i)}, {"1"}));
    }
    const auto done = c.execute(batch);
    EXPECT_TRUE(done.ok());
    for (std::size_t i = 0; i < counts.size(); ++i)
        EXPECT_EQ(done[counts[i]].value(), static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(calls_of(c, "eval"), 3);
}

TEST_P(scripts, that_somebody_has_flushed_are_sent_again) {
    cluster c{settings};
    c.execute(add.call({"k"}, {"1"}));
    c.execute(script_flush());
    EXPECT_EQ(c.execute(add.call<std::int64_t>({"k"}, {"1"})), 2);
    c.execute(script_flush());
    pipeline batch;
    for (int i = 0; i < 10; ++i) batch.add(add.call({"k"}, {"1"}));
    EXPECT_TRUE(c.execute(batch).ok());
    EXPECT_EQ(c.execute(get("k")), "12");
}

TEST_P(scripts, in_a_transaction_run_whether_they_are_known_or_not) {
    cluster c{settings};
    transaction t;
    t.add(set("{k}", "1"));
    const auto n = t.add(add.call<std::int64_t>({"{k}"}, {"41"}));
    EXPECT_EQ(c.execute(t)[n].value(), 42);
}

TEST_P(scripts, that_only_read_may_be_run_by_replicas) {
    {
        cluster c{settings};
        c.execute(set("k", "here"));
        EXPECT_EQ(c.execute(wait(1, std::chrono::seconds{5}), on_slot(key_slot("k"))), 1);
    }
    settings.reads = read_from::prefer_replica;
    cluster c{settings};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(c.execute(look.call_ro<std::string>({"k"})), "here");
    // The primaries have not seen any of it.
    EXPECT_EQ(calls_of(c, "eval_ro") + calls_of(c, "evalsha_ro"), 0);
}

TEST_P(scripts, follow_their_slot) {
    cluster c{settings};
    const auto slot = key_slot("k");
    c.execute(add.call({"k"}, {"1"}));
    valkey_server& home = nodes().node_serving(slot);
    valkey_server& next = other_primary(nodes(), slot);
    nodes().move_slot(slot, next);
    EXPECT_EQ(c.execute(add.call<std::int64_t>({"k"}, {"1"})), 2);
    nodes().begin_migration(slot, home);
    nodes().migrate_keys(slot, home);
    EXPECT_EQ(c.execute(add.call<std::int64_t>({"k"}, {"1"})), 3);  // by ASK
    nodes().finish_migration(slot, home);
}

TEST_P(scripts, tell_what_is_wrong_with_them) {
    cluster c{settings};
    const script broken{"this is not Lua"};
    const auto refused = c.try_execute(broken.call({"k"}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().which(), errc::server_error);
    EXPECT_NE(refused.error().text().find("compiling"), std::string::npos) << refused.error().message();
    // Of a batch each call is told, though only the first one brought the script.
    pipeline batch;
    const auto first = batch.add(broken.call({"k"}));
    const auto second = batch.add(broken.call({"k"}));
    const auto done = c.execute(batch);
    for (const auto h : {first, second}) {
        EXPECT_NE(done[h].error().text().find("compiling"), std::string::npos) << done[h].error().message();
    }
    // By a digest alone it is the caller's to know.
    EXPECT_EQ(c.try_execute(evalsha(script{"return 1"}.digest())).error().server_code(), "NOSCRIPT");
    EXPECT_EQ(c.try_execute(add.call({"a", "b"})).error().which(), errc::cross_slot);
}

TEST_P(scripts, run_asynchronously_and_on_named_nodes) {
    async_cluster c{settings};
    EXPECT_EQ(c.execute(add.call<std::int64_t>({"k"}, {"1"}), asio::use_future).get(), 1);
    const script one{"return 1"};
    const auto each = c.execute_each(one.call<std::int64_t>(), on_all_primaries(), asio::use_future).get();
    ASSERT_EQ(each->size(), 3U);
    for (const auto& [node, reply] : *each) EXPECT_EQ(reply.value(), 1);
}

TEST_P(scripts, functions_are_loaded_by_all_primaries) {
    cluster c{settings};
    c.execute(
        function_load("#!lua name=lib\n"
                      "redis.register_function{function_name='peek', flags={'no-writes'}, "
                      "callback=function(keys) return redis.call('GET', keys[1]) end}",
                      {.replace = true}));
    for (int i = 0; i < 30; ++i) {
        const std::string key = "f" + std::to_string(i);
        c.execute(set(key, key));
        EXPECT_EQ(c.execute(fcall_ro<std::string>("peek", {key})), key);
    }
}

}  // namespace
}  // namespace valkeyxx::testing
