// A pipeline under way: one request for each command, and where their outcomes go.
#pragma once

#include <cstddef>
#include <memory>

#include "client/engine.hpp"
#include "client/result_writer.hpp"

#include <valkeyxx/pipeline.hpp>

namespace valkeyxx::detail {

/// Kept by the pipeline's result from one execution to the next, so that its requests need no new memory.
class batch final : private clients::timed {
  public:
    /// Told once, under the engine's lock, when every command has its outcome.
    class owner {
      public:
        virtual void batch_done() noexcept = 0;

      protected:
        ~owner() = default;
    };

    /// The batch kept in `into`, made on first use.
    static batch& of(pipeline_result& into);

    /// Starts every command. `commands`, `into` and `who` must stay until it is done. Requires the engine's lock.
    /// own_clock: the owner watches the deadline and calls expire().
    void start(clients::engine& e, const pipeline& commands, pipeline_result& into, io::time_point deadline, owner& who,
               bool own_clock);
    /// The connection that the first command without an outcome is in flight on; nullptr if it is not in flight.
    [[nodiscard]] clients::connection* awaited() noexcept;
    /// When the next of its commands has to be ended. They have one deadline, but for those that may wait for others.
    [[nodiscard]] io::time_point deadline() const noexcept { return deadline_; }
    /// Ends every command that has no outcome yet and whose deadline has passed. Requires the engine's lock.
    void expire(io::time_point now);
    /// Ends all that have no outcome yet. Requires the engine's lock, and that there are some.
    void cancel();
    /// engine::unnoticed() of all commands. Requires the engine's lock.
    [[nodiscard]] bool unnoticed() const noexcept;

  private:
    class part;

    void store(std::size_t index, reply_view reply);
    void store(std::size_t index, error why);
    void one_done() noexcept;
    void on_due(io::time_point now) noexcept override;

    clients::engine* engine_ = nullptr;
    result_writer out_;
    io::time_point deadline_{};
    owner* owner_ = nullptr;
    std::unique_ptr<part[]> parts_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    std::size_t first_open_ = 0;  // no command before this one is without an outcome
    std::size_t open_ = 0;        // commands without an outcome, and one more while start(), expire() or cancel() runs
};

}  // namespace valkeyxx::detail
