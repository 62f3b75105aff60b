// What comes to a subscriber: messages, and what happens to its subscriptions.
//
//   vk::message m = feed.next();
//   if (m.is_message()) use(m.channel, m.payload);
//   else if (m.what == vk::message_kind::gap) log("missed what was sent to " + m.channel);
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <valkeyxx/endpoint.hpp>

namespace valkeyxx {

/// What one subscribes to.
enum class channel_kind : std::uint8_t {
    channel,  ///< SUBSCRIBE: what anybody in the cluster publishes to a channel
    pattern,  ///< PSUBSCRIBE: the same for all channels that match a glob pattern
    shard,    ///< SSUBSCRIBE: a channel that belongs to a slot, as a key does
};

/// What a `message` tells.
enum class message_kind : std::uint8_t {
    message,       ///< something was published
    subscribed,    ///< from now on messages come. Once for each subscription; after a gap, `gap` says so
    unsubscribed,  ///< no more messages come, as asked for
    refused,       ///< the server does not allow the subscription, `payload` says why. It is tried again meanwhile
    gap_began,     ///< the subscription is lost since `from`; the client is getting it back
    gap,           ///< it is back: what was published between `from` and `to` may have been missed
    ended,         ///< nothing comes any more: the client was closed, or the queue was full (overflow::fail)
};

std::string_view to_string(channel_kind kind) noexcept;
std::string_view to_string(message_kind kind) noexcept;

/// A value that owns its strings. For one thread at a time.
struct message {
    using clock = std::chrono::steady_clock;

    message_kind what = message_kind::message;
    channel_kind kind = channel_kind::channel;  ///< of the subscription that brought it
    std::string channel = {};  ///< where it was published; of events: the channel or pattern subscribed to
    std::string pattern = {};  ///< the pattern that the channel matches, if it was one that brought it
    std::string payload = {};  ///< any bytes; of `refused` and `ended`: why
    endpoint node = {};        ///< which said so; without a host if no node is concerned
    /// gap, gap_began: since when messages may be missing: a second before the last PING was sent that the node has
    /// answered. It is asked twice in `config::subscription_timeout`.
    clock::time_point from{};
    clock::time_point to{};  ///< gap: when the subscription was confirmed again

    [[nodiscard]] bool is_message() const noexcept { return what == message_kind::message; }
};

/// What happens to messages when a subscriber does not take them as fast as they come.
enum class overflow : std::uint8_t {
    drop_oldest,  ///< the newest are kept
    drop_newest,  ///< the oldest are kept
    /// Nothing is dropped here: reading stops until there is room. The server keeps what it can (its
    /// client-output-buffer-limit), and beyond that ends the connection, which is then a gap. A subscriber with this
    /// policy has connections of its own, so that nobody else waits.
    wait,
    fail,  ///< the subscriber ends: what is queued can still be taken, then comes `ended`
};

/// What one subscriber wants. Durations and sizes of connections are in `config`.
struct subscriber_options {
    /// Messages that may wait to be taken, at least 1. Events (gap, subscribed ...) do not count.
    std::size_t max_messages = 10'000;
    /// Bytes of channels and payloads that may wait; one message may always.
    std::size_t max_bytes = 64U << 20U;
    overflow when_full = overflow::drop_oldest;
    /// Tell of subscriptions, refusals and gaps, too; else only messages come, and `ended`.
    bool events = true;
};

/// Counters since a subscriber was made. A value.
struct subscriber_stats {
    std::uint64_t messages = 0;     ///< that came for it, the dropped ones included
    std::uint64_t dropped = 0;      ///< messages given up for want of room
    std::uint64_t gaps = 0;         ///< gaps that have begun, one for each channel concerned
    std::size_t queued = 0;         ///< messages that wait to be taken
    std::size_t subscriptions = 0;  ///< channels and patterns asked for
    std::size_t live = 0;           ///< those of them that are confirmed at the moment
};

}  // namespace valkeyxx
