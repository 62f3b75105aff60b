// Everything about a run that is decided before it begins.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "network.hpp"

#include <valkeyxx/config.hpp>

namespace valkeyxx::simulation {

enum class fault : std::uint8_t {
    crash,              ///< a primary ends; it comes back as a replica
    power_loss,         ///< the same without a word to its clients
    crash_replica,      ///
    stop,               ///< SIGSTOP and, before or after a failover, SIGCONT
    freeze,             ///< a machine that does not answer for a while
    half_open,          ///< connections that are dead without anybody being told
    cut_client,         ///< a node that only the client does not reach
    split,              ///< a minority of the nodes is alone
    slow,               ///< a node takes long for each command
    stale,              ///< a node learns nothing new
    moved_nowhere,      ///< a node sends commands to an address where nobody is
    moved_loop,         ///< two nodes send commands to each other
    lost_reply,         ///< executed, but the connection breaks before the reply arrives
    cut_request,        ///< the connection breaks in the middle of a request
    reset,              ///< connections break
    migrate,            ///< slots move, key by key, perhaps there and back
    manual_failover,    ///
    restart_elsewhere,  ///< a node comes back at a new address
    restart_all,        ///< all do
    outage,             ///< no node answers for a while
    flicker,            ///< a node takes the cluster for down, and not, and down, every few milliseconds
    name_failure,       ///< names do not resolve
};
inline constexpr std::size_t fault_kinds = 22;
std::string_view to_string(fault f) noexcept;

struct planned_fault {
    fault kind;
    time_point begin;
    duration length;
};

struct plan {
    std::uint64_t seed = 0;

    std::size_t shards = 3;
    std::size_t replicas = 1;  ///< of each
    std::size_t chunks = 8;
    std::size_t keys = 16;
    duration node_timeout{};
    duration gossip{};        ///< how often news is passed on
    int gossip_percent = 50;  ///< of the news arrives each time
    duration near{}, far{};   ///< bounds of a packet's way
    duration replication_lag{};
    bool full_coverage = true;
    bool stale_reads = true;  ///< replica-serve-stale-data
    bool host_names = false;  ///< nodes are known by names, not addresses
    bool knows_hello = true;
    bool remapped = false;  ///< nodes speak of each other by addresses that the client cannot reach
    network::settings wire;

    config client;

    std::size_t callers = 3;
    std::size_t commands = 200;
    duration think{};
    int pipeline_percent = 20;
    std::size_t longest_pipeline = 12;
    int burst_percent = 10;  ///< several commands for a slot, none of which waits for the one before
    duration burst_gap{};    ///< between two of them at most
    bool close_early = false;

    time_point calm;  ///< when the last fault has ended
    std::vector<planned_fault> faults;
};

struct wishes {
    std::size_t nodes = 0;  ///< 0: as the seed says
    std::string profile;    ///< the name of a fault: only that one; empty: all
};

plan make_plan(std::uint64_t seed, const wishes& w);

}  // namespace valkeyxx::simulation
