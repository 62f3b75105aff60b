// Connections that break all the time, and nodes that swallow all they are given, under load: each command ends exactly
// once and in its order, and memory stays bounded.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/memory.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_cluster nodes{{.shards = 2, .replicas = 0, .node_timeout = 5s, .proxies = true}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

/// Breaks all connections to all nodes again and again, a little differently each time, while it lives.
class breaker {
  public:
    explicit breaker(const std::atomic<int>& progress)
        : thread_{[this, &progress](const std::stop_token& over) {
              for (int i = 0; !over.stop_requested(); ++i) {
                  // Some work gets done between two breaks, or nothing would ever succeed.
                  const int before = progress;
                  poll_until("progress", [&] { return over.stop_requested() || progress > before + 20; });
                  fault_proxy& proxy = nodes().proxy_of(nodes().node(i % nodes().size()));
                  switch (i % 3) {
                      case 0:
                          proxy.reset_all();
                          break;
                      case 1:
                          proxy.close_all();
                          break;
                      case 2:
                          proxy.set([i](toxics& now) {
                              now.reset_after = static_cast<std::size_t>(i * 37 % 500);
                              now.cuts = 1;
                          });
                          break;
                  }
                  ++breaks_;
              }
          }} {}
    int breaks() const { return breaks_; }

  private:
    std::atomic<int> breaks_{0};
    std::jthread thread_;
};

/// What has become of the numbers that were pushed, in order, to one list.
struct pushed {
    std::vector<int> acknowledged{};
    std::vector<int> unknown{};
    std::vector<int> refused{};
    std::string why{};  // the first one was refused

    void enter(int number, const result<value>& r) {
        if (r) {
            acknowledged.push_back(number);
        } else if (r.error().may_have_run()) {
            unknown.push_back(number);
        } else {
            if (refused.empty()) why = r.error().message();
            refused.push_back(number);
        }
    }
    /// Compares with the list on the server: in order, nothing twice, nothing missing, nothing made up.
    void compare(const std::vector<int>& list) const {
        EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
        EXPECT_EQ(std::adjacent_find(list.begin(), list.end()), list.end());
        for (const int number : acknowledged) {
            ASSERT_TRUE(std::binary_search(list.begin(), list.end(), number)) << number << " was acknowledged";
        }
        for (const int number : refused) {
            ASSERT_FALSE(std::binary_search(list.begin(), list.end(), number)) << number << " was refused";
        }
        EXPECT_LE(list.size(), acknowledged.size() + unknown.size());
    }
};

/// As many as a build with a sanitizer, which takes longer to give them, can be given in a while, too.
int a_hundred_thousand() {
    return static_cast<int>(100'000 / time_factor());
}

class connection_stress : public ::testing::Test {
  protected:
    connection_stress() { nodes().flush_all(); }
    ~connection_stress() override { nodes().heal(); }

    std::vector<int> list_at(const std::string& key) {
        std::vector<int> numbers;
        for (const auto& item : nodes().node_serving(key_slot(key)).admin().call({"LRANGE", key, "0", "-1"}).items) {
            numbers.push_back(std::stoi(item.text));
        }
        return numbers;
    }

    config settings = config_for(nodes());
};

}  // namespace

TEST_F(connection_stress, pipelines_through_resets_keep_order_and_count_once) {
    cluster client{settings};
    const std::vector<std::string> keys{"list:a", "list:b", "list:c", "list:d"};
    std::unordered_map<std::string, pushed> outcomes;
    std::atomic<int> progress{0};
    int number = 0;
    int wrong_last = 0;
    {
        breaker faults{progress};
        pipeline batch;
        pipeline_result done;
        while (faults.breaks() < 60) {
            batch.clear();
            std::vector<std::pair<std::string, int>> what;
            for (int i = 0; i < 100; ++i) {
                for (const auto& key : keys) {
                    batch.add(raw("RPUSH", key, std::to_string(++number)));
                    batch.add(set("{" + key + "}last", std::to_string(number)));
                    what.emplace_back(key, number);
                }
            }
            client.execute(batch, done);
            for (std::size_t i = 0; i < what.size(); ++i) {
                outcomes[what[i].first].enter(what[i].second, done.get<value>(2 * i));
                ASSERT_TRUE(done.get<bool>(2 * i + 1)) << done.get<bool>(2 * i + 1).error().message();
            }
            for (std::size_t i = what.size() - keys.size(); i < what.size(); ++i) {
                const auto last = client.execute(get("{" + what[i].first + "}last"));
                if (last != std::to_string(what[i].second)) ++wrong_last;
            }
            progress += 10;
        }
    }
    EXPECT_EQ(wrong_last, 0);
    std::size_t unknown = 0;
    for (const auto& key : keys) {
        outcomes[key].compare(list_at(key));
        unknown += outcomes[key].unknown.size();
    }
    std::cout << number << " RPUSH, " << unknown << " may have run, " << client.statistics().disconnects << " losses, "
              << client.statistics().retries << " retries\n";
}

TEST_F(connection_stress, threads_through_resets_count_once) {
    cluster client{settings};
    std::atomic<int> progress{0};
    std::atomic<bool> over{false};
    std::vector<pushed> outcomes(8);
    {
        breaker faults{progress};
        std::vector<std::jthread> pool;
        for (std::size_t thread = 0; thread < outcomes.size(); ++thread) {
            pool.emplace_back([&, thread] {
                const std::string key = "thread:" + std::to_string(thread);
                for (int i = 0; !over; ++i) {
                    outcomes[thread].enter(i, client.try_execute(raw("RPUSH", key, std::to_string(i))));
                    ++progress;
                }
            });
        }
        poll_until(
            "many breaks", [&] { return faults.breaks() > 200; }, 60s);
        over = true;
    }
    for (std::size_t thread = 0; thread < outcomes.size(); ++thread) {
        EXPECT_TRUE(outcomes[thread].refused.empty()) << outcomes[thread].why;
        outcomes[thread].compare(list_at("thread:" + std::to_string(thread)));
    }
}

TEST_F(connection_stress, asynchronous_chains_through_resets_count_once) {
    for (const bool own_thread : {true, false}) {
        nodes().heal();
        nodes().flush_all();
        // All that the commands' ends use outlives the client, whatever happens.
        std::atomic<int> progress{0};
        std::atomic<bool> over{false};
        std::atomic<int> open{0};
        std::vector<pushed> outcomes(16);
        std::function<void(std::size_t, int)> push;
        asio::io_context loop;
        std::vector<std::jthread> pool;
        auto busy = asio::make_work_guard(loop);
        std::unique_ptr<async_cluster> client;
        if (own_thread) {
            client = std::make_unique<async_cluster>(settings);
        } else {
            client = std::make_unique<async_cluster>(loop, settings);
            for (int i = 0; i < 3; ++i) pool.emplace_back([&] { loop.run(); });
        }
        client->execute(get("k"), asio::use_future).get();  // a first topology cannot be had while all break
        push = [&](std::size_t chain, int number) {
            client->execute(raw("RPUSH", "chain:" + std::to_string(chain), std::to_string(number)),
                            [&, chain, number](result<value> r) {
                                outcomes[chain].enter(number, r);
                                ++progress;
                                over ? static_cast<void>(--open) : push(chain, number + 1);
                            });
        };
        {
            breaker faults{progress};
            for (std::size_t chain = 0; chain < outcomes.size(); ++chain) {
                ++open;
                push(chain, 0);
            }
            poll_until(
                "many breaks", [&] { return faults.breaks() > 200; }, 60s);
            over = true;
        }
        poll_until("the chains to end", [&] { return open == 0; });
        for (std::size_t chain = 0; chain < outcomes.size(); ++chain) {
            EXPECT_TRUE(outcomes[chain].refused.empty()) << outcomes[chain].why;
            outcomes[chain].compare(list_at("chain:" + std::to_string(chain)));
        }
    }
}

TEST_F(connection_stress, commands_beyond_the_limit_are_refused_at_once) {
    constexpr int limit = 10'000;
    const int count = a_hundred_thousand();
    settings.max_in_flight = limit;
    settings.max_in_flight_per_shard = limit;
    settings.command_timeout = stretched(3s);  // far more than it takes to give them all
    async_cluster client{settings};
    const std::string key = key_served_by(nodes(), nodes().node(0), "limit:");
    client.execute(set(key, "v"), asio::use_future).get();
    nodes().proxy_of(nodes().node(0)).set([](toxics& now) { now.blackhole_up = true; });
    std::atomic<int> full{0};
    std::atomic<int> late{0};
    std::atomic<int> other{0};
    for (int i = 0; i < count; ++i) {
        client.execute(set(key, "v"), [&](result<bool> r) {
            if (r) {
                ++other;
            } else if (r.error() == errc::queue_full && r.error().executed() == executed::no) {
                ++full;
            } else {
                ++(r.error() == errc::timed_out ? late : other);
            }
        });
    }
    poll_until("all to end", [&] { return full + late + other == count; });
    EXPECT_EQ(other, 0);
    EXPECT_EQ(late, limit);
    nodes().proxy_of(nodes().node(0)).clear();
    poll_until("it to work again", [&] { return client.try_execute(get(key), asio::use_future).get().has_value(); });
}

TEST_F(connection_stress, a_hundred_thousand_that_wait_for_a_connection_end_on_time) {
    settings.command_timeout = stretched(500ms);
    settings.connect_timeout = stretched(30s);
    settings.max_in_flight_per_shard = settings.max_in_flight;
    async_cluster client{settings};
    const std::string key = key_served_by(nodes(), nodes().node(0), "waiting:");
    client.execute(set(key_served_by(nodes(), nodes().node(1), "o:"), "v"), asio::use_future).get();
    fault_proxy& proxy = nodes().proxy_of(nodes().node(0));
    proxy.set([](toxics& now) { now.blackhole_down = true; });
    proxy.reset_all();
    std::atomic<int> ended{0};
    std::atomic<int> unsent{0};
    const int count = a_hundred_thousand();
    const stopwatch watch;
    for (int i = 0; i < count; ++i) {
        client.execute(get(key), [&](result<std::optional<std::string>> r) {
            if (!r && r.error() == errc::timed_out && r.error().executed() == executed::no) ++unsent;
            ++ended;
        });
    }
    poll_until("all to end", [&] { return ended == count; });
    EXPECT_LT(watch.elapsed(), stretched(2s));  // not the connection's end, which they would have had to wait for
    EXPECT_GT(unsent, count / 2);
    std::cout << count << " waiting commands ended after " << watch.elapsed().count() << " ms\n";
}

TEST_F(connection_stress, node_that_swallows_everything_does_not_fill_the_memory) {
    // Not stretched: what is given in the time that it takes to notice must be little of the whole.
    settings.command_timeout = 100ms;
    settings.connect_timeout = 300ms;
    settings.max_in_flight = 20'000;
    async_cluster client{settings};
    const std::string key = key_served_by(nodes(), nodes().node(0), "swallowed:");
    poll_until("a connection", [&] { return client.try_execute(set(key, "v"), asio::use_future).get().has_value(); });
    nodes().proxy_of(nodes().node(0)).set([](toxics& now) { now.blackhole_up = true; });
    const std::string text(4000, 'x');
    std::atomic<int> ended{0};
    std::atomic<int> started{0};
    const std::size_t before = resident_bytes();
    constexpr int count = 400'000;
    std::size_t most = 0;
    while (started < count) {
        for (int i = 0; i < 1000; ++i) {
            ++started;
            client.execute(raw<void>("RPUSH", key, text), [&](result<void>) { ++ended; });
        }
        most = std::max(most, resident_bytes());
        poll_until("some to end", [&] { return started - ended < 15'000; });
    }
    poll_until("all to end", [&] { return ended == started; });
    const std::size_t grown = most > before ? (most - before) >> 20U : 0;
    std::cout << started << " commands (" << (static_cast<std::size_t>(started) * text.size() >> 20U)
              << " MiB) to a node that swallows them: memory grew by " << grown << " MiB at most\n";
    EXPECT_LT(grown, 800U);
}

}  // namespace valkeyxx::testing
