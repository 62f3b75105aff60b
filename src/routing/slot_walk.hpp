// The way through the slots of one node, and what of it counts.
//
// A node goes through its keys one slot after the other (since Valkey 8.0), so a slot counts as done by itself. It
// does if the node was looked at before and after, and had the slot for good both times, being the same process with
// the same config epoch: then all its keys were there all the time. (A slot cannot leave and come back without a new
// epoch.) What does not count is walked again; within one process not from its beginning, but from where the walk was
// when the node was last looked at, since what was returned was returned.
//
// A slot whose keys are being moved is walked where they leave, and then where they arrive: keys move in that
// direction only. It counts if the move was under way all the time.
//
//   slot_walk w{node};
//   w.next();                      // look
//   w.looked(look, wanted);        // the slots that count now; none yet
//   w.next();                      // page: send w.cursor(), hand the reply to paged() ... then look again
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "routing/node_look.hpp"
#include "routing/scan_cursor.hpp"
#include "routing/slot_set.hpp"

namespace valkeyxx::routing {

class slot_walk {
  public:
    enum class question : std::uint8_t {
        look,        ///< at here()
        page,        ///< at here()
        look_there,  ///< at there()
        page_there,
        none,  ///< nothing of what was wanted is here, or is here any longer
    };

    explicit slot_walk(scan_node here) : here_{std::move(here)} {}
    /// Goes on from what was under way, if that still holds.
    slot_walk(scan_node here, scan_stretch from);

    [[nodiscard]] const scan_node& here() const noexcept { return here_; }
    [[nodiscard]] const scan_node& there() const noexcept { return there_; }
    [[nodiscard]] question next() const noexcept;

    /// For a page: the server's cursor, and whether it is one of CLUSTERSCAN.
    [[nodiscard]] std::string cursor() const;
    [[nodiscard]] bool tagged() const noexcept { return order() == scan_order::tagged; }
    /// Whether a key of this slot in a page is one that was asked for.
    [[nodiscard]] bool wants(std::uint16_t slot) const noexcept { return asked_.has(slot); }

    struct verdict {
        slot_set done{};       ///< these count
        bool ahead = false;    ///< something counts that did not before
        bool in_vain = false;  ///< something was walked that does not count, or cannot be walked now
    };
    /// @param wanted  slots that are not done, and that the topology gives to this node
    /// @param map     to find where a slot goes
    verdict looked(const node_look& look, const slot_set& wanted, const shard_map& map);
    /// True: something of the way counts that did not before.
    bool looked_there(const node_look& look);
    /// @param slots  of the keys of the page; empty: of one server, which has no slots. False: the node does not go
    ///               through its keys as was thought; the page is good, but it says nothing about what is done.
    bool paged(std::string_view next, std::span<const std::uint16_t> slots);
    /// The page was refused, since the slot has left: the node is to be looked at.
    void refused() noexcept { look_due_ = true; }
    /// It has no CLUSTERSCAN, or not for this user.
    void without_clusterscan();
    /// The slot that is walked at both nodes; slot_count if there is none.
    [[nodiscard]] std::uint16_t crossing_slot() const noexcept;

    /// What is under way, in a form that outlives the process. nullopt: nothing.
    [[nodiscard]] std::optional<scan_stretch> stretch() const;
    /// Pages between two looks at most, for one that was never disturbed.
    static constexpr int longest_stretch = 256;

  private:
    enum class crossing_step : std::uint8_t { here, look_there, there, look_there_again, look_here };

    [[nodiscard]] scan_order order() const noexcept;
    [[nodiscard]] std::string first_cursor(std::uint16_t slot) const;
    [[nodiscard]] bool fits(const std::string& text) const noexcept;
    verdict judge(const node_look& look, const slot_set& stable);
    verdict judge_crossing(const node_look& look);
    void begin_crossing(const node_look& look, std::uint16_t slot, const shard_map& map);
    bool crossing_holds();
    void give_up_crossing();
    void begin_again(const node_look& look);
    void choose();
    void pass(std::uint16_t from, std::uint16_t to);
    bool paged_mixed(std::string_view next);
    bool paged_by_slot(std::string_view next, std::span<const std::uint16_t> slots);
    void crossed();

    scan_node here_;
    scan_node there_{};
    std::string here_id_{};
    std::string there_id_{};
    scan_stretch state_{};
    slot_set want_{};   // not done, here for good when it was looked at
    slot_set asked_{};  // of those, what the page under way may bring
    scan_order order_ = scan_order::mixed;
    scan_order order_there_ = scan_order::mixed;
    crossing_step step_ = crossing_step::here;
    int pages_ = 0;  // since the last look
    int limit_ = longest_stretch / 4;
    bool no_clusterscan_ = false;
    bool no_order_ = false;
    bool no_order_there_ = false;
    bool resumed_ = false;
    bool look_due_ = true;
};

}  // namespace valkeyxx::routing
