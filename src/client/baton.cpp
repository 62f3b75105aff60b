#include "client/baton.hpp"

namespace valkeyxx::clients {

bool baton::wait(std::unique_lock<std::mutex>& lock, waiter& w, io::time_point deadline) {
    if (w.done_) return true;               // it was over before it came to waiting
    if (engine_.inherited()) return false;  // and so are the others who wait here
    // A connection that stays silent for a while is waited for in the loop, where the others are looked after too.
    bool patient = true;
    while (!w.done_) {
        connection* const own = patient ? w.awaited() : nullptr;
        if (driver_ != nullptr || (own != nullptr && own->read_alone_by_somebody())) {
            sleep(lock, w, deadline);
        } else if (own != nullptr && sleepers_.empty() && engine_.quiet() && own->can_read_alone()) {
            patient = own->read_alone(lock);
            engine_.flush_soon();
        } else {
            drive(lock, w, deadline);
        }
        if (!w.done_ && io::clock::now() >= deadline) break;
    }
    pass_on();
    return w.done_;
}

void baton::sleep(std::unique_lock<std::mutex>& lock, waiter& w, io::time_point deadline) {
    w.woken_ = false;
    sleepers_.push_back(w);
    w.wake_.wait_until(lock, deadline, [&w] { return w.woken_ || w.done_; });
    sleepers_.erase(sleepers_.iterator_to(w));
}

void baton::drive(std::unique_lock<std::mutex>& lock, waiter& w, io::time_point deadline) {
    driver_ = &w;
    driving_thread_ = std::this_thread::get_id();
    lock.unlock();
    engine_.loop().run_one_until(deadline);
    lock.lock();
    driver_ = nullptr;
}

void baton::finish(waiter& w) noexcept {
    w.done_ = true;
    if (&w != driver_) {
        w.wake_.notify_one();  // harmless if it does not sleep
    } else if (driving_thread_ != std::this_thread::get_id()) {
        // Another thread brought the driver's reply: it sleeps inside the loop, where only an event wakes it.
        io::post(engine_.loop(), [] {});
    }
}

void baton::pass_on() noexcept {
    if (driver_ != nullptr) return;
    for (waiter& w : sleepers_) {
        if (w.woken_) continue;
        // Who reads there alone will bring the reply, and it could do nothing but sleep again.
        if (const connection* const own = w.awaited(); own != nullptr && own->read_alone_by_somebody()) continue;
        w.woken_ = true;
        w.wake_.notify_one();
        return;
    }
}

}  // namespace valkeyxx::clients
