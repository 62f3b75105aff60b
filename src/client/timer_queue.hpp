// What must happen at a certain time, soonest first. Nothing is allocated: what waits carries the hook.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include "io/context.hpp"

namespace valkeyxx::clients {

class timer_queue;

/// Something that can be due once. Leaves the queue by itself when destroyed.
class timed {
  public:
    [[nodiscard]] io::time_point due() const noexcept { return due_; }
    [[nodiscard]] bool scheduled() const noexcept { return in_line_.is_linked() || in_tree_.is_linked(); }
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
    using leaves_by_itself = boost::intrusive::link_mode<boost::intrusive::auto_unlink>;

    boost::intrusive::list_member_hook<leaves_by_itself> in_line_;
    boost::intrusive::set_member_hook<leaves_by_itself, boost::intrusive::optimize_size<true>> in_tree_;
    io::time_point due_{};
};

/// Nearly everything here is a deadline, each later than those before it, and nearly all are removed before they are
/// due. Such stand in a line, where both cost a few instructions; whatever is due before the end of the line is kept in
/// a tree.
class timer_queue {
    using line =
        boost::intrusive::list<timed, boost::intrusive::constant_time_size<false>,
                               boost::intrusive::member_hook<timed, decltype(timed::in_line_), &timed::in_line_>>;
    using tree =
        boost::intrusive::multiset<timed, boost::intrusive::constant_time_size<false>,
                                   boost::intrusive::member_hook<timed, decltype(timed::in_tree_), &timed::in_tree_>>;

    template <class Line, class Tree>
    static auto& soonest(Line& line, Tree& tree) noexcept {
        const bool from_line = tree.empty() || (!line.empty() && line.front() < *tree.begin());
        return from_line ? line.front() : *tree.begin();
    }

  public:
    void add(timed& t, io::time_point due) noexcept {
        remove(t);
        t.due_ = due;
        if (line_.empty() || due >= line_.back().due_) {
            line_.push_back(t);
        } else {
            tree_.insert(t);
        }
    }
    /// The same for one that is due long after those that follow it, which then need not leave the line.
    void add_apart(timed& t, io::time_point due) noexcept {
        remove(t);
        t.due_ = due;
        tree_.insert(t);
    }
    static void remove(timed& t) noexcept {
        if (t.in_line_.is_linked()) {
            t.in_line_.unlink();
        } else if (t.in_tree_.is_linked()) {
            t.in_tree_.unlink();
        }
    }

    [[nodiscard]] bool empty() const noexcept { return line_.empty() && tree_.empty(); }
    /// When the next one is due; requires !empty().
    [[nodiscard]] io::time_point earliest() const noexcept { return soonest(line_, tree_).due_; }

    /// Takes out what is due by `now` and tells it, one after the other.
    void run(io::time_point now) noexcept {
        while (!empty() && earliest() <= now) {
            timed& t = soonest(line_, tree_);
            remove(t);
            t.on_due(now);
        }
    }

  private:
    line line_;  // in the order of their times
    tree tree_;
};

}  // namespace valkeyxx::clients
