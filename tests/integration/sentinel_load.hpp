// A load on a service, and what is expected of it when another primary takes over.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/sentinel_world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {

using sentinel_clock = std::chrono::steady_clock;

inline double in_ms(sentinel_clock::duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
}

/// How long it took, from the announcement on, until the new primary had acknowledged a write: over all rounds.
class recovery_times {
  public:
    void add(const std::string& fault, sentinel_clock::duration time) { of_[fault].push_back(time); }

    /// Prints them. A single round tells nothing of the library on a machine with much to do; the median of many does.
    void report() const {
        for (const auto& [fault, measured] : of_) {
            auto times = measured;
            std::sort(times.begin(), times.end());
            const auto median = times[times.size() / 2];
            const auto soon =
                std::count_if(times.begin(), times.end(), [](auto t) { return t < std::chrono::milliseconds{200}; });
            std::cout << "recovery after " << fault << ": median " << in_ms(median) << " ms, max "
                      << in_ms(times.back()) << " ms, " << soon << " of " << times.size() << " within 200 ms\n";
            if (times.size() >= 20) {
                EXPECT_LT(median, stretched(std::chrono::milliseconds{200})) << fault;
            }
        }
    }

  private:
    std::map<std::string, std::vector<sentinel_clock::duration>> of_;
};

/// Clients that write all the time: one in a thread that waits, one on a loop of its own, and one whose deadline is
/// shorter than any failover.
class service_load {
  public:
    /// @param c  whose deadline outlasts failovers
    service_load(sentinel_set& set, config c, recovery_times& times)
        : set_{set}, times_{times}, deadline_{c.command_timeout}, waiting_{c}, started_{c}, hasty_{hurried(c)} {}

    void wait_for_new_ones() {
        by_wait_.wait_for_new_ones();
        by_loop_.wait_for_new_ones();
    }
    /// A write whose reply was lost may be repeated, for SET; nothing may fail, and nothing end after its deadline.
    void expect_no_failure() {
        for (const auto* writer : {&by_wait_, &by_loop_}) {
            for (const error& e : writer->failures()) ADD_FAILURE() << e.message();
            EXPECT_LT(writer->slowest(), deadline_ + stretched(late));
        }
        for (const error& e : in_haste_.failures()) EXPECT_EQ(e.which(), errc::timed_out) << e.message();
        // A thread gets its turn twice at least: to see that its time is up, and to come back from the call.
        EXPECT_LT(in_haste_.slowest(), haste + stretched(late) + 2 * machine_.worst())
            << "on a machine that is up to " << in_ms(machine_.worst()) << " ms late by itself";
    }
    /// Ends the load. Whoever acknowledged a write that was begun when most sentinels named a primary was that one.
    void expect_followed(switch_watch& watch, const std::string& fault) {
        const auto announced = watch.announced();
        const auto known = watch.known_to_most();
        for (auto* writer : {&by_wait_, &by_loop_}) writer->wait_for_one_after(known + stretched(late));
        for (auto* writer : {&by_wait_, &by_loop_, &in_haste_}) writer->stop();
        const auto switches = watch.stop();
        // A client that waits looks for announcements between its calls only now and then; see client_state.hpp.
        using ms = std::chrono::milliseconds;
        for (const auto& [writer, name, slack] :
             {std::tuple{&by_wait_, "waiting", ms{70}}, {&by_loop_, "started", ms{20}}}) {
            const auto acknowledged = writer->acknowledged();
            const auto first = std::find_if(acknowledged.begin(), acknowledged.end(), [&](const auto& w) {
                return w.acknowledged > announced && w.by != watch.replaced();
            });
            ASSERT_NE(first, acknowledged.end()) << name << ": nothing was acknowledged after the announcement";
            const auto recovered = first->acknowledged - announced;
            times_.add(fault, recovered);
            const auto misplaced = count_misplaced(acknowledged, switches, stretched(slack));
            std::cout << fault << ", " << name << ": " << in_ms(recovered) << " ms after the announcement, "
                      << in_ms(known - announced) << " ms until most knew, " << switches.size() << " switch(es)\n";
            EXPECT_LT(recovered, stretched(std::chrono::seconds{5})) << name;
            EXPECT_EQ(misplaced, 0) << name << ": acknowledged by a node that was no longer the primary";
            expect_kept(acknowledged, switches.back(), stretched(slack), name);
        }
        expect_no_failure();
    }

  private:
    static constexpr std::chrono::milliseconds haste{300};
    static constexpr std::chrono::milliseconds late{150};

    using writes = std::vector<steady_writer::written>;

    static config hurried(config c) {
        c.command_timeout = haste;
        return c;
    }

    // In a switch that most sentinels know, what is begun later is for that primary, or the next one: a failover comes
    // about before it is known.
    static int count_misplaced(const writes& all, const std::vector<switch_watch::change>& switches,
                               sentinel_clock::duration slack) {
        int misplaced = 0;
        for (const auto& w : all) {
            const auto next = std::find_if(switches.begin(), switches.end(),
                                           [&](const auto& s) { return w.begun <= s.known + slack; });
            if (next == switches.begin()) continue;  // before the first one
            const auto now = std::prev(next);
            if (w.by != now->port && (next == switches.end() || w.by != next->port)) ++misplaced;
        }
        return misplaced;
    }

    // What the last one of them has taken since it is known to be the primary.
    void expect_kept(const writes& all, const switch_watch::change& last, sentinel_clock::duration slack,
                     const std::string& name) {
        auto there = set_.server_at(last.port).admin();
        int late_ones = 0;
        for (const auto& w : all) {
            if (w.begun <= last.known + slack) continue;
            ++late_ones;
            EXPECT_EQ(there.call({"EXISTS", w.key}).text, "1") << name << ": " << w.key << " is lost";
        }
        EXPECT_GT(late_ones, 0) << name;
    }

    // SET, and in the same transaction who runs it.
    struct signed_set {
        explicit signed_set(const std::string& key) {
            stored = all.add(commands::set(key, "x"));
            by = all.add(commands::client_info());
        }
        static result<std::uint16_t> signature(const result<pipeline_result>& done, const signed_set& of) {
            if (!done) return done.error();
            if (const auto set = (*done)[of.stored]; !set) return set.error();
            const auto whom = (*done)[of.by];
            if (!whom) return whom.error();
            return static_cast<std::uint16_t>(std::stoi(whom->laddr.substr(whom->laddr.rfind(':') + 1)));
        }
        transaction all;
        pipeline::handle<bool> stored{};
        pipeline::handle<commands::connected_client> by{};
    };

    delay_meter machine_;
    static inline int number_ = 0;
    const std::string run_ = std::to_string(++number_);
    sentinel_set& set_;
    recovery_times& times_;
    const std::chrono::milliseconds deadline_;
    client waiting_;
    async_client started_;
    client hasty_;
    steady_writer by_wait_{"w" + run_ + ":", [this](const std::string& key) {
                               const signed_set s{key};
                               return signed_set::signature(waiting_.try_execute(s.all), s);
                           }};
    steady_writer by_loop_{"a" + run_ + ":", [this](const std::string& key) {
                               const signed_set s{key};
                               return signed_set::signature(started_.try_execute(s.all, boost::asio::use_future).get(),
                                                            s);
                           }};
    steady_writer in_haste_{"h" + run_ + ":", [this](const std::string& key) -> result<std::uint16_t> {
                                const auto done = hasty_.try_execute(commands::set(key, "x"));
                                if (!done) return done.error();
                                return std::uint16_t{0};
                            }};
};

}  // namespace valkeyxx::testing
