// Pipes, pseudo-terminals and posix_spawn.
#include "support/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "support/poll.hpp"
#include "support/socket.hpp"

namespace valkeyxx::testing {

namespace {

void check(bool fine, const char* doing) {
    if (!fine) throw std::system_error(errno, std::generic_category(), doing);
}

// What the program writes to, and where we read it.
struct channel {
    unique_fd theirs;
    unique_fd ours{};
    std::string text{};

    // False at its end. A terminal ends with EIO.
    bool read_some() {
        std::array<char, 4096> piece;
        const auto got = ::read(ours.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) return true;
        check(got >= 0 || errno == EIO, "read");
        if (got <= 0) return false;
        text.append(piece.data(), static_cast<std::size_t>(got));
        return true;
    }
};

channel make_pipe() {
    std::array<int, 2> ends;
    check(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
    return {.theirs = unique_fd{ends[1]}, .ours = unique_fd{ends[0]}};
}

channel make_terminal() {
    unique_fd ours{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    check(ours && ::grantpt(ours.get()) == 0 && ::unlockpt(ours.get()) == 0, "posix_openpt");
    std::array<char, 64> name;
    check(::ptsname_r(ours.get(), name.data(), name.size()) == 0, "ptsname_r");
    unique_fd theirs{::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    termios settings{};
    check(theirs && ::tcgetattr(theirs.get(), &settings) == 0, "open terminal");
    settings.c_oflag &= ~static_cast<tcflag_t>(OPOST);  // '\n' is not to become "\r\n"
    check(::tcsetattr(theirs.get(), TCSANOW, &settings) == 0, "tcsetattr");
    return {.theirs = std::move(theirs), .ours = std::move(ours)};
}

channel make_channel(stdout_is kind) {
    if (kind == stdout_is::pipe) return make_pipe();
    if (kind == stdout_is::terminal) return make_terminal();
    return {.theirs = unique_fd{::open("/dev/full", O_WRONLY | O_CLOEXEC)}};
}

std::vector<char*> pointers_to(const arguments& words) {
    std::vector<char*> all;
    for (const auto& word : words) all.push_back(const_cast<char*>(word.c_str()));
    all.push_back(nullptr);
    return all;
}

// getenv() takes the first setting of a name: ours go in front.
std::vector<char*> environment_with(const arguments& more) {
    auto all = pointers_to(more);
    all.pop_back();
    for (char** one = environ; *one != nullptr; ++one) all.push_back(*one);
    all.push_back(nullptr);
    return all;
}

pid_t start(const arguments& argv, const arguments& environment, const channel& out, const channel& err) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.theirs.get(), 1);
    ::posix_spawn_file_actions_adddup2(&actions, err.theirs.get(), 2);
    pid_t pid = -1;
    const int failure = ::posix_spawnp(&pid, argv.at(0).c_str(), &actions, nullptr, pointers_to(argv).data(),
                                       environment_with(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) throw std::system_error(failure, std::generic_category(), "cannot run " + argv[0]);
    return pid;
}

// Returns whether both ended in time.
bool read_to_end(channel& out, channel& err, std::chrono::steady_clock::time_point until) {
    std::array open{&out, &err};
    for (;;) {
        std::array<pollfd, 2> wanted{};
        bool any = false;
        for (std::size_t i = 0; i < open.size(); ++i) {
            wanted[i] = {.fd = open[i]->ours.get(), .events = POLLIN, .revents = 0};
            any |= static_cast<bool>(open[i]->ours);
        }
        if (!any) return true;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        check(::poll(wanted.data(), wanted.size(), static_cast<int>(left.count())) >= 0 || errno == EINTR, "poll");
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (wanted[i].revents != 0 && !open[i]->read_some()) open[i]->ours.reset();
        }
    }
}

}  // namespace

std::ostream& operator<<(std::ostream& to, const program_result& result) {
    return to << "exit code " << result.exit_code << "\nstdout: " << result.out << "\nstderr: " << result.err;
}

program_result run_program(const arguments& argv, stdout_is kind, const arguments& environment,
                           std::chrono::milliseconds limit) {
    auto out = make_channel(kind);
    auto err = make_pipe();
    check(static_cast<bool>(out.theirs), "open stdout");
    const pid_t pid = start(argv, environment, out, err);
    out.theirs.reset();
    err.theirs.reset();
    const bool in_time = read_to_end(out, err, std::chrono::steady_clock::now() + stretched(limit));
    if (!in_time) ::kill(pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) check(errno == EINTR, "waitpid");
    if (!in_time) throw std::runtime_error(argv[0] + " did not end; stdout: " + out.text + "\nstderr: " + err.text);
    return {.exit_code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
            .out = std::move(out.text),
            .err = std::move(err.text)};
}

}  // namespace valkeyxx::testing
