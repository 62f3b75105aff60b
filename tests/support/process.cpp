// Signals to a child process and its reaping.
#include "support/process.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <system_error>

namespace valkeyxx::testing {

void process::start(const child_options& child) {
    const std::lock_guard guard(mutex_);
    kill_locked();
    pid_ = spawn(child);
    stopped_ = false;
    end_text_.clear();
}

bool process::running() {
    const std::lock_guard guard(mutex_);
    return pid_ > 0 && !reap(WNOHANG);
}

bool process::stopped() {
    const std::lock_guard guard(mutex_);
    return pid_ > 0 && stopped_;
}

void process::kill() {
    const std::lock_guard guard(mutex_);
    kill_locked();
}

void process::stop() {
    const std::lock_guard guard(mutex_);
    if (pid_ <= 0) return;
    ::kill(pid_, SIGSTOP);
    stopped_ = true;
}

void process::cont() {
    const std::lock_guard guard(mutex_);
    if (pid_ <= 0) return;
    ::kill(pid_, SIGCONT);
    stopped_ = false;
}

pid_t process::pid() {
    const std::lock_guard guard(mutex_);
    return pid_;
}

std::string process::end_text() {
    const std::lock_guard guard(mutex_);
    return end_text_;
}

// True when it has ended; the pid is then free for others and must not be used any more.
bool process::reap(int wait_options) {
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(pid_, &status, wait_options)) < 0 && errno == EINTR) {
    }
    if (ended < 0) throw std::system_error(errno, std::generic_category(), "waitpid");
    if (ended == 0) return false;
    end_text_ = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                    : "exit code " + std::to_string(WEXITSTATUS(status));
    pid_ = -1;
    return true;
}

void process::kill_locked() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    reap(0);
}

}  // namespace valkeyxx::testing
