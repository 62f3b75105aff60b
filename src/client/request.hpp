// One command under way, as the engine sees it. Owned by a face, which keeps it alive until it is told the outcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "client/timer_queue.hpp"
#include "routing/attempt.hpp"

#include <valkeyxx/command.hpp>

namespace valkeyxx::client {

class connection;
class engine;
class waiting_room;

class request : public timed,
                public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
  public:
    /// Where the engine has it.
    enum class place : std::uint8_t {
        nowhere,    ///< with its owner
        queued,     ///< at a connection that is not ready yet
        in_flight,  ///< written, or about to be
        waiting,    ///< for its next try
    };

    /// The outcome: exactly one of the two is called, once, under the engine's lock. It must not call the engine.
    virtual void on_reply(reply_view reply) noexcept = 0;
    virtual void on_error(error why) noexcept = 0;

    /// What is to be sent; the bytes stay the owner's and must outlive the request.
    void set_command(std::string_view bytes, const command_facts& facts) noexcept {
        bytes_ = bytes;
        facts_ = facts;
    }
    /// To this node and no other.
    void pin(routing::node_id only) noexcept { pinned_ = only; }

    void set_deadline(io::time_point deadline) noexcept { deadline_ = deadline; }
    [[nodiscard]] io::time_point deadline() const noexcept { return deadline_; }
    [[nodiscard]] place where() const noexcept { return place_; }

    /// The connection it is in flight on, while it is.
    [[nodiscard]] connection* in_flight_on() const noexcept { return place_ == place::in_flight ? on_ : nullptr; }

  protected:
    /// own_clock: the owner watches the deadline itself and calls engine::expire.
    request(engine& e, bool own_clock) noexcept : engine_{&e}, own_clock_{own_clock} {}
    explicit request(bool own_clock) noexcept : own_clock_{own_clock} {}
    /// For one that is used again, or gets its engine late; requires that it is nowhere.
    void prepare(engine& e) noexcept {
        engine_ = &e;
        last_error_.reset();
    }
    ~request() override = default;

  private:
    friend class engine;
    friend class connection;
    friend class waiting_room;

    void on_due(io::time_point now) noexcept final;

    engine* engine_ = nullptr;
    std::string_view bytes_;
    command_facts facts_;
    connection* on_ = nullptr;
    std::uint64_t position_ = 0;
    io::time_point deadline_{};
    routing::attempt attempt_;
    std::optional<error> last_error_;  // why the last try failed, for the message if time runs out
    routing::node_id pinned_ = routing::no_node;
    place place_ = place::nowhere;
    bool asking_ = false;
    bool own_clock_;
};

}  // namespace valkeyxx::client
