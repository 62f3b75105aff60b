// Where a client that shares its connections to sentinels is served: a desk for each client, at the engine of the link.
//
// Client and link have an engine, a lock and a loop each. Neither ever holds both locks: what one wants of the other is
// posted to the other's loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/engine.hpp"
#include "client/letter_box.hpp"
#include "client/map_keeper.hpp"
#include "client/sentinel_line.hpp"

namespace valkeyxx::clients {

class switchboard;

class sentinel_desk final : public std::enable_shared_from_this<sentinel_desk>, private sentinel_interviews::reader {
  public:
    /// @param of      the link's engine, which outlives its desks
    /// @param client  whose loop stays until leave()
    /// @param to      part of that engine
    sentinel_desk(engine& of, std::string service, io::context& loop, std::weak_ptr<engine> client,
                  sentinel_listener& to);

    /// Runs `piece` on the link's loop, with its lock. For the client.
    template <class Piece>
    static void post(const std::shared_ptr<sentinel_desk>& desk, const std::shared_ptr<engine>& there, Piece piece) {
        io::post(there->loop(), [desk, there, piece = std::move(piece)] {
            const engine::turn turn{*there};
            if (!there->closed()) piece(*desk);
        });
    }
    /// The client closes: when this returns nothing is posted to it any more. For the client.
    void leave() noexcept { box_->leave(); }

    // All below require the link's lock.

    void ask(const endpoint& sentinel, bool seed, io::time_point deadline, std::uint64_t round);
    void keep_only(const std::vector<endpoint>& sentinels) { interviews_.keep_only(sentinels); }
    /// Nobody is served here any more: it goes when its last question is answered.
    void close();
    [[nodiscard]] bool over() const noexcept { return closed_ && interviews_.idle(); }
    void heard(reply_view push);
    void gone(routing::node_id node);

  private:
    void told(sentinel_answer answer) override;
    void deliver(std::function<void(sentinel_listener&)> news);
    [[nodiscard]] switchboard& board() const noexcept;

    engine& link_;
    std::string service_;
    sentinel_interviews interviews_;
    std::weak_ptr<engine> client_;
    sentinel_listener& to_;
    bool open_ = false;
    bool closed_ = false;
    std::shared_ptr<letter_box> box_;  // the client's
};

/// What the link's engine has for a map_keeper: it follows nobody, and passes on what sentinels announce.
class switchboard final : public map_keeper {
  public:
    explicit switchboard(engine& e) noexcept : engine_{e} {}

    void want(io::time_point /*now*/, routing::node_id /*informed*/) override {}
    [[nodiscard]] bool busy() const noexcept override { return false; }
    void stop() noexcept override {}
    [[nodiscard]] bool asks(routing::node_id /*node*/) const noexcept override { return true; }
    void gone(routing::node_id node) override;
    void heard(routing::node_id from, reply_view push) override;

    void open(std::shared_ptr<sentinel_desk> desk) { desks_.push_back(std::move(desk)); }
    /// Lets go of the desks that are over, in another turn: they may be on the stack.
    void sweep_soon();

  private:
    void sweep();

    engine& engine_;
    std::vector<std::shared_ptr<sentinel_desk>> desks_;
};

}  // namespace valkeyxx::clients
