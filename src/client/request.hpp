// One command under way, as the engine sees it. Owned by a face, which keeps it alive until it is told the outcome.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "client/timer_queue.hpp"
#include "command/table.hpp"
#include "routing/attempt.hpp"

#include <valkeyxx/command.hpp>

namespace valkeyxx::clients {

class connection;
class engine;
class exclusive_pool;
class lease;
class scatter;
class waiting_room;

struct scatter_deleter {
    void operator()(scatter* s) const noexcept;
};
using scatter_owner = std::unique_ptr<scatter, scatter_deleter>;

/// Why a request is given up by its owner.
enum class giving_up : std::uint8_t {
    expired,    ///< its deadline has passed: its node, or the way there, may be ill
    cancelled,  ///< it is not wanted any more, which says nothing about anybody
};

class request : public timed,
                public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
  public:
    /// Where the engine has it.
    enum class place : std::uint8_t {
        nowhere,    ///< with its owner
        scattered,  ///< taken apart: its parts are under way
        queued,     ///< at a connection that is not ready yet
        in_flight,  ///< written, or about to be
        waiting,    ///< for its next try
        in_line,    ///< for a connection of its own
        at_gate,    ///< for room, before it begins
        at_shard,   ///< for room at its shard's connection, before it is sent for the first time
    };

    /// The outcome: exactly one of the two is called, once, under the engine's lock. It must not call the engine.
    virtual void on_reply(reply_view reply) noexcept = 0;
    virtual void on_error(error why) noexcept = 0;

    /// For a request to each of several nodes, before on_reply: what one of them said. `node` is how it is reached.
    virtual void on_part(const endpoint& /*node*/, reply_view /*reply*/) noexcept {}
    virtual void on_part_error(const endpoint& /*node*/, error /*why*/) noexcept {}

    /// What is to be sent; the bytes stay the owner's and must outlive the request.
    void set_command(std::string_view bytes, const command_facts& facts) noexcept {
        bytes_ = bytes;
        facts_ = facts;
    }
    /// To this node and no other.
    /// @param reading  on the connection for reads from replicas
    void pin(routing::node_id only, bool reading = false) noexcept {
        pinned_ = only;
        by_reader_ = reading;
        special_ = true;
    }
    /// On the connection of a session; it has to outlive the request.
    void run_on(lease& session) noexcept {
        lease_ = &session;
        special_ = true;
    }
    [[nodiscard]] lease* session() const noexcept { return lease_; }
    /// Of a transaction: how many commands are between MULTI and EXEC.
    void set_inner_commands(std::uint32_t count) {
        queueing_ = std::make_unique<queueing>();
        queueing_->replies = count + 1;
    }
    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
    [[nodiscard]] const command_facts& facts() const noexcept { return facts_; }
    /// What was found out about the command since it was submitted.
    void route_by(const command_facts& facts) noexcept { facts_ = facts; }
    /// What it is called in errors.
    [[nodiscard]] std::string name() const { return request_name(*facts_.info, bytes_); }
    /// In the order of submission.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] bool by_reader() const noexcept { return by_reader_; }
    /// To the primary of the shard that this node is part of, whatever the command's keys.
    void lead_to_shard_of(routing::node_id member) noexcept {
        shard_ = member;
        facts_.route = key_route::any;
        special_ = true;
    }
    /// To the primary, also if it only reads.
    void insist_on_primary() noexcept { primary_only_ = true; }

    void set_deadline(io::time_point deadline) noexcept { deadline_ = deadline; }
    [[nodiscard]] io::time_point deadline() const noexcept { return deadline_; }
    [[nodiscard]] place where() const noexcept { return place_; }

    /// In on_reply: the node whose answer it is.
    [[nodiscard]] routing::node_id answered_by() const noexcept { return attempt_.at(); }
    /// The connection it is in flight on, while it is.
    [[nodiscard]] connection* in_flight_on() const noexcept { return place_ == place::in_flight ? on_ : nullptr; }

  protected:
    /// own_clock: the owner watches the deadline itself and calls engine::expire.
    request(engine& e, bool own_clock) noexcept : engine_{&e}, at_end_{own_clock ? nothing : leave_timers} {}
    explicit request(bool own_clock) noexcept : at_end_{own_clock ? nothing : leave_timers} {}
    /// For one that is used again, or gets its engine late; requires that it is nowhere.
    void prepare(engine& e) noexcept {
        engine_ = &e;
        last_error_.reset();
        scatter_.reset();
        primary_only_ = false;
    }
    ~request() override = default;

    [[nodiscard]] engine& owner() const noexcept { return *engine_; }

  private:
    /// What the server says to MULTI and to the commands after it, before EXEC's reply tells the outcome.
    struct queueing {
        std::uint32_t replies = 0;           // due before that of EXEC
        bool multi_refused = false;          // the commands after it are then not held back
        std::optional<std::string> refusal;  // the first one
    };

    friend class engine;
    friend class connection;
    friend class exclusive_pool;
    friend class waiting_room;
    friend class scatter;

    // In at_end_.
    static constexpr std::uint8_t nothing = 0;
    static constexpr std::uint8_t leave_timers = 1;
    static constexpr std::uint8_t tell_watcher = 2;
    static constexpr std::uint8_t tell_cache = 4;  // it has changed keys

    [[nodiscard]] bool has_own_clock() const noexcept { return (at_end_ & leave_timers) == 0; }
    [[nodiscard]] bool is_watched() const noexcept { return (at_end_ & tell_watcher) != 0; }
    void on_due(io::time_point now) noexcept final;

    engine* engine_ = nullptr;
    std::string_view bytes_;
    command_facts facts_;
    connection* on_ = nullptr;
    std::uint64_t position_ = 0;
    std::uint64_t number_ = 0;  // in the order of submission
    io::time_point deadline_{};
    routing::attempt attempt_;
    std::optional<error> last_error_;  // why the last try failed, for the message if time runs out
    scatter_owner scatter_;            // its parts, if it is to be taken apart
    lease* lease_ = nullptr;
    std::unique_ptr<queueing> queueing_;  // of a transaction
    routing::node_id pinned_ = routing::no_node;
    routing::node_id shard_ = routing::no_node;
    routing::node_id waits_for_ = routing::no_node;
    std::uint16_t waits_in_ = 0;  // the queue of the waiting room
    place place_ = place::nowhere;
    bool by_reader_ = false;
    bool primary_only_ = false;
    bool special_ = false;  // pinned_, shard_ or by_reader_ say something
    bool counted_ = false;  // among the commands under way
    bool asking_ = false;
    bool part_ = false;       // of one that is scattered
    std::uint8_t at_end_;     // what there is to be done: most often nothing
    io::time_point began_{};  // of one that is watched
};

}  // namespace valkeyxx::clients
