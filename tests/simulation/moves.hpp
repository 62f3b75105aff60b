// What MOVED has told the client and nothing later has put in question: a map that was asked for before must not undo
// it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "history.hpp"
#include "routing/router.hpp"

#include <valkeyxx/stats.hpp>

namespace valkeyxx::simulation {

struct world;

class moves {
  public:
    explicit moves(world& w) : world_{w} {}

    /// The map by which the client goes, and how often it has asked for one; null: no more of this. Requires that what
    /// a node says is heard within the network's ordinary delay.
    void watch(const routing::router* map, const stats* counters) noexcept {
        map_ = map;
        counters_ = counters;
        words_.clear();
    }

    // Told by the servers.
    /// A node has answered the command with MOVED.
    void moved(command_number n, std::uint16_t slot, int from, int to);
    void arrived(command_number n, int node);
    /// It has told its topology.
    void told_slots();
    /// Something was said that may change the client's map and of which nothing is known here.
    void forget();

  private:
    struct word {
        int to;
        std::string host;         // of `to`, as it was named
        command_number by;        // the command that was sent on
        std::uint64_t refreshes;  // that the client had begun by then
        bool heard = false;       // it has followed
    };

    void compare();

    world& world_;
    const routing::router* map_ = nullptr;
    const stats* counters_ = nullptr;
    std::map<std::uint16_t, word> words_;      // by slot
    std::map<std::string, time_point> named_;  // by MOVED, and when it was last
    time_point unclear_since_{};               // when something else was said last
};

}  // namespace valkeyxx::simulation
