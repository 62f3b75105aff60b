// What must happen at a certain time, soonest first. Nothing is allocated: what waits carries the hook.
#pragma once

#include <boost/intrusive/set.hpp>

#include "io/context.hpp"

namespace valkeyxx::client {

/// Something that can be due once. Leaves the queue by itself when destroyed.
class timed : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>,
                                                     boost::intrusive::optimize_size<true>> {
  public:
    [[nodiscard]] io::time_point due() const noexcept { return due_; }
    [[nodiscard]] bool scheduled() const noexcept { return is_linked(); }
    /// Its time has come; it is no longer in the queue. Called under the engine's lock.
    virtual void on_due(io::time_point now) noexcept = 0;

    friend bool operator<(const timed& a, const timed& b) noexcept { return a.due_ < b.due_; }

  protected:
    timed() = default;
    timed(const timed&) = delete;
    timed& operator=(const timed&) = delete;
    virtual ~timed() = default;

  private:
    friend class timer_queue;
    io::time_point due_{};
};

class timer_queue {
  public:
    void add(timed& t, io::time_point due) noexcept {
        remove(t);
        t.due_ = due;
        // Most deadlines are later than all before them: the hint makes their insertion cheap.
        waiting_.insert(waiting_.end(), t);
    }
    static void remove(timed& t) noexcept {
        if (t.is_linked()) t.unlink();
    }

    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
    [[nodiscard]] io::time_point earliest() const noexcept { return waiting_.begin()->due(); }

    /// Takes out what is due by `now` and tells it, one after the other.
    void run(io::time_point now) noexcept {
        while (!waiting_.empty() && waiting_.begin()->due() <= now) {
            timed& t = *waiting_.begin();
            t.unlink();
            t.on_due(now);
        }
    }

  private:
    boost::intrusive::multiset<timed, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace valkeyxx::client
