// Commands for execute_stream out of an input: as long as there are some now, for who waits for input keeps nobody from
// answering.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include <valkeyxx/command.hpp>

#include "valkeyxx_cli/command_reader.hpp"
#include "valkeyxx_cli/pipe_input.hpp"
#include "valkeyxx_cli/signal_wait.hpp"

namespace valkeyxx::cli {

class command_feed {
  public:
    /// One that has been given and has no outcome yet.
    struct given {
        std::uint64_t number;  ///< counts from 1
        command_reader::position begin;
        std::uint64_t end;  ///< bytes of the input up to its end
    };

    /// Both must outlive it.
    command_feed(pipe_input& input, signal_wait& signals) : input_{input}, signals_{signals} {}

    /// nullopt: no more for now, and see wait(). While commands are under way it comes back after about 100 ms, however
    /// slowly input arrives: their replies are read in time.
    std::optional<command<void>> next();
    /// The outcomes come in order: the one that is told now.
    given take_first();
    /// Until there is more input; false if there will be none, or is not to be. For when nothing is under way.
    bool wait();

    [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }
    /// Why not all of the input could be given, as a sentence; empty if it could.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
    /// Up to here all commands were given.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return reader_.end().byte; }

  private:
    bool refill();
    bool read();
    bool look_for_signals();

    pipe_input& input_;
    signal_wait& signals_;
    command_reader reader_{};
    std::deque<given> under_way_{};
    std::uint64_t count_ = 0;
    std::optional<signal_wait::clock::time_point> filling_since_{};  // since the last outcome
    bool over_ = false;
    bool interrupted_ = false;
    std::string failure_{};
};

}  // namespace valkeyxx::cli
