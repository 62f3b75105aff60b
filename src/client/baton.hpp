// Who of the waiting threads does the work: a client without a thread of its own lends the loop to those who wait.
//
// A thread that waits for a reply does one of three things:
//   - it reads its command's connection alone, asleep in the kernel: the cheapest way, two system calls for a command;
//   - it drives the loop, for all, if there is more to look after than one connection;
//   - it sleeps, if another thread does one of these and will bring its reply.
// Whoever has its reply wakes a sleeper, which takes over what is left to do. Everything here requires the engine's
// lock.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/intrusive/list.hpp>

#include "client/engine.hpp"

namespace valkeyxx::clients {

/// A thread that waits for something, on its stack.
class waiter : public boost::intrusive::list_base_hook<> {
  public:
    [[nodiscard]] bool done() const noexcept { return done_; }
    /// A connection that something it waits for is in flight on; nullptr if there is none at the moment.
    [[nodiscard]] virtual connection* awaited() noexcept = 0;

  protected:
    virtual ~waiter() = default;

  private:
    friend class baton;
    std::condition_variable wake_;
    bool done_ = false;
    bool woken_ = false;
};

class baton {
  public:
    explicit baton(engine& e) : engine_{e} {}

    /// Returns when `w` is finished (true) or the deadline has passed (false).
    bool wait(std::unique_lock<std::mutex>& lock, waiter& w, io::time_point deadline);

    /// What `w` waits for has happened.
    void finish(waiter& w) noexcept;

  private:
    void sleep(std::unique_lock<std::mutex>& lock, waiter& w, io::time_point deadline);
    void drive(std::unique_lock<std::mutex>& lock, waiter& w, io::time_point deadline);
    void pass_on() noexcept;

    engine& engine_;
    boost::intrusive::list<waiter> sleepers_;
    waiter* driver_ = nullptr;
    std::thread::id driving_thread_;
};

}  // namespace valkeyxx::clients
