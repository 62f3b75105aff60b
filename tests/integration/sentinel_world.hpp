// What the tests of sentinels share: clients for a set, and a writer that puts a load on it and keeps what was
// acknowledged.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
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
    c.suspect_after = stretched(c.suspect_after);
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
        std::uint16_t by;  ///< the port of the server that did it; 0: the writer does not know
    };

    /// @param write  runs one SET to its end; returns who did it
    steady_writer(std::string prefix, std::function<result<std::uint16_t>(const std::string& key)> write)
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
                    acknowledged_.push_back({key, begun, now, *outcome});
                } else {
                    failures_.push_back(outcome.error());
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{1});  // a load, not a wait
        }
    }

    std::string prefix_;
    std::function<result<std::uint16_t>(const std::string&)> write_;
    std::atomic<bool> ended_{false};
    mutable std::mutex mutex_;
    std::vector<written> acknowledged_;
    std::vector<error> failures_;
    clock::duration slowest_{0};
    std::thread thread_;
};

/// How late this machine lets a thread be that sleeps and does nothing else: what a call needs beyond that is its own.
class delay_meter {
  public:
    using clock = std::chrono::steady_clock;

    delay_meter() : thread_{[this] { run(); }} {}
    delay_meter(const delay_meter&) = delete;
    delay_meter& operator=(const delay_meter&) = delete;
    ~delay_meter() {
        ended_ = true;
        thread_.join();
    }
    /// The longest delay so far.
    [[nodiscard]] clock::duration worst() const { return clock::duration{worst_.load()}; }

  private:
    void run() {
        constexpr std::chrono::milliseconds step{2};
        while (!ended_) {
            const auto begin = clock::now();
            std::this_thread::sleep_for(step);
            worst_ = std::max(worst_.load(), (clock::now() - begin - step).count());
        }
    }

    std::atomic<bool> ended_{false};
    std::atomic<clock::rep> worst_{0};
    std::thread thread_;
};

/// Looks, in a thread of its own, who the primary is as the sentinels say it.
class switch_watch {
  public:
    using clock = std::chrono::steady_clock;

    struct change {
        std::uint16_t port;           ///< of the new primary
        clock::time_point announced;  ///< when the first sentinel named it
        clock::time_point known;      ///< when most of them did
    };

    switch_watch(sentinel_set& set, std::uint16_t old_port) : set_{set}, old_{old_port}, thread_{[this] { run(); }} {}
    switch_watch(const switch_watch&) = delete;
    switch_watch& operator=(const switch_watch&) = delete;
    ~switch_watch() { stop(); }

    [[nodiscard]] std::uint16_t replaced() const { return old_; }
    /// When the first sentinel named another one; waits for that.
    clock::time_point announced() { return first().announced; }
    /// When most of them did.
    clock::time_point known_to_most() { return first().known; }
    /// Looks no longer. All that there were, in their order; more than one if sentinels found the new primary down,
    /// too.
    std::vector<change> stop() {
        ended_ = true;
        if (thread_.joinable()) thread_.join();
        return changes_;
    }

  private:
    change first() {
        poll_until(
            "sentinels to name another primary",
            [this] {
                const std::lock_guard lock{mutex_};
                return !changes_.empty();
            },
            std::chrono::seconds{60});
        const std::lock_guard lock{mutex_};
        return changes_.front();
    }
    // The port that a sentinel names; 0: it does not answer.
    std::uint16_t named_by(int sentinel, std::optional<admin>& asked) {
        try {
            if (!set_.sentinel(sentinel).is_answering()) return 0;
            if (!asked) asked.emplace(set_.sentinel(sentinel).admin(std::chrono::milliseconds{500}));
            const auto reply = asked->call({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", set_.name()});
            return reply.items.size() == 2 ? static_cast<std::uint16_t>(std::stoi(reply.items[1].text)) : 0;
        } catch (const std::exception&) {  // it is not there now
            asked.reset();
            return 0;
        }
    }
    bool is_primary(std::uint16_t port) {
        try {
            return set_.server_at(port).role() == "primary";
        } catch (const std::exception&) {  // it is not there now
            return false;
        }
    }
    void run() {
        std::vector<std::optional<admin>> asked(static_cast<std::size_t>(set_.sentinels()));
        std::map<std::uint16_t, clock::time_point> named_since;
        std::uint16_t now_in_office = old_;
        while (!ended_) {
            std::map<std::uint16_t, int> votes;
            for (int i = 0; i < set_.sentinels(); ++i) ++votes[named_by(i, asked[static_cast<std::size_t>(i)])];
            const auto now = clock::now();
            for (const auto& [port, count] : votes) {
                if (port == 0 || port == now_in_office || !is_primary(port)) continue;
                const auto since = named_since.try_emplace(port, now).first->second;
                if (count <= set_.sentinels() / 2) continue;
                const std::lock_guard lock{mutex_};
                changes_.push_back({port, since, now});
                now_in_office = port;
                named_since.clear();
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{2});  // the pace of looking
        }
    }

    sentinel_set& set_;
    std::uint16_t old_;
    std::atomic<bool> ended_{false};
    std::mutex mutex_;
    std::vector<change> changes_;
    std::thread thread_;
};

}  // namespace valkeyxx::testing
