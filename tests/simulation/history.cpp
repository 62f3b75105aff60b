#include "history.hpp"

#include <algorithm>
#include <array>

namespace valkeyxx::simulation {

std::string_view to_string(operation what) noexcept {
    static constexpr std::array<std::string_view, 8> names{"GET", "SET",  "APPEND", "INCR",
                                                           "DEL", "MGET", "PING",   "DBSIZE"};
    return names[static_cast<std::size_t>(what)];
}

std::string history::describe(command_number n) const {
    const record& r = of(n);
    const auto ms = [](time_point t) {
        return std::to_string(std::chrono::duration<double, std::milli>(t - scheduler::start).count());
    };
    std::string text = "#" + std::to_string(n) + " " + std::string{to_string(r.what)} + " key " +
                       std::to_string(r.key) + " caller " + std::to_string(r.caller) + " batch " +
                       std::to_string(r.batch) + ", submitted " + ms(r.submitted) + ", deadline " + ms(r.deadline);
    if (r.completions != 0) text += ", done " + ms(r.done);
    if (r.failure) {
        static constexpr std::array<const char*, 3> ran{"no", "unknown", "yes"};
        text += ", failed: " + r.failure->message() + " [executed " +
                ran[static_cast<std::size_t>(r.failure->executed())] + "]";
    } else if (r.completions != 0) {
        text += ", reply '" + r.reply.substr(0, 60) + "'";
    }
    return text + ", arrived " + std::to_string(r.arrivals.size()) + " times, executed " +
           std::to_string(r.executions) + " times";
}

void history::arrived(command_number n, int node) {
    if (!known(n)) return;
    record& r = of(n);
    r.arrivals.push_back({.when = scheduler::now(), .node = node, .order = ++arrivals_});
    if (r.redirects != 0 && r.sent_on_to == node) ++(r.asked ? r.followed_ask : r.followed_moved);
    // It could not go where it was sent, and begins anew.
    if (r.sent_on_to != node) r.redirects = 0;
}

void history::unasked(command_number n, int node) {
    if (!known(n) || !of(n).asked || of(n).sent_on_to != node) return;
    verdict_.fail("ASK was followed without ASKING: " + describe(n));
}

void history::redirected(command_number n, int to_node, bool ask) {
    if (!known(n)) return;
    record& r = of(n);
    r.sent_on_to = to_node;
    r.asked = ask;
    r.arrivals.back().how = fate::sent_on;
    r.most_redirects = std::max(r.most_redirects, ++r.redirects);
    ++r.all_redirects;
}

void history::refused(command_number n, fate how) {
    if (!known(n)) return;
    of(n).redirects = 0;
    of(n).arrivals.back().how = how;
}

void history::executed(command_number n, std::int64_t result) {
    if (!known(n)) return;
    record& r = of(n);
    ++executions_;
    if (++r.executions == 1) {
        r.first_execution = executions_;
        r.first_executed = r.arrivals.back();
    }
    r.result = result;
    r.redirects = 0;
    if (r.executions > 1 && r.once) verdict_.fail("a command took effect twice: " + describe(n));
    if (r.failure && r.failure->executed() == executed::no) {
        verdict_.fail("a command that was said not to have run takes effect: " + describe(n));
    }
}

}  // namespace valkeyxx::simulation
