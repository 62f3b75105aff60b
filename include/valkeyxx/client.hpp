// The synchronous client of one server, and what every kind of synchronous client can do.
//
//   vk::client client{"valkey://127.0.0.1:6379"};
//   client.execute(set("user:1", "ada"));
//   std::optional<std::string> name = client.execute(get("user:1"));
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/config.hpp>
#include <valkeyxx/detail/layout.hpp>
#include <valkeyxx/detail/receiver.hpp>
#include <valkeyxx/pipeline.hpp>
#include <valkeyxx/shard_map.hpp>
#include <valkeyxx/stats.hpp>
#include <valkeyxx/target.hpp>
#include <valkeyxx/transaction.hpp>

namespace valkeyxx {

class session;
class subscriber;
struct subscriber_options;

namespace detail {
class running_pipeline;
class waiting_scan;
}  // namespace detail

/// Sends every command to one server; of a service that sentinels watch (`config::service`), to whichever server is its
/// primary at the moment, over any number of failovers, and reads to its replicas if `config::reads` says so. `cluster`
/// is a `client` too: a function that takes a `client&` works with all of them.
///
/// It has no thread of its own: the threads that wait for replies do its work, and between calls nothing happens (a
/// connection that died meanwhile is found, and replaced, by the next call). Any number of threads may share one
/// client; their commands then share its connections, one for each node. It connects when first used.
///
/// In a child that was forked everything is refused with `after_fork`: see docs/threads.md.
class client {
  public:
    /// Of the one server that the URL or `config::seeds` names, or of the service that these sentinels watch. Throws
    /// `exception` with `invalid_url` or `invalid_argument` if the configuration cannot be right; does not connect.
    explicit client(std::string_view url);
    explicit client(config settings);
    client(client&&) noexcept;
    client& operator=(client&&) noexcept;
    /// Requires that no thread is inside a call.
    ~client();

    /// Connects, to learn early whether that works; otherwise the first command does it. In a cluster that is to find
    /// its topology and to connect to one node. Throws `exception`: `no_topology`, `not_a_cluster`, `timed_out`.
    void connect();

    /// Runs a command and returns its decoded reply; throws `exception`. A command without keys that concerns every
    /// shard or node (DBSIZE, KEYS, FLUSHALL, SCRIPT LOAD ...) goes to all of them, and their replies become one, as
    /// the server's documentation says (its request and response policies); error `partly_failed` if some of them
    /// failed.
    template <class R>
    R execute(const command<R>& c) {
        return try_execute(c).value();
    }
    /// The same where `to` says; replies of several nodes become one.
    template <class R>
    R execute(const command<R>& c, const target& to) {
        return try_execute(c, to).value();
    }

    /// The same with the failure as a value. Errors: any of `errc`; see `error::executed()` for what a failure means.
    template <class R>
    result<R> try_execute(const command<R>& c) {
        detail::result_receiver<R> call;
        run(c.encoded(), nullptr, call);
        return call.take();
    }
    template <class R>
    result<R> try_execute(const command<R>& c, const target& to) {
        detail::result_receiver<R> call;
        run(c.encoded(), &to, call);
        return call.take();
    }

    /// Runs a command on several nodes and returns what each said, in no particular order. Throws `exception` if it
    /// could not be started at all: no topology, no such node.
    template <class R>
    std::vector<node_result<R>> execute_each(const command<R>& c, const target& to) {
        struct call final : detail::part_collector<R, node_result<R>> {
        } call;
        run_each(c.encoded(), to, call);
        return call.take().value();
    }

    /// Runs a command and gives the reply, not decoded, to `use(reply_view)` before returning; the view is good only in
    /// there. Nothing is allocated on the way. `use` runs under the client's lock: it must not call the client.
    template <class R, class Use>
    result<void> visit(const command<R>& c, Use&& use) {
        struct call final : detail::receiver {
            explicit call(Use& u) : use{u} {}
            Use& use;
            std::optional<error> why;
            void deliver(reply_view reply) noexcept override { use(reply); }
            void fail(error e) noexcept override { why = std::move(e); }
        } call{use};
        run(c.encoded(), nullptr, call);
        if (call.why) return *std::move(call.why);
        return {};
    }

    /// Runs all commands of a pipeline and returns when each has its outcome. Failures are in the result, never thrown.
    pipeline_result execute(const pipeline& batch);
    /// The same into an existing result, whose memory is used again.
    void execute(const pipeline& batch, pipeline_result& into);

    /// Runs a transaction; throws `exception` if it did not run as a whole. What its commands answered, errors
    /// included, is in the result.
    pipeline_result execute(const transaction& t) { return try_execute(t).value(); }
    /// The same with the failure as a value. Errors: `server_error` with EXECABORT or the refusal of a command: nothing
    /// has run; `cross_slot`, `invalid_argument` before anything is sent; others as for a command.
    result<pipeline_result> try_execute(const transaction& t);

    /// Begins a session: see session.hpp.
    [[nodiscard]] session new_session();

    /// Something to subscribe to channels with; as many as you like. It connects when first waited for. Needs
    /// <valkeyxx/subscriber.hpp>.
    valkeyxx::subscriber subscriber();
    valkeyxx::subscriber subscriber(const subscriber_options& options);

    /// The servers in use, and who serves what; without shards before the first command, unless there is one server.
    [[nodiscard]] std::shared_ptr<const shard_map> topology() const;
    [[nodiscard]] stats statistics() const;
    /// What it does at each node that it uses, or has used.
    [[nodiscard]] std::vector<node_stats> node_statistics() const;
    /// Of the replies that are kept (config::cache); all 0 if none are.
    [[nodiscard]] cache_stats cache_statistics() const;

    /// Ends what is under way with `client_closed` and refuses new commands. Safe to call twice.
    void close();

  protected:
    friend class session;
    friend class detail::running_pipeline;

    client(config settings, detail::layout servers);

    struct state;
    // Not in a child that was forked, where it is the parent's.
    struct let_go {
        void operator()(state* s) const noexcept;
    };
    std::unique_ptr<state, let_go> state_;

  private:
    friend class detail::waiting_scan;

    void run(const encoded_command& c, const target* to, detail::receiver& r);
    void run_each(const encoded_command& c, const target& to, detail::receiver& r);
    void run(const encoded_command& c, const target* to, bool each, detail::receiver& r);
};

}  // namespace valkeyxx
