// All keys of a cluster or a server, and all members of a large set, hash or sorted set, as asynchronous streams.
//
//   auto keys = vk::scan(cluster, {.match = "user:*"});                            // cluster: an async_cluster
//   while (auto key = co_await keys.next(asio::use_awaitable)) use(*key);          // needs <valkeyxx/asio.hpp>
//
//   keys.next_page([](vk::result<std::optional<std::vector<std::string>>> page) { ... });
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <valkeyxx/async_client.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/detail/scan_run.hpp>
#include <valkeyxx/scan_options.hpp>

namespace valkeyxx {

namespace detail {

/// Runs a scan for those who do not wait.
class scan_operation {
  public:
    /// Told once what came of a call: true, there is something in the sink; false, this was the end.
    class listener {
      public:
        virtual ~listener() = default;
        virtual void told(result<bool> more) = 0;
    };

    scan_operation(async_client& c, const key_scan_options& options, scan_sink& into);
    scan_operation(async_client& c, const member_scan_plan& plan, scan_sink& into);
    scan_operation(scan_operation&&) noexcept;
    scan_operation& operator=(scan_operation&&) noexcept;
    ~scan_operation();

    /// Until there is something in the sink; the listener is told on the loop's thread. `keep` stays alive until then.
    /// @param ticket  nullptr: nobody will cancel it
    void fill(std::unique_ptr<listener> who, std::shared_ptr<void> keep, cancel_ticket* ticket);
    [[nodiscard]] std::string cursor() const;
    [[nodiscard]] bool finished() const noexcept;
    [[nodiscard]] std::size_t slots_done() const noexcept;
    [[nodiscard]] boost::asio::io_context& context() const noexcept;

  private:
    class running;
    std::shared_ptr<running> running_;
};

/// What a stream keeps while a call is under way.
template <class Item>
struct scan_stream_state {
    template <class Plan>
    scan_stream_state(async_client& c, const Plan& plan) : run{c, plan, page} {}

    scan_page<Item> page{};
    scan_operation run;
    std::atomic<bool> busy{false};
};

/// Names what a token is for, see valkeyxx_asio_hpp_must_be_included.
template <class T>
struct scan_outcome;

}  // namespace detail

/// What a scan finds, item by item or page by page. Every item that is there throughout the scan is found at least
/// once, whatever becomes of the cluster meanwhile; what comes or goes meanwhile may be found or not. The client must
/// outlive it. One call at a time: another one fails with `invalid_argument`. Calls may come from any thread.
///
/// A completion is a callback that takes a result, called on the loop's thread; or an Asio token. After an error the
/// next call tries to go on; after a cancellation it does so, and nothing that was found is lost.
template <class Item>
class async_item_scan {
  public:
    /// The next item; nullopt at the end. With a token: `void(std::exception_ptr, std::optional<Item>)`.
    template <class Handler>
    auto next(Handler&& handler) {
        return start<std::optional<Item>>(std::forward<Handler>(handler), take_item);
    }
    /// What a step found, or what next() has left of it; never empty. nullopt at the end.
    template <class Handler>
    auto next_page(Handler&& handler) {
        return start<std::optional<std::vector<Item>>>(std::forward<Handler>(handler), take_page);
    }
    /// The same with the token's signature `void(result<std::optional<Item>>)`.
    template <class Handler>
    auto try_next(Handler&& handler) {
        return start_result<std::optional<Item>>(std::forward<Handler>(handler), take_item);
    }
    template <class Handler>
    auto try_next_page(Handler&& handler) {
        return start_result<std::optional<std::vector<Item>>>(std::forward<Handler>(handler), take_page);
    }

  protected:
    template <class Plan>
    async_item_scan(async_client& c, const Plan& plan)
        : state_{std::make_shared<detail::scan_stream_state<Item>>(c, plan)} {}

    [[nodiscard]] const detail::scan_operation& run() const noexcept { return state_->run; }
    [[nodiscard]] const detail::scan_page<Item>& page() const noexcept { return state_->page; }

  private:
    using state = detail::scan_stream_state<Item>;
    template <class T, class Token>
    friend struct detail::valkeyxx_asio_hpp_must_be_included;

    static std::optional<Item> take_item(state& s) { return s.page.next(); }
    static std::optional<std::vector<Item>> take_page(state& s) { return s.page.rest(); }

    template <class T, class Handler>
    class call final : public detail::scan_operation::listener {
      public:
        call(std::shared_ptr<state> of, T (*take)(state&), Handler handler)
            : state_{std::move(of)}, take_{take}, handler_{std::move(handler)} {}

        [[nodiscard]] detail::cancel_ticket* ticket() const noexcept { return detail::ticket_of(handler_); }
        void told(result<bool> more) override {
            result<T> outcome = !more ? result<T>{more.error()} : *more ? result<T>{take_(*state_)} : result<T>{T{}};
            state_->busy = false;
            handler_(std::move(outcome));
        }

      private:
        std::shared_ptr<state> state_;
        T (*take_)(state&);
        Handler handler_;
    };

    template <class T, class Handler>
    static void begin(const std::shared_ptr<state>& s, Handler&& handler, T (*take)(state&)) {
        if (s->busy.exchange(true)) {
            handler(result<T>{error{errc::invalid_argument, "a call of this scan is under way"}});
            return;
        }
        auto waiting = std::make_unique<call<T, std::decay_t<Handler>>>(s, take, std::forward<Handler>(handler));
        auto* const ticket = waiting->ticket();
        s->run.fill(std::move(waiting), s, ticket);
    }

    template <class T, class Handler>
    auto start(Handler&& handler, T (*take)(state&)) {
        if constexpr (detail::callback<std::decay_t<Handler>, result<T>>) {
            begin(state_, std::forward<Handler>(handler), take);
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<detail::scan_outcome<T>, std::decay_t<Handler>>::execute(
                *this, state_, std::forward<Handler>(handler), take);
        }
    }
    template <class T, class Handler>
    auto start_result(Handler&& handler, T (*take)(state&)) {
        if constexpr (detail::callback<std::decay_t<Handler>, result<T>>) {
            begin(state_, std::forward<Handler>(handler), take);
        } else {
            return detail::valkeyxx_asio_hpp_must_be_included<
                detail::scan_outcome<result<T>>, std::decay_t<Handler>>::execute(*this, state_,
                                                                                 std::forward<Handler>(handler), take);
        }
    }

    std::shared_ptr<state> state_;
};

/// All keys, as a stream: made by scan().
class async_key_scan : public async_item_scan<std::string> {
  public:
    async_key_scan(async_client& c, const key_scan_options& options) : async_item_scan{c, options} {}

    /// As key_scan::cursor(). Not while a call is under way; nor the others.
    [[nodiscard]] std::string cursor() const { return run().cursor(); }
    [[nodiscard]] bool finished() const noexcept { return page().empty() && run().finished(); }
    [[nodiscard]] std::size_t slots_done() const noexcept { return run().slots_done(); }
};

/// As scan(client&, ...), for those who do not wait.
[[nodiscard]] inline async_key_scan scan(async_client& c, const key_scan_options& options = {}) {
    return async_key_scan{c, options};
}

/// All members of a set, a hash or a sorted set, as a stream: made by sscan(), hscan() and zscan().
template <class Item>
class async_member_scan : public async_item_scan<Item> {
  public:
    async_member_scan(async_client& c, const detail::member_scan_plan& plan) : async_item_scan<Item>{c, plan} {}
};

/// The members of a set; none if there is no such key. Errors: WRONGTYPE.
[[nodiscard]] inline async_member_scan<std::string> sscan(async_client& c, std::string_view key,
                                                          member_scan_options options = {}) {
    return {c, {command_id::sscan, key, options}};
}
/// The fields and values of a hash.
[[nodiscard]] inline async_member_scan<std::pair<std::string, std::string>> hscan(async_client& c, std::string_view key,
                                                                                  member_scan_options options = {}) {
    return {c, {command_id::hscan, key, options}};
}
/// The fields of a hash without their values; since Valkey 8.0.
[[nodiscard]] inline async_member_scan<std::string> hscan_fields(async_client& c, std::string_view key,
                                                                 member_scan_options options = {}) {
    return {c, {command_id::hscan, key, options, true}};
}
/// The members of a sorted set with their scores.
[[nodiscard]] inline async_member_scan<std::pair<std::string, double>> zscan(async_client& c, std::string_view key,
                                                                             member_scan_options options = {}) {
    return {c, {command_id::zscan, key, options}};
}

}  // namespace valkeyxx
