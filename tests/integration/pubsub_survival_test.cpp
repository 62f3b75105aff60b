// A hundred channels of three shards, a steady publisher, and one fault after the other: every channel is live again
// soon after the servers are, every message that was missed lies in a gap that was told, nothing comes twice or out of
// order (see pubsub_world.hpp for what servers do by themselves). Two subscribers look on: one that waits, and one with
// a handler, in different protocols.
//
// VALKEYXX_SOAK_ROUNDS: how often all faults come, 1 by default.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "integration/client_world.hpp"
#include "integration/kill.hpp"
#include "integration/pubsub_world.hpp"
#include "support/cluster.hpp"
#include "support/fault_proxy.hpp"
#include "support/world.hpp"

#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using clock = std::chrono::steady_clock;

constexpr int channel_count = 100;

struct servers {
    // A replica tries to take over until it wins, also where the first election comes to nothing for want of time.
    valkey_cluster nodes{{.shards = 3,
                          .replicas = 1,
                          .node_timeout = 500ms,
                          .extra = {"--cluster-replica-validity-factor", "0"},
                          .proxies = true}};
    void wait() { nodes.wait(); }
};
const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

std::string channel(int number) {
    return "orders:" + std::to_string(number);
}

config settings(int protocol) {
    config c = config_for(nodes());
    c.protocol = protocol;
    return c;
}

// A message that is not published soon is not worth much.
config impatient(config c) {
    c.command_timeout = 1s;
    return c;
}

std::vector<std::string> all_channels() {
    std::vector<std::string> names;
    for (int i = 0; i < channel_count; ++i) names.push_back(channel(i));
    return names;
}

class pubsub_survival : public ::testing::Test {
  protected:
    pubsub_survival() {
        started_feed_.listen([this](message& m) { by_handler_.note(m); });
        started_feed_.ssubscribe(all_channels());
        waiting_feed_.ssubscribe(all_channels());
        reader_ = std::thread{[this] {
            try {
                for (;;) by_waiting_.note(waiting_feed_.next());
            } catch (const exception&) {  // closed
            }
        }};
    }
    ~pubsub_survival() override {
        waiting_feed_.close();
        reader_.join();
        nodes().heal();
    }

    /// Until both have heard something of every channel that was published from now on: the servers are ready now.
    void expect_all_live(const std::string& after, std::chrono::milliseconds within = 1000ms) {
        const auto ready = clock::now();
        const auto limit = stretched(within);
        std::string missing;
        poll_until("all channels to be live after " + after, [&] {
            if (clock::now() > ready + limit && missing.empty()) {
                missing = "by the handler:" + by_handler_.unheard(publisher_, ready) +
                          " waiting:" + by_waiting_.unheard(publisher_, ready);
            }
            return by_handler_.heard_all(publisher_, ready) && by_waiting_.heard_all(publisher_, ready);
        });
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - ready);
        EXPECT_LE(took, limit) << after << "; when it was over, not heard of were " << missing;
        std::cout << "  " << after << ": live after " << took.count() << " ms" << std::endl;
    }

    void migrate_slots(int round) {
        for (int i = 0; i < 6; ++i) {
            const auto slot = key_slot(channel((round * 6 + i) % channel_count));
            const auto& owner = nodes().node_serving(slot);
            for (int shard = 0; shard < 3; ++shard) {
                auto& other = nodes().primary((shard + i) % 3);
                if (&other == &owner) continue;
                nodes().move_slot(slot, other);
                break;
            }
        }
    }
    void kill_primary(int shard) {
        auto& victim = nodes().primary(shard);
        kill(victim);
        nodes().wait_ok();
    }
    static void kill_clients() {
        for (int i = 0; i < nodes().size(); ++i) {
            nodes().node(i).admin()({"CLIENT", "KILL", "TYPE", "PUBSUB"});
        }
    }
    static void stall(int shard, std::chrono::milliseconds time) {
        auto& proxy = nodes().proxy_of(nodes().primary(shard));
        proxy.set([](toxics& t) { t.blackhole_up = t.blackhole_down = true; });
        std::this_thread::sleep_for(time);  // this is the fault itself
        proxy.set([](toxics& t) { t.blackhole_up = t.blackhole_down = false; });
    }

    async_cluster started_{settings(3)};
    cluster waiting_{settings(2)};
    pubsub_witness by_handler_{"with a handler", all_channels()};
    pubsub_witness by_waiting_{"waiting", all_channels()};
    async_subscriber started_feed_{started_.subscriber(roomy())};
    subscriber waiting_feed_{waiting_.subscriber(roomy())};
    async_cluster publishing_{impatient(settings(3))};
    steady_publisher publisher_{publishing_, all_channels(), spublish};
    std::thread reader_;
};

int rounds() {
    const char* const text = std::getenv("VALKEYXX_SOAK_ROUNDS");
    return text == nullptr ? 1 : std::atoi(text);
}

}  // namespace

TEST_F(pubsub_survival, every_channel_lives_through_every_fault) {
    expect_all_live("the start", 5000ms);
    for (int round = 0; round < rounds(); ++round) {
        std::cout << "round " << round << std::endl;
        migrate_slots(round);
        expect_all_live("migrations");
        nodes().failover(round % 3);
        expect_all_live("CLUSTER FAILOVER");
        kill_primary((round + 1) % 3);
        expect_all_live("SIGKILL");
        nodes().heal();
        expect_all_live("the return of the killed one");
        kill_clients();
        expect_all_live("CLIENT KILL");
        stall((round + 2) % 3, 3000ms);
        expect_all_live("a stall of 3 s");
        if (by_handler_.problems() + by_waiting_.problems() != 0) break;
    }
    publisher_.stop();
    by_handler_.judge(publisher_);
    by_waiting_.judge(publisher_);
}

}  // namespace valkeyxx::testing
