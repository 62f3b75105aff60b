// What one step of SCAN, HSCAN, SSCAN or ZSCAN returns, and what the latter three take.
//
//   std::uint64_t cursor = 0;
//   do {
//       auto step = cluster.execute(hscan("user:1", cursor));
//       for (const auto& [field, value] : step.items) use(field, value);
//       cursor = step.cursor;
//   } while (cursor != 0);
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <valkeyxx/convert.hpp>

namespace valkeyxx {

namespace commands {

/// What one step of a scan found. All steps from cursor 0 to cursor 0 together return each item that was there all the
/// time, some more than once.
template <class Item>
struct scan_step {
    std::uint64_t cursor = 0;  ///< for the next step; 0: this was the last
    std::vector<Item> items;   ///< may be empty before the last step
};

/// Options of HSCAN, SSCAN and ZSCAN.
struct element_scan_options {
    /// Only items that match this glob pattern; for a hash its fields, not their values. "*": all.
    std::string_view match = "*";
    /// About how many items the server looks at in one step. What is stored compactly comes all in one step.
    std::int64_t count = 10;
};

}  // namespace commands

namespace detail {

/// A cursor has 64 bits without a sign, for which reply_view::as_integer() is too narrow.
result<std::uint64_t> decode_cursor(reply_view v);

}  // namespace detail

/// An array of the cursor and the items.
template <class Item>
struct reply_to<commands::scan_step<Item>> {
    static result<commands::scan_step<Item>> from(reply_view v) {
        if (!v.is_aggregate() || v.size() != 2) return detail::shape_error("a cursor and an array", v);
        auto cursor = detail::decode_cursor(v[0]);
        if (!cursor) return std::move(cursor).error();
        auto items = decode<std::vector<Item>>(v[1]);
        if (!items) return std::move(items).error();
        return commands::scan_step<Item>{*cursor, *std::move(items)};
    }
};

}  // namespace valkeyxx
