// Replies that are kept: found by the whole request, dropped by key, slot, or the connection that they were read by.
//
//   client_cache cache{limits};
//   if (auto hit = cache.find(request, now)) use(hit->reply);
//   else {
//       ticket t = cache.begin({.request = request, .keys = keys, .ttl = 30s, .by = node}, now);  // before it is sent
//       ...                                              // cache.invalidate(key) whenever the server says so
//       cache.answered(t, reply);                        // the reply itself,
//       cache.expires(t, pttl_reply);                    // then one reply to PTTL for each key: now it is kept
//   }
//
// Whatever is said of a key, a slot or a connection between begin() and the last reply makes the ticket worthless: the
// late reply is not kept. A reply is kept with the time at which it was asked for: what it says was true at that
// moment or later.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <valkeyxx/cache.hpp>
#include <valkeyxx/slot.hpp>
#include <valkeyxx/value.hpp>

namespace valkeyxx::sessions {

class client_cache {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;
    /// What was read by: there is one tracked connection to each node, and it is called by the node's number.
    using source = std::uint32_t;
    /// A reply that is being waited for; 0: none.
    using ticket = std::uint64_t;

    /// @param slots_move  it is a cluster's: nobody tells when a key that is absent comes about somewhere else
    client_cache(const cache_options& limits, bool slots_move);
    ~client_cache();
    client_cache(const client_cache&) = delete;
    client_cache& operator=(const client_cache&) = delete;

    struct hit {
        reply_view reply;  ///< good until the cache is changed
        source from;
        std::string_view key;  ///< one of its keys
        bool ask;              ///< its connection has been silent for long: ask it something now; said only once
    };
    /// Counts a hit or a miss.
    std::optional<hit> find(std::string_view request, time_point now);

    struct question {
        std::string_view request;
        std::span<const std::string_view> keys;  ///< at least one
        std::chrono::milliseconds ttl;
        source by;
    };
    /// To be called before the request is sent. 0: somebody has asked the same already, and his answer is the one that
    /// will be kept.
    ticket begin(const question& q, time_point now);
    /// The reply; an error is not kept.
    void answered(ticket t, reply_view reply);
    /// The reply to PTTL for one of the keys; after as many as there are keys the reply is kept.
    void expires(ticket t, reply_view reply);
    /// It will not be kept.
    void give_up(ticket t);

    /// A server says that the key has changed.
    void invalidate(std::string_view key);
    /// A server says that all its keys have.
    void flush(source by);
    /// This client changes the key, or has changed it.
    void overwrite(std::string_view key);
    void overwrite_slot(std::uint16_t slot);
    void overwrite_all();
    /// Whether anything of the slot is kept, or waited for.
    [[nodiscard]] bool knows(std::uint16_t slot) const noexcept { return !(*slots_)[slot].empty(); }

    /// The connection is over.
    void lost(source by);
    /// The connection has answered something that it was asked at `asked`.
    void confirmed(source by, time_point asked);
    /// Slots may be served by others: drops what was read from somebody else than `owner(slot)`.
    void owners_changed(const std::function<source(std::uint16_t)>& owner);

    /// A cached command was sent to a server that does not track.
    void note_untracked() noexcept { ++stats_.untracked; }
    [[nodiscard]] cache_stats statistics() const noexcept;

  private:
    struct entry;
    struct group;
    struct peer;

    // An entry's place among those of one of its keys.
    struct link : boost::intrusive::list_base_hook<> {
        entry* of = nullptr;
        group* at = nullptr;
    };
    using link_list = boost::intrusive::list<link, boost::intrusive::constant_time_size<false>>;
    using hook = boost::intrusive::list_member_hook<>;

    struct entry {
        entry() = default;
        std::string request;
        value reply;
        std::vector<link> keys;
        source by = 0;
        ticket id = 0;  // while it is waited for
        time_point asked{};
        time_point until{};
        std::size_t bytes = 0;
        std::size_t replies_due = 0;
        bool has_reply = false;
        hook in_use;     // among those that are kept, the one used last at the front
        hook of_source;  // among those of its connection
    };
    using use_list = boost::intrusive::list<entry, boost::intrusive::constant_time_size<false>,
                                            boost::intrusive::member_hook<entry, hook, &entry::in_use>>;
    using source_list = boost::intrusive::list<entry, boost::intrusive::constant_time_size<false>,
                                               boost::intrusive::member_hook<entry, hook, &entry::of_source>>;

    // All entries with one key.
    struct group {
        std::string key;
        link_list entries;
        hook of_slot;
    };
    using slot_list = boost::intrusive::list<group, boost::intrusive::constant_time_size<false>,
                                             boost::intrusive::member_hook<group, hook, &group::of_slot>>;

    // A connection.
    struct peer {
        source_list entries;
        time_point sure{};  // what had changed by then has been told
        bool asked = false;
    };

    entry* waited_for(ticket t) noexcept;
    group& group_of(std::string_view key);
    void keep(entry& e);
    void drop(entry& e) noexcept;
    void drop(entry& e, std::uint64_t& counted_as) noexcept;
    void drop_key(std::string_view key, std::uint64_t& counted_as) noexcept;
    [[nodiscard]] static bool kept(const entry& e) noexcept { return e.in_use.is_linked(); }

    cache_options limits_;
    bool slots_move_;
    boost::unordered_flat_map<std::string_view, std::unique_ptr<entry>, std::hash<std::string_view>> entries_;
    boost::unordered_flat_map<std::string_view, std::unique_ptr<group>, std::hash<std::string_view>> groups_;
    boost::unordered_flat_map<ticket, entry*> waited_for_;
    std::unordered_map<source, peer> peers_;  // whose places do not change
    std::unique_ptr<std::array<slot_list, slot_count>> slots_;
    use_list in_use_;
    ticket last_ticket_ = 0;
    std::size_t bytes_ = 0;
    cache_stats stats_;
};

}  // namespace valkeyxx::sessions
