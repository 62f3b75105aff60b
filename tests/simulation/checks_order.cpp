#include <algorithm>
#include <iterator>
#include <map>

#include "checks.hpp"

namespace valkeyxx::simulation {
namespace {

// Its place in the order of what took effect can be told.
bool has_its_place(const record& r) {
    return r.once && r.executions != 0 && r.caller != nobody_waits && r.more_keys.empty();
}

// It was submitted when the one before it waited in the client, and was run although that one had not left meanwhile.
bool overtook(const record& later, const record& earlier) {
    const arrival& run = later.first_executed;
    if (earlier.failure || !has_its_place(earlier) || earlier.first_execution < later.first_execution) return false;
    return std::none_of(earlier.arrivals.begin(), earlier.arrivals.end(),
                        [&](const arrival& a) { return a.when >= later.submitted && a.order < run.order; });
}

// A server may refuse one command and run the next, which is there already: nobody can help that. But a command must
// not leave while one before it, whose refusal is known, is still waiting in the client. (One that was sent on by MOVED
// or ASK does not wait, and may meet a connection that is still being made.)
bool left_behind(const record& earlier, const record& later, duration far) {
    const arrival& run = later.first_executed;
    const auto known = run.when - 2 * far;  // what was refused before this, the client knew of
    const auto next = std::find_if(earlier.arrivals.begin(), earlier.arrivals.end(),
                                   [known](const arrival& a) { return a.when >= known; });
    if (next == earlier.arrivals.begin() || next == earlier.arrivals.end()) return false;
    if (std::prev(next)->how != fate::refused) return false;
    return next->when > run.when + far || (next->node == run.node && next->order > run.order);
}

}  // namespace

void check_order(world& w, bool prompt) {
    std::map<std::uint32_t, command_number> last_of_caller;
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::vector<command_number>> batches;
    const auto fail = [&w](command_number first, command_number second) {
        w.judgement.fail("out of order: " + w.commands.describe(first) + "; and before it " +
                         w.commands.describe(second));
    };
    for (command_number n = 1; n <= w.commands.all().size(); ++n) {
        const record& r = w.commands.of(n);
        if (!has_its_place(r)) continue;
        if (r.behind != 0 && overtook(r, w.commands.of(r.behind))) fail(r.behind, n);
        if (r.batch != 0) {
            batches[{r.batch, w.keys.keys()[r.key].slot}].push_back(n);
            continue;
        }
        command_number& before = last_of_caller[r.caller];
        if (before != 0 && w.commands.of(before).first_execution > r.first_execution) fail(before, n);
        if (!r.failure) before = n;
    }
    if (!prompt) return;
    for (const auto& [slot, batch] : batches) {
        for (std::size_t j = 1; j < batch.size(); ++j) {
            const record& later = w.commands.of(batch[j]);
            for (std::size_t i = 0; i < j; ++i) {
                const record& earlier = w.commands.of(batch[i]);
                if (earlier.first_execution < later.first_execution) continue;
                if (left_behind(earlier, later, w.settings.far)) fail(batch[i], batch[j]);
            }
        }
    }
}

}  // namespace valkeyxx::simulation
