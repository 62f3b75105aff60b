#include "scheduler.hpp"

#include <algorithm>

namespace valkeyxx::simulation {

void scheduler::at(time_point when, task<> work) {
    std::uint32_t place = 0;
    if (free_.empty()) {
        place = static_cast<std::uint32_t>(work_.size());
        work_.push_back(std::move(work));
    } else {
        place = free_.back();
        free_.pop_back();
        work_[place] = std::move(work);
    }
    heap_.push_back({std::max(when, now_), order_++, place});
    std::push_heap(heap_.begin(), heap_.end(), later);
}

bool scheduler::step(time_point until) {
    if (heap_.empty() || heap_.front().when > until) {
        now_ = std::max(now_, until);
        return false;
    }
    const entry next = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
    now_ = next.when;
    if (now_ - counted_from_ >= std::chrono::milliseconds{1}) {
        counted_from_ = now_;
        before_ = events_;
    }
    ++events_;
    task<> work = std::move(work_[next.place]);
    free_.push_back(next.place);
    work();
    return true;
}

void scheduler::clear() noexcept {
    // What is destroyed may cancel something, which is an event again.
    while (!heap_.empty()) {
        heap_.clear();
        free_.clear();
        const auto dropped = std::exchange(work_, {});
    }
}

}  // namespace valkeyxx::simulation
