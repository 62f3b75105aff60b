// All keys of a cluster, or of one server: which node is asked what next, and when every key has been returned.
//
// Shares the slots that are not done among walks (see slot_walk), one for each node, some at a time. Knows no socket,
// clock or thread: it says what to ask in rounds, and is told what came back.
//
//   key_scan scan{settings};
//   while (!scan.finished()) {
//       scan_round round = scan.next_round(topology);              // send all of it, or let round.pause pass
//       scan.on_reply(0, reply); scan.on_error(1, why);            // an outcome for each, in any order
//       if (auto failure = scan.end_round()) ...                   // may be gone on from
//       use(scan.take_keys());
//   }
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "routing/node_look.hpp"
#include "routing/scan_cursor.hpp"
#include "routing/slot_walk.hpp"

#include <valkeyxx/command.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::routing {

struct scan_settings {
    std::string match = "*";
    std::string type = {};
    std::int64_t count = 1000;
    std::size_t parallel = 1;  ///< nodes that are scanned at a time
    bool unique = false;
    bool clusterscan = true;  ///< where a server has it
    bool one_server = false;
    /// How long to go on when nothing comes of it, not counting the time that the requests take.
    std::chrono::milliseconds patience{5000};
};

struct scan_request {
    std::optional<scan_node> node{};  ///< this one and no other; none: the primary of `slot`, whichever that is
    std::uint16_t slot = 0;
    encoded_command command;
};

struct scan_round {
    std::vector<scan_request> requests{};
    std::chrono::milliseconds pause{};  ///< if there are no requests
};

class key_scan {
  public:
    explicit key_scan(scan_settings settings, scan_progress from = {});

    [[nodiscard]] bool finished() const noexcept { return todo_.empty(); }
    /// What to do now; requires !finished(). @param map  the topology in use, perhaps without shards
    scan_round next_round(std::shared_ptr<const shard_map> map);
    /// Exactly one of the two for each request of the round.
    void on_reply(std::size_t request, reply_view reply);
    void on_error(std::size_t request, error why);
    /// All requests have their outcomes, or the pause is over. An error: it cannot go on, or nothing has come of it for
    /// too long; another round may be tried all the same.
    std::optional<error> end_round();

    /// What the round brought.
    std::vector<std::string> take_keys() { return std::exchange(keys_, {}); }
    [[nodiscard]] scan_progress progress() const;
    /// Slots that are done, of slot_count; of one server 0.
    [[nodiscard]] std::size_t slots_done() const noexcept { return done_.size(); }

  private:
    // What one or more requests of a round are about.
    struct asked {
        enum class what : std::uint8_t { look, page, find } about = what::find;
        std::size_t walk = 0;
        bool there = false;
        std::size_t first = 0;  // of its requests
        std::size_t count = 1;
        std::optional<look_reader> reader{};
        std::optional<error> failure{};
    };

    void resume();
    void add_walk(slot_walk w);
    void start_walks();
    void ask(std::size_t walk, scan_round& round);
    void ask_for_owners(scan_round& round);
    [[nodiscard]] encoded_command page_command(const slot_walk& w) const;
    [[nodiscard]] std::optional<scan_node> owner(std::uint16_t slot) const;
    [[nodiscard]] slot_set wanted_of(const scan_node& node) const;
    asked& asked_for(std::size_t request);
    void take_page(asked& a, reply_view reply);
    result<void> read_page(slot_walk& w, reply_view reply);
    void end_look(asked& a);
    void got_on();
    void end_failed(asked& a);
    void learn_owners(const node_look& look, const slot_set& wanted, const scan_node& of);
    void finish_slots(const slot_set& done);
    void drop_idle_walks();

    scan_settings settings_;
    slot_set done_{};
    slot_set todo_{};
    std::vector<scan_stretch> from_;  // not taken up yet
    std::shared_ptr<const shard_map> map_;
    std::vector<std::unique_ptr<slot_walk>> walks_;       // null: over
    std::unordered_map<std::uint16_t, scan_node> hints_;  // who serves a slot, against what map_ says
    std::set<endpoint> troubled_;                         // nodes that are left alone as long as there are others
    std::vector<asked> asked_;
    std::vector<std::string> keys_;
    std::unordered_map<std::uint16_t, std::unordered_set<std::string>> seen_;  // of slots that are not done
    std::optional<error> fatal_;
    std::string trouble_;
    bool nodes_changed_ = true;  // there may be a node to start a walk at
    bool paused_ = false;
    int setbacks_ = 0;
    std::chrono::milliseconds waited_{};
};

}  // namespace valkeyxx::routing
