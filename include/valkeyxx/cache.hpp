// Replies that a client keeps, and gives again without asking the server (client-side caching).
//
//   vk::config c{.seeds = {{"127.0.0.1", 7000}}};
//   c.cache.enabled = true;
//   vk::cluster cluster{c};
//   auto name = cluster.execute(get("user:1").cached(30s));   // the next one like it may be answered from memory
//
// See docs/caching.md for what it promises.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace valkeyxx {

/// What a client keeps of the replies to commands that say `.cached()`. A plain aggregate.
struct cache_options {
    /// Keep replies, and have the servers tell when they are outdated (`CLIENT TRACKING`, over RESP3). Without it
    /// `.cached()` changes nothing. URL: cache=yes|no
    bool enabled = false;
    /// For all that is kept, with what it takes to find it: what was not used for the longest time goes. URL:
    /// cache_max_bytes
    std::size_t max_bytes = 67'108'864;
    /// A reply that would take more than this is not kept. URL: cache_max_entry_bytes
    std::size_t max_entry_bytes = 1'048'576;
    /// Nothing is kept for longer than this, whatever `.cached()` says. From 1 ms. URL: cache_longest_ttl
    std::chrono::milliseconds longest_ttl{3'600'000};
    /// What was read by a connection is given only while that connection has answered something that it was asked not
    /// longer ago than this; it is asked when half of it has passed. So a node that hangs, or has gone without a word,
    /// makes replies at most so much older. In a cluster the absence of a key is not believed for longer, either: a
    /// slot that is moved takes no notice of those who know that a key is absent. From 2 ms. URL: cache_max_silence
    std::chrono::milliseconds max_silence{1000};
};

/// What became of it so far. A value: a copy taken at one moment.
struct cache_stats {
    std::uint64_t hits = 0;           ///< commands that were answered from the cache
    std::uint64_t misses = 0;         ///< cached commands that had to be sent
    std::size_t entries = 0;          ///< replies that are kept now
    std::size_t bytes = 0;            ///< which they take, about
    std::uint64_t stored = 0;         ///< replies that were kept
    std::uint64_t raced = 0;          ///< replies that were not kept: news of their keys came before them
    std::uint64_t evictions = 0;      ///< entries that had to make room for others
    std::uint64_t expirations = 0;    ///< entries that were found to be over their time
    std::uint64_t invalidations = 0;  ///< entries whose keys a server said to have changed
    std::uint64_t overwritten = 0;    ///< entries whose keys this client has written to itself
    std::uint64_t moved = 0;          ///< entries whose slots have got another node
    std::uint64_t flushes = 0;        ///< times that all of a connection had to go: it broke, or the server was flushed
    std::uint64_t untracked = 0;      ///< misses that could not be kept, as their server does not track keys for us
};

}  // namespace valkeyxx
