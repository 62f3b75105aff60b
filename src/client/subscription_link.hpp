// A connection to one node that messages come by.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/connection.hpp"
#include "client/timer_queue.hpp"
#include "session/heartbeat.hpp"

#include <valkeyxx/message.hpp>

namespace valkeyxx::clients {

class subscription_hub;

class subscription_link final : private push_listener, private timed {
  public:
    /// @param shared  use the connection that commands use, if it speaks RESP3
    subscription_link(subscription_hub& hub, routing::node_id node, bool shared);
    ~subscription_link() override;

    [[nodiscard]] routing::node_id node() const noexcept { return node_; }
    void open();
    void close() noexcept;
    /// Ready to carry messages.
    [[nodiscard]] bool ready() const noexcept { return state_ == state::ready; }
    [[nodiscard]] bool opening() const noexcept { return state_ == state::opening; }
    [[nodiscard]] bool well() const noexcept { return ready() && !connection_->suspected(); }
    /// When bytes have come last.
    [[nodiscard]] io::time_point heard() const noexcept { return life_.last_heard(); }
    [[nodiscard]] connection* on() const noexcept { return connection_.get(); }

    void say(bool subscribe, channel_kind kind, const std::vector<std::string_view>& names);
    void pause() noexcept { connection_->pause(); }
    void resume() { connection_->resume(); }

  private:
    enum class state : std::uint8_t { closed, opening, ready };

    void attach();
    void detach() noexcept;
    void give_up(const error& why);
    void schedule();
    void on_ready(int protocol) noexcept override;
    void on_lost(const error& why) noexcept override;
    void on_bytes() noexcept override;
    [[nodiscard]] bool is_push(reply_view reply) const noexcept override;
    bool on_push(reply_view reply) noexcept override;
    bool on_reply(reply_view reply) noexcept override;
    void on_due(io::time_point now) noexcept override;

    subscription_hub& hub_;
    routing::node_id node_;
    bool shared_;
    bool silent_ = false;  // it is given up because nothing comes
    state state_ = state::closed;
    sessions::heartbeat life_;
    std::shared_ptr<connection> connection_;
    std::string bytes_;
};

}  // namespace valkeyxx::clients
