#include "cost.hpp"

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "routing/attempt.hpp"
#include "routing/router.hpp"

#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::simulation {
namespace {

constexpr int rounds = 2'000'000;

endpoint node_at(std::size_t n) {
    return {.host = "10.0." + std::to_string(n / 250) + "." + std::to_string(n % 250 + 1), .port = 6379};
}

shard_map even_map(std::size_t primaries) {
    std::vector<shard_info> shards(primaries);
    for (std::size_t i = 0; i < primaries; ++i) {
        shards[i].primary.address = node_at(i);
        shards[i].slots = {{static_cast<std::uint16_t>(i * slot_count / primaries),
                            static_cast<std::uint16_t>((i + 1) * slot_count / primaries - 1)}};
    }
    return shard_map{std::move(shards)};
}

template <class Work>
double nanoseconds_each(int count, Work work) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) work(static_cast<std::uint32_t>(i));
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / count;
}

volatile std::uint32_t sink = 0;

void measure(std::size_t primaries) {
    using namespace routing;
    const shard_map map = even_map(primaries);
    router routes{1};
    routes.adopt(map, routes.tick());
    const retry_policy policy;
    const auto slot_of = [](std::uint32_t i) { return static_cast<std::uint16_t>(i * 7919U % slot_count); };
    attempt a;
    const double start = nanoseconds_each(rounds, [&](std::uint32_t i) {
        a.reset({.route = key_route::slot, .slot = slot_of(i)});
        sink = a.start_quickly(routes);
    });
    std::vector<std::string> moved;
    for (std::uint32_t i = 0; i < 4096; ++i) {
        const auto slot = slot_of(i);
        moved.push_back("MOVED " + std::to_string(slot) + " " + node_at((slot * 31U) % primaries).text());
    }
    const double redirect = nanoseconds_each(rounds / 10, [&](std::uint32_t i) {
        a.reset({.route = key_route::slot, .slot = slot_of(i % 4096)});
        a.start_quickly(routes);
        sink = a.on_error(moved[i % 4096], routes, policy).node;
    });
    const double adopt = nanoseconds_each(200, [&](std::uint32_t) { routes.adopt(map, routes.tick()); });
    std::printf("%5zu nodes: start of a command %.1f ns, with a MOVED %.1f ns, a new map %.0f ns\n", primaries, start,
                redirect, adopt);
}

}  // namespace

void measure_cost() {
    measure(3);
    measure(1000);
}

}  // namespace valkeyxx::simulation
