// Services that fail over while clients write: what is acknowledged once most sentinels know the new primary is there,
// nothing hangs, and writing goes on soon.
//
// VALKEYXX_SENTINEL_ROUNDS in the environment: how often each fault is repeated (1).
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/sentinel_world.hpp"
#include "support/fake_server.hpp"
#include "support/resp_text.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

constexpr auto deadline = 60s;

struct servers {
    sentinel_set three;
    void wait() { three.wait(); }
};

const auto registered = use_world<servers>();

sentinel_set& three() {
    return world<servers>().three;
}

int rounds() {
    const char* const text = std::getenv("VALKEYXX_SENTINEL_ROUNDS");
    return text != nullptr ? std::max(1, std::atoi(text)) : 1;
}

double ms(clock::duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
}

// Two clients that write all the time, one in a thread that waits, one on a loop of its own.
class load {
  public:
    explicit load(config c) : waiting_{c}, started_{std::move(c)} {}

    struct report {
        clock::duration recovered{0};  // the first write acknowledged after the announcement, since then
        int lost = 0;                  // writes acknowledged after most sentinels knew, and not there
    };

    void wait_for_new_ones() {
        by_wait_.wait_for_new_ones();
        by_loop_.wait_for_new_ones();
    }
    // A write whose reply was lost may be repeated, for SET; nothing may fail or hang.
    void expect_no_failure() {
        for (const auto* writer : {&by_wait_, &by_loop_}) {
            for (const error& e : writer->failures()) ADD_FAILURE() << e.message();
            EXPECT_LT(writer->slowest(), deadline + stretched(100ms));
        }
    }
    // Ends the load.
    void expect_followed(switch_watch& watch, const std::string& what, bool primary_was_dead) {
        const auto announced = watch.announced();
        const auto known = watch.known_to_most();
        for (auto* writer : {&by_wait_, &by_loop_}) writer->wait_for_one_after(known + stretched(200ms));
        by_wait_.stop();
        by_loop_.stop();
        auto there = three().primary().admin();
        for (const auto& [writer, name, slack] :
             {std::tuple{&by_wait_, "waiting", 70ms}, {&by_loop_, "started", 20ms}}) {
            int lost = 0;
            int late = 0;
            std::optional<clock::time_point> first;
            for (const auto& w : writer->acknowledged()) {
                if (w.acknowledged > announced && !first) first = w.acknowledged;
                if (w.begun <= known + stretched(slack)) continue;
                ++late;
                if (there.call({"EXISTS", w.key}).text != "1") ++lost;
            }
            // A second failover, of a machine with too much to do: what the first new primary took may be lost with it.
            if (watch.failovers() > 1) lost = 0;
            ASSERT_TRUE(first) << name << ": nothing was acknowledged after the announcement";
            std::cout << what << ", " << name << ": " << ms(*first - announced) << " ms after the announcement, "
                      << ms(known - announced) << " ms until most knew, " << late << " written after that, "
                      << watch.failovers() << " failovers\n";
            EXPECT_GT(late, 0);
            EXPECT_EQ(lost, 0) << name << ": acknowledged by a node that was no longer the primary";
            if (primary_was_dead) {
                EXPECT_LT(*first - announced, stretched(200ms)) << name;
            }
        }
        expect_no_failure();
    }

  private:
    static inline int number_ = 0;
    const std::string run_ = std::to_string(++number_);
    client waiting_;
    async_client started_;
    steady_writer by_wait_{"w" + run_ + ":", [this](const std::string& key) -> result<void> {
                               const auto done = waiting_.try_execute(set(key, "x"));
                               if (!done) return done.error();
                               return {};
                           }};
    steady_writer by_loop_{"a" + run_ + ":", [this](const std::string& key) -> result<void> {
                               const auto done = started_.try_execute(set(key, "x"), asio::use_future).get();
                               if (!done) return done.error();
                               return {};
                           }};
};

// Sentinels may take several elections, of seconds each: what cannot run meanwhile shall wait.
config patient_config() {
    config c = config_for(three());
    c.command_timeout = deadline;
    return c;
}

class sentinel_faults : public ::testing::Test {
  protected:
    ~sentinel_faults() override { three().heal(); }
};

}  // namespace

TEST_F(sentinel_faults, failover_on_demand_loses_no_write_once_it_is_known) {
    for (int i = 0; i < rounds(); ++i) {
        load writers{patient_config()};
        writers.wait_for_new_ones();
        auto& old = three().primary();
        switch_watch watch{three(), old.port()};
        three().sentinel(i % 3).admin()({"SENTINEL", "FAILOVER", three().name()});
        three().wait_replaced(old);
        writers.wait_for_new_ones();
        poll_until("the old primary to be a replica", [&] { return old.role() == "replica"; });
        writers.expect_followed(watch, "failover on demand", false);
        three().heal();
    }
}

TEST_F(sentinel_faults, killed_primary_is_left_as_soon_as_another_is_named) {
    for (int i = 0; i < rounds(); ++i) {
        load writers{patient_config()};
        writers.wait_for_new_ones();
        auto& old = three().primary();
        switch_watch watch{three(), old.port()};
        old.kill9();
        three().wait_replaced(old);
        writers.wait_for_new_ones();
        writers.expect_followed(watch, "primary killed", true);
        three().heal();
    }
}

TEST_F(sentinel_faults, hung_primary_that_wakes_up_gets_no_more_writes) {
    for (int i = 0; i < rounds(); ++i) {
        load writers{patient_config()};
        writers.wait_for_new_ones();
        auto& old = three().primary();
        switch_watch watch{three(), old.port()};
        old.pause();
        three().wait_replaced(old);
        writers.wait_for_new_ones();
        old.resume();  // and still thinks that it is the primary
        writers.wait_for_new_ones();
        poll_until("the old primary to be a replica", [&] { return old.role() == "replica"; });
        writers.expect_followed(watch, "primary hung", true);
        three().heal();
    }
}

TEST_F(sentinel_faults, dead_sentinel_changes_nothing) {
    for (int i = 0; i < rounds(); ++i) {
        load writers{patient_config()};
        writers.wait_for_new_ones();
        three().sentinel(i % 3).kill9();
        writers.wait_for_new_ones();
        writers.expect_no_failure();
        auto& old = three().primary();
        switch_watch watch{three(), old.port()};
        old.kill9();
        three().wait_replaced(old);
        writers.wait_for_new_ones();
        writers.expect_followed(watch, "a sentinel and the primary killed", true);
        three().heal();
    }
}

TEST_F(sentinel_faults, service_goes_on_while_all_sentinels_are_gone) {
    const auto gone_for = rounds() > 1 ? 10s : 1s;
    for (int i = 0; i < rounds(); ++i) {
        load writers{patient_config()};
        writers.wait_for_new_ones();
        for (int s = 0; s < three().sentinels(); ++s) three().sentinel(s).kill9();
        const auto until = clock::now() + gone_for;
        while (clock::now() < until) writers.wait_for_new_ones();
        writers.expect_no_failure();
        for (int s = 0; s < three().sentinels(); ++s) three().sentinel(s).start();
        three().wait();
        // And they are listened to again.
        auto& old = three().primary();
        switch_watch watch{three(), old.port()};
        old.kill9();
        three().wait_replaced(old);
        writers.wait_for_new_ones();
        writers.expect_followed(watch, "all sentinels were gone", true);
        three().heal();
    }
}

// Answers for ever what a real one said when it was made: cut off from all others, it hears of no failover.
class stale_sentinel {
  public:
    explicit stale_sentinel(valkey_server& like)
        : server_{fake_server::handler{[this](const auto& r) { return respond(r); }}} {
        auto real = like.admin();
        for (const char* question : {"MASTER", "REPLICAS", "SENTINELS", "GET-MASTER-ADDR-BY-NAME"}) {
            const std::lock_guard lock{mutex_};
            said_[question] = wire(real.call({"SENTINEL", question, three().name()}));
        }
    }
    endpoint at() const { return {"127.0.0.1", server_.port()}; }
    /// SUBSCRIBE gets no confirmation, and the replies after it are in order all the same.
    void announce_old_switch(std::uint16_t from, std::uint16_t to) {
        server_.broadcast(resp::push(
            {resp::bulk("message"), resp::bulk("+switch-master"),
             resp::bulk(three().name() + " 127.0.0.1 " + std::to_string(from) + " 127.0.0.1 " + std::to_string(to))}));
    }

  private:
    static std::string wire(const admin_reply& r) {
        if (r.kind != admin_reply::type::array) return resp::bulk(r.text);
        std::vector<std::string> items;
        for (const auto& item : r.items) items.push_back(wire(item));
        return resp::array(items);
    }
    answer respond(const fake_server::request& r) {
        if (is_command(r, "SUBSCRIBE")) return answer{std::string{}};
        if (!is_command(r, "SENTINEL")) return answer_greeting(r, "sentinel").value_or("-ERR unknown command\r\n");
        const std::lock_guard lock{mutex_};
        if (r[1] == "MYID") return resp::bulk(std::string(40, '5'));
        const auto found = said_.find(r[1]);
        return found != said_.end() ? found->second : "-ERR unknown subcommand\r\n";
    }

    std::mutex mutex_;
    std::map<std::string, std::string> said_;
    fake_server server_;  // last: its thread uses the others
};

TEST_F(sentinel_faults, stale_sentinel_misleads_nobody) {
    for (int i = 0; i < rounds(); ++i) {
        stale_sentinel stale{three().sentinel(0)};
        auto& old = three().primary();
        config c = patient_config();
        c.seeds.insert(c.seeds.begin(), stale.at());
        load writers{c};
        writers.wait_for_new_ones();
        switch_watch watch{three(), old.port()};
        three().sentinel(1).admin()({"SENTINEL", "FAILOVER", three().name()});
        three().wait_replaced(old);
        writers.wait_for_new_ones();
        // One that comes to know the service now hears both, and believes the newer one.
        client late{c};
        late.execute(set("late", std::to_string(i)));
        EXPECT_EQ(three().primary().admin()({"GET", "late"}), std::to_string(i));
        // An old announcement once more, such as a sentinel makes that is restarted with old files.
        stale.announce_old_switch(three().primary().port(), old.port());
        writers.wait_for_new_ones();
        writers.expect_followed(watch, "a stale sentinel", false);
        three().heal();
    }
}

}  // namespace valkeyxx::testing
