// Signals as something to read, so that one poll waits for everything.
#include "valkeyxx_cli/signal_wait.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

namespace valkeyxx::cli {

namespace {

int checked(int fd) {
    if (fd < 0) throw std::system_error{errno, std::generic_category(), "cannot wait for signals"};
    return fd;
}

int milliseconds_until(std::optional<signal_wait::clock::time_point> until) {
    if (!until) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - signal_wait::clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

}  // namespace

signal_wait::signal_wait() {
    sigemptyset(&ending_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending_, number);
    ::pthread_sigmask(SIG_BLOCK, &ending_, nullptr);
    signals_ = checked(::signalfd(-1, &ending_, SFD_CLOEXEC | SFD_NONBLOCK));
    wakes_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wakes_ < 0) {
        const int why = errno;
        ::close(signals_);
        errno = why;
    }
    checked(wakes_);
}

signal_wait::~signal_wait() {
    ::close(signals_);
    ::close(wakes_);
}

signal_wait::reason signal_wait::wait(std::optional<clock::time_point> until, int input) {
    std::array<pollfd, 3> all{{{signals_, POLLIN, 0}, {wakes_, POLLIN, 0}, {input, POLLIN, 0}}};  // -1 is passed over
    while (true) {
        const int ready = ::poll(all.data(), all.size(), milliseconds_until(until));
        if (ready < 0 && errno != EINTR) checked(-1);
        if (take_signal()) return reason::signal;
        std::uint64_t wakes = 0;
        if (::read(wakes_, &wakes, sizeof wakes) == sizeof wakes) return reason::woken;
        if (ready > 0 && all[2].revents != 0) return reason::readable;
        if (ready == 0 && until && clock::now() >= *until) return reason::time;
    }
}

// Whether the first one has come.
bool signal_wait::take_signal() {
    signalfd_siginfo what{};
    while (::read(signals_, &what, sizeof what) == sizeof what) {
        const auto now = clock::now();
        if (!first_) {
            first_ = now;
            return true;
        }
        if (now - *first_ < std::chrono::seconds{1}) continue;
        ::pthread_sigmask(SIG_UNBLOCK, &ending_, nullptr);
        ::raise(static_cast<int>(what.ssi_signo));
    }
    return false;
}

void signal_wait::wake() noexcept {
    const std::uint64_t one = 1;
    // It can only fail when a wake is waiting already.
    [[maybe_unused]] const auto written = ::write(wakes_, &one, sizeof one);
}

}  // namespace valkeyxx::cli
