#include <valkeyxx/optimistic.hpp>

#include <algorithm>
#include <random>
#include <thread>

#include "routing/redirect.hpp"

#include <valkeyxx/command_id.hpp>

namespace valkeyxx::detail {
namespace {

using namespace std::chrono_literals;

constexpr auto shortest = 100us;
constexpr auto longest = 20'000us;

// It passes by itself, and nothing has run.
bool passes(const error& why) {
    switch (why.which()) {
        case errc::transaction_conflict:
        case errc::connection_lost:
        case errc::cannot_connect:
            return true;
        case errc::server_error: {
            const auto kind = routing::read_redirect(why.text()).kind;
            return kind != routing::rejection::none && kind != routing::rejection::no_script;
        }
        default:
            return false;
    }
}

}  // namespace

bool optimistic_course::again(const error& why, bool harmless) noexcept {
    ++tried_;
    return --left_ > 0 && harmless && passes(why);
}

std::chrono::microseconds optimistic_course::delay() const noexcept {
    thread_local std::minstd_rand random{std::random_device{}()};
    const auto most = std::min(shortest * (std::int64_t{1} << std::min(tried_, 10)), longest);
    return std::chrono::microseconds{
        std::uniform_int_distribution<std::chrono::microseconds::rep>{0, most.count()}(random)};
}

void pause(std::chrono::microseconds time) {
    std::this_thread::sleep_for(time);
}

command<void> watch(const strings& keys) {
    return command<void>{encoded_command{command_id::watch, keys.view(), encoded_command::keys::all}};
}

}  // namespace valkeyxx::detail
