// A thread that waits for signals, since a handler may do next to nothing.
#include "demo/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

namespace valkeyxx::demo {

namespace {

std::atomic<bool> came{false};

}  // namespace

void watch_signals() {
    // Whoever reads our lines may stop reading: that is no reason to leave servers' folders behind.
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t ending;
    sigemptyset(&ending);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, number);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    std::thread([ending] {
        int number = 0;
        while (::sigwait(&ending, &number) == 0) {
            if (came.exchange(true)) ::_exit(EXIT_FAILURE);
        }
    }).detach();
}

void check_interrupt() {
    if (came) throw interrupted{};
}

}  // namespace valkeyxx::demo
