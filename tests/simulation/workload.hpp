// The callers: each starts a command, a pipeline or a burst, waits for its outcome, thinks, and starts the next.
#pragma once

#include <cstddef>
#include <memory>

#include "client/engine.hpp"
#include "world.hpp"

#include <valkeyxx/command.hpp>
#include <valkeyxx/pipeline.hpp>

namespace valkeyxx::simulation {

class workload {
  public:
    workload(world& w, std::shared_ptr<clients::engine> e) : world_{w}, engine_{std::move(e)} {}

    void start();
    /// Every caller has had all its commands.
    [[nodiscard]] bool finished() const noexcept { return left_ == 0 && under_way_ == 0; }
    [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
    /// No more new commands.
    void stop() noexcept { left_ = 0; }

    enum class touch : std::uint8_t { try_to_write, try_all, promise };
    /// A command each for the next `count` chunks, at once. Those that are a promise must succeed.
    void touch_chunks(std::size_t count, touch how);
    /// Of commands, so far.
    [[nodiscard]] std::size_t failures() const noexcept { return failures_; }
    void let_go() noexcept { engine_.reset(); }

  private:
    class call;
    class batch_call;
    struct burst;
    using burst_owner = std::shared_ptr<burst>;

    void next(std::uint32_t caller);
    /// @param of  the burst that it is part of; null: none
    void start_one(std::uint32_t caller, std::size_t key, touch how, const burst_owner& of = {});
    void start_pipeline(std::uint32_t caller, const burst_owner& of = {});
    void start_burst(std::uint32_t caller);
    void go_on(const burst_owner& b);
    /// A command for the key, noted in the history.
    encoded_command make(std::uint32_t caller, std::size_t key, std::uint32_t batch, touch how);
    void ended(std::uint32_t caller, const burst_owner& of);
    void done(std::uint32_t caller);
    [[nodiscard]] bool closed() const noexcept { return closing_; }

    world& world_;
    std::shared_ptr<clients::engine> engine_;
    std::size_t left_ = 0;
    std::size_t under_way_ = 0;
    std::size_t failures_ = 0;
    std::size_t next_chunk_ = 0;
    std::uint32_t batches_ = 0;
    bool closing_ = false;

  public:
    /// From now on commands may fail because the client is closed.
    void closing() noexcept { closing_ = true; }
};

}  // namespace valkeyxx::simulation
