// The scenarios by name, and what each one asks of a driver.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace valkeyxx::bench {

enum class shape {
    sync,      // one command, wait for its reply
    pipeline,  // `width` commands, wait for all their replies
    async,     // always `width` commands in flight: each reply makes room for the next command
};

struct scenario {
    std::string_view name;
    bench::shape shape;
    std::size_t width;  // commands; 1 for sync
    bool cluster;       // random keys over three primaries instead of one server
    bool writes;        // SET key value instead of GET key
    std::size_t value_size;
    bool cached = false;  // replies may come from the client's own cache, if it has one
};

std::span<const scenario> all_scenarios();
std::string_view name_of(shape s);

/// The scenario of that name; ends the program if there is none.
const scenario& find_scenario(std::string_view name);

}  // namespace valkeyxx::bench
