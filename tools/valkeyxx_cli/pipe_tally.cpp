#include "valkeyxx_cli/pipe_tally.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "valkeyxx_cli/error_kind.hpp"

namespace valkeyxx::cli {

void pipe_tally::add_error(const error& why) {
    ++errors;
    may_have_run += why.may_have_run();
    ++by_kind[kind_of(why)];
}

double pipe_tally::per_second() const noexcept {
    return lasted.count() > 0 ? static_cast<double>(commands) / lasted.count() : 0;
}

std::string pipe_tally::to_text() const {
    return std::to_string(commands) + " commands, " + std::to_string(errors) + " errors (" +
           std::to_string(may_have_run) + " may have run)\n";
}

std::string pipe_tally::to_json() const {
    using json = nlohmann::ordered_json;
    json kinds = json::object();
    for (const auto& [kind, count] : by_kind) kinds[kind] = count;
    const json all{
        {"commands", commands},
        {"errors", {{"total", errors}, {"may_have_run", may_have_run}, {"by_kind", kinds}}},
        {"seconds", std::round(lasted.count() * 1e6) / 1e6},
        {"per_second", std::round(per_second() * 10) / 10},
        {"bytes", bytes},
    };
    return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace valkeyxx::cli
