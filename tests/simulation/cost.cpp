#include "cost.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "routing/attempt.hpp"
#include "routing/router.hpp"

#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::simulation {
namespace {

using namespace routing;

constexpr int rounds = 1'000'000;

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

// Routing with so many primaries; of each cost the least that was seen.
class measurement {
  public:
    explicit measurement(std::size_t primaries) : primaries_{primaries}, map_{even_map(primaries)} {
        routes_.adopt(map_, routes_.tick());
        for (std::uint32_t i = 0; i < 4096; ++i) {
            const auto slot = slot_of(i);
            moved_.push_back("MOVED " + std::to_string(slot) + " " + node_at((slot * 31U) % primaries).text());
        }
    }

    void run() {
        attempt a;
        const auto least = [](double& of, double now) { of = std::min(of, now); };
        least(start_, nanoseconds_each(rounds, [&](std::uint32_t i) {
                  a.reset({.route = key_route::slot, .slot = slot_of(i)});
                  sink = a.start_quickly(routes_);
              }));
        least(redirect_, nanoseconds_each(rounds / 10, [&](std::uint32_t i) {
                  a.reset({.route = key_route::slot, .slot = slot_of(i % 4096)});
                  a.start_quickly(routes_);
                  sink = a.on_error(moved_[i % 4096], routes_, policy_).node;
              }));
        least(adopt_, nanoseconds_each(200, [&](std::uint32_t) { routes_.adopt(map_, routes_.tick()); }));
    }
    void print() const {
        std::printf("%5zu nodes: start of a command %.1f ns, with a MOVED %.1f ns, a new map %.0f ns\n", primaries_,
                    start_, redirect_, adopt_);
    }

  private:
    static std::uint16_t slot_of(std::uint32_t i) { return static_cast<std::uint16_t>(i * 7919U % slot_count); }

    std::size_t primaries_;
    shard_map map_;
    router routes_{1};
    retry_policy policy_;
    std::vector<std::string> moved_;
    double start_ = 1e9;
    double redirect_ = 1e9;
    double adopt_ = 1e9;
};

}  // namespace

void measure_cost() {
    measurement few{3};
    measurement many{1000};
    // In turns, so that a busy machine slows both.
    for (int i = 0; i < 10; ++i) {
        few.run();
        many.run();
    }
    few.print();
    many.print();
}

}  // namespace valkeyxx::simulation
