// The end of a turn: what was queued is written, users' completions run without the lock, the timer is set.
#include "client/engine.hpp"

#include <algorithm>

namespace valkeyxx::clients {
namespace {

// More than any chain of commands has links that each start the next one even after the one before was refused.
constexpr int rounds_of_refusals = 64;

}  // namespace

void engine::run_timers(io::time_point now) {
    timers_.run(now);
}

void engine::let_pass(pause& p, io::time_point until) noexcept {
    if (closed_) {
        p.on_due(until);
        return;
    }
    pauses_.push_back(p);
    timers_.add(p, until);
}

void engine::cancel(pause& p) noexcept {
    timer_queue::remove(p);
    p.unlink();
}

void engine::flush_dirty() {
    // A flush that fails puts requests on other connections, which are then dirty too: go on until none is.
    // And so are those which are let in because others have ended.
    do {
        if (room_is_waited_for()) [[unlikely]]
            let_in();
        for (std::size_t i = 0; i < dirty_.size(); ++i) {
            if (dirty_[i] != nullptr) dirty_[i]->flush();
        }
        dirty_.clear();
    } while (somebody_can_go());
    retired_.clear();
    retired_connections_.clear();
}

void engine::flush_soon() {
    if (drive_ == drive::by_waiters) {
        flush_dirty();
        arm_timer();
    } else if (!flush_posted_ && !completing_here()) {
        // Not at once: whatever else is submitted until the loop gets to it leaves in the same write.
        post_flush();
    }
}

void engine::post_flush() {
    flush_posted_ = true;
    io::post(loop_, [self = shared_from_this()] {
        const turn piece{*self};
        self->flush_posted_ = false;
    });
}

void engine::end_turn(std::unique_lock<std::mutex>& lock) {
    if (inherited_) {
        while (!completions_.empty() && !completing_here()) run_completions(lock);
        return;
    }
    int rounds = 0;
    while (!completions_.empty() || !dirty_.empty() || !retired_.empty() || !retired_connections_.empty() ||
           somebody_can_go()) {
        // Completions first: what they submit leaves in the same write.
        if (completions_.empty()) {
            flush_dirty();
            continue;
        }
        // What they have started may be over at once (a reply that was kept, a refusal), and start more of the kind.
        // The loop has its look at the network in between: else nobody would ever hear that what is kept is outdated.
        // close() brings to an end whatever does end, and leaves to the loop who never ceases to try again. Only in the
        // last turn must everybody be told, since those who come later would find no client.
        if (drive_ == drive::by_loop && !is_last_ && rounds == (closed_ ? rounds_of_refusals : 1)) {
            flush_dirty();
            if (!flush_posted_) post_flush();
            break;
        }
        run_completions(lock);
        ++rounds;
    }
    if (!closed_) arm_timer();
}

void engine::run_completions(std::unique_lock<std::mutex>& lock) {
    completing here;
    here.left.swap(completions_);
    completing_.push_back(here);
    lock.unlock();
    while (!here.left.empty()) {
        completion& c = here.left.front();
        here.left.pop_front();
        c.run();
    }
    lock.lock();
    completing_.erase(completing_.iterator_to(here));
}

bool engine::completing_here() const noexcept {
    return std::any_of(completing_.begin(), completing_.end(),
                       [](const completing& c) { return c.thread == std::this_thread::get_id(); });
}

void engine::arm_timer() {
    if (timers_.empty() || timers_.earliest() >= armed_) return;
    armed_ = timers_.earliest();
    timer_.expires_at(armed_);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
        if (ec) return;  // set anew, or closed
        const turn piece{*self};
        self->armed_ = io::time_point::max();
        self->run_timers(io::clock::now());
    });
}

}  // namespace valkeyxx::clients
