// What the tests of sentinels share: clients for a set, and a writer that puts a load on it and keeps what was
// acknowledged.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/poll.hpp"
#include "support/sentinel_set.hpp"

#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {

inline config config_for(sentinel_set& set, const std::string& options = {}) {
    config c = parse_url(set.url() + options).value();
    c.command_timeout = stretched(std::chrono::seconds{5});
    c.connect_timeout = stretched(std::chrono::seconds{1});
    return c;
}

/// SET of one new key after the other, by a waiting call or by callbacks, until it is destroyed.
class steady_writer {
  public:
    using clock = std::chrono::steady_clock;

    struct written {
        std::string key;
        clock::time_point begun;
        clock::time_point acknowledged;
    };

    /// @param write  runs one SET to its end
    steady_writer(std::string prefix, std::function<result<void>(const std::string& key)> write)
        : prefix_{std::move(prefix)}, write_{std::move(write)}, thread_{[this] { run(); }} {}
    steady_writer(const steady_writer&) = delete;
    steady_writer& operator=(const steady_writer&) = delete;
    ~steady_writer() { stop(); }

    void stop() {
        ended_ = true;
        if (thread_.joinable()) thread_.join();
    }

    std::vector<written> acknowledged() const {
        const std::lock_guard lock{mutex_};
        return acknowledged_;
    }
    std::vector<error> failures() const {
        const std::lock_guard lock{mutex_};
        return failures_;
    }
    std::size_t count() const {
        const std::lock_guard lock{mutex_};
        return acknowledged_.size();
    }
    /// The longest time that one command took.
    clock::duration slowest() const {
        const std::lock_guard lock{mutex_};
        return slowest_;
    }
    /// Waits until something that began after this call has been acknowledged.
    void wait_for_new_ones() { wait_for_one_after(clock::now()); }
    void wait_for_one_after(clock::time_point from) {
        poll_until(
            "a write to be acknowledged",
            [&] {
                const std::lock_guard lock{mutex_};
                return !acknowledged_.empty() && acknowledged_.back().begun > from;
            },
            std::chrono::seconds{20});
    }

  private:
    void run() {
        for (int i = 0; !ended_; ++i) {
            const std::string key = prefix_ + std::to_string(i);
            const auto begun = clock::now();
            const auto outcome = write_(key);
            const auto now = clock::now();
            {
                const std::lock_guard lock{mutex_};
                slowest_ = std::max(slowest_, now - begun);
                if (outcome) {
                    acknowledged_.push_back({key, begun, now});
                } else {
                    failures_.push_back(outcome.error());
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{1});  // a load, not a wait
        }
    }

    std::string prefix_;
    std::function<result<void>(const std::string&)> write_;
    std::atomic<bool> ended_{false};
    mutable std::mutex mutex_;
    std::vector<written> acknowledged_;
    std::vector<error> failures_;
    clock::duration slowest_{0};
    std::thread thread_;
};

/// Looks, in a thread of its own, who the primary is as the sentinels say it.
class switch_watch {
  public:
    using clock = std::chrono::steady_clock;

    switch_watch(sentinel_set& set, std::uint16_t old_port)
        : set_{set}, old_{old_port}, epoch_{newest_epoch()}, thread_{[this] { run(); }} {}
    switch_watch(const switch_watch&) = delete;
    switch_watch& operator=(const switch_watch&) = delete;
    ~switch_watch() {
        ended_ = true;
        thread_.join();
    }

    /// When the first of them named another one; waits for that.
    clock::time_point announced() { return when(first_); }
    /// How many there have been; more than one if sentinels found the new primary down, too.
    std::uint64_t failovers() { return newest_epoch() - epoch_; }
    /// When most of them did.
    clock::time_point known_to_most() { return when(most_); }

  private:
    clock::time_point when(const std::atomic<clock::rep>& moment) {
        poll_until(
            "sentinels to name another primary", [&] { return moment != 0; }, std::chrono::seconds{60});
        return clock::time_point{clock::duration{moment.load()}};
    }
    std::uint64_t newest_epoch() {
        std::uint64_t newest = 0;
        for (int i = 0; i < set_.sentinels(); ++i) {
            if (!set_.sentinel(i).is_answering()) continue;
            const auto state = set_.sentinel(i).admin().call({"SENTINEL", "MASTER", set_.name()});
            for (std::size_t at = 0; at + 1 < state.items.size(); at += 2) {
                if (state.items[at].text != "config-epoch") continue;
                newest = std::max<std::uint64_t>(newest, std::stoull(state.items[at + 1].text));
            }
        }
        return newest;
    }
    void run() {
        std::vector<std::optional<admin>> asked(static_cast<std::size_t>(set_.sentinels()));
        while (!ended_ && most_ == 0) {
            int named = 0;
            for (int i = 0; i < set_.sentinels(); ++i) {
                auto& one = asked[static_cast<std::size_t>(i)];
                try {
                    if (!set_.sentinel(i).is_answering()) continue;
                    if (!one) one.emplace(set_.sentinel(i).admin(std::chrono::milliseconds{500}));
                    const auto reply = one->call({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", set_.name()});
                    named += reply.items.size() == 2 && reply.items[1].text != std::to_string(old_) ? 1 : 0;
                } catch (const std::exception&) {  // it is not there now
                    one.reset();
                }
            }
            const auto now = clock::now().time_since_epoch().count();
            if (named > 0 && first_ == 0) first_ = now;
            if (named > set_.sentinels() / 2) most_ = now;
            std::this_thread::sleep_for(std::chrono::milliseconds{2});  // the pace of looking
        }
    }

    sentinel_set& set_;
    std::uint16_t old_;
    std::uint64_t epoch_;
    std::atomic<bool> ended_{false};
    std::atomic<clock::rep> first_{0};
    std::atomic<clock::rep> most_{0};
    std::thread thread_;
};

}  // namespace valkeyxx::testing
