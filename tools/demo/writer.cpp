// The loop, and what its results mean.
#include "demo/writer.hpp"

#include <algorithm>

#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::demo {

namespace {

using namespace std::chrono_literals;

config settings_of(const std::string& seed) {
    auto settings = parse_url(seed).value();
    settings.command_timeout = 15s;
    return settings;
}

write nth_write(int n) {
    const auto number = std::to_string(n);
    if (n % 5 == 0) return {.key = "visits:" + std::to_string(n / 5 % 8), .value = {}, .started = {}, .ended = {}};
    return {.key = "order:" + number, .value = "placed " + number, .started = {}, .ended = {}};
}

template <class R>
void take_outcome(write& of, const result<R>& r) {
    if (r) {
        of.how = write::outcome::acknowledged;
        return;
    }
    of.how = r.error().may_have_run() ? write::outcome::may_have_run : write::outcome::failed;
    of.problem = r.error().message();
}

}  // namespace

writer::writer(const std::string& seed) : client_{settings_of(seed)}, thread_{[this] { run(); }} {}

void writer::run() {
    for (int n = 1; !stopping_; ++n) {
        auto one = nth_write(n);
        one.started = clock::now();
        if (one.is_incr()) {
            take_outcome(one, client_.try_execute(commands::incr(one.key)));
        } else {
            take_outcome(one, client_.try_execute(commands::set(one.key, one.value)));
        }
        one.ended = clock::now();
        record(std::move(one));
        std::this_thread::sleep_for(1ms);
    }
}

void writer::record(write done) {
    const std::lock_guard lock{mutex_};
    writes_.push_back(std::move(done));
}

std::size_t writer::acknowledged() const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(
        std::count_if(writes_.begin(), writes_.end(), [](const write& w) { return w.is_acknowledged(); }));
}

std::optional<write> writer::find(const std::function<bool(const write&)>& wanted) const {
    const std::lock_guard lock{mutex_};
    const auto found =
        std::find_if(writes_.begin(), writes_.end(), [&](const write& w) { return w.is_acknowledged() && wanted(w); });
    if (found == writes_.end()) return std::nullopt;
    return *found;
}

void writer::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

}  // namespace valkeyxx::demo
