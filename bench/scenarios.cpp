// The table of scenarios.
#include "scenarios.hpp"

#include <array>
#include <string>

#include "harness.hpp"

namespace valkeyxx::bench {
namespace {

constexpr std::array table{
    scenario{"get16", shape::sync, 1, false, false, 16},
    scenario{"set16", shape::sync, 1, false, true, 16},
    scenario{"get1k", shape::sync, 1, false, false, 1024},
    scenario{"cached16", shape::sync, 1, false, false, 16, true},
    scenario{"cget16", shape::sync, 1, true, false, 16},
    scenario{"pipe100", shape::pipeline, 100, false, false, 16},
    scenario{"pipe1000", shape::pipeline, 1000, false, false, 16},
    scenario{"pipe1000_1k", shape::pipeline, 1000, false, false, 1024},
    scenario{"cpipe1000", shape::pipeline, 1000, true, false, 16},
    scenario{"async64", shape::async, 64, false, false, 16},
    scenario{"async1024", shape::async, 1024, false, false, 16},
    scenario{"casync64", shape::async, 64, true, false, 16},
    scenario{"casync1024", shape::async, 1024, true, false, 16},
};

}  // namespace

std::span<const scenario> all_scenarios() {
    return table;
}

std::string_view name_of(shape s) {
    switch (s) {
        case shape::sync:
            return "sync";
        case shape::pipeline:
            return "pipeline";
        case shape::async:
            return "async";
    }
    die("a shape without a name");
}

const scenario& find_scenario(std::string_view name) {
    for (const scenario& s : table)
        if (s.name == name) return s;
    die("no such scenario: " + std::string(name));
}

}  // namespace valkeyxx::bench
