// A client that ends while its commands are scattered over several nodes: each completes exactly once.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;

struct servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = stretched(10s)}};
    void wait() { nodes.wait(); }
};

const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

command<std::vector<std::optional<std::string>>> many_keys() {
    static const std::vector<std::string> keys = key_for_each_slot("end:");
    std::vector<std::string_view> some;
    for (std::size_t slot = 0; slot < keys.size(); slot += 300) some.emplace_back(keys[slot]);
    return across_slots(mget(some));
}

int calls_of(const valkey_server& node, const std::string& command) {
    const std::string stats = node.admin()({"INFO", "commandstats"});
    const std::string field = "cmdstat_" + command + ":calls=";
    const auto at = stats.find(field);
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + field.size()));
}

/// A node that does not answer for a while.
class hanging {
  public:
    explicit hanging(valkey_server& node) : node_{node} { node_.pause(); }
    hanging(const hanging&) = delete;
    hanging& operator=(const hanging&) = delete;
    ~hanging() { node_.resume(); }

  private:
    valkey_server& node_;
};

/// Counts how often each of many commands has completed, and how.
class tally {
  public:
    explicit tally(int count) : times_(static_cast<std::size_t>(count)) {}

    void enter(int i, const error* why) {
        ++times_[static_cast<std::size_t>(i)];
        if (why == nullptr) {
            ++answered;
        } else if (*why == errc::client_closed) {
            ++closed;
        } else {
            const std::lock_guard lock{mutex_};
            others_.push_back(why->message());
        }
    }
    bool each_once() const {
        return std::all_of(times_.begin(), times_.end(), [](const auto& times) { return times == 1; });
    }
    std::vector<std::string> others() const {
        const std::lock_guard lock{mutex_};
        return others_;
    }

    std::atomic<int> answered{0};
    std::atomic<int> closed{0};

  private:
    std::vector<std::atomic<int>> times_;
    mutable std::mutex mutex_;
    std::vector<std::string> others_;
};

/// Starts one command of each kind that is scattered, five in all, from number `first` on.
void start_each_kind(async_cluster& client, tally& all, int first) {
    const auto enter = [&all](int i) { return [&all, i](const auto& r) { all.enter(i, r ? nullptr : &r.error()); }; };
    client.execute(dbsize(), [done = enter(first)](result<std::int64_t> r) { done(r); });
    client.execute(raw("ECHO", "x"), on_all_nodes(), [done = enter(first + 1)](result<value> r) { done(r); });
    client.execute(many_keys(),
                   [done = enter(first + 2)](result<std::vector<std::optional<std::string>>> r) { done(r); });
    client.execute_each(raw("ECHO", "x"), on_all_primaries(),
                        [&all, i = first + 3](result<std::vector<node_result<value>>> r) {
                            const error* why = r ? nullptr : &r.error();
                            for (std::size_t part = 0; r && part < r->size(); ++part) {
                                if (!(*r)[part].reply) why = &(*r)[part].reply.error();
                            }
                            all.enter(i, why);
                        });
    pipeline batch;
    batch.add(dbsize());
    batch.add(many_keys());
    client.execute(std::move(batch), [&all, i = first + 4](pipeline_result done) {
        const bool failed = done.failed(0) || done.failed(1);
        all.enter(i, failed ? &done.failure(done.failed(0) ? 0 : 1) : nullptr);
    });
}

const std::vector<std::string> none;

}  // namespace

TEST(cluster_scatter_end, close_completes_what_waits_for_a_hanging_node_with_client_closed) {
    constexpr int rounds = 100;
    tally all{5 * rounds};
    async_cluster client{config_for(nodes())};
    client.execute(raw("ECHO", "x"), on_all_nodes(), boost::asio::use_future).get();
    const auto key = key_served_by(nodes(), nodes().primary(0), "end:");
    {
        const hanging stuck{nodes().primary(1)};
        for (int i = 0; i < rounds; ++i) start_each_kind(client, all, 5 * i);
        client.execute(set(key, "v"), boost::asio::use_future).get();  // that node has answered the others, too
        client.close();
    }
    EXPECT_TRUE(all.each_once());
    EXPECT_EQ(all.answered, 0);
    EXPECT_EQ(all.closed, 5 * rounds);
    EXPECT_EQ(all.others().size(), 0U) << all.others().at(0);
}

TEST(cluster_scatter_end, destruction_at_any_moment_completes_each_once) {
    constexpr int rounds = 200;
    int closed = 0;
    for (int moment = 0; moment < 12; ++moment) {
        tally all{5 * rounds};
        {
            async_cluster client{config_for(nodes())};
            if (moment % 3 != 0) client.execute(dbsize(), boost::asio::use_future).get();  // else: still connecting
            for (int i = 0; i < rounds; ++i) start_each_kind(client, all, 5 * i);
            if (moment % 2 != 0) poll_until("some replies", [&] { return all.answered > 50 * moment; });
        }
        EXPECT_TRUE(all.each_once());
        EXPECT_EQ(all.answered + all.closed, 5 * rounds);
        EXPECT_EQ(all.others().size(), 0U) << all.others().at(0);
        closed += all.closed;
    }
    EXPECT_GT(closed, 0);
}

TEST(cluster_scatter_end, loop_that_never_ran_is_enough_to_complete) {
    tally all{50};
    boost::asio::io_context loop;
    {
        async_cluster client{loop, config_for(nodes())};
        for (int i = 0; i < 50; i += 5) start_each_kind(client, all, i);
    }
    EXPECT_TRUE(all.each_once());
    EXPECT_EQ(all.closed, 50);
}

TEST(cluster_scatter_end, close_in_a_callback_completes_the_rest_before_it_returns) {
    constexpr int rounds = 100;
    tally all{5 * rounds};
    async_cluster client{config_for(nodes())};
    std::promise<bool> end;
    client.execute(dbsize(), [&](result<std::int64_t>) {
        for (int i = 0; i < rounds; ++i) start_each_kind(client, all, 5 * i);
        client.close();
        end.set_value(all.each_once());
    });
    EXPECT_TRUE(end.get_future().get());
    EXPECT_EQ(all.closed, 5 * rounds);
}

TEST(cluster_scatter_end, waiting_threads_are_told_when_another_one_closes) {
    cluster client{config_for(nodes())};
    client.execute(raw("CONFIG", "RESETSTAT"));
    client.execute(raw("ECHO", "x"), on_all_nodes());
    const valkey_server& well = nodes().primary(0);
    const hanging stuck{nodes().primary(2)};
    std::vector<std::future<errc>> ends;
    const auto failure = [](const auto& r) { return r ? errc{} : r.error().which(); };
    ends.push_back(std::async(std::launch::async, [&] { return failure(client.try_execute(dbsize())); }));
    ends.push_back(std::async(std::launch::async, [&] { return failure(client.try_execute(many_keys())); }));
    ends.push_back(
        std::async(std::launch::async, [&] { return failure(client.try_execute(raw("ECHO", "x"), on_all_nodes())); }));
    ends.push_back(std::async(std::launch::async, [&] {
        pipeline batch;
        batch.add(dbsize());
        return client.execute(batch).failure(0).which();
    }));
    poll_until("the others to have answered them all", [&] {
        return calls_of(well, "dbsize") == 2 && calls_of(well, "mget") > 0 && calls_of(well, "echo") == 2;
    });
    client.close();
    for (auto& end : ends) EXPECT_EQ(end.get(), errc::client_closed);
}

TEST(cluster_scatter_end, nothing_is_left_under_way_after_many) {
    config settings = config_for(nodes());
    settings.max_in_flight = 5000;
    async_cluster client{settings};
    for (int round = 0; round < 50; ++round) {  // what does not come back to zero would fill it up
        constexpr int at_once = 20;
        tally all{5 * at_once};
        for (int i = 0; i < at_once; ++i) start_each_kind(client, all, 5 * i);
        poll_until("all replies",
                   [&] { return all.answered + all.closed + static_cast<int>(all.others().size()) == 5 * at_once; });
        ASSERT_EQ(all.others(), none);
        ASSERT_TRUE(all.each_once());
    }
}

}  // namespace valkeyxx::testing
