// What became of the commands of `valkeyxx pipe`.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include <valkeyxx/result.hpp>

namespace valkeyxx::cli {

struct pipe_tally {
    std::uint64_t commands = 0;
    std::uint64_t errors = 0;
    std::uint64_t may_have_run = 0;
    std::map<std::string, std::uint64_t> by_kind{};
    std::uint64_t bytes = 0;  ///< of the input, up to the end of the last command that has an outcome
    std::chrono::duration<double> lasted{};

    void add(const result<void>& outcome) {
        ++commands;
        if (!outcome) add_error(outcome.error());
    }
    [[nodiscard]] double per_second() const noexcept;
    /// One line each, with its end.
    [[nodiscard]] std::string to_text() const;
    [[nodiscard]] std::string to_json() const;

  private:
    void add_error(const error& why);
};

}  // namespace valkeyxx::cli
