// Replies that the client keeps: when they are given, and everything that must keep them from being given.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/kill.hpp"
#include "support/server.hpp"
#include "support/world.hpp"
#include "unit/support/exposition_parser.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_server one;
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 1s}};
    void wait() {
        one.wait();
        nodes.wait();
    }
};

const auto registered = use_world<servers>();

valkey_server& server() {
    return world<servers>().one;
}
valkey_cluster& nodes() {
    return world<servers>().nodes;
}

using text = std::optional<std::string>;

text execute(client& c, const command<text>& what) {
    return c.execute(what);
}
text execute(async_client& c, const command<text>& what) {
    return c.execute(what, asio::use_future).get();
}

result<text> attempt(client& c, const command<text>& what) {
    return c.try_execute(what);
}
result<text> attempt(async_client& c, const command<text>& what) {
    return c.try_execute(what, asio::use_future).get();
}

// Reads until the reply is kept.
template <class Client, class Read>
text settled(Client& client, Read read) {
    text last;
    poll_until("the reply to be kept", [&] {
        const auto before = client.cache_statistics().hits;
        last = read();
        return client.cache_statistics().hits != before;
    });
    return last;
}

config caching(config c) {
    c.cache.enabled = true;
    c.cache.max_silence = stretched(1s);
    c.command_timeout = stretched(5s);
    return c;
}
config caching_one(const std::string& rest = {}) {
    return caching(parse_url("valkey://127.0.0.1:" + std::to_string(server().port()) + rest).value());
}

class knows_not_tracked final : public observer {
  public:
    void not_tracked(const endpoint& /*node*/, const error& why) override {
        const std::lock_guard lock{mutex_};
        reasons_.push_back(why.text());
    }
    std::vector<std::string> reasons() {
        const std::lock_guard lock{mutex_};
        return reasons_;
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> reasons_;
};

/// One server, and both kinds of clients of it.
template <class Client>
class cache_of : public ::testing::Test {
  protected:
    cache_of() { admin({"FLUSHALL"}); }

    text read(const std::string& key) { return execute(client, get(key).cached(60s)); }
    /// Reads until the reply is kept.
    text settle(const std::string& key) {
        return settled(client, [&] { return read(key); });
    }
    void expect_soon(const std::string& key, const text& value) {
        poll_until(
            "the news to arrive", [&] { return read(key) == value; }, 2s);
    }

    testing::admin admin = server().admin();
    Client client{caching_one()};
};

using clients = ::testing::Types<valkeyxx::client, async_client>;
TYPED_TEST_SUITE(cache_of, clients);

}  // namespace

TYPED_TEST(cache_of, gives_a_reply_again_without_asking) {
    this->admin({"SET", "k", "v"});
    EXPECT_EQ(this->read("k"), "v");
    this->settle("k");
    this->admin({"CONFIG", "RESETSTAT"});
    for (int i = 0; i < 100; ++i) EXPECT_EQ(this->read("k"), "v");
    EXPECT_EQ(this->admin({"INFO", "commandstats"}).find("cmdstat_get:"), std::string::npos);
    const cache_stats s = this->client.cache_statistics();
    EXPECT_GE(s.hits, 100U);
    EXPECT_GE(s.misses, 1U);
    EXPECT_EQ(s.entries, 1U);
    EXPECT_GT(s.bytes, 0U);
    // What does not say that it may be cached is not.
    EXPECT_EQ(execute(this->client, get("k")), "v");
    EXPECT_NE(this->admin({"INFO", "commandstats"}).find("cmdstat_get:calls=1,"), std::string::npos);
}

TYPED_TEST(cache_of, learns_of_changes_by_others) {
    for (int i = 0; i < 20; ++i) {
        this->admin({"SET", "k", std::to_string(i)});
        this->expect_soon("k", std::to_string(i));
        EXPECT_EQ(this->settle("k"), std::to_string(i));
    }
    this->admin({"DEL", "k"});
    this->expect_soon("k", std::nullopt);
    this->settle("k");  // the absence of a key is kept, too
    this->admin({"SET", "k", "again"});
    this->expect_soon("k", "again");
    EXPECT_GE(this->client.cache_statistics().invalidations, 21U);
}

TYPED_TEST(cache_of, drops_every_command_on_a_key) {
    this->admin({"HSET", "h", "a", "1", "b", "1"});
    const auto field = [&](const char* name) { return execute(this->client, hget("h", name).cached(60s)); };
    poll_until("both to be kept", [&] {
        field("a");
        field("b");
        return this->client.cache_statistics().entries == 2;
    });
    this->admin({"HSET", "h", "a", "2", "b", "2"});
    poll_until(
        "both to be dropped", [&] { return field("a") == "2" && field("b") == "2"; }, 2s);
}

TYPED_TEST(cache_of, a_key_that_expires_is_not_given_any_longer) {
    this->admin({"DEBUG", "SET-ACTIVE-EXPIRE", "0"});  // nobody will say that it has expired
    this->admin({"SET", "k", "v", "PX", "400"});
    const auto set_at = std::chrono::steady_clock::now();
    poll_until("the key to expire", [&] {
        const auto asked = std::chrono::steady_clock::now();
        if (!this->read("k")) return true;
        EXPECT_LE(asked - set_at, 401ms);
        return false;
    });
    this->admin({"DEBUG", "SET-ACTIVE-EXPIRE", "1"});
    EXPECT_GE(this->client.cache_statistics().stored, 1U);
}

TYPED_TEST(cache_of, keeps_nothing_longer_than_it_was_told) {
    this->admin({"SET", "k", "v"});
    execute(this->client, get("k").cached(50ms));
    poll_until("the time to be over", [&] {
        execute(this->client, get("k").cached(50ms));
        return this->client.cache_statistics().expirations >= 1;
    });
}

TYPED_TEST(cache_of, flushall_by_another_drops_all) {
    for (int i = 0; i < 50; ++i) {
        this->admin({"SET", "k" + std::to_string(i), "v"});
        this->settle("k" + std::to_string(i));
    }
    this->admin({"FLUSHALL"});
    for (int i = 0; i < 50; ++i) this->expect_soon("k" + std::to_string(i), std::nullopt);
    EXPECT_GE(this->client.cache_statistics().flushes, 1U);
}

TYPED_TEST(cache_of, a_lost_connection_takes_all_with_it) {
    this->admin({"SET", "k", "v"});
    for (int i = 0; i < 5; ++i) {
        this->settle("k");
        this->admin({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        this->admin({"SET", "k", std::to_string(i)});
        this->expect_soon("k", std::to_string(i));
    }
    EXPECT_GE(this->client.cache_statistics().flushes, 5U);
}

TYPED_TEST(cache_of, a_server_that_forgets_keys_says_so) {
    this->admin({"CONFIG", "SET", "tracking-table-max-keys", "10"});
    for (int i = 0; i < 200; ++i) {
        const auto key = "k" + std::to_string(i);
        this->admin({"SET", key, key});
        EXPECT_EQ(this->read(key), key);
    }
    poll_until("the server to forget", [&] {
        this->read("k0");
        return this->client.cache_statistics().invalidations >= 100;
    });
    for (int i = 0; i < 200; ++i) this->admin({"SET", "k" + std::to_string(i), "new"});
    for (int i = 0; i < 200; ++i) this->expect_soon("k" + std::to_string(i), "new");
    this->admin({"CONFIG", "SET", "tracking-table-max-keys", "1000000"});
}

TYPED_TEST(cache_of, is_bounded_by_bytes) {
    config c = caching_one();
    c.cache.max_bytes = 100'000;
    c.cache.max_entry_bytes = 20'000;
    TypeParam small{c};
    const std::string value(2'000, 'x');
    for (int i = 0; i < 200; ++i) {
        const auto key = "k" + std::to_string(i);
        this->admin({"SET", key, value});
        EXPECT_EQ(execute(small, get(key).cached(60s)), value);
    }
    EXPECT_LE(small.cache_statistics().bytes, 100'000U);
    EXPECT_GE(small.cache_statistics().evictions, 100U);
    const std::string large(50'000, 'x');
    this->admin({"SET", "large", large});
    const auto stored = small.cache_statistics().stored;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(execute(small, get("large").cached(60s)), large);
    EXPECT_EQ(small.cache_statistics().stored, stored);
}

TYPED_TEST(cache_of, own_writes_are_seen_at_once) {
    const auto write = [&](const command<std::string>& c) {
        if constexpr (std::is_same_v<TypeParam, async_client>) {
            this->client.execute(c, asio::use_future).get();
        } else {
            this->client.execute(c);
        }
    };
    for (int i = 0; i < 300; ++i) {
        const auto now = std::to_string(i);
        write(raw<std::string>("SET", "k", now));
        EXPECT_EQ(this->read("k"), now);
        EXPECT_EQ(this->read("k"), now);
        write(raw<std::string>("MSET", "other", "x", "k", now + "m"));
        EXPECT_EQ(this->read("k"), now + "m");
        this->settle("k");
        write(raw<std::string>("EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", "k", now + "s"));
        EXPECT_EQ(this->read("k"), now + "s");
    }
    write(raw<std::string>("FLUSHALL"));
    EXPECT_EQ(this->read("k"), std::nullopt);
}

TYPED_TEST(cache_of, works_in_pipelines_which_keep_their_order) {
    const auto run = [&](const pipeline& p) {
        if constexpr (std::is_same_v<TypeParam, async_client>) {
            return this->client.execute(p, asio::use_future).get();
        } else {
            return this->client.execute(p);
        }
    };
    for (int i = 0; i < 100; ++i) {
        pipeline batch;
        batch.add(set("k", std::to_string(i)));
        const auto first = batch.add(get("k").cached(60s));
        batch.add(set("k", std::to_string(i) + "b"));
        const auto second = batch.add(get("k").cached(60s));
        const auto done = run(batch);
        EXPECT_EQ(done[first].value(), std::to_string(i));
        EXPECT_EQ(done[second].value(), std::to_string(i) + "b");
        EXPECT_EQ(this->settle("k"), std::to_string(i) + "b");
        pipeline reads;
        std::vector<pipeline::handle<text>> handles;
        for (int n = 0; n < 10; ++n) handles.push_back(reads.add(get("k").cached(60s)));
        const auto before = this->client.cache_statistics().hits;
        const auto got = run(reads);
        for (const auto h : handles) EXPECT_EQ(got[h].value(), std::to_string(i) + "b");
        EXPECT_EQ(this->client.cache_statistics().hits, before + 10);
    }
}

TYPED_TEST(cache_of, a_silent_server_is_not_believed_for_long) {
    config c = caching_one();
    c.cache.max_silence = 300ms;
    c.command_timeout = 200ms;
    TypeParam other{c};
    this->admin({"SET", "k", "v"});
    // While it answers, its entries live on, though nothing but hits is going on.
    const stopwatch begin;
    while (begin.elapsed() < 1500ms) EXPECT_EQ(execute(other, get("k").cached(60s)), "v");
    EXPECT_GE(other.cache_statistics().hits, 100U);
    EXPECT_LE(other.cache_statistics().stored, 20U);
    server().pause();
    const auto paused = std::chrono::steady_clock::now();
    try {
        for (;;) {
            const auto asked = std::chrono::steady_clock::now();
            execute(other, get("k").cached(60s));
            EXPECT_LE(asked - paused, 300ms);  // it has answered nothing since
        }
    } catch (const std::exception& e) {
        EXPECT_NE(std::string{e.what()}.find("no reply"), std::string::npos) << e.what();
    }
    server().resume();
    poll_until("the server to answer", [&] { return execute(other, get("k").cached(60s)) == "v"; });
}

TYPED_TEST(cache_of, without_tracking_nothing_is_kept) {
    this->admin({"SET", "k", "v"});
    this->admin({"ACL", "SETUSER", "never", "on", ">secret", "~*", "+@all", "-client|tracking"});
    this->admin({"ACL", "SETUSER", "late", "on", ">secret", "~*", "+@all", "-client|caching"});
    for (const char* how : {"protocol=2", "never", "late"}) {
        const bool user = std::string{how} != "protocol=2";
        config c = caching_one(user ? "" : "?" + std::string{how});
        if (user) {
            c.username = how;
            c.password = "secret";
        }
        const auto watcher = std::make_shared<knows_not_tracked>();
        c.watcher = watcher;
        TypeParam other{c};
        for (int i = 0; i < 20; ++i) {
            const auto now = std::to_string(i);
            this->admin({"SET", "k", now});
            EXPECT_EQ(execute(other, get("k").cached(60s)), now) << how;
        }
        EXPECT_EQ(other.cache_statistics().stored, 0U) << how;
        EXPECT_EQ(other.cache_statistics().hits, 0U) << how;
        EXPECT_GE(other.cache_statistics().untracked, 19U) << how;
        EXPECT_EQ(watcher->reasons().size(), 1U) << how;
    }
    this->admin({"ACL", "DELUSER", "never", "late"});
}

TYPED_TEST(cache_of, a_user_who_may_not_ask_for_the_expiry_is_served) {
    this->admin({"SET", "k", "v"});
    this->admin({"ACL", "SETUSER", "some", "on", ">secret", "~*", "+@all", "-pttl", "-exists"});
    config c = caching_one();
    c.username = "some";
    c.password = "secret";
    c.cache.max_silence = 100ms;
    TypeParam other{c};
    const stopwatch begin;
    while (begin.elapsed() < 500ms) EXPECT_EQ(execute(other, get("k").cached(60s)), "v");
    EXPECT_GE(other.cache_statistics().hits, 10U);
    EXPECT_GE(other.cache_statistics().expirations, 2U);  // as nobody knows when it expires
    this->admin({"ACL", "DELUSER", "some"});
}

TYPED_TEST(cache_of, works_along_with_messages_on_the_same_connection) {
    config c = caching_one();
    c.pushes = push_connection::shared;
    TypeParam other{c};
    auto feed = other.subscriber();
    feed.subscribe("news");
    if constexpr (std::is_same_v<TypeParam, async_client>) {
        feed.ready(asio::use_future).get();
    } else {
        EXPECT_TRUE(feed.ready());
    }
    for (int i = 0; i < 20; ++i) {
        this->admin({"SET", "k", std::to_string(i)});
        poll_until(
            "the news to arrive", [&] { return execute(other, get("k").cached(60s)) == std::to_string(i); }, 2s);
    }
    EXPECT_GE(other.cache_statistics().invalidations, 1U);
}

TEST(cache, is_counted_also_for_clients_that_have_gone) {
    const auto counted = std::make_shared<metrics>();
    const auto sums = [&counted] {
        const exposition_parser page{counted->prometheus_text()};
        std::vector<double> all;
        for (const char* name : {"hits_total", "misses_total", "entries"}) {
            all.push_back(page.sum(std::string{"valkeyxx_cache_"} + name));
        }
        EXPECT_EQ(page.sum("valkeyxx_cache_bytes") > 0, all.back() > 0);
        return all;
    };
    config c = caching_one();
    c.watcher = counted;
    server().admin()({"SET", "counted", "v"});
    {
        client first{c};
        for (int i = 0; i < 3; ++i) EXPECT_EQ(first.execute(get("counted").cached(10s)), "v");
        EXPECT_EQ(sums(), (std::vector<double>{2, 1, 1}));
        client second{c};
        EXPECT_EQ(second.execute(get("counted").cached(10s)), "v");
        EXPECT_EQ(sums(), (std::vector<double>{2, 2, 2}));
    }
    EXPECT_EQ(sums(), (std::vector<double>{2, 2, 0}));
}

TEST(cache, refuses_what_depends_on_more_than_keys) {
    server().admin()({"FLUSHALL"});
    client one{caching_one()};
    client none{parse_url("valkey://127.0.0.1:" + std::to_string(server().port())).value()};
    const auto refused = [&](const auto& c) {
        for (client* each : {&one, &none}) {
            const auto r = each->try_execute(c);
            ASSERT_FALSE(r);
            EXPECT_EQ(r.error().which(), errc::invalid_argument);
            EXPECT_EQ(r.error().executed(), executed::no);
            EXPECT_NE(r.error().text().find("cached"), std::string::npos) << r.error().text();
        }
    };
    refused(raw("TTL", "k").cached(1s));
    refused(raw("SRANDMEMBER", "k").cached(1s));
    refused(raw("SET", "k", "v").cached(1s));
    refused(raw("EVAL_RO", "return 1", "1", "k").cached(1s));
    refused(raw("PING").cached(1s));
    refused(raw("DBSIZE").cached(1s));
    refused(raw("SORT_RO", "k").cached(1s));
    refused(raw("XREAD", "STREAMS", "k", "$").cached(1s));
    refused(raw("NO.SUCH", "k").cached(1s));
    refused(get("k").cached(0s));
    EXPECT_EQ(one.statistics().connects, 0U);
    transaction t;
    EXPECT_THROW(t.add(raw("TTL", "k").cached(1s)), exception);
    t.add(get("k").cached(1s));
    EXPECT_TRUE(one.execute(t).ok());
    auto s = one.new_session();
    EXPECT_EQ(s.execute(get("k").cached(1s)), std::nullopt);
    EXPECT_EQ(one.cache_statistics().misses, 0U);
    EXPECT_EQ(none.execute(get("k").cached(1s)), std::nullopt);
}

TEST(cache, sees_what_was_written_by_other_connections_of_the_client) {
    client one{caching_one()};
    one.execute(raw("DEL", "k", "list"));
    const auto read = [&] { return one.execute(get("k").cached(60s)); };
    const auto length = [&] { return one.execute(llen("list").cached(60s)); };
    for (int i = 0; i < 200; ++i) {
        read();
        length();
        transaction t;
        t.add(set("k", std::to_string(i)));
        t.add(rpush("list", "x"));
        auto session = one.new_session();
        session.execute(raw("WATCH", "k"));
        session.execute(t);
        EXPECT_EQ(read(), std::to_string(i));
        EXPECT_EQ(length(), 1);
        one.execute(raw("BLPOP", "list", "1"));
        EXPECT_EQ(length(), 0);
        session.execute(raw("MULTI"));
        session.execute(raw("SET", "k", "multi" + std::to_string(i)));
        EXPECT_EQ(read(), std::to_string(i));
        session.execute(raw("EXEC"));
        EXPECT_EQ(read(), "multi" + std::to_string(i));
        session.execute(raw("SET", "k", "session"));
        EXPECT_EQ(read(), "session");
    }
}

// Each reader starts its next read when the last one is over, and all of them are answered from memory: the loop never
// has to wait for anything, and must hear of changes all the same. So for single commands, and for pipelines.
TEST(cache, the_loop_hears_of_changes_while_hits_follow_hits) {
    auto admin = server().admin();
    admin({"SET", "k", "old"});
    struct readers {
        async_client& client;
        std::atomic<bool> over{false};
        std::atomic<int> running{0};
        std::atomic<int> reads{0};
        std::atomic<int> news{0};

        void note(const text& value) {
            ++reads;
            if (value == "new") ++news;
        }
        void read() {
            client.execute(get("k").cached(60s), [this](const result<text>& got) {
                note(got ? *got : std::nullopt);
                over ? static_cast<void>(--running) : read();
            });
        }
        void read_many() {
            pipeline batch;
            const auto first = batch.add(get("k").cached(60s));
            batch.add(get("k").cached(60s));
            client.execute(batch, [this, first](const pipeline_result& got) {
                note(got[first].value());
                over ? static_cast<void>(--running) : read_many();
            });
        }
    };
    config settings = caching_one();
    settings.cache.max_silence = 60s;  // the news it is that counts
    async_client client{settings};
    readers all{client};
    struct ending {
        readers& of;
        ~ending() {
            of.over = true;
            poll_until("the readers to end", [this] { return of.running == 0; });
        }
    } at_the_end{all};
    for (int i = 0; i < 3; ++i) {
        all.running += 2;
        all.read();
        all.read_many();
    }
    poll_until("hits that follow hits", [&] { return client.cache_statistics().hits > 10'000; });
    admin({"SET", "k", "new"});
    poll_until(
        "the news to arrive", [&] { return all.news > 100; }, 2s);
    const int before = all.reads;
    poll_until("more of it", [&] { return all.reads > before + 1000; });
}

TEST(cache, keys_of_several_slots_on_one_server) {
    client one{caching_one()};
    auto admin = server().admin();
    admin({"MSET", "a", "1", "b", "2"});
    using all = std::vector<text>;
    const auto read = [&] { return one.execute(raw<all>("MGET", "a", "b").cached(60s)); };
    EXPECT_EQ(read(), (all{"1", "2"}));
    const auto hits = one.cache_statistics().hits;
    EXPECT_EQ(read(), (all{"1", "2"}));
    EXPECT_EQ(one.cache_statistics().hits, hits + 1);
    admin({"SET", "b", "3"});
    poll_until(
        "the news to arrive",
        [&] {
            return read() == all{"1", "3"};
        },
        2s);
}

// --- a cluster -------------------------------------------------------------------------------------------------------

namespace {

template <class Client>
class cache_in_cluster : public ::testing::Test {
  protected:
    cache_in_cluster() {
        nodes().heal();
        nodes().flush_all();
    }
    text read(const std::string& key) { return execute(client, get(key).cached(60s)); }
    text settle(const std::string& key) {
        return settled(client, [&] { return read(key); });
    }
    static admin owner_of(const std::string& key) { return nodes().node_serving(key_slot(key)).admin(); }

    Client client{caching(config_for(nodes()))};
};

using cluster_clients = ::testing::Types<cluster, async_cluster>;
TYPED_TEST_SUITE(cache_in_cluster, cluster_clients);

}  // namespace

TYPED_TEST(cache_in_cluster, keeps_replies_of_every_node) {
    const auto keys = key_for_each_slot("cached:");
    for (std::size_t slot = 0; slot < keys.size(); slot += 97) {
        EXPECT_EQ(this->read(keys[slot]), std::nullopt);
    }
    for (std::size_t slot = 0; slot < keys.size(); slot += 97) {
        this->owner_of(keys[slot])({"SET", keys[slot], keys[slot]});
        poll_until(
            "the news to arrive", [&] { return this->read(keys[slot]) == keys[slot]; }, 2s);
    }
    EXPECT_GE(this->client.cache_statistics().invalidations, 100U);
}

TYPED_TEST(cache_in_cluster, what_is_taken_apart_by_slots_is_kept_by_slot) {
    this->owner_of("a")({"SET", "a", "1"});
    this->owner_of("b")({"SET", "b", "2"});
    using all = std::vector<text>;
    const auto c = across_slots(raw<all>("MGET", "a", "b")).cached(60s);
    const auto read = [&] {
        if constexpr (std::is_same_v<TypeParam, async_cluster>) {
            return this->client.execute(c, asio::use_future).get();
        } else {
            return this->client.execute(c);
        }
    };
    for (int i = 0; i < 10; ++i) EXPECT_EQ(read(), (all{"1", "2"}));
    EXPECT_GE(this->client.cache_statistics().hits, 10U);
    this->owner_of("b")({"SET", "b", "3"});
    poll_until(
        "the news to arrive",
        [&] {
            return read() == all{"1", "3"};
        },
        2s);
}

// Whoever calls again and again has no other moment to hear of anything.
TYPED_TEST(cache_in_cluster, news_of_what_is_taken_apart_by_slots_is_taken_in_by_each_call) {
    this->owner_of("a")({"SET", "a", "1"});
    this->owner_of("b")({"SET", "b", "2"});
    config c = caching(config_for(nodes()));
    c.cache.max_silence = stretched(60s);
    TypeParam reader{c};
    using all = std::vector<text>;
    const auto both = across_slots(raw<all>("MGET", "a", "b")).cached(60s);
    const auto read = [&] {
        if constexpr (std::is_same_v<TypeParam, async_cluster>) {
            return reader.execute(both, asio::use_future).get();
        } else {
            return reader.execute(both);
        }
    };
    while (reader.cache_statistics().hits < 10) EXPECT_EQ(read(), (all{"1", "2"}));
    this->owner_of("b")({"SET", "b", "3"});
    const auto since = std::chrono::steady_clock::now();
    while (read() != all{"1", "3"} && std::chrono::steady_clock::now() - since < stretched(2s)) continue;
    EXPECT_EQ(read(), (all{"1", "3"}));
}

TYPED_TEST(cache_in_cluster, a_node_that_refuses_everything_confirms_nothing) {
    valkey_server& node = nodes().primary(0);
    const std::string kept = key_served_by(nodes(), node, "kept:");
    const std::string missing = key_served_by(nodes(), node, "missing:");
    const auto lost = std::to_string(key_slot(key_served_by(nodes(), node, "lost:")));
    node.admin()({"SET", kept, "v"});
    EXPECT_EQ(this->settle(kept), "v");
    node.admin()({"CLUSTER", "DELSLOTS", lost});  // CLUSTERDOWN, as its cluster has to be whole
    // Somebody asks for something that is not kept, all the time.
    std::atomic<bool> enough = false;
    std::thread misses{[&] {
        while (!enough) static_cast<void>(attempt(this->client, get(missing).cached(60s)));
    }};
    EXPECT_NO_THROW(poll_until("what is kept not to be given any more",
                               [&] { return !attempt(this->client, get(kept).cached(60s)); }));
    node.admin()({"CLUSTER", "ADDSLOTS", lost});
    enough = true;
    misses.join();
    poll_until("the cluster to be whole",
               [&] { return attempt(this->client, get(kept).cached(60s)).value_or(std::nullopt) == "v"; });
}

TYPED_TEST(cache_in_cluster, a_slot_that_moves_takes_its_replies_along_absent_keys_included) {
    const std::string present = "{move}present";
    const std::string absent = "{move}absent";
    const auto slot = key_slot(present);
    this->owner_of(present)({"SET", present, "old"});
    EXPECT_EQ(this->settle(present), "old");
    EXPECT_EQ(this->settle(absent), std::nullopt);
    valkey_server& from = nodes().node_serving(slot);
    valkey_server& to = other_primary(nodes(), slot);
    nodes().move_slot(slot, to);
    to.admin()({"MSET", present, "new", absent, "new"});
    // The key that was there is told of; one command to the slot tells of its move, and then nothing of it is left.
    poll_until(
        "the news to arrive", [&] { return this->read(present) == "new"; }, 2s);
    EXPECT_EQ(this->read(absent), "new");
    EXPECT_GE(this->client.cache_statistics().moved, 1U);
    nodes().move_slot(slot, from);
}

TYPED_TEST(cache_in_cluster, absence_is_not_believed_for_long_when_nothing_tells_of_a_move) {
    const std::string key = "{quiet}absent";
    const auto slot = key_slot(key);
    EXPECT_EQ(this->settle(key), std::nullopt);
    valkey_server& from = nodes().node_serving(slot);
    valkey_server& to = other_primary(nodes(), slot);
    nodes().begin_migration(slot, to);
    // A key that comes about in the middle of a migration comes about at the other node.
    testing::admin there = to.admin();
    there({"ASKING"});
    const auto written = std::chrono::steady_clock::now();
    there({"SET", key, "new"});
    poll_until("the absence to be doubted", [&] {
        const auto asked = std::chrono::steady_clock::now();
        if (this->read(key) == "new") return true;
        EXPECT_LE(asked - written, stretched(1s));
        return false;
    });
    // What is answered after ASK is not kept.
    const auto hits = this->client.cache_statistics().hits;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(this->read(key), "new");
    EXPECT_EQ(this->client.cache_statistics().hits, hits);
    nodes().migrate_keys(slot, to);
    nodes().finish_migration(slot, to);
    EXPECT_EQ(this->settle(key), "new");
    nodes().move_slot(slot, from);
}

TYPED_TEST(cache_in_cluster, a_failover_takes_the_shards_replies_along) {
    const std::string key = key_served_by(nodes(), nodes().primary(1), "fail:");
    this->owner_of(key)({"SET", key, "old"});
    this->owner_of(key)({"WAIT", "1", "1000"});
    for (const auto mode : {failover_mode::graceful, failover_mode::takeover}) {
        this->settle(key);
        nodes().failover(1, mode);
        const auto now = std::to_string(static_cast<int>(mode));
        const auto written = std::chrono::steady_clock::now();
        this->owner_of(key)({"SET", key, now});
        poll_until("the new value", [&] {
            const auto asked = std::chrono::steady_clock::now();
            if (this->read(key) == now) return true;
            EXPECT_LE(asked - written, stretched(1s));
            return false;
        });
    }
}

// --- the truth -------------------------------------------------------------------------------------------------------

namespace {

using clock = std::chrono::steady_clock;

int number_in(const text& value) {
    return value ? std::stoi(*value) : 0;
}

/// One key with values that only grow, and when each of them was there for good: at the primary and its replica.
class growing {
  public:
    explicit growing(std::string name) : name_{std::move(name)}, there_(most) {}
    const std::string& name() const { return name_; }

    /// Writes the next value, however long that takes. False: `over` came first.
    bool grow(const std::atomic<bool>& over) {
        const auto next = std::to_string(last_ + 1);
        if (last_ + 1 == most) return false;
        while (!over) {
            try {
                auto owner = nodes().node_serving(key_slot(name_)).admin(1s);
                if (owner({"SET", name_, next}) == "OK" && owner({"WAIT", "1", "500"}) == "1") {
                    ++last_;
                    there_[static_cast<std::size_t>(last_)] = clock::now().time_since_epoch().count();
                    return true;
                }
            } catch (const std::exception&) {
                std::this_thread::yield();  // migrating, failing over: the same value again
            }
        }
        return false;
    }
    int last() const { return last_; }
    /// Whether somebody who asked at that time may still be told `value`: no later one had been there for longer than
    /// the bound.
    bool may_be(int value, clock::time_point asked, clock::duration bound) const {
        if (value + 1 >= most) return true;
        const auto since = there_[static_cast<std::size_t>(value) + 1].load();
        return since == 0 || clock::time_point{clock::duration{since}} + bound >= asked;
    }

  private:
    static constexpr int most = 100'000;
    std::string name_;
    std::vector<std::atomic<clock::rep>> there_;
    std::atomic<int> last_{0};
};

/// What readers saw against the truth.
class judge {
  public:
    judge(std::vector<std::unique_ptr<growing>>& keys, clock::duration bound) : keys_{keys}, bound_{bound} {}

    void saw(std::size_t key, clock::time_point asked, const result<text>& got) {
        if (!got) {
            ++failures_;
            return;
        }
        ++reads_;
        const int value = number_in(*got);
        if (keys_[key]->may_be(value, asked, bound_)) return;
        const std::lock_guard lock{mutex_};
        wrong_.push_back(keys_[key]->name() + " was given as " + std::to_string(value) + ", and is " +
                         std::to_string(keys_[key]->last()));
    }
    std::vector<std::string> wrong() {
        const std::lock_guard lock{mutex_};
        return wrong_;
    }
    int reads() const { return reads_; }
    int failures() const { return failures_; }

  private:
    std::vector<std::unique_ptr<growing>>& keys_;
    clock::duration bound_;
    std::mutex mutex_;
    std::vector<std::string> wrong_;
    std::atomic<int> reads_{0};
    std::atomic<int> failures_{0};
};

class async_readers {
  public:
    async_readers(const config& settings, std::vector<std::unique_ptr<growing>>& keys, judge& by)
        : keys_{keys}, judge_{by}, client_{settings} {
        for (std::size_t i = 0; i < 4; ++i) {
            ++chains_;
            read(i);
        }
    }
    async_readers(const async_readers&) = delete;
    async_readers& operator=(const async_readers&) = delete;
    ~async_readers() { over_ = true; }
    void finish() {
        over_ = true;
        poll_until("the chains to end", [this] { return chains_ == 0; });
    }
    async_cluster& client() { return client_; }

  private:
    void read(std::size_t i) {
        const auto asked = clock::now();
        client_.execute(get(keys_[i % keys_.size()]->name()).cached(60s), [this, i, asked](const result<text>& got) {
            judge_.saw(i % keys_.size(), asked, got);
            over_ ? static_cast<void>(--chains_) : read(i + 1);
        });
    }
    std::vector<std::unique_ptr<growing>>& keys_;
    judge& judge_;
    std::atomic<bool> over_{false};
    std::atomic<int> chains_{0};
    async_cluster client_;  // last: its callbacks use the others
};

/// Writes a key of its own and reads it back, with the client that keeps replies: never goes back behind itself.
void write_and_read(cluster& client, const std::string& key, const std::atomic<bool>& over, std::atomic<int>& rounds) {
    int known = 0;  // acknowledged
    int tried = 0;
    while (!over) {
        ++tried;
        if (client.try_execute(set(key, std::to_string(tried)))) known = tried;
        for (int i = 0; i < 3; ++i) {
            const auto got = client.try_execute(get(key).cached(60s));
            if (!got || number_in(*got) >= known) continue;
            // A machine that is too busy has servers replace each other, which then lose what they have acknowledged.
            const auto truth = client.try_execute(get(key));
            if (!truth) continue;
            ASSERT_LT(number_in(*truth), known) << key << " was given as " << number_in(*got);
            known = number_in(*truth);
        }
        ++rounds;
    }
}

}  // namespace

TEST(cache_stress, what_is_given_was_true_within_the_bound) {
    nodes().heal();
    nodes().flush_all();
    config settings = caching(config_for(nodes()));
    settings.cache.max_silence = 400ms;
    const auto bound = settings.cache.max_silence;

    std::vector<std::unique_ptr<growing>> keys;
    for (int shard = 0; shard < 3; ++shard) {
        for (const char* prefix : {"{x}", "{y}", "{z}"}) {  // several keys of one slot: a migration splits them
            const auto base = key_served_by(nodes(), nodes().primary(shard), "grow:" + std::to_string(shard) + ":");
            keys.push_back(std::make_unique<growing>("{" + base + "}" + prefix));
        }
    }
    const auto own_first = key_served_by(nodes(), nodes().primary(0), "own:a:");
    const auto own_second = key_served_by(nodes(), nodes().primary(1), "own:b:");

    std::atomic<bool> over{false};
    std::atomic<int> rounds{0};
    judge verdict{keys, bound};
    cluster shared{settings};
    async_readers chains{settings, keys, verdict};
    {
        std::vector<std::jthread> pool;
        for (std::size_t first = 0; first < 3; ++first) {
            pool.emplace_back([&, first] {
                for (std::size_t i = first; !over; ++i) {
                    const auto asked = clock::now();
                    verdict.saw(i % keys.size(), asked,
                                shared.try_execute(get(keys[i % keys.size()]->name()).cached(60s)));
                }
            });
        }
        pool.emplace_back([&] { write_and_read(shared, own_first, over, rounds); });
        pool.emplace_back([&] { write_and_read(shared, own_second, over, rounds); });
        pool.emplace_back([&] {
            for (std::size_t i = 0; !over; ++i) keys[i % keys.size()]->grow(over);
        });
        struct ending {
            std::atomic<bool>& over;
            ~ending() { over = true; }
        } at_the_end{over};

        for (int round = 0; round < 2; ++round) {
            for (const std::size_t key : {std::size_t{0}, std::size_t{3}}) {
                const auto slot = key_slot(keys[key]->name());
                valkey_server& from = nodes().node_serving(slot);
                valkey_server& to = nodes().primary(key == 0 ? 1 : 0);
                nodes().begin_migration(slot, to);
                nodes().migrate_keys(slot, to, 1);
                const int before = verdict.reads();
                poll_until("reads while the slot is split", [&] { return verdict.reads() > before + 200; });
                nodes().migrate_keys(slot, to);
                nodes().finish_migration(slot, to);
                nodes().move_slot(slot, from);
            }
        }
        valkey_server& victim = nodes().primary(2);
        kill(victim);
        nodes().wait_ok();
        const int before = keys[6]->last();
        nodes().heal();  // a replica again, without which nothing counts as written
        poll_until("writes after the failover", [&] { return keys[6]->last() > before + 3; });
    }
    chains.finish();
    EXPECT_EQ(verdict.wrong(), std::vector<std::string>{});
    EXPECT_GT(verdict.reads(), 1000);
    EXPECT_GT(rounds, 10);
    EXPECT_GT(shared.cache_statistics().hits, 100U);
    EXPECT_GT(chains.client().cache_statistics().hits, 100U);
    // Nobody writes any more: within the bound everything is as it is.
    const stopwatch quiet;
    poll_until("the bound to pass", [&] { return quiet.elapsed() > bound; });
    for (const auto& key : keys) {
        const auto truth = nodes().node_serving(key_slot(key->name())).admin()({"GET", key->name()});
        EXPECT_EQ(shared.execute(get(key->name()).cached(60s)).value_or(""), truth);
        EXPECT_EQ(execute(chains.client(), get(key->name()).cached(60s)).value_or(""), truth);
    }
}

}  // namespace valkeyxx::testing
