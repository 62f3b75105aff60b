// Commands under way for callers that do not wait: each owns itself until it has called back. Not for users.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <valkeyxx/command.hpp>
#include <valkeyxx/detail/cancel_ticket.hpp>
#include <valkeyxx/detail/receiver.hpp>
#include <valkeyxx/pipeline.hpp>
#include <valkeyxx/transaction.hpp>

namespace boost::asio {
class io_context;
}

namespace valkeyxx::detail {

/// Completion tokens other than a plain callback need the header whose name this is: #include <valkeyxx/asio.hpp>.
template <class Outcome, class Token>
struct valkeyxx_asio_hpp_must_be_included;

/// The io_context behind an executor; defined in <valkeyxx/asio.hpp>.
template <class Executor>
boost::asio::io_context& context_of(const Executor& executor);

/// Bound to an executor of its own, on which it is to be called, or to a cancellation slot.
template <class Handler>
concept bound = requires { typename Handler::executor_type; } || requires { typename Handler::cancellation_slot_type; };

/// It returns nothing, which tells it from completion tokens: some of those (use_future, deferred) can be called with
/// anything.
template <class Handler, class Outcome>
concept takes = std::invocable<Handler&, Outcome> && std::is_void_v<std::invoke_result_t<Handler&, Outcome>>;

template <class Handler, class Outcome>
concept callback = takes<Handler, Outcome> && !bound<Handler>;

template <class R>
result<R> read_reply(const command<R>& /*to*/, reply_view reply) noexcept {
    return decode_safely<R>(reply);
}
inline result<pipeline_result> read_reply(const transaction& to, reply_view reply) {
    return read_transaction(to, reply);
}

/// What was sent and has one reply: a command or a transaction.
template <class Sent, class Handler>
class call final : public receiver {
  public:
    template <class H>
    call(Sent sent, H&& handler) : sent_{std::move(sent)}, handler_{std::forward<H>(handler)} {}

    [[nodiscard]] const Sent& sent() const noexcept { return sent_; }
    [[nodiscard]] call_storage& storage() noexcept { return storage_; }
    [[nodiscard]] cancel_ticket* ticket() const noexcept { return ticket_of(handler_); }

    void deliver(reply_view reply) noexcept override { out_.emplace(read_reply(sent_, reply)); }
    void fail(error why) noexcept override { out_.emplace(std::move(why)); }
    void finish() noexcept override {
        const std::unique_ptr<call> self{this};
        auto handler = std::move(handler_);
        handler(*std::move(out_));
    }

  private:
    Sent sent_;
    Handler handler_;
    std::optional<decltype(read_reply(std::declval<const Sent&>(), std::declval<reply_view>()))> out_;
    call_storage storage_;
};

/// One command to several nodes.
template <class R, class Handler>
class each_call final : public part_collector<R, node_result<R>> {
  public:
    template <class H>
    each_call(command<R> c, H&& handler) : command_{std::move(c)}, handler_{std::forward<H>(handler)} {}

    [[nodiscard]] const encoded_command& encoded() const noexcept { return command_.encoded(); }
    [[nodiscard]] call_storage& storage() noexcept { return storage_; }
    [[nodiscard]] cancel_ticket* ticket() const noexcept { return ticket_of(handler_); }

    void finish() noexcept override {
        const std::unique_ptr<each_call> self{this};
        auto handler = std::move(handler_);
        handler(this->take());
    }

  private:
    command<R> command_;
    Handler handler_;
    call_storage storage_;
};

template <class Handler>
class pipeline_call final : public receiver {
  public:
    template <class H>
    pipeline_call(pipeline batch, H&& handler) : batch_{std::move(batch)}, handler_{std::forward<H>(handler)} {}

    [[nodiscard]] const pipeline& commands() const noexcept { return batch_; }
    [[nodiscard]] pipeline_result& into() noexcept { return result_; }
    [[nodiscard]] cancel_ticket* ticket() const noexcept { return ticket_of(handler_); }

    void deliver(reply_view) noexcept override {}  // outcomes go straight into result_
    void fail(error) noexcept override {}
    void finish() noexcept override {
        const std::unique_ptr<pipeline_call> self{this};
        auto handler = std::move(handler_);
        handler(std::move(result_));
    }

  private:
    pipeline batch_;
    pipeline_result result_;
    Handler handler_;
};

template <class Client, class Handler>
void start_transaction(Client& client, transaction t, Handler&& handler) {
    auto* started = new call<transaction, std::decay_t<Handler>>{std::move(t), std::forward<Handler>(handler)};
    client.run(started->sent(), *started, started->storage(), started->ticket());
}

/// What a token gets of a transaction: the value or an exception, or else the result as it is.
struct transaction_or_throw;
struct transaction_outcome;

template <class Client, class Handler>
auto try_execute_transaction(Client& client, transaction t, Handler&& handler) {
    if constexpr (callback<std::decay_t<Handler>, result<pipeline_result>>) {
        start_transaction(client, std::move(t), std::forward<Handler>(handler));
    } else {
        return valkeyxx_asio_hpp_must_be_included<transaction_outcome, std::decay_t<Handler>>::execute(
            client, std::move(t), std::forward<Handler>(handler));
    }
}

template <class Client, class Handler>
auto execute_transaction(Client& client, transaction t, Handler&& handler) {
    if constexpr (takes<std::decay_t<Handler>, result<pipeline_result>>) {
        return try_execute_transaction(client, std::move(t), std::forward<Handler>(handler));
    } else {
        return valkeyxx_asio_hpp_must_be_included<transaction_or_throw, std::decay_t<Handler>>::execute(
            client, std::move(t), std::forward<Handler>(handler));
    }
}

}  // namespace valkeyxx::detail
