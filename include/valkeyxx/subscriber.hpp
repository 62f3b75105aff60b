// Subscriptions for callers that wait.
//
//   vk::subscriber feed = cluster.subscriber();
//   feed.subscribe("news", "weather");
//   feed.ssubscribe("orders:{eu}");
//   for (;;) {
//       vk::message m = feed.next();
//       if (m.is_message()) std::cout << m.channel << ": " << m.payload << '\n';
//   }
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include <valkeyxx/message.hpp>
#include <valkeyxx/result.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx {

namespace clients {
class feed;
}

/// What every subscriber can do. Thread-safe.
///
/// Nothing here waits for a server: what is subscribed to is written down, and the client sees to it that it is so, on
/// whichever nodes that takes, as long as the subscriber lives: after lost connections and failovers, when slots move,
/// when a user gets a permission that it did not have. Where messages may have been missed meanwhile, the subscriber is
/// told (`message_kind::gap`). Subscribers of one client share connections, and what several of them subscribe to is
/// subscribed to once. A name that it is subscribed to already changes nothing; nor does ending what there is not.
class basic_subscriber {
  public:
    basic_subscriber(basic_subscriber&&) noexcept;
    basic_subscriber& operator=(basic_subscriber&&) noexcept;

    /// Channels, to which anybody in the cluster may publish. Source: https://valkey.io/commands/subscribe
    void subscribe(const strings& channels);
    template <std::convertible_to<std::string_view>... More>
    void subscribe(std::string_view channel, const More&... more) {
        subscribe(strings{channel, std::string_view{more}...});
    }
    /// The channels that match glob patterns. Source: https://valkey.io/commands/psubscribe
    void psubscribe(const strings& patterns);
    template <std::convertible_to<std::string_view>... More>
    void psubscribe(std::string_view pattern, const More&... more) {
        psubscribe(strings{pattern, std::string_view{more}...});
    }
    /// Channels of shards, of any slots: each is subscribed to where its slot is served.
    /// Source: https://valkey.io/commands/ssubscribe
    void ssubscribe(const strings& channels);
    template <std::convertible_to<std::string_view>... More>
    void ssubscribe(std::string_view channel, const More&... more) {
        ssubscribe(strings{channel, std::string_view{more}...});
    }

    /// Ends subscriptions; without names, all of their kind. From here on no message comes for them, and `unsubscribed`
    /// when the server has confirmed it.
    void unsubscribe(const strings& channels);
    template <std::convertible_to<std::string_view>... More>
    void unsubscribe(std::string_view channel, const More&... more) {
        unsubscribe(strings{channel, std::string_view{more}...});
    }
    void unsubscribe();
    void punsubscribe(const strings& patterns);
    template <std::convertible_to<std::string_view>... More>
    void punsubscribe(std::string_view pattern, const More&... more) {
        punsubscribe(strings{pattern, std::string_view{more}...});
    }
    void punsubscribe();
    void sunsubscribe(const strings& channels);
    template <std::convertible_to<std::string_view>... More>
    void sunsubscribe(std::string_view channel, const More&... more) {
        sunsubscribe(strings{channel, std::string_view{more}...});
    }
    void sunsubscribe();

    /// What happens to keys, anywhere in the cluster: a server tells only of keys of its own, so this subscribes to the
    /// patterns at every primary, and follows them as the topology changes. Patterns are those of channels, such as
    /// "__keyspace@0__:user:*" (then `channel` is the key's, `payload` the event's name) or "__keyevent@0__:expired"
    /// (the other way round). Servers say nothing unless their `notify-keyspace-events` asks them to.
    /// Throws `exception` with `invalid_argument`, and subscribes to none, if no notification can match a pattern.
    /// Source: https://valkey.io/topics/notifications
    void subscribe_keyspace(const strings& patterns);
    template <std::convertible_to<std::string_view>... More>
    void subscribe_keyspace(std::string_view pattern, const More&... more) {
        subscribe_keyspace(strings{pattern, std::string_view{more}...});
    }
    void unsubscribe_keyspace(const strings& patterns);
    template <std::convertible_to<std::string_view>... More>
    void unsubscribe_keyspace(std::string_view pattern, const More&... more) {
        unsubscribe_keyspace(strings{pattern, std::string_view{more}...});
    }
    void unsubscribe_keyspace();

    /// Whether it is subscribed to anything, or an unsubscription is not confirmed yet.
    [[nodiscard]] bool subscribed() const;
    [[nodiscard]] subscriber_stats statistics() const;
    /// Ends all subscriptions and all that waits, with `client_closed`. A handler (see async_subscriber::listen) does
    /// not run after that; if one runs in another thread, this waits for it. Safe to call twice.
    void close();

  protected:
    explicit basic_subscriber(std::shared_ptr<clients::feed> state) noexcept;
    /// As close().
    ~basic_subscriber();

    std::shared_ptr<clients::feed> state_;
};

/// Made by client::subscriber(). Its messages come while a thread is in next(), try_next() or ready(), or in another
/// call of the same client; between calls nothing is read, and the network keeps what comes. What comes in less time
/// than `config::subscription_timeout` may be slept through; longer pauses are recognized as the program's own, not
/// taken for a dead server.
///
/// Any number of threads may wait; each message goes to one of them. The client must outlive the calls; a subscriber
/// that outlives its client only says `client_closed`.
class subscriber : public basic_subscriber {
  public:
    subscriber(subscriber&&) noexcept = default;
    subscriber& operator=(subscriber&&) noexcept = default;
    ~subscriber() = default;

    /// Waits for the next message or event. Throws `exception` with `client_closed`, or with `queue_full` after
    /// overflow::fail, when nothing will come any more.
    message next();
    /// Waits up to `timeout`; nullopt if nothing has come by then.
    std::optional<message> next(std::chrono::milliseconds timeout);
    /// What is there already; does not wait.
    std::optional<message> try_next();

    /// Waits until all subscriptions are confirmed by their servers, up to `timeout`. Errors: `timed_out` with the last
    /// problem (it goes on trying), `server_error` if one of them is refused, `client_closed`, `queue_full`.
    result<void> ready(std::chrono::milliseconds timeout = std::chrono::seconds{5});

  private:
    friend class client;
    using basic_subscriber::basic_subscriber;

    std::optional<result<message>> take_until(std::chrono::steady_clock::time_point deadline);
};

}  // namespace valkeyxx
