// Services that fail over while clients write: what is acknowledged once most sentinels know the new primary is there,
// nothing hangs, and writing goes on soon.
//
// VALKEYXX_SENTINEL_ROUNDS in the environment: how often each fault is repeated (1).
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "integration/client_world.hpp"
#include "integration/sentinel_load.hpp"
#include "integration/sentinel_world.hpp"
#include "support/fake_server.hpp"
#include "support/resp_text.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using clock = std::chrono::steady_clock;

constexpr auto deadline = 60s;

struct servers {
    sentinel_set three;
    sentinel_set divided{{.name = "divided", .password = "secret", .sentinel_password = "watch"}};
    void wait() {
        three.wait();
        divided.wait();
    }
};

const auto registered = use_world<servers>();

sentinel_set& three() {
    return world<servers>().three;
}

int rounds() {
    const char* const text = std::getenv("VALKEYXX_SENTINEL_ROUNDS");
    return text != nullptr ? std::max(1, std::atoi(text)) : 1;
}

recovery_times& recovered() {
    static recovery_times all;
    return all;
}

// Sentinels may take several elections, of seconds each: what cannot run meanwhile shall wait.
config patient_config(sentinel_set& set = three()) {
    config c = config_for(set);
    c.command_timeout = deadline;
    return c;
}

// Writes to three().
class load : public service_load {
  public:
    explicit load(config c) : service_load{three(), std::move(c), recovered()} {}
};

class sentinel_faults : public ::testing::Test {
  protected:
    static void TearDownTestSuite() { recovered().report(); }
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
        writers.expect_followed(watch, "failover on demand");
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
        writers.expect_followed(watch, "primary killed");
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
        writers.expect_followed(watch, "primary hung");
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
        writers.expect_followed(watch, "a sentinel and the primary killed");
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
        writers.expect_followed(watch, "all sentinels were gone");
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
        writers.expect_followed(watch, "a stale sentinel");
        three().heal();
    }
}

// A line through a set: on the one side a sentinel and the primary, on the other side all the rest. Neither side can
// talk to the other; clients can, to both. Each sentinel has a user of its own everywhere, which is switched off.
class divide {
  public:
    divide(sentinel_set& set, int sentinel) : set_{set}, sentinel_{sentinel}, primary_{set.primary()} {
        for_all([this](valkey_server& at) {
            for (int i = 0; i < set_.sentinels(); ++i) {
                at.admin()({"ACL", "SETUSER", user(i), "on", ">pass", "~*", "&*", "+@all"});
            }
        });
        log_in();
        set_.wait();
    }
    divide(const divide&) = delete;
    divide& operator=(const divide&) = delete;
    ~divide() { end(); }

    void begin() {
        for_all([this](valkey_server& at) {
            const bool here = &at == &primary_ || &at == &set_.sentinel(sentinel_);
            for (int i = 0; i < set_.sentinels(); ++i) {
                if ((i == sentinel_) == here) continue;
                at.admin()({"ACL", "SETUSER", user(i), "off"});
                at.admin()({"CLIENT", "KILL", "USER", user(i)});
            }
        });
    }
    void end() {
        for_all([this](valkey_server& at) {
            for (int i = 0; i < set_.sentinels(); ++i) at.admin()({"ACL", "SETUSER", user(i), "on"});
        });
        log_in();  // a sentinel that was turned away does not try again on that connection
    }

  private:
    void log_in() {
        for (int i = 0; i < set_.sentinels(); ++i) {
            auto at = set_.sentinel(i).admin();
            at({"SENTINEL", "SET", set_.name(), "auth-user", user(i), "auth-pass", "pass"});
            at({"SENTINEL", "CONFIG", "SET", "sentinel-user", user(i)});
            at({"SENTINEL", "CONFIG", "SET", "sentinel-pass", "pass"});
        }
    }
    static std::string user(int sentinel) { return "sentinel" + std::to_string(sentinel); }
    template <class Do>
    void for_all(Do piece) {
        for (int i = 0; i < set_.servers(); ++i) piece(set_.server(i));
        for (int i = 0; i < set_.sentinels(); ++i) piece(set_.sentinel(i));
    }

    sentinel_set& set_;
    int sentinel_;
    valkey_server& primary_;
};

TEST_F(sentinel_faults, sentinel_that_is_cut_off_with_the_old_primary_is_not_believed) {
    auto& set = world<servers>().divided;
    config c = patient_config(set);
    c.password = "secret";
    c.sentinel_password = "watch";
    for (int i = 0; i < rounds(); ++i) {
        const int cut_off = i % 3;
        auto& stale = set.sentinel(cut_off);
        auto& old = set.primary();
        divide line{set, cut_off};
        service_load writers{set, c, recovered()};
        writers.wait_for_new_ones();
        switch_watch watch{set, old.port()};
        line.begin();
        watch.known_to_most();
        writers.wait_for_new_ones();
        const auto flags = [&] {
            const auto state = stale.admin().call({"SENTINEL", "MASTER", set.name()});
            for (std::size_t at = 0; at + 1 < state.items.size(); at += 2) {
                if (state.items[at].text == "flags") return state.items[at + 1].text;
            }
            return std::string{};
        };
        // It finds nothing wrong with the old one, which still takes writes.
        EXPECT_EQ(set.primary_port(cut_off), old.port());
        EXPECT_EQ(flags(), "master");
        EXPECT_EQ(old.role(), "primary");
        old.admin()({"SET", "probe", "taken"});
        // Nor is it believed by those who are told of no other sentinel.
        config misled = c;
        misled.seeds = {{"127.0.0.1", stale.port()}};
        client late{misled};
        const std::string key = "late" + std::to_string(i);
        late.execute(valkeyxx::commands::set(key, "x"));
        EXPECT_NE(late.topology()->shards()[0].primary.address.port, old.port());
        EXPECT_EQ(old.admin().call({"EXISTS", key}).text, "0");
        writers.expect_followed(watch, "a division of the network");
        EXPECT_EQ(set.primary_port(cut_off), old.port()) << "all the time";
        line.end();
        set.wait();
    }
}

}  // namespace valkeyxx::testing
