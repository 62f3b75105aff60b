// A hundred channels of three shards, a steady publisher, and one fault after the other: every channel is live again
// soon after the servers are, every message that was missed lies in a gap that was told, nothing comes twice or out of
// order. Two subscribers look on: one that waits, and one with a handler, in different protocols.
//
// VALKEYXX_SOAK_ROUNDS: how often all faults come, 1 by default.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/client_world.hpp"
#include "integration/kill.hpp"
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
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .node_timeout = 500ms, .proxies = true}};
    void wait() { nodes.wait(); }
};
const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().nodes;
}

std::string channel(int number) {
    return "orders:" + std::to_string(number);
}

std::size_t number_in(std::string_view text) {
    std::size_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

/// Publishes to every channel every 10 ms, the next number each time, and writes down when. To a channel whose last
/// message is still under way it waits: numbers come out in their order.
class publisher {
  public:
    explicit publisher(config c) : cluster_{limited(std::move(c))}, thread_{[this] { run(); }} {}
    ~publisher() { stop(); }
    void stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
        cluster_.close();
    }

    struct publication {
        clock::time_point begun{};
        clock::time_point ended{};
        bool acknowledged = false;
    };
    std::vector<publication> of(int number) const {
        const std::lock_guard lock{mutex_};
        return channels_[static_cast<std::size_t>(number)].sent;
    }
    clock::time_point begin_of(int number, std::size_t which) const {
        const std::lock_guard lock{mutex_};
        return channels_[static_cast<std::size_t>(number)].sent.at(which).begun;
    }

  private:
    struct target_channel {
        std::vector<publication> sent{};
        bool under_way = false;
    };

    static config limited(config c) {
        c.command_timeout = 1s;
        return c;
    }
    void run() {
        while (!stopping_) {
            const auto begun = clock::now();
            for (int i = 0; i < channel_count; ++i) publish_to(i);
            std::this_thread::sleep_until(begun + 10ms);
        }
    }
    void publish_to(int i) {
        target_channel& to = channels_[static_cast<std::size_t>(i)];
        std::size_t number = 0;
        {
            const std::lock_guard lock{mutex_};
            if (std::exchange(to.under_way, true)) return;
            number = to.sent.size();
            to.sent.push_back({.begun = clock::now()});
        }
        cluster_.execute(spublish(channel(i), std::to_string(number)), [this, &to](result<std::int64_t> r) {
            const std::lock_guard lock{mutex_};
            to.under_way = false;
            to.sent.back().ended = clock::now();
            to.sent.back().acknowledged = r.has_value();
        });
    }

    mutable std::mutex mutex_;
    std::vector<target_channel> channels_{static_cast<std::size_t>(channel_count)};
    async_cluster cluster_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

/// What came, and whether it may have.
class witness {
  public:
    explicit witness(std::string name) : name_{std::move(name)} {
        for (int i = 0; i < channel_count; ++i) seen_[channel(i)];
    }

    void note(const message& m) {
        const std::lock_guard lock{mutex_};
        sight& s = seen_[m.channel];
        switch (m.what) {
            case message_kind::message: {
                const std::size_t number = number_in(m.payload);
                const bool again = !s.all.insert(number).second;
                if (!s.numbers.empty() && number <= s.numbers.back() && !again && roles_change_) {
                    // A primary that has just been replaced takes messages all the same, and passes them on to the new
                    // one, where they come after those that were published there. That is how servers order them.
                    ++late_;
                    break;
                }
                if (!s.numbers.empty() && number <= s.numbers.back()) {
                    problem(m.channel + ": " + m.payload + (again ? " again" : "") + " from " + m.node.text() +
                            " after " + std::to_string(s.numbers.back()) + "; lately: " + s.lately());
                }
                s.history.push_back(m.payload + "@" + std::to_string(m.node.port));
                if (s.in_gap || !s.subscribed) problem(m.channel + ": a message outside of a subscription");
                s.numbers.push_back(number);
                break;
            }
            case message_kind::subscribed:
                if (std::exchange(s.subscribed, true)) problem(m.channel + ": subscribed twice");
                break;
            case message_kind::gap_began:
                s.history.push_back("gap began");
                if (std::exchange(s.in_gap, true)) problem(m.channel + ": a gap within a gap");
                ++gaps_;
                break;
            case message_kind::gap:
                s.history.push_back("gap@" + std::to_string(m.node.port));
                if (!std::exchange(s.in_gap, false)) problem(m.channel + ": the end of no gap");
                s.gaps.push_back({m.from, m.to});
                longest_ = std::max(longest_, m.to - m.from);
                break;
            default:
                problem("unexpected: " + std::string{to_string(m.what)} + " " + m.payload);
        }
    }

    /// A failover is going on, or was a moment ago.
    void set_roles_change(bool on) { roles_change_ = on; }

    /// Whether of every channel something came that was published after `since`.
    bool heard_all(const publisher& from, clock::time_point since) const {
        const std::lock_guard lock{mutex_};
        for (int i = 0; i < channel_count; ++i) {
            const sight& s = seen_.at(channel(i));
            if (s.numbers.empty() || s.in_gap) return false;
            if (from.begin_of(i, s.numbers.back()) < since) return false;
        }
        return true;
    }

    /// Of what was published and acknowledged, each message came or lies in a gap.
    void judge(const publisher& from) {
        const std::lock_guard lock{mutex_};
        std::size_t missed = 0;
        for (int i = 0; i < channel_count; ++i) {
            const sight& s = seen_.at(channel(i));
            const auto sent = from.of(i);
            ASSERT_FALSE(s.numbers.empty());
            for (std::size_t n = s.numbers.front(); n <= s.numbers.back(); ++n) {
                if (s.all.contains(n) || !sent[n].acknowledged) continue;  // perhaps it was never published
                ++missed;
                const bool excused = std::any_of(s.gaps.begin(), s.gaps.end(), [&](const auto& gap) {
                    // What was on its way when the node was last heard belongs to the gap.
                    return sent[n].ended >= gap.first - 100ms && sent[n].begun <= gap.second;
                });
                if (!excused) problem(channel(i) + ": " + std::to_string(n) + " was missed without a gap");
            }
        }
        std::cout << name_ << ": " << late_ << " messages that a replaced primary passed on late; " << gaps_
                  << " gaps of channels, the longest "
                  << std::chrono::duration_cast<std::chrono::milliseconds>(longest_).count() << " ms; " << missed
                  << " messages missed in them\n";
        for (const auto& p : problems_) ADD_FAILURE() << name_ << ": " << p;
    }

    std::size_t problems() const {
        const std::lock_guard lock{mutex_};
        return problems_.size();
    }

  private:
    struct sight {
        bool subscribed = false;
        bool in_gap = false;
        std::vector<std::size_t> numbers{};  // in their order
        std::set<std::size_t> all{};
        std::vector<std::string> history{};
        std::vector<std::pair<clock::time_point, clock::time_point>> gaps{};

        /// The last messages and events, with the ports they came by.
        std::string lately() const {
            std::string text;
            for (std::size_t i = history.size() - std::min<std::size_t>(history.size(), 12); i < history.size(); ++i) {
                text += history[i] + " ";
            }
            return text;
        }
    };
    void problem(std::string what) {
        if (problems_.size() < 20) problems_.push_back(std::move(what));
    }

    std::string name_;
    mutable std::mutex mutex_;
    std::map<std::string, sight> seen_;
    std::vector<std::string> problems_;
    std::atomic<bool> roles_change_ = false;
    int late_ = 0;
    int gaps_ = 0;
    clock::duration longest_{};
};

config settings(int protocol) {
    config c = config_for(nodes());
    c.protocol = protocol;
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
        bool both = false;
        const auto limit = stretched(within);
        poll_until("all channels to be live after " + after, [&] {
            both = by_handler_.heard_all(publisher_, ready) && by_waiting_.heard_all(publisher_, ready);
            return both;
        });
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - ready);
        EXPECT_LE(took, limit) << after;
        std::cout << "  " << after << ": live after " << took.count() << " ms\n";
    }

    void set_roles_change(bool on) {
        by_handler_.set_roles_change(on);
        by_waiting_.set_roles_change(on);
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
    witness by_handler_{"with a handler"};
    witness by_waiting_{"waiting"};
    async_subscriber started_feed_{started_.subscriber()};
    subscriber waiting_feed_{waiting_.subscriber()};
    publisher publisher_{settings(3)};
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
        std::cout << "round " << round << '\n';
        migrate_slots(round);
        expect_all_live("migrations");
        set_roles_change(true);
        nodes().failover(round % 3);
        expect_all_live("CLUSTER FAILOVER");
        kill_primary((round + 1) % 3);
        expect_all_live("SIGKILL");
        nodes().heal();
        expect_all_live("the return of the killed one");
        set_roles_change(false);
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
