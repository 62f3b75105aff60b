// Commands of the group "generic" on real servers.
#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "integration/commands_world.hpp"
#include "support/poll.hpp"
#include "support/server.hpp"

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::chrono_literals;
using namespace std::string_literals;
using std::chrono::system_clock;
using texts = std::vector<std::string>;
using optional_texts = std::vector<std::optional<std::string>>;

template <class Duration>
bool within(const time_to_live<Duration>& life, std::chrono::milliseconds most) {
    return life.exists && life.left && *life.left > most - stretched(60s) && *life.left <= most;
}

// A setting of all servers, put back at the end.
class setting {
  public:
    setting(valkeyxx::client& client, std::string name, const std::string& value)
        : client_{client}, name_{std::move(name)} {
        old_ = client_.execute(raw<std::vector<std::string>>("CONFIG", "GET", name_), on_default_node()).at(1);
        set_to(value);
    }
    setting(const setting&) = delete;
    setting& operator=(const setting&) = delete;
    ~setting() { set_to(old_); }

  private:
    void set_to(const std::string& value) { client_.execute(raw("CONFIG", "SET", name_, value)); }

    valkeyxx::client& client_;
    std::string name_;
    std::string old_;
};

TEST_P(commands, del_and_unlink_count_what_they_remove) {
    run(mset({{"{k}1", "a"}, {"{k}2", "b"}, {"{k}3", "c"}, {"{k}4", "d"}}));
    EXPECT_EQ(run(exists("{k}1", "{k}1", "{k}none")), 2);
    EXPECT_EQ(run(exists({"{k}1", "{k}2"})), 2);
    EXPECT_EQ(run(touch("{k}1", "{k}none")), 1);
    EXPECT_EQ(run(touch({"{k}1", "{k}2", "{k}3"})), 3);
    EXPECT_EQ(run(del("{k}1", "{k}none")), 1);
    EXPECT_EQ(run(del({"{k}1", "{k}2"})), 1);
    EXPECT_EQ(run(unlink("{k}3")), 1);
    EXPECT_EQ(run(unlink(std::vector<std::string>{"{k}3", "{k}4"})), 1);
    EXPECT_EQ(run(exists("{k}1", "{k}2", "{k}3", "{k}4")), 0);
}

TEST_P(commands, type_names_what_a_key_holds) {
    run(set("string", "v"));
    run(raw("LPUSH", "list", "x"));
    EXPECT_EQ(run(type("string")), "string");
    EXPECT_EQ(run(type("list")), "list");
    EXPECT_EQ(run(type("nothing")), "none");
}

TEST_P(commands, expire_gives_a_time_to_live) {
    EXPECT_FALSE(run(expire("k", 100h)));
    EXPECT_EQ(run(ttl("k")), (time_to_live<std::chrono::seconds>{}));
    EXPECT_EQ(run(pttl("k")), (time_to_live<std::chrono::milliseconds>{}));
    run(set("k", "v"));
    EXPECT_EQ(run(ttl("k")), (time_to_live<std::chrono::seconds>{.exists = true}));
    EXPECT_EQ(run(pttl("k")), (time_to_live<std::chrono::milliseconds>{.exists = true}));
    EXPECT_TRUE(run(expire("k", 100h)));
    EXPECT_TRUE(within(run(pttl("k")), 100h));
    EXPECT_TRUE(within(run(ttl("k")), 100h));
    EXPECT_TRUE(run(pexpire("k", 200h)));
    EXPECT_TRUE(within(run(pttl("k")), 200h));
    EXPECT_TRUE(run(persist("k")));
    EXPECT_EQ(run(pttl("k")), (time_to_live<std::chrono::milliseconds>{.exists = true}));
    EXPECT_FALSE(run(persist("k")));
    EXPECT_TRUE(run(expire("k", 0ms)));
    EXPECT_EQ(run(exists("k")), 0);
}

TEST_P(commands, expire_keeps_to_its_condition) {
    run(set("k", "v"));
    EXPECT_FALSE(run(expire("k", 100h, expire_if::has_one)));
    EXPECT_FALSE(run(expire("k", 100h, expire_if::longer)));
    EXPECT_EQ(run(pttl("k")), (time_to_live<std::chrono::milliseconds>{.exists = true}));
    EXPECT_TRUE(run(expire("k", 100h, expire_if::has_none)));
    EXPECT_FALSE(run(expire("k", 300h, expire_if::has_none)));
    EXPECT_TRUE(run(expire("k", 200h, expire_if::has_one)));
    EXPECT_FALSE(run(expire("k", 100h, expire_if::longer)));
    EXPECT_TRUE(run(expire("k", 300h, expire_if::longer)));
    EXPECT_TRUE(within(run(pttl("k")), 300h));
    EXPECT_FALSE(run(expireat("k", system_clock::now() + 400h, expire_if::shorter)));
    EXPECT_TRUE(run(pexpireat("k", system_clock::now() + 100h, expire_if::shorter)));
    EXPECT_TRUE(within(run(pttl("k")), 100h));
    EXPECT_TRUE(run(persist("k")));
    EXPECT_TRUE(run(pexpire("k", 100h, expire_if::shorter)));
}

TEST_P(commands, expireat_sets_the_end_of_a_life) {
    const std::chrono::sys_time<std::chrono::milliseconds> at{4102444800123ms};
    EXPECT_FALSE(run(expireat("k", at)));
    EXPECT_EQ(run(expiretime("k")), end_of_life<std::chrono::sys_seconds>{});
    EXPECT_FALSE(run(pexpiretime("k")).exists);
    run(set("k", "v"));
    EXPECT_EQ(run(expiretime("k")), end_of_life<std::chrono::sys_seconds>{.exists = true});
    EXPECT_TRUE(run(pexpiretime("k")).exists);
    EXPECT_EQ(run(pexpiretime("k")).at, std::nullopt);
    EXPECT_TRUE(run(expireat("k", at)));
    EXPECT_EQ(run(pexpiretime("k")).at, at);
    EXPECT_EQ(run(expiretime("k")).at, std::chrono::sys_seconds{4102444800s});
    EXPECT_TRUE(run(pexpireat("k", at + 1ms)));
    EXPECT_EQ(run(pexpiretime("k")).at, at + 1ms);
    EXPECT_TRUE(run(expireat("k", system_clock::now() - 1h)));
    EXPECT_EQ(run(exists("k")), 0);
}

TEST_P(commands, rename_moves_a_value_to_another_name) {
    EXPECT_EQ(refusal(rename("{k}1", "{k}2")), "ERR");
    run(mset({{"{k}1", "a"}, {"{k}3", "c"}}));
    run(rename("{k}1", "{k}2"));
    EXPECT_EQ(run(mget("{k}1", "{k}2")), (optional_texts{std::nullopt, "a"}));
    EXPECT_FALSE(run(renamenx("{k}2", "{k}3")));
    EXPECT_TRUE(run(renamenx("{k}2", "{k}4")));
    run(rename("{k}4", "{k}3"));
    EXPECT_EQ(run(mget("{k}2", "{k}3", "{k}4")), (optional_texts{std::nullopt, "a", std::nullopt}));
}

TEST_P(commands, copy_copies_the_time_to_live_too) {
    EXPECT_FALSE(run(copy("{k}1", "{k}2")));
    run(set("{k}1", "a", {.expiry = 100h}));
    EXPECT_TRUE(run(copy("{k}1", "{k}2", {.database = 0})));
    EXPECT_EQ(run(get("{k}2")), "a");
    EXPECT_TRUE(within(run(pttl("{k}2")), 100h));
    run(set("{k}1", "b"));
    EXPECT_FALSE(run(copy("{k}1", "{k}2")));
    EXPECT_EQ(run(get("{k}2")), "a");
    EXPECT_TRUE(run(copy("{k}1", "{k}2", {.replace = true})));
    EXPECT_EQ(run(get("{k}2")), "b");
}

TEST_P(commands, move_needs_a_second_database) {
    run(set("k", "v"));
    const auto moved = attempt(move("k", 1));
    // In a cluster there is none.
    if (!moved) {
        EXPECT_EQ(moved.error().server_code(), "ERR");
        EXPECT_EQ(run(get("k")), "v");
        return;
    }
    EXPECT_TRUE(*moved);
    EXPECT_EQ(run(get("k")), std::nullopt);
    EXPECT_FALSE(run(move("k", 1)));
}

TEST_P(commands, keys_finds_names_in_all_shards) {
    EXPECT_EQ(run(keys("*")), texts{});
    for (const auto* key : {"user:1", "user:2", "user:3", "user:4", "other"}) run(set(key, "v"));
    auto found = run(keys("user:*"));
    std::ranges::sort(found);
    EXPECT_EQ(found, (texts{"user:1", "user:2", "user:3", "user:4"}));
}

TEST_P(commands, randomkey_is_a_key_of_the_node) {
    EXPECT_EQ(run(randomkey()), std::nullopt);
    run(set("k", "v"));
    EXPECT_EQ(client().execute(randomkey(), on_slot(key_slot("k"))), "k");
}

TEST_P(commands, scan_visits_all_keys_of_a_node) {
    std::set<std::string> expected;
    for (int i = 0; i < 100; ++i) expected.insert("{k}" + std::to_string(i));
    for (const auto& key : expected) run(set(key, "v"));
    run(raw("LPUSH", "{k}list", "x"));
    const target here = on_slot(key_slot("{k}"));

    const auto walk = [&](const scan_options& options) {
        std::set<std::string> found;
        int steps = 0;
        scan_step<std::string> step;
        do {
            step = client().execute(scan(step.cursor, options), here);
            found.insert(step.items.begin(), step.items.end());
            ++steps;
        } while (step.cursor != 0);
        return std::pair{found, steps};
    };
    const auto [strings_only, steps] = walk({.type = "string"});
    EXPECT_EQ(strings_only, expected);
    EXPECT_GT(steps, 1);
    EXPECT_EQ(walk({.type = "list"}).first, std::set{"{k}list"s});
    const auto [matching, one_step] = walk({.match = "{k}1?", .count = 10000});
    EXPECT_EQ(matching.size(), 10U);
    EXPECT_EQ(one_step, 1);
    expected.insert("{k}list");
    EXPECT_EQ(walk({}).first, expected);
}

TEST_P(commands, clusterscan_visits_all_keys_of_a_cluster) {
    if (!offers("clusterscan", clusterscan("0"))) return;
    if (!clustered()) {
        EXPECT_EQ(refusal(clusterscan("0")), "ERR");
        return;
    }
    std::set<std::string> expected;
    for (int i = 0; i < 100; ++i) expected.insert("k" + std::to_string(i));
    for (const auto& key : expected) run(set(key, "v"));
    run(raw("LPUSH", "list", "x"));

    const auto walk = [&](const clusterscan_options& options) {
        std::set<std::string> found;
        clusterscan_step step{.cursor = "0", .items = {}};
        do {
            step = run(clusterscan(step.cursor, options));
            found.insert(step.items.begin(), step.items.end());
        } while (step.cursor != "0");
        return found;
    };
    EXPECT_EQ(walk({.count = 1000, .type = "string"}), expected);
    EXPECT_EQ(walk({.match = "k1?", .count = 1000}).size(), 10U);
    EXPECT_EQ(walk({.count = 1000, .slot = key_slot("list")}), std::set{"list"s});
}

TEST_P(commands, a_dump_is_restored) {
    EXPECT_EQ(run(dump("k")), std::nullopt);
    run(set("k", "\0\r\n\xff"s, {.expiry = 100h}));
    const std::string dumped = run(dump("k")).value();
    run(restore("copy", dumped));
    EXPECT_EQ(run(get("copy")), "\0\r\n\xff"s);
    EXPECT_EQ(run(pttl("copy")), (time_to_live<std::chrono::milliseconds>{.exists = true}));

    EXPECT_EQ(refusal(restore("copy", dumped, {.expiry = 100h})), "BUSYKEY");
    run(restore("copy", dumped, {.expiry = 100h, .replace = true}));
    EXPECT_TRUE(within(run(pttl("copy")), 100h));
    run(restore("copy", dumped, {.expire_at = system_clock::now() + 200h, .replace = true}));
    EXPECT_TRUE(within(run(pttl("copy")), 200h));
    run(restore("old", dumped, {.expire_at = system_clock::now() - 1h}));
    EXPECT_EQ(run(exists("old")), 0);
    EXPECT_EQ(refusal(restore("bad", "nothing like a dump")), "ERR");
}

TEST_P(commands, object_tells_how_a_value_is_kept) {
    run(set("k", "123"));
    EXPECT_EQ(run(object_encoding("k")), "int");
    EXPECT_EQ(run(object_encoding("none")), std::nullopt);
    run(set("text", "a"));
    EXPECT_EQ(run(object_refcount("text")), 1);
    EXPECT_EQ(run(object_refcount("none")), std::nullopt);
    EXPECT_EQ(run(object_idletime("none")), std::nullopt);
    EXPECT_EQ(refusal(object_freq("k")), "ERR");
    EXPECT_FALSE(run(object_help()).empty());

    const std::string dumped = run(dump("k")).value();
    run(restore("idle", dumped, {.idle_time = 100000s}));
    EXPECT_GE(run(object_idletime("idle")).value(), 100000s);
    EXPECT_EQ(run(touch("idle")), 1);
    EXPECT_LT(run(object_idletime("idle")).value(), 100000s);
}

TEST_P(commands, object_freq_tells_how_often_a_key_is_used) {
    const setting policy{client(), "maxmemory-policy", "allkeys-lfu"};
    run(set("k", "v"));
    run(restore("used", run(dump("k")).value(), {.frequency = 200}));
    EXPECT_GT(run(object_freq("used")).value(), 100);
    EXPECT_LT(run(object_freq("k")).value(), 100);
    EXPECT_EQ(run(object_freq("none")), std::nullopt);
    EXPECT_EQ(refusal(object_idletime("k")), "ERR");
}

TEST_P(commands, migrate_moves_keys_to_another_server) {
    valkey_server other;
    other.wait();
    const auto there = [&](const std::string& key) { return other.admin()({"GET", key}); };
    const auto to = [&](const strings& names, migrate_options options = {}) {
        return migrate(other.host(), other.port(), names, stretched(5s), options);
    };
    EXPECT_EQ(run(to({"{k}1", "{k}2"})), migrated::no_key);
    EXPECT_EQ(run(migrate(other.host(), other.port(), "k", stretched(5s))), migrated::no_key);

    run(mset({{"{k}1", "a"}, {"{k}2", "b"}}));
    EXPECT_EQ(run(to({"{k}1", "{k}2"})), migrated::done);
    EXPECT_EQ(run(exists("{k}1", "{k}2")), 0);
    EXPECT_EQ(there("{k}1") + there("{k}2"), "ab");

    run(set("{k}1", "c"));
    EXPECT_EQ(refusal(to({"{k}1"})), "ERR");
    EXPECT_EQ(run(to({"{k}1"}, {.keep = true, .replace = true})), migrated::done);
    EXPECT_EQ(run(get("{k}1")), "c");
    EXPECT_EQ(there("{k}1"), "c");

    EXPECT_EQ(run(migrate(other.host(), other.port(), "{k}1", stretched(5s), {.database = 3})), migrated::done);
    auto elsewhere = other.admin();
    elsewhere({"SELECT", "3"});
    EXPECT_EQ(elsewhere({"GET", "{k}1"}), "c");
}

TEST_P(commands, migrate_authenticates) {
    valkey_server other{{.password = "secret"}};
    other.wait();
    const auto with = [&](migrate_options options) {
        return migrate(other.host(), other.port(), "k", stretched(5s), options);
    };
    run(set("k", "v"));
    EXPECT_EQ(refusal(with({})), "ERR");
    EXPECT_EQ(run(with({.keep = true, .password = "secret"})), migrated::done);
    EXPECT_EQ(run(with({.replace = true, .username = "default", .password = "secret"})), migrated::done);
    EXPECT_EQ(other.admin()({"GET", "k"}), "v");
    EXPECT_EQ(run(exists("k")), 0);
}

TEST_P(commands, sort_orders_elements) {
    EXPECT_EQ(run(sort("none")), texts{});
    run(raw("RPUSH", "{k}", "3", "10", "2", "1"));
    EXPECT_EQ(run(sort("{k}")), (texts{"1", "2", "3", "10"}));
    EXPECT_EQ(run(sort_ro("{k}", {.order = sort_order::descending})), (texts{"10", "3", "2", "1"}));
    EXPECT_EQ(run(sort("{k}", {.alphabetically = true})), (texts{"1", "10", "2", "3"}));
    EXPECT_EQ(run(sort("{k}", {.offset = 1, .count = 2})), (texts{"2", "3"}));
    EXPECT_EQ(run(sort("{k}", {.offset = 3})), texts{"10"});
    EXPECT_EQ(run(sort("{k}", {.by = "nosort"})), (texts{"3", "10", "2", "1"}));
    run(raw("RPUSH", "words", "b", "a"));
    EXPECT_EQ(refusal(sort("words")), "ERR");
    run(set("string", "v"));
    EXPECT_EQ(refusal(sort("string")), "WRONGTYPE");
}

TEST_P(commands, sort_looks_up_weights_and_objects) {
    run(raw("RPUSH", "{k}", "1", "2", "3"));
    run(mset({{"{k}weight_1", "30"}, {"{k}weight_2", "20"}, {"{k}weight_3", "10"}}));
    run(mset({{"{k}name_1", "one"}, {"{k}name_3", "three"}}));
    EXPECT_EQ(run(sort("{k}", {.by = "{k}weight_*"})), (texts{"3", "2", "1"}));
    const optional_texts named{"three", "10", std::nullopt, "20", "one", "30"};
    EXPECT_EQ(run(sort_get("{k}", {"{k}name_*", "{k}weight_*"}, {.by = "{k}weight_*"})), named);
    EXPECT_EQ(run(sort_ro_get("{k}", {"{k}name_*", "{k}weight_*"}, {.by = "{k}weight_*"})), named);
    EXPECT_EQ(run(sort_get_store("{k}", {"{k}name_*"}, "{k}names", {.count = 2})), 2);
    EXPECT_EQ(run(raw<texts>("LRANGE", "{k}names", "0", "-1")), (texts{"one", ""}));
}

TEST_P(commands, sort_stores_a_list) {
    run(raw("SADD", "{k}set", "3", "1", "2"));
    EXPECT_EQ(run(sort_store("{k}set", "{k}list", {.order = sort_order::descending})), 3);
    EXPECT_EQ(run(raw<texts>("LRANGE", "{k}list", "0", "-1")), (texts{"3", "2", "1"}));
    EXPECT_EQ(run(sort_store("{k}none", "{k}list")), 0);
    EXPECT_EQ(run(exists("{k}list")), 0);
}

TEST_P(commands, wait_counts_the_replicas_that_have_all_writes) {
    run(set("k", "v"));
    const target here = on_slot(key_slot("k"));
    EXPECT_EQ(client().execute(wait(0, 1ms), here), 0);
    EXPECT_EQ(client().execute(wait(1, 1ms), here), 0);
    const auto primary = server_of("k").port();
    valkey_server replica{{.extra = {"--replicaof", "127.0.0.1", std::to_string(primary)}}};
    poll_until("a replica has the writes", [&] { return client().execute(wait(1, 100ms), here) == 1; });
    run(set("k", "w"));
    EXPECT_EQ(client().execute(wait(1, stretched(4s)), here), 1);
}

TEST_P(commands, waitaof_counts_the_disks_that_have_all_writes) {
    run(set("k", "v"));
    const target here = on_slot(key_slot("k"));
    EXPECT_EQ(client().execute(waitaof(0, 1, 1ms), here), (waitaof_counts{.local = 0, .replicas = 0}));
    const auto refused = client().try_execute(waitaof(1, 0, 1ms), here);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().server_code(), "ERR");
    const setting on_disk{client(), "appendonly", "yes"};
    run(set("k", "w"));
    const waitaof_counts written{.local = 1, .replicas = 0};
    EXPECT_EQ(client().execute(waitaof(1, 0, stretched(4s)), here), written);
}

}  // namespace
}  // namespace valkeyxx::testing
