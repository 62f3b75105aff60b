// Forking on one thread that lives as long as the program.
#include "support/spawner.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <system_error>
#include <thread>

#include "support/socket.hpp"

namespace valkeyxx::testing {

namespace {

constexpr int report_fd = 3;

// All the child needs, made before fork(): between fork and exec only async-signal-safe calls are allowed, because
// other threads may have held any lock, also the allocator's, at that moment.
struct prepared_child {
    std::vector<char*> argv;
    const char* output;
    const char* folder;
    pid_t parent;
    int report;  // takes errno if exec fails; closed by a successful exec
};

[[noreturn]] void report_failure(int fd) {
    const int error = errno;
    if (::write(fd, &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
}

[[noreturn]] void become(const prepared_child& child) {
    // The request to be killed counts from now on only: the parent may have died in between.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != child.parent) ::_exit(127);
    ::setpgid(0, 0);

    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);

    const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int out = ::open(child.output, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
    if (in < 0 || out < 0 || ::chdir(child.folder) != 0) report_failure(child.report);
    // `report` may be any number, also 3 itself, which dup3 refuses: F_DUPFD first finds a place that is out of the
    // way.
    const int report = ::fcntl(child.report, F_DUPFD_CLOEXEC, 10);
    if (report < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0 ||
        ::dup3(report, report_fd, O_CLOEXEC) < 0) {
        report_failure(child.report);
    }
    ::syscall(SYS_close_range, static_cast<unsigned>(report_fd + 1), ~0U, 0U);
    ::execv(child.argv[0], child.argv.data());
    report_failure(report_fd);
}

pid_t fork_child(const child_options& options) {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    const unique_fd read_end{ends[0]};
    unique_fd write_end{ends[1]};

    prepared_child child{{}, options.output.c_str(), options.folder.c_str(), ::getpid(), write_end.get()};
    for (const auto& word : options.argv) child.argv.push_back(const_cast<char*>(word.c_str()));
    child.argv.push_back(nullptr);

    const pid_t pid = ::fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) become(child);

    write_end.reset();
    int error = 0;
    ssize_t got = 0;
    while ((got = ::read(read_end.get(), &error, sizeof error)) < 0 && errno == EINTR) {
    }
    if (got == 0) return pid;
    ::waitpid(pid, nullptr, 0);
    throw std::system_error(error, std::generic_category(), "cannot run " + options.argv[0]);
}

// PR_SET_PDEATHSIG fires when the *thread* that forked ends, not the process: a child forked on a short-lived thread
// would be killed with it. So one thread forks, and it never ends.
class forking_thread {
  public:
    forking_thread() {
        std::thread([this] { run(); }).detach();
    }

    pid_t fork(const child_options& options) {
        std::packaged_task<pid_t()> task([&options] { return fork_child(options); });
        auto pid = task.get_future();
        {
            const std::lock_guard guard(mutex_);
            tasks_.push_back(std::move(task));
        }
        wake_.notify_one();
        return pid.get();
    }

  private:
    [[noreturn]] void run() {
        for (;;) {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return !tasks_.empty(); });
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::packaged_task<pid_t()>> tasks_;
};

}  // namespace

pid_t spawn(const child_options& child) {
    static auto* const thread = new forking_thread;  // never destroyed: its thread still waits on it at exit
    return thread->fork(child);
}

}  // namespace valkeyxx::testing
