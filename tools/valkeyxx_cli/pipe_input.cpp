#include "valkeyxx_cli/pipe_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace valkeyxx::cli {

pipe_input::pipe_input(const std::string& path)
    : name_{path == "-" ? "stdin" : path},
      fd_{path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
    if (fd_ < 0) fail("cannot open", errno);
    struct stat facts {};
    if (::fstat(fd_, &facts) != 0) fail("cannot read", errno);  // such as a stdin that is closed
    if (!S_ISREG(facts.st_mode)) return;
    const auto at = ::lseek(fd_, 0, SEEK_CUR);
    if (at >= 0 && at <= facts.st_size) size_ = static_cast<std::uint64_t>(facts.st_size - at);
}

pipe_input::~pipe_input() {
    if (fd_ != STDIN_FILENO) ::close(fd_);
}

bool pipe_input::is_terminal() const {
    return ::isatty(fd_) != 0;
}

std::optional<std::size_t> pipe_input::read(std::span<char> into) {
    for (;;) {
        const auto count = ::read(fd_, into.data(), into.size());
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
        if (errno != EINTR) fail("cannot read", errno);
    }
}

void pipe_input::fail(const char* doing, int why) const {
    throw std::system_error{why, std::generic_category(), std::string{doing} + " " + name_};
}

}  // namespace valkeyxx::cli
