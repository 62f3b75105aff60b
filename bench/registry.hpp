// The seam between the harness and the clients: a driver file registers a function for a client and some scenarios.
//
//     void run_sync(job& j) {
//         some_client c = connect_to(j.ports()[0]);
//         j.clock.start();
//         while (j.clock.running()) {
//             const auto key = j.pick();
//             if (!j.keys.holds(key, c.get(j.keys.key(key)))) die("wrong value");
//             j.clock.completed(1);
//         }
//         j.clock.stop();
//     }
//     const registration sync_scenarios{"some_client", {"get16", "get1k"}, run_sync};
//
// A new client is a new file in CMakeLists.txt; nothing else knows its name.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "harness.hpp"
#include "keys.hpp"
#include "scenarios.hpp"
#include "slots.hpp"

namespace valkeyxx::bench {

/// The servers of a run, all on 127.0.0.1. The one that stands alone is a cluster of one, so that cluster clients can
/// use it as well.
struct server_ports {
    std::uint16_t standalone = 0;
    std::array<std::uint16_t, cluster_nodes> cluster{};
};

/// What a driver is given to do.
struct job {
    const scenario& what;
    const server_ports& servers;
    const keyspace& keys;
    measurement& clock;
    key_picker pick{};

    /// The servers of this scenario: one, or the three primaries.
    std::span<const std::uint16_t> ports() const {
        return what.cluster ? std::span(servers.cluster) : std::span(&servers.standalone, 1);
    }
    /// Index in ports() of the server for a key, for clients that do not route by themselves.
    std::size_t node_of(std::uint32_t key) const { return what.cluster ? owner_of(slot_of(keys.key(key))) : 0; }
    /// Ends the program, naming the key whose reply was wrong.
    [[noreturn]] void wrong_reply(std::uint32_t key) const;
};

using driver = void (*)(job&);

struct driver_entry {
    std::string_view client;
    std::string_view scenario;
    driver run;
};

/// Constructed as a namespace-scope constant of a driver file. The names must be literals.
struct registration {
    registration(std::string_view client, std::initializer_list<std::string_view> scenarios, driver run);
};

/// Names the version of a client's library for the record; at namespace scope as well.
struct peer_version {
    peer_version(std::string_view client, std::string_view version);
};

struct peer_entry {
    std::string_view client;
    std::string_view version;
};

const std::vector<driver_entry>& all_drivers();
const std::vector<peer_entry>& all_peer_versions();

/// The driver of that client for that scenario; ends the program if there is none.
driver find_driver(std::string_view client, std::string_view scenario);

}  // namespace valkeyxx::bench
