// A connection for one user alone: for commands that belong together by what the server remembers of their connection.
//
//   vk::session s = cluster.new_session();
//   s.execute(raw("WATCH", "stock"));
//   const auto left = s.execute(get("stock").as<std::int64_t>());
//   vk::transaction t;
//   t.add(decr("stock"));
//   if (left > 0) s.execute(t);                   // error transaction_conflict if somebody changed `stock` meanwhile
//
// See optimistic.hpp for this in one call, with retries.
#pragma once

#include <memory>
#include <optional>

#include <valkeyxx/client.hpp>

namespace valkeyxx {

/// The first command goes where any other would; with its answer the session is bound to that node and to one of its
/// connections (see config::max_exclusive_connections). From then on nothing is sent on: MOVED is a result
/// (`server_error`), and when the connection breaks, so does the session: all later commands fail with
/// `connection_lost`. What was begun and not ended (WATCH, MULTI, a SELECT) ends with the session.
///
/// Commands that change the state of a connection (WATCH, MULTI, SELECT, CLIENT TRACKING ...) run here and nowhere
/// else. One command at a time; another thread's is refused meanwhile (`invalid_argument`). Movable. Must not outlive
/// its client.
class session {
  public:
    session(session&&) noexcept;
    session& operator=(session&&) noexcept;
    /// Gives the connection back.
    ~session();

    /// As on a client.
    template <class R>
    R execute(const command<R>& c) {
        return try_execute(c).value();
    }
    template <class R>
    result<R> try_execute(const command<R>& c) {
        detail::result_receiver<R> call;
        run(c.encoded(), call);
        return call.take();
    }
    pipeline_result execute(const transaction& t) { return try_execute(t).value(); }
    /// Errors besides those on a client: `transaction_conflict` if a key that is watched in this session was changed:
    /// nothing has run.
    result<pipeline_result> try_execute(const transaction& t);

    /// Nothing may have run in it that would not be as good if it ran again in another session.
    [[nodiscard]] bool harmless() const;

  private:
    friend class client;

    explicit session(client::state& of);
    void run(const encoded_command& c, detail::receiver& r);

    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace valkeyxx
