// The hubs of a client: one for all subscribers, and one for each of those who may stop reading.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "routing/node_id.hpp"

#include <valkeyxx/error.hpp>
#include <valkeyxx/message.hpp>

namespace valkeyxx::clients {

class baton;
class connection;
class engine;
class feed;
class subscription_hub;

/// Requires the engine's lock.
class subscription_hubs {
  public:
    explicit subscription_hubs(engine& e) noexcept;
    ~subscription_hubs();

    /// What is behind a new subscriber.
    /// @param turns  see feed
    std::shared_ptr<feed> subscriber(const subscriber_options& options, baton* turns);
    /// One of its subscribers has left.
    void release(subscription_hub& hub);

    void map_changed();
    /// Nobody can say where to subscribe.
    void no_map(const error& why);
    /// Those of them all.
    void collect_own_connections(std::vector<const connection*>& into) const;
    /// Whether the node answers on a link.
    [[nodiscard]] bool hears(routing::node_id node) const noexcept;
    void close(const error& why);

  private:
    [[nodiscard]] std::unique_ptr<subscription_hub> new_hub(bool shares) const;

    engine& engine_;
    std::optional<error> why_no_map_;  // while there is none
    std::vector<std::unique_ptr<subscription_hub>> own_;
    std::unique_ptr<subscription_hub> common_;
};

}  // namespace valkeyxx::clients
