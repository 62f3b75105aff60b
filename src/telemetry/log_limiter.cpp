#include "telemetry/log_limiter.hpp"

#include <utility>

namespace valkeyxx::telemetry {

auto log_limiter::offer(std::string_view key, time_point now) -> verdict {
    if (burst_ == 0) return {};
    auto found = entries_.find(key);
    if (found == entries_.end()) {
        if (entries_.size() >= most_keys) key = "other";
        found = entries_.try_emplace(std::string{key}, entry{.since = now}).first;
    }
    entry& e = found->second;
    if (now - e.since >= period_) {
        const auto left_out = std::exchange(e.left_out, 0);
        e = {.since = now, .written = 1};
        return {true, left_out};
    }
    if (e.written < burst_) {
        ++e.written;
        return {true, 0};
    }
    ++e.left_out;
    return {false, 0};
}

auto log_limiter::take_over(time_point now) -> std::vector<omission> {
    std::vector<omission> over;
    if (now < next_look_) return over;
    next_look_ = now + period_ / 2;
    std::erase_if(entries_, [&](const auto& one) {
        if (now - one.second.since < period_) return false;
        if (one.second.left_out != 0) over.push_back({one.first, one.second.left_out});
        return true;
    });
    return over;
}

auto log_limiter::take_all() -> std::vector<omission> {
    std::vector<omission> all;
    for (const auto& [key, e] : std::exchange(entries_, {})) {
        if (e.left_out != 0) all.push_back({key, e.left_out});
    }
    return all;
}

}  // namespace valkeyxx::telemetry
