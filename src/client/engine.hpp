// The engine: takes commands, asks the router where each goes, and performs what it says. One for each client;
// synchronous and asynchronous faces differ only in who turns the loop.
//
// One mutex guards everything below. It is held for short moments: encoding, routing, decoding; never while a thread
// sleeps and never while a user's completion runs.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "client/connection.hpp"
#include "client/request.hpp"
#include "client/timer_queue.hpp"
#include "client/topology_keeper.hpp"
#include "client/waiting_room.hpp"
#include "io/context.hpp"
#include "routing/router.hpp"
#include "session/handshake.hpp"

#include <valkeyxx/config.hpp>
#include <valkeyxx/stats.hpp>

namespace valkeyxx::client {

/// Something that is done when the lock is free again: a user's completion.
class completion : public boost::intrusive::list_base_hook<> {
  public:
    virtual void run() noexcept = 0;

  protected:
    ~completion() = default;
};

/// A thread that runs completions, while it does.
struct completing : boost::intrusive::list_base_hook<> {
    std::thread::id thread = std::this_thread::get_id();
    boost::intrusive::list<completion> left;
};

enum class drive : std::uint8_t {
    by_loop,     ///< somebody runs the loop all the time
    by_waiters,  ///< threads that wait for a command turn the loop; between calls nothing happens
};

class engine final : public std::enable_shared_from_this<engine>, private waiting_room::owner {
  public:
    engine(io::context& loop, config settings, drive how);

    /// Holds the lock for one piece of work; at its end everything queued is written and completions run.
    class turn;

    [[nodiscard]] std::mutex& mutex() noexcept { return mutex_; }
    [[nodiscard]] io::context& loop() noexcept { return loop_; }
    [[nodiscard]] const config& settings() const noexcept { return config_; }
    [[nodiscard]] drive driven() const noexcept { return drive_; }

    // All below require the lock.

    /// Starts a request: the owner will be told the outcome, possibly at once.
    void submit(request& r) {
        if (closed_ || under_way_ >= config_.max_in_flight) [[unlikely]] {
            refuse(r);
            return;
        }
        ++under_way_;
        ++stats_.commands;
        r.attempt_.reset({.route = r.facts_.route,
                          .slot = r.facts_.slot,
                          .repeatable = r.facts_.repeatable || config_.repeat == repeat_policy::at_least_once,
                          .pinned = r.pinned_});
        if (!r.own_clock_) timers_.add(r, r.deadline_);
        if (!waiting_.empty() && waiting_.blocks(r)) [[unlikely]] {
            wait_behind(r);
            return;
        }
        const routing::node_id node = r.attempt_.start_quickly(router_);
        if (node != routing::no_node) [[likely]] {
            connection_to(node).submit(r, false);
        } else {
            perform(r, r.attempt_.start(router_));
        }
    }
    /// Starts a question of the client's own, to the one node that it is pinned to: it is neither counted nor refused.
    void ask(request& r);
    /// The owner's deadline has passed: ends the request with `timed_out`, unless it has ended already.
    void expire(request& r);
    /// Does what is due; the loop does so by itself, but only while it is turned.
    void run_timers(io::time_point now);
    /// Nothing but commands is going on: a thread may look after its own connection only.
    [[nodiscard]] bool quiet() const noexcept { return !keeper_.busy() && waiting_.empty(); }
    /// Writes what submit() queued: soon, or at the end of the turn whose completion called submit().
    void flush_soon();
    /// Runs `c` when the lock is free.
    void defer(completion& c) noexcept { completions_.push_back(c); }
    /// Ends every request with `client_closed` and refuses new ones.
    void close();
    [[nodiscard]] bool closed() const noexcept { return closed_; }

    [[nodiscard]] io::time_point default_deadline() const { return io::clock::now() + config_.command_timeout; }
    [[nodiscard]] routing::router& router() noexcept { return router_; }
    [[nodiscard]] timer_queue& timers() noexcept { return timers_; }
    [[nodiscard]] topology_keeper& keeper() noexcept { return keeper_; }
    [[nodiscard]] stats& counters() noexcept { return stats_; }
    [[nodiscard]] const session::handshake_settings& handshake_settings() const noexcept { return handshake_; }
    [[nodiscard]] std::shared_ptr<const shard_map> current_map();
    connection& connection_to(routing::node_id node) {
        if (node < connections_.size() && connections_[node]) [[likely]]
            return *connections_[node];
        return new_connection(node);
    }

    // For connections.
    void replied(request& r, reply_view reply) {
        if (reply.is_error()) [[unlikely]] {
            rejected(r, reply.text());
        } else {
            finished(r);
            r.on_reply(reply);
        }
    }
    void lost(request& r, bool sent, const error& why);
    /// Its reply has come and cannot be read.
    void garbled(request& r, const error& why) { fail(r, why, executed::unknown); }
    void map_changed();
    void no_map(const error& why);

  private:
    void perform(request& r, const routing::step& s);
    void wait_behind(request& r);
    void resume(waiting_room::group& ready) noexcept override;
    void refuse(request& r);
    connection& new_connection(routing::node_id node);
    void fail(request& r, const error& why, executed ran);
    void finished(request& r) noexcept {
        under_way_ -= r.pinned_ == routing::no_node;  // the keeper's own questions do not count
        timer_queue::remove(r);
        r.place_ = request::place::nowhere;
    }
    [[nodiscard]] bool detach(request& r) noexcept;
    void rejected(request& r, std::string_view text);
    void note_redirect(const routing::step& s, const request& r, routing::node_id from);
    void drop_strangers();
    void flush_dirty();
    void end_turn(std::unique_lock<std::mutex>& lock);
    void run_completions(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] bool completing_here() const noexcept;
    void arm_timer();
    void post_flush();

    std::mutex mutex_;
    io::context& loop_;
    config config_;
    drive drive_;
    session::handshake_settings handshake_;
    routing::retry_policy policy_;
    routing::router router_;
    topology_keeper keeper_;
    stats stats_;

    std::vector<std::shared_ptr<connection>> connections_;  // by node_id; null: never needed
    std::vector<connection*> dirty_;
    timer_queue timers_;
    waiting_room waiting_{*this, timers_};
    boost::intrusive::list<completion> completions_;
    boost::intrusive::list<completing> completing_;
    std::shared_ptr<const shard_map> map_;  // what the router knows, made when asked for

    io::timer timer_;
    io::time_point armed_ = io::time_point::max();
    std::size_t under_way_ = 0;
    bool flush_posted_ = false;
    bool closed_ = false;
};

class engine::turn {
  public:
    explicit turn(engine& e) : engine_{e}, lock_{e.mutex_} {}
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() { engine_.end_turn(lock_); }

  private:
    engine& engine_;
    std::unique_lock<std::mutex> lock_;
};

}  // namespace valkeyxx::client
