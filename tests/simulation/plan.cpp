#include "plan.hpp"

#include <algorithm>

#include "announced.hpp"

namespace valkeyxx::simulation {
namespace {

using namespace std::chrono_literals;

// Shards and replicas: mostly few nodes, sometimes some dozens, rarely very many.
void draw_size(plan& p, dice& random, std::size_t nodes) {
    if (nodes != 0) {
        p.replicas = nodes >= 6 ? 1 : 0;
        p.shards = std::max<std::size_t>(nodes / (1 + p.replicas), 3);
        return;
    }
    const auto luck = random.below(2000);
    if (luck == 0) {
        p.shards = random.between<std::size_t>(100, 500);
        p.replicas = 1;
    } else if (luck < 20) {
        p.shards = random.between<std::size_t>(5, 30);
        p.replicas = random.between<std::size_t>(0, 2);
    } else {
        p.replicas = random.between<std::size_t>(0, 2);
        p.shards = random.between<std::size_t>(3, p.replicas == 2 ? 4 : 6);
    }
}

void draw_cluster(plan& p, dice& random) {
    const bool big = p.shards > 30;
    p.chunks = p.shards * random.between<std::size_t>(2, big ? 2 : 4);
    p.keys = p.chunks + random.below(20);
    p.node_timeout = random.between(duration{300ms}, duration{1500ms});
    p.gossip = big ? duration{200ms} : random.between(duration{20ms}, duration{100ms});
    p.gossip_percent = random.between(30, 95);
    p.near = random.between(duration{20us}, duration{500us});
    p.far = p.near + (random.percent(25) ? random.between(duration{}, duration{20ms})
                                         : random.between(duration{}, duration{2ms}));
    p.replication_lag = random.between(duration{}, duration{20ms});
    p.full_coverage = random.percent(70);
    p.stale_reads = random.percent(80);
    p.host_names = random.percent(15);
    p.knows_hello = !random.percent(5);
    p.remapped = random.percent(15);
}

void draw_wire(plan& p, dice& random) {
    const auto luck = random.below(100);
    p.wire.split = luck < 70 ? segments::whole : luck < 94 ? segments::pieces : segments::bytes;
    // A small window costs many ways there and back, which must not be long then.
    p.wire.window = random.percent(80) || p.far > 3ms ? 65536 : random.between<std::size_t>(64, 2048);
    p.wire.name_lookup = random.between(duration{}, duration{30ms});
    p.wire.retransmission = random.between(duration{}, duration{400ms});
    p.wire.abrupt_close_percent = random.percent(70) ? 0 : random.between(1, 100);
}

void draw_client(plan& p, dice& random) {
    const auto ms = [&random](int low, int high) { return std::chrono::milliseconds{random.between(low, high)}; };
    config& c = p.client;
    c.seeds = {{.host = "seed.sim", .port = 6379}};
    if (random.percent(30)) c.seeds.push_back({.host = "10.0.1.0", .port = 6379});
    if (p.remapped) {
        c.address_remap = reached_at;
        c.remap_seeds = random.percent(50);
        if (c.remap_seeds) c.seeds.push_back(announced({.host = "10.0.1.1", .port = 6379}));
    }
    if (random.percent(20)) c.password = "secret";
    if (random.percent(20)) c.client_name = "simulated";
    c.protocol = random.percent(15) ? 2 : 3;
    c.command_timeout = ms(300, 4000);
    c.connect_timeout = ms(50, 1000);
    c.refresh_interval = ms(50, 300);
    c.max_redirects = random.percent(80) ? 16 : random.between(2, 6);
    if (random.percent(10)) c.max_retries = random.between(3, 30);
    if (random.percent(10)) c.repeat = repeat_policy::at_least_once;
    c.suspect_after = ms(50, 600);
    // Nobody sets times that an ordinary way there and back exceeds.
    using std::chrono::milliseconds;
    c.connect_timeout = std::max(c.connect_timeout, std::chrono::ceil<milliseconds>(p.wire.name_lookup + 20 * p.far));
    c.suspect_after = std::max(c.suspect_after, std::chrono::ceil<milliseconds>(10 * p.far));
    if (random.percent(40)) c.reads = static_cast<read_from>(random.between(0, 5));
    if (c.reads == read_from::same_zone || random.percent(10)) {
        c.availability_zone = random.percent(50) ? "zone-a" : "zone-c";
    }
    c.require_full_coverage = random.percent(15);
    if (random.percent(20)) c.refresh_every = ms(200, 2000);
    c.dynamic_seeds = !random.percent(10);
    if (random.percent(3)) {
        c.max_in_flight = random.between<std::size_t>(3, 20);
        c.max_in_flight_per_shard = 2 * c.max_in_flight;  // those that were given up count there, too
    }
}

void draw_faults(plan& p, dice& random, const std::string& profile) {
    std::vector<fault> choice;
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        const auto kind = static_cast<fault>(i);
        if (profile.empty() || profile == to_string(kind)) choice.push_back(kind);
    }
    p.calm = scheduler::start + 500ms;
    if (choice.empty()) return;
    const int count = random.between(profile.empty() ? 0 : 1, 5);
    for (int i = 0; i < count; ++i) {
        planned_fault f{.kind = random.one_of(choice),
                        .begin = scheduler::start + random.between(duration{}, duration{2500ms}),
                        .length = random.between(duration{10ms}, 4 * p.node_timeout)};
        // Everybody gone for long only ends every command: nothing to see.
        if (f.kind == fault::outage || f.kind == fault::restart_all) f.length /= 2;
        p.calm = std::max(p.calm, f.begin + f.length + 100ms);
        p.faults.push_back(f);
    }
}

void draw_load(plan& p, dice& random) {
    p.callers = random.between<std::size_t>(1, 8);
    p.commands = random.between<std::size_t>(100, 300);
    p.pipeline_percent = random.percent(30) ? 0 : random.between(1, 40);
    p.longest_pipeline = random.between<std::size_t>(2, 30);
    p.burst_percent = random.percent(30) ? 0 : random.between(1, 30);
    p.burst_gap = random.between(duration{}, duration{40ms});
    p.close_early = random.percent(5);
    // So that the commands last about as long as the faults.
    const auto whole = p.calm - scheduler::start;
    p.think = 2 * whole * static_cast<int>(p.callers) / static_cast<int>(p.commands);
}

}  // namespace

plan make_plan(std::uint64_t seed, const wishes& w) {
    dice random{seed ^ 0x5EED'0F'A'91A4ULL};
    plan p;
    p.seed = seed;
    draw_size(p, random, w.nodes);
    draw_cluster(p, random);
    draw_wire(p, random);
    draw_client(p, random);
    draw_faults(p, random, w.profile);
    draw_load(p, random);
    return p;
}

}  // namespace valkeyxx::simulation
