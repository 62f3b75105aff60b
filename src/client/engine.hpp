// The engine: takes commands, asks the router where each goes, and performs what it says. One for each client;
// synchronous and asynchronous faces differ only in who turns the loop.
//
// One mutex guards everything below. It is held for short moments: encoding, routing, decoding; never while a thread
// sleeps and never while a user's completion runs.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "client/authenticator.hpp"
#include "client/connection.hpp"
#include "client/dictionary.hpp"
#include "client/exclusive_pool.hpp"
#include "client/fork.hpp"
#include "client/line_check.hpp"
#include "client/map_keeper.hpp"
#include "client/pause.hpp"
#include "client/replica_watch.hpp"
#include "client/request.hpp"
#include "client/scatter.hpp"
#include "client/subscription_hubs.hpp"
#include "client/succession.hpp"
#include "client/timer_queue.hpp"
#include "client/waiting_room.hpp"
#include "command/table.hpp"
#include "io/context.hpp"
#include "routing/node_dialling.hpp"
#include "routing/router.hpp"
#include "session/address_memory.hpp"
#include "session/client_cache.hpp"

#include <valkeyxx/config.hpp>
#include <valkeyxx/detail/layout.hpp>
#include <valkeyxx/stats.hpp>

namespace valkeyxx::clients {

class engine;

/// Something that is done when the lock is free again: a user's completion.
class completion : public boost::intrusive::list_base_hook<> {
  public:
    virtual void run() noexcept = 0;

  protected:
    ~completion() = default;
};

/// How a monitor, or who wants to cancel something, finds the engine, for as long as there is one.
struct sight {
    std::mutex mutex;  // taken before the engine's
    engine* there = nullptr;
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
    /// @param seed  of all that it leaves to chance; 0: another one each time
    engine(io::context& loop, config settings, detail::layout servers, drive how, std::uint64_t seed = 0);
    ~engine();

    /// Holds the lock for one piece of work; at its end everything queued is written and completions run.
    class turn;
    /// Holds the lock for a call of somebody who does not wait; at its end what was queued is on its way.
    class visit;

    [[nodiscard]] std::mutex& mutex() noexcept { return mutex_; }
    [[nodiscard]] io::context& loop() noexcept { return loop_; }
    [[nodiscard]] const config& settings() const noexcept { return config_; }
    [[nodiscard]] drive driven() const noexcept { return drive_; }
    [[nodiscard]] detail::layout layout() const noexcept { return servers_; }
    /// There is one primary, which gets everything that is not read from replicas.
    [[nodiscard]] bool one_shard() const noexcept { return servers_ != detail::layout::cluster; }
    /// Sentinels say who the primary is.
    [[nodiscard]] bool of_service() const noexcept { return servers_ == detail::layout::service; }
    /// How connections to the node are encrypted; nullptr: they are not.
    [[nodiscard]] io::tls_context* tls_of(routing::node_id node) noexcept {
        auto& tls = is_sentinel(node) ? sentinel_tls_ : tls_;
        return tls ? &*tls : nullptr;
    }
    /// Whether the node is a sentinel, which has users and passwords of its own.
    [[nodiscard]] bool is_sentinel(routing::node_id node) const noexcept {
        return servers_ == detail::layout::sentinels || servers_ == detail::layout::link ||
               (of_service() && keeper_->asks(node));
    }

    // All below require the lock.

    /// Starts a request: the owner will be told the outcome, possibly at once.
    void submit(request& r) {
        if (under_way_ >= limit_ || bytes_under_way_ + r.bytes_.size() > config_.max_bytes_in_flight) [[unlikely]] {
            if (!admits(r)) return;
        }
        start(r);
    }
    /// The same, to where the caller says.
    /// @param each  the owner wants to know what each node says
    void submit(request& r, const target& to, bool each);
    /// Ends a request that cannot be sent, for this reason; the owner is told as with any other.
    void refuse(request& r, const error& why);
    /// Starts a question of the client's own, to the one node that it is pinned to: it is neither counted nor refused.
    void ask(request& r);
    /// Ends a request that is under way, with `timed_out` or `cancelled`; what comes for it is dropped.
    void give_up(request& r, giving_up why);
    /// The owner's deadline has passed.
    void expire(request& r);
    /// Whether it has changed nothing so far, and will not if it is given up now.
    [[nodiscard]] bool unnoticed(const request& r) const noexcept;
    /// Does what is due; the loop does so by itself, but only while it is turned.
    void run_timers(io::time_point now);
    /// Nothing but commands is going on: a thread may look after its own connection only.
    [[nodiscard]] bool quiet() const noexcept {
        return !keeper_->busy() && waiting_.empty() && !authenticator_.has_post();
    }
    /// Writes what submit() queued: soon, or at the end of the turn whose completion called submit().
    void flush_soon();
    /// Runs `c` when the lock is free.
    void defer(completion& c) noexcept { completions_.push_back(c); }
    /// Tells `p` at that time, or as soon as the client is closed; at once if it is closed already.
    void let_pass(pause& p, io::time_point until) noexcept;
    /// It is not told.
    static void cancel(pause& p) noexcept;
    /// How to find us, for those who may outlive us.
    [[nodiscard]] const std::shared_ptr<sight>& in_sight();
    /// Ends every request with `client_closed` and refuses new ones.
    void close();
    /// Why a closed client refuses what it is asked.
    [[nodiscard]] error end_reason() const;
    [[nodiscard]] bool closed() const noexcept { return closed_; }
    /// It is the parent's: we are in a child that was forked. Needs no lock.
    [[nodiscard]] bool inherited() const noexcept { return inherited_; }
    /// In a child, before fork() returns there: from now on everything is refused. See fork.hpp.
    void became_inherited() noexcept;
    /// The client is going: the turn at hand, and each that may follow, runs every completion that there is.
    void leave_nobody_behind() noexcept { is_last_ = true; }

    [[nodiscard]] io::time_point default_deadline() const { return io::clock::now() + config_.command_timeout; }
    [[nodiscard]] routing::router& router() noexcept { return router_; }
    [[nodiscard]] timer_queue& timers() noexcept { return timers_; }
    [[nodiscard]] map_keeper& keeper() noexcept { return *keeper_; }
    [[nodiscard]] exclusive_pool& exclusive() noexcept { return exclusive_; }
    [[nodiscard]] line_check& lines() noexcept { return lines_; }
    [[nodiscard]] authenticator& authentication() noexcept { return authenticator_; }
    [[nodiscard]] stats& counters() noexcept { return stats_; }
    [[nodiscard]] stats statistics() const noexcept;
    /// One for each node that is in use, or was.
    [[nodiscard]] std::vector<node_stats> node_statistics() const;
    /// What connections write down of their node.
    struct node_tally {
        // It has refused our credentials, and is not asked again before this.
        struct refusal {
            error why;
            io::clock::duration delay;
            io::time_point until;
        };
        std::optional<refusal> refused;
        std::uint64_t commands = 0;  // of connections that are no more
        std::uint64_t errors = 0;
        std::uint64_t reconnects = 0;
        std::uint32_t open = 0;  // connections that are ready
        std::uint32_t most = 0;  // that ever were at once
    };
    [[nodiscard]] node_tally& tally(routing::node_id node) {
        if (node >= tallies_.size()) tallies_.resize(router_.known_nodes());
        return tallies_[node];
    }
    /// What all connections to a node have in common when they are made.
    struct way {
        routing::node_dialling dialling;
        sessions::address_memory<io::stream::address> addresses;
    };
    /// Good until another node's is asked for.
    [[nodiscard]] way& way_to(routing::node_id node) {
        if (node >= ways_.size()) ways_.resize(router_.known_nodes());
        return ways_[node];
    }
    /// Takes down that a node has refused the credentials of the configuration, by a connection of whatever kind.
    void refused(routing::node_id node, const error& why, io::time_point now);
    /// Why a node is not to be tried now; nullptr: it is.
    [[nodiscard]] const error* refusal_of(routing::node_id node, io::time_point now) {
        const auto& known = tally(node).refused;
        return known && now < known->until ? &known->why : nullptr;
    }
    [[nodiscard]] std::shared_ptr<const shard_map> current_map();
    /// @param reading  the one for reads from replicas
    connection& connection_to(routing::node_id node, bool reading = false) {
        const std::size_t place = place_of(node, reading);
        if (place < connections_.size() && connections_[place]) [[likely]]
            return *connections_[place];
        return new_connection(node, reading);
    }
    [[nodiscard]] std::shared_ptr<connection> new_exclusive(routing::node_id node, bool reading);
    /// Whether there is a connection to the node.
    [[nodiscard]] bool connected(routing::node_id node, bool reading) const noexcept {
        const std::size_t place = place_of(node, reading);
        return place < connections_.size() && connections_[place] && connections_[place]->ready();
    }
    /// Whether there is one, and the node is not suspected to hang.
    [[nodiscard]] bool answers(routing::node_id node) const noexcept {
        return connected(node, false) && !connections_[place_of(node, false)]->suspected();
    }

    // For subscriptions.
    [[nodiscard]] subscription_hubs& hubs() noexcept { return hubs_; }
    /// A connection that only messages come by; its user calls forget() before it goes.
    std::shared_ptr<connection> new_link(routing::node_id node);
    void forget(connection& c) noexcept;
    /// A node could not be reached, or is silent.
    void unheard(routing::node_id node);
    /// Something points to a change of the topology, of which `informed` knows, if that is a node.
    void want_map(routing::node_id informed) { keeper_->want(io::clock::now(), informed); }

    // For the cache of replies.
    /// nullptr: there is none.
    [[nodiscard]] sessions::client_cache* cache() noexcept { return cache_.get(); }
    /// Takes in what servers have sent that concerns replies kept of this command, of any, and has come already: for a
    /// thread that will ask the cache and turns no loop.
    void take_news(const command_facts& about);
    void take_all_news();
    /// Whether what the node answers on the slot, on the ordinary connection, can be kept.
    [[nodiscard]] bool may_keep(routing::node_id node, std::uint16_t slot) const noexcept {
        return cache_ && router_.primary(slot) == node;
    }
    /// A probe of a connection with kept replies has been answered.
    void probed(const connection& c, std::uint16_t slot, io::time_point asked, reply_view reply);
    [[nodiscard]] cache_stats cache_statistics() const noexcept {
        return cache_ ? cache_->statistics() : cache_stats{};
    }

    // For connections.
    void replied(request& r, reply_view reply) {
        if (reply.is_error()) [[unlikely]] {
            rejected(r, reply.text());
        } else {
            finished(r, nullptr);
            r.on_reply(reply);
        }
    }
    void lost(request& r, bool sent, const error& why);
    /// Its reply has come and cannot be read.
    void garbled(request& r, const error& why) { fail(r, why, executed::unknown); }
    /// The connection has broken or could not be made.
    void gone(const connection& c, const error& why);
    /// The node leaves commands unanswered, or does so no longer.
    void suspects(const connection& c);
    void hears(const connection& c);
    /// It has sent something that nobody asked for.
    void pushed(const connection& c, reply_view push) {
        if (!invalidated(c, push)) keeper_->heard(c.node(), push);
    }
    /// Whether a connection to the node was made or tried, and does not stand.
    [[nodiscard]] bool unreachable(routing::node_id node) const noexcept;
    /// Whether the topology has a use for the connection.
    [[nodiscard]] bool needed(const connection& c) const noexcept;

    /// Bytes of commands that were given up wait at a connection to be sent: another number of them from now on.
    void linger(std::size_t before, std::size_t now) noexcept { bytes_under_way_ += now - before; }

    /// It is over, but perhaps still on the stack.
    void retire(std::shared_ptr<connection> done) { retired_connections_.push_back(std::move(done)); }

    // For the dictionary.
    /// What requests for the slot were waiting for may be known now.
    void go_on(std::uint16_t slot) noexcept { waiting_.release(slot); }

    // For those who look after the topology.
    /// Commands for this primary wait at its connection: it may have been replaced.
    void hold(routing::node_id primary) { connection_to(primary).park(); }
    void release(routing::node_id primary) { connection_to(primary).unpark(); }
    void map_changed();
    void no_map(const error& why);
    /// A replica says that it is a primary.
    void promoted(routing::node_id replica);
    /// Those who look after the topology ask for it anew.
    void refresh_started();
    /// What the map says of its nodes has changed, not who serves what.
    void map_outdated() {
        map_.reset();
        if (cache_) owners_changed();
    }

  private:
    friend class exclusive_pool;
    friend class scatter;

    static constexpr std::size_t place_of(routing::node_id node, bool reading) noexcept {
        return std::size_t{node} * 2 + (reading ? 1 : 0);
    }

    // There is room for it.
    void start(request& r) {
        r.number_ = ++stats_.commands;
        count(r);
        if (r.special_ || nothing_is_ordinary_ || r.facts_.route != key_route::slot ||
            r.facts_.how != handling::ordinary) [[unlikely]] {
            if (!prepare(r)) return;
        } else {
            r.attempt_.reset({.route = key_route::slot, .slot = r.facts_.slot, .repeatable = r.facts_.repeatable});
        }
        if (!r.has_own_clock() && r.facts_.how != handling::blocks) timers_.add(r, r.deadline_);
        if (!waiting_.empty() && must_wait(r)) [[unlikely]]
            return;
        const routing::node_id node = r.attempt_.start_quickly(router_);
        if (node != routing::no_node) [[likely]] {
            connection& c = connection_to(node);
            if (c.has_room(r)) [[likely]] {
                c.submit(r, false);
            } else {
                crowded(r, c);
            }
        } else {
            start_elsewhere(r);
        }
    }
    // There may be no room, or others wait for it. False: it has failed, or waits, too.
    [[nodiscard]] bool admits(request& r);
    [[nodiscard]] bool has_room_for(const request& r) const noexcept;
    [[nodiscard]] bool gate_opens() const noexcept { return !gate_.empty() && has_room_for(gate_.front()); }
    void let_in();
    void leave_gate(request& r) noexcept;
    void count(request& r) noexcept {
        ++under_way_;
        bytes_under_way_ += r.bytes_.size();
        r.counted_ = true;
    }
    // Its shard has no room for it, or others wait for that: it fails, or waits as well.
    void crowded(request& r, connection& c);
    [[nodiscard]] bool shard_takes(const connection& c, const request& r) const noexcept;
    // Whether the next in line can go, wherever that is by now.
    [[nodiscard]] bool line_moves(connection& c) const noexcept;
    [[nodiscard]] bool lines_move() const noexcept;
    void let_go_on(connection& c);
    void leave_line(request& r) noexcept;
    [[nodiscard]] std::size_t waiting_for_room() const noexcept;
    [[nodiscard]] bool room_is_waited_for() const noexcept { return !gate_.empty() || !full_.empty(); }
    [[nodiscard]] bool somebody_can_go() const noexcept { return gate_opens() || (!full_.empty() && lines_move()); }
    [[nodiscard]] std::string crowd_at(const connection& c) const;
    [[nodiscard]] std::string crowd() const;
    // Its end will be told.
    void watch(request& r) const noexcept;
    // True: its reply was in the cache, or it is refused.
    bool ended_by_cache(request& r);
    void overwrite(const request& r);
    void keys_changed(request& r) {
        r.at_end_ &= static_cast<std::uint8_t>(~request::tell_cache);
        overwrite(r);
    }
    bool invalidated(const connection& c, reply_view push);
    void owners_changed();
    // A primary whose replicas may take its place.
    [[nodiscard]] bool may_be_succeeded(routing::node_id node) const noexcept;
    // For what is not ordinary. False: it cannot be sent like this, and has failed.
    [[nodiscard]] bool prepare(request& r);
    static void start_tls(std::optional<io::tls_context>& context, const tls_options& options);
    void adopt_seeds();
    [[nodiscard]] routing::subject special_subject(const request& r) const noexcept;
    // Something waits: an earlier request for the slot, perhaps, or so much for the shard that it has no room for more.
    [[nodiscard]] bool must_wait(request& r);
    void start_elsewhere(request& r);
    void begin(request& r);
    void perform(request& r, const routing::step& s);
    void wait(request& r, io::time_point until, bool alone);
    void wait_behind(request& r);
    void resume(waiting_room::group& ready) noexcept override;
    void refuse(request& r);
    connection& new_connection(routing::node_id node, bool reading);
    void introduce();
    void tell_map();
    void fail(request& r, const error& why, executed ran);
    // why: nullptr if it has a reply
    void finished(request& r, const error* why) noexcept {
        if (r.counted_) {  // the client's own questions do not count
            --under_way_;
            bytes_under_way_ -= r.bytes_.size();
        }
        if (r.at_end_ != 0) {
            if ((r.at_end_ & request::tell_cache) != 0) [[unlikely]]
                keys_changed(r);
            if (r.is_watched()) [[unlikely]]
                tell_end(r, why);
            if (!r.has_own_clock()) timer_queue::remove(r);
        }
        r.place_ = request::place::nowhere;
    }
    void tell_end(request& r, const error* why) noexcept;
    // It ends before it has begun.
    void turn_away(request& r, error why);
    void expire_inherited(request& r);
    // Takes it from where it is. True: it may run all the same.
    [[nodiscard]] bool detach(request& r) noexcept;
    void forsake(connection& on, const request& r, giving_up why);
    void rejected(request& r, std::string_view text);
    void note_redirect(const routing::step& s, const request& r, routing::node_id from);
    void drop_strangers();
    void retire(scatter_owner done) { retired_.push_back(std::move(done)); }
    void flush_dirty();
    void end_turn(std::unique_lock<std::mutex>& lock);
    void run_completions(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] bool completing_here() const noexcept;
    void arm_timer();
    void post_flush();

    std::mutex mutex_;
    io::context& loop_;
    config config_;
    detail::layout servers_;
    drive drive_;
    std::optional<io::tls_context> tls_;
    std::optional<io::tls_context> sentinel_tls_;
    routing::retry_policy policy_;
    routing::router router_;
    std::unique_ptr<map_keeper> keeper_;
    succession succession_{*this};
    line_check lines_{*this};
    replica_watch replicas_{*this};
    dictionary dictionary_{*this};
    authenticator authenticator_{*this};
    exclusive_pool exclusive_{*this};
    subscription_hubs hubs_{*this};
    stats stats_;
    bool wants_commands_;       // the watcher is told of each command's end
    bool nothing_is_ordinary_;  // reads go to replicas, every command may be repeated, or watcher or cache have a say
    std::unique_ptr<sessions::client_cache> cache_;

    std::vector<std::shared_ptr<connection>> connections_;  // by place_of; null: never needed
    std::vector<connection*> dirty_;
    timer_queue timers_;
    waiting_room waiting_{*this, timers_};
    boost::intrusive::list<pause, boost::intrusive::constant_time_size<false>> pauses_;
    boost::intrusive::list<completion> completions_;
    boost::intrusive::list<completing> completing_;
    std::vector<scatter_owner> retired_;  // over, but perhaps still on the stack
    std::vector<std::shared_ptr<connection>> retired_connections_;
    std::shared_ptr<const shard_map> map_;       // what the router knows, made when asked for
    std::shared_ptr<const shard_map> told_map_;  // the last one that the watcher was told of
    std::vector<node_tally> tallies_;            // by node
    std::vector<way> ways_;                      // by node
    std::shared_ptr<sight> sight_;               // of those who look at us from outside; nullptr: there are none

    io::timer timer_;
    io::time_point armed_ = io::time_point::max();
    std::size_t under_way_ = 0;
    std::size_t limit_;  // of under_way_; 0 while somebody waits at the gate, and once closed
    std::size_t bytes_under_way_ = 0;
    boost::intrusive::list<request> gate_;  // those that wait for room
    std::vector<connection*> full_;         // at which requests wait for the room of their shard
    bool flush_posted_ = false;
    bool closed_ = false;
    bool is_last_ = false;     // leave_nobody_behind()
    bool introduced_ = false;  // to the watcher
    bool inherited_ = false;
    // In a child: what must not be touched, and not be destroyed.
    struct {
        std::shared_ptr<engine> self;
        std::shared_ptr<observer> watcher;
        std::unique_ptr<sessions::client_cache> cache;
        boost::intrusive::list<request> at_gate;
        boost::intrusive::list<completion> waiting;
        boost::intrusive::list<completing> running;
        std::vector<scatter_owner> retired;
        std::vector<std::shared_ptr<connection>> retired_connections;
    } parents_;
    fork_watch watch_{*this};  // the last one: it is whole by then
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

class engine::visit {
  public:
    explicit visit(engine& e) : engine_{e}, lock_{e.mutex_} {}
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    ~visit() {
        engine_.flush_soon();
        if (engine_.inherited_) [[unlikely]]
            engine_.end_turn(lock_);  // there is nobody else who would call completions
    }

  private:
    engine& engine_;
    std::unique_lock<std::mutex> lock_;
};

}  // namespace valkeyxx::clients
