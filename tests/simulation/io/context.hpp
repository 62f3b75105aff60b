// The loop of the simulation, in the place of the io room's: the same names and contracts, in virtual time.
#pragma once

#include <memory>
#include <utility>

#include "scheduler.hpp"

#include <boost/asio/error.hpp>

namespace valkeyxx::simulation {
class network;
}

namespace valkeyxx::io {

struct clock {
    using duration = std::chrono::steady_clock::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr bool is_steady = true;

    static time_point now() noexcept { return simulation::scheduler::now(); }
};
using time_point = clock::time_point;

/// Where the client's world begins: its time and its network.
class context {
  public:
    context(simulation::scheduler& time, simulation::network& net) noexcept : time_{time}, net_{net} {}
    context(const context&) = delete;
    context& operator=(const context&) = delete;

    [[nodiscard]] simulation::scheduler& time() noexcept { return time_; }
    [[nodiscard]] simulation::network& net() noexcept { return net_; }

  private:
    simulation::scheduler& time_;
    simulation::network& net_;
};

/// Runs `piece` once, from the loop.
template <class Piece>
void post(context& loop, Piece&& piece) {
    loop.time().after({}, std::forward<Piece>(piece));
}

class timer {
  public:
    explicit timer(context& loop) : loop_{loop}, state_{std::make_shared<state>()} {}
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;
    ~timer() { cancel(); }

    void expires_at(time_point when) {
        cancel();
        when_ = when;
    }
    /// One wait at a time, which is all that the client needs.
    template <class Handler>
    void async_wait(Handler&& handler) {
        state_->handler = std::forward<Handler>(handler);
        loop_.time().at(when_, [waiting = state_, round = ++state_->round] {
            if (waiting->round == round && waiting->handler) {
                auto ready = std::move(waiting->handler);
                ready({});
            }
        });
    }
    void cancel() {
        if (!state_->handler) return;
        ++state_->round;
        post(loop_,
             [cancelled = std::move(state_->handler)]() mutable { cancelled(boost::asio::error::operation_aborted); });
    }

  private:
    struct state {
        simulation::task<boost::system::error_code> handler;
        std::uint64_t round = 0;
    };

    context& loop_;
    std::shared_ptr<state> state_;
    time_point when_{};
};

}  // namespace valkeyxx::io
