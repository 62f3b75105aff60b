#include <valkeyxx/optimistic.hpp>

#include <algorithm>
#include <cstdint>
#include <thread>

#include "client/jitter.hpp"
#include "routing/redirect.hpp"

#include <valkeyxx/command_id.hpp>

namespace valkeyxx::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::microseconds shortest{100};
constexpr std::chrono::microseconds longest{20'000};

}  // namespace

bool optimistic_course::again(const error& why, bool harmless) noexcept {
    ++tried_;
    return --left_ > 0 && harmless && routing::passes_by_itself(why);
}

std::chrono::microseconds optimistic_course::delay() const noexcept {
    const auto most = std::min(shortest * (std::int64_t{1} << std::min(tried_, 10)), longest);
    return clients::jitter(0us, most);
}

void pause(std::chrono::microseconds time) {
    std::this_thread::sleep_for(time);
}

command<void> watch(const strings& keys) {
    return command<void>{encoded_command{command_id::watch, keys.view(), encoded_command::keys::all}};
}

}  // namespace valkeyxx::detail
