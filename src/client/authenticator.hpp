// Gets credentials for connections from whoever the configuration names, and has connections that stand authenticate
// again when those have changed. Everything here requires the engine's lock.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "client/letter_box.hpp"
#include "client/timer_queue.hpp"
#include "routing/backoff.hpp"
#include "routing/node_id.hpp"

#include <valkeyxx/config.hpp>
#include <valkeyxx/credentials.hpp>

namespace valkeyxx::clients {

class connection;
class engine;

class authenticator final : private timed {
  public:
    explicit authenticator(engine& e) noexcept : engine_{e} {}

    /// Whether connections to the node ask; else they have what the configuration says.
    [[nodiscard]] bool asks_for(routing::node_id node) const noexcept { return source_of(node) != nullptr; }
    /// Asks: the connection will be told by authorize(), from the loop.
    void ask(connection& c);
    /// They are good for so long, if that is limited.
    void got(const credentials& c);
    /// A connection that stands has authenticated again.
    void accepted() noexcept { delays_.reset(); }
    /// It could not: there are no credentials, or the server does not like them.
    void failed(const connection& c, const error& why);
    /// Something waits in the loop.
    [[nodiscard]] bool has_post() const noexcept { return box_ && box_->has_post(); }
    /// The client closes.
    void close() noexcept;

  private:
    [[nodiscard]] credential_source* source_of(routing::node_id node) const noexcept;
    void open_box(const config& settings);
    void ask_all();
    void ask_all_by(io::time_point then);
    void on_due(io::time_point now) noexcept override;

    engine& engine_;
    std::shared_ptr<letter_box> box_;  // made for the first question
    std::vector<std::weak_ptr<connection>> asked_;
    routing::backoff delays_{std::chrono::seconds{1}, std::chrono::seconds{30}};  // after failed attempts
    bool retrying_ = false;
};

}  // namespace valkeyxx::clients
