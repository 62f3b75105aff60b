// Polling with a deadline.
#include "support/poll.hpp"

#include <cstdlib>
#include <string>
#include <thread>

namespace valkeyxx::testing {

namespace {

using clock = std::chrono::steady_clock;

double read_time_factor() {
    const char* text = std::getenv("VALKEYXX_TEST_TIME_FACTOR");
    if (text == nullptr || *text == '\0') return 1.0;
    char* end = nullptr;
    const double factor = std::strtod(text, &end);
    if (*end != '\0' || !(factor > 0.0)) {
        throw std::invalid_argument(std::string("VALKEYXX_TEST_TIME_FACTOR is not a positive number: ") + text);
    }
    return factor;
}

}  // namespace

double time_factor() {
    static const double factor = read_time_factor();
    return factor;
}

std::chrono::milliseconds stretched(std::chrono::milliseconds limit) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(limit * time_factor());
}

void poll_until(std::string_view what, const std::function<bool()>& done, std::chrono::milliseconds limit) {
    const auto end = clock::now() + stretched(limit);
    std::string last_error;
    for (;;) {
        try {
            if (done()) return;
        } catch (const give_up&) {
            throw;
        } catch (const std::exception& error) {
            last_error = error.what();
        }
        if (clock::now() > end) {
            auto text = "timed out after " + std::to_string(stretched(limit).count()) + " ms waiting for: ";
            text.append(what);
            if (!last_error.empty()) text += "; last error seen: " + last_error;
            throw std::runtime_error(text);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

}  // namespace valkeyxx::testing
