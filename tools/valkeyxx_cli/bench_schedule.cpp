// Tickets, each with its time.
#include "valkeyxx_cli/bench_schedule.hpp"

#include <algorithm>

namespace valkeyxx::cli {

bench_schedule::bench_schedule(const bench_plan& plan) : requests_{plan.requests}, rate_{plan.rate}, time_{plan.time} {}

void bench_schedule::start(bench_clock::time_point now) {
    start_ = now;
    if (requests_ == 0) stop(now + time_);
}

bench_clock::time_point bench_schedule::due_time(std::uint64_t ticket) const {
    const std::chrono::duration<double> after{static_cast<double>(ticket) / rate_};
    return start_ + std::chrono::duration_cast<bench_clock::duration>(after);
}

std::optional<bench_schedule::turn> bench_schedule::claim(std::uint64_t wanted, bench_clock::time_point now) {
    if (now >= end()) return std::nullopt;
    const auto first = claimed_.fetch_add(wanted, std::memory_order_relaxed);
    if (requests_ != 0 && first >= requests_) return std::nullopt;
    const auto count = requests_ == 0 ? wanted : std::min(wanted, requests_ - first);
    const auto due = rate_ > 0 ? due_time(first) : now;
    if (due >= end()) return std::nullopt;
    started_.fetch_add(count, std::memory_order_relaxed);
    return turn{due, count};
}

bool bench_schedule::wait_until(bench_clock::time_point due) {
    std::unique_lock lock{mutex_};
    return !stopped_.wait_until(lock, due, [&] { return bench_clock::now() >= end(); });
}

void bench_schedule::stop(bench_clock::time_point at) {
    const std::lock_guard lock{mutex_};
    end_ = std::min(end(), at).time_since_epoch();
    stopped_.notify_all();
}

std::uint64_t bench_schedule::missed(bench_clock::time_point end) const {
    if (rate_ <= 0) return 0;
    const std::chrono::duration<double> lasted = end - start_;
    auto due = static_cast<std::uint64_t>(lasted.count() * rate_);
    if (requests_ != 0) due = std::min(due, requests_);
    const auto started = started_.load();
    return due > started ? due - started : 0;
}

}  // namespace valkeyxx::cli
