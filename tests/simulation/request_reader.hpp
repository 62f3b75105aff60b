// Takes whole requests off the bytes that a server has received.
#pragma once

#include <string_view>
#include <vector>

namespace valkeyxx::simulation {

class request_reader {
  public:
    explicit request_reader(std::string_view bytes) noexcept : bytes_{bytes} {}

    /// The words of the next request; null if there is no whole one. They are views into the bytes.
    const std::vector<std::string_view>* next();
    [[nodiscard]] std::size_t consumed() const noexcept { return consumed_; }

  private:
    /// The number in the line that starts with `type`; moves `at` behind it. False if there is no whole line.
    bool header(char type, std::size_t& at, std::size_t& number) const;

    std::string_view bytes_;
    std::size_t consumed_ = 0;
    std::vector<std::string_view> words_;
};

}  // namespace valkeyxx::simulation
