// What clients tell of themselves adds up, whatever happens to their servers; and the program serves and writes it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "integration/cli_program.hpp"
#include "integration/client_world.hpp"
#include "integration/sentinel_world.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"
#include "unit/support/exposition_parser.hpp"

#include <valkeyxx/asio.hpp>
#include <valkeyxx/monitor.hpp>
#include <valkeyxx/script.hpp>
#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using namespace commands;
using labels = exposition_parser::label_set;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 1000ms}};
    sentinel_set watched{{.sentinels = 1, .replicas = 1}};
    valkey_server locked{{.password = "open-sesame"}};
    void wait() {
        locked.wait();
        watched.wait();
        nodes.wait();
    }
};
const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

std::string at(const valkey_server& node) {
    return "127.0.0.1:" + std::to_string(node.port());
}

// As metrics call it, from what a caller knows.
std::string kind_of(const error& why) {
    std::string kind{to_string(why.which())};
    if (why == errc::server_error) kind.append(":").append(why.server_code());
    return kind;
}

class log_book {
  public:
    void write(const log_record& r) {
        const std::lock_guard lock{mutex_};
        lines_.push_back(to_logfmt(r));
        all_ += to_json(r) + "\n" + lines_.back() + "\n";
    }
    std::size_t count(const std::string& words) const {
        const std::lock_guard lock{mutex_};
        std::size_t found = 0;
        for (const auto& line : lines_) found += line.find(words) != std::string::npos ? 1 : 0;
        return found;
    }
    std::string text() const {
        const std::lock_guard lock{mutex_};
        return all_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
    std::string all_;
};

class observability : public ::testing::Test {
  protected:
    observability() { watch(settings); }
    ~observability() override { nodes().heal(); }

    void watch(config& c) const {
        c.watcher = std::make_shared<observers>(std::vector<std::shared_ptr<observer>>{counts, log});
    }
    exposition_parser now() const { return exposition_parser{counts->prometheus_text()}; }

    std::shared_ptr<log_book> book = std::make_shared<log_book>();
    std::shared_ptr<metrics> counts = std::make_shared<metrics>();
    std::shared_ptr<log_observer> log =
        std::make_shared<log_observer>([b = book](const log_record& r) { b->write(r); },
                                       log_options{.least = log_level::debug, .burst = 0, .failed_commands = true});
    config settings = config_for(nodes());
};

/// What callers got.
class account {
  public:
    template <class R>
    void enter(const result<R>& r) {
        const std::lock_guard lock{mutex_};
        ++started_;
        if (r) return;
        ++errors_[kind_of(r.error())];
        if (r.error().may_have_run()) ++may_have_run_;
    }
    std::uint64_t started() const {
        const std::lock_guard lock{mutex_};
        return started_;
    }
    /// That the metrics say the same.
    void expect_same(const exposition_parser& seen) const {
        const std::lock_guard lock{mutex_};
        std::map<std::string, std::uint64_t> told;
        for (const auto& kind : seen.values_of("valkeyxx_errors_total", "kind")) {
            told[kind] = static_cast<std::uint64_t>(seen.sum("valkeyxx_errors_total", {{"kind", kind}}));
        }
        EXPECT_EQ(told, errors_);
        EXPECT_EQ(seen.sum("valkeyxx_errors_may_have_run_total"), static_cast<double>(may_have_run_));
    }

  private:
    mutable std::mutex mutex_;
    std::uint64_t started_ = 0;
    std::uint64_t may_have_run_ = 0;
    std::map<std::string, std::uint64_t> errors_;
};

std::size_t connections_of(const std::vector<node_stats>& all) {
    std::size_t sum = 0;
    for (const auto& n : all) sum += n.connections;
    return sum;
}

}  // namespace

TEST_F(observability, commands_that_start_end_and_errors_are_what_callers_saw_in_a_failover) {
    nodes().flush_all();
    settings.command_timeout = stretched(3s);
    cluster threads{settings};
    async_cluster callbacks{settings};
    account seen;
    const std::size_t at_book = book->count("event=command_failed");
    {
        std::atomic<bool> over{false};
        std::vector<std::jthread> pool;
        for (int t = 0; t < 3; ++t) {
            pool.emplace_back([&, t] {
                for (int i = 0; !over; ++i) {
                    const std::string key = "k" + std::to_string(t) + ":" + std::to_string(i % 500);
                    seen.enter(threads.try_execute(incr(key)));
                    seen.enter(threads.try_execute(get(key)));
                    seen.enter(threads.try_execute(raw("LPOP", key)));  // WRONGTYPE
                }
            });
        }
        pool.emplace_back([&] {
            while (!over) {
                std::atomic<int> open{50};
                for (int j = 0; j < 50; ++j) {
                    callbacks.try_execute(incr("a" + std::to_string(j)), [&](const result<std::int64_t>& r) {
                        seen.enter(r);
                        --open;
                        open.notify_one();
                    });
                }
                for (int left = open; left != 0; left = open) open.wait(left);
            }
        });
        poll_until("a load", [&] { return seen.started() > 1000; });
        valkey_server& heir = nodes().replica(0);
        nodes().primary(0).kill9();
        poll_until("the promotion", [&] { return heir.role() == "primary"; });
        const auto started = seen.started();
        poll_until("commands after it", [&] { return seen.started() > started + 1000; });
        const auto knows = [&heir](const auto& c) {
            const auto map = c.topology();
            return std::any_of(map->shards().begin(), map->shards().end(),
                               [&](const shard_info& s) { return s.primary.address.port == heir.port(); });
        };
        poll_until("clients to know", [&] { return knows(threads) && knows(callbacks); });
        over = true;
    }
    const auto text = now();
    seen.expect_same(text);
    EXPECT_EQ(text.sum("valkeyxx_commands_total"), static_cast<double>(seen.started()));
    EXPECT_EQ(text.sum("valkeyxx_command_duration_seconds_count"), static_cast<double>(seen.started()));
    const auto of_threads = threads.statistics();
    const auto of_callbacks = callbacks.statistics();
    EXPECT_EQ(of_threads.commands + of_callbacks.commands, seen.started());
    EXPECT_EQ(of_threads.under_way, 0U);
    EXPECT_EQ(of_callbacks.under_way, 0U);
    EXPECT_EQ(text.sum("valkeyxx_commands_under_way"), 0);
    EXPECT_EQ(text.sum("valkeyxx_clients"), 2);
    EXPECT_EQ(text.sum("valkeyxx_retries_total"), static_cast<double>(of_threads.retries + of_callbacks.retries));
    EXPECT_EQ(text.sum("valkeyxx_redirects_total", {{"kind", "moved"}}),
              static_cast<double>(of_threads.moved + of_callbacks.moved));
    // Each client saw it. (On a busy machine servers may do another one unasked.)
    EXPECT_GE(text.sum("valkeyxx_failovers_total"), 2);
    EXPECT_EQ(text.sum("valkeyxx_slots_moved_total"), 0) << "it was no migration";
    EXPECT_EQ(static_cast<double>(book->count("event=failover")), text.sum("valkeyxx_failovers_total"));
    EXPECT_EQ(static_cast<double>(book->count("event=command_failed") - at_book), text.sum("valkeyxx_errors_total"));
}

TEST_F(observability, redirects_and_moved_slots_are_counted) {
    const std::string key = "{observed}x";
    const auto slot = key_slot(key);
    cluster client{settings};
    client.execute(set(key, "1"));
    valkey_server& target = other_primary(nodes(), slot);
    nodes().begin_migration(slot, target);
    EXPECT_EQ(client.execute(exists("{observed}new")), 0);  // ASK
    nodes().migrate_keys(slot, target);
    nodes().finish_migration(slot, target);
    client.execute(get(key));  // MOVED
    poll_until("the new map", [&] {
        client.execute(get(key));
        return now().sum("valkeyxx_slots_moved_total") >= 1;
    });
    const auto text = now();
    EXPECT_EQ(text.sum("valkeyxx_redirects_total", {{"kind", "ask"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_redirects_total", {{"kind", "moved"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_slots_moved_total"), 1);
    EXPECT_EQ(text.sum("valkeyxx_failovers_total"), 0);
    EXPECT_EQ(text.sum("valkeyxx_commands_total"), static_cast<double>(client.statistics().commands));
    EXPECT_EQ(text.sum("valkeyxx_errors_total"), 0);
    EXPECT_EQ(text.sum("valkeyxx_topology_refreshes_total"), static_cast<double>(client.statistics().refreshes));
    EXPECT_EQ(book->count("event=redirected kind=ask"), 1U);
    EXPECT_EQ(book->count("moved_slots=1 covered_slots=16384"), 1U);
}

TEST_F(observability, connections_are_counted_exactly_when_they_are_killed) {
    cluster client{settings};
    auto feed = client.subscriber();
    feed.subscribe("news");
    ASSERT_TRUE(feed.ready(stretched(5s)));
    const auto all_primaries = [&] {
        for (const auto& r : client.execute_each(ping(), on_all_primaries())) EXPECT_TRUE(r.reply);
    };
    all_primaries();
    session s = client.new_session();
    EXPECT_TRUE(s.try_execute(raw("WATCH", "w")));
    const auto before = now();
    EXPECT_EQ(before.sum("valkeyxx_connections"), static_cast<double>(connections_of(client.node_statistics())));
    EXPECT_GE(before.sum("valkeyxx_connections"), 5) << "three, one for messages and one of the session";
    EXPECT_EQ(before.sum("valkeyxx_reconnects_total"), 0);
    for (int shard = 0; shard < 3; ++shard) nodes().primary(shard).admin()({"CLIENT", "KILL", "TYPE", "normal"});
    poll_until("all to be lost", [&] {
        static_cast<void>(feed.next(1ms));  // turns the loop
        return now().sum("valkeyxx_disconnects_total") - before.sum("valkeyxx_disconnects_total") >= 4;
    });
    poll_until("all to be back", [&] {
        const auto all = client.execute_each(ping(), on_all_primaries());
        return std::all_of(all.begin(), all.end(), [](const auto& r) { return static_cast<bool>(r.reply); });
    });
    const auto after = now();
    EXPECT_EQ(after.sum("valkeyxx_connections"), static_cast<double>(connections_of(client.node_statistics())));
    for (int shard = 0; shard < 3; ++shard) {
        const labels there{{"node", at(nodes().primary(shard))}};
        EXPECT_EQ(after.sum("valkeyxx_reconnects_total", there), 1) << "the session's is not made again";
    }
    double reconnects = 0;
    for (const auto& n : client.node_statistics()) reconnects += static_cast<double>(n.reconnects);
    EXPECT_EQ(after.sum("valkeyxx_reconnects_total"), reconnects);
    EXPECT_EQ(after.sum("valkeyxx_connects_total"), static_cast<double>(client.statistics().connects));
    EXPECT_EQ(after.sum("valkeyxx_disconnects_total"), static_cast<double>(client.statistics().disconnects));

    for (int node = 0; node < nodes().size(); ++node) nodes().node(node).admin()({"CLIENT", "KILL", "TYPE", "PUBSUB"});
    poll_until("the subscription to be back", [&] {
        static_cast<void>(feed.next(10ms));
        return now().sum("valkeyxx_subscription_gaps_ended_total") == 1;
    });
    EXPECT_EQ(now().sum("valkeyxx_subscription_gaps_total"), 1);
    EXPECT_EQ(feed.statistics().gaps, 1U);
    EXPECT_EQ(book->count("event=subscription_lost"), 1U);
    EXPECT_EQ(book->count("event=subscription_back"), 1U);
    EXPECT_EQ(book->text().find("news"), std::string::npos);
    client.close();
    EXPECT_EQ(now().sum("valkeyxx_connections"), 0);
}

TEST_F(observability, every_kind_of_command_ends_once_and_in_its_class) {
    nodes().flush_all();
    cluster client{settings};
    account seen;
    const auto of = [this](const char* what) { return now().sum("valkeyxx_commands_total", {{"class", what}}); };
    seen.enter(client.try_execute(set("k", "v")));
    seen.enter(client.try_execute(get("k")));
    seen.enter(client.try_execute(get("k").as<std::int64_t>()));
    EXPECT_EQ(of("write"), 1);
    EXPECT_EQ(of("read"), 2) << "what the caller makes of a reply is his";
    seen.enter(client.try_execute(raw("BLPOP", "nothing", "0.01")));
    EXPECT_EQ(of("blocking"), 1);
    transaction t;
    t.add(set("k", "1"));
    t.add(incr("k"));
    seen.enter(client.try_execute(t));
    EXPECT_EQ(of("transaction"), 1);
    const script twice{"return redis.call('INCR', KEYS[1])"};
    seen.enter(client.try_execute(twice.call<std::int64_t>({"k"})));
    seen.enter(client.try_execute(twice.call<std::int64_t>({"k"})));
    EXPECT_EQ(of("script"), 2);
    seen.enter(client.try_execute(mget("k", "other")));              // cross_slot
    seen.enter(client.try_execute(get("k"), on_slot(20000)));        // invalid_argument
    seen.enter(client.try_execute(raw("MONITOR")));                  // refused
    seen.enter(client.try_execute(get("k"), on({"127.0.0.1", 1})));  // unknown_node
    const auto before = now();
    seen.enter(client.try_execute(dbsize()));
    const auto after = now();
    EXPECT_EQ(after.sum("valkeyxx_commands_total") - before.sum("valkeyxx_commands_total"), 4)
        << "three parts, a whole";
    EXPECT_EQ(after.sum("valkeyxx_commands_total", {{"node", "several"}}) -
                  before.sum("valkeyxx_commands_total", {{"node", "several"}}),
              1);
    pipeline batch;
    for (int i = 0; i < 500; ++i) batch.add(incr("k" + std::to_string(i)));
    batch.add(raw("LPOP", "k"));
    const auto done = client.execute(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        seen.enter(done.failed(i) ? result<int>{done.failure(i)} : result<int>{0});
    }
    client.close();
    seen.enter(client.try_execute(get("k")));
    const auto text = now();
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"kind", "unexpected_reply"}}), 0);
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"kind", "cross_slot"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"kind", "invalid_argument"}}), 2);
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"kind", "unknown_node"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"kind", "client_closed"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_errors_total", {{"kind", "server_error:WRONGTYPE"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_errors_total"), 6);
    // Two were turned away before they started: of no slot, and by the closed client.
    EXPECT_EQ(text.sum("valkeyxx_commands_total"), static_cast<double>(client.statistics().commands + 2));
}

TEST_F(observability, who_is_turned_away_for_want_of_room_is_counted) {
    settings.max_in_flight = 10;
    async_cluster client{settings};
    account seen;
    std::atomic<int> open{100};
    for (int i = 0; i < 100; ++i) {
        client.try_execute(get("k" + std::to_string(i)), [&](const result<std::optional<std::string>>& r) {
            seen.enter(r);
            --open;
        });
    }
    poll_until("all to end", [&] { return open == 0; });
    const auto text = now();
    seen.expect_same(text);
    EXPECT_GE(text.sum("valkeyxx_errors_total", {{"kind", "queue_full"}}), 1);
    EXPECT_EQ(text.sum("valkeyxx_commands_total"), 100);
}

TEST_F(observability, a_hung_node_shows_in_the_levels) {
    valkey_server& hung = world<servers>().locked;
    config c{.seeds = {{"127.0.0.1", hung.port()}}};
    c.password = "open-sesame";
    c.command_timeout = stretched(20s);
    watch(c);
    async_client client{c};
    std::atomic<int> open{1};
    client.try_execute(set("hung", "1"), [&](const result<bool>& r) {
        EXPECT_TRUE(r);
        --open;
    });
    poll_until("the first", [&] { return open == 0; });
    hung.pause();
    open = 7;
    for (int i = 0; i < 7; ++i) client.try_execute(raw("APPEND", "hung", "x"), [&](const result<value>&) { --open; });
    const labels there{{"node", at(hung)}};
    poll_until("the suspicion", [&] { return now().sum("valkeyxx_suspected", there) == 1; });
    const auto text = now();
    EXPECT_EQ(text.sum("valkeyxx_in_flight", there), 7);
    EXPECT_EQ(text.sum("valkeyxx_commands_under_way"), 7);
    EXPECT_EQ(text.sum("valkeyxx_suspicions_total", there), 1);
    EXPECT_EQ(text.sum("valkeyxx_node_role", {{"node", at(hung)}, {"role", "primary"}}), 1);
    const auto seen = client.node_statistics();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_TRUE(seen[0].suspected);
    EXPECT_EQ(seen[0].in_flight, 7U);
    EXPECT_EQ(seen[0].commands, 8U);
    EXPECT_EQ(seen[0].connections, 1U);
    EXPECT_EQ(seen[0].role, node_role::primary);
    hung.resume();
    poll_until("all to end", [&] { return open == 0; });
    EXPECT_EQ(now().sum("valkeyxx_commands_under_way"), 0);
    EXPECT_EQ(now().sum("valkeyxx_commands_total"), 8);
    EXPECT_EQ(book->count("event=suspected node=" + at(hung)), 1U);
    poll_until("the recovery", [&] { return book->count("event=recovered node=" + at(hung)) == 1; });
    EXPECT_EQ(now().sum("valkeyxx_suspected", there), 0);
}

TEST_F(observability, a_sentinels_switch_is_told) {
    sentinel_set& watched = world<servers>().watched;
    config c = config_for(watched);
    watch(c);
    client follower{c};
    follower.execute(set("k", "v"));
    const std::string from = at(watched.primary());
    watched.failover();
    const std::string to = at(watched.primary());
    poll_until("the switch", [&] {
        static_cast<void>(follower.try_execute(set("k", "v")));
        return now().sum("valkeyxx_sentinel_switches_total") == 1;
    });
    EXPECT_EQ(book->count("event=primary_switched service=mymaster from=" + from + " to=" + to), 1U);
    EXPECT_EQ(now().sum("valkeyxx_node_role", {{"node", to}, {"role", "primary"}}), 1);
    EXPECT_EQ(now().sum("valkeyxx_node_role", {{"role", "sentinel"}}), 1);
    EXPECT_EQ(now().sum("valkeyxx_failovers_total"), 1);
    follower.execute(set("k", "w"));
}

// Whoever looks while clients come and go sees what there is, and nothing that is gone.
TEST_F(observability, clients_may_come_and_go_while_somebody_looks) {
    std::atomic<bool> over{false};
    std::jthread looker{[&] {
        while (!over) EXPECT_LE(now().sum("valkeyxx_clients"), 4);
    }};
    std::vector<std::jthread> pool;
    for (int t = 0; t < 2; ++t) {
        pool.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                cluster client{settings};
                EXPECT_TRUE(client.try_execute(get("k")));
                async_cluster other{settings};
                std::atomic<bool> done{false};
                other.try_execute(get("k"), [&](const result<std::optional<std::string>>& r) {
                    EXPECT_TRUE(r);
                    done = true;
                    done.notify_one();
                });
                done.wait(false);
            }
        });
    }
    pool.clear();
    over = true;
    looker.join();
    const auto text = now();
    EXPECT_EQ(text.sum("valkeyxx_clients"), 0);
    EXPECT_EQ(text.sum("valkeyxx_connections"), 0);
    EXPECT_EQ(text.sum("valkeyxx_commands_total"), 80);
}

namespace {

class acquaintance final : public observer {
  public:
    void attached(const monitor& client) override { known_.set_value(client); }
    monitor known() { return known_.get_future().get(); }

  private:
    std::promise<monitor> known_;
};

}  // namespace

TEST_F(observability, several_may_look_while_a_client_tells) {
    const auto met = std::make_shared<acquaintance>();
    settings.watcher = std::make_shared<observers>(std::vector<std::shared_ptr<observer>>{counts, met});
    async_cluster client{settings};
    client.execute(echo("x"), asio::use_future).get();
    std::vector<std::thread> all;
    std::atomic<bool> enough = false;
    for (int i = 0; i < 2; ++i) {
        all.emplace_back([&] {
            while (!enough) static_cast<void>(counts->prometheus_text());
        });
    }
    all.emplace_back([&, client = met->known()] {
        while (!enough) static_cast<void>(client.nodes());
    });
    for (int i = 0; i < 3000; ++i) client.execute(get("k" + std::to_string(i)), asio::use_future).get();
    enough = true;
    for (auto& t : all) t.join();
    EXPECT_EQ(now().sum("valkeyxx_commands_total"), 3001);
}

TEST_F(observability, clients_without_commands_are_known_as_well) {
    async_cluster hears{settings};
    auto feed = hears.subscriber();
    feed.subscribe("news");
    feed.ready(asio::use_future).get();
    EXPECT_EQ(now().sum("valkeyxx_clients"), 1);
    config one{.seeds = {{nodes().node(0).host(), nodes().node(0).port()}}};
    watch(one);
    async_client waits{one};
    auto other = waits.subscriber();
    other.subscribe("news");
    other.ready(asio::use_future).get();
    EXPECT_EQ(now().sum("valkeyxx_clients"), 2);
}

TEST_F(observability, connections_say_whose_they_are) {
    for (const int protocol : {2, 3}) {
        settings.protocol = protocol;
        cluster client{settings};
        const std::string list = client.execute(raw<std::string>("CLIENT", "INFO"), on_random_node());
        EXPECT_NE(list.find("lib-name=valkeyxx lib-ver=" + std::string{version}), std::string::npos) << list;
    }
}

TEST_F(observability, no_secret_is_in_what_is_said) {
    const std::vector<std::string> secrets{"open-sesame", "guessed-wrong", "hush-key", "hush-value", "hush-channel"};
    for (const char* password : {"open-sesame", "guessed-wrong"}) {
        config c{.seeds = {{"127.0.0.1", world<servers>().locked.port()}}};
        c.password = password;
        c.command_timeout = stretched(500ms);
        watch(c);
        client one{c};
        static_cast<void>(one.try_execute(set("hush-key", "hush-value")));
        static_cast<void>(one.try_execute(raw("LPOP", "hush-key")));
        static_cast<void>(one.try_execute(raw("NOSUCH", "hush-value")));
        static_cast<void>(one.try_execute(raw("SET", "hush-key", "hush-value", "hush-value")));
        static_cast<void>(one.try_execute(raw("EVAL", "return redis.error_reply('HUSH hush-value')", "0")));
        auto feed = one.subscriber();
        feed.subscribe("hush-channel");
        static_cast<void>(feed.ready(stretched(200ms)));
        if (password == secrets[0]) {
            world<servers>().locked.admin()({"CLIENT", "KILL", "TYPE", "PUBSUB"});
            static_cast<void>(feed.next(stretched(200ms)));
        }
        const std::string said = book->text() + counts->prometheus_text();
        for (const auto& secret : secrets) EXPECT_EQ(said.find(secret), std::string::npos) << secret << " in\n" << said;
    }
    EXPECT_EQ(book->count("event=command_failed"), 9U) << book->text();
    EXPECT_GE(book->count("WRONGPASS"), 1U);
}

// --- the program -----------------------------------------------------------------------------------------------------

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// The program while it runs.
struct running {
    explicit running(arguments words) {
        words.insert(words.begin(), VALKEYXX_CLI);
        program.start({words, output, folder.path()});
    }
    /// Where it serves metrics, once it has said so.
    std::uint16_t port() {
        std::uint16_t found = 0;
        poll_until("the address", [&] {
            if (!program.running()) throw give_up{"it has ended: " + text()};
            const std::string begin = "valkeyxx: metrics at http://127.0.0.1:";
            const std::string said = text();
            const auto from = said.find(begin);
            if (from == std::string::npos || said.find("/metrics\n", from) == std::string::npos) return false;
            found = static_cast<std::uint16_t>(std::stoi(said.substr(from + begin.size())));
            return true;
        });
        return found;
    }
    std::string text() const {
        std::ifstream file{output};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    void end() {
        ::kill(program.pid(), SIGINT);
        poll_until("it to end", [&] { return !program.running(); });
        EXPECT_EQ(program.end_text(), "exit code 0") << text();
    }

    temp_dir folder;
    std::string output = folder.file("output");
    process program;
};

struct http_answer {
    int status = 0;
    std::string head;
    std::string body;
};

tcp::socket connected_to(asio::io_context& loop, std::uint16_t port) {
    tcp::socket s{loop};
    s.connect({asio::ip::make_address("127.0.0.1"), port});
    return s;
}

// Sends these bytes and reads until the server hangs up.
http_answer http(std::uint16_t port, const std::string& bytes) {
    asio::io_context loop;
    tcp::socket s = connected_to(loop, port);
    boost::system::error_code ec;
    asio::write(s, asio::buffer(bytes), ec);  // it may hang up before it has taken all
    std::string text;
    asio::read(s, asio::dynamic_buffer(text), ec);
    http_answer a;
    const auto end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) return a;
    a.status = std::stoi(text.substr(9));
    a.head = text.substr(0, end + 2);
    a.body = text.substr(end + 4);
    return a;
}

http_answer get_page(std::uint16_t port, const std::string& target = "/metrics", const std::string& verb = "GET") {
    return http(port, verb + " " + target + " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
}

}  // namespace

TEST(exporter, serves_what_a_run_does_and_counts_each_command) {
    nodes().flush_all();
    temp_dir folder;
    const std::string fifo = folder.file("commands");
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    running pipe{{"pipe", "--url", nodes().url(), "--metrics-port", "0", fifo}};
    std::ofstream commands{fifo};
    const auto port = pipe.port();
    for (int i = 0; i < 2000; ++i) commands << "SET k" << i << " v\n";
    commands << std::flush;
    double counted = 0;
    poll_until("whole chunks to be counted", [&] {
        counted = exposition_parser{get_page(port).body}.sum("valkeyxx_commands_total", {{"class", "write"}});
        return counted >= 1000;
    });
    EXPECT_LE(counted, 2000);
    commands << "LPOP k1\n";
    commands.close();
    poll_until("it to end", [&] { return !pipe.program.running(); });
    EXPECT_NE(pipe.text().find("2001 commands, 1 errors"), std::string::npos) << pipe.text();
}

TEST(exporter, serves_while_bench_runs_and_is_not_harmed_by_anybody) {
    running bench{{"bench", "--url", nodes().url(), "--mode", "async", "--command", "mix", "--seconds", "600", "--keys",
                   "100", "--metrics-port", "0", "--json"}};
    const auto port = bench.port();
    double before = 0;
    for (int i = 0; i < 3; ++i) {
        poll_until("commands to be counted", [&] {
            const auto page = get_page(port);
            EXPECT_EQ(page.status, 200);
            EXPECT_NE(page.head.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), std::string::npos);
            EXPECT_NE(page.head.find("Content-Length: " + std::to_string(page.body.size()) + "\r\n"),
                      std::string::npos);
            const exposition_parser text{page.body};
            const double now = text.sum("valkeyxx_commands_total", {{"class", "read"}});
            return now > std::exchange(before, now);
        });
    }
    EXPECT_EQ(get_page(port, "/").status, 404);
    EXPECT_EQ(get_page(port, "/metrics?x=1").status, 200);
    EXPECT_EQ(get_page(port, "/metrics/x").status, 404);
    const auto posted = get_page(port, "/metrics", "POST");
    EXPECT_EQ(posted.status, 405);
    EXPECT_NE(posted.head.find("Allow: GET, HEAD\r\n"), std::string::npos);
    const auto head = get_page(port, "/metrics", "HEAD");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(http(port, "*1\r\n$4\r\nPING\r\n").status, 400);
    EXPECT_EQ(http(port, "GET /metrics HTTP/9.9\r\n\r\n").status, 400);
    EXPECT_EQ(http(port, "GET /metrics HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n").status, 431);
    EXPECT_EQ(http(port, "POST /metrics HTTP/1.1\r\nContent-Length: 100000\r\n\r\n").status, 413);
    EXPECT_EQ(http(port, std::string(100'000, '\0')).status, 400);

    asio::io_context loop;
    {
        // Kept alive: two requests, two answers.
        tcp::socket s = connected_to(loop, port);
        for (int i = 0; i < 2; ++i) {
            asio::write(s, asio::buffer(std::string{"HEAD /metrics HTTP/1.1\r\nHost: here\r\n\r\n"}));
            std::string text;
            asio::read(s, asio::dynamic_buffer(text), [&](boost::system::error_code ec, std::size_t) -> std::size_t {
                return ec || text.ends_with("\r\n\r\n") ? 0 : 1;
            });
            EXPECT_TRUE(text.starts_with("HTTP/1.1 200 ")) << text;
        }
    }
    // A crowd that says nothing: the rest are hung up on, and once they leave there is room again.
    std::vector<tcp::socket> crowd;
    for (int i = 0; i < 100; ++i) crowd.push_back(connected_to(loop, port));
    EXPECT_TRUE(bench.program.running());
    crowd.clear();
    poll_until("room", [&] { return get_page(port).status == 200; });
    bench.end();
    const auto lines = lines_of(bench.output);
    ASSERT_EQ(lines.size(), 2U) << bench.text();
    EXPECT_EQ(parsed(lines.back())["errors"]["total"], 0);
}

TEST(exporter, complains_of_what_it_cannot_do) {
    asio::io_context loop;
    const tcp::acceptor taken{loop, {asio::ip::make_address("127.0.0.1"), 0}};
    const std::string port = std::to_string(taken.local_endpoint().port());
    const auto url = nodes().url();
    expect_failure(cli({"exec", "--url", url, "--metrics-port", port, "PING"}),
                   "metrics cannot be served at 127.0.0.1:" + port, "Address already in use");
    expect_failure(cli({"exec", "--url", url, "--metrics-port", "70000", "PING"}), "--metrics-port", "--help)");
    expect_failure(cli({"exec", "--url", url, "--metrics-address", "127.0.0.1", "PING"}), "--metrics-address",
                   "--help)");
    expect_failure(cli({"exec", "--url", url, "--metrics-port", "0", "--metrics-address", "here", "PING"}),
                   "--metrics-address", "--help)");
    expect_failure(cli({"exec", "--url", url, "--log", "/no/such/file", "PING"}),
                   "the log /no/such/file cannot be written", "No such file or directory");
    expect_failure(cli({"exec", "--url", url, "--log", "-", "--log-format", "xml", "PING"}), "--log-format", "--help)");
}

TEST(logs, are_written_by_the_program) {
    temp_dir folder;
    const std::string file = folder.file("log");
    const std::string url = "valkey://:guessed-wrong@127.0.0.1:" + std::to_string(world<servers>().locked.port());
    const auto run = cli({"exec", "--url", url + "?command_timeout=500ms", "--log", file, "--log-format", "json", "SET",
                          "hush-key", "hush-value"});
    EXPECT_EQ(run.exit_code, 1);
    const auto lines = lines_of(file);
    ASSERT_FALSE(lines.empty());
    std::map<std::string, int> events;
    for (const auto& line : lines) {
        const auto record = parsed(line);
        ++events[record["event"]];
        EXPECT_TRUE(record.contains("time") && record.contains("level")) << line;
        EXPECT_EQ(line.find("guessed"), std::string::npos) << line;
        EXPECT_EQ(line.find("hush"), std::string::npos) << line;
    }
    EXPECT_GE(events["disconnected"], 1);
    EXPECT_LE(events["disconnected"], 10) << "an outage does not flood the log";
    EXPECT_EQ(events["command_failed"], 1);
    const auto said = cli({"exec", "--url", nodes().url(), "--log", "-", "PING"});
    EXPECT_EQ(said.exit_code, 0);
    EXPECT_NE(said.err.find(" level=info event=connected node=127.0.0.1:"), std::string::npos) << said.err;
}

}  // namespace valkeyxx::testing
