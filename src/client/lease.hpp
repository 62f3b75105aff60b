// What a session holds: the one connection on which all its commands run, from its first command on.
//
// The first command finds its node as any other does. Once it has been answered the session stays with that node and
// connection; when the connection breaks, so does the session, since what the server knew about it is gone.
// Everything here requires the engine's lock.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "client/connection.hpp"

#include <valkeyxx/error.hpp>

namespace valkeyxx::clients {

class lease {
  public:
    /// Why a command cannot be run now; nullopt: it can, and is now under way.
    std::optional<error> begin();
    /// It has a reply, or has failed.
    void replied(const request& r, reply_view reply) noexcept;
    void failed(const request& r, const error& why) noexcept;

    /// No command has been answered yet: the next one may go anywhere.
    [[nodiscard]] bool open() const noexcept { return state_ == state::open; }
    [[nodiscard]] routing::node_id node() const noexcept { return on_->node(); }
    /// Nothing may have run in it that is not as good when it is run again.
    [[nodiscard]] bool harmless() const noexcept { return harmless_; }

  private:
    friend class exclusive_pool;

    enum class state : std::uint8_t { open, bound, broken, ended };

    std::shared_ptr<connection> on_;  // of an open one: where its first command was sent last
    state state_ = state::open;
    bool asking_ = false;    // its node is still getting the slot: each command comes after ASKING
    bool busy_ = false;      // a command is under way
    bool watching_ = false;  // WATCH without EXEC yet
    bool harmless_ = true;
    bool marked_ = false;  // the connection is not as it was: nobody else may have it
};

}  // namespace valkeyxx::clients
