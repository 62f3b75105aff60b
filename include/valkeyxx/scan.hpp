// All keys of a cluster or a server, and all members of a large set, hash or sorted set, as ranges.
//
//   for (const std::string& key : vk::scan(cluster, {.match = "user:*"})) use(key);
//
//   auto scan = vk::scan(cluster, {.type = "hash", .cursor = stored});
//   while (auto page = scan.next_page()) {
//       use(*page);
//       store(scan.cursor());                       // another process can go on from here
//   }
//   for (const auto& [field, value] : vk::hscan(cluster, "user:1")) use(field, value);
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/client.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/detail/scan_run.hpp>
#include <valkeyxx/scan_options.hpp>

namespace valkeyxx {

namespace detail {

/// Runs a scan while the caller waits.
class waiting_scan {
  public:
    waiting_scan(client& c, const key_scan_options& options, scan_sink& into);
    waiting_scan(client& c, const member_scan_plan& plan, scan_sink& into);
    waiting_scan(waiting_scan&&) noexcept;
    waiting_scan& operator=(waiting_scan&&) noexcept;
    ~waiting_scan();

    /// Until there is something in the sink, which must be empty: true; false at the end.
    result<bool> fill();
    [[nodiscard]] std::string cursor() const;
    [[nodiscard]] bool finished() const noexcept;
    [[nodiscard]] std::size_t slots_done() const noexcept;

  private:
    class running;
    std::unique_ptr<running> running_;
};

}  // namespace detail

/// What a scan finds, item by item or page by page: a range that can be gone through once. Every item that is there
/// throughout the scan is found at least once, whatever becomes of the cluster meanwhile; what comes or goes meanwhile
/// may be found or not. The client must outlive it. For one thread.
///
/// Each step takes at most config::command_timeout, and as long again for each time that it has to wait for another
/// node to take over. Errors: those of commands; the scan is not lost then: another call tries to go on.
template <class Item>
class item_scan {
  public:
    /// The next item; nullopt at the end. Throws `exception`.
    std::optional<Item> next() { return try_next().value(); }
    /// The same with the failure as a value.
    result<std::optional<Item>> try_next() {
        if (auto more = fill(); !more || !*more) return ended<Item>(more);
        return std::optional<Item>{page_->next()};
    }

    /// What a step found, or what next() has left of it; never empty. nullopt at the end. Throws `exception`.
    std::optional<std::vector<Item>> next_page() { return try_next_page().value(); }
    result<std::optional<std::vector<Item>>> try_next_page() {
        if (auto more = fill(); !more || !*more) return ended<std::vector<Item>>(more);
        return std::optional<std::vector<Item>>{page_->rest()};
    }

    /// Ends when the scan does. Going on throws `exception`.
    class iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = Item;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(item_scan& of) : of_{&of}, item_{of.next()} {}
        const Item& operator*() const noexcept { return *item_; }
        const Item* operator->() const noexcept { return &*item_; }
        iterator& operator++() {
            item_ = of_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& i, std::default_sentinel_t) noexcept { return !i.item_; }

      private:
        item_scan* of_ = nullptr;
        std::optional<Item> item_;
    };
    iterator begin() { return iterator{*this}; }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  protected:
    template <class Plan>
    item_scan(client& c, const Plan& plan)
        : page_{std::make_unique<detail::scan_page<Item>>()}, run_{c, plan, *page_} {}

    [[nodiscard]] const detail::waiting_scan& run() const noexcept { return run_; }
    [[nodiscard]] bool page_is_open() const noexcept { return !page_->empty(); }

  private:
    result<bool> fill() { return page_->empty() ? run_.fill() : result<bool>{true}; }
    template <class T>
    static result<std::optional<T>> ended(const result<bool>& more) {
        if (!more) return more.error();
        return std::optional<T>{};
    }

    std::unique_ptr<detail::scan_page<Item>> page_;
    detail::waiting_scan run_;
};

/// All keys: made by scan().
class key_scan : public item_scan<std::string> {
  public:
    key_scan(client& c, const key_scan_options& options) : item_scan{c, options} {}

    /// Where the scan is, for key_scan_options::cursor, in this process or another one, at any time later. "0" at the
    /// end. It holds what next() and next_page() have returned; of a page that next() is in the middle of, all keys
    /// will come again. Plain text without spaces, quotes or colons: mostly some 100 bytes, 10 KiB at most.
    [[nodiscard]] std::string cursor() const { return run().cursor(); }
    /// Whether all has been returned.
    [[nodiscard]] bool finished() const noexcept { return !page_is_open() && run().finished(); }
    /// How far it is: how many of a cluster's slot_count slots are done. Of a single server: 0, or 1 at the end.
    [[nodiscard]] std::size_t slots_done() const noexcept { return run().slots_done(); }
};

/// Scans all keys of a cluster (those of its primaries), or of a server. Throws `exception` with `invalid_argument` if
/// the options cannot be right, above all the cursor; does not connect. The user needs the commands SCAN, INFO, EXISTS,
/// CLUSTER NODES and CLUSTER INFO. See docs/scanning.md for what it does when the cluster changes.
[[nodiscard]] inline key_scan scan(client& c, const key_scan_options& options = {}) {
    return key_scan{c, options};
}

/// All members of a set, fields of a hash, members of a sorted set: made by sscan(), hscan() and zscan(). If the key
/// moves to another node, or its node fails, the scan begins again: items may come again.
template <class Item>
class member_scan : public item_scan<Item> {
  public:
    member_scan(client& c, const detail::member_scan_plan& plan) : item_scan<Item>{c, plan} {}
};

/// The members of a set; none if there is no such key. Errors: WRONGTYPE.
[[nodiscard]] inline member_scan<std::string> sscan(client& c, std::string_view key, member_scan_options options = {}) {
    return {c, {command_id::sscan, key, options}};
}
/// The fields and values of a hash.
[[nodiscard]] inline member_scan<std::pair<std::string, std::string>> hscan(client& c, std::string_view key,
                                                                            member_scan_options options = {}) {
    return {c, {command_id::hscan, key, options}};
}
/// The fields of a hash without their values; since Valkey 8.0.
[[nodiscard]] inline member_scan<std::string> hscan_fields(client& c, std::string_view key,
                                                           member_scan_options options = {}) {
    return {c, {command_id::hscan, key, options, true}};
}
/// The members of a sorted set with their scores.
[[nodiscard]] inline member_scan<std::pair<std::string, double>> zscan(client& c, std::string_view key,
                                                                       member_scan_options options = {}) {
    return {c, {command_id::zscan, key, options}};
}

}  // namespace valkeyxx
