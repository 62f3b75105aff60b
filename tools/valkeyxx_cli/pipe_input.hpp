// The file or pipe that commands come from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace valkeyxx::cli {

class pipe_input {
  public:
    /// "-" is stdin. Waits until somebody writes if it is a named pipe. Throws std::system_error.
    explicit pipe_input(const std::string& path);
    pipe_input(const pipe_input&) = delete;
    pipe_input& operator=(const pipe_input&) = delete;
    ~pipe_input();

    [[nodiscard]] int descriptor() const noexcept { return fd_; }
    /// For messages.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// How many bytes there are to read; nobody knows of a pipe.
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }
    [[nodiscard]] bool is_terminal() const;
    /// How many bytes were put there; 0 at the end; nullopt if there are none now. Throws std::system_error.
    std::optional<std::size_t> read(std::span<char> into);

  private:
    [[noreturn]] void fail(const char* doing, int why) const;

    std::string name_;
    int fd_;
    std::optional<std::uint64_t> size_{};
};

}  // namespace valkeyxx::cli
