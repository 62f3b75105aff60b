// The traffic of the async scenarios: how many commands are in flight, which come next, and when it is over.
#pragma once

#include <cstdint>

#include "registry.hpp"

namespace valkeyxx::bench {

/// Shared by all drivers, the raw loop included, so that each pays the same for being measured. Usage:
///
///     load.start();
///     while (load.wants_more()) send(load.next());          // fills the first `width`
///     while (load.in_flight()) turn_the_event_loop();       // each reply: load.finished(r, ...), then send again
///     load.stop();
class async_load {
  public:
    /// What to remember from a command's sending to its reply.
    struct request {
        std::uint32_t key = 0;
        std::uint64_t began = 0;  // 0: the latency of this one is not measured
    };

    explicit async_load(job& j) : job_(j) {}

    void start() { job_.clock.start(); }
    void stop() { job_.clock.stop(); }

    /// Whether one more command should be sent now.
    bool wants_more() const {
        if (in_flight_ == job_.what.width) return false;
        const std::uint64_t fixed = job_.clock.until().operations;
        return fixed ? issued_ < fixed : job_.clock.running();
    }

    /// The command to send now.
    request next() {
        ++in_flight_;
        // Reading the clock costs as much as a third of a raw operation: one in sixteen tells the latency well enough.
        const bool timed = issued_++ % 16 == 0;
        return {job_.pick(), timed ? now() : 0};
    }

    /// Checks a reply to GET and counts it.
    template <class Bytes>
    void finished(const request& r, Bytes value) {
        if (!job_.keys.holds(r.key, value)) job_.wrong_reply(r.key);
        --in_flight_;
        if (r.began)
            job_.clock.completed_since(r.began);
        else
            job_.clock.completed_untimed();
    }

    std::size_t in_flight() const { return in_flight_; }

  private:
    job& job_;
    std::uint64_t issued_ = 0;
    std::size_t in_flight_ = 0;
};

}  // namespace valkeyxx::bench
