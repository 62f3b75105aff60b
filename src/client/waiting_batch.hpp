// A pipeline of a waiting thread.
#pragma once

#include <mutex>

#include "client/batch.hpp"
#include "client/baton.hpp"

namespace valkeyxx::clients {

class waiting_batch final : public detail::batch::owner, public waiter {
  public:
    waiting_batch(engine& e, baton& b, detail::batch& running) : engine_{e}, baton_{b}, batch_{running} {}

    void batch_done() noexcept override { baton_.finish(*this); }
    connection* awaited() noexcept override { return batch_.awaited(); }

    /// Returns when each command has its outcome. Requires the engine's lock.
    void wait(std::unique_lock<std::mutex>& lock) {
        while (!baton_.wait(lock, *this, batch_.deadline())) {
            batch_.expire(io::clock::now());
            engine_.flush_soon();  // others may have waited for its room
        }
    }

  private:
    engine& engine_;
    baton& baton_;
    detail::batch& batch_;
};

}  // namespace valkeyxx::clients
