// A child process that ends with its object.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <string>

#include "support/spawner.hpp"

namespace valkeyxx::testing {

/// Thread-safe: one thread may kill what another one asks about.
class process {
  public:
    process() = default;  ///< nothing runs yet
    process(const process&) = delete;
    process& operator=(const process&) = delete;
    ~process() { kill(); }

    /// Starts the program; what ran before is killed first.
    void start(const child_options& child);

    /// Notices an end by itself and reaps it.
    bool running();
    bool stopped();

    /// SIGKILL, then waits for the end. Works on a stopped process, and on none.
    void kill();
    void stop();  ///< SIGSTOP: connections to it stay open and go unanswered
    void cont();  ///< SIGCONT

    /// 0 or less when nothing runs.
    pid_t pid();

    /// How it ended: "exit code 1", "signal 9", or "never ran".
    std::string end_text();

  private:
    bool reap(int wait_options);
    void kill_locked();

    std::mutex mutex_;
    pid_t pid_ = -1;
    bool stopped_ = false;
    std::string end_text_ = "never ran";
};

}  // namespace valkeyxx::testing
