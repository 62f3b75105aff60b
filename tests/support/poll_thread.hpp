// One thread around poll(): the engine under the fault proxy and the fake server.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "support/socket.hpp"

namespace valkeyxx::testing {

/// All state of the owner belongs to this one thread; others get at it by run_inside().
class poll_thread {
  public:
    using clock = std::chrono::steady_clock;

    /// What to wait for next. Filled anew before each wait.
    class turn {
      public:
        explicit turn(clock::time_point now) : now_(now), wake_at_(now + std::chrono::hours{1}) {}

        clock::time_point now() const { return now_; }
        /// `on_ready` is called in this turn if the descriptor has one of the events, or an error.
        void watch(const unique_fd& fd, short events, std::function<void(short)> on_ready);
        /// No longer than until then.
        void wake_at(clock::time_point when);

      private:
        friend class poll_thread;

        struct watched {
            int fd;
            short events;
            std::function<void(short)> on_ready;
        };

        clock::time_point now_;
        clock::time_point wake_at_;
        std::vector<watched> watched_{};
    };

    /// `prepare` is called on the thread before each wait. An exception out of it, or out of on_ready, ends the
    /// program.
    explicit poll_thread(std::function<void(turn&)> prepare);
    poll_thread(const poll_thread&) = delete;
    poll_thread& operator=(const poll_thread&) = delete;
    ~poll_thread();

    /// Runs the job on the thread and returns when it is done; passes on its exception. Also allowed on the thread
    /// itself.
    void run_inside(std::function<void()> job);

  private:
    void run();
    void run_jobs();
    void wake();

    std::function<void(turn&)> prepare_;
    unique_fd wake_fd_;
    std::mutex mutex_;
    std::deque<std::packaged_task<void()>> jobs_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace valkeyxx::testing
