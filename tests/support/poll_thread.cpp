// The loop: jobs, prepare, wait, call back.
#include "support/poll_thread.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace valkeyxx::testing {

void poll_thread::turn::watch(const unique_fd& fd, short events, std::function<void(short)> on_ready) {
    watched_.push_back({fd.get(), events, std::move(on_ready)});
}

void poll_thread::turn::wake_at(clock::time_point when) {
    wake_at_ = std::min(wake_at_, when);
}

poll_thread::poll_thread(std::function<void(turn&)> prepare)
    : prepare_(std::move(prepare)), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_fd_) throw std::system_error(errno, std::generic_category(), "eventfd");
    thread_ = std::thread([this] { run(); });
}

poll_thread::~poll_thread() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    wake();
    thread_.join();
}

void poll_thread::run_inside(std::function<void()> job) {
    if (std::this_thread::get_id() == thread_.get_id()) return job();
    std::packaged_task<void()> task(std::move(job));
    auto done = task.get_future();
    {
        const std::lock_guard guard(mutex_);
        jobs_.push_back(std::move(task));
    }
    wake();
    done.get();
}

void poll_thread::run() {
    for (;;) {
        run_jobs();
        {
            const std::lock_guard guard(mutex_);
            if (stopping_) return;
        }
        turn next(clock::now());
        next.watch(wake_fd_, POLLIN, [this](short) {
            std::uint64_t count = 0;
            if (::read(wake_fd_.get(), &count, sizeof count) < 0 && errno != EAGAIN) {
                throw std::system_error(errno, std::generic_category(), "eventfd");
            }
        });
        prepare_(next);

        std::vector<pollfd> entries;
        entries.reserve(next.watched_.size());
        for (const auto& one : next.watched_) entries.push_back({one.fd, one.events, 0});
        const auto left = std::max(next.wake_at_ - clock::now(), clock::duration::zero());
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        const timespec limit{seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
        if (::ppoll(entries.data(), entries.size(), &limit, nullptr) < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "ppoll");
        }
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].revents != 0) next.watched_[i].on_ready(entries[i].revents);
        }
    }
}

void poll_thread::run_jobs() {
    std::deque<std::packaged_task<void()>> jobs;
    {
        const std::lock_guard guard(mutex_);
        jobs.swap(jobs_);
    }
    for (auto& job : jobs) job();
}

void poll_thread::wake() {
    const std::uint64_t one = 1;
    if (::write(wake_fd_.get(), &one, sizeof one) < 0 && errno != EAGAIN) {
        throw std::system_error(errno, std::generic_category(), "eventfd");
    }
}

}  // namespace valkeyxx::testing
