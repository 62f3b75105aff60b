// How far a scan is, and the same as a plain string that another process can go on from.
//
//   std::string text = to_cursor(progress, filter);
//   result<scan_progress> again = read_cursor(text, filter);     // or says what is wrong with it
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "routing/slot_set.hpp"

#include <valkeyxx/result.hpp>

namespace valkeyxx::routing {

/// Slots that are walked as far as a server's cursor says.
struct scan_place {
    slot_set slots{};
    std::string text{};  ///< the cursor for the rest of them

    [[nodiscard]] bool empty() const noexcept { return slots.empty(); }
    bool operator==(const scan_place&) const = default;
};

/// What is under way at one node, and what must still hold there for it to count.
struct scan_stretch {
    std::string process{};    ///< run_id: cursors mean nothing to another process
    std::uint64_t epoch = 0;  ///< the node's config epoch: if it has changed, slots may have left and come back
    slot_set passed{};        ///< walked to their end since it was looked at
    scan_place sure{};        ///< walked so far when it was looked at
    scan_place now{};
    // Of a slot that is on its way to another node: it is walked here, then there.
    bool crossing = false;
    bool over_there = false;  ///< `now` is a place at the other node
    std::string process_there{};

    bool operator==(const scan_stretch&) const = default;
};

struct scan_progress {
    slot_set done{};  ///< every key of these that was there throughout has been returned
    std::vector<scan_stretch> under_way{};

    bool operator==(const scan_progress&) const = default;
};

/// What a cursor is good for, hashed: a cursor of a scan with another pattern would leave keys out.
std::uint32_t filter_mark(std::string_view match, std::string_view type, bool one_server, int database) noexcept;

/// Of letters, digits and `.,-_~`: it needs no quoting in URLs and shells. 20 bytes to a few hundred; at most some
/// 10 KiB, when the slots that are done are scattered.
std::string to_cursor(const scan_progress& progress, std::uint32_t filter);

/// Error `invalid_argument`: it is no cursor (not whole, not ours, of another version), or one with another filter.
result<scan_progress> read_cursor(std::string_view text, std::uint32_t filter);

}  // namespace valkeyxx::routing
