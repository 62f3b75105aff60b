// One pipeline reads all keys.
#include "demo/audit.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <valkeyxx/commands/strings.hpp>

#include "demo/require.hpp"

namespace valkeyxx::demo {

namespace {

using reading = pipeline::handle<std::optional<std::string>>;

struct counter {
    std::int64_t acknowledged = 0;
    std::int64_t may_have_run = 0;
    std::int64_t may_be_lost = 0;  // of the acknowledged ones
    reading value{};
};

}  // namespace

audit_result audit(cluster& client, const std::vector<write>& writes,
                   const std::function<bool(const write&)>& may_be_lost) {
    pipeline batch;
    std::vector<std::pair<const write*, reading>> sets;
    std::map<std::string, counter> counters;
    for (const auto& one : writes) {
        if (one.is_incr()) {
            auto& c = counters[one.key];
            c.acknowledged += one.is_acknowledged() ? 1 : 0;
            c.may_have_run += one.how == write::outcome::may_have_run ? 1 : 0;
            c.may_be_lost += one.is_acknowledged() && may_be_lost(one) ? 1 : 0;
        } else if (one.is_acknowledged()) {
            sets.emplace_back(&one, batch.add(commands::get(one.key)));
        }
    }
    for (auto& [key, c] : counters) c.value = batch.add(commands::get(key));
    const auto done = client.execute(batch);

    audit_result found{.sets = sets.size(), .counters = counters.size()};
    for (const auto& [set, handle] : sets) {
        const auto value = done[handle].value();
        if (!value && may_be_lost(*set)) {
            ++found.lost_sets;
            continue;
        }
        require(value.has_value(), "acknowledged SET " + set->key + " is missing");
        require(value == set->value, set->key + " is \"" + *value + "\" instead of \"" + set->value + "\"");
    }
    for (const auto& [key, c] : counters) {
        const auto n = std::stoll(done[c.value].value().value_or("0"));
        require(n <= c.acknowledged + c.may_have_run, key + " counted more than its INCRs");
        require(n >= c.acknowledged - c.may_be_lost, key + " counted less than its acknowledged INCRs");
        found.increments += static_cast<std::size_t>(c.acknowledged);
        found.lost_increments += std::max<std::int64_t>(c.acknowledged - n, 0);
    }
    return found;
}

}  // namespace valkeyxx::demo
