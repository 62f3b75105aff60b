// How far `valkeyxx pipe` is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "valkeyxx_cli/pipe_tally.hpp"
#include "valkeyxx_cli/status_line.hpp"

namespace valkeyxx::cli {

class pipe_progress {
  public:
    /// @param wanted  else nothing is ever shown
    /// @param size    of the input, if it is known
    pipe_progress(bool wanted, std::optional<std::uint64_t> size) : line_{wanted}, size_{size} {}

    /// Rates are since this was made.
    void show(const pipe_tally& so_far) {
        if (!line_.wanted() || (so_far.commands & 15U) != 0) return;  // it costs a look at the clock
        const auto now = status_line::clock::now();
        if (line_.due(now)) line_.show(text_of(so_far, now - start_));
    }
    /// Before anything else is written to stderr.
    void clear() { line_.clear(); }

  private:
    [[nodiscard]] std::string text_of(const pipe_tally& so_far, std::chrono::duration<double> lasted) const;

    status_line line_;
    std::optional<std::uint64_t> size_;
    status_line::clock::time_point start_ = status_line::clock::now();
};

}  // namespace valkeyxx::cli
