#include "valkeyxx_cli/command_feed.hpp"

#include <system_error>

namespace valkeyxx::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_fill = 100ms;         // far below any deadline that is worth setting
constexpr std::uint64_t signals_every = 64;  // commands: to look costs a system call

}  // namespace

std::optional<command<void>> command_feed::next() {
    if (over_ || interrupted_) return std::nullopt;
    if (count_ % signals_every == 0 && look_for_signals()) return std::nullopt;
    if (!filling_since_) filling_since_ = signal_wait::clock::now();
    for (;;) {
        switch (reader_.next()) {
            case command_reader::status::command:
                under_way_.push_back({++count_, reader_.begin(), reader_.end().byte});
                return raw<void>(reader_.words());
            case command_reader::status::more:
                if (!refill()) return std::nullopt;
                break;
            case command_reader::status::malformed:
                failure_ = input_.name() + ": line " + std::to_string(reader_.flaw().at.line) + ", byte " +
                           std::to_string(reader_.flaw().at.byte) + ": " + reader_.flaw().what;
                over_ = true;
                return std::nullopt;
            case command_reader::status::end:
                over_ = true;
                return std::nullopt;
        }
    }
}

command_feed::given command_feed::take_first() {
    const auto first = under_way_.front();
    under_way_.pop_front();
    filling_since_.reset();
    return first;
}

bool command_feed::wait() {
    filling_since_.reset();
    if (over_ || interrupted_) return false;
    interrupted_ = signals_.wait(std::nullopt, input_.descriptor()) == signal_wait::reason::signal;
    return !interrupted_;
}

// False: there is no more for now.
bool command_feed::refill() {
    const auto now = signal_wait::clock::now();
    if (!under_way_.empty() && now - *filling_since_ > longest_fill) return false;
    const auto why = signals_.wait(now, input_.descriptor());
    if (why == signal_wait::reason::signal) interrupted_ = true;
    return why == signal_wait::reason::readable && read();
}

bool command_feed::read() {
    try {
        const auto count = input_.read(reader_.room());
        if (!count) return false;
        if (*count == 0) reader_.end_input();
        reader_.add(*count);
        return true;
    } catch (const std::system_error& failure) {  // told once what is under way has its outcome
        failure_ = failure.what();
        over_ = true;
        return false;
    }
}

bool command_feed::look_for_signals() {
    interrupted_ = signals_.wait(signal_wait::clock::now()) == signal_wait::reason::signal;
    return interrupted_;
}

}  // namespace valkeyxx::cli
