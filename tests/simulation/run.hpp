// One run: a cluster, a client, its callers, faults, and in the end the question whether all is well again.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "plan.hpp"
#include "trace.hpp"

#include <valkeyxx/stats.hpp>

namespace valkeyxx::simulation {

struct outcome {
    std::optional<std::string> violation;
    std::deque<std::string> trace;  ///< the last lines, if asked for

    std::size_t commands = 0;
    std::size_t failed = 0;
    std::uint64_t events = 0;
    stats client;
    std::array<std::uint32_t, fault_kinds> faults{};
    duration virtual_time{};
    duration recovery{};            ///< from the cluster's being well to the client's
    std::uint64_t fingerprint = 0;  ///< of everything that happened: the same seed has the same
};

outcome run(plan p, trace::mode m);

}  // namespace valkeyxx::simulation
